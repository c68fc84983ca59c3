//! One analysis of those of a text's parts. Not how a text is parted.

use std::collections::BTreeMap;

use super::reading;
use crate::model::{Analysis, MAX_FINDINGS, shorten};

/// Puts the analyses of all parts together, in the order of the parts: findings by place, each
/// once; summaries and documents one after the other; suggestions without repetition; numbers
/// summed.
pub fn join(analyses: Vec<Analysis>) -> Analysis {
    let mut joined = Analysis::default();
    let (mut summaries, mut documents) = (Vec::new(), Vec::new());
    for analysis in analyses {
        summaries.push(analysis.summary);
        documents.extend(analysis.document);
        joined.findings.extend(analysis.findings);
        add(&mut joined.metrics, analysis.metrics);
        for suggestion in analysis.suggestions {
            let known = joined
                .suggestions
                .iter()
                .any(|known| known.title == suggestion.title);
            if !known {
                joined.suggestions.push(suggestion);
            }
        }
    }
    joined.findings.sort();
    joined.findings.dedup();
    joined.findings.truncate(MAX_FINDINGS);
    reading::count(&joined.findings, &mut joined.metrics);
    joined.summary = summaries.join(" ");
    shorten(&mut joined.summary);
    joined.document = (!documents.is_empty()).then(|| documents.join("\n\n"));
    joined
}

fn add(sums: &mut BTreeMap<String, i64>, more: BTreeMap<String, i64>) {
    for (name, number) in more {
        let sum = sums.entry(name).or_default();
        *sum = sum.saturating_add(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MAX_TEXT_BYTES, Suggestion};

    fn part(name: &str) -> Analysis {
        let suggestion = |title: &str| Suggestion {
            title: title.to_owned(),
            detail: name.to_owned(),
            effort_minutes: None,
        };
        Analysis {
            summary: format!("Part {name}."),
            metrics: [("dropped".to_owned(), 2)].into(),
            suggestions: vec![suggestion("Both"), suggestion(name)],
            document: Some(format!("## {name}")),
            ..Analysis::default()
        }
    }

    #[test]
    fn parts_stand_in_order_and_numbers_are_summed() {
        let joined = join(vec![part("A"), part("B")]);
        assert_eq!(joined.summary, "Part A. Part B.");
        assert_eq!(joined.document.as_deref(), Some("## A\n\n## B"));
        assert_eq!((joined.metrics["dropped"], joined.metrics["notes"]), (4, 0));
        let titles: Vec<&str> = joined
            .suggestions
            .iter()
            .map(|s| s.title.as_str())
            .collect();
        assert_eq!(titles, ["Both", "A", "B"]);
    }

    #[test]
    fn a_summary_of_many_parts_is_no_longer_than_one_may_be() {
        let long = || part(&"ö".repeat(20_000));
        let joined = join(vec![long(), long(), long()]);
        assert!(joined.summary.ends_with("ö…") && joined.summary.len() <= MAX_TEXT_BYTES);
    }
}
