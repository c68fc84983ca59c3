//! What is left out of an analysis that is longer than an entry may be: what matters least. Not how
//! long that is.

use super::reading;
use crate::model::{Analysis, Level, MAX_TEXT_BYTES, pretty};

/// The longest words about it, in bytes.
const WORDS: usize = 200;

/// Leaves out of `analysis` so much that it has at least `excess` bytes less, as far as that goes,
/// and says so in its summary: notes, then suggestions, then warnings, then errors, each from its
/// end.
pub fn leave_out(analysis: &mut Analysis, excess: usize) {
    let mut excess = excess.saturating_add(WORDS);
    let (mut findings, mut suggestions) = (0_usize, 0_usize);
    for level in [Level::Note, Level::Warning, Level::Error] {
        let mut kept = Vec::with_capacity(analysis.findings.len());
        for finding in std::mem::take(&mut analysis.findings).into_iter().rev() {
            if excess == 0 || finding.level != level {
                kept.push(finding);
            } else {
                excess = excess.saturating_sub(pretty(&finding).map_or(0, |text| text.len()));
                findings += 1;
            }
        }
        kept.reverse();
        analysis.findings = kept;
        while excess > 0
            && let Some(suggestion) = analysis.suggestions.pop()
        {
            excess = excess.saturating_sub(pretty(&suggestion).map_or(0, |text| text.len()));
            suggestions += 1;
        }
    }
    reading::count(&analysis.findings, &mut analysis.metrics);
    let summary = &mut analysis.summary;
    summary.truncate(summary.floor_char_boundary(MAX_TEXT_BYTES - WORDS));
    summary.push_str(&format!(
        " (More than can be stored: {findings} findings and {suggestions} suggestions that matter \
         least are left out.)"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Finding, Suggestion};

    fn finding(line: u32, level: Level) -> Finding {
        Finding {
            start_line: line,
            start_column: 1,
            end_line: line,
            end_column: 2,
            rule: "other".into(),
            level,
            item: None,
            title: "t".into(),
            message: "m".repeat(1000),
            suggestion: None,
            confidence: None,
            anchor: "a".into(),
            about: crate::model::About::Text,
            roles: crate::model::Roles::EVERY,
            details: [].into(),
        }
    }

    fn analysis() -> Analysis {
        let levels = [Level::Note, Level::Warning, Level::Error];
        Analysis {
            summary: "Long.".into(),
            findings: (1..31)
                .map(|line| finding(line, levels[line as usize % 3]))
                .collect(),
            suggestions: vec![Suggestion {
                title: "s".into(),
                detail: "d".repeat(1000),
                effort_minutes: None,
            }],
            ..Analysis::default()
        }
    }

    #[test]
    fn what_matters_least_goes_first_and_the_summary_says_so() {
        let bytes = |analysis: &Analysis| pretty(analysis).unwrap().len();
        for excess in [1, 3_000, 12_000, 22_000] {
            let mut left = analysis();
            leave_out(&mut left, excess);
            assert!(bytes(&left) + excess <= bytes(&analysis()), "{excess}");
            assert!(left.summary.starts_with("Long. (More than can be stored: "));
            assert!(left.findings.is_sorted());
            let of = |level| left.findings.iter().filter(|f| f.level == level).count();
            assert_eq!(left.metrics["notes"], of(Level::Note) as i64);
            assert_eq!(of(Level::Error), 10, "{excess}");
            assert!(of(Level::Warning) == 10 || of(Level::Note) == 0);
        }
        let mut none = analysis();
        leave_out(&mut none, usize::MAX);
        assert!(none.findings.is_empty() && none.suggestions.is_empty());
    }
}
