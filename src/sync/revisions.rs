//! Revisions whose files were analyzed here: where to look for a file that no branch of a remote
//! has any more. A hint and no more than that; what a remote has is judged in `seen`. The commit that
//! is checked out when it is asked needs no note.

use anyhow::Result;

use crate::git::Repo;
use crate::model::Oid;

const FILE: &str = "revisions";

/// So many are remembered: the last ones.
const MOST: usize = 256;

/// A longer file is none of ours, in bytes.
const MOST_BYTES: u64 = 64 << 10;

/// Those that are remembered, latest first.
pub(super) fn noted(repo: &Repo) -> Vec<Oid> {
    let folder = repo.own_folder();
    let text = folder.and_then(|folder| folder.read(FILE, MOST_BYTES));
    let text = text.unwrap_or_default();
    let lines = text.split(|&b| b == b'\n').filter_map(Oid::from_hex);
    lines.take(MOST).collect()
}

/// Remembers that files of `commit` were analyzed.
///
/// # Errors
/// If it cannot be written.
pub fn note_revision(repo: &Repo, commit: Oid) -> Result<()> {
    let before = noted(repo);
    if before.contains(&commit) {
        return Ok(());
    }
    let all = std::iter::once(commit).chain(before).take(MOST);
    let lines: String = all.map(|oid| format!("{oid}\n")).collect();
    let folder = repo.own_folder()?;
    Ok(folder.replace(FILE, "new-revisions-", &[lines.as_bytes()])?)
}
