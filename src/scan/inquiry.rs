//! One question about one text, from the first request to an analysis or the reason why there is
//! none: attempts, one repair, one more with room. When a request may be sent is for `traffic`.

use std::collections::VecDeque;

use super::ledger;
use super::progress::Progress;
use super::retry::ATTEMPTS;
use super::service::Service;
use super::traffic::{Refusal, Traffic};
use crate::analyzers::llm::{Complaint, Piece};
use crate::analyzers::{Llm, Source};
use crate::model::{Analysis, Kind, Skip, Stop, Usage};
use crate::provider::{Class, Failure, Repair};

/// All that one question needs.
pub struct Inquiry<'a> {
    pub llm: &'a Llm,
    pub service: &'a Service,
    pub traffic: &'a Traffic<'a>,
    pub progress: &'a dyn Progress,
}

/// Why there is no analysis.
#[derive(Debug)]
pub enum NoAnswer {
    Skipped(Skip),
    Failed(String),
    /// The model takes less than was asked at once; in its own words.
    TooLong(String),
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
        let mut spent = ledger::nothing();
        let answer = self.pieces(source, kind, &mut spent).await;
        (answer, spent)
    }

    async fn pieces(
        &self,
        source: Source<'_>,
        kind: &Kind,
        spent: &mut Usage,
    ) -> Result<Analysis, NoAnswer> {
        let pieces = self.llm.ask(source, kind).map_err(NoAnswer::from)?;
        let mut analyses = Vec::with_capacity(pieces.len());
        let mut pieces = VecDeque::from(pieces);
        while let Some(piece) = pieces.pop_front() {
            match self.piece(source, kind, &piece, spent).await {
                // Windows are not always known, and tokens never before they are counted.
                Err(NoAnswer::TooLong(why)) => match self.llm.part(source, kind, &piece) {
                    Ok(parts) => parts
                        .into_iter()
                        .rev()
                        .for_each(|part| pieces.push_front(part)),
                    Err(skip) => return Err(NoAnswer::Failed(format!("{why}; {skip}"))),
                },
                answer => analyses.push(answer?),
            }
        }
        Ok(self.llm.join(kind, analyses))
    }

    async fn piece(
        &self,
        source: Source<'_>,
        kind: &Kind,
        piece: &Piece,
        spent: &mut Usage,
    ) -> Result<Analysis, NoAnswer> {
        let mut request = piece.request.clone();
        let (mut failed, mut is_wider) = (0, false);
        let mut before: Option<String> = None;
        loop {
            let failure = match self.traffic.send(&request, spent).await {
                Ok(reply) => match self.llm.read(source, kind, piece, &reply.text) {
                    Ok(analysis) => return Ok(analysis),
                    Err(complaint) if request.repair.is_none() => {
                        before = Some(unusable(&complaint));
                        request.repair = Some(Repair {
                            answer: reply.text,
                            complaint: complaint.to_string(),
                        });
                        continue;
                    }
                    Err(complaint) => {
                        return Err(NoAnswer::Failed(unusable(&complaint)));
                    }
                },
                Err(Refusal::Stopped(stop)) => return Err(NoAnswer::Stopped(stop, before)),
                Err(Refusal::Failed(failure)) => failure,
            };
            match failure.class {
                class if class.ends_the_run() => return Err(self.end(&failure)),
                Class::Truncated if !is_wider => {
                    is_wider = true;
                    request.max_output_tokens = request.max_output_tokens.saturating_mul(2);
                }
                Class::Context => return Err(NoAnswer::TooLong(failure.message)),
                Class::Truncated => {
                    let why = format!(
                        "{}; rustassistant.maxOutputTokens says how many",
                        failure.message
                    );
                    return Err(NoAnswer::Failed(why));
                }
                class if class.is_passing() => {
                    failed += 1;
                    self.pass(&failure, failed).await?;
                }
                _ => return Err(NoAnswer::Failed(failure.message)),
            }
            before = Some(failure.message);
        }
    }

    /// Waits for a failure to pass.
    async fn pass(&self, failure: &Failure, failed: u32) -> Result<(), NoAnswer> {
        let message = &failure.message;
        if failed >= ATTEMPTS {
            let why = format!("{message} (sent {failed} times)");
            return Err(NoAnswer::Failed(why));
        }
        let wait = self
            .service
            .backoff
            .wait(failed, failure.retry_after, fastrand::f64());
        let Some(wait) = wait else {
            let asked = failure.retry_after.unwrap_or_default().as_secs();
            let why = format!("the provider asks to wait for {asked} seconds: {message}");
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

impl From<Skip> for NoAnswer {
    /// Nobody has left out what a window is too small for.
    fn from(skip: Skip) -> Self {
        match skip {
            Skip::ContextWindow { .. } => Self::Failed(skip.to_string()),
            skip => Self::Skipped(skip),
        }
    }
}

fn unusable(complaint: &Complaint) -> String {
    format!("the model's answer cannot be used: {complaint}")
}
