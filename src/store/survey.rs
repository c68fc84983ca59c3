//! What a store holds, counted: for people who ask how large their cache is. Reads trees, not
//! entries.

use anyhow::Result;

use super::lookup::Store;
use super::node;
use crate::git::Repo;
use crate::model::{EntryKey, Fingerprint, Kind, Oid, Origin, Recipe};

/// The entries of one question in one source.
#[derive(Clone, Debug)]
pub struct Group {
    pub origin: Origin,
    pub kind: Kind,
    pub fingerprint: Fingerprint,
    /// None if the recipe is not kept beside the entries, or does not read back.
    pub recipe: Option<Recipe>,
    /// Source blobs and the blobs of their entries, sorted.
    pub entries: Vec<(Oid, Oid)>,
}

impl Group {
    /// The key of each entry and the blob that holds it.
    pub fn keys(&self) -> impl Iterator<Item = (EntryKey, Oid)> + '_ {
        self.entries.iter().map(|(blob, value)| {
            let key = EntryKey {
                kind: self.kind.clone(),
                fingerprint: self.fingerprint,
                blob: *blob,
            };
            (key, *value)
        })
    }
}

/// All groups of all sources.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    pub groups: Vec<Group>,
}

impl Survey {
    /// # Errors
    /// If a tree of the store cannot be read.
    pub fn take(repo: &Repo, store: &Store<'_>) -> Result<Self> {
        let recipes = store.recipes()?;
        let mut groups = Vec::new();
        for source in store.sources() {
            for (kind, fingerprint, node) in source.nodes(repo)? {
                let mut entries = Vec::new();
                node::collect(repo, node, &mut Vec::new(), &mut entries)?;
                entries.sort_unstable();
                let recipe = recipes.iter().find(|(known, _)| *known == fingerprint);
                groups.push(Group {
                    origin: source.origin.clone(),
                    kind,
                    fingerprint,
                    recipe: recipe.map(|(_, recipe)| recipe.clone()),
                    entries,
                });
            }
        }
        Ok(Self { groups })
    }
}
