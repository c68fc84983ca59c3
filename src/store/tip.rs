//! Moves our ref: one commit, one pack, one compare-and-swap, under a lock that serialises this
//! clone's own processes. What the new tree holds is the caller's affair.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::layout::LOCAL_REF;
use super::source::Source;
use crate::git::{Expected, Identity, Lock, PackedObject, Repo, Turn, Update};
use crate::model::{Kind, ObjectType, Oid, Origin};

/// How long to try against others who move the ref.
const PATIENCE: Duration = Duration::from_secs(10);

/// Does the new commit follow the old one?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    Continued,
    /// What was dropped is then held by the reflog alone.
    Anew,
}

/// What is to be committed, but for the tree.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    pub subject: String,
    pub history: History,
    /// Objects that the tree names and that are not stored yet.
    pub objects: &'a [&'a PackedObject],
    /// The time, where git knows no identity.
    pub seconds: i64,
}

/// Moves our ref to the tree that `make` builds over what the ref holds; the trees that are new
/// go to its second argument. Returns the tree before and the tree after.
///
/// # Errors
/// If it cannot be stored, or others hold the ref for too long.
pub fn advance(
    repo: &Repo,
    change: &Change<'_>,
    make: impl Fn(Option<&Source>, &mut Vec<PackedObject>) -> Result<Oid>,
) -> Result<(Option<Oid>, Oid)> {
    let _lock = gate(repo)?;
    repo.remove_dead_keeps();
    let who = format!("{} {}", std::process::id(), change.seconds);
    let started = Instant::now();
    let mut stored = None;
    loop {
        let base = Source::open(repo, LOCAL_REF, Origin::Here)?;
        let mut objects = Vec::new();
        let tree = make(base.as_ref(), &mut objects)?;
        let before = base.as_ref().map(|base| base.tree);
        if before == Some(tree) {
            restore(repo, change, &who)?;
            return Ok((before, tree));
        }
        let old = base.map(|base| base.commit);
        let parent = old.filter(|_| change.history == History::Continued);
        let commit = commit(repo, tree, parent.as_slice(), change)?;
        objects.push(commit.clone());
        let mut pack: Vec<&PackedObject> = objects.iter().collect();
        if stored.is_none() {
            // Entries go out once, whatever happens to the ref.
            pack.extend(change.objects);
        }
        let kept = repo.store_pack(&pack, &who)?;
        let expected = old.map_or(Expected::Absent, Expected::At);
        let update = repo.update_ref(LOCAL_REF, commit.oid, expected, &change.subject)?;
        if update == Update::Done {
            return Ok((before, tree));
        }
        stored.get_or_insert(kept);
        if started.elapsed() > PATIENCE {
            bail!("{LOCAL_REF} is held by another process");
        }
        std::thread::sleep(Duration::from_millis(
            20 + u64::from(std::process::id() % 30),
        ));
    }
}

/// What serialises this clone's own processes, held while it lives.
///
/// # Errors
/// If it cannot be taken: our folder cannot be written.
pub fn gate(repo: &Repo) -> Result<Option<Lock>> {
    let folder = repo.own_folder();
    let lock = folder.and_then(|folder| Lock::take(&folder, "lock", Turn::Wait));
    lock.with_context(|| format!("cannot lock {}", repo.own_dir().join("lock").display()))
}

/// Stores what the ref names and what is missing all the same: objects that were lost.
fn restore(repo: &Repo, change: &Change<'_>, who: &str) -> Result<()> {
    let mut missing: Vec<&PackedObject> = Vec::new();
    for object in change.objects {
        if repo.header(object.oid)?.is_none() {
            missing.push(object);
        }
    }
    match missing.is_empty() {
        true => Ok(()),
        false => repo.store_pack(&missing, who).map(drop),
    }
}

/// The subject of a commit: `37 analyses (refactor, local/1)`.
pub fn subject<'k>(
    count: usize,
    answerers: impl IntoIterator<Item = (&'k Kind, String)>,
) -> String {
    let word = if count == 1 { "analysis" } else { "analyses" };
    let by: Vec<String> = answerers
        .into_iter()
        .map(|(kind, answerer)| format!("{kind}, {answerer}"))
        .collect();
    format!("{count} {word} ({})", by.join("; "))
}

/// A commit of `tree` over `parents`, for `change`.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn commit(
    repo: &Repo,
    tree: Oid,
    parents: &[Oid],
    change: &Change<'_>,
) -> Result<PackedObject> {
    commit_by(&repo.identity(change.seconds), repo, tree, parents, change)
}

/// As [`commit`], by somebody who is known: to ask git takes a process.
///
/// # Errors
/// As [`commit`].
pub fn commit_by(
    who: &Identity,
    repo: &Repo,
    tree: Oid,
    parents: &[Oid],
    change: &Change<'_>,
) -> Result<PackedObject> {
    let mut text = format!("tree {tree}\n").into_bytes();
    for parent in parents {
        text.extend_from_slice(format!("parent {parent}\n").as_bytes());
    }
    for role in ["author ", "committer "] {
        text.extend_from_slice(role.as_bytes());
        text.extend_from_slice(&who.0);
        text.push(b'\n');
    }
    text.push(b'\n');
    text.extend_from_slice(message(&change.subject).as_bytes());
    PackedObject::new(repo.format(), ObjectType::Commit, &text)
}

/// The message of a commit with this subject.
pub fn message(subject: &str) -> String {
    let tool = concat!("git-rustassistant/", env!("CARGO_PKG_VERSION"));
    format!("{subject}\n\nTool: {tool}\n")
}
