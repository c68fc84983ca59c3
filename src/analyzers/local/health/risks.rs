//! The few remarks on a file's health: only what a maintainer would agree with.

use super::Health;
use crate::analyzers::local::figures::Function;
use crate::analyzers::local::phrase;
use crate::analyzers::local::subject::Subject;
use crate::model::{Finding, Language, Level, Suggestion};

/// The most functions that are called a hotspot in one file.
const MAX_HOTSPOTS: usize = 3;

/// More silent unsafe blocks than this are told together.
const MAX_SINGLE_BLOCKS: usize = 5;

/// What it takes to explain one unsafe block, in minutes: an estimate.
const MINUTES_A_BLOCK: usize = 10;

pub fn findings(subject: &Subject<'_>, health: &Health<'_>) -> Vec<Finding> {
    let hotspots = health.hotspots.iter().take(MAX_HOTSPOTS);
    let mut findings: Vec<Finding> = hotspots
        .map(|function| hotspot(subject, health, function))
        .chain(syntax_error(subject, health))
        .collect();
    findings.extend(silent_blocks(subject, health));
    findings
}

fn hotspot(subject: &Subject<'_>, health: &Health<'_>, function: &Function) -> Finding {
    let total: i64 = health.cognitive().sum();
    let share = (function.cognitive * 100).checked_div(total).unwrap_or(0);
    let range = subject.line_range(function.start_line);
    let mut finding = subject.finding("complex-hotspot", Level::Warning, range);
    finding.item = Some(function.path.clone());
    finding.title = format!(
        "`{}` is hard to follow: cognitive complexity {} in {} lines of code",
        function.path, function.cognitive, function.code_lines
    );
    finding.message = format!(
        "It holds {share} % of the file's cognitive complexity ({} of {total}) and {} paths \
         (cyclomatic complexity). Changes here are the most likely in this file to go wrong.",
        function.cognitive, function.cyclomatic
    );
    finding.suggestion = Some(
        "Give its inner steps names: move the deepest branches into functions of their own"
            .to_owned(),
    );
    finding.details = [
        ("value", function.cognitive),
        ("limit", health.hotspot_limit),
        ("lines", function.code_lines),
        ("cyclomatic", function.cyclomatic),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_string()))
    .collect();
    finding
}

/// The first place that the parser could not read. Not for C and C++, where the preprocessor makes
/// such places in correct code.
fn syntax_error(subject: &Subject<'_>, health: &Health<'_>) -> Option<Finding> {
    if matches!(subject.language, Language::C | Language::Cpp) {
        return None;
    }
    let first = health.syntax_errors.first()?;
    let line = subject.line_range(subject.line(first.start));
    let end = first.end.min(line.end).max(first.start);
    let mut finding = subject.finding("syntax-error", Level::Note, first.start..end);
    finding.title = "The parser lost track here".to_owned();
    finding.message = format!(
        "It cannot read this as {}: the code does not compile, or its syntax is newer than the \
         parser. What stands around this place may be missing from the analysis.",
        subject.language
    );
    Some(finding)
}

fn silent_blocks(subject: &Subject<'_>, health: &Health<'_>) -> Vec<Finding> {
    let silent = &health.unsafe_without_comment;
    let one = |range: &std::ops::Range<usize>| {
        let line = subject.line_range(subject.line(range.start));
        let range = range.start..range.end.min(line.end);
        let mut finding = subject.finding("unsafe-without-safety-comment", Level::Warning, range);
        finding.title = "unsafe block without a SAFETY comment".to_owned();
        finding.message =
            "Nothing says why the conditions of this unsafe code hold, so nobody can \
                           check that a change keeps them."
                .to_owned();
        finding.suggestion = Some("Say above it, after `// SAFETY:`, why it is sound".to_owned());
        finding
    };
    if silent.len() <= MAX_SINGLE_BLOCKS {
        return silent.iter().map(one).collect();
    }
    let lines: Vec<String> = silent
        .iter()
        .map(|block| subject.line(block.start).to_string())
        .collect();
    let together = silent.iter().take(1).map(one).map(|mut finding| {
        finding.item = None;
        finding.title = format!(
            "{} of {} unsafe blocks have no SAFETY comment",
            silent.len(),
            health.unsafe_blocks
        );
        finding.message = format!(
            "Nothing says why the conditions of this unsafe code hold, so nobody can check that a \
             change keeps them. Lines {}.",
            phrase::list(&lines)
        );
        for name in ["value", "count"] {
            let told = silent.len().to_string();
            finding.details.insert(name.to_owned(), told);
        }
        finding
    });
    together.collect()
}

/// What the file as a whole would gain from.
pub fn suggestions(health: &Health<'_>) -> Vec<Suggestion> {
    let names: Vec<String> = health
        .hotspots
        .iter()
        .take(MAX_HOTSPOTS)
        .map(|function| format!("`{}`", function.path))
        .collect();
    let simplify = (!names.is_empty()).then(|| Suggestion {
        title: format!("Simplify {}", phrase::list(&names)),
        detail: "Most of what makes this file hard to change is there.".to_owned(),
        effort_minutes: None,
    });
    let silent = health.unsafe_without_comment.len();
    let explain = (silent > 0).then(|| Suggestion {
        title: format!("Explain {}", phrase::count(silent, "unsafe block")),
        detail: "A SAFETY comment above each says why its conditions hold.".to_owned(),
        effort_minutes: u32::try_from(silent * MINUTES_A_BLOCK).ok(),
    });
    simplify.into_iter().chain(explain).collect()
}
