//! What one text costs to ask about: requests, each about a range of its lines.

use std::ops::Range;

use crate::provider::Request;

/// One request about some lines of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub request: Request,
    /// The lines that it shows, from 1, the end exclusive.
    pub lines: Range<u32>,
}

/// What asking would take, before anything is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    pub requests: u64,
    /// From a few to many: nobody counts tokens before the model does.
    pub input_tokens: Range<u64>,
    /// At most.
    pub output_tokens: u64,
}
