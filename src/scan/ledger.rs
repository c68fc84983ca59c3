//! What requests took, added up: tokens, and money in whole numbers. Not how a provider reports
//! either.

use serde_json::Value;

use super::budget::Amount;
use crate::model::{Cost, CostSource, Part, Usage, Usd};
use crate::provider::Reply;
use crate::provider::prices::Price;

/// What one reply took. The word of a provider that `bills` counts first, and anybody's where nobody
/// has named a price; else the price does. What the provider did not count has none.
pub fn usage(reply: &Reply, price: Option<&Price>, bills: bool) -> Usage {
    let tokens = &reply.tokens;
    let said = reply.cost.filter(|_| bills || price.is_none());
    let (usd, source) = match (said, by_price(reply, price)) {
        (Some(cost), _) => (Some(cost), CostSource::Provider),
        (None, Some(cost)) => (Some(cost), CostSource::Table),
        (None, None) => (None, CostSource::Unknown),
    };
    Usage {
        requests: 1,
        input_tokens: tokens.input,
        cached_input_tokens: tokens.cached_input,
        output_tokens: tokens.output,
        reasoning_tokens: tokens.reasoning,
        cost: Cost {
            usd,
            source,
            part: Part::of(usd),
        },
        raw: reply.raw.clone(),
    }
}

/// What a run has taken that has sent nothing yet.
pub const fn nothing() -> Usage {
    Usage {
        requests: 0,
        input_tokens: 0,
        cached_input_tokens: 0,
        output_tokens: 0,
        reasoning_tokens: 0,
        cost: Cost {
            usd: Some(Usd(0)),
            source: CostSource::Provider,
            part: Part {
                known: Usd(0),
                unpriced: 0,
            },
        },
        raw: Value::Null,
    }
}

/// What a request has taken that was cut off while it was answered: nobody knows.
pub fn unknown() -> Usage {
    Usage {
        cost: Cost {
            usd: None,
            source: CostSource::Unknown,
            part: Part::of(None),
        },
        ..nothing()
    }
}

/// What providers report of all requests of an entry, in bytes.
const LONGEST_LIST: usize = 16 << 10;

/// Both together. An unknown cost makes the whole unknown; the reports of several requests
/// become a list, as far as an entry has room for it.
pub fn add(sum: &mut Usage, more: &Usage) {
    sum.raw = match (sum.raw.take(), &more.raw) {
        (Value::Null, raw) => raw.clone(),
        (sum, raw) if sum.to_string().len() + raw.to_string().len() > LONGEST_LIST => sum,
        (Value::Array(mut list), raw) => {
            list.push(raw.clone());
            Value::Array(list)
        }
        (first, raw) => Value::Array(vec![first, raw.clone()]),
    };
    count(sum, more);
}

/// As [`add`], without what the providers reported: a run's sum would grow without end.
pub fn count(sum: &mut Usage, more: &Usage) {
    sum.requests = sum.requests.saturating_add(more.requests);
    for (sum, more) in [
        (&mut sum.input_tokens, more.input_tokens),
        (&mut sum.cached_input_tokens, more.cached_input_tokens),
        (&mut sum.output_tokens, more.output_tokens),
        (&mut sum.reasoning_tokens, more.reasoning_tokens),
    ] {
        *sum = sum.saturating_add(more);
    }
    let mut part = sum.cost.part();
    part += more.cost.part();
    sum.cost = Cost {
        usd: part.whole(),
        source: weaker(sum.cost.source, more.cost.source),
        part,
    };
}

fn weaker(one: CostSource, other: CostSource) -> CostSource {
    let weakness = [CostSource::Unknown, CostSource::Table, CostSource::Provider];
    let is_one = |source: &CostSource| *source == one || *source == other;
    weakness.into_iter().find(is_one).unwrap_or(one)
}

fn by_price(reply: &Reply, price: Option<&Price>) -> Option<Usd> {
    let price = price.filter(|_| reply.tokens.are_counted())?;
    Some(price.cost(&reply.tokens))
}

/// What a budget counts of a reply: the larger of what its provider says and what its price says.
pub fn amount(reply: &Reply, price: Option<&Price>) -> Amount {
    let tokens = &reply.tokens;
    Amount {
        tokens: tokens.input.saturating_add(tokens.output),
        cost: reply.cost.max(by_price(reply, price)).unwrap_or(Usd(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Tokens;
    use crate::provider::prices::Prices;
    use serde_json::json;

    fn reply(cost: Option<&str>) -> Reply {
        Reply {
            text: String::new(),
            tokens: Tokens {
                input: 100,
                cached_input: 40,
                output: 10,
                reasoning: 3,
                ..Tokens::default()
            },
            cost: cost.map(|cost| cost.parse().unwrap()),
            raw: json!({"total": 110}),
            request_id: None,
            odd_end: None,
        }
    }

    #[test]
    fn what_is_reported_of_many_requests_is_bounded() {
        let mut sum = nothing();
        for _ in 0..134 {
            let raw = json!({"x": "y".repeat(4_000)});
            let reply = Reply { raw, ..reply(None) };
            add(&mut sum, &usage(&reply, None, false));
        }
        assert!(sum.raw.to_string().len() <= LONGEST_LIST);
        assert_eq!((sum.raw.as_array().unwrap().len(), sum.requests), (4, 134));
    }

    #[test]
    fn the_providers_word_counts_and_the_unknown_stays_unknown() {
        let mut sum = nothing();
        add(&mut sum, &usage(&reply(Some("0.25")), None, false));
        assert_eq!(sum.cost.source, CostSource::Provider);
        assert_eq!(sum.raw, json!({"total": 110}));
        add(&mut sum, &usage(&reply(Some("0.5")), None, false));
        assert_eq!(sum.cost.usd, Some("0.75".parse().unwrap()));
        assert_eq!(
            (sum.requests, sum.input_tokens, sum.reasoning_tokens),
            (2, 200, 6)
        );
        assert_eq!(sum.raw, json!([{"total": 110}, {"total": 110}]));
        add(&mut sum, &usage(&reply(None), None, false));
        assert_eq!((sum.cost.usd, sum.cost.source), (None, CostSource::Unknown));
        assert_eq!(sum.input_tokens + sum.output_tokens, 330);
    }

    #[test]
    fn a_price_counts_for_more_than_what_any_server_says_and_a_budget_takes_the_larger() {
        let prices = Prices::built_in();
        let price = prices.find("xai", "grok-4.7");
        let by_price = price.unwrap().cost(&reply(None).tokens);
        let taken = |cost, bills| {
            let reply = reply(Some(cost));
            let usage = usage(&reply, price, bills);
            (
                usage.cost.usd,
                usage.cost.source,
                amount(&reply, price).cost,
            )
        };
        let (table, own) = (CostSource::Table, CostSource::Provider);
        assert_eq!(taken("0", false), (Some(by_price), table, by_price));
        assert_eq!(taken("0", true), (Some(Usd(0)), own, by_price));
        let (much, dear) = ("3", "3".parse().unwrap());
        assert_eq!(taken(much, false), (Some(by_price), table, dear));
        assert_eq!(taken(much, true), (Some(dear), own, dear));
        // What a server does not count has no price, whatever it says.
        let mut uncounted = reply(Some("0"));
        uncounted.tokens.input = 0;
        assert_eq!(usage(&uncounted, price, false).cost.usd, None);
    }
}
