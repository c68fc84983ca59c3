//! `rustassistant: ignore[rule] reason` in a comment: what the authors decided not to hear. On the
//! line, on the line before, or above an item for all that is in it. What they told other tools is heard
//! as well: see `foreign`.

mod concerns;
mod foreign;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::analyzers::local::rules;
use crate::analyzers::local::subject::Subject;
use crate::model::{Analysis, Finding, Kind, Level, MAX_FINDINGS};

/// Takes the findings that the text's own comments refuse out of an analysis, and adds remarks on
/// comments that refuse without a reason or name no rule.
///
/// Metric: `suppressed`, how many were taken out.
pub fn apply(subject: &Subject<'_>, kind: &Kind, analysis: &mut Analysis) {
    let suppressions = all(subject);
    silence_by(&suppressions, analysis);
    let remarks = suppressions.iter().flat_map(|s| s.remarks(subject, kind));
    analysis.findings.extend(remarks);
    analysis.findings.sort();
    analysis.findings.truncate(MAX_FINDINGS);
}

/// As [`apply`], without remarks: for findings that others made.
pub fn silence_by(suppressions: &[Suppression], analysis: &mut Analysis) {
    let before = analysis.findings.len();
    let covered = covered_lines(suppressions);
    analysis.findings.retain(|finding| {
        let line = usize::try_from(finding.start_line).unwrap_or(usize::MAX);
        let lines = covered.get(finding.rule.as_str());
        !lines.is_some_and(|lines| holds(lines, line))
    });
    let suppressed = before - analysis.findings.len();
    let count = i64::try_from(suppressed).unwrap_or(i64::MAX);
    analysis.metrics.insert("suppressed".to_owned(), count);
}

/// One comment that refuses findings.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Suppression {
    rules: BTreeSet<String>,
    has_reason: bool,
    lines: RangeInclusive<usize>,
    /// The comment's beginning.
    start: usize,
    end: usize,
    speaks_to: SpeaksTo,
}

/// Whom a suppression is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum SpeaksTo {
    Us,
    /// Another tool, whose business its form is.
    Others,
}

impl Suppression {
    fn remarks(&self, subject: &Subject<'_>, kind: &Kind) -> Vec<Finding> {
        if self.speaks_to == SpeaksTo::Others {
            return Vec::new();
        }
        let known: Vec<&rules::Rule> = self
            .rules
            .iter()
            .filter_map(|name| rules::find(name))
            .collect();
        let unknown = self
            .rules
            .iter()
            .filter(|name| rules::find(name).is_none())
            .map(String::as_str);
        let unknown: Vec<&str> = unknown.collect();
        let mut remarks = Vec::new();
        if *kind == Kind::Refactor && (!unknown.is_empty() || self.rules.is_empty()) {
            remarks.push(self.unknown(subject, &unknown));
        }
        if !self.has_reason && known.iter().any(|rule| rule.kind == *kind) {
            remarks.push(self.unreasoned(subject));
        }
        remarks
    }

    fn unknown(&self, subject: &Subject<'_>, names: &[&str]) -> Finding {
        let range = self.start..self.end;
        let mut finding = subject.finding("unknown-suppression", Level::Note, range);
        finding.title = match names {
            [] => "A suppression that names no rule".to_owned(),
            names => format!("No rule is called '{}'", names.join("', '")),
        };
        finding.message = "This comment has no effect: it names no rule that exists.".to_owned();
        finding.suggestion =
            Some("Write the rule's name as the finding shows it, or remove the comment".to_owned());
        finding
    }

    fn unreasoned(&self, subject: &Subject<'_>) -> Finding {
        let range = self.start..self.end;
        let mut finding = subject.finding("suppression-without-reason", Level::Note, range);
        finding.title = "A suppression without a reason".to_owned();
        finding.message =
            "Without a reason nobody can tell later whether it still holds.".to_owned();
        finding.suggestion =
            Some("Say after the brackets why the finding does not apply here".to_owned());
        finding
    }
}

/// The lines that each rule is silent on, as ranges in order that do not overlap.
fn covered_lines(suppressions: &[Suppression]) -> BTreeMap<&str, Vec<RangeInclusive<usize>>> {
    let mut covered: BTreeMap<&str, Vec<RangeInclusive<usize>>> = BTreeMap::new();
    for suppression in suppressions {
        for rule in &suppression.rules {
            let lines = covered.entry(rule).or_default();
            match lines.last_mut() {
                Some(last) if suppression.lines.start() <= last.end() => {
                    *last = *last.start()..=*last.end().max(suppression.lines.end());
                }
                _ => lines.push(suppression.lines.clone()),
            }
        }
    }
    covered
}

fn holds(lines: &[RangeInclusive<usize>], line: usize) -> bool {
    let before = lines.partition_point(|range| *range.start() <= line);
    let last = before.checked_sub(1).and_then(|at| lines.get(at));
    last.is_some_and(|range| range.contains(&line))
}

const MARK: &str = "rustassistant: ignore";

/// Every comment of a text that refuses findings.
pub fn all(subject: &Subject<'_>) -> Vec<Suppression> {
    let mut all = foreign::all(subject);
    if subject.text.contains(MARK) {
        all.extend(own(subject));
    }
    all.sort_by_key(|suppression| *suppression.lines.start());
    all
}

fn own(subject: &Subject<'_>) -> Vec<Suppression> {
    let seen = subject.sightings();
    let mut all = Vec::new();
    for comment in &seen.comments {
        let text = subject.text.get(comment.clone()).unwrap_or_default();
        let Some((rules, reason)) = written(text) else {
            continue;
        };
        let line = subject.line(comment.start);
        let below = next_code(subject, comment.end);
        let stands_alone = subject.line_range(line).start == comment.start;
        let last = match below.filter(|_| stands_alone) {
            Some(code) => covered(subject, code),
            None => line,
        };
        all.push(Suppression {
            rules,
            has_reason: !reason.is_empty(),
            lines: line..=last.max(line),
            start: comment.start,
            end: comment.start + text.trim_end().len(),
            speaks_to: SpeaksTo::Us,
        });
    }
    all
}

/// The rules and the reason, from a comment's text; `None` if it is about something else. The mark
/// must come first: a comment may speak of it.
fn written(comment: &str) -> Option<(BTreeSet<String>, &str)> {
    let text = comment.trim_start_matches(['/', '*', '#', '!', ' ']);
    let rest = text.strip_prefix(MARK)?;
    let (names, reason) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((names, reason)) => (names, reason),
        None => ("", rest),
    };
    let names = names.split(',').map(str::trim);
    let rules = names.filter(|name| !name.is_empty()).map(str::to_owned);
    let reason = reason.trim_end_matches(['/', '*']);
    Some((
        rules.collect(),
        reason.trim_matches(|c: char| !c.is_alphanumeric()),
    ))
}

/// The beginning of the first code behind a comment.
fn next_code(subject: &Subject<'_>, from: usize) -> Option<usize> {
    let tokens = &subject.sightings().tokens;
    let at = tokens.partition_point(|token| token.start < from);
    tokens.get(at).map(|token| token.start)
}

/// The last line of what begins at some code: an item as a whole, else its line alone.
fn covered(subject: &Subject<'_>, code: usize) -> usize {
    let seen = subject.sightings();
    let mut start = code;
    // Attributes belong to the item below them.
    while let Ok(at) = seen.attributes.binary_search_by_key(&start, |a| a.start) {
        let end = seen.attributes.get(at).map(|attribute| attribute.end);
        match end.and_then(|end| next_code(subject, end)) {
            Some(next) => start = next,
            None => break,
        }
    }
    let function = seen
        .functions
        .binary_search_by_key(&start, |f| f.range.start);
    let item = seen.items.binary_search_by_key(&start, |item| item.start);
    let function = function.ok().and_then(|at| seen.functions.get(at));
    let item = item.ok().and_then(|at| seen.items.get(at));
    match function.map(|function| &function.range).or(item) {
        Some(range) => subject.line(range.end),
        None => subject.line(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    /// The lines of `long-function` findings that are left, of one on each line.
    fn left(text: &str) -> (Vec<u32>, Vec<String>) {
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let lines = 1..=text.lines().count();
        let one = |line| subject.finding("long-function", Level::Note, subject.line_range(line));
        let mut analysis = Analysis {
            findings: lines.map(one).collect(),
            ..Analysis::default()
        };
        apply(&subject, &Kind::Refactor, &mut analysis);
        let (kept, remarks): (Vec<Finding>, Vec<Finding>) = analysis
            .findings
            .into_iter()
            .partition(|finding| finding.rule == "long-function");
        (
            kept.iter().map(|f| f.start_line).collect(),
            remarks.into_iter().map(|f| f.rule).collect(),
        )
    }

    #[test]
    fn a_comment_covers_its_line_the_next_one_or_an_item() {
        let same = "a();\nb(); // rustassistant: ignore[long-function] fine\nc();\n";
        assert_eq!(left(same), (vec![1, 3], vec![]));
        let above = "a();\n// rustassistant: ignore[long-function, todo] fine\nb();\nc();\n";
        assert_eq!(left(above), (vec![1, 4], vec![]));
        let item =
            "// rustassistant: ignore[long-function] a table\n#[inline]\nfn f() {\n}\nfn g() {}\n";
        assert_eq!(left(item), (vec![5], vec![]));
    }

    #[test]
    fn another_rule_and_a_string_cover_nothing() {
        let other = "a(); // rustassistant: ignore[todo] used elsewhere\n";
        assert_eq!(left(other).0, [1]);
        let string = "a(\"// rustassistant: ignore[long-function] no\");\n";
        assert_eq!(left(string).0, [1]);
    }

    #[test]
    fn a_missing_reason_and_an_unknown_rule_are_notes() {
        let unreasoned = "a(); // rustassistant: ignore[long-function]\n";
        assert_eq!(left(unreasoned).1, ["suppression-without-reason"]);
        let unknown = "a(); // rustassistant: ignore[no-such-rule] because\n";
        assert_eq!(
            left(unknown),
            (vec![1], vec!["unknown-suppression".to_owned()])
        );
        let nameless = "a(); // rustassistant: ignore\n";
        assert_eq!(left(nameless).1, ["unknown-suppression"]);
    }
}
