//! In what servers of one protocol differ. Not which server is which: that is `built_in`.

use super::{Protocol, built_in};

/// How a server is told what shape an answer must have, from the strictest down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Structured {
    /// The schema itself.
    Schema,
    /// A tool that must be called, whose input is the answer. Anthropic only.
    Tool,
    /// Any JSON object; the schema is in the prompt. Not Anthropic.
    Object,
    /// In the prompt alone.
    Prompt,
}

impl Structured {
    /// What is tried when a server does not know this.
    pub(super) const fn next(self, protocol: Protocol) -> Option<Self> {
        match (self, protocol) {
            (Self::Schema, Protocol::Anthropic) => Some(Self::Tool),
            (Self::Schema, _) => Some(Self::Object),
            (Self::Tool | Self::Object, _) => Some(Self::Prompt),
            (Self::Prompt, _) => None,
        }
    }
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

/// What a server says that a request has cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bill {
    /// Nothing, or `cost_in_usd_ticks`, which can mean one thing only.
    Ticks,
    /// `cost`, a decimal number of US dollars: OpenRouter.
    Dollars,
}

/// What a server of a protocol has of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    pub structured: Structured,
    pub limit: Limit,
    pub reasoning: Reasoning,
    pub bill: Bill,
}

impl Dialect {
    /// What asks least of a server. Compatible servers know `max_tokens` far more often than what
    /// took its place.
    pub const USUAL: Self = Self {
        structured: Structured::Schema,
        limit: Limit::MaxTokens,
        reasoning: Reasoning::Within,
        bill: Bill::Ticks,
    };

    /// The built-in provider's own, else the usual one.
    pub fn of(name: &str) -> Self {
        built_in(name).map_or(Self::USUAL, |known| known.dialect)
    }
}
