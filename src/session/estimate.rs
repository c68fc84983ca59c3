//! Formats an estimate of requests, tokens and cost.

use crate::report::{count, grouped, money};
use crate::scan::CostEstimate;

/// `12 requests; 31,000 to 90,000 tokens in, up to 196,608 out; $0.06 to $1.35`.
pub fn words(outlook: &CostEstimate) -> String {
    let (least, most) = (outlook.input_tokens.start, outlook.input_tokens.end);
    let cost = match outlook.cost {
        Some((from, to)) if from != to => format!("{} to {}", money(Some(from)), money(Some(to))),
        cost => money(cost.map(|(_, to)| to)),
    };
    let likely = outlook.likely.map_or(String::new(), |likely| {
        let likely = money(Some(likely));
        format!(", likely about {likely}")
    });
    format!(
        "{}; {} to {} tokens in, up to {} out; {cost}{likely}",
        count(outlook.requests, "request"),
        grouped(least),
        grouped(most),
        grouped(outlook.output_tokens),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_price_is_a_question_mark() {
        let outlook = CostEstimate {
            files: 2,
            requests: 2,
            input_tokens: 1_000..3_000,
            output_tokens: 32_768,
            cost: None,
            likely: None,
        };
        insta::assert_snapshot!(words(&outlook), @"2 requests; 1,000 to 3,000 tokens in, up to 32,768 out; $?");
    }
}
