//! Laying entries over a store's tree. Only the folders that change are written anew.
//! Not here: which of two entries wins; see `batch` and `pending`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::folder::Folder;
use super::layout::{ENTRIES, FORMAT, FORMAT_TEXT, RECIPES};
use super::node::{self, Pair};
use crate::git::{Mode, PackedObject, Repo};
use crate::model::{Fingerprint, Kind, ObjectType, Oid};

/// Entries and recipes, by where they belong. The objects themselves are stored elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// The source blobs of each question and the blobs of their entries: sorted, each source once.
    pub entries: BTreeMap<(Kind, Fingerprint), Vec<Pair>>,
    pub recipes: BTreeSet<Fingerprint>,
}

impl Layer {
    /// How many entries it has.
    pub fn count(&self) -> usize {
        self.entries.values().map(Vec::len).sum()
    }

    /// Drops questions that have no entries any more, and the recipes that only they followed.
    pub fn drop_empty(&mut self) {
        self.entries.retain(|_, pairs| !pairs.is_empty());
        let needed: BTreeSet<Fingerprint> = self.entries.keys().map(|(_, of)| *of).collect();
        self.recipes.retain(|recipe| needed.contains(recipe));
    }

    /// Takes in another layer. No key may be in both.
    pub fn merge(&mut self, other: Self) {
        for (question, pairs) in other.entries {
            let all = self.entries.entry(question).or_default();
            all.extend(pairs);
            all.sort_unstable();
        }
        self.recipes.extend(other.recipes);
    }

    /// Lays it over the tree whose root is `root`, and returns the new root's id. On equal keys the
    /// layer counts. Trees that are new go to `objects`.
    ///
    /// # Errors
    /// If a tree below `root` cannot be read.
    pub fn lay_over(
        &self,
        repo: &Repo,
        mut root: Folder,
        objects: &mut Vec<PackedObject>,
    ) -> Result<Oid> {
        let format = repo.format();
        let version = PackedObject::new(format, ObjectType::Blob, FORMAT_TEXT)?;
        root.set(FORMAT, Mode::FILE, version.oid);
        objects.push(version);

        let mut recipes = Folder::open(repo, root.folder(RECIPES))?;
        for fingerprint in &self.recipes {
            recipes.set(fingerprint.to_string(), Mode::FILE, fingerprint.0);
        }
        if !recipes.is_empty() {
            root.set(RECIPES, Mode::TREE, recipes.write(format, objects)?);
        }

        let mut entries = Folder::open(repo, root.folder(ENTRIES))?;
        let mut kinds: BTreeMap<&Kind, Folder> = BTreeMap::new();
        for ((kind, fingerprint), pairs) in &self.entries {
            let folder = match kinds.remove(kind) {
                Some(folder) => folder,
                None => Folder::open(repo, entries.folder(kind.name()))?,
            };
            let folder = kinds.entry(kind).or_insert(folder);
            let name = fingerprint.to_string();
            if !pairs.is_empty() {
                let node = node::lay(repo, folder.folder(&name), pairs, objects)?;
                folder.set(&name, Mode::TREE, node);
            }
        }
        for (kind, folder) in kinds.into_iter().filter(|(_, folder)| !folder.is_empty()) {
            entries.set(kind.name(), Mode::TREE, folder.write(format, objects)?);
        }
        if !entries.is_empty() {
            root.set(ENTRIES, Mode::TREE, entries.write(format, objects)?);
        }
        root.write(format, objects)
    }
}
