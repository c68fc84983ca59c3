//! The store's part in publishing: a commit that holds what a remote has and what is pending, and
//! afterwards a local ref without what was published. Not here: talking to the remote.

use anyhow::{Context, Result};

use super::believed;
use super::folder::Folder;
use super::layout::{ENTRIES, LOCAL_REF, RECIPES, mirror_ref};
use super::overlay::Layer;
use super::pending::{Offer, difference, mirror, offered};
use super::source::Source;
use super::stack::Stack;
use super::tip::{self, Change, History};
use crate::git::{Kept, PackedObject, Repo};
use crate::model::{ObjectType, Oid, Origin, Signing, Trust};

/// A commit over what a remote published last, which no ref names yet. Its objects are safe from
/// `git gc` until it is dropped.
#[derive(Debug)]
pub struct Laid {
    pub commit: Oid,
    /// What the mirror pointed at: the commit's only parent.
    pub over: Option<Oid>,
    /// How many entries it adds, replaces or drops.
    pub entries: usize,
    _kept: Vec<Kept>,
}

impl Laid {
    /// A commit that was stored, over what the mirror points at.
    pub(super) fn new((commit, kept): (Oid, Vec<Kept>), over: Option<Oid>, entries: usize) -> Self {
        Self {
            commit,
            over,
            entries,
            _kept: kept,
        }
    }

    /// Keeps other packs as long.
    pub(super) fn keeping(mut self, kept: Vec<Kept>) -> Self {
        self._kept.extend(kept);
        self
    }
}

/// Lays what is offered to `remote` over our mirror of it and stores the commit. `None` if that has
/// all of it. `seconds` is the time, where git knows no identity.
///
/// # Errors
/// If a store cannot be read, or nothing can be written.
pub fn lay(
    repo: &Repo,
    remote: &str,
    offer: Offer,
    signing: Signing,
    seconds: i64,
) -> Result<Option<Laid>> {
    let sources = offered(repo, remote, offer)?;
    if sources.is_empty() {
        return Ok(None);
    }
    let mirror = mirror(repo, remote)?;
    let over = mirror.as_ref().map(|mirror| mirror.commit);
    let mut stack = Stack::over(repo, mirror, seconds);
    for source in &sources {
        match stack.lay(source) {
            // What strangers publish must not keep this clone from publishing its own.
            Err(_) if source.origin != Origin::Here => {}
            told => told?,
        }
    }
    let entries = stack.count();
    let Some(tree) = stack.tree().filter(|_| entries > 0) else {
        return Ok(None);
    };
    let change = Change {
        subject: stack.subject(),
        history: History::Continued,
        objects: &[],
        seconds,
    };
    let commit = stored(
        repo,
        (tree, over.as_slice()),
        &change,
        stack.objects,
        signing,
    )?;
    Ok(Some(Laid::new(commit, over, entries).keeping(stack.kept)))
}

/// Stores a commit of `tree` over `parents`, and those of its objects that are not here yet.
pub(super) fn stored(
    repo: &Repo,
    (tree, parents): (Oid, &[Oid]),
    change: &Change<'_>,
    mut objects: Vec<PackedObject>,
    signing: Signing,
) -> Result<(Oid, Vec<Kept>)> {
    let who = format!("{} {}", std::process::id(), change.seconds);
    let store = |objects: &[PackedObject]| {
        let objects: Vec<&PackedObject> = objects.iter().collect();
        repo.store_pack(&objects, &who)
    };
    match signing {
        Signing::Unsigned => {
            let commit = tip::commit(repo, tree, parents, change)?;
            let oid = commit.oid;
            objects.push(commit);
            Ok((oid, vec![store(&objects)?]))
        }
        // Git signs commits of trees that it can see, and no others.
        Signing::Signed => {
            let mut kept = Vec::new();
            if !objects.is_empty() {
                kept.push(store(&objects)?);
            }
            let message = tip::message(&change.subject);
            let oid = repo.commit_signed(tree, parents, &message)?;
            let commit = PackedObject::with_oid(oid, ObjectType::Commit, &repo.commit(oid)?)?;
            kept.push(store(&[commit])?);
            Ok((oid, kept))
        }
    }
}

/// Drops from our own ref what our mirror of `remote` has by now, as far as that is believed: what
/// is not would be lost to this clone. What another process adds meanwhile stays.
///
/// # Errors
/// If a store cannot be read, or nothing can be written.
pub fn release(repo: &Repo, remote: &str, trust: Trust, seconds: i64) -> Result<()> {
    if Source::open(repo, LOCAL_REF, Origin::Here)?.is_none() {
        return Ok(());
    }
    let change = Change {
        subject: format!("published to {remote}"),
        history: History::Anew,
        objects: &[],
        seconds,
    };
    let name = mirror_ref(remote)?;
    let origin = Origin::Remote(remote.to_owned());
    let mirror = believed::open(repo, &name, origin, trust)?.source;
    repo.make_own_dir().context("cannot make our folder")?;
    tip::advance(repo, &change, |base, objects| {
        let mut rest = Layer::default();
        if let Some(base) = base {
            let difference = difference(repo, base, mirror.as_ref(), seconds)?;
            rest = difference.pending;
            rest.merge(difference.held_back);
        }
        let mut root = Folder::open(repo, base.map(|base| base.tree))?;
        root.remove(ENTRIES);
        root.remove(RECIPES);
        rest.lay_over(repo, root, objects)
    })
    .map(drop)
}

/// The ref that mirrors `remote`, and what it points at.
///
/// # Errors
/// If the remote's name cannot be part of a ref, or the ref cannot be read.
pub fn mirror_tip(repo: &Repo, remote: &str) -> Result<(String, Option<Oid>)> {
    let name = mirror_ref(remote)?;
    let tip = repo.resolve_ref(&name)?;
    Ok((name, tip))
}
