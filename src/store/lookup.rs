//! Finding entries: one by its key, or all of one question by a merge of two sorted lists.
//! Values are read only when somebody wants them.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use anyhow::Result;

use super::codec::{Unreadable, decode};
use super::layout::{LOCAL_REF, SHARED_REF, mirror_ref};
use super::source::Source;
use crate::git::Repo;
use crate::model::{
    Entry, EntryKey, Fingerprint, Kind, MAX_ENTRY_BYTES, ObjectType, Oid, Origin, Recipe, wins_over,
};

/// An entry's place: not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub origin: Origin,
    pub value: Oid,
}

/// The entries a clone can see: its own, those of its mirrors, and what it publishes itself.
#[derive(Debug)]
pub struct Store<'r> {
    repo: &'r Repo,
    sources: Vec<Source>,
    recipes: OnceCell<BTreeMap<Fingerprint, Recipe>>,
    /// Sources that could not be read, one sentence each.
    pub unreadable: Vec<String>,
}

impl<'r> Store<'r> {
    /// Opens what is there now. `remotes` are the names of configured remotes: refs are looked up
    /// by exact name, because listing them would read every ref of the repository.
    pub fn open(repo: &'r Repo, remotes: &[String]) -> Self {
        let mirrors = remotes
            .iter()
            .filter_map(|remote| Some((mirror_ref(remote).ok()?, Origin::Remote(remote.clone()))));
        let names = std::iter::once((LOCAL_REF.to_owned(), Origin::Here))
            .chain(mirrors)
            .chain([(SHARED_REF.to_owned(), Origin::Shared)]);
        let mut store = Self::empty(repo);
        for (name, origin) in names {
            match Source::open(repo, &name, origin) {
                Ok(source) => store.sources.extend(source),
                Err(error) => store.unreadable.push(format!("{error:#}")),
            }
        }
        store
    }

    /// A store of these refs alone.
    ///
    /// # Errors
    /// If one of them cannot be read.
    pub(super) fn of<const N: usize>(repo: &'r Repo, names: [&str; N]) -> Result<Self> {
        let mut store = Self::empty(repo);
        for name in names {
            store
                .sources
                .extend(Source::open(repo, name, Origin::Here)?);
        }
        Ok(store)
    }

    /// A store in which nothing is.
    pub const fn empty(repo: &'r Repo) -> Self {
        Self {
            repo,
            sources: Vec::new(),
            recipes: OnceCell::new(),
            unreadable: Vec::new(),
        }
    }

    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The tree of our own ref, when this was opened.
    pub fn local_tree(&self) -> Option<Oid> {
        let mut sources = self.sources.iter();
        let local = sources.find(|source| source.origin == Origin::Here);
        local.map(|source| source.tree)
    }

    /// As [`Store::state`], of the store as it is.
    pub fn state_now(&self) -> String {
        self.state(self.local_tree())
    }

    /// A text that differs for any two contents of the store, as if our own ref's tree were
    /// `local_tree`.
    pub fn state(&self, local_tree: Option<Oid>) -> String {
        let others = self
            .sources
            .iter()
            .filter(|source| source.origin != Origin::Here);
        let trees = local_tree
            .into_iter()
            .chain(others.map(|source| source.tree));
        trees.map(|tree| format!("{tree} ")).collect()
    }

    /// The entry under `key`, wherever it counts most.
    ///
    /// # Errors
    /// If a tree of a source cannot be read.
    pub fn find(&self, key: &EntryKey) -> Result<Option<Found>> {
        let found = self.find_all(&key.kind, key.fingerprint, &[key.blob])?;
        Ok(found.into_iter().next().map(|(_, found)| found))
    }

    /// Which of `blobs` (sorted, each once) have an entry for one question: their positions, in
    /// order, and where the entry that counts is.
    ///
    /// # Errors
    /// As [`Store::find`].
    pub fn find_all(
        &self,
        kind: &Kind,
        fingerprint: Fingerprint,
        blobs: &[Oid],
    ) -> Result<Vec<(usize, Found)>> {
        let mut found: Vec<(usize, Found)> = Vec::new();
        for source in &self.sources {
            let Some(node) = source.indexed(self.repo, kind, fingerprint)? else {
                continue;
            };
            let here = node.values(self.repo, blobs)?.into_iter();
            let here = here.map(|(position, value)| {
                let origin = source.origin.clone();
                (position, Found { origin, value })
            });
            found = match found.is_empty() {
                true => here.collect(),
                false => self.merge(found, here, |position| EntryKey {
                    kind: kind.clone(),
                    fingerprint,
                    blob: blobs[position],
                }),
            };
        }
        Ok(found)
    }

    /// Reads the entry that was found under `key`.
    ///
    /// # Errors
    /// The reason why it does not count.
    pub fn read(&self, found: &Found, key: &EntryKey) -> Result<Entry, Unreadable> {
        read(self.repo, found.value, key)
    }

    /// Reads the entry under `key` that the blob `value` holds.
    ///
    /// # Errors
    /// The reason why it does not count.
    pub fn read_value(&self, value: Oid, key: &EntryKey) -> Result<Entry, Unreadable> {
        read(self.repo, value, key)
    }

    /// The size of a source blob in the repository that this store belongs to; `None` if it is not
    /// there.
    ///
    /// # Errors
    /// If the object database cannot be read.
    pub fn size_of_source(&self, blob: Oid) -> Result<Option<u64>> {
        Ok(self.repo.header(blob)?.map(|(size, _)| size))
    }

    /// Every recipe that a source keeps and that reads back to its own fingerprint. Read once.
    ///
    /// # Errors
    /// If a tree of a source cannot be read.
    pub fn recipes(&self) -> Result<&BTreeMap<Fingerprint, Recipe>> {
        if let Some(recipes) = self.recipes.get() {
            return Ok(recipes);
        }
        let mut recipes = BTreeMap::new();
        for source in &self.sources {
            for (fingerprint, oid) in source.recipes(self.repo)? {
                if recipes.contains_key(&fingerprint) || fingerprint.0 != oid {
                    continue;
                }
                let text = self.repo.blob(oid, MAX_ENTRY_BYTES).ok();
                let recipe = text.and_then(|text| serde_json::from_slice::<Recipe>(&text).ok());
                recipes.extend(recipe.map(|recipe| (fingerprint, recipe)));
            }
        }
        Ok(self.recipes.get_or_init(|| recipes))
    }

    /// Two sorted lists as one. Where both have an entry the winner counts, and one that can be
    /// read wins over one that cannot.
    fn merge(
        &self,
        first: Vec<(usize, Found)>,
        second: impl Iterator<Item = (usize, Found)>,
        key: impl Fn(usize) -> EntryKey,
    ) -> Vec<(usize, Found)> {
        let mut merged: BTreeMap<usize, Found> = first.into_iter().collect();
        for (position, challenger) in second {
            let counts = match merged.get(&position) {
                None => true,
                Some(holder) if holder.value == challenger.value => false,
                Some(holder) => {
                    let key = key(position);
                    match (self.read(holder, &key), self.read(&challenger, &key)) {
                        (Ok(a), Ok(b)) => {
                            wins_over((b.created, challenger.value), (a.created, holder.value))
                        }
                        (Err(_), Ok(_)) => true,
                        _ => false,
                    }
                }
            };
            if counts {
                merged.insert(position, challenger);
            }
        }
        merged.into_iter().collect()
    }
}

/// Reads and judges the entry blob `value`.
pub(super) fn read(repo: &Repo, value: Oid, key: &EntryKey) -> Result<Entry, Unreadable> {
    let object = |error: anyhow::Error| Unreadable::Object(format!("{error:#}"));
    match repo.header(value).map_err(object)? {
        None => Err(Unreadable::Object(format!("object {value} is missing"))),
        Some((_, kind)) if kind != ObjectType::Blob => {
            Err(Unreadable::Object(format!("object {value} is no blob")))
        }
        Some((size, _)) if size > MAX_ENTRY_BYTES as u64 => {
            Err(Unreadable::OutOfBounds("its size is"))
        }
        Some(_) => decode(&repo.blob(value, MAX_ENTRY_BYTES).map_err(object)?, key),
    }
}
