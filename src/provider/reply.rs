//! What a model answered, in no protocol's words.

use serde_json::Value;

use crate::model::Usd;

/// One answer that was not refused, filtered or cut off, as far as the provider says. Whether it can
/// be used is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub text: String,
    pub tokens: Tokens,
    /// What the provider says it cost.
    pub cost: Option<Usd>,
    /// The provider's report of the tokens, word for word. Null if it made none, or one
    /// that no entry could hold.
    pub raw: Value,
    /// The provider's id of the request, for its support.
    pub request_id: Option<String>,
    /// The provider's word for how the answer ended, where nobody knows it.
    pub odd_end: Option<String>,
}

/// Tokens of one request. Input includes cached input and what was written to a cache; output
/// includes reasoning. The source of each is docs/providers.md.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    pub input: u64,
    pub cached_input: u64,
    pub cache_write: u64,
    pub output: u64,
    pub reasoning: u64,
}

impl Tokens {
    /// Did the provider count both sides? No request and no answer is nothing.
    pub const fn are_counted(&self) -> bool {
        self.input > 0 && self.output > 0
    }
}
