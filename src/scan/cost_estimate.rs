//! What asking a model about a plan would take: read from the files, nothing sent.

use std::collections::HashSet;
use std::ops::Range;

use super::examine;
use super::plan::Unit;
use super::question::Questions;
use crate::analyzers::llm::Estimate;
use crate::analyzers::{Llm, Source};
use crate::git::Repo;
use crate::model::Usd;
use crate::provider::Tokens;
use crate::provider::prices::Price;

/// Requests and tokens ahead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CostEstimate {
    /// Distinct texts.
    pub files: u64,
    pub requests: u64,
    pub input_tokens: Range<u64>,
    /// At most.
    pub output_tokens: u64,
    /// From the least to the most; `None` where no price is known.
    pub cost: Option<(Usd, Usd)>,
    /// By how long answers were in earlier runs, if any were.
    pub likely: Option<Usd>,
}

/// What asking `llm` about these units would take. What is skipped for its content takes
/// nothing.
pub fn cost_estimate(
    repo: &Repo,
    units: &[Unit],
    llm: &Llm,
    questions: &Questions,
    limit: u64,
    price: Option<&Price>,
) -> CostEstimate {
    let mut sum = CostEstimate {
        cost: price.map(|_| Default::default()),
        likely: price.and(llm.asked().answer_tokens).map(|_| Usd(0)),
        ..CostEstimate::default()
    };
    let mut files = HashSet::new();
    for unit in units {
        // What cannot be read is told when it is to be sent.
        let Ok(Ok(text)) = examine::read(repo, unit.blob, limit) else {
            continue;
        };
        let source = Source {
            text: &text,
            language: unit.language,
        };
        if llm.refuses(source).is_some() {
            continue;
        }
        for kind in &unit.kinds {
            let one = llm.estimate(source, &questions.kinds[*kind]);
            if let (Some(cost), Some(price)) = (&mut sum.cost, price) {
                let input = &one.input_tokens;
                cost.0 = cost.0.saturating_add(each(&one, price, input.start, 0));
                let most = each(&one, price, input.end, one.output_tokens);
                cost.1 = cost.1.saturating_add(most);
            }
            if let (Some(likely), Some(price), Some(tokens)) =
                (&mut sum.likely, price, llm.asked().answer_tokens)
            {
                let output = one.requests.saturating_mul(tokens);
                let input = one.input_tokens.start.midpoint(one.input_tokens.end);
                let output = output.min(one.output_tokens);
                *likely = likely.saturating_add(each(&one, price, input, output));
            }
            sum.requests += one.requests;
            sum.input_tokens.start += one.input_tokens.start;
            sum.input_tokens.end += one.input_tokens.end;
            sum.output_tokens += one.output_tokens;
            if one.requests > 0 {
                files.insert(unit.blob);
            }
        }
    }
    sum.files = files.len() as u64;
    sum
}

/// What all requests of `one` cost: prices may rise with the tokens of a single request.
fn each(one: &Estimate, price: &Price, input: u64, output: u64) -> Usd {
    let requests = one.requests.max(1);
    let cost = price.cost(&Tokens {
        input: input.div_ceil(requests),
        output: output.div_ceil(requests),
        ..Tokens::default()
    });
    Usd(cost.0.saturating_mul(requests))
}
