//! Finds out who published the answers of an outcome.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;

use crate::git::Repo;
use crate::model::{EntryKey, Origin, Outcome, Row, Status};
use crate::store::{self, Store};

/// Adds the publisher to every row that was answered by a shared entry.
///
/// # Errors
/// If a tree of the store cannot be read.
pub fn name_publishers(repo: &Repo, store: &Store<'_>, outcome: &mut Outcome) -> Result<()> {
    for source in store.sources() {
        if source.origin == Origin::Here {
            continue;
        }
        let places: Vec<(usize, EntryKey)> = outcome
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.status == Status::Cached(source.origin.clone()))
            .filter_map(|(place, row)| Some((place, key(row)?)))
            .collect();
        let keys: Vec<EntryKey> = places.iter().map(|(_, key)| key.clone()).collect();
        let mut names: BTreeMap<String, Arc<str>> = BTreeMap::new();
        let told = store::publishers(repo, source, &keys)?;
        for ((place, _), name) in places.into_iter().zip(told) {
            let name = name.map(|name| {
                let known = names
                    .entry(name)
                    .or_insert_with_key(|name| Arc::from(name.as_str()));
                Arc::clone(known)
            });
            if let Some(row) = outcome.rows.get_mut(place) {
                row.publisher = name;
            }
        }
    }
    Ok(())
}

fn key(row: &Row) -> Option<EntryKey> {
    Some(EntryKey {
        kind: row.kind.clone(),
        fingerprint: row.fingerprint?,
        blob: row.blob,
    })
}
