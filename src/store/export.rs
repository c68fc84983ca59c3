//! All that a clone knows as one commit, to be carried in a file; and taking such a commit in. Not
//! the file itself: that is a bundle, and git's affair.

use anyhow::{Result, ensure};

use super::filter::Filter;
use super::layout::{EXPORTED_REF, IMPORTED_REF};
use super::lookup::Store;
use super::pending::difference;
use super::publish::stored;
use super::source::Source;
use super::stack::Stack;
use super::tip::{By, Change, History};
use crate::git::{Expected, Repo, Update};
use crate::model::{Manner, Oid, Origin};

/// A commit that holds all that a clone knows; `EXPORTED_REF` points at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    pub commit: Oid,
    pub entries: usize,
}

/// Gathers every sound entry of `store` that passes the filter into one commit. Its parent is `since`, an earlier such
/// commit, or it has none; if `since` holds the same, it is that. `None` if there are no entries.
///
/// # Errors
/// If a source cannot be read, or nothing can be written.
pub fn gather(
    repo: &Repo,
    store: &Store<'_>,
    since: Option<Oid>,
    filter: &Filter<'_>,
    manner: &Manner,
    seconds: i64,
) -> Result<Option<Exported>> {
    let mut stack = Stack::over(repo, None, seconds);
    for source in store.sources() {
        stack.lay(source, filter)?;
    }
    let entries = stack.count();
    let Some(tree) = stack.tree().filter(|_| entries > 0) else {
        return Ok(None);
    };
    if let Some(commit) = since
        && repo.tree_of(commit)? == tree
    {
        return Ok(Some(Exported { commit, entries }));
    }
    let change = Change {
        subject: format!("all {entries} analyses that one clone knows"),
        history: History::Anew,
        objects: &[],
        seconds,
    };
    let parents = since.as_slice();
    let by = By::new(repo, manner, seconds);
    let laid = stored(repo, (tree, parents), &change, stack.objects, &by)?;
    let (commit, _kept) = laid;
    let before = repo.resolve_ref(EXPORTED_REF)?;
    point(repo, EXPORTED_REF, before, commit, "export")?;
    Ok(Some(Exported { commit, entries }))
}

/// Makes `commit`, which has come in a file, the store that was imported last. How many entries it
/// has, and how many of them are new: no other store here, nor what was imported before, has them or
/// better ones.
///
/// # Errors
/// If it is no store, or the ref cannot be moved.
pub fn adopt(repo: &Repo, commit: Oid, seconds: i64) -> Result<(usize, usize)> {
    let come = Source::at(repo, IMPORTED_REF, commit, Origin::Imported)?;
    let mut new = difference(repo, &come, None, seconds)?.pending;
    let entries = new.count();
    for known in Store::open(repo, &repo.remotes()).sources() {
        // What cannot be read is not known.
        if let Ok(beyond) = difference(repo, &come, Some(known), seconds) {
            let beyond = beyond.pending.entries;
            new.entries.retain(|question, pairs| {
                let beyond = beyond.get(question).map_or(&[][..], Vec::as_slice);
                pairs.retain(|pair| beyond.binary_search(pair).is_ok());
                !pairs.is_empty()
            });
        }
    }
    let before = repo.resolve_ref(IMPORTED_REF)?;
    if before != Some(commit) {
        point(repo, IMPORTED_REF, before, commit, "import")?;
    }
    Ok((entries, new.count()))
}

fn point(repo: &Repo, name: &str, before: Option<Oid>, commit: Oid, why: &str) -> Result<()> {
    let expected = before.map_or(Expected::Absent, Expected::At);
    let update = repo.update_ref(name, commit, expected, why)?;
    ensure!(update == Update::Done, "another process has just moved it");
    Ok(())
}
