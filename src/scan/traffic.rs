//! The requests of a run under way: who may send, when all must wait, when it is over. What one
//! request is about and what comes of it is for `inquiry`.
//!
//! Everything here lives on one thread; nothing is borrowed across an await.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use tokio::sync::{Notify, watch};

use super::budget;
use super::budget::{Amount, Budget, Verdict};
use super::failures::is_same;
use super::learned::Learned;
use super::pace::{Pace, Signal, Start};
use super::progress::Progress;
use super::service::{Closing, KeyVerdict, Service};
use super::token_ratio::Calibration;
use crate::model::{Stop, Usage};
use crate::provider::{Class, Failure, Reply, Request, Stated};

/// How long answers under way are waited for when the user ends the run.
const GRACE: Duration = Duration::from_secs(5);

/// How often to look whether the user ends it.
const LOOK: Duration = Duration::from_millis(50);

/// So many failures of the same kind in a row are no accident.
const FEW: u32 = 5;

/// So many limits of one sort are named by no server that knows its model.
const MOST_LIMITS: u32 = 3;

/// How far the end of a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Going,
    /// Nothing starts any more.
    Ending,
    /// What is under way is given up.
    Cut,
}

/// The requests of one run.
pub struct Traffic<'a> {
    service: &'a Service,
    pace: RefCell<Pace>,
    budget: RefCell<Budget>,
    calibration: RefCell<Calibration>,
    stage: watch::Sender<Stage>,
    stop: RefCell<Option<Stop>>,
    /// Whoever takes answers in may end the run, too.
    stopped: &'a OnceLock<Stop>,
    key: Cell<KeyVerdict>,
    learned: Cell<Learned>,
    /// How many limits of each sort were taken over: of windows, of answers.
    followed: Cell<(u32, u32)>,
    /// Why the last question has no answer, and how many in a row have none for that reason.
    alike: RefCell<(String, u32)>,
    /// One request less is under way.
    freed: Notify,
}

/// Leave to send one request.
struct Turn {
    granted: Amount,
    /// The tokens that its answer may have.
    output: u32,
    began: Instant,
}

impl<'a> Traffic<'a> {
    pub fn new(
        service: &'a Service,
        budget: Budget,
        calibration: Calibration,
        stopped: &'a OnceLock<Stop>,
    ) -> Self {
        Self {
            service,
            stopped,
            pace: RefCell::new(Pace::new(service.concurrency.get())),
            budget: RefCell::new(budget),
            calibration: RefCell::new(calibration),
            stage: watch::Sender::new(Stage::Going),
            stop: RefCell::new(None),
            key: Cell::default(),
            learned: Cell::default(),
            followed: Cell::default(),
            alike: RefCell::default(),
            freed: Notify::new(),
        }
    }

    /// Why nothing starts any more, if so.
    pub fn stopped(&self) -> Option<Stop> {
        let own = self.stop.borrow().clone();
        own.or_else(|| self.stopped.get().cloned())
    }

    /// When nobody asks any more.
    pub fn closing(self) -> Closing {
        Closing {
            budget: self.budget.into_inner(),
            key: self.key.get(),
            measured: self.calibration.borrow().measured(),
            learned: self.learned.get(),
        }
    }

    /// Lets nothing start any more. The first reason counts.
    pub fn end(&self, why: Stop) {
        self.stop.borrow_mut().get_or_insert(why);
        self.stage.send_if_modified(|stage| {
            let going = *stage == Stage::Going;
            *stage = (*stage).max(Stage::Ending);
            going
        });
    }

    /// Ends the run when the user does, and cuts it off some seconds later. Never ready before
    /// that.
    pub async fn heed(&self, interrupt: &AtomicBool, progress: &dyn Progress) {
        while !interrupt.load(Ordering::Relaxed) {
            tokio::time::sleep(LOOK).await;
        }
        self.end(Stop::Interrupted);
        let under_way = self.budget.borrow().under_way();
        if under_way > 0 {
            progress.say(&waiting(under_way));
        }
        tokio::time::sleep(GRACE).await;
        self.stage.send_replace(Stage::Cut);
    }

    /// Sends `request`, which was made when so many limits were `learned`, when its turn comes. What
    /// it took is added to `spent`.
    ///
    /// # Errors
    /// [`Refusal::Outdated`] if the provider has named another limit since,
    /// [`Refusal::Failed`] if there is no whole answer, [`Refusal::Stopped`] if the run is over.
    pub async fn send(
        &self,
        request: &Request,
        learned: u32,
        spent: &mut Usage,
    ) -> Result<Reply, Refusal> {
        let turn = self.turn(request, learned).await?;
        let is_shortened = turn.output < request.max_output_tokens;
        let request = &Request {
            max_output_tokens: turn.output,
            ..request.clone()
        };
        let used_up = Cell::new(false);
        let may_go_on = || match self.budget.borrow_mut().ask_again() {
            Ok(()) => true,
            Err(stop) => {
                used_up.set(true);
                self.end(stop);
                false
            }
        };
        let answer = pin!(self.service.client.ask_while(request, may_go_on));
        let mut stage = self.stage.subscribe();
        let cut = pin!(stage.wait_for(|stage| *stage == Stage::Cut));
        let result = match select(answer, cut).await {
            Either::Left((result, _)) => Some(result),
            Either::Right(_) => None,
        };
        self.settle(&turn, result.as_ref(), request, spent);
        match result {
            Some(Ok(reply)) => {
                self.key.set(KeyVerdict::Accepted);
                Ok(reply)
            }
            Some(Err(failure)) if used_up.get() => match self.stopped() {
                Some(stop) => Err(Refusal::Stopped(stop)),
                None => Err(Refusal::Failed(failure)),
            },
            Some(Err(failure)) if is_shortened && failure.class == Class::Truncated => {
                let why = "the answer was cut off where the budget was used up";
                Err(Refusal::Stopped(Stop::Budget(why.to_owned())))
            }
            Some(Err(failure)) => Err(Refusal::Failed(failure)),
            None => Err(Refusal::Stopped(Stop::Interrupted)),
        }
    }

    /// Waits so long before another attempt, or until the run ends.
    ///
    /// # Errors
    /// Why the run is over.
    pub async fn rest(&self, wait: Duration) -> Result<(), Stop> {
        self.until(tokio::time::sleep(wait)).await;
        self.stopped().map_or(Ok(()), Err)
    }

    /// Is a limit that the provider names one to go by? A server that names another one each time,
    /// or a little less, would be followed without end.
    pub fn follows(&self, stated: Stated) -> bool {
        let (windows, outputs) = self.followed.get();
        let learned = self.learned.get();
        let (times, before, named) = match stated {
            Stated::Window(window) => (windows, learned.window, window),
            Stated::Output(most) => (outputs, learned.output, most),
        };
        times < MOST_LIMITS && before.is_none_or(|before| named <= before - before / 4)
    }

    /// A limit of the model that the provider has named.
    pub fn learn(&self, stated: Stated) {
        let mut learned = self.learned.get();
        learned.add(stated);
        self.learned.set(learned);
        let (windows, outputs) = self.followed.get();
        self.followed.set(match stated {
            Stated::Window(_) => (windows + 1, outputs),
            Stated::Output(_) => (windows, outputs + 1),
        });
    }

    /// An answer was cut off, and a longer one is allowed: the limit is another than was named.
    pub fn outgrow(&self) {
        self.learned.set(Learned {
            is_outgrown: true,
            ..Learned::default()
        });
    }

    /// How many limits of the model the provider has named.
    pub fn limits_learned(&self) -> u32 {
        let (windows, outputs) = self.followed.get();
        windows + outputs
    }

    /// A question has its answer.
    pub fn answered(&self) {
        self.alike.take();
    }

    /// A question has no answer though it was asked. When a few in a row have none for the same
    /// reason, the next ones would have none, either.
    pub fn unanswered(&self, why: &str) {
        let count = {
            let mut alike = self.alike.borrow_mut();
            if !is_same(&alike.0, why) {
                *alike = (why.to_owned(), 0);
            }
            alike.1 += 1;
            alike.1
        };
        if count >= FEW {
            let why = format!("{count} requests in a row failed in the same way: {why}");
            self.end(Stop::Provider(why));
        }
    }

    /// All wait so long: the provider told one to. Is that news to people?
    pub fn pause(&self, wait: Duration) -> bool {
        let now = Instant::now();
        self.pace.borrow_mut().pause(now, now + wait)
    }

    async fn turn(&self, request: &Request, learned: u32) -> Result<Turn, Refusal> {
        loop {
            let freed = self.freed.notified();
            if let Some(stop) = self.stopped() {
                return Err(Refusal::Stopped(stop));
            }
            if self.limits_learned() != learned {
                return Err(Refusal::Outdated);
            }
            let start = self.pace.borrow().may_start(Instant::now());
            match start {
                Start::At(when) => {
                    let when = pin!(tokio::time::sleep_until(when.into()));
                    self.until(select(when, pin!(freed))).await;
                }
                Start::Later => self.until(freed).await,
                Start::Now => {
                    let forecast = self.calibration.borrow().forecast(request, self.service);
                    let verdict = self.budget.borrow_mut().ask(forecast);
                    match verdict {
                        Verdict::Granted { amount, output } => {
                            let began = Instant::now();
                            self.pace.borrow_mut().started(began);
                            return Ok(Turn {
                                granted: amount,
                                output: u32::try_from(output).unwrap_or(u32::MAX),
                                began,
                            });
                        }
                        Verdict::Wait => self.until(freed).await,
                        Verdict::Over(stop) => self.end(stop),
                    }
                }
            }
        }
    }

    /// Waits for `event`, or for the run to end.
    async fn until<T>(&self, event: impl Future<Output = T>) {
        let mut stage = self.stage.subscribe();
        let ended = pin!(stage.wait_for(|stage| *stage > Stage::Going));
        select(pin!(event), ended).await;
    }

    /// Accounts for a request that has ended, or was cut off.
    fn settle(
        &self,
        turn: &Turn,
        result: Option<&Result<Reply, Failure>>,
        request: &Request,
        spent: &mut Usage,
    ) {
        let (now, took) = (Instant::now(), turn.began.elapsed());
        let paid = match result {
            Some(Ok(reply)) => Some(reply),
            Some(Err(failure)) => failure.spent.as_deref(),
            None => None,
        };
        // What nobody has counted may have been anything, up to what was set aside.
        let taken = match (paid, result) {
            (Some(reply), _) => {
                let price = self.service.price.as_ref();
                let bills = self.service.client.endpoint().bills();
                let usage = budget::usage(reply, price, bills);
                budget::add(spent, &usage);
                let counted = reply.tokens.are_counted();
                counted.then(|| {
                    self.calibration.borrow_mut().learn(request, &reply.tokens);
                    budget::amount(reply, price)
                })
            }
            (None, Some(Err(failure))) if !may_be_counted(failure) => Some(Amount::default()),
            (None, _) => {
                budget::count(spent, &budget::unknown());
                None
            }
        };
        self.budget.borrow_mut().settle(turn.granted, taken);
        let signal = match result {
            Some(Ok(_)) => Signal::Answered(took),
            Some(Err(failure)) => signal(failure.class),
            None => Signal::Neither,
        };
        self.pace.borrow_mut().ended(turn.began, now, signal);
        if matches!(result, Some(Err(failure)) if failure.class == Class::Key) {
            self.key.set(KeyVerdict::Refused);
        }
        self.freed.notify_waiters();
    }
}

/// Why a request has no answer.
#[derive(Debug)]
pub enum Refusal {
    /// Nothing was sent: the provider has named a limit since the request was made.
    Outdated,
    Failed(Failure),
    Stopped(Stop),
}

fn waiting(under_way: usize) -> String {
    let requests = match under_way {
        1 => "the request".to_owned(),
        many => format!("the {many} requests"),
    };
    let seconds = GRACE.as_secs();
    format!(
        "waiting up to {seconds} seconds for {requests} in progress; press Ctrl-C again to stop now"
    )
}

/// May a provider take something for what it has not answered whole?
const fn may_be_counted(failure: &Failure) -> bool {
    let class = failure.class;
    failure.had_begun || matches!(class, Class::Timeout | Class::Protocol | Class::Truncated)
}

const fn signal(class: Class) -> Signal {
    match class {
        Class::RateLimit | Class::Overload | Class::Timeout => Signal::PushedBack,
        _ => Signal::Neither,
    }
}
