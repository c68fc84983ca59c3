//! All that a clone knows as one commit, to be carried in a file; and taking such a commit in. Not
//! the file itself: that is a bundle, and git's affair.

use anyhow::{Result, ensure};

use super::folder::Folder;
use super::layout::{EXPORTED_REF, IMPORTED_REF};
use super::lookup::Store;
use super::node;
use super::pending::difference;
use super::publish::{drop_unreadable, stored};
use super::source::Source;
use super::tip::{Change, History};
use crate::git::{Expected, PackedObject, Repo, Update};
use crate::model::{Oid, Origin, Signing};

/// A commit that holds all that a clone knows; `EXPORTED_REF` points at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    pub commit: Oid,
    pub entries: usize,
}

/// Gathers every sound entry of `store` into one commit. Its parent is `since`, an earlier such
/// commit, or it has none; if `since` holds the same, it is that. `None` if there are no entries.
///
/// # Errors
/// If a source cannot be read, or nothing can be written.
pub fn gather(
    repo: &Repo,
    store: &Store<'_>,
    since: Option<Oid>,
    signing: Signing,
    seconds: i64,
) -> Result<Option<Exported>> {
    let mut gathered: Option<Source> = None;
    let mut entries = 0;
    let mut kept = Vec::new();
    for source in store.sources() {
        let mut layer = difference(repo, source, gathered.as_ref(), seconds)?.pending;
        drop_unreadable(repo, &mut layer);
        let mut objects = Vec::new();
        let root = Folder::open(repo, gathered.as_ref().map(|all| all.tree))?;
        let tree = layer.lay_over(repo, root, &mut objects)?;
        let who = format!("{} {seconds}", std::process::id());
        kept.push(repo.store_pack(&objects.iter().collect::<Vec<&PackedObject>>(), &who)?);
        let all = Source::of_tree(repo, EXPORTED_REF, (source.commit, tree), Origin::Here)?;
        entries = all.count(repo)?;
        gathered = Some(all);
    }
    let Some(all) = gathered.filter(|_| entries > 0) else {
        return Ok(None);
    };
    if let Some(commit) = since
        && repo.tree_of(commit)? == all.tree
    {
        return Ok(Some(Exported { commit, entries }));
    }
    let change = Change {
        subject: format!("all {entries} analyses that one clone knows"),
        history: History::Anew,
        objects: &[],
        seconds,
    };
    let (commit, _kept) = stored(
        repo,
        (all.tree, since.as_slice()),
        &change,
        Vec::new(),
        signing,
    )?;
    let before = repo.resolve_ref(EXPORTED_REF)?;
    point(repo, EXPORTED_REF, before, commit, "export")?;
    Ok(Some(Exported { commit, entries }))
}

/// Makes `commit`, which has come in a file, the store that was imported last. How many entries it
/// has, and how many of them are new against what was imported before.
///
/// # Errors
/// If it is no store, or the ref cannot be moved.
pub fn adopt(repo: &Repo, commit: Oid, seconds: i64) -> Result<(usize, usize)> {
    let new = Source::at(repo, IMPORTED_REF, commit, Origin::Imported)?;
    let entries = new.count(repo)?;
    let old = Source::open(repo, IMPORTED_REF, Origin::Imported)
        .ok()
        .flatten();
    let changed = difference(repo, &new, old.as_ref(), seconds)?
        .pending
        .count();
    let before = repo.resolve_ref(IMPORTED_REF)?;
    if before != Some(commit) {
        point(repo, IMPORTED_REF, before, commit, "import")?;
    }
    Ok((entries, changed))
}

fn point(repo: &Repo, name: &str, before: Option<Oid>, commit: Oid, why: &str) -> Result<()> {
    let expected = before.map_or(Expected::Absent, Expected::At);
    let update = repo.update_ref(name, commit, expected, why)?;
    ensure!(update == Update::Done, "another process has just moved it");
    Ok(())
}

impl Source {
    /// How many entries it has.
    ///
    /// # Errors
    /// If a tree cannot be read.
    fn count(&self, repo: &Repo) -> Result<usize> {
        let mut entries = 0;
        let mut most = node::MAX_LINES;
        for (.., node) in self.nodes(repo)? {
            let mut count = |_| entries += 1;
            node::each(repo, node, &mut Vec::new(), &mut most, &mut count)?;
        }
        Ok(entries)
    }
}
