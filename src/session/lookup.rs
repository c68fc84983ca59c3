//! Looks up a selection in the store, warns about unreadable and untrusted entries, and finds out who
//! published the answers. Analyzes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;

use super::open::Session;
use crate::analyzers::Analyzer;
use crate::git::Repo;
use crate::model::{EntryKey, Miss, Origin, Outcome, Row, Status};
use crate::report::count;
use crate::scan::{
    self, Failures, Lookup, Memo, Plan, Policy, Reading, Selected, Selection, State, Wanted,
};
use crate::store::{self, Store};

impl Session<'_> {
    /// Resolves a selection to files.
    ///
    /// # Errors
    /// If a named file does not exist, or git cannot list files.
    pub fn select(&self, selection: &Selection, memo: Option<&Memo>) -> Result<Selected> {
        scan::select(&self.repo, selection, &self.scope, memo)
    }

    /// The store as it is now. Warns about unreadable refs.
    pub fn store(&self) -> Store<'_> {
        let store = self.store_unheard();
        for reason in &store.unreadable {
            self.host.warning(reason);
        }
        store
    }

    /// Same as [`Session::store`], without warnings.
    pub fn store_unheard(&self) -> Store<'_> {
        Store::trusting(&self.repo, &self.repo.remotes(), self.settings.trust).at(self.host.now())
    }

    /// Same as [`Session::store`], including untrusted entries.
    pub fn store_of_all(&self) -> Store<'_> {
        Store::open(&self.repo, &self.repo.remotes()).at(self.host.now())
    }

    /// What to read of each entry.
    pub fn wanted(&self, reading: Reading) -> Wanted {
        Wanted {
            reading,
            ttl: self.settings.ttl,
            now: self.host.now(),
            max_file_size: self.scope.max_file_size,
        }
    }

    /// Looks the selected files up and makes a plan. Warns about rejected entries: names the first and
    /// counts the others.
    ///
    /// # Errors
    /// If the store's trees cannot be read.
    pub fn plan(
        &self,
        store: &Store<'_>,
        selected: Selected,
        reading: Reading,
        policy: Policy,
    ) -> Result<Plan> {
        let lookup = self.look_up(store, &selected, reading)?;
        Ok(scan::plan(selected, &self.questions, lookup, policy))
    }

    fn look_up(&self, store: &Store<'_>, selected: &Selected, reading: Reading) -> Result<Lookup> {
        let wanted = self.wanted(reading);
        let lookup = scan::look_up(store, &selected.targets, &self.questions, wanted)?;
        let untrusted = |state: &&State| matches!(state.status, Status::Missing(Miss::Untrusted));
        let untrusted = lookup.states.iter().filter(untrusted).count();
        for reason in store.distrust().iter().filter(|_| untrusted > 0) {
            let answers = count(untrusted as u64, "answer");
            self.host.warning(format!(
                "ignoring {answers} of others, not trusted: {reason}"
            ));
        }
        for reason in store.damaged() {
            self.host.warning(reason);
        }
        if let Some(first) = lookup.unreadable.first() {
            let others = match lookup.unreadable.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            self.host.warning(format!(
                "ignoring a bad entry of the store: {first}{others}"
            ));
        }
        Ok(lookup)
    }

    /// Removes files from `plan` that are skipped because of their contents.
    ///
    /// # Errors
    /// If the object database cannot be read.
    pub fn examine(&self, plan: &mut Plan) -> Result<()> {
        let analyzers = self.analyzers();
        let limit = self.scope.max_file_size;
        scan::examine(&self.repo, plan, &self.questions, &analyzers, limit)
    }

    /// Removes questions from `plan` that a model has failed to answer twice in the same way.
    ///
    /// # Errors
    /// If a path is outside the repository.
    pub(super) fn pass_over_failures(&self, plan: &mut Plan, selection: &Selection) -> Result<()> {
        if plan.units.is_empty() || !self.asks_models() {
            return Ok(());
        }
        let Ok(own) = self.repo.own_folder() else {
            return Ok(());
        };
        let failures = Failures::open(&own, self.host.now());
        let analyzers = self.analyzers();
        scan::pass_over(plan, &self.questions, &analyzers, &failures, selection)
    }

    /// Indexed by the numbers of the questions.
    fn analyzers(&self) -> Vec<&Analyzer> {
        self.parties.iter().map(|party| &party.analyzer).collect()
    }

    /// Does a model answer any kind?
    pub fn asks_models(&self) -> bool {
        self.parties.iter().any(|party| party.chosen.is_some())
    }
}

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
