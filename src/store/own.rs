//! Which commits our own ref was set to by this clone. A ref's name proves nothing: a push into a bare
//! repository, or a fetch into a mirror, writes any ref. So a list of what was set lies beside git, in our
//! folder, where neither reaches. Not what the ref holds.

use std::io::{self, Write};

use anyhow::{Context, Result};

use super::layout::LOCAL_REF;
use super::source::Source;
use crate::git::Repo;
use crate::model::{Oid, Origin};

/// The file, in our folder: a line for each commit, the latest last.
const FILE: &str = "own-commits";

/// How files begin that are not whole yet.
const UNFINISHED: &str = "new-own-commits-";

/// So many commits are remembered, so that `git update-ref` can take back what was done.
const MOST: usize = 200;

/// A longer file is none of ours, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// How reflog entries begin that somebody else's commits came with.
const FROM_OTHERS: [&str; 4] = ["push", "fetch", "pull", "clone"];

/// Our own ref's store; `None` if there is no such ref, or this clone did not set it.
///
/// # Errors
/// If the ref or its tree cannot be read, or is no store of format 1.
pub fn open(repo: &Repo) -> Result<Option<Source>> {
    let source = Source::open(repo, LOCAL_REF, Origin::Here)?;
    Ok(source.filter(|source| is_own(repo, source.commit)))
}

/// Did this clone, or its user, set our own ref to `commit`?
pub fn is_own(repo: &Repo, commit: Oid) -> bool {
    let list = repo.own_folder();
    let list = list.and_then(|own| own.text(FILE, MOST_BYTES));
    let list = list.unwrap_or_default();
    let name = commit.to_string();
    if list.lines().rev().any(|line| line == name) {
        return true;
    }
    // The folder may have been deleted, or the user has set the ref. Git notes how each came about.
    let mut moves = repo.moves_of(LOCAL_REF).into_iter();
    moves.any(|(to, why)| to == commit && !FROM_OTHERS.iter().any(|word| why.starts_with(word)))
}

/// Does our own ref lie before the last commit that it was set to, although this clone has set it to
/// `commit`, too? Whoever can write refs can put an earlier one back.
pub fn is_earlier(repo: &Repo, commit: Oid) -> bool {
    let list = repo.own_folder();
    let list = list.and_then(|own| own.text(FILE, MOST_BYTES));
    let list = list.unwrap_or_default();
    let last = list.lines().last();
    last.is_some_and(|last| last != commit.to_string())
}

/// Remembers that this clone is about to set our own ref to `commit`. Before it does: one that was never
/// set is no harm, and one that was set and is not known would count as somebody else's.
///
/// # Errors
/// If nothing can be written.
pub fn note(repo: &Repo, commit: Oid) -> Result<()> {
    let what = || format!("cannot write {}", repo.own_dir().join(FILE).display());
    let note = || -> io::Result<()> {
        let own = repo.make_own_folder()?;
        let list = own.text(FILE, MOST_BYTES).unwrap_or_default();
        let lines: Vec<&str> = list.lines().collect();
        if lines.len() < 2 * MOST {
            let mut file = own.file_to_append(FILE)?;
            return file.write_all(format!("{commit}\n").as_bytes());
        }
        let kept = lines[lines.len() - MOST..].join("\n");
        let text = format!("{kept}\n{commit}\n");
        own.replace(FILE, UNFINISHED, &[text.as_bytes()])?;
        Ok(())
    };
    note().with_context(what)
}
