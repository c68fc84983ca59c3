//! A provider ready to be asked in a run, and with how much care. Not the asking.

use std::num::NonZeroUsize;

use super::budget::Budget;
use super::learned::Learned;
use super::retry::Backoff;
use super::token_ratio::TokenRatio;
use crate::analyzers::{Llm, Local};
use crate::provider::Client;
use crate::provider::prices::Price;

/// One provider and the conditions on which it is asked.
#[derive(Debug)]
pub struct Service {
    pub client: Client,
    /// What the model costs, if anybody has said so.
    pub price: Option<Price>,
    /// The most requests at a time.
    pub concurrency: NonZeroUsize,
    pub backoff: Backoff,
    /// Where the key is from, for people: `the key in XAI_API_KEY`.
    pub key_origin: String,
}

/// Who answers some of a run's questions.
#[derive(Clone, Copy, Debug)]
pub enum Answerer<'a> {
    /// There is nothing to answer, or nobody has to.
    Nobody,
    /// Somebody who cannot be asked; why.
    Unready(&'a str),
    Local(&'a Local),
    Model(&'a Llm, &'a Service),
}

/// What is known of a provider when nobody is asked any more.
#[derive(Clone, Debug)]
pub struct Closing {
    /// With all that was spent.
    pub budget: Budget,
    pub key: KeyVerdict,
    /// Of the model's tokens, in this run.
    pub measured: TokenRatio,
    /// The limits that the provider has named in this run.
    pub learned: Learned,
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
