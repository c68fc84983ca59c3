//! Signed commits, by git's own signing: making one, and asking whether one is signed by a key that
//! the user allows. Not what follows from the answer.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::config::{ConfigEntry, Overrides, Scope, last_of, truth};
use super::files::{self, Links};
use super::network::{Prompt, Terms};
use super::process::{Git, failed as git_failed};
use super::repo::Repo;
use crate::model::{ObjectFormat, Oid};

/// No list of keys is longer, in bytes.
const MOST_KEYS: u64 = 64 << 20;

/// Whose signatures count. Taken from what the user and the machine's keeper have configured, never
/// from the repository's own configuration, which may point into the work tree.
#[derive(Clone, Debug)]
pub struct Signers {
    options: Vec<String>,
    /// Differs for any two lists of keys.
    pub digest: Oid,
}

/// Git made no signature: its own words are the cause.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("cannot sign what is to be published")]
pub struct CannotSign;

/// How long a program that signs may wait: for somebody at the terminal, and where nobody is.
const PATIENCE: Duration = Duration::from_secs(600);
const PATIENCE_ALONE: Duration = Duration::from_secs(30);

/// Lets git sign `message`, for no longer than that.
fn sign(git: Git, message: &str) -> Result<Vec<u8>> {
    let prompt = Prompt::of_process();
    let (git, patience) = match prompt {
        Prompt::Allowed => (git, PATIENCE),
        Prompt::Never => (git.asking_nobody(), PATIENCE_ALONE),
    };
    let output = git.converse_over(
        message.as_bytes().to_vec(),
        &Terms {
            until: Instant::now() + patience,
            silence: patience,
            prompt,
            say: &|_| {},
        },
    )?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(git_failed("commit-tree".to_owned(), &output).into())
    }
}

impl Repo {
    /// Whom the user allows to sign (`gpg.ssh.allowedSignersFile`).
    ///
    /// # Errors
    /// If no such file is configured, its path depends on where one stands, or it cannot be read.
    pub fn signers(&self) -> Result<Signers> {
        let mut config = self.config(Overrides::Present)?;
        config.retain(is_the_users);
        let setting = |name| last_of(&config, name);
        let allowed = setting("gpg.ssh.allowedsignersfile").context(
            "gpg.ssh.allowedSignersFile is not set, which lists trusted signers; \
             the repository's own configuration cannot set it",
        )?;
        let (allowed, mut keys) = self.read_list(&allowed)?;
        let program = setting("gpg.ssh.program").unwrap_or_else(|| "ssh-keygen".to_owned());
        let mut options = vec![
            format!("gpg.ssh.allowedSignersFile={allowed}"),
            format!("gpg.ssh.program={program}"),
        ];
        if let Some(revoked) = setting("gpg.ssh.revocationfile") {
            let (revoked, revoked_keys) = self.read_list(&revoked)?;
            keys.push(0);
            keys.extend(revoked_keys);
            options.push(format!("gpg.ssh.revocationFile={revoked}"));
        }
        let named = options.join("\0");
        let digest = ObjectFormat::Sha256.hash(&[named.as_bytes(), b"\0", &keys]);
        Ok(Signers { options, digest })
    }

    /// Are all of `commits` signed by keys that `signers` allow? A signature of another kind than
    /// ssh's does not count: only for those does git know a list of who may sign.
    ///
    /// # Errors
    /// If a commit cannot be read, or git cannot be asked.
    pub fn are_signed_by(&self, commits: &[Oid], signers: &Signers) -> Result<bool> {
        for commit in commits {
            if !has_ssh_signature(&self.commit(*commit)?, self.format()) {
                return Ok(false);
            }
        }
        let options = signers.options.iter().flat_map(|option| ["-c", option]);
        let options: Vec<&str> = options.collect();
        let verified = Git::with(self.start(), &options, "verify-commit")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .arg("--raw")
            .args(commits.iter().map(Oid::to_string))
            .finish(b"")?;
        Ok(verified.status.success())
    }

    /// A signed commit of `tree` by `author`, `A U Thor <author@example.com>`, as `git commit -S` would make it; no ref points at it.
    ///
    /// # Errors
    /// [`CannotSign`] if git cannot: no key, no identity, or nobody there to unlock the key.
    pub fn commit_signed(
        &self,
        tree: Oid,
        parents: &[Oid],
        author: &str,
        message: &str,
    ) -> Result<Oid> {
        let (name, address) = author.split_once('<').unwrap_or((author, ""));
        let parents = parents
            .iter()
            .flat_map(|oid| ["-p".to_owned(), oid.to_string()]);
        let options = ["-c", "i18n.commitEncoding=UTF-8"];
        let git = Git::with(self.start(), &options, "commit-tree")
            .env("GIT_AUTHOR_NAME", name.trim_end())
            .env("GIT_AUTHOR_EMAIL", address.trim_end_matches('>'))
            .arg("-S")
            .args(parents)
            .args(["-F", "-"])
            .arg(tree.to_string());
        let printed = sign(git, message).context(CannotSign)?;
        let oid = Oid::from_hex(printed.trim_ascii());
        oid.context("git commit-tree names no commit")
    }

    /// Does the user sign commits (`commit.gpgSign`)?
    pub fn signs_commits(&self) -> bool {
        let config = self.config(Overrides::of_process()).unwrap_or_default();
        let mut entries = config.iter().rev();
        let last = entries.find(|entry| entry.name == "commit.gpgsign");
        last.is_some_and(|entry| match entry.value.as_deref() {
            None => true,
            Some(value) => truth(value) == Some(true),
        })
    }

    /// The path of a list of keys, `~` resolved, and what the list says.
    fn read_list(&self, written: &str) -> Result<(String, Vec<u8>)> {
        let option = format!("rustassistant.path={written}");
        let path = Git::with(self.start(), &["-c", &option], "config")
            .args(["--type=path", "--get", "rustassistant.path"])
            .output()?;
        let path = String::from_utf8(path).context("the path of a key list is not UTF-8")?;
        let path = PathBuf::from(path.trim_end_matches('\n'));
        if !path.is_absolute() {
            bail!(
                "the path of the key list '{written}' is relative: it must start with '/' or '~'"
            );
        }
        let keys = files::read(&path, Links::Followed, MOST_KEYS)
            .with_context(|| format!("cannot read the key list {}", path.display()))?;
        Ok((shown(&path)?, keys))
    }
}

fn shown(path: &Path) -> Result<String> {
    let text = path
        .to_str()
        .context("the path of a key list is not UTF-8")?;
    Ok(text.to_owned())
}

fn is_the_users(entry: &ConfigEntry) -> bool {
    matches!(entry.scope, Scope::System | Scope::Global | Scope::Command)
}

/// Is the signature that git would check one of ssh? Git takes the header of the repository's
/// format, and tells the kind by its first line.
fn has_ssh_signature(commit: &[u8], format: ObjectFormat) -> bool {
    let header: &[u8] = match format {
        ObjectFormat::Sha1 => b"gpgsig ",
        ObjectFormat::Sha256 => b"gpgsig-sha256 ",
    };
    let mut lines = commit
        .split(|&b| b == b'\n')
        .take_while(|line| !line.is_empty());
    let first = lines.find_map(|line| line.strip_prefix(header));
    first == Some(b"-----BEGIN SSH SIGNATURE-----")
}
