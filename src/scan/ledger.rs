//! What requests took, added up: tokens, and money in whole numbers. Not how a provider reports
//! either.

use serde_json::Value;

use super::budget::Amount;
use crate::model::{Cost, CostSource, Part, Usage, Usd, nesting_depth};
use crate::provider::Reply;
use crate::provider::prices::Price;

/// What one reply took: the provider's word on the cost, else the table's, else nobody's. What the
/// provider did not count has no price in the table.
pub fn usage(reply: &Reply, price: Option<&Price>) -> Usage {
    let tokens = &reply.tokens;
    let price = price.filter(|_| tokens.are_counted());
    let by_table = || price.map(|price| price.cost(tokens));
    let (usd, source) = match (reply.cost, by_table()) {
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
        raw: kept(&reply.raw),
    }
}

/// What a provider says of its counts, as it says it; nothing of what is no list of counts: an entry
/// that nests deeply or is long cannot be read again, and its answer would be paid for each time.
fn kept(raw: &Value) -> Value {
    const DEEPEST: usize = 16;
    const LONGEST: usize = 4 << 10;
    let text = raw.to_string();
    match text.len() > LONGEST || nesting_depth(text.as_bytes()) > DEEPEST {
        true => Value::Null,
        false => raw.clone(),
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

/// What a budget counts of it.
pub const fn amount(usage: &Usage) -> Amount {
    Amount {
        tokens: usage.input_tokens.saturating_add(usage.output_tokens),
        cost: match usage.cost.usd {
            Some(usd) => usd,
            None => Usd(0),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Tokens;
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
    fn counts_that_no_entry_could_hold_are_left_out_and_the_rest_is_kept() {
        let nested = (0..100).fold(json!(1), |inner, _| json!([inner]));
        for raw in [nested, json!("x".repeat(5_000))] {
            let reply = Reply {
                raw,
                ..reply(Some("0.25"))
            };
            let usage = usage(&reply, None);
            assert_eq!((usage.raw, usage.input_tokens), (Value::Null, 100));
        }
    }

    #[test]
    fn what_is_reported_of_many_requests_is_bounded() {
        let mut sum = nothing();
        for _ in 0..134 {
            let raw = json!({"x": "y".repeat(4_000)});
            let reply = Reply { raw, ..reply(None) };
            add(&mut sum, &usage(&reply, None));
        }
        assert!(sum.raw.to_string().len() <= LONGEST_LIST);
        assert_eq!((sum.raw.as_array().unwrap().len(), sum.requests), (4, 134));
    }

    #[test]
    fn the_providers_word_counts_and_the_unknown_stays_unknown() {
        let mut sum = nothing();
        add(&mut sum, &usage(&reply(Some("0.25")), None));
        assert_eq!(sum.cost.source, CostSource::Provider);
        assert_eq!(sum.raw, json!({"total": 110}));
        add(&mut sum, &usage(&reply(Some("0.5")), None));
        assert_eq!(sum.cost.usd, Some("0.75".parse().unwrap()));
        assert_eq!(
            (sum.requests, sum.input_tokens, sum.reasoning_tokens),
            (2, 200, 6)
        );
        assert_eq!(sum.raw, json!([{"total": 110}, {"total": 110}]));
        add(&mut sum, &usage(&reply(None), None));
        assert_eq!((sum.cost.usd, sum.cost.source), (None, CostSource::Unknown));
        assert_eq!(amount(&sum).tokens, 330);
    }
}
