//! One question to one language model, one answer, its usage. The only room that knows HTTP.
//!
//! Not here: prompts and what an answer must say (analyzers), retries, budgets and how many
//! questions are asked at a time (scan), where keys come from (cli).

mod failure;
mod reply;
mod request;

pub use failure::{Class, Failure};
pub use reply::{Reply, Tokens};
pub use request::{Repair, Request};
