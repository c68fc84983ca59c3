//! One function that is too much is one finding, however many measures say so: which, and where to begin.
//! Not the measures, each of which has its rule.

use std::collections::BTreeMap;

use crate::analyzers::local::phrase;
use crate::model::{Finding, Level};

/// The rules on a function's shape, the one that names the finding first.
const RULES: [&str; 4] = [
    "cognitive-complexity",
    "long-function",
    "cyclomatic-complexity",
    "deep-nesting",
];

/// Puts the findings on the shape of one function together. It is a warning where several measures are
/// at twice their limits: one alone, a flat table or a long match, can wait.
pub fn joined(findings: Vec<Finding>) -> Vec<Finding> {
    let (shapes, mut joined): (Vec<Finding>, Vec<Finding>) = findings
        .into_iter()
        .partition(|finding| rank(finding).is_some());
    let mut functions: BTreeMap<Option<String>, Vec<Finding>> = BTreeMap::new();
    for finding in shapes {
        functions
            .entry(finding.item.clone())
            .or_default()
            .push(finding);
    }
    joined.extend(functions.into_values().filter_map(join));
    joined.sort();
    joined
}

fn rank(finding: &Finding) -> Option<usize> {
    RULES.iter().position(|rule| *rule == finding.rule)
}

fn join(mut measures: Vec<Finding>) -> Option<Finding> {
    measures.sort_by_key(rank);
    let warnings = measures
        .iter()
        .filter(|finding| finding.level == Level::Warning);
    let level = if warnings.count() > 1 {
        Level::Warning
    } else {
        Level::Note
    };
    let deepest = measures
        .iter()
        .find(|finding| finding.rule == "deep-nesting");
    let begin = deepest.map(|deepest| {
        let line = deepest.start_line;
        format!(
            "Begin at line {line}: turn the outer conditions around and leave early, or move the \
             inner levels into a function"
        )
    });
    let mut measures = measures.into_iter();
    let mut finding = measures.next()?;
    finding.level = level;
    let rest: Vec<Finding> = measures.collect();
    if rest.is_empty() {
        return Some(finding);
    }
    finding.suggestion = begin.or(finding.suggestion);
    let others: Vec<String> = rest.iter().map(said).collect();
    finding.message = format!("{} It also has {}.", finding.message, phrase::list(&others));
    for measure in &rest {
        if let Some(value) = measure.details.get("value") {
            finding
                .details
                .insert(measure.rule.replace('-', "_"), value.clone());
        }
    }
    Some(finding)
}

/// A measure in words.
fn said(finding: &Finding) -> String {
    let detail = |name: &str| finding.details.get(name).map_or("", String::as_str);
    let (value, limit) = (detail("value"), detail("limit"));
    let what = match finding.rule.as_str() {
        "long-function" => format!("{value} lines of code"),
        "cyclomatic-complexity" => format!("a cyclomatic complexity of {value}"),
        "deep-nesting" => format!("{value} branches and loops inside each other"),
        _ => format!("a cognitive complexity of {value}"),
    };
    format!("{what} (limit {limit})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::local::refactor::answer;
    use crate::analyzers::local::subject::Subject;
    use crate::analyzers::local::thresholds::Thresholds;
    use crate::model::Language;

    fn found(text: &str) -> Vec<Finding> {
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        answer(&subject, &Thresholds::default()).findings
    }

    #[test]
    fn one_function_is_one_finding_with_all_its_measures() {
        let branch = "    if a { for b in c { while d { if e { loop { g(); } } } } }\n";
        let findings = found(&format!("pub fn f() {{\n{}}}\n", branch.repeat(90)));
        assert_eq!(findings.len(), 1);
        let finding = &findings[0];
        assert_eq!(finding.rule, "cognitive-complexity");
        assert_eq!(
            (
                finding.start_line,
                finding.details["long_function"].as_str()
            ),
            (1, "92")
        );
        assert_eq!(finding.details["deep_nesting"], "5");
        assert_eq!(finding.level, Level::Note);
        assert!(finding.message.contains("92 lines of code (limit 80)"));
        assert!(
            finding
                .suggestion
                .as_deref()
                .unwrap()
                .starts_with("Begin at line 2")
        );
    }

    #[test]
    fn several_measures_at_twice_their_limits_are_a_warning_and_one_is_a_note() {
        let branches = |lines| {
            format!(
                "pub fn f() {{\n{}}}\n",
                "    if a { if b { c(); } }\n".repeat(lines)
            )
        };
        assert_eq!(found(&branches(90))[0].level, Level::Note);
        assert_eq!(found(&branches(170))[0].level, Level::Warning);
    }

    #[test]
    fn two_functions_are_two_findings() {
        let body = "    if a { for b in c { while d { if e { g(); } } } }\n".repeat(9);
        let findings = found(&format!(
            "pub fn f() {{\n{body}}}\npub fn g() {{\n{body}h();}}\n"
        ));
        let items: Vec<_> = findings
            .iter()
            .filter(|f| f.rule == "cognitive-complexity")
            .map(|f| f.item.as_deref())
            .collect();
        assert_eq!(items, [Some("f"), Some("g")]);
    }
}
