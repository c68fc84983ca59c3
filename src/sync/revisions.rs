//! Revisions whose files were analyzed here: where to look for a file that no branch of a remote
//! has any more. A hint and no more than that; what a remote has is judged in `seen`. The commit that
//! is checked out when it is asked needs no note.

use std::fs;
use std::io::Write;

use anyhow::Result;

use crate::git::{Repo, own_file};
use crate::model::Oid;

const FILE: &str = "revisions";

/// So many are remembered: the last ones.
const MOST: usize = 256;

/// Those that are remembered, latest first.
pub(super) fn noted(repo: &Repo) -> Vec<Oid> {
    let text = fs::read(repo.own_dir().join(FILE)).unwrap_or_default();
    let mut lines: Vec<Oid> = text
        .split(|&b| b == b'\n')
        .filter_map(Oid::from_hex)
        .collect();
    lines.reverse();
    lines.truncate(MOST);
    lines
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
    let file = repo.own_dir().join(FILE);
    if before.len() == MOST {
        let kept: String = before[..MOST / 2]
            .iter()
            .rev()
            .map(|oid| format!("{oid}\n"))
            .collect();
        fs::write(&file, kept)?;
    }
    own_file()
        .append(true)
        .open(file)?
        .write_all(format!("{commit}\n").as_bytes())?;
    Ok(())
}
