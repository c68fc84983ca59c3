//! What one store has and another lacks: pending is what this clone made and a remote does not have
//! yet. Never a list that is kept: always computed, so that what a remote drops stays dropped.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;

use super::believed;
use super::codec::Unreadable;
use super::filter::is_published;
use super::indexed::Indexed;
use super::join::values_at;
use super::layout::{LOCAL_REF, SHARED_REF, mirror_ref};
use super::lookup::{is_worked_out, read};
use super::node::{self, Pair};
use super::overlay::Layer;
use super::own;
use super::source::Source;
use crate::git::Repo;
use crate::model::{EntryKey, Fingerprint, Kind, Oid, Origin, Publish, Trust, wins_at};

/// How the entries of an upper store stand to those of a lower one.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Those that the lower store lacks or that win over what it has, with their recipes.
    pub pending: Layer,
    /// Those that neither go over nor are dropped: their place in the lower store holds the work of
    /// a newer program, or they cannot be read.
    pub held_back: Layer,
}

/// How the entries of `upper` stand to those of `lower`. Subtrees that are equal are not read, and
/// values only where both have one under a key. `seconds` is the time, by which an entry is dated
/// ahead or not.
///
/// # Errors
/// If a tree cannot be read.
pub fn difference(
    repo: &Repo,
    upper: &Source,
    lower: Option<&Source>,
    seconds: i64,
) -> Result<Difference> {
    let mut difference = Difference::default();
    let mut comparison = Comparison::new(repo, seconds, upper.origin == Origin::Here);
    if lower.is_some_and(|lower| lower.tree == upper.tree) {
        return Ok(difference);
    }
    for (kind, fingerprint, node) in upper.nodes(repo)? {
        let below = node_of(repo, lower, &kind, fingerprint)?;
        let (pending, held_back) = comparison.compare((&kind, fingerprint), node, below)?;
        for (layer, pairs) in [
            (&mut difference.pending, pending),
            (&mut difference.held_back, held_back),
        ] {
            if !pairs.is_empty() {
                layer.entries.insert((kind.clone(), fingerprint), pairs);
            }
        }
    }
    let recipes: BTreeMap<Fingerprint, Oid> = upper.recipes(repo)?.into_iter().collect();
    for layer in [&mut difference.pending, &mut difference.held_back] {
        let wanted = layer.entries.keys().map(|(_, fingerprint)| *fingerprint);
        layer.recipes = wanted
            .filter(|wanted| recipes.get(wanted) == Some(&wanted.0))
            .collect();
    }
    Ok(difference)
}

/// What a remote is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// What this clone made.
    Own,
    /// All that it knows, what others publish as far as it is believed: a copy. Not what came in a
    /// file, which is nobody's until somebody publishes it.
    Known(Trust),
}

/// The stores that are offered to `remote`.
///
/// # Errors
/// If our own store cannot be read.
pub(super) fn offered(repo: &Repo, remote: &str, offer: Offer) -> Result<Vec<Source>> {
    let mut sources = Vec::from_iter(own::open(repo)?);
    let Offer::Known(trust) = offer else {
        return Ok(sources);
    };
    let others = repo.remotes().into_iter().filter(|other| other != remote);
    let mirrors =
        others.filter_map(|other| Some((mirror_ref(&other).ok()?, Origin::Remote(other))));
    for (name, origin) in mirrors.chain([(SHARED_REF.to_owned(), Origin::Shared)]) {
        // What strangers publish and cannot be read is not copied.
        let believed = believed::open(repo, &name, origin, trust).ok();
        sources.extend(believed.and_then(|believed| believed.source));
    }
    Ok(sources)
}

/// How many entries of this clone `remote` does not have, as far as is known here without asking
/// it; all of them, if there is no remote. Those that are not published are not counted. `seconds`
/// is the time.
///
/// # Errors
/// If a store cannot be read.
pub fn pending(repo: &Repo, remote: Option<&str>, publish: Publish, seconds: i64) -> Result<usize> {
    let Some(local) = own::open(repo)? else {
        return Ok(0);
    };
    let mirror = match remote {
        Some(remote) => mirror(repo, remote)?,
        None => Source::open(repo, SHARED_REF, Origin::Shared)?,
    };
    let mut comparison = Comparison::new(repo, seconds, true);
    let mut pending = 0;
    let nodes = local.nodes(repo)?.into_iter();
    for (kind, fingerprint, node) in nodes.filter(|(_, of, _)| is_published(repo, publish, *of)) {
        pending += match node_of(repo, mirror.as_ref(), &kind, fingerprint)? {
            Some(below) if below == node => 0,
            // Nothing to compare with: the index counts, where reading each tree would take longer
            // than all else that the one who asks wants to know.
            None => {
                let all = Indexed::new(repo, LOCAL_REF, &kind, fingerprint, node);
                usize::try_from(all.count(repo)?).unwrap_or(usize::MAX)
            }
            below => comparison
                .compare((&kind, fingerprint), node, below)?
                .0
                .len(),
        };
    }
    Ok(pending)
}

/// The node of one question in a store that may not be there.
fn node_of(
    repo: &Repo,
    source: Option<&Source>,
    kind: &Kind,
    fingerprint: Fingerprint,
) -> Result<Option<Oid>> {
    match source {
        Some(source) => source.node(repo, kind, fingerprint),
        None => Ok(None),
    }
}

/// Our copy of what `remote` publishes, if there is one.
///
/// # Errors
/// If it cannot be read, or is no store.
pub fn mirror(repo: &Repo, remote: &str) -> Result<Option<Source>> {
    Source::open(
        repo,
        &mirror_ref(remote)?,
        Origin::Remote(remote.to_owned()),
    )
}

struct Comparison<'r> {
    repo: &'r Repo,
    /// Is the upper store what this clone has made?
    is_own: bool,
    now: Timestamp,
    /// How many lines of trees may still be read.
    most: usize,
}

impl<'r> Comparison<'r> {
    /// Entries are dated ahead or not by the time in `seconds`.
    fn new(repo: &'r Repo, seconds: i64, is_own: bool) -> Self {
        Self {
            repo,
            is_own,
            now: Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX),
            most: node::MAX_LINES,
        }
    }

    /// The pairs of one question that are pending, and those that are held back.
    fn compare(
        &mut self,
        (kind, fingerprint): (&Kind, Fingerprint),
        upper: Oid,
        lower: Option<Oid>,
    ) -> Result<(Vec<Pair>, Vec<Pair>)> {
        let mut pairs = Vec::new();
        self.unequal(upper, lower, &mut Vec::new(), &mut pairs)?;
        pairs.sort_unstable();
        // Of one key under two spellings, one is enough.
        pairs.dedup_by_key(|(blob, _)| *blob);
        let blobs: Vec<Oid> = pairs.iter().map(|(blob, _)| *blob).collect();
        let held = match lower {
            Some(lower) => values_at(self.repo, lower, &blobs)?,
            None => Vec::new(),
        };
        let held: BTreeMap<usize, Oid> = held.into_iter().collect();
        let (mut pending, mut held_back) = (Vec::new(), Vec::new());
        for (position, (blob, value)) in pairs.into_iter().enumerate() {
            let key = EntryKey {
                kind: kind.clone(),
                fingerprint,
                blob,
            };
            match held.get(&position) {
                Some(below) if *below == value => {}
                None => pending.push((blob, value)),
                Some(below) => match self.judge(&key, value, *below) {
                    Stand::Wins => pending.push((blob, value)),
                    Stand::Loses => {}
                    Stand::Waits => held_back.push((blob, value)),
                },
            }
        }
        Ok((pending, held_back))
    }

    fn judge(&self, key: &EntryKey, upper: Oid, lower: Oid) -> Stand {
        match (read(self.repo, upper, key), read(self.repo, lower, key)) {
            (Ok(above), Ok(_)) if self.is_own && is_worked_out(&above) => Stand::Wins,
            (Ok(above), Ok(below)) => {
                if wins_at(self.now, (above.created, upper), (below.created, lower)) {
                    Stand::Wins
                } else {
                    Stand::Loses
                }
            }
            (Err(_), Ok(_)) => Stand::Loses,
            (Ok(_), Err(Unreadable::NewerFormat(_))) | (Err(_), Err(_)) => Stand::Waits,
            (Ok(_), Err(_)) => Stand::Wins,
        }
    }

    /// The pairs of `upper`, but for those below folders that both have.
    fn unequal(
        &mut self,
        upper: Oid,
        lower: Option<Oid>,
        prefix: &mut Vec<u8>,
        pairs: &mut Vec<Pair>,
    ) -> Result<()> {
        let Some(lower) = lower else {
            return node::collect_within(self.repo, upper, prefix, &mut self.most, pairs);
        };
        if lower == upper {
            return Ok(());
        }
        let children = |node| -> Result<_> {
            Ok(node::children(
                &self.repo.tree(node)?,
                self.repo.format(),
                prefix.len(),
            ))
        };
        let (Some(above), Some(below)) = (children(upper)?, children(lower)?) else {
            return node::collect_within(self.repo, upper, prefix, &mut self.most, pairs);
        };
        node::spend(&mut self.most, node::TREE)?;
        for (digit, (above, below)) in node::HEX.iter().zip(above.into_iter().zip(below)) {
            if let Some(above) = above {
                prefix.push(*digit);
                self.unequal(above, below, prefix, pairs)?;
                prefix.pop();
            }
        }
        Ok(())
    }
}

enum Stand {
    Wins,
    Loses,
    Waits,
}
