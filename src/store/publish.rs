//! The store's part in publishing: a commit that holds what a remote has and what is pending, and
//! afterwards a local ref without what was published. Not here: talking to the remote.

use std::time::Duration;

use anyhow::{Context, Result};

use super::anchor::Anchor;
use super::believed;
use super::filter::Filter;
use super::folder::Folder;
use super::layout::{ENTRIES, LOCAL_REF, RECIPES, mirror_ref};
use super::lookup::read;
use super::overlay::Layer;
use super::own;
use super::pending::{Offer, difference, mirror, offered};
use super::source::Source;
use super::stack::Stack;
use super::tip::{self, By, Change, History};
use crate::git::{Expected, Kept, PackedObject, Repo, Update};
use crate::model::{EntryKey, Manner, ObjectType, Oid, Origin, Signing, Trust};

/// How often a lock of our mirror is waited for.
const ATTEMPTS: u32 = 40;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// A commit over what a remote published last, which no ref names yet. Its objects are safe from
/// `git gc` until it is dropped.
#[derive(Debug)]
pub struct Laid {
    pub commit: Oid,
    /// What it was laid over: the commit's only parent.
    pub over: Option<Oid>,
    /// What the mirror pointed at.
    mirror: Option<Oid>,
    /// How many entries it adds, replaces or drops.
    pub entries: usize,
    released: Option<Released>,
    _kept: Vec<Kept>,
}

/// What becomes of our own ref once a remote has taken what was laid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// It lets go of what is published.
    Released,
    Kept,
}

/// What is laid over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Our copy of what the remote publishes.
    Mirror,
    /// Nothing: the remote publishes nothing, and our copy came from elsewhere. Of what is known it is
    /// a part like any other.
    Nothing,
}

/// Our own ref without all that was laid, made ahead: it goes out with the pack that is published.
#[derive(Debug)]
struct Released {
    /// What our ref points at; once it moves, something else is left in it.
    from: Oid,
    commit: Oid,
}

impl Laid {
    /// A commit that was stored, over what the mirror points at.
    pub(super) fn new((commit, kept): (Oid, Vec<Kept>), over: Option<Oid>, entries: usize) -> Self {
        Self {
            commit,
            over,
            mirror: over,
            entries,
            released: None,
            _kept: kept,
        }
    }

    /// Keeps other packs as long.
    pub(super) fn keeping(mut self, kept: Vec<Kept>) -> Self {
        self._kept.extend(kept);
        self
    }
}

/// Lays what is offered to `remote`, and passes the filter, over `base` and stores the commit. What our
/// mirror holds goes along where it is not the base, and is not counted as what this clone offers. `None` if that has all of it. `seconds` is the time, where git knows no identity.
///
/// # Errors
/// If a store cannot be read, or nothing can be written.
pub fn lay(
    repo: &Repo,
    remote: &str,
    base: Base,
    (offer, own, trust): (Offer, Own, Trust),
    filter: &Filter<'_>,
    manner: &Manner,
    seconds: i64,
) -> Result<Option<Laid>> {
    filter.restart();
    let sources = offered(repo, remote, offer)?;
    let mut under = mirror(repo, remote)?;
    let mirror = under.as_ref().map(|mirror| mirror.commit);
    let elsewhere = match base {
        Base::Mirror => None,
        // Whoever begins a history vouches for all of it.
        Base::Nothing => {
            under = None;
            believed::mirror(repo, remote, trust)?
        }
    };
    if sources.is_empty() && (elsewhere.is_none() || offer == Offer::Own) {
        return Ok(None);
    }
    let over = under.as_ref().map(|under| under.commit);
    let mut stack = Stack::over(repo, under, seconds);
    let mut whole = sources.len() == 1;
    if let Some(elsewhere) = &elsewhere {
        stack.lay(elsewhere, filter)?;
    }
    let copied = match offer {
        Offer::Own => stack.count(),
        Offer::Known(_) => 0,
    };
    for source in &sources {
        match stack.lay(source, filter) {
            // What strangers publish must not keep this clone from publishing its own.
            Err(_) if source.origin != Origin::Here => {}
            told => whole &= told?,
        }
    }
    let entries = stack.count() - copied;
    let Some(tree) = stack.tree().filter(|_| entries > 0) else {
        return Ok(None);
    };
    let change = Change {
        subject: stack.subject(),
        history: History::Continued,
        objects: &[],
        seconds,
    };
    let mut objects = stack.objects;
    let by = By::new(repo, manner, seconds);
    let simple = whole && own == Own::Released && manner.signing == Signing::Unsigned;
    let released = match sources.as_slice() {
        [source] if simple => {
            let change = published(remote, seconds);
            Some(without_all(repo, source, &by, &change, &mut objects)?)
        }
        _ => None,
    };
    let parents = (tree, over.as_slice());
    let commit = stored(repo, parents, &change, objects, &by)?;
    let laid = Laid::new(commit, over, entries).keeping(stack.kept);
    Ok(Some(Laid {
        mirror,
        released,
        ..laid
    }))
}

/// Is there anything of this clone that `remote` lacks and that passes the filter? Nothing is
/// written. `seconds` is the time.
///
/// # Errors
/// If a store cannot be read.
pub fn has_any(repo: &Repo, remote: &str, filter: &Filter<'_>, seconds: i64) -> Result<bool> {
    let Some(source) = own::open(repo)? else {
        return Ok(false);
    };
    let mirror = mirror(repo, remote)?;
    let mut layer = difference(repo, &source, mirror.as_ref(), seconds)?.pending;
    filter.drop_withheld(repo, &source.origin, &mut layer)?;
    let entries = layer
        .entries
        .into_iter()
        .flat_map(|((kind, fingerprint), pairs)| {
            let key = move |blob| EntryKey {
                kind: kind.clone(),
                fingerprint,
                blob,
            };
            pairs
                .into_iter()
                .map(move |(blob, value)| (key(blob), value))
        });
    let is_sound = |(key, value): (EntryKey, Oid)| {
        read(repo, value, &key).is_ok_and(|entry| filter.admits(&source.origin, &entry))
    };
    Ok(entries.into_iter().any(is_sound))
}

/// Our own ref as it is once all of it is published.
fn without_all(
    repo: &Repo,
    source: &Source,
    by: &By,
    change: &Change<'_>,
    objects: &mut Vec<PackedObject>,
) -> Result<Released> {
    let tree = rest(repo, Some(source.tree), &Layer::default(), objects)?;
    let commit = tip::commit_by(by, repo, tree, &[], change)?;
    let oid = commit.oid;
    objects.push(commit);
    Ok(Released {
        from: source.commit,
        commit: oid,
    })
}

/// A root in which `layer` stands for all entries and recipes of `tree`.
fn rest(
    repo: &Repo,
    tree: Option<Oid>,
    layer: &Layer,
    objects: &mut Vec<PackedObject>,
) -> Result<Oid> {
    let mut root = Folder::open(repo, tree)?;
    root.remove(ENTRIES);
    root.remove(RECIPES);
    layer.lay_over(repo, root, objects)
}

fn published(remote: &str, seconds: i64) -> Change<'static> {
    Change {
        subject: format!("published to {remote}"),
        history: History::Anew,
        objects: &[],
        seconds,
    }
}

/// The remote has taken what was laid: moves our mirror, and if it can be done in one go, our own
/// ref. Has that let go of what is published?
///
/// # Errors
/// If a ref cannot be moved.
pub fn taken(repo: &Repo, remote: &str, laid: &Laid) -> Result<bool> {
    let mirror = mirror_ref(remote)?;
    let before = laid.mirror.map_or(Expected::Absent, Expected::At);
    let moved = (mirror.as_str(), laid.commit, before);
    let why = format!("published to {remote}");
    if let Some(released) = &laid.released {
        let own = (LOCAL_REF, released.commit, Expected::At(released.from));
        let _gate = tip::gate(repo)?;
        own::note(repo, released.commit)?;
        if repo.update_refs(&[moved, own], &why)? == Update::Done {
            Anchor::of(repo).note(&mirror, laid.commit);
            return Ok(true);
        }
    }
    // Whoever moved the mirror meanwhile has fetched what we published, or later; and whoever only
    // holds its lock must not keep it from naming what nothing else does.
    let mut left = ATTEMPTS;
    while repo.update_refs(&[moved], &why)? == Update::Raced
        && left > 0
        && repo.resolve_ref(&mirror)? == laid.mirror
    {
        left -= 1;
        std::thread::sleep(PAUSE);
    }
    Anchor::of(repo).note(&mirror, laid.commit);
    Ok(false)
}

/// Stores a commit of `tree` over `parents`, and those of its objects that are not here yet.
/// Where it is to be signed, git makes it.
pub(super) fn stored(
    repo: &Repo,
    (tree, parents): (Oid, &[Oid]),
    change: &Change<'_>,
    mut objects: Vec<PackedObject>,
    by: &By,
) -> Result<(Oid, Vec<Kept>)> {
    let keeper = format!("{} {}", std::process::id(), change.seconds);
    let store = |objects: &[PackedObject]| {
        let objects: Vec<&PackedObject> = objects.iter().collect();
        repo.store_pack(&objects, &keeper)
    };
    match by.manner.signing {
        Signing::Unsigned => {
            let commit = tip::commit_by(by, repo, tree, parents, change)?;
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
            let message = by.message(&change.subject);
            let oid = repo.commit_signed(tree, parents, by.author(), &message)?;
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
    if own::open(repo)?.is_none() {
        return Ok(());
    }
    let change = published(remote, seconds);
    let name = mirror_ref(remote)?;
    let origin = Origin::Remote(remote.to_owned());
    let mirror = believed::open(repo, &name, origin, trust)?.source;
    repo.make_own_folder()
        .context("cannot create our directory")?;
    tip::advance(repo, &change, |base, objects| {
        let mut rest = Layer::default();
        if let Some(base) = base {
            let difference = difference(repo, base, mirror.as_ref(), seconds)?;
            rest = difference.pending;
            rest.merge(difference.held_back);
        }
        let tree = base.map(|base| base.tree);
        self::rest(repo, tree, &rest, objects)
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
