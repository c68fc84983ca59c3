//! The one thread that asks a model: it takes units as workers do, and has many requests under
//! way at a time. The only runtime of the program, started when there is something to ask.

use std::cell::RefCell;
use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, SyncSender};
use std::task::Poll;
use std::time::Instant;

use anyhow::{Context, Result};
use futures_util::future::{Either, poll_fn, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::{SignedDuration, Timestamp, Unit as Precision};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::budget::Budget;
use super::examine;
use super::inquiry::{Inquiry, NoAnswer};
use super::plan::Unit;
use super::progress::Progress;
use super::question::Questions;
use super::service::{Closing, Service};
use super::token_ratio::Calibration;
use super::traffic::Traffic;
use super::workers::{Done, Finished};
use crate::analyzers::llm::leave_out;
use crate::analyzers::{Llm, Source};
use crate::git::Repo;
use crate::model::{Analysis, Cause, Entry, FORMAT, MAX_ENTRY_BYTES, Stop, Usage, pretty};
use crate::provider::{Client, Failure, Reply, Request};
use crate::store::Written;

/// What a model is asked with, for a whole run.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    pub llm: &'a Llm,
    pub service: &'a Service,
    pub questions: &'a Questions,
    /// Larger files are skipped.
    pub limit: u64,
    /// Set when nothing more is to be asked.
    pub stopped: &'a OnceLock<Stop>,
    /// The user ends the run.
    pub interrupt: &'a AtomicBool,
    /// When the run began, by the clock and by the stopwatch.
    pub began: (Timestamp, Instant),
    pub progress: &'a dyn Progress,
}

impl std::fmt::Debug for Asker<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Asker({:?})", self.service)
    }
}

impl Asker<'_> {
    /// Takes units from `todo` until there are no more, and sends what became of them. Spends what
    /// `budget` grants.
    ///
    /// # Errors
    /// If there can be no runtime: too many files are open.
    pub fn serve(
        &self,
        repo: &Repo,
        budget: Budget,
        todo: Receiver<Unit>,
        done: &SyncSender<Finished>,
    ) -> Result<Closing> {
        let runtime = runtime()?;
        let calibration = Calibration::new(self.llm.asked());
        let traffic = Traffic::new(self.service, budget, calibration, self.stopped);
        let llm = RefCell::new(self.llm.clone());
        std::thread::scope(|scope| {
            let (pass_on, units) = mpsc::unbounded_channel();
            // Waiting for the next unit must not hold up the answers.
            scope.spawn(move || {
                while let Ok(unit) = todo.recv() {
                    if pass_on.send(unit).is_err() {
                        return;
                    }
                }
            });
            runtime.block_on(async {
                let work = pin!(self.work(repo, &llm, &traffic, units, done));
                let heed = pin!(traffic.heed(self.interrupt, self.progress));
                match select(work, heed).await {
                    Either::Left(_) => {}
                    Either::Right(((), work)) => work.await,
                }
            });
        });
        Ok(traffic.closing())
    }

    /// Keeps every unit that it was given under way until all are done with.
    async fn work(
        &self,
        repo: &Repo,
        llm: &RefCell<Llm>,
        traffic: &Traffic<'_>,
        mut units: mpsc::UnboundedReceiver<Unit>,
        done: &SyncSender<Finished>,
    ) {
        let mut open = FuturesUnordered::new();
        let mut are_more = true;
        poll_fn(|context| {
            loop {
                while are_more && let Poll::Ready(unit) = units.poll_recv(context) {
                    match unit {
                        Some(unit) => open.push(self.answer(repo, llm, traffic, unit)),
                        None => are_more = false,
                    }
                }
                match open.poll_next_unpin(context) {
                    Poll::Ready(Some(finished)) => {
                        // If nobody takes answers in any more, there is nothing left to do.
                        if done.send(finished).is_err() {
                            return Poll::Ready(());
                        }
                    }
                    Poll::Ready(None) if !are_more => return Poll::Ready(()),
                    _ => return Poll::Pending,
                }
            }
        })
        .await;
    }

    async fn answer(
        &self,
        repo: &Repo,
        llm: &RefCell<Llm>,
        traffic: &Traffic<'_>,
        unit: Unit,
    ) -> Finished {
        let (done, spent) = match traffic.stopped() {
            Some(stop) => (Done::Left(stop, None), None),
            None => self.ask(repo, llm, traffic, &unit).await,
        };
        Finished { unit, done, spent }
    }

    async fn ask(
        &self,
        repo: &Repo,
        llm: &RefCell<Llm>,
        traffic: &Traffic<'_>,
        unit: &Unit,
    ) -> (Done, Option<Usage>) {
        let text = match examine::read(repo, unit.blob, self.limit) {
            Ok(Ok(text)) => text,
            Ok(Err(skip)) => return (Done::Skipped(skip), None),
            Err(error) => return (Done::failed(Cause::Source, format!("{error:#}")), None),
        };
        let source = Source {
            text: &text,
            language: unit.language,
        };
        let inquiry = Inquiry {
            llm,
            service: self.service,
            traffic,
            progress: self.progress,
        };
        let mut answered = Vec::with_capacity(unit.kinds.len());
        let mut spent = super::budget::nothing();
        for &number in &unit.kinds {
            let began = Instant::now();
            let (answer, usage) = inquiry.ask(source, &self.questions.kinds[number]).await;
            super::budget::count(&mut spent, &usage);
            match answer {
                Ok(analysis) => {
                    let written = self.write(repo, unit, number, analysis, usage, began);
                    match &written {
                        Some(Err(why)) => traffic.unanswered(&format!("{why:#}")),
                        _ => traffic.answered(),
                    }
                    answered.extend(written.map(|written| (number, written)));
                }
                Err(no) => {
                    if let NoAnswer::Failed(failure) = &no
                        && failure.cause != Cause::TooLong
                    {
                        traffic.unanswered(&failure.why);
                    }
                    return (Done::from(no), Some(spent));
                }
            }
        }
        (Done::Answered(answered), Some(spent))
    }

    fn write(
        &self,
        repo: &Repo,
        unit: &Unit,
        kind: usize,
        analysis: Analysis,
        usage: Usage,
        began: Instant,
    ) -> Option<Result<Written>> {
        let question = self.questions.get(unit.language, kind)?;
        let took = began.elapsed().as_millis();
        let mut entry = Entry {
            format: FORMAT,
            blob: unit.blob,
            fingerprint: question.fingerprint,
            kind: self.questions.kinds[kind].clone(),
            analyzer: question.recipe.answerer(),
            created: Some(self.now()),
            duration_ms: Some(u64::try_from(took).unwrap_or(u64::MAX)),
            usage: Some(usage),
            analysis,
        };
        fit(&mut entry);
        Some(Written::new(entry, repo.format()))
    }

    /// To the second.
    fn now(&self) -> Timestamp {
        let (clock, stopwatch) = self.began;
        let since = SignedDuration::try_from(stopwatch.elapsed()).unwrap_or_default();
        let now = clock.checked_add(since).unwrap_or(clock);
        now.round(Precision::Second).unwrap_or(now)
    }
}

/// Leaves out what there is no room for in an entry: what was paid for is kept as far as it goes.
fn fit(entry: &mut Entry) {
    let excess = |entry: &Entry| {
        let bytes = pretty(entry).map_or(0, |text| text.len());
        bytes.saturating_sub(MAX_ENTRY_BYTES)
    };
    if excess(entry) == 0 {
        return;
    }
    if let Some(usage) = &mut entry.usage {
        usage.raw = Value::Null;
    }
    let excess = excess(entry);
    if excess > 0 {
        leave_out(&mut entry.analysis, excess);
    }
}

/// The models that a provider has, by name.
///
/// # Errors
/// If it cannot be reached, or does not tell.
pub fn models_of(client: &Client) -> Result<Vec<String>> {
    Ok(runtime()?.block_on(client.models())?)
}

/// One question outside of any run, asked once.
///
/// # Errors
/// If there is no runtime. Whatever keeps the answer from being whole is the inner one.
pub fn ask_once(client: &Client, request: &Request) -> Result<Result<Reply, Failure>> {
    Ok(runtime()?.block_on(client.ask(request)))
}

fn runtime() -> Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build();
    runtime.context("cannot start the async runtime")
}

impl From<NoAnswer> for Done {
    fn from(no: NoAnswer) -> Self {
        match no {
            NoAnswer::Skipped(skip) => Self::Skipped(skip),
            NoAnswer::Failed(failure) => Self::Failed(failure),
            NoAnswer::TooLong(why) => Self::failed(Cause::TooLong, why),
            // Those are asked before anybody hears of it.
            NoAnswer::Instead(_) => Self::failed(Cause::TooLong, "nothing was asked"),
            NoAnswer::Stopped(stop, before) => Self::Left(stop, before),
        }
    }
}

/// Units of one kind each: every answer of a model is stored the moment it is there.
pub fn one_kind_each(units: &[Unit]) -> Vec<Unit> {
    let each = units.iter().flat_map(|unit| {
        unit.kinds.iter().map(|kind| Unit {
            kinds: vec![*kind],
            ..unit.clone()
        })
    });
    each.collect()
}
