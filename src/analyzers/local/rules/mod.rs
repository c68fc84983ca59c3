//! The rules there are, of all kinds: what they are called and what they mean. Not how findings
//! are made: for kind `refactor` that is one file a rule, below; the other kinds make their own.

mod case;
mod catalogue;
mod cognitive_complexity;
mod complex_conditional;
mod cyclomatic_complexity;
mod dead_code;
mod dead_function;
mod deep_nesting;
mod duplicated_code;
mod examples;
mod ignored_result;
mod large_module;
mod long_function;
mod long_parameter_list;
mod primitive_obsession;
mod swallowed_error;
#[cfg(test)]
mod testing;
mod unsafe_unwrap;

pub use case::{Case, Function, Standing};
pub use catalogue::RULES;
pub use examples::{Example, example_of};

use crate::model::{About, Finding, Kind, Level};

/// One check with a stable name.
#[derive(Clone, Debug)]
pub struct Rule {
    /// As findings and suppressions name it: `long-function`.
    pub id: &'static str,
    /// The kind whose analyses hold it.
    pub kind: Kind,
    /// The highest level that it has.
    pub level: Level,
    /// What its findings are about.
    pub about: About,
    /// What it takes to resolve one finding, in minutes: an estimate.
    pub minutes: i64,
    /// One line for people, without a period.
    pub help: &'static str,
    /// What it reports, what it leaves alone and why it matters.
    pub details: &'static str,
}

/// The rule of this name.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// What one rule finds in a file.
type Check = fn(&Case<'_>) -> Vec<Finding>;

/// The rules of kind `refactor`.
const CHECKS: &[Check] = &[
    cognitive_complexity::check,
    complex_conditional::check,
    cyclomatic_complexity::check,
    dead_code::check,
    deep_nesting::check,
    duplicated_code::check,
    ignored_result::check,
    large_module::check,
    long_function::check,
    long_parameter_list::check,
    primitive_obsession::check,
    swallowed_error::check,
    unsafe_unwrap::check,
];

/// All that the rules of kind `refactor` find, in no order.
pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    CHECKS.iter().flat_map(|check| check(case)).collect()
}
