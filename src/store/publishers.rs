//! Who published an entry: the author of the first commit of a source, going back from its tip,
//! that has it. Told from commits and trees alone; no entry names a person.

use std::collections::BTreeMap;

use anyhow::Result;

use super::join::values_at;
use super::layout::ENTRIES;
use super::source::{Source, lines};
use super::tip::PUBLISHED_BY;
use crate::git::{Commit, Repo};
use crate::model::{EntryKey, Fingerprint, Kind, Oid};

/// The most commits that are looked at. What was published before them, nobody is named for.
const MOST_COMMITS: usize = 2_000;

/// Keys of one question that are not traced yet, by source blob.
type Asked = BTreeMap<(Kind, Fingerprint), BTreeMap<Oid, Trace>>;

#[derive(Clone, Copy, Debug)]
struct Trace {
    /// The place among the keys that were asked for.
    place: usize,
    /// The blob that holds the entry at the tip.
    value: Oid,
}

/// Who published each of these entries of `source`: `A U Thor <author@example.com>`. `None` if the
/// source does not have it, or its history ends before it tells.
///
/// # Errors
/// If a tree of the source cannot be read.
pub fn publishers(repo: &Repo, source: &Source, keys: &[EntryKey]) -> Result<Vec<Option<String>>> {
    let mut told = vec![None; keys.len()];
    let mut open = at_tip(repo, source, keys)?;
    let mut next = source.commit;
    for _ in 0..MOST_COMMITS {
        if open.is_empty() {
            break;
        }
        // Where history is cut off, nobody can tell.
        let Ok(commit) = repo.commit_header(next) else {
            break;
        };
        let parent = commit.parents.first().copied();
        let below = match parent.map(|parent| repo.tree_of(parent)) {
            Some(Ok(tree)) => Some(tree),
            Some(Err(_)) => break,
            None => None,
        };
        let author = published_by(repo, next, &commit);
        for place in made_by(repo, (commit.tree, below), &mut open)? {
            if let Some(name) = told.get_mut(place) {
                *name = Some(author.clone());
            }
        }
        match parent {
            Some(parent) => next = parent,
            None => break,
        }
    }
    Ok(told)
}

/// Who made a commit that publishes: a trailer names them; of commits that have none, the author.
pub fn published_by(repo: &Repo, oid: Oid, commit: &Commit) -> String {
    let text = repo.commit(oid).unwrap_or_default();
    let mut lines = text.rsplit(|&b| b == b'\n');
    let named = lines.find_map(|line| line.strip_prefix(PUBLISHED_BY.as_bytes()));
    String::from_utf8_lossy(named.unwrap_or(&commit.author)).into_owned()
}

/// The keys that the source has at its tip.
fn at_tip(repo: &Repo, source: &Source, keys: &[EntryKey]) -> Result<Asked> {
    let mut questions: BTreeMap<(Kind, Fingerprint), BTreeMap<Oid, usize>> = BTreeMap::new();
    for (place, key) in keys.iter().enumerate() {
        let question = (key.kind.clone(), key.fingerprint);
        questions
            .entry(question)
            .or_default()
            .insert(key.blob, place);
    }
    let mut asked = Asked::new();
    for (question, places) in questions {
        let traces = values(repo, source.tree, &question, places.keys().copied())?;
        let traces = traces.into_iter().filter_map(|(blob, value)| {
            let place = *places.get(&blob)?;
            Some((blob, Trace { place, value }))
        });
        let traces: BTreeMap<Oid, Trace> = traces.collect();
        if !traces.is_empty() {
            asked.insert(question, traces);
        }
    }
    Ok(asked)
}

/// Takes those keys out of `open` that the tree has and the one below it has not.
fn made_by(repo: &Repo, trees: (Oid, Option<Oid>), open: &mut Asked) -> Result<Vec<usize>> {
    let mut made = Vec::new();
    for (question, traces) in &mut *open {
        let here = node(repo, trees.0, question)?;
        let below = match trees.1 {
            Some(tree) => node(repo, tree, question)?,
            None => None,
        };
        if here == below {
            continue;
        }
        let held = match trees.1 {
            Some(tree) => values(repo, tree, question, traces.keys().copied())?,
            None => BTreeMap::new(),
        };
        traces.retain(|blob, trace| {
            let is_older = held.get(blob) == Some(&trace.value);
            if !is_older {
                made.push(trace.place);
            }
            is_older
        });
    }
    open.retain(|_, traces| !traces.is_empty());
    Ok(made)
}

/// The values that a store's tree has for one question about these blobs.
fn values(
    repo: &Repo,
    tree: Oid,
    question: &(Kind, Fingerprint),
    blobs: impl Iterator<Item = Oid>,
) -> Result<BTreeMap<Oid, Oid>> {
    let blobs: Vec<Oid> = blobs.collect();
    let Some(node) = node(repo, tree, question)? else {
        return Ok(BTreeMap::new());
    };
    let found = values_at(repo, node, &blobs)?.into_iter();
    Ok(found
        .filter_map(|(position, value)| Some((*blobs.get(position)?, value)))
        .collect())
}

/// The node of one question in a store's tree.
fn node(repo: &Repo, tree: Oid, (kind, fingerprint): &(Kind, Fingerprint)) -> Result<Option<Oid>> {
    let fingerprint = fingerprint.to_string();
    let mut at = tree;
    for name in [ENTRIES, kind.name(), &fingerprint] {
        let below = lines(repo, at)?.into_iter();
        let mut below = below.filter(|(found, mode, _)| found == name.as_bytes() && mode.is_tree());
        match below.next() {
            Some((.., oid)) => at = oid,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}
