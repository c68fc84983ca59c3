//! Does what a plan says: what a run is given, and what it leaves. How units are handed out and
//! answers taken in is the consumer's affair.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::Result;

use super::answers::gather;
use super::asker;
use super::budget;
use super::budget::Limits;
use super::consumer::Consumer;
use super::lookup::{Reading, Wanted};
use super::memo::{Place, Tally};
use super::plan::{Plan, Unit};
use super::progress::Progress;
use super::question::Questions;
use super::service::{Answerer, Closing};
use super::state::{Answer, State, States};
use crate::git::Repo;
use crate::model::{EntryKey, Freshness, Hinted, Oid, Outcome, Roles, Stop, Usage, freshness};
use crate::store::Store;

/// All that a run needs beside its plan.
pub struct Run<'a> {
    pub repo: &'a Repo,
    pub questions: &'a Questions,
    /// By the numbers that the questions have for them.
    pub answerers: &'a [Answerer<'a>],
    /// What all models together may take.
    pub limits: Limits,
    pub progress: &'a dyn Progress,
    /// How many files are analysed at a time; a model's service says how many requests.
    pub jobs: NonZeroUsize,
    /// Set while the run lasts if the user wants it to end: what is under way is waited for.
    pub interrupt: &'a AtomicBool,
    /// What was wanted of the store for the plan, and is wanted of what is new in it.
    pub wanted: Wanted,
    /// Whether answers are stored at all.
    pub keep: bool,
    /// Answer what another process answered meanwhile from the store; not so to refresh.
    pub reuse: bool,
    /// The store as it was asked for the plan.
    pub store: &'a Store<'a>,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Run({:?})", self.repo)
    }
}

/// What a run leaves.
#[derive(Debug)]
pub struct Ran {
    pub outcome: Outcome,
    /// Trees whose every file is answered by now.
    pub complete: Vec<(Place, Tally)>,
    /// The store's own tree now, if it holds every answer of this run and nobody else has changed
    /// it since the plan.
    pub local_tree: Option<Oid>,
    /// What is known of the providers that were asked, in the order of the answerers.
    pub closings: Vec<Option<Closing>>,
    /// Who had to stop, and why.
    pub stops: Vec<(usize, Stop)>,
}

impl Ran {
    /// Of a run that did nothing.
    pub const fn nothing(outcome: Outcome) -> Self {
        Self {
            outcome,
            complete: Vec::new(),
            local_tree: None,
            closings: Vec::new(),
            stops: Vec::new(),
        }
    }
}

/// What working a plan off leaves beside the answers.
#[derive(Debug)]
pub struct Worked {
    /// The store's own tree, if it holds every answer and nothing of others that the plan did not
    /// see.
    pub local_tree: Option<Oid>,
    pub spent: Usage,
    /// Requests that were sent, with or without an answer.
    pub requests: u64,
    /// Who of the answerers had to stop, and why.
    pub stops: Vec<(usize, Stop)>,
    pub closings: Vec<Option<Closing>>,
}

impl Worked {
    /// There was nothing to do.
    pub const fn nothing(local_tree: Option<Oid>) -> Self {
        Self {
            local_tree,
            spent: budget::nothing(),
            requests: 0,
            stops: Vec::new(),
            closings: Vec::new(),
        }
    }
}

/// Analyses the plan's units, stores the answers, and gathers the outcome.
///
/// # Errors
/// If the store holds something that is not ours, or a worker's repository cannot be opened.
/// A store that cannot be written is told, not an error: what was analysed is still reported.
pub fn run(run: &Run<'_>, plan: &Plan) -> Result<Ran> {
    let started = Instant::now();
    let mut states = plan.open();
    let worked = if plan.units.is_empty() {
        Worked::nothing(run.store.local_tree())
    } else {
        run.fetch_promised(plan);
        Consumer::new(run, &mut states)?.work_off(plan)?
    };
    let reading = run.wanted.reading;
    let (mut outcome, complete) = gather(plan, &states, reading, gravest(&worked.stops));
    let mut answerers = run.answerers.iter();
    let asks = answerers.any(|answerer| matches!(answerer, Answerer::Model(..)));
    outcome.usage = asks.then_some(Usage {
        requests: u32::try_from(worked.requests).unwrap_or(u32::MAX),
        ..worked.spent
    });
    outcome.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Ran {
        outcome,
        complete,
        local_tree: worked.local_tree,
        closings: worked.closings,
        stops: worked.stops,
    })
}

/// What decides how a run is said to have ended.
fn gravest(stops: &[(usize, Stop)]) -> Option<Stop> {
    let weight = |stop: &Stop| match stop {
        Stop::Interrupted => 0,
        Stop::Budget(_) => 1,
        Stop::Store(_) => 2,
        Stop::Provider(_) => 3,
    };
    let stops = stops.iter().map(|(_, stop)| stop);
    stops.min_by_key(|stop| weight(stop)).cloned()
}

/// The outcome of doing nothing: what would be analysed is missing.
pub fn preview(plan: &Plan, reading: Reading) -> Outcome {
    gather(plan, &States::default(), reading, None).0
}

impl Run<'_> {
    /// The time in seconds, for commits where git knows no identity.
    pub(super) fn seconds(&self) -> i64 {
        self.wanted.now.as_second()
    }

    /// What each answerer has to do, in the order in which they work: who costs nothing first.
    pub(super) fn parts(&self, plan: &Plan) -> Vec<(usize, Vec<Unit>)> {
        let part = |(number, answerer): (usize, &Answerer<'_>)| {
            let units = plan.units_of(self.questions, number);
            match answerer {
                Answerer::Model(..) => (number, asker::one_kind_each(&units)),
                _ => (number, units),
            }
        };
        let mut parts: Vec<_> = self.answerers.iter().enumerate().map(part).collect();
        parts.retain(|(_, units)| !units.is_empty());
        parts.sort_by_key(|(number, _)| matches!(self.answerers[*number], Answerer::Model(..)));
        parts
    }

    /// How many units are under way at a time with one of the answerers.
    pub(super) fn at_a_time(&self, party: usize) -> usize {
        match self.answerers[party] {
            Answerer::Model(_, service) => service.concurrency.get(),
            _ => self.jobs.get(),
        }
    }

    /// What a partial clone lacks comes before the work. Files that do not come are told, and fail
    /// one by one.
    fn fetch_promised(&self, plan: &Plan) {
        let blobs = plan.units.iter().map(|unit| unit.blob);
        if let Err(error) = self.repo.fetch_promised(blobs) {
            let hint = error
                .chain()
                .find_map(|cause| cause.downcast_ref::<Hinted>());
            let hint = hint
                .map(|hint| format!("; {}", hint.hint()))
                .unwrap_or_default();
            self.progress.note(&format!("{error:#}{hint}"));
        }
    }

    /// The keys of what is asked of a unit.
    pub(super) fn keys(&self, unit: &Unit) -> Vec<EntryKey> {
        let key = |kind: &usize| {
            let question = self.questions.get(unit.language, *kind)?;
            Some(EntryKey {
                kind: self.questions.kinds[*kind].clone(),
                fingerprint: question.fingerprint,
                blob: unit.blob,
            })
        };
        unit.kinds.iter().filter_map(key).collect()
    }

    /// What another process has stored under `key` since the plan was made. What was stale then
    /// may lie there still: it is no answer.
    ///
    /// # Errors
    /// If a tree of the store cannot be read.
    pub(super) fn answered_meanwhile(
        &self,
        store: Option<&Store<'_>>,
        key: &EntryKey,
        roles: Roles,
    ) -> Result<Option<State>> {
        let Some(store) = store else { return Ok(None) };
        let Some(found) = store.find(key)? else {
            return Ok(None);
        };
        let Wanted {
            reading, ttl, now, ..
        } = self.wanted;
        let entry = store.read(&found, key).ok();
        let entry = entry.filter(|entry| freshness(entry, ttl, now) == Freshness::Fresh);
        Ok(entry
            .map(|entry| State::cached(found.origin, Answer::new(Arc::new(entry), reading, roles))))
    }
}
