//! Why a question has no answer, by what kept it from one. Not how a provider words it: that is in
//! the text.

use std::fmt;

/// What kept a question from being answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The source could not be read.
    Source,
    /// The embedded analyzer gave no answer.
    Analyzer,
    /// What is judged keeps it from the provider, and what judges does not.
    Withheld,
    /// Another process has been at work on it for too long.
    Busy,
    /// The model, or its provider, declined.
    Refused,
    /// The answer was cut off.
    Truncated,
    /// The question is too long for the model.
    TooLong,
    /// The model answered, and the answer cannot be used.
    Unusable,
    /// The provider could not be reached, or was in trouble for too long.
    Provider,
    /// It failed twice in the same way, and is not asked again for a day.
    Repeated,
    /// The answer could not be written down.
    Store,
}

impl Cause {
    /// The word in machine formats.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Analyzer => "analyzer",
            Self::Withheld => "withheld",
            Self::Busy => "busy",
            Self::Refused => "refused",
            Self::Truncated => "truncated",
            Self::TooLong => "too-long",
            Self::Unusable => "unusable",
            Self::Provider => "provider",
            Self::Repeated => "repeated",
            Self::Store => "store",
        }
    }

    /// Was a model asked, so that asking again would cost the same and bring no more?
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::Refused | Self::Truncated | Self::Unusable)
    }
}

/// A question without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub cause: Cause,
    /// For people, a sentence without a period.
    pub why: String,
}

impl Failure {
    pub fn new(cause: Cause, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { cause, why }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.why)
    }
}
