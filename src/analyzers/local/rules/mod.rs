//! The rules there are, of all kinds: what they are called and what they mean. Not how findings
//! are made: for kind `refactor` that is one file a rule, below; the other kinds make their own.

mod catalogue;
pub mod dead_code;
pub mod duplicated_code;

pub use catalogue::RULES;

use crate::model::{Kind, Level};

/// One check with a stable name.
#[derive(Clone, Debug)]
pub struct Rule {
    /// As findings and suppressions name it: `long-function`.
    pub id: &'static str,
    /// The kind whose analyses hold it.
    pub kind: Kind,
    /// The highest level that it has.
    pub level: Level,
    /// One line for people, without a period.
    pub help: &'static str,
    /// What it reports, what it leaves alone and why it matters.
    pub details: &'static str,
}

/// The rule of this name.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
