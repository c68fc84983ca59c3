//! The kind `refactor`: code that is worth restructuring, as far as its structure shows.

use super::rules::{self, Case};
use super::subject::Subject;
use super::thresholds::Thresholds;
use crate::model::{Analysis, MAX_FINDINGS};

/// The smells of a file.
pub fn answer(subject: &Subject<'_>, thresholds: &Thresholds) -> Analysis {
    let case = Case::of(subject, thresholds);
    let mut findings = rules::findings(&case);
    findings.sort();
    findings.truncate(MAX_FINDINGS);
    Analysis {
        findings,
        ..Analysis::default()
    }
}
