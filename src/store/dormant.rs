//! Which questions of a store nobody has answered for a time, as its history tells. Not what becomes
//! of them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::source::Source;
use crate::git::Repo;
use crate::model::{Fingerprint, Kind, Origin};

/// The questions for which `source` has the very entries that it had at the time `then`, in
/// seconds. None of them, where its history does not go back so far.
///
/// # Errors
/// If a tree of it cannot be read.
pub fn dormant(repo: &Repo, source: &Source, then: i64) -> Result<BTreeSet<(Kind, Fingerprint)>> {
    let mut next = Some(source.commit);
    let earlier = loop {
        // History may be cut off.
        let Some(Ok(commit)) = next.map(|oid| repo.commit_header(oid)) else {
            return Ok(BTreeSet::new());
        };
        if commit.seconds <= then {
            break next;
        }
        next = commit.parents.first().copied();
    };
    let mut before = BTreeMap::new();
    if let Some(commit) = earlier {
        let earlier = Source::at(repo, &source.ref_name, commit, Origin::Here)?;
        for (kind, fingerprint, node) in earlier.nodes(repo)? {
            before.insert((kind, fingerprint), node);
        }
    }
    let now = source.nodes(repo)?.into_iter();
    let same = now.filter_map(|(kind, fingerprint, node)| {
        let question = (kind, fingerprint);
        (before.get(&question) == Some(&node)).then_some(question)
    });
    Ok(same.collect())
}
