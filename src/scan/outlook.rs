//! What asking a model about a plan would take: read from the files, nothing sent.

use std::collections::HashSet;
use std::ops::Range;

use super::examine;
use super::plan::Plan;
use super::question::Questions;
use crate::analyzers::{Llm, Source};
use crate::git::Repo;

/// Requests and tokens ahead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Distinct texts.
    pub files: u64,
    pub requests: u64,
    pub input_tokens: Range<u64>,
    /// At most.
    pub output_tokens: u64,
}

/// What asking `llm` about the units of `plan` would take. What is skipped for its content takes
/// nothing.
pub fn outlook(repo: &Repo, plan: &Plan, llm: &Llm, questions: &Questions, limit: u64) -> Outlook {
    let mut sum = Outlook::default();
    let mut files = HashSet::new();
    for unit in &plan.units {
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
