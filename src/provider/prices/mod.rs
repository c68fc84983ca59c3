//! What tokens cost: a dated table that the user can put lines before. Not what a provider says
//! itself, which counts for more.

mod table;

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

impl Rates {
    /// Without any rebate or surcharge for a cache.
    pub const fn new(input: Usd, output: Usd) -> Self {
        Self {
            input,
            cached_input: input,
            cache_write: input,
            output,
        }
    }
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
    /// A name, or with a `*` at its end the beginning of names: `grok-4.7-*`.
    pub model: String,
    /// The day on which the source said so: `2026-10-17`. Empty where a price does not age (one's
    /// own machine), or the user gave it without a day.
    pub as_of: String,
    pub source: String,
    pub rates: Rates,
    /// By rising limits.
    pub tiers: Vec<Tier>,
    /// Tokens that question and answer may take together.
    pub context_window: Option<u64>,
}

impl Price {
    /// What a request costs: exact, and rounded up to the next 10⁻¹⁰ US dollars. A tier holds for
    /// the whole request, not only for what is above its limit.
    pub fn cost(&self, tokens: &Tokens) -> Usd {
        let rates = self.rates_for(tokens.input);
        let cached = tokens.cached_input.min(tokens.input);
        let written = tokens.cache_write.min(tokens.input - cached);
        let plain = tokens.input - cached - written;
        let parts = [
            (plain, rates.input),
            (cached, rates.cached_input),
            (written, rates.cache_write),
            (tokens.output, rates.output),
        ];
        let product = |(count, rate): (u64, Usd)| u128::from(count) * u128::from(rate.0);
        let total = parts.map(product).into_iter().fold(0, u128::saturating_add);
        Usd(u64::try_from(total.div_ceil(1_000_000)).unwrap_or(u64::MAX))
    }

    /// The rates of a request with so many tokens of input.
    pub fn rates_for(&self, input_tokens: u64) -> Rates {
        let reached = |tier: &&Tier| tier.min_input_tokens <= input_tokens;
        let tier = self.tiers.iter().filter(reached);
        let highest = tier.max_by_key(|tier| tier.min_input_tokens);
        highest.map_or(self.rates, |tier| tier.rates)
    }

    /// How well the pattern fits a model: a name better than any pattern, a longer one better
    /// than a shorter. Nothing if it does not fit.
    fn fit(&self, provider: &str, model: &str) -> Option<usize> {
        if self.provider != provider {
            return None;
        }
        match self.model.strip_suffix('*') {
            Some(beginning) => model.starts_with(beginning).then_some(beginning.len()),
            None => (self.model == model).then_some(usize::MAX),
        }
    }
}

/// All prices that are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    own: Vec<Price>,
    table: Vec<Price>,
}

impl Prices {
    /// The table that comes with the program.
    pub fn built_in() -> Self {
        Self {
            own: Vec::new(),
            table: table::table(),
        }
    }

    /// With the user's own prices, which beat every line of the table that fits the same model.
    #[must_use]
    pub fn with(mut self, own: Vec<Price>) -> Self {
        self.own.extend(own);
        self
    }

    /// The price of a model: the user's before the table's, the closest pattern first.
    pub fn find(&self, provider: &str, model: &str) -> Option<&Price> {
        [&self.own, &self.table].into_iter().find_map(|prices| {
            let fitting = prices
                .iter()
                .filter_map(|price| Some((price.fit(provider, model)?, price)));
            fitting.max_by_key(|(fit, _)| *fit).map(|(_, price)| price)
        })
    }

    /// The user's, then the table's.
    pub fn iter(&self) -> impl Iterator<Item = &Price> {
        self.own.iter().chain(&self.table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(model: &str, tokens: Tokens) -> String {
        let prices = Prices::built_in();
        let price = prices.find("xai", model).unwrap();
        price.cost(&tokens).to_string()
    }

    /// (10 120 × $2 + 4308 × $6) / 1 000 000, and 10 000 of the input for a quarter.
    #[test]
    fn a_cost_is_exact() {
        let tokens = Tokens {
            input: 10_120,
            output: 4308,
            reasoning: 2809,
            ..Tokens::default()
        };
        assert_eq!(cost("grok-4.7", tokens), "0.046088");
        let cached = Tokens {
            cached_input: 10_000,
            ..tokens
        };
        assert_eq!(cost("grok-4.7", cached), "0.031088");
        let one = Tokens {
            cached_input: 1,
            input: 1,
            ..Tokens::default()
        };
        assert_eq!(cost("grok-4.3", one), "0.0000002");
    }

    #[test]
    fn a_tier_begins_at_its_limit_and_holds_for_the_whole_request() {
        let input = |input| Tokens {
            input,
            ..Tokens::default()
        };
        assert_eq!(cost("grok-4.7", input(199_999)), "0.399998");
        assert_eq!(cost("grok-4.7", input(200_000)), "0.8");
    }

    #[test]
    fn impossible_counts_give_the_greatest_cost_and_no_panic() {
        let more_cached_than_asked = Tokens {
            input: 5,
            cached_input: 9,
            cache_write: 9,
            ..Tokens::default()
        };
        assert_eq!(cost("grok-4.7", more_cached_than_asked), "0.0000025");
        let all = Tokens {
            input: u64::MAX,
            cached_input: u64::MAX,
            cache_write: u64::MAX,
            output: u64::MAX,
            reasoning: u64::MAX,
        };
        assert_eq!(cost("grok-4.7", all), Usd(u64::MAX).to_string());
    }

    #[test]
    fn what_is_less_than_the_smallest_unit_is_rounded_up() {
        let price = Price {
            rates: Rates::new(Usd(1), Usd(0)),
            ..Prices::built_in().table.remove(0)
        };
        let one = Tokens {
            input: 1,
            ..Tokens::default()
        };
        assert_eq!(price.cost(&one), Usd(1));
    }

    #[test]
    fn the_users_price_comes_first_and_the_closest_pattern_wins() {
        let prices = Prices::built_in();
        let found = |model: &str| prices.find("openai", model).map(|p| p.model.as_str());
        assert_eq!(found("gpt-5.4"), Some("gpt-5.4"));
        assert_eq!(found("gpt-5.4-mini-2026-03-17"), Some("gpt-5.4-mini-20*"));
        assert_eq!(
            found("gpt-5.4-pro"),
            None,
            "a dearer model is not its little sister"
        );
        assert_eq!(found("grok-4.7"), None);
        let anything = Price {
            provider: "openai".to_owned(),
            model: "*".to_owned(),
            ..prices.table[0].clone()
        };
        let own = prices.clone().with(vec![anything]);
        assert_eq!(own.find("openai", "gpt-5.4").unwrap().model, "*");
        assert_eq!(own.iter().count(), prices.iter().count() + 1);
    }
}
