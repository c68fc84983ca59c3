//! How an answer ended, and what follows: the same for all protocols.

use serde_json::Value;

use crate::model::Usd;
use crate::provider::{Class, Failure, Reply, Tokens};

/// How a model came to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Whole,
    /// The model declines, in these words if it has any.
    Refused(String),
    /// The provider keeps the answer back.
    Filtered,
    /// The most tokens of an answer were not enough.
    Cut,
    /// The model's context was not enough.
    ContextFull,
    /// Too much to do at the provider.
    Overloaded,
    /// Any other end, in the protocol's word.
    Other(String),
}

/// What an answer says, in no protocol's words.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub text: String,
    pub ending: Ending,
    pub tokens: Tokens,
    pub cost: Option<Usd>,
    pub raw: Value,
}

impl Said {
    /// A reply if the answer is whole, else the failure with what was spent.
    ///
    /// # Errors
    /// For every ending but a whole one.
    pub(super) fn decide(self, request_id: Option<String>) -> Result<Reply, Box<Failure>> {
        let ending = self.ending;
        let reply = Reply {
            text: self.text,
            tokens: self.tokens,
            cost: self.cost,
            raw: self.raw,
            request_id,
        };
        let (class, message) = match ending {
            Ending::Whole => return Ok(reply),
            Ending::Refused(why) if why.trim().is_empty() => {
                (Class::Refused, "the model declines to answer".to_owned())
            }
            Ending::Refused(why) => (Class::Refused, format!("the model declines: {why}")),
            Ending::Filtered => (
                Class::Refused,
                "the provider's content filter keeps the answer back".to_owned(),
            ),
            Ending::Cut => (
                Class::Truncated,
                "the answer was cut off at the most tokens that it may have".to_owned(),
            ),
            Ending::ContextFull => (
                Class::Context,
                "question and answer do not fit the model's context window".to_owned(),
            ),
            Ending::Overloaded => (
                Class::Overload,
                "the provider ran out of resources in the middle of the answer".to_owned(),
            ),
            Ending::Other(word) => (
                Class::Protocol,
                format!("the answer ended with `{word}`, which is no end of an answer"),
            ),
        };
        let mut failure = Failure::new(class, &message);
        failure.spent = Some(Box::new(reply));
        Err(Box::new(failure))
    }
}
