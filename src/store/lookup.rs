//! Finding entries: one by its key, or all of one question by a merge of two sorted lists.
//! Values are read only when somebody wants them.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;

use super::believed::{self, Believed, Rest};
use super::codec::{Unreadable, decode};
use super::join::values_at;
use super::layout::{IMPORTED_REF, LOCAL_REF, SHARED_REF, mirror_ref};
use super::own;
use super::source::Source;
use crate::git::Repo;
use crate::model::{
    Entry, EntryKey, Fingerprint, Kind, MAX_ENTRY_BYTES, ObjectType, Oid, Origin, Recipe, Trust,
    wins_at,
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
    /// What is there beside, and does not count.
    distrusted: Vec<Rest>,
    recipes: OnceCell<BTreeMap<Fingerprint, Recipe>>,
    /// Sources that could not be read, one sentence each.
    pub unreadable: Vec<String>,
    /// The time, by which an entry is dated ahead or not.
    now: Timestamp,
    /// What was wrong with sources of others once they were read, by the ref's name.
    damaged: RefCell<BTreeMap<String, String>>,
}

impl<'r> Store<'r> {
    /// Opens what is there now. `remotes` are the names of configured remotes: refs are looked up
    /// by exact name, because listing them would read every ref of the repository.
    pub fn open(repo: &'r Repo, remotes: &[String]) -> Self {
        Self::trusting(repo, remotes, Trust::Any)
    }

    /// As [`Store::open`], where what others publish counts only as far as `trust` goes.
    pub fn trusting(repo: &'r Repo, remotes: &[String], trust: Trust) -> Self {
        let mirrors = remotes
            .iter()
            .filter_map(|remote| Some((mirror_ref(remote).ok()?, Origin::Remote(remote.clone()))));
        let mut store = Self::empty(repo);
        let is_foreign = |tip| !own::is_own(repo, tip);
        let own = match repo.resolve_ref(LOCAL_REF) {
            Ok(Some(tip)) if is_foreign(tip) => Origin::Imported,
            _ => Origin::Here,
        };
        let names = std::iter::once((LOCAL_REF.to_owned(), own))
            .chain(mirrors)
            .chain([
                (SHARED_REF.to_owned(), Origin::Shared),
                (IMPORTED_REF.to_owned(), Origin::Imported),
            ]);
        for (name, origin) in names {
            let is_not_here = origin != Origin::Here;
            match believed::open(repo, &name, origin, trust) {
                Ok(Believed { source, rest }) => {
                    if name == LOCAL_REF && is_not_here {
                        store.unreadable.push(format!(
                            "{name} was set by a push or a fetch, not by this clone: its answers count \
                             like imported ones and are not published"
                        ));
                    }
                    store.sources.extend(source);
                    store.distrusted.extend(rest);
                }
                Err(error) => store.unreadable.push(format!("{error:#}")),
            }
        }
        store
    }

    /// A store in which nothing is.
    pub const fn empty(repo: &'r Repo) -> Self {
        Self {
            repo,
            sources: Vec::new(),
            distrusted: Vec::new(),
            recipes: OnceCell::new(),
            unreadable: Vec::new(),
            now: Timestamp::MAX,
            damaged: RefCell::new(BTreeMap::new()),
        }
    }

    /// The store as it counts at the time `now`: without it, nothing is dated ahead.
    #[must_use]
    pub const fn at(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// The store but for what is of this origin.
    pub(super) fn without(mut self, origin: &Origin) -> Self {
        self.sources.retain(|source| source.origin != *origin);
        self
    }

    /// What was found wrong with sources of others since this was opened, one sentence each.
    pub fn damaged(&self) -> Vec<String> {
        self.damaged.borrow().values().cloned().collect()
    }

    /// Asks one source. One of others whose trees cannot be read holds nothing from then on: what
    /// strangers publish must not keep this clone from its own.
    pub(super) fn ask<T: Default>(
        &self,
        source: &Source,
        ask: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        if self.damaged.borrow().contains_key(&source.ref_name) {
            return Ok(T::default());
        }
        match ask() {
            Err(error) if source.origin != Origin::Here => {
                let sentence =
                    format!("cannot read the analyses at {}: {error:#}", source.ref_name);
                let mut damaged = self.damaged.borrow_mut();
                damaged.insert(source.ref_name.clone(), sentence);
                Ok(T::default())
            }
            answer => answer,
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
            let values = self.ask(source, || {
                match source.indexed(self.repo, kind, fingerprint)? {
                    Some(node) => node.values(self.repo, blobs),
                    None => Ok(Vec::new()),
                }
            })?;
            let here = values.into_iter().map(|(position, value)| {
                let origin = source.origin.clone();
                (position, Found { origin, value })
            });
            found = if found.is_empty() {
                here.collect()
            } else {
                self.merge(found, here, |position| EntryKey {
                    kind: kind.clone(),
                    fingerprint,
                    blob: blobs[position],
                })
            };
        }
        Ok(found)
    }

    /// Which of `blobs` (sorted, each once) have an entry for one question, wherever it is. Less is
    /// read for that than to find them.
    ///
    /// # Errors
    /// As [`Store::find`].
    pub fn holds(&self, kind: &Kind, fingerprint: Fingerprint, blobs: &[Oid]) -> Result<Vec<bool>> {
        let mut held = vec![false; blobs.len()];
        for source in &self.sources {
            let here = self.ask(source, || {
                match source.indexed(self.repo, kind, fingerprint)? {
                    Some(node) => node.holds(self.repo, blobs),
                    None => Ok(Vec::new()),
                }
            })?;
            for (held, here) in held.iter_mut().zip(here) {
                *held |= here;
            }
        }
        Ok(held)
    }

    /// Which of `blobs` (sorted, each once) have an entry for one question in what does not count:
    /// their positions.
    ///
    /// # Errors
    /// As [`Store::find`].
    pub fn find_distrusted(
        &self,
        kind: &Kind,
        fingerprint: Fingerprint,
        blobs: &[Oid],
    ) -> Result<Vec<usize>> {
        let mut found = Vec::new();
        for Rest { source, .. } in &self.distrusted {
            let values = self.ask(source, || {
                match source.node(self.repo, kind, fingerprint)? {
                    Some(node) => values_at(self.repo, node, blobs),
                    None => Ok(Vec::new()),
                }
            })?;
            found.extend(values.into_iter().map(|(position, _)| position));
        }
        Ok(found)
    }

    /// Why some of what others publish does not count: a sentence for each ref, without a period.
    pub fn distrust(&self) -> Vec<String> {
        let rest = self.distrusted.iter();
        rest.map(|rest| format!("{}: {}", rest.source.ref_name, rest.why))
            .collect()
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
            for (fingerprint, oid) in self.ask(source, || source.recipes(self.repo))? {
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
                        // What this clone has worked out itself nobody can talk away.
                        (Ok(a), Ok(_)) if holder.origin == Origin::Here && is_worked_out(&a) => {
                            false
                        }
                        (Ok(a), Ok(b)) => {
                            let (a, b) = ((a.created, holder.value), (b.created, challenger.value));
                            wins_at(self.now, b, a)
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

/// Is it the embedded analyzer's? Of two such one is right, and neither is newer.
pub(super) fn is_worked_out(entry: &Entry) -> bool {
    entry.analyzer.starts_with("local/") && entry.created.is_none()
}

/// Reads and judges the entry blob `value`.
pub(super) fn read(repo: &Repo, value: Oid, key: &EntryKey) -> Result<Entry, Unreadable> {
    let object = |error: anyhow::Error| Unreadable::Object(format!("{error:#}"));
    if value.is_zero() {
        return Err(Unreadable::Object("not a file".to_owned()));
    }
    match repo.header(value).map_err(object)? {
        None => Err(Unreadable::Object(format!(
            "object {value} is missing; in a partial clone, run 'git rustassistant fetch'"
        ))),
        Some((_, kind)) if kind != ObjectType::Blob => {
            Err(Unreadable::Object(format!("object {value} is not a blob")))
        }
        Some((size, _)) if size > MAX_ENTRY_BYTES as u64 => {
            Err(Unreadable::OutOfBounds("its size is"))
        }
        Some(_) => decode(&repo.blob(value, MAX_ENTRY_BYTES).map_err(object)?, key),
    }
}
