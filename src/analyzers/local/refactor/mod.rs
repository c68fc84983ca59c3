//! The kind `refactor`: code that is worth restructuring, as far as its structure shows.

mod score;

use score::Score;

use super::rules::{self, Case};
use super::subject::Subject;
use super::thresholds::Thresholds;
use crate::model::{Analysis, MAX_FINDINGS};

/// The smells of a file.
pub fn answer(subject: &Subject<'_>, thresholds: &Thresholds) -> Analysis {
    let case = Case::of(subject, thresholds);
    let mut findings = rules::findings(&case);
    let score = Score::of(&case);
    findings.sort();
    findings.truncate(MAX_FINDINGS);
    let metrics = [
        ("complexity", score.complexity),
        ("maintainability", score.maintainability),
    ];
    Analysis {
        metrics: metrics.map(|(name, value)| (name.to_owned(), value)).into(),
        findings,
        ..Analysis::default()
    }
}
