//! The files of a repository that hold a team's settings and prompts: where they are read from,
//! and how much of them. Not what they may say.
//!
//! Whatever a setting names is read by its blob, from the index or from a tree. The file of settings
//! alone is read from the work tree, since people try what they write before they add it: it lies
//! at one place, and holds nothing that runs or redirects anything.

use anyhow::{Context, Result, bail};

use crate::git::{ConfigEntry, Repo};
use crate::model::{Oid, RepoPath};
use crate::settings::TRACKED_FILE;

/// A larger file of settings is none.
const MOST_SETTINGS: u64 = 1 << 20;

/// Where the files of a repository are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Those of the clone; in a bare repository those of HEAD.
    Here,
    /// Those of this tree.
    Tree(Oid),
}

/// The text of the team's file of settings; `None` if there is none. Here it is the work tree's, or
/// the index's where a sparse checkout leaves it out.
///
/// # Errors
/// If it is there and cannot be read.
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

/// The entries of a file of settings that has this text.
///
/// # Errors
/// If git cannot parse it.
pub fn entries(repo: &Repo, text: Option<&[u8]>) -> Result<Vec<ConfigEntry>> {
    match text {
        Some(text) => repo.config_of(text, TRACKED_FILE),
        None => Ok(Vec::new()),
    }
}

/// The blob of the file that git has at exactly `path`: in the index, in a bare repository in HEAD.
///
/// # Errors
/// If it is no regular file, or git's own files cannot be read.
pub fn stored_at(repo: &Repo, place: Place, path: &RepoPath) -> Result<Option<Oid>> {
    let found = match place {
        Place::Tree(tree) => repo.file_at(&tree.to_string(), path),
        Place::Here if repo.work_dir().is_some() => repo.staged_file(path),
        Place::Here if repo.has_commits() => repo.file_at("HEAD", path),
        Place::Here => Ok(None),
    };
    found.with_context(|| format!("cannot read {path}"))
}

/// The content of a blob of at most `most` bytes, which a partial clone may have to fetch.
///
/// # Errors
/// If it cannot be read, or is larger.
pub fn stored(repo: &Repo, oid: Oid, path: &RepoPath, most: u64) -> Result<Vec<u8>> {
    let what = || format!("cannot read {path}");
    repo.fetch_promised(std::iter::once(oid))
        .with_context(what)?;
    repo.blob(oid, usize::try_from(most)?).with_context(what)
}
