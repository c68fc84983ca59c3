//! The threads of a run: who is started, and how each reads blobs through a repository of its own and
//! analyzes them. Not who hands units out: that is `consumer`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Instant;

use anyhow::{Context, Result, anyhow};

use super::asker::Asker;
use super::budget::Budget;
use super::examine;
use super::plan::Unit;
use super::question::Questions;
use super::run::Run;
use super::service::{Answerer, Closing};
use crate::analyzers::{Apart, Local, Source};
use crate::git::Repo;
use crate::model::{Analysis, Cause, Entry, FORMAT, Failure, Kind, Skip, Stop, Usage};
use crate::store::Written;

/// What became of one unit.
#[derive(Debug)]
pub enum Done {
    /// An entry for each kind that was asked.
    Answered(Vec<(usize, Result<Written>)>),
    Skipped(Skip),
    Failed(Failure),
    /// Not begun, or given up: the run is over. The text is what went wrong with it before.
    Left(Stop, Option<String>),
}

impl Done {
    pub fn failed(cause: Cause, why: impl Into<String>) -> Self {
        Self::Failed(Failure::new(cause, why))
    }
}

/// Why a question was not asked to the end, in words; nothing if its user knows.
pub fn not_asked(stop: &Stop, before: Option<String>) -> Option<String> {
    let why = match stop {
        Stop::Interrupted if before.is_none() => return None,
        Stop::Interrupted => "interrupted",
        Stop::Budget(why) | Stop::Provider(why) | Stop::Store(why) => why,
    };
    Some(match before {
        Some(before) => format!("{why}; before that: {before}"),
        None => why.to_owned(),
    })
}

/// A unit that is done with.
#[derive(Debug)]
pub struct Finished {
    pub unit: Unit,
    pub done: Done,
    /// What it took, if a model was asked: also where there is no answer.
    pub spent: Option<Usage>,
}

/// What all workers of a run share.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    pub analyzer: &'a Local,
    pub questions: &'a Questions,
    /// Larger files are skipped.
    pub limit: u64,
    /// The user ends the run.
    pub interrupt: &'a AtomicBool,
}

impl Work<'_> {
    /// Takes units from `todo` until there are no more, and sends what became of them.
    pub fn serve(&self, repo: &Repo, todo: &Mutex<Receiver<Unit>>, done: &SyncSender<Finished>) {
        let mut apart = Apart::new(self.analyzer);
        loop {
            // A poisoned lock means that another worker panicked; the channel is still sound.
            let next = todo
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .recv();
            let Ok(unit) = next else { return };
            let result = if self.interrupt.load(Ordering::Relaxed) {
                Done::Left(Stop::Interrupted, None)
            } else {
                guarded(|| self.analyze(repo, &mut apart, &unit))
            };
            let finished = Finished {
                unit,
                done: result,
                spent: None,
            };
            if done.send(finished).is_err() {
                return;
            }
        }
    }

    /// Analyses one unit.
    pub fn analyze(&self, repo: &Repo, apart: &mut Apart<'_>, unit: &Unit) -> Done {
        let text = match examine::read(repo, unit.blob, self.limit) {
            Ok(Ok(text)) => text,
            Ok(Err(skip)) => return Done::Skipped(skip),
            Err(error) => return Done::failed(Cause::Source, format!("{error:#}")),
        };
        let source = Source {
            text: &text,
            language: unit.language,
        };
        let kinds: Vec<Kind> = unit
            .kinds
            .iter()
            .map(|k| self.questions.kinds[*k].clone())
            .collect();
        let answer = match apart.analyze(source, &kinds) {
            Ok(answer) => answer,
            Err(error) => {
                let why = format!("the parser process did not answer: {error}");
                return Done::failed(Cause::Analyzer, why);
            }
        };
        match answer {
            Ok(analyses) => Done::Answered(
                unit.kinds
                    .iter()
                    .zip(analyses)
                    .filter_map(|(kind, analysis)| {
                        Some((*kind, self.write(repo, unit, *kind, analysis)?))
                    })
                    .collect(),
            ),
            // Another run may have more to give: it must not be remembered as skipped.
            Err(skip @ Skip::Exhausting) => Done::failed(Cause::Analyzer, skip.to_string()),
            Err(skip) => Done::Skipped(skip),
        }
    }

    fn write(
        &self,
        repo: &Repo,
        unit: &Unit,
        kind: usize,
        analysis: Analysis,
    ) -> Option<Result<Written>> {
        let question = self.questions.get(unit.language, kind)?;
        let entry = Entry {
            format: FORMAT,
            blob: unit.blob,
            fingerprint: question.fingerprint,
            kind: self.questions.kinds[kind].clone(),
            analyzer: question.recipe.answerer(),
            created: None,
            duration_ms: None,
            usage: None,
            analysis,
        };
        Some(Written::new(entry, repo.format()))
    }
}

/// A worker that ends early would leave its unit open for ever, and the run with it: a panic, which
/// only a fault of an analyzer or its parser can be, costs the one file.
fn guarded(analyze: impl FnOnce() -> Done) -> Done {
    // A half-done unit leaves nothing behind that another would see.
    catch_unwind(AssertUnwindSafe(analyze)).unwrap_or_else(|_| {
        Done::failed(
            Cause::Analyzer,
            "the analyzer has broken down over it, which is a fault of this program",
        )
    })
}

/// What one of the answerers has to do.
#[derive(Debug)]
pub struct Part {
    pub party: usize,
    pub units: usize,
    /// What is left for it, if it costs anything.
    pub budget: Budget,
}

/// The threads that were started.
pub struct Workers<'scope>(Vec<ScopedJoinHandle<'scope, Result<Option<Closing>>>>);

/// Starts whoever answers; they end when `todo` has no more units, or nobody takes from `done`. No
/// more is asked of a model once `stopped` is set.
///
/// # Errors
/// If a worker's repository cannot be opened.
pub fn start<'scope, 'env: 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    run: &'env Run<'env>,
    part: &Part,
    stopped: &'env OnceLock<Stop>,
    todo: Receiver<Unit>,
    done: SyncSender<Finished>,
) -> Result<Workers<'scope>> {
    match run.answerers[part.party] {
        Answerer::Nobody | Answerer::Unready(_) => Err(anyhow!("no answerer available")),
        Answerer::Local(local) => {
            let work = Work {
                analyzer: local,
                questions: run.questions,
                limit: run.wanted.max_file_size,
                interrupt: run.interrupt,
            };
            let repos = (0..run.jobs.get().min(part.units))
                .map(|_| run.repo.reopen())
                .collect::<Result<Vec<_>>>()?;
            let todo = Arc::new(Mutex::new(todo));
            let mut workers = Vec::new();
            for repo in repos {
                let (todo, done) = (Arc::clone(&todo), done.clone());
                let serve = move || {
                    work.serve(&repo, &todo, &done);
                    Ok(None)
                };
                match thread::Builder::new().spawn_scoped(scope, serve) {
                    Ok(thread) => workers.push(thread),
                    // Where no more are allowed, those that there are do it all.
                    Err(error) if workers.is_empty() => {
                        return Err(error).context("cannot start a thread");
                    }
                    Err(_) => break,
                }
            }
            Ok(Workers(workers))
        }
        Answerer::Model(llm, service) => {
            let asker = Asker {
                llm,
                service,
                questions: run.questions,
                limit: run.wanted.max_file_size,
                stopped,
                interrupt: run.interrupt,
                began: (run.wanted.now, Instant::now()),
                progress: run.progress,
            };
            let budget = part.budget.clone();
            let repo = run.repo.reopen()?;
            Ok(Workers(vec![scope.spawn(move || {
                asker.serve(&repo, budget, todo, &done).map(Some)
            })]))
        }
    }
}

/// Waits for the end of all. What a model leaves, if one was asked.
///
/// # Errors
/// What kept one of them from working.
pub fn end(workers: Workers<'_>) -> Result<Option<Closing>> {
    let mut closing = None;
    for thread in workers.0 {
        let ended = thread.join();
        let ended = ended.map_err(|_| anyhow!("a worker failed"))??;
        closing = ended.or(closing);
    }
    Ok(closing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_costs_the_one_file_and_not_the_run() {
        assert!(matches!(guarded(|| panic!("a fault")), Done::Failed(_)));
        let skipped = guarded(|| Done::Skipped(Skip::Empty));
        assert!(matches!(skipped, Done::Skipped(Skip::Empty)));
    }
}
