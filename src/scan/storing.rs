//! How answers that were taken in are kept, and what comes of it where they cannot be: not lost if
//! they cost money, only told if they cost nothing; and that failures that cost money are remembered.
//! Not where answers go: that is `keeping`.

use std::time::Instant;

use anyhow::Error;
use jiff::SignedDuration;

use super::consumer::Consumer;
use super::failures::{self, Failures};
use super::plan::Unit;
use super::service::Answerer;
use crate::model::{Entry, EntryKey, Stop, is_from_the_future};
use crate::store::Written;

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
