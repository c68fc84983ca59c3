//! What a store holds, by question: for people who ask how large it is. Reads trees, not entries.

use anyhow::Result;

use super::indexed::Indexed;
use super::lookup::Store;
use super::node;
use crate::git::Repo;
use crate::model::{EntryKey, Fingerprint, Kind, Oid, Origin, Recipe};

/// The entries of one question in one source.
#[derive(Clone, Debug)]
pub struct Group {
    pub origin: Origin,
    pub ref_name: String,
    pub kind: Kind,
    pub fingerprint: Fingerprint,
    /// None if the recipe is not kept beside the entries, or does not read back.
    pub recipe: Option<Recipe>,
    node: Oid,
    indexed: Indexed,
}

/// All groups of all sources, in the order of their paths.
///
/// # Errors
/// If a tree of the store cannot be read.
pub fn survey(repo: &Repo, store: &Store<'_>) -> Result<Vec<Group>> {
    let recipes = store.recipes()?;
    let mut groups = Vec::new();
    for source in store.sources() {
        for (kind, fingerprint, node) in store.ask(source, || source.nodes(repo))? {
            groups.push(Group {
                origin: source.origin.clone(),
                ref_name: source.ref_name.clone(),
                indexed: Indexed::new(repo, &source.ref_name, &kind, fingerprint, node),
                kind,
                fingerprint,
                recipe: recipes.get(&fingerprint).cloned(),
                node,
            });
        }
    }
    Ok(groups)
}

impl Group {
    /// How many entries there are.
    ///
    /// # Errors
    /// If a tree of the store cannot be read.
    pub fn count(&self, repo: &Repo) -> Result<u64> {
        self.indexed.count(repo)
    }

    /// The key of each entry and the blob that holds it, in the order of source blobs.
    ///
    /// # Errors
    /// If a tree of the store cannot be read.
    pub fn entries(&self, repo: &Repo) -> Result<Vec<(EntryKey, Oid)>> {
        let mut pairs = Vec::new();
        node::collect(repo, self.node, &mut Vec::new(), &mut pairs)?;
        pairs.sort_unstable();
        let key = |blob| EntryKey {
            kind: self.kind.clone(),
            fingerprint: self.fingerprint,
            blob,
        };
        Ok(pairs
            .into_iter()
            .map(|(blob, value)| (key(blob), value))
            .collect())
    }
}
