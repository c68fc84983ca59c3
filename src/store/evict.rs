//! Drops chosen entries: from our own ref, or from what a remote publishes, as a commit that it is
//! yet to take. Not which entries, and not talking to the remote.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

use super::anchor::Anchor;
use super::folder::Folder;
use super::join::values_at;
use super::layout::{ENTRIES, RECIPES};
use super::node;
use super::overlay::Layer;
use super::own;
use super::pending::mirror;
use super::publish::{Laid, stored};
use super::source::Source;
use super::tip::{self, By, Change, History};
use crate::git::{Mode, PackedObject, Repo};
use crate::model::{EntryKey, Fingerprint, Kind, Manner, Oid, Trust};

/// Is this entry to go? Told its key and the blob that holds it.
pub type Chosen<'a> = dyn Fn(&EntryKey, Oid) -> Result<bool> + 'a;

/// The entries of `source` that are to go.
///
/// # Errors
/// If a tree cannot be read, or `chosen` fails.
pub fn choose(repo: &Repo, source: &Source, chosen: &Chosen<'_>) -> Result<Layer> {
    let mut going = Layer::default();
    for (kind, fingerprint, node) in source.nodes(repo)? {
        let mut pairs = Vec::new();
        for (blob, value) in pairs_of(repo, node)? {
            let key = EntryKey {
                kind: kind.clone(),
                fingerprint,
                blob,
            };
            if chosen(&key, value)? {
                pairs.push((blob, value));
            }
        }
        if !pairs.is_empty() {
            going.entries.insert((kind, fingerprint), pairs);
        }
    }
    Ok(going)
}

/// Drops entries that this clone made and has not published; how many. The reflog of our ref keeps
/// what was dropped for as long as git keeps reflogs. `why` is the commit's subject, `seconds` the
/// time, where git knows no identity.
///
/// # Errors
/// If the store cannot be read or written.
pub fn evict(
    repo: &Repo,
    chosen: &Chosen<'_>,
    why: &str,
    trust: Trust,
    seconds: i64,
) -> Result<usize> {
    let dropped = evict_from_local(repo, chosen, why, seconds)?;
    Anchor::of(repo).trusting(trust).settle()?;
    Ok(dropped)
}

pub(super) fn evict_from_local(
    repo: &Repo,
    chosen: &Chosen<'_>,
    why: &str,
    seconds: i64,
) -> Result<usize> {
    let local = own::open(repo)?;
    let going = local
        .map(|local| choose(repo, &local, chosen))
        .transpose()?;
    if going.is_none_or(|going| going.entries.is_empty()) {
        return Ok(0);
    }
    let change = Change {
        subject: why.to_owned(),
        history: History::Anew,
        objects: &[],
        seconds,
    };
    repo.make_own_folder()
        .context("cannot create our directory")?;
    let dropped = Cell::new(0);
    tip::advance(repo, &change, |base, objects| {
        let base = base.context("the local ref is missing")?;
        let going = choose(repo, base, chosen)?;
        dropped.set(going.count());
        without(repo, base, &going, objects)
    })?;
    Ok(dropped.get())
}

/// Drops from our own ref what the team has dropped: entries that a remote had as `before`, and as
/// `after` no more. Clones that keep what they publish would publish it again.
///
/// # Errors
/// As [`evict`].
pub fn follow(
    repo: &Repo,
    (before, after): (&Source, &Source),
    trust: Trust,
    seconds: i64,
) -> Result<()> {
    let local = own::open(repo)?;
    let mut dropped: BTreeSet<(Kind, Fingerprint, node::Pair)> = BTreeSet::new();
    for (kind, fingerprint, node) in local.map_or(Ok(Vec::new()), |local| local.nodes(repo))? {
        let pairs = pairs_of(repo, node)?;
        let blobs: Vec<Oid> = pairs.iter().map(|(blob, _)| *blob).collect();
        let values = |source: &Source| -> Result<BTreeMap<usize, Oid>> {
            let node = source.node(repo, &kind, fingerprint)?;
            let values = node.map(|node| values_at(repo, node, &blobs));
            Ok(values
                .transpose()?
                .unwrap_or_default()
                .into_iter()
                .collect())
        };
        let (had, has) = (values(before)?, values(after)?);
        let pairs = pairs.into_iter().enumerate();
        let gone = pairs.filter(|(place, (_, value))| {
            had.get(place) == Some(value) && !has.contains_key(place)
        });
        dropped.extend(gone.map(|(_, pair)| (kind.clone(), fingerprint, pair)));
    }
    if dropped.is_empty() {
        return Ok(());
    }
    let chosen = |key: &EntryKey, value: Oid| {
        Ok(dropped.contains(&(key.kind.clone(), key.fingerprint, (key.blob, value))))
    };
    evict(repo, &chosen, "dropped by the team", trust, seconds).map(drop)
}

/// A commit over our mirror of `remote` without the chosen entries, which no ref names yet; `None`
/// if the mirror has none of them. `why` and `seconds` as for [`evict`].
///
/// # Errors
/// If a store cannot be read, or nothing can be written.
pub fn lay_without(
    repo: &Repo,
    remote: &str,
    chosen: &Chosen<'_>,
    why: &str,
    manner: &Manner,
    seconds: i64,
) -> Result<Option<Laid>> {
    let Some(mirror) = mirror(repo, remote)? else {
        return Ok(None);
    };
    let going = choose(repo, &mirror, chosen)?;
    if going.entries.is_empty() {
        return Ok(None);
    }
    let mut objects = Vec::new();
    let tree = without(repo, &mirror, &going, &mut objects)?;
    let change = Change {
        subject: why.to_owned(),
        history: History::Continued,
        objects: &[],
        seconds,
    };
    let parents = [mirror.commit];
    let by = By::new(repo, manner, seconds);
    let commit = stored(repo, (tree, &parents), &change, objects, &by)?;
    Ok(Some(Laid::new(commit, Some(mirror.commit), going.count())))
}

/// The tree of `source` without some of its entries, and without recipes that only those needed.
/// What is not understood there stays as it is.
fn without(
    repo: &Repo,
    source: &Source,
    going: &Layer,
    objects: &mut Vec<PackedObject>,
) -> Result<Oid> {
    let format = repo.format();
    let mut root = Folder::open(repo, Some(source.tree))?;
    let mut entries = Folder::open(repo, root.folder(ENTRIES))?;
    let mut kinds: BTreeMap<&Kind, Folder> = BTreeMap::new();
    for ((kind, fingerprint), pairs) in &going.entries {
        if !kinds.contains_key(kind) {
            kinds.insert(kind, Folder::open(repo, entries.folder(kind.name()))?);
        }
        let Some(folder) = kinds.get_mut(kind) else {
            continue;
        };
        let name = fingerprint.to_string();
        let mut rest = match folder.folder(&name) {
            Some(node) => pairs_of(repo, node)?,
            None => Vec::new(),
        };
        rest.retain(|pair| pairs.binary_search(pair).is_err());
        if rest.is_empty() {
            folder.remove(&name)
        } else {
            folder.set(&name, Mode::TREE, node::lay(repo, None, &rest, objects)?)
        }
    }
    for (kind, folder) in kinds {
        if folder.is_empty() {
            entries.remove(kind.name())
        } else {
            entries.set(kind.name(), Mode::TREE, folder.write(format, objects)?)
        }
    }
    let mut recipes = Folder::open(repo, root.folder(RECIPES))?;
    for fingerprint in needed_by_none(repo, source, going)? {
        recipes.remove(fingerprint.to_string());
    }
    for (name, folder) in [(ENTRIES, entries), (RECIPES, recipes)] {
        if folder.is_empty() {
            root.remove(name)
        } else {
            root.set(name, Mode::TREE, folder.write(format, objects)?)
        }
    }
    root.write(format, objects)
}

/// The recipes all of whose entries go.
pub(super) fn needed_by_none(
    repo: &Repo,
    source: &Source,
    going: &Layer,
) -> Result<BTreeSet<Fingerprint>> {
    let touched = going.entries.keys().map(|(_, fingerprint)| *fingerprint);
    let mut unneeded: BTreeSet<Fingerprint> = touched.collect();
    for (kind, fingerprint, node) in source.nodes(repo)? {
        let gone = going.entries.get(&(kind, fingerprint)).map_or(0, Vec::len);
        if unneeded.contains(&fingerprint) && gone < pairs_of(repo, node)?.len() {
            unneeded.remove(&fingerprint);
        }
    }
    Ok(unneeded)
}

/// The pairs below a node, sorted, each once.
pub(super) fn pairs_of(repo: &Repo, node: Oid) -> Result<Vec<node::Pair>> {
    let mut pairs = Vec::new();
    node::collect(repo, node, &mut Vec::new(), &mut pairs)?;
    pairs.sort_unstable();
    pairs.dedup_by_key(|(blob, _)| *blob);
    Ok(pairs)
}
