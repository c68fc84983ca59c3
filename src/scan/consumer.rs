//! The one that hands units to the workers, takes answers in, and stores them. Nothing is analysed
//! that another process is at work on, and nothing that came back is lost.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::answers::{Answer, Answers};
use super::keeping::Keeping;
use super::lookup::Answered;
use super::plan::{Plan, Unit};
use super::run::Run;
use super::service::{Answerer, Closing, KeyVerdict};
use super::work::{Done, Finished};
use super::{asker, crew, ledger};
use crate::model::{EntryKey, Oid, Origin, Stop, Trust, Usage};
use crate::store::{LOCAL_REF, Store};

/// Units claimed at a time: few enough that two processes share the work, many enough that
/// claiming costs nothing.
const CLAIMED: usize = 64;

/// How long answers may wait in the journal before they go out as a pack. Many packs make the
/// user's `git gc --auto` run.
const FLUSH_EVERY: Duration = Duration::from_secs(30);

/// Bytes of answers that are held in memory before they go out.
const FLUSH_AT: usize = 64 << 20;

/// How often to look whether another process is done.
const POLL: Duration = Duration::from_millis(30);

/// Longer than any file takes: whoever holds a claim for this long without an answer is stuck.
const WAIT: Duration = Duration::from_secs(600);

/// The one that hands work out and takes answers in.
pub struct Consumer<'a, 'r> {
    run: &'a Run<'r>,
    kept: Option<Keeping<'r>>,
    answers: &'a mut Answers,
    done: u64,
    /// Units that are with the workers.
    in_flight: usize,
    flushed: Instant,
    /// The store's own tree, as this run has seen or made it.
    local_tree: Option<Oid>,
    /// Has nobody else changed it?
    undisturbed: bool,
    /// What models have taken.
    spent: Usage,
    /// Why nothing more is handed out, if so.
    stopped: Option<Stop>,
}

/// What working a plan off leaves beside the answers.
#[derive(Debug)]
pub struct Worked {
    /// The store's own tree, if it holds every answer and nothing of others that the plan did not
    /// see.
    pub local_tree: Option<Oid>,
    pub spent: Usage,
    pub stopped: Option<Stop>,
    pub closing: Closing,
}

impl Worked {
    /// There was nothing to do.
    pub const fn nothing(local_tree: Option<Oid>) -> Self {
        Self {
            local_tree,
            spent: ledger::nothing(),
            stopped: None,
            closing: Closing {
                requests: 0,
                key: KeyVerdict::Unknown,
            },
        }
    }
}

impl<'a, 'r> Consumer<'a, 'r> {
    /// # Errors
    /// If the store holds something that is not ours.
    pub fn new(run: &'a Run<'r>, answers: &'a mut Answers) -> Result<Self> {
        Ok(Self {
            run,
            kept: Keeping::start(run)?,
            answers,
            done: 0,
            in_flight: 0,
            flushed: Instant::now(),
            local_tree: run.store.local_tree(),
            undisturbed: true,
            spent: ledger::nothing(),
            stopped: None,
        })
    }

    /// Has all units of `plan` answered, or as many as the run lasts for.
    ///
    /// # Errors
    /// If a worker's repository cannot be opened, or claims or the store cannot be read.
    pub fn work_off(mut self, plan: &Plan) -> Result<Worked> {
        let run = self.run;
        let units = match run.answerer {
            Answerer::Nobody | Answerer::Local(_) => plan.units.clone(),
            Answerer::Model(..) => asker::one_kind_each(&plan.units),
        };
        run.progress.begin(units.len() as u64);
        let channel = run.at_a_time() * 2 + 1;
        let (give, todo) = sync_channel::<Unit>(channel);
        let (done, take) = sync_channel::<Finished>(channel);
        let worked = std::thread::scope(|scope| {
            let crew = crew::start(scope, run, units.len(), todo, done)?;
            // The workers end when both channels are dropped, at the end of this call, however
            // it ends.
            let handed_out = self.hand_out(units.into(), give, take);
            let closing = crew::end(crew);
            handed_out.and(closing)
        });
        self.flush();
        run.progress.end();
        let closing = worked?;
        let whole = self.undisturbed && self.kept.is_some() && self.stopped.is_none();
        Ok(Worked {
            local_tree: self.local_tree.filter(|_| whole),
            spent: self.spent,
            stopped: self.stopped,
            closing,
        })
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
            self.stopped.get_or_insert(Stop::Interrupted);
        }
        self.stopped.is_some()
    }

    fn give(
        &mut self,
        unit: Unit,
        give: &SyncSender<Unit>,
        take: &Receiver<Finished>,
    ) -> Result<()> {
        // With less in flight than the channel holds, sending never blocks while a worker waits
        // to be taken from.
        self.take_in(self.run.at_a_time() * 2, take)?;
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
            ledger::count(&mut self.spent, &spent);
            self.run.progress.spend(&self.spent);
        }
        let place = |kind| (unit.blob, unit.language, kind);
        match done {
            Done::Answered(written) => {
                for (kind, written) in written {
                    let answer = match written {
                        Ok(written) => {
                            let entry = Arc::clone(&written.entry);
                            self.keep(unit, kind, written);
                            Answer::New(Answered::new(entry, Origin::Here, self.run.wanted.reading))
                        }
                        Err(error) => Answer::Failed(format!("{error:#}")),
                    };
                    self.answers.insert(place(kind), answer);
                }
            }
            Done::Skipped(skip) => self.answer_all(unit, &Answer::Skipped(skip)),
            Done::Failed(why) => self.answer_all(unit, &Answer::Failed(why)),
            Done::Left(stop) => {
                self.stopped.get_or_insert(stop);
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
            .is_some_and(|kept| kept.batch.bytes() > FLUSH_AT);
        if full || self.flushed.elapsed() > FLUSH_EVERY {
            self.flush();
        }
    }

    fn answer_all(&mut self, unit: &Unit, answer: &Answer) {
        let place = |kind: &usize| (unit.blob, unit.language, *kind);
        let places = unit.kinds.iter().map(place);
        self.answers
            .extend(places.map(|place| (place, answer.clone())));
    }

    fn keep(&mut self, unit: &Unit, kind: usize, written: crate::store::Written) {
        let Some(kept) = &mut self.kept else { return };
        let recipe = self
            .run
            .questions
            .get(unit.language, kind)
            .map(|question| &question.recipe);
        let put = recipe
            .map_or(Ok(()), |recipe| kept.batch.put_recipe(recipe))
            .and_then(|()| kept.batch.put(written));
        if let Err(error) = put {
            self.run
                .progress
                .note(&format!("nothing more will be stored: {error:#}"));
            self.kept = None;
        }
    }

    /// Claims what nobody else is at work on. What was answered since the plan was made is taken
    /// from the store.
    fn claim(&mut self, units: Vec<Unit>) -> Result<(Vec<Unit>, Vec<Unit>)> {
        let Some(kept) = &mut self.kept else {
            return Ok((units, Vec::new()));
        };
        let keys: Vec<EntryKey> = units.iter().flat_map(|unit| self.run.keys(unit)).collect();
        let Some(granted) = kept.claim(self.run, &keys)? else {
            self.kept = None;
            return Ok((units, Vec::new()));
        };
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
                match self.run.answered_meanwhile(store.as_ref(), &key)? {
                    Some(answered) => {
                        let place = (unit.blob, unit.language, *kind);
                        self.answers.insert(place, Answer::Found(answered));
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

    fn flush(&mut self) {
        self.flushed = Instant::now();
        let Some(kept) = &mut self.kept else { return };
        let stored = kept.batch.flush(self.run.seconds()).and_then(|stored| {
            kept.claims.keep_only(&kept.working)?;
            Ok(stored)
        });
        if let Ok(stored) = &stored
            && let Some((before, after)) = stored.grown
        {
            self.undisturbed &= before == self.local_tree;
            self.local_tree = Some(after);
        }
        if let Err(error) = stored {
            let note = format!("{error:#}; the answers are kept and stored by the next run");
            self.run.progress.note(&note);
            self.kept = None;
        }
    }

    fn give_up(&mut self, units: impl Iterator<Item = Unit>) {
        for unit in units {
            for kind in unit.kinds {
                let why = "another process has been at work on it for too long".to_owned();
                self.answers
                    .insert((unit.blob, unit.language, kind), Answer::Failed(why));
            }
        }
    }
}
