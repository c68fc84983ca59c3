//! The table of prices that comes with the program: `table.json`, read. Its dates and sources are
//! part of it.

use serde::Deserialize;

use super::{Price, Rates, Tier};
use crate::model::Usd;

/// The lines of the table, one for each pattern of model names.
pub(super) fn table() -> Vec<Price> {
    let rows: Vec<Row> = serde_json::from_str(include_str!("table.json"))
        .expect("the table is part of the program and a test reads it");
    rows.into_iter().flat_map(Row::prices).collect()
}

/// What one page of a provider says of models at the same price. Dollars for a million tokens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    provider: String,
    models: Vec<String>,
    as_of: String,
    source: String,
    input: Usd,
    cached_input: Option<Usd>,
    cache_write: Option<Usd>,
    output: Usd,
    context_window: Option<u64>,
    #[serde(default)]
    tiers: Vec<RowTier>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowTier {
    min_input_tokens: u64,
    input: Usd,
    cached_input: Option<Usd>,
    cache_write: Option<Usd>,
    output: Usd,
}

impl Row {
    fn prices(self) -> Vec<Price> {
        let rates = rates(self.input, self.cached_input, self.cache_write, self.output);
        let tiers: Vec<Tier> = self.tiers.iter().map(RowTier::tier).collect();
        let price = |model| Price {
            provider: self.provider.clone(),
            model,
            as_of: self.as_of.clone(),
            source: self.source.clone(),
            rates,
            tiers: tiers.clone(),
            context_window: self.context_window,
        };
        self.models.into_iter().map(price).collect()
    }
}

impl RowTier {
    fn tier(&self) -> Tier {
        Tier {
            min_input_tokens: self.min_input_tokens,
            rates: rates(self.input, self.cached_input, self.cache_write, self.output),
        }
    }
}

/// A rebate that nobody told us of is not counted on.
fn rates(input: Usd, cached: Option<Usd>, write: Option<Usd>, output: Usd) -> Rates {
    let plain = Rates::new(input, output);
    Rates {
        cached_input: cached.unwrap_or(plain.cached_input),
        cache_write: write.unwrap_or(plain.cache_write),
        ..plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{BUILT_IN, built_in};

    #[test]
    fn every_line_is_dated_or_free_and_of_a_known_provider() {
        for price in table() {
            assert!(built_in(&price.provider).is_some(), "{price:?}");
            let date: Result<jiff::civil::Date, _> = price.as_of.parse();
            let is_free = price.rates == Rates::default();
            assert_eq!(date.is_err(), is_free, "{price:?}");
            assert!(!price.source.is_empty(), "{price:?}");
            let Rates {
                input,
                cached_input,
                output,
                ..
            } = price.rates;
            assert!(cached_input <= input && input <= output, "{price:?}");
            let limits = price.tiers.iter().map(|tier| tier.min_input_tokens);
            assert!(limits.is_sorted(), "{price:?}");
        }
    }

    #[test]
    fn no_pattern_is_there_twice() {
        let mut patterns: Vec<_> = table().into_iter().map(|p| (p.provider, p.model)).collect();
        let all = patterns.len();
        patterns.sort();
        patterns.dedup();
        assert_eq!(patterns.len(), all);
    }

    #[test]
    fn every_default_model_has_a_price() {
        let prices = super::super::Prices::built_in();
        for known in BUILT_IN {
            if let Some(model) = known.model {
                assert!(prices.find(known.name, model).is_some(), "{model}");
            }
        }
    }
}
