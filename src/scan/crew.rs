//! Who works in a run: a thread for each file at a time, or one that asks a model. Not the work.

use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Instant;

use anyhow::{Context, Result, anyhow};

use super::asker::Asker;
use super::budget::Budget;
use super::plan::Unit;
use super::run::Run;
use super::service::{Answerer, Closing};
use super::work::{Finished, Work};
use crate::model::Stop;

/// What one of the answerers has to do.
#[derive(Debug)]
pub struct Part {
    pub party: usize,
    pub units: usize,
    /// What is left for it, if it costs anything.
    pub budget: Budget,
}

/// The threads that were started.
pub struct Crew<'scope>(Vec<ScopedJoinHandle<'scope, Result<Option<Closing>>>>);

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
) -> Result<Crew<'scope>> {
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
            let mut crew = Vec::new();
            for repo in repos {
                let (todo, done) = (Arc::clone(&todo), done.clone());
                let serve = move || {
                    work.serve(&repo, &todo, &done);
                    Ok(None)
                };
                match thread::Builder::new().spawn_scoped(scope, serve) {
                    Ok(thread) => crew.push(thread),
                    // Where no more are allowed, those that there are do it all.
                    Err(error) if crew.is_empty() => {
                        return Err(error).context("cannot start a thread");
                    }
                    Err(_) => break,
                }
            }
            Ok(Crew(crew))
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
            Ok(Crew(vec![scope.spawn(move || {
                asker.serve(&repo, budget, todo, &done).map(Some)
            })]))
        }
    }
}

/// Waits for the end of all. What a model leaves, if one was asked.
///
/// # Errors
/// What kept one of them from working.
pub fn end(crew: Crew<'_>) -> Result<Option<Closing>> {
    let mut closing = None;
    for thread in crew.0 {
        let ended = thread.join();
        let ended = ended.map_err(|_| anyhow!("a worker failed"))??;
        closing = ended.or(closing);
    }
    Ok(closing)
}
