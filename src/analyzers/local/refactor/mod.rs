//! The kind `refactor`: code that is worth restructuring, as far as its structure shows.

use super::rules::{dead_code, duplicated_code};
use super::subject::Subject;
use super::thresholds::Thresholds;
use crate::model::{Analysis, Finding, MAX_FINDINGS};

type Check = fn(&Subject<'_>, &Thresholds) -> Vec<Finding>;

/// The rules of this kind, a file each.
const CHECKS: &[Check] = &[dead_code::findings, duplicated_code::findings];

/// The smells of a file.
pub fn answer(subject: &Subject<'_>, thresholds: &Thresholds) -> Analysis {
    let checks = CHECKS.iter();
    let mut findings: Vec<Finding> = checks
        .flat_map(|check| check(subject, thresholds))
        .collect();
    findings.sort();
    findings.truncate(MAX_FINDINGS);
    Analysis {
        findings,
        ..Analysis::default()
    }
}
