//! In what servers of one protocol differ. Not which server is which: that is `built_in`.

use super::{Protocol, built_in};

/// How a server is told what shape an answer must have, from the strictest down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Structured {
    /// The schema itself.
    Schema,
    /// A tool that must be called, whose input is the answer (Anthropic only).
    Tool,
    /// Any JSON object; the schema is in the prompt.
    Object,
    /// In the prompt alone.
    Prompt,
}

/// By what name Chat Completions takes the most tokens of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    MaxCompletionTokens,
    MaxTokens,
}

/// Where reasoning tokens are counted when a server gives no total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reasoning {
    /// They are part of the output.
    Within,
    /// They come on top of the output: xAI's Chat Completions.
    Beside,
}

/// What a server of a protocol has of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    pub structured: Structured,
    pub limit: Limit,
    pub reasoning: Reasoning,
}

impl Dialect {
    /// The built-in provider's own under its own protocol, else the one that most servers of the
    /// protocol understand.
    pub fn of(name: &str, protocol: Protocol) -> Self {
        let known = built_in(name).filter(|known| known.protocol == protocol);
        known.map_or_else(|| Self::usual(protocol), |known| known.dialect)
    }

    /// Compatible servers know `max_tokens` far more often than what took its place.
    pub(super) const fn usual(_protocol: Protocol) -> Self {
        Self {
            structured: Structured::Schema,
            limit: Limit::MaxTokens,
            reasoning: Reasoning::Within,
        }
    }
}
