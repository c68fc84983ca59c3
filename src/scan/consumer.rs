//! Hands units to the workers, takes answers in, and stores them. Nothing is analyzed that another
//! process is at work on, and nothing that came back is lost: what was paid for is kept even where it
//! cannot be stored, and failures that cost money are remembered.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result};
use jiff::SignedDuration;

use super::budget;
use super::budget::Budget;
use super::failures::{self, Failures};
use super::plan::{Plan, Unit};
use super::run::{Run, Worked};
use super::service::{Answerer, Closing};
use super::state::{Answer, State, States};
use super::workers::{self, Done, Finished, Part, not_asked};
use crate::model::{
    Cause, Entry, EntryKey, Failure, Miss, Oid, Status, Stop, Trust, Usage, is_from_the_future,
};
use crate::store::{Batch, Claims, Flushed, LOCAL_REF, Store, Written};

/// Units claimed at a time: few enough that two processes share the work, many enough that
/// claiming costs nothing.
const CLAIMED: usize = 64;

/// How long answers may wait in the journal before they go out as a pack. Many packs make the
/// user's `git gc --auto` run.
const FLUSH_EVERY: Duration = Duration::from_secs(30);

/// Bytes of answers that are held in memory before they go out.
const FLUSH_AT: usize = 24 << 20;

/// How often to look whether another process is done.
const POLL: Duration = Duration::from_millis(30);

/// Longer than any file takes: whoever holds a claim for this long without an answer is stuck.
const WAIT: Duration = Duration::from_secs(600);

/// The one that hands work out and takes answers in.
pub struct Consumer<'a, 'r> {
    pub(super) run: &'a Run<'r>,
    pub(super) kept: Option<Sink<'r>>,
    states: &'a mut States,
    done: u64,
    /// Units that are with the workers.
    in_flight: usize,
    pub(super) flushed: Instant,
    /// The store's own tree, as this run has seen or made it.
    pub(super) local_tree: Option<Oid>,
    /// Has nobody else changed it?
    pub(super) undisturbed: bool,
    /// What models have taken.
    spent: Usage,
    budget: Budget,
    /// Who of the answerers is at work.
    pub(super) party: usize,
    /// Set when nothing more is handed out to it: why.
    stopped: Arc<OnceLock<Stop>>,
    stops: Vec<(usize, Stop)>,
    closings: Vec<Option<Closing>>,
    /// What models have failed to answer, and what they have answered: with why, or without.
    pub(super) tried: Vec<(String, Option<String>)>,
    /// Why nothing can be stored, if so.
    pub(super) trouble: Option<String>,
    /// Has storing failed before?
    pub(super) is_troubled: bool,
}

impl<'a, 'r> Consumer<'a, 'r> {
    /// # Errors
    /// If the store holds something that is not ours.
    pub fn new(run: &'a Run<'r>, states: &'a mut States) -> Result<Self> {
        let (kept, trouble) = match Sink::start(run) {
            Ok(kept) => (kept, None),
            Err(error) if is_of_the_disk(&error) => (None, Some(error)),
            Err(error) => return Err(error),
        };
        let mut consumer = Self {
            run,
            kept,
            states,
            done: 0,
            in_flight: 0,
            flushed: Instant::now(),
            local_tree: run.store.local_tree(),
            undisturbed: true,
            spent: budget::nothing(),
            budget: Budget::new(run.limits),
            party: 0,
            stopped: Arc::default(),
            tried: Vec::new(),
            trouble: None,
            is_troubled: false,
            stops: Vec::new(),
            closings: run.answerers.iter().map(|_| None).collect(),
        };
        if let Some(trouble) = trouble {
            consumer.store_nothing(&trouble);
        }
        Ok(consumer)
    }

    /// Has all units of `plan` answered, or as many as the run lasts for.
    ///
    /// # Errors
    /// If a worker's repository cannot be opened, or claims or the store cannot be read.
    pub fn work_off(mut self, plan: &Plan) -> Result<Worked> {
        let run = self.run;
        let parts = run.parts(plan);
        let units: usize = parts.iter().map(|(_, units)| units.len()).sum();
        run.progress.begin(units as u64);
        let mut parts = parts.into_iter();
        let worked = parts.try_for_each(|(party, units)| self.work_off_part(plan, party, units));
        self.flush();
        self.remember_failures();
        run.progress.end();
        worked?;
        let whole = self.undisturbed && self.kept.is_some() && self.stops.is_empty();
        Ok(Worked {
            local_tree: self.local_tree.filter(|_| whole),
            spent: self.spent,
            requests: self.budget.requests(),
            stops: self.stops,
            closings: self.closings,
        })
    }

    /// Has one of the answerers answer its units. One that must stop leaves the others theirs.
    fn work_off_part(&mut self, plan: &Plan, party: usize, units: Vec<Unit>) -> Result<()> {
        let run = self.run;
        self.party = party;
        match (run.answerers[party], &self.trouble) {
            (Answerer::Unready(why), _) => self.stop(Stop::Provider(why.to_owned())),
            (Answerer::Model(..), Some(why)) => self.stop(Stop::Store(why.clone())),
            _ => {}
        }
        if !self.is_over() {
            let part = Part {
                party,
                units: units.len(),
                budget: self.budget.clone(),
            };
            let channel = run.at_a_time(party) * 2 + 1;
            let (give, todo) = sync_channel::<Unit>(channel);
            let (done, take) = sync_channel::<Finished>(channel);
            let stopped = Arc::clone(&self.stopped);
            let closing = std::thread::scope(|scope| {
                let threads = workers::start(scope, run, &part, &stopped, todo, done)?;
                // The workers end when both channels are dropped, at the end of this call,
                // however it ends.
                let handed_out = self.hand_out(units.into(), give, take);
                let closing = workers::end(threads);
                handed_out.and(closing)
            })?;
            if let Some(closing) = closing {
                self.budget = closing.budget.clone();
                self.closings[party] = Some(closing);
            }
        }
        if let Some(stop) = std::mem::take(&mut self.stopped).get().cloned() {
            self.leave(plan.units_of(run.questions, party), &stop);
            self.stops.push((party, stop));
        }
        Ok(())
    }

    /// Says of what was not asked why it was not.
    fn leave(&mut self, units: Vec<Unit>, stop: &Stop) {
        let Some(why) = not_asked(stop, None) else {
            return;
        };
        let state = State::missing(Miss::NotAsked(why.into()));
        for unit in units {
            for kind in unit.kinds {
                if let Some(open) = self.states.get_mut(&(unit.blob, unit.language, kind))
                    && open.is_missing()
                    && !matches!(open.status, Status::Missing(Miss::NotAsked(_)))
                {
                    *open = state.clone();
                }
            }
        }
    }

    /// Claims units in turns, leaves those that another process is at work on for later.
    fn hand_out(
        &mut self,
        mut waiting: VecDeque<Unit>,
        give: SyncSender<Unit>,
        take: Receiver<Finished>,
    ) -> Result<()> {
        let mut held_elsewhere: VecDeque<Unit> = VecDeque::new();
        let mut since = Instant::now();
        while !waiting.is_empty() {
            let turn: Vec<Unit> = waiting.drain(..waiting.len().min(CLAIMED)).collect();
            let (mine, theirs) = self.claim(turn)?;
            if !mine.is_empty() {
                since = Instant::now();
            }
            for unit in mine {
                if self.is_over() {
                    return self.take_in(0, &take);
                }
                self.give(unit, &give, &take)?;
            }
            held_elsewhere.extend(theirs);
            if waiting.is_empty() || self.is_over() {
                self.take_in(0, &take)?;
            }
            if self.is_over() {
                return Ok(());
            }
            if waiting.is_empty() && !held_elsewhere.is_empty() {
                // What others may be waiting for goes out before we wait for them.
                self.flush();
                std::thread::sleep(POLL);
                if since.elapsed() > WAIT {
                    self.give_up(held_elsewhere.drain(..));
                }
                waiting.append(&mut held_elsewhere);
            }
        }
        Ok(())
    }

    /// Is nothing more to be handed out?
    fn is_over(&mut self) -> bool {
        if self.run.interrupt.load(Ordering::Relaxed) {
            self.stop(Stop::Interrupted);
        }
        self.stopped.get().is_some()
    }

    /// Hands nothing more out. The first reason counts.
    pub(super) fn stop(&self, why: Stop) {
        let _ = self.stopped.set(why);
    }

    fn give(
        &mut self,
        unit: Unit,
        give: &SyncSender<Unit>,
        take: &Receiver<Finished>,
    ) -> Result<()> {
        // With less in flight than the channel holds, sending never blocks while a worker waits
        // to be taken from.
        self.take_in(self.run.at_a_time(self.party) * 2, take)?;
        give.send(unit).context("all workers have ended")?;
        self.in_flight += 1;
        Ok(())
    }

    /// Takes results in until at most `left` units are with the workers.
    fn take_in(&mut self, left: usize, take: &Receiver<Finished>) -> Result<()> {
        while self.in_flight > left {
            let finished = take.recv().context("all workers have ended")?;
            self.in_flight -= 1;
            self.accept(finished);
        }
        Ok(())
    }

    /// Takes in what became of a unit.
    fn accept(&mut self, finished: Finished) {
        let Finished { unit, done, spent } = finished;
        let unit = &unit;
        if let Some(spent) = spent {
            budget::count(&mut self.spent, &spent);
            self.run.progress.spend(&self.spent);
        }
        let place = |kind| (unit.blob, unit.language, kind);
        match done {
            Done::Answered(written) => {
                let unkept = written.iter().find_map(|(_, one)| one.as_ref().err());
                self.tried(unit, unkept.map(|why| format!("{why:#}")).as_deref());
                for (kind, written) in written {
                    let written = written.map(|one| self.after_what_it_replaces(unit, kind, one));
                    let answer = written.map(|written| {
                        let entry = Arc::clone(&written.entry);
                        self.keep(unit, kind, written);
                        Answer::new(entry, self.run.wanted.reading, unit.roles)
                    });
                    if let Some(state) = self.states.get_mut(&place(kind)) {
                        match answer {
                            Ok(answer) => state.analyzed(answer),
                            Err(error) => {
                                let failure = Failure::new(Cause::Store, format!("{error:#}"));
                                *state = State::failed(failure);
                            }
                        }
                    }
                }
            }
            Done::Skipped(skip) => self.all_are(unit, &State::skipped(skip)),
            Done::Failed(failure) => {
                if failure.cause.is_paid() {
                    self.tried(unit, Some(&failure.why));
                }
                self.all_are(unit, &State::failed(failure));
            }
            Done::Left(stop, before) => {
                if let Some(why) = not_asked(&stop, before) {
                    self.all_are(unit, &State::missing(Miss::NotAsked(why.into())));
                }
                self.stop(stop);
            }
        }
        if let Some(kept) = &mut self.kept {
            for key in self.run.keys(unit) {
                kept.working.remove(&key);
            }
        }
        self.done += 1;
        self.run.progress.advance(self.done, &unit.path.to_string());
        let full = self
            .kept
            .as_ref()
            .is_some_and(|kept| kept.batch.bytes() > FLUSH_AT && !self.is_troubled);
        if full || self.flushed.elapsed() > FLUSH_EVERY {
            self.flush();
        }
    }

    fn all_are(&mut self, unit: &Unit, state: &State) {
        let place = |kind: &usize| (unit.blob, unit.language, *kind);
        let places = unit.kinds.iter().map(place);
        self.states
            .extend(places.map(|place| (place, state.clone())));
    }

    /// Claims what nobody else is at work on. What was answered since the plan was made is taken
    /// from the store.
    fn claim(&mut self, units: Vec<Unit>) -> Result<(Vec<Unit>, Vec<Unit>)> {
        let Some(kept) = &mut self.kept else {
            return Ok((units, Vec::new()));
        };
        let keys: Vec<EntryKey> = units.iter().flat_map(|unit| self.run.keys(unit)).collect();
        let granted = kept.claim(&keys)?;
        let tip = self.run.repo.resolve_ref(LOCAL_REF)?;
        let tree = tip.and_then(|commit| self.run.repo.tree_of(commit).ok());
        // Our own flushes hold nothing that is asked for again: looking would cost more than work.
        let others_wrote = !self.undisturbed || tree != self.local_tree;
        let store = (others_wrote && self.run.reuse).then(|| {
            // Objects that another process packed since are not seen otherwise.
            let _ = self.run.repo.refresh_objects();
            Store::trusting(self.run.repo, &[], Trust::Nobody)
        });
        let mut granted = granted.into_iter().zip(keys);
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        for unit in units {
            let (mut free, mut held) = (Vec::new(), Vec::new());
            for (kind, (granted, key)) in unit.kinds.iter().zip(granted.by_ref()) {
                match self
                    .run
                    .answered_meanwhile(store.as_ref(), &key, unit.roles)?
                {
                    Some(state) => {
                        let place = (unit.blob, unit.language, *kind);
                        self.states.insert(place, state);
                    }
                    None if granted => {
                        kept.working.insert(key);
                        free.push(*kind);
                    }
                    None => held.push(*kind),
                }
            }
            mine.extend((!free.is_empty()).then(|| Unit {
                kinds: free,
                ..unit.clone()
            }));
            if !held.is_empty() {
                theirs.push(Unit {
                    kinds: held,
                    ..unit
                });
            }
        }
        Ok((mine, theirs))
    }

    fn give_up(&mut self, units: impl Iterator<Item = Unit>) {
        for unit in units {
            let why = "another process has been at work on it for too long";
            self.all_are(&unit, &State::failed(Failure::new(Cause::Busy, why)));
        }
    }
}

/// Where answers go.
pub struct Sink<'a> {
    pub batch: Batch<'a>,
    /// `None` where the disk takes none.
    claims: Option<Claims>,
    /// Keys that are claimed and not answered yet.
    pub working: HashSet<EntryKey>,
}

impl<'a> Sink<'a> {
    /// `None` if nothing is to be stored.
    ///
    /// # Errors
    /// If the store holds something that is not ours, or cannot be written ([`is_of_the_disk`]).
    pub fn start(run: &Run<'a>) -> Result<Option<Self>> {
        if !run.keep {
            return Ok(None);
        }
        let mut batch = Batch::start(run.repo)?;
        let is_model = |answerer: &Answerer<'_>| matches!(answerer, Answerer::Model(..));
        if batch.pending() > 0 && run.answerers.iter().any(is_model) {
            // What is in nobody's store yet would be paid for again.
            batch.flush(run.seconds())?;
        }
        let folder = run
            .repo
            .own_folder()
            .and_then(|own| own.make_folder(Claims::FOLDER));
        Ok(Some(Self {
            batch,
            claims: folder.ok().and_then(|folder| Claims::start(folder).ok()),
            working: HashSet::new(),
        }))
    }

    /// Claims those of `keys` that are free. Where the disk takes no claims, all are: they only
    /// spare work that another process may be doing, and what is answered is kept all the same.
    ///
    /// # Errors
    /// If claims cannot be read.
    pub fn claim(&self, keys: &[EntryKey]) -> Result<Vec<bool>> {
        let all = || vec![true; keys.len()];
        match self.claims.as_ref().map(|claims| claims.take(keys)) {
            None => Ok(all()),
            Some(Err(error)) if is_of_the_disk(&error) => Ok(all()),
            Some(granted) => granted,
        }
    }

    /// Stores what has come in, and gives back the claims on it.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub fn flush(&mut self, seconds: i64) -> Result<Flushed> {
        let flushed = self.batch.flush(seconds)?;
        if let Some(claims) = &self.claims {
            // Others wait for the end of this process, then.
            let _ = claims.keep_only(&self.working);
        }
        Ok(flushed)
    }
}

/// Full, read-only, not ours to write: reasons to go on without storing.
pub fn is_of_the_disk(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.is::<io::Error>() || cause.is::<crate::git::GitFailed>())
}

impl Consumer<'_, '_> {
    /// Keeps the answer to one question about a unit.
    pub(super) fn keep(&mut self, unit: &Unit, kind: usize, written: Written) {
        let Some(kept) = &mut self.kept else { return };
        let recipe = self
            .run
            .questions
            .get(unit.language, kind)
            .map(|question| &question.recipe);
        if let Some(recipe) = recipe {
            // It only explains, and is kept with the next flush at the latest.
            let _ = kept.batch.put_recipe(recipe);
        }
        let paid = written.entry.is_paid();
        if kept.batch.put(written).is_err() && paid {
            // What was paid for must not lie in memory alone.
            self.flush();
        }
    }

    /// The answer, dated after the one that it replaces: a clock that runs behind another clone's
    /// must not make an answer lose that was asked for anew, and paid for. Where that one cannot be
    /// found, nothing is lost but its date.
    pub(super) fn after_what_it_replaces(
        &self,
        unit: &Unit,
        kind: usize,
        written: Written,
    ) -> Written {
        let run = self.run;
        let later = || {
            let created = written.entry.created.filter(|_| !run.reuse)?;
            let key = EntryKey {
                kind: run.questions.kinds[kind].clone(),
                fingerprint: written.entry.fingerprint,
                blob: unit.blob,
            };
            let found = run.store.find(&key).ok().flatten()?;
            let old = run.store.read(&found, &key).ok()?.created?;
            if old < created || is_from_the_future(Some(old), created) {
                return None;
            }
            let mut entry = Entry::clone(&written.entry);
            entry.created = Some(old.checked_add(SignedDuration::from_secs(1)).ok()?);
            Written::new(entry, run.repo.format()).ok()
        };
        later().unwrap_or(written)
    }

    /// Stores what has come in.
    pub(super) fn flush(&mut self) {
        self.flushed = Instant::now();
        let Some(kept) = &mut self.kept else { return };
        let error = match kept.flush(self.run.seconds()) {
            Ok(stored) => {
                tracing::debug!(entries = stored.entries, "stored");
                if let Some((before, after)) = stored.grown {
                    self.undisturbed &= before == self.local_tree;
                    self.local_tree = Some(after);
                }
                return;
            }
            Err(error) => error,
        };
        self.undisturbed = false;
        if kept.batch.is_journaled() {
            // In the journal they are safe, and what a model answers goes on into it.
            let why = format!("{error:#}; the next run will store the answers");
            if !std::mem::replace(&mut self.is_troubled, true) {
                self.run.progress.note(&why);
            }
            if !self.is_paid() {
                self.kept = None;
                self.trouble = Some(why);
            }
        } else {
            self.stop_storing(format!("nothing more will be stored: {error:#}"))
        }
    }

    /// Answers that cost nothing are reported all the same; no others are asked for.
    fn stop_storing(&mut self, why: String) {
        self.kept = None;
        if self.is_paid() {
            self.stop(Stop::Store(why.clone()))
        } else {
            self.run.progress.note(&why)
        }
        self.trouble = Some(why);
    }

    /// Does it cost money who is at work?
    fn is_paid(&self) -> bool {
        matches!(self.run.answerers[self.party], Answerer::Model(..))
    }

    /// What came of asking a model about a unit, for later runs.
    pub(super) fn tried(&mut self, unit: &Unit, why: Option<&str>) {
        if let Answerer::Model(llm, _) = self.run.answerers[self.party] {
            let most = llm.asked().max_output_tokens;
            let names = self.run.keys(unit).into_iter();
            let names = names.map(|key| failures::name_of(&key, most));
            self.tried
                .extend(names.map(|name| (name, why.map(str::to_owned))));
        }
    }

    pub(super) fn remember_failures(&mut self) {
        if self.kept.is_none() || self.tried.is_empty() {
            return;
        }
        let now = self.run.wanted.now;
        let Ok(folder) = self.run.repo.own_folder() else {
            return;
        };
        let mut failures = Failures::open(&folder, now);
        let mut is_changed = false;
        for (name, why) in self.tried.drain(..) {
            is_changed |= match why {
                Some(why) => failures.add(name, &why, now),
                None => failures.forget(&name),
            };
        }
        if is_changed {
            failures.remember(&folder);
        }
    }

    /// Nothing could be stored from the beginning.
    pub(super) fn store_nothing(&mut self, trouble: &Error) {
        let why = format!("nothing will be stored: {trouble:#}");
        let is_model = |answerer: &Answerer<'_>| matches!(answerer, Answerer::Model(..));
        if !self.run.answerers.iter().all(is_model) {
            self.run.progress.note(&why);
        }
        self.trouble = Some(why);
    }
}
