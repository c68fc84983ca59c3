//! Folders that only this process uses, gone with their last user, and at the latest when the next process
//! makes one: of objects that `git add` would have stored, and of a file on its way in. What is put into
//! them is for others to say.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use tempfile::{Builder, TempDir};

use super::lock::{Lock, Turn};
use super::own_folder::OwnFolder;
use super::repo::Repo;

const OBJECTS: &str = "scratch-";

const INCOMING: &str = "import-";

/// On a disk with fewer bytes to spare nothing is put that can be elsewhere.
const ROOM: u64 = 64 << 20;

/// Shared by all repositories that read from it.
#[derive(Clone, Debug)]
pub struct Scratch(Arc<Folder>);

/// The folder goes before the lock that says that somebody uses it.
#[derive(Debug)]
struct Folder {
    folder: TempDir,
    _in_use: Option<Lock>,
}

impl Scratch {
    /// A new one in `own`, this program's folder, and an end to those of processes that died. In
    /// the system's temporary folder, if `own` does not exist, is not what we made, is not ours to
    /// write, or has no room.
    ///
    /// # Errors
    /// If neither can be written.
    #[expect(
        clippy::disallowed_methods,
        reason = "a folder in one that this process has just made"
    )]
    pub fn new(own: io::Result<OwnFolder>) -> Result<Self> {
        let elsewhere = || -> io::Result<Folder> {
            let folder = Builder::new().prefix("rustassistant-").tempdir()?;
            Ok(Folder {
                folder,
                _in_use: None,
            })
        };
        let made = match own {
            Ok(own) if own.has_room(ROOM) => Folder::inside(&own, OBJECTS).or_else(|_| elsewhere()),
            Ok(own) => elsewhere().or_else(|_| Folder::inside(&own, OBJECTS)),
            Err(_) => elsewhere(),
        };
        let scratch = Self(Arc::new(
            made.context("cannot create a temporary directory")?,
        ));
        fs::create_dir(scratch.objects()).context("cannot create a temporary directory")?;
        Ok(scratch)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.folder.path()
    }

    pub(super) fn objects(&self) -> PathBuf {
        self.path().join("objects")
    }
}

/// A folder for a file on its way in.
#[derive(Debug)]
pub struct Incoming(Folder);

impl Repo {
    /// A new one.
    ///
    /// # Errors
    /// If our folder cannot be written.
    pub fn incoming(&self) -> Result<Incoming> {
        let made = || Folder::inside(&self.make_own_folder()?, INCOMING);
        let made = made().context("cannot create a directory for the import")?;
        Ok(Incoming(made))
    }
}

impl Incoming {
    pub fn path(&self) -> &Path {
        self.0.folder.path()
    }
}

impl Folder {
    fn inside(own: &OwnFolder, prefix: &str) -> io::Result<Self> {
        // Whoever holds the gate may tell a folder that is about to be used from a dead one.
        let _gate = Lock::take(own, "lock", Turn::Wait)?;
        remove_dead(own)?;
        let folder = Builder::new().prefix(prefix).tempdir_in(own.path())?;
        let in_use = Lock::take(&OwnFolder::around(folder.path())?, "lock", Turn::Now)?;
        Ok(Self {
            folder,
            _in_use: in_use,
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "it has our name, is locked, and no link is followed"
)]
fn remove_dead(own: &OwnFolder) -> io::Result<()> {
    for name in own.names()? {
        let letters = [OBJECTS, INCOMING]
            .iter()
            .find_map(|it| name.strip_prefix(it));
        let letters = letters.unwrap_or_default().as_bytes();
        let is_scratch = !letters.is_empty() && letters.iter().all(u8::is_ascii_alphanumeric);
        if is_scratch
            && let Ok(folder) = own.folder(&name)
            && let Ok(Some(_dead)) = Lock::take(&folder, "lock", Turn::Now)
        {
            // It follows no link. One that cannot be removed now is looked at again by the next run.
            let _ = fs::remove_dir_all(folder.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_folder_of_a_dead_process_is_removed_and_one_in_use_is_not() {
        let own = tempfile::tempdir().unwrap();
        let dead = own.path().join("scratch-dead/objects");
        let import = own.path().join("import-dead");
        fs::create_dir_all(&dead).unwrap();
        fs::create_dir_all(&import).unwrap();
        let first = Scratch::new(OwnFolder::around(own.path())).unwrap();
        let second = Scratch::new(OwnFolder::around(own.path())).unwrap();
        assert!(!dead.exists() && !import.exists());
        assert!(first.objects().is_dir() && second.objects().is_dir());
        let path = first.path().to_owned();
        drop(first);
        assert!(!path.exists());
    }

    #[test]
    fn where_this_program_has_no_folder_none_is_made() {
        let parent = tempfile::tempdir().unwrap();
        let own = parent.path().join("rustassistant");
        let scratch = Scratch::new(OwnFolder::around(&own)).unwrap();
        assert!(scratch.objects().is_dir());
        assert!(!own.exists());
    }
}
