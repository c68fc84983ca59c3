//! What one rule finds in a text, for the tests of rules.

use super::case::Case;
use crate::analyzers::local::subject::Subject;
use crate::analyzers::local::thresholds::Thresholds;
use crate::model::{Finding, Language};

pub fn found(check: fn(&Case<'_>) -> Vec<Finding>, text: &str, language: Language) -> Vec<Finding> {
    let subject = Subject::parse(text.as_bytes(), language).unwrap();
    check(&Case::of(&subject, &Thresholds::default()))
}

/// The lines that one rule finds something on, in a text of Rust.
pub fn lines(check: fn(&Case<'_>) -> Vec<Finding>, text: &str) -> Vec<u32> {
    let findings = found(check, text, Language::Rust);
    findings.iter().map(|finding| finding.start_line).collect()
}
