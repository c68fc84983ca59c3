//! Why there is no answer, by what can be done about it.

use std::fmt;
use std::time::Duration;

use super::reply::Reply;

/// What can be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The key is missing, wrong or not allowed to: stop, ask nobody again.
    Key,
    /// Out of credit or over a spending limit: stop.
    Credit,
    /// Too many requests or tokens a minute: wait, go slower.
    RateLimit,
    /// The provider or the way to it is in trouble: try again.
    Overload,
    /// No answer in time: try again.
    Timeout,
    /// The question is too long for the model: split it, or leave it.
    Context,
    /// The model or the provider declines: never an answer, never stored.
    Refused,
    /// The answer was cut off: once more with room, then give up.
    Truncated,
    /// The provider does not understand the request: stop, say what to change.
    Request,
    /// What came back is not what the protocol says.
    Protocol,
}

impl Class {
    /// Is the same request worth another attempt?
    pub const fn is_passing(self) -> bool {
        matches!(
            self,
            Self::RateLimit | Self::Overload | Self::Timeout | Self::Protocol
        )
    }

    /// Would every other request of the run fail alike?
    pub const fn ends_the_run(self) -> bool {
        matches!(self, Self::Key | Self::Credit | Self::Request)
    }
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub struct Failure {
    pub class: Class,
    /// For people, in one line, with nothing secret in it and no control characters.
    pub message: String,
    /// What the provider asks to wait.
    pub retry_after: Option<Duration>,
    /// What was paid for all the same: a refusal, an answer that was cut off.
    pub spent: Option<Box<Reply>>,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
