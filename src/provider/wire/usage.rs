//! The counts of a provider as ours: input with what was cached, output with the reasoning. Every
//! field may be missing, and no subtraction goes below zero.

use serde_json::Value;

use crate::model::{Usd, nesting_depth};
use crate::provider::{Bill, Dialect, Reasoning, Tokens};

/// How a protocol names its counts.
pub(super) struct Names {
    pub input: &'static str,
    pub cached_input: &'static [&'static str],
    pub cache_write: &'static str,
    pub output: &'static str,
    pub reasoning: &'static str,
}

/// Counts of OpenAI's two protocols, which differ in names only.
pub(super) fn tokens(usage: &Value, names: &Names, dialect: Dialect) -> Tokens {
    let input = count(usage, names.input).unwrap_or(0);
    let reasoning = count(usage, names.reasoning).unwrap_or(0);
    let output = count(usage, names.output).unwrap_or(0);
    let output = match (count(usage, "/total_tokens"), dialect.reasoning) {
        // Whatever is in the total and not in the question is billed as output: xAI's Chat
        // Completions and Gemini leave their reasoning out of the completion.
        (Some(total), _) => output.max(total.saturating_sub(input)),
        (None, Reasoning::Beside) => output.saturating_add(reasoning),
        (None, Reasoning::Within) => output,
    };
    let mut cached = names.cached_input.iter().copied();
    let cached = cached.find_map(|at| count(usage, at)).unwrap_or(0);
    Tokens {
        input,
        cached_input: cached.min(input),
        cache_write: count(usage, names.cache_write).unwrap_or(0),
        output,
        reasoning,
    }
}

/// What a provider says of its counts, as it says it; nothing of what is no list of counts: an entry
/// that nests deeply or is long cannot be read again, and its answer would be paid for each time.
pub(super) fn kept(usage: &Value) -> Value {
    const DEEPEST: usize = 16;
    const LONGEST: usize = 4 << 10;
    let text = usage.to_string();
    if text.len() > LONGEST || nesting_depth(text.as_bytes()) > DEEPEST {
        Value::Null
    } else {
        usage.clone()
    }
}

/// The number at this place, if there is one. Some servers write whole numbers with a point.
pub(super) fn count(usage: &Value, pointer: &str) -> Option<u64> {
    let number = usage.pointer(pointer)?;
    number.as_u64().or_else(|| {
        let text = number.as_f64()?.to_string();
        text.parse().ok()
    })
}

/// What the provider says the request has cost.
pub(super) fn bill(usage: &Value, dialect: Dialect) -> Option<Usd> {
    if let Some(ticks) = count(usage, "/cost_in_usd_ticks") {
        return Some(Usd(ticks));
    }
    match dialect.bill {
        Bill::Ticks => None,
        Bill::Dollars => dollars(&usage.get("cost")?.as_f64()?.to_string()),
    }
}

/// Decimal dollars with any number of digits, rounded up to the next 10⁻¹⁰.
fn dollars(text: &str) -> Option<Usd> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let kept = fraction.get(..10).unwrap_or(fraction);
    let rest = fraction.get(10..).unwrap_or("");
    let up = u64::from(rest.bytes().any(|digit| digit != b'0'));
    let exact: Usd = format!("{whole}.{kept}").parse().ok()?;
    Some(exact.saturating_add(Usd(up)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_that_no_entry_could_hold_are_left_out() {
        let nested = (0..100).fold(json!(1), |inner, _| json!([inner]));
        for usage in [nested, json!("x".repeat(5_000))] {
            assert_eq!(kept(&usage), Value::Null);
        }
        assert_eq!(kept(&json!({"total": 110})), json!({"total": 110}));
    }

    #[test]
    fn a_bill_is_read_to_the_last_digit() {
        let dialect = Dialect {
            bill: Bill::Dollars,
            ..Dialect::USUAL
        };
        let read = |usage: Value| bill(&usage, dialect).map(|usd| usd.to_string());
        assert_eq!(read(json!({"cost": 0.00014})).as_deref(), Some("0.00014"));
        assert_eq!(read(json!({"cost": 0})).as_deref(), Some("0"));
        let rounded = read(json!({"cost": 1.000_000_000_01}));
        assert_eq!(rounded.as_deref(), Some("1.0000000001"));
        assert_eq!(read(json!({"cost": -1})), None);
        assert_eq!(read(json!({"cost": {"total_cost": 1}})), None);
        let ticks = json!({"cost_in_usd_ticks": 232_856_000, "cost": 7});
        assert_eq!(read(ticks).as_deref(), Some("0.0232856"));
        let usual = bill(&json!({"cost": 1}), Dialect::USUAL);
        assert_eq!(usual, None, "elsewhere `cost` may mean anything");
    }
}
