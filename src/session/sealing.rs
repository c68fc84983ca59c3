//! A secret of the user, stored outside every repository and created on first use. It signs agreements,
//! so that an archive cannot bring its own.

use std::fmt;
use std::fs::DirBuilder;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
#[cfg(test)]
use std::path::Path;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::environment::Environment;
use crate::git::{OwnFolder, whole};
use crate::model::ResultExt;

const FOLDER: &str = "git-rustassistant";

const FILE: &str = "secret";

const BYTES: usize = 32;

/// What seals.
pub struct Secret([u8; BYTES]);

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

impl Secret {
    /// The HMAC-SHA256 of a text, in hexadecimal digits.
    pub fn seal(&self, text: &[u8]) -> String {
        // A key shorter than a block is filled up with zeros (RFC 2104).
        let mut key = Key::<Hmac<Sha256>>::default();
        key[..BYTES].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&key);
        mac.update(text);
        let seal = mac.finalize().into_bytes();
        seal.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Where the secret is kept: the user's folder of what programs remember.
#[derive(Debug)]
pub struct Keeper(Option<PathBuf>);

impl Keeper {
    /// As the XDG Base Directory Specification has it.
    pub fn of(environment: &Environment) -> Self {
        let folder = |name: &str| {
            let folder = environment.get(name).map(PathBuf::from);
            folder.filter(|folder| folder.is_absolute())
        };
        let at_home = || Some(folder("HOME")?.join(".local/state"));
        Self(folder("XDG_STATE_HOME").or_else(at_home))
    }

    #[cfg(test)]
    pub fn at(folder: &Path) -> Self {
        Self(Some(folder.to_owned()))
    }

    /// The secret, if there is one that counts.
    pub fn secret(&self) -> Option<Secret> {
        OwnFolder::open(self.0.as_ref()?, FOLDER)
            .and_then(|folder| read(&folder))
            .ok()
    }

    /// As [`Keeper::secret`], made if need be.
    ///
    /// # Errors
    /// With a hint, if there is no place for it, or what is there is none.
    #[expect(
        clippy::disallowed_methods,
        reason = "the user's own folder, outside of every repository"
    )]
    pub fn make(&self) -> Result<Secret> {
        let around = self.0.as_deref();
        let around = around
            .context("an agreement cannot be kept: neither XDG_STATE_HOME nor HOME names a folder")
            .hint("agree to each run by itself: 'git rustassistant analyze --yes', or RUSTASSISTANT_YES=1")?;
        let place = around.join(FOLDER).join(FILE);
        let made = || -> io::Result<Secret> {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(around)?;
            let folder = OwnFolder::make(around, FOLDER)?;
            match read(&folder) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                read => return read,
            }
            let mut secret = [0; BYTES];
            getrandom::fill(&mut secret).map_err(io::Error::other)?;
            folder.replace(FILE, "new-secret-", &[&secret])?;
            // Of two that were made at once, the one that stays counts.
            read(&folder)
        };
        let hint = format!(
            "see what it is, then make place for a new one: rm '{}'",
            place.display()
        );
        made()
            .with_context(|| format!("cannot keep a secret in {}", place.display()))
            .hint(hint)
    }
}

/// Only the user's own, which nobody else may read or write.
fn read(folder: &OwnFolder) -> io::Result<Secret> {
    let file = folder.file(FILE)?;
    let metadata = file.metadata()?;
    if metadata.mode() & 0o077 != 0 || metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other("others may read or write it"));
    }
    let secret = whole(file, BYTES as u64)?;
    let secret = secret.try_into().map(Secret);
    secret.map_err(|_| io::Error::other("it is no secret of this program"))
}
