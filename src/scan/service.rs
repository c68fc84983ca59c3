//! A provider ready to be asked in a run, and with how much care. Not the asking.

use std::num::NonZeroUsize;

use super::budget::Limits;
use super::retry::Backoff;
use crate::analyzers::{Llm, Local};
use crate::provider::Client;
use crate::provider::prices::Price;

/// One provider and the conditions on which it is asked.
#[derive(Debug)]
pub struct Service {
    pub client: Client,
    /// What the model costs, if anybody has said so.
    pub price: Option<Price>,
    pub limits: Limits,
    /// The most requests at a time.
    pub concurrency: NonZeroUsize,
    pub backoff: Backoff,
    /// Where the key is from, for people: `the key in XAI_API_KEY`.
    pub key_origin: String,
}

/// Who answers in a run.
#[derive(Clone, Copy, Debug)]
pub enum Answerer<'a> {
    /// There is nothing to answer.
    Nobody,
    Local(&'a Local),
    Model(&'a Llm, &'a Service),
}

/// What is known of a provider when nobody is asked any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    /// Requests that were sent, with or without an answer.
    pub requests: u64,
    pub key: KeyVerdict,
}

/// What the provider made of the key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyVerdict {
    /// Nobody was asked, or nobody said.
    #[default]
    Unknown,
    Accepted,
    Refused,
}
