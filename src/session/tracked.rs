//! Reads a team's settings and prompts from tracked files.
//!
//! Files that settings name are read from the index or a tree. Only the file of settings itself is read
//! from the work tree, so that people can try changes before they add them: its path is fixed, and it
//! cannot run or redirect anything.

use anyhow::{Context, Result, bail};

use crate::git::{ConfigEntry, Repo};
use crate::model::{Oid, RepoPath};
use crate::settings::TRACKED_FILE;

/// Size limit of a file of settings.
const MOST_SETTINGS: u64 = 1 << 20;

/// Where to read files of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the clone; in a bare repository in HEAD.
    Here,
    /// In this tree.
    Tree(Oid),
}

/// The text of the team's file of settings; `None` if there is none. `Here` reads the work tree, or the
/// index if a sparse checkout excludes the file.
///
/// # Errors
/// If it exists and cannot be read.
pub fn text(repo: &Repo, place: Place) -> Result<Option<Vec<u8>>> {
    let path = RepoPath::from(TRACKED_FILE);
    let oid = match place {
        Place::Here if repo.work_dir().is_some() => {
            let text = repo.work_file(&path, MOST_SETTINGS + 1);
            match text.with_context(|| format!("cannot read {TRACKED_FILE}"))? {
                Some(text) if text.len() as u64 > MOST_SETTINGS => {
                    bail!("{TRACKED_FILE} is larger than {MOST_SETTINGS} bytes")
                }
                Some(text) => return Ok(Some(text)),
                None => repo.left_out(TRACKED_FILE)?,
            }
        }
        place => stored_at(repo, place, &path)?,
    };
    let read = |oid| stored(repo, oid, &path, MOST_SETTINGS);
    oid.map(read).transpose()
}

/// Parses a file of settings.
///
/// # Errors
/// If git cannot parse it.
pub fn entries(repo: &Repo, text: Option<&[u8]>) -> Result<Vec<ConfigEntry>> {
    match text {
        Some(text) => repo.config_of(text, TRACKED_FILE),
        None => Ok(Vec::new()),
    }
}

/// The blob at exactly `path`: in the index, or in HEAD of a bare repository.
///
/// # Errors
/// If it is not a regular file, or git's own files cannot be read.
pub fn stored_at(repo: &Repo, place: Place, path: &RepoPath) -> Result<Option<Oid>> {
    let found = match place {
        Place::Tree(tree) => repo.file_at(&tree.to_string(), path),
        Place::Here if repo.work_dir().is_some() => repo.staged_file(path),
        Place::Here if repo.has_commits() => repo.file_at("HEAD", path),
        Place::Here => Ok(None),
    };
    found.with_context(|| format!("cannot read {path}"))
}

/// Reads a blob of at most `most` bytes. A partial clone may have to fetch it.
///
/// # Errors
/// If it cannot be read, or is larger.
pub fn stored(repo: &Repo, oid: Oid, path: &RepoPath, most: u64) -> Result<Vec<u8>> {
    let what = || format!("cannot read {path}");
    repo.fetch_promised(std::iter::once(oid))
        .with_context(what)?;
    repo.blob(oid, usize::try_from(most)?).with_context(what)
}
