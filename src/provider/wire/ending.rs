//! How an answer ended, and what follows: the same for all protocols. Servers call the end of an
//! answer by many words: only what was cut off, declined or broken off is no answer; what an
//! unknown word means is told by whether the text fills the schema, which a half answer never does.

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
    /// Broken off, in the server's word.
    Broken(String),
    /// A word that says nothing known: the text has to speak for itself.
    Unknown(String),
}

impl Ending {
    /// What a word for the end of an answer means, in whatever case a server writes it.
    pub(super) fn of(word: &str) -> Self {
        let lower = word.to_ascii_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
        if WHOLE.contains(&lower.as_str()) {
            Self::Whole
        } else if has(&FILTERED) {
            Self::Filtered
        } else if has(&["resource", "overload"]) {
            Self::Overloaded
        } else if has(&["model_length", "context"]) {
            Self::ContextFull
        } else if has(&[
            "length",
            "max_tok",
            "max_output",
            "max_new_tok",
            "truncat",
            "limit",
        ]) {
            Self::Cut
        } else if has(&BROKEN) {
            Self::Broken(word.to_owned())
        } else {
            Self::Unknown(word.to_owned())
        }
    }
}

/// OpenAI's, Anthropic's, and those of text-generation-inference, vLLM and others.
const WHOLE: [&str; 11] = [
    "stop",
    "eos",
    "eos_token",
    "end_turn",
    "end_of_turn",
    "stop_sequence",
    "complete",
    "completed",
    "tool_calls",
    "tool_use",
    "function_call",
];

/// OpenAI's, Anthropic's and Gemini's, which adds its own after a colon.
const FILTERED: [&str; 7] = [
    "content_filter",
    "refusal",
    "safety",
    "recitation",
    "blocklist",
    "prohibited",
    "spii",
];

const BROKEN: [&str; 9] = [
    "error",
    "abort",
    "cancel",
    "fail",
    "pause",
    "in_progress",
    "queued",
    "incomplete",
    "load",
];

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
    /// For every ending but a whole one and one that nobody knows.
    pub(super) fn decide(self, request_id: Option<String>) -> Result<Reply, Box<Failure>> {
        let ending = self.ending;
        let reply = Reply {
            text: self.text,
            tokens: self.tokens,
            cost: self.cost,
            raw: self.raw,
            request_id,
            odd_end: match &ending {
                Ending::Unknown(word) => Some(Failure::line(word)),
                _ => None,
            },
        };
        let (class, message) = match ending {
            Ending::Whole | Ending::Unknown(_) => return Ok(reply),
            Ending::Refused(why) if why.trim().is_empty() => {
                (Class::Refused, "the model declines to answer".to_owned())
            }
            Ending::Refused(why) => (Class::Refused, format!("the model declines: {why}")),
            Ending::Filtered => (
                Class::Refused,
                "the provider's content filter blocked the answer".to_owned(),
            ),
            Ending::Cut => (
                Class::Truncated,
                "the answer was cut off at the limit of output tokens".to_owned(),
            ),
            Ending::ContextFull => (
                Class::Context,
                "input and output do not fit the model's context window".to_owned(),
            ),
            Ending::Overloaded => (
                Class::Overload,
                "the provider ran out of resources during the answer".to_owned(),
            ),
            Ending::Broken(word) => (
                Class::Protocol,
                format!("unexpected finish reason `{word}`"),
            ),
        };
        let mut failure = Failure::new(class, &message);
        failure.spent = Some(Box::new(reply));
        Err(Box::new(failure))
    }
}
