//! One question about one text, from the first request to an analysis or the reason why there is
//! none: attempts, one repair, one more with room. When a request may be sent is for `traffic`.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::budget;
use super::progress::Progress;
use super::retry::attempts;
use super::service::Service;
use super::traffic::{Refusal, Traffic};
use crate::analyzers::llm::{Complaint, Piece};
use crate::analyzers::{Llm, Source};
use crate::model::{self, Analysis, Cause, Kind, Skip, Stop, Usage};
use crate::provider::{Class, Failure, Reply, Stated};

/// All that one question needs.
pub struct Inquiry<'a> {
    /// With the limits that the provider has named so far.
    pub llm: &'a RefCell<Llm>,
    pub service: &'a Service,
    pub traffic: &'a Traffic<'a>,
    pub progress: &'a dyn Progress,
}

/// Why there is no analysis.
#[derive(Debug)]
pub enum NoAnswer {
    Skipped(Skip),
    Failed(model::Failure),
    /// The model takes less than was asked at once; in its own words.
    TooLong(String),
    /// The model takes less than was known: these are to be asked instead.
    Instead(Vec<Piece>),
    /// The run was over before; the text is what had gone wrong until then.
    Stopped(Stop, Option<String>),
}

impl Inquiry<'_> {
    /// The model's analysis of a text, and what it took, which it does in any case.
    pub async fn ask(
        &self,
        source: Source<'_>,
        kind: &Kind,
    ) -> (Result<Analysis, NoAnswer>, Usage) {
        let mut spent = budget::nothing();
        let answer = self.pieces(source, kind, &mut spent).await;
        (answer, spent)
    }

    async fn pieces(
        &self,
        source: Source<'_>,
        kind: &Kind,
        spent: &mut Usage,
    ) -> Result<Analysis, NoAnswer> {
        let pieces = self.llm.borrow().ask(source, kind);
        let pieces = pieces.map_err(NoAnswer::from)?;
        let mut analyses = Vec::with_capacity(pieces.len());
        let mut pieces = VecDeque::from(pieces);
        while let Some(piece) = pieces.pop_front() {
            match self.piece(source, kind, &piece, spent).await {
                // Windows are not always known, and tokens never before they are counted.
                Err(NoAnswer::TooLong(why)) => {
                    let parts = self.llm.borrow().part(source, kind, &piece);
                    let parts = parts.map_err(|skip| NoAnswer::from(skip).because(&why))?;
                    put_first(&mut pieces, parts);
                }
                Err(NoAnswer::Instead(parts)) => put_first(&mut pieces, parts),
                answer => analyses.push(answer?),
            }
        }
        Ok(self.llm.borrow().join(kind, analyses))
    }

    async fn piece(
        &self,
        source: Source<'_>,
        kind: &Kind,
        piece: &Piece,
        spent: &mut Usage,
    ) -> Result<Analysis, NoAnswer> {
        if self.traffic.limits_learned() > 0 {
            self.revise(source, kind, piece)?;
        }
        let mut request = piece.request.clone();
        let (mut failed, mut is_wider) = (0, false);
        let mut before: Option<String> = None;
        loop {
            let learned = self.traffic.limits_learned();
            let sent = self.traffic.send(&request, learned, spent).await;
            if is_wider && is_answered(&sent) {
                self.traffic.outgrow();
            }
            let failure = match sent {
                Ok(reply) => {
                    let read = self.llm.borrow().read(source, kind, piece, &reply.text);
                    match read {
                        Ok(analysis) => return Ok(analysis),
                        Err(complaint) if request.repair.is_none() && !complaint.is_refusal() => {
                            before = Some(unusable(&complaint, &reply));
                            let llm = self.llm.borrow();
                            request.repair = Some(llm.repair(piece, reply.text, &complaint));
                            continue;
                        }
                        Err(complaint) => {
                            let cause = if complaint.is_refusal() {
                                Cause::Refused
                            } else {
                                Cause::Unusable
                            };
                            return Err(NoAnswer::failed(cause, unusable(&complaint, &reply)));
                        }
                    }
                }
                Err(Refusal::Stopped(stop)) => return Err(NoAnswer::Stopped(stop, before)),
                Err(Refusal::Outdated) => {
                    self.revise(source, kind, piece)?;
                    continue;
                }
                Err(Refusal::Failed(failure)) => failure,
            };
            if let Some(stated) = failure.stated {
                self.take_over(stated);
                self.revise(source, kind, piece)
                    .map_err(|no| no.because(&failure.message))?;
                if is_wider {
                    // There is no more room than the answer had.
                    let cut = before.unwrap_or_default();
                    let why = format!("{cut}; {}", failure.message);
                    return Err(NoAnswer::failed(Cause::Truncated, why));
                }
            }
            match failure.class {
                class if class.ends_the_run() => return Err(self.end(&failure)),
                Class::Truncated if !is_wider => {
                    is_wider = true;
                    request.max_output_tokens = request.max_output_tokens.saturating_mul(2);
                }
                Class::Context => return Err(NoAnswer::TooLong(failure.message)),
                Class::Truncated => {
                    let why = format!(
                        "{}; to raise the limit, set rustassistant.maxOutputTokens",
                        failure.message
                    );
                    return Err(NoAnswer::failed(Cause::Truncated, why));
                }
                class if class.is_passing() => {
                    failed += 1;
                    self.pass(&failure, failed).await?;
                }
                _ => return Err(NoAnswer::failed(Cause::Refused, failure.message)),
            }
            before = Some(failure.message);
        }
    }

    /// Is it still asked in this manner, by the limits that are known by now?
    ///
    /// # Errors
    /// [`NoAnswer::Instead`] with what is to be asked if not, or why it cannot be.
    fn revise(&self, source: Source<'_>, kind: &Kind, piece: &Piece) -> Result<(), NoAnswer> {
        let again = self.llm.borrow().again(source, kind, piece)?;
        let is_other = |other: &Piece| {
            let most = piece.request.max_output_tokens;
            other.lines != piece.lines || other.request.max_output_tokens != most
        };
        if again.iter().any(is_other) {
            Err(NoAnswer::Instead(again))
        } else {
            Ok(())
        }
    }

    /// Takes a limit over that the provider has named, and says so once.
    fn take_over(&self, stated: Stated) {
        if !self.traffic.follows(stated) || !self.llm.borrow_mut().limit(stated) {
            return;
        }
        self.traffic.learn(stated);
        let llm = self.llm.borrow();
        let (provider, model) = (&llm.asked().provider, &llm.asked().model);
        self.progress.note(&match stated {
            Stated::Window(tokens) => format!(
                "{provider} reports a context window of {tokens} tokens for {model}, and this run \
                 keeps to it; to set it: rustassistant-model.{model}.contextWindow"
            ),
            Stated::Output(tokens) => format!(
                "{provider} reports a limit of {tokens} output tokens for {model}, and this run \
                 keeps to it; to set it: rustassistant.maxOutputTokens"
            ),
        });
    }

    /// Waits for a failure to pass.
    async fn pass(&self, failure: &Failure, failed: u32) -> Result<(), NoAnswer> {
        let message = &failure.message;
        if failed >= attempts(failure.class) {
            let why = format!("{message} (sent {failed} times)");
            return Err(NoAnswer::failed(Cause::Provider, why));
        }
        let wait =
            self.service
                .backoff
                .wait(failure.class, failed, failure.retry_after, fastrand::f64());
        let Some(wait) = wait else {
            let asked = failure.retry_after.unwrap_or_default().as_secs();
            let why = format!("the provider asks to wait {asked} seconds: {message}");
            let stop = Stop::Provider(why);
            self.traffic.end(stop.clone());
            return Err(NoAnswer::Stopped(stop, None));
        };
        if failure.retry_after.is_some() && self.traffic.pause(wait) {
            let seconds = wait.as_secs().max(1);
            let line = format!("{message}; waiting {seconds} seconds, as the provider asks");
            self.progress.say(&line);
        }
        let rested = self.traffic.rest(wait).await;
        rested.map_err(|stop| NoAnswer::Stopped(stop, Some(message.clone())))
    }

    /// Every other question would fail alike.
    fn end(&self, failure: &Failure) -> NoAnswer {
        let message = &failure.message;
        let why = match failure.class {
            Class::Key | Class::Credit => {
                format!("{message} ({})", self.service.key_origin)
            }
            _ => message.clone(),
        };
        let stop = Stop::Provider(why);
        self.traffic.end(stop.clone());
        NoAnswer::Stopped(stop, None)
    }
}

impl NoAnswer {
    fn failed(cause: Cause, why: impl Into<String>) -> Self {
        Self::Failed(model::Failure::new(cause, why))
    }

    /// With what the provider has said before.
    fn because(self, why: &str) -> Self {
        match self {
            Self::Failed(failure) if failure.cause == Cause::TooLong => {
                Self::failed(Cause::TooLong, format!("{why}; {failure}"))
            }
            other => other,
        }
    }
}

impl From<Skip> for NoAnswer {
    /// Nobody has left out what a window is too small for.
    fn from(skip: Skip) -> Self {
        match skip {
            Skip::ContextWindow { .. } => Self::failed(Cause::TooLong, skip.to_string()),
            skip => Self::Skipped(skip),
        }
    }
}

/// Did the model answer, be it that the answer was cut off?
fn is_answered(sent: &Result<Reply, Refusal>) -> bool {
    match sent {
        Ok(_) => true,
        Err(Refusal::Failed(failure)) => failure.class == Class::Truncated,
        Err(_) => false,
    }
}

fn put_first(pieces: &mut VecDeque<Piece>, parts: Vec<Piece>) {
    for part in parts.into_iter().rev() {
        pieces.push_front(part);
    }
}

fn unusable(complaint: &Complaint, reply: &Reply) -> String {
    let ended = reply.odd_end.as_ref();
    let ended = ended.map_or(String::new(), |word| format!(" (finish reason `{word}`)"));
    format!("invalid answer from the model: {complaint}{ended}")
}
