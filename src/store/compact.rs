//! Bounds the history of what a remote publishes, in two steps. First a bridge: a commit of the
//! same tree whose parents are the tip and a new root. Clones that fetch it know the root. Later the
//! root takes the place of all that lies below the bridge, and those clones need next to nothing.

use anyhow::{Context, Result};

use super::believed;
use super::pending::mirror;
use super::publish::{Laid, stored};
use super::tip::{BEGINNING, By, Change, History};
use crate::git::{Kept, PackedObject, Repo};
use crate::model::{Manner, ObjectType, Oid, Trust};

/// The next step that can be taken.
#[derive(Debug)]
pub enum Compaction {
    /// There is no history to drop.
    Short,
    /// The bridge was published at this time, in seconds; clones are given time to fetch it.
    Waits(i64),
    Bridge(Laid),
    /// The shortened history, and how many commits it leaves out.
    Root(Laid, usize),
}

/// A bridge that was found below a tip.
struct Bridge {
    root: Oid,
    seconds: i64,
}

/// Prepares the next step for our mirror of `remote`. A bridge must be older than `patience`
/// seconds; `seconds` is the time.
///
/// # Errors
/// If the history is not whole, as in a shallow clone, or nothing can be written.
pub fn lay_compacted(
    repo: &Repo,
    remote: &str,
    trust: Trust,
    patience: i64,
    manner: &Manner,
    seconds: i64,
) -> Result<Compaction> {
    let Some(mirror) = mirror(repo, remote)? else {
        return Ok(Compaction::Short);
    };
    let Some(counts) = believed::to_begin_with(repo, remote, trust)? else {
        return Ok(Compaction::Short);
    };
    let (commits, bridge) = history(repo, mirror.commit)?;
    let change = |subject: &str| Change {
        subject: subject.to_owned(),
        history: History::Continued,
        objects: &[],
        seconds,
    };
    let by = By::new(repo, manner, seconds);
    let commit = |subject: &str, parents: &[Oid]| {
        let tree = (counts.tree, parents);
        stored(repo, tree, &change(subject), Vec::new(), &by)
    };
    let over = Some(mirror.commit);
    match bridge {
        Some(bridge) if seconds.saturating_sub(bridge.seconds) < patience => {
            Ok(Compaction::Waits(bridge.seconds))
        }
        Some(bridge) => {
            let tip = if repo.tree_of(bridge.root)? == counts.tree {
                root_again(repo, bridge.root)?
            } else {
                commit("since the history was shortened", &[bridge.root])?
            };
            Ok(Compaction::Root(Laid::new(tip, over, 0), commits))
        }
        None if commits < 2 => Ok(Compaction::Short),
        None => {
            let (root, kept) = commit(BEGINNING, &[])?;
            let tip = commit("a bridge to a shorter history", &[mirror.commit, root])?;
            Ok(Compaction::Bridge(Laid::new(tip, over, 0).keeping(kept)))
        }
    }
}

/// How many commits lie on the way from `tip` to its bridge, or to the beginning.
fn history(repo: &Repo, tip: Oid) -> Result<(usize, Option<Bridge>)> {
    let (mut commits, mut next) = (0, Some(tip));
    while let Some(oid) = next {
        let commit = repo.commit_header(oid);
        let commit = commit.context("this clone does not have the full history")?;
        commits += 1;
        if let [_, root] = commit.parents.as_slice() {
            let (root, seconds) = (*root, commit.seconds);
            return Ok((commits, Some(Bridge { root, seconds })));
        }
        next = commit.parents.first().copied();
    }
    Ok((commits, None))
}

/// The root's own bytes: it is stored already, and becomes the tip.
fn root_again(repo: &Repo, root: Oid) -> Result<(Oid, Vec<Kept>)> {
    let object = PackedObject::with_oid(root, ObjectType::Commit, &repo.commit(root)?)?;
    let kept = repo.store_pack(&[&object], &std::process::id().to_string())?;
    Ok((root, vec![kept]))
}
