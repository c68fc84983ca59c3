//! One question to one language model, one answer, its usage. The only room that knows HTTP.
//!
//! Not here: prompts and what an answer must say (analyzers), retries, budgets and how many
//! questions are asked at a time (scan), where keys come from (cli).

mod built_in;
mod client;
mod connection;
mod dialect;
mod endpoint;
mod failure;
mod key;
pub mod prices;
mod reply;
mod request;
mod trust;
mod wire;

pub use built_in::{BUILT_IN, BuiltIn, built_in};
pub use client::{Client, EndpointError};
pub use dialect::{Bill, Dialect, Limit, Reasoning, Structured};
pub use endpoint::{Endpoint, Protocol, host};
pub use failure::{Class, Failure, Stated};
pub use key::Key;
pub use reply::{Reply, Tokens};
pub use request::{Repair, Request};
pub use wire::{Manner, understand};
