//! The few remarks on a file's health: only what a maintainer would agree with.

use std::ops::Range;

use super::Health;
use crate::analyzers::local::lexing::{self, Part};
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
    let mut findings: Vec<Finding> = syntax_error(subject, health).into_iter().collect();
    findings.extend(silent_blocks(subject, health));
    findings
}

/// The first place that could not be read, where the text itself shows that it is none of its language:
/// the parser is older than some syntax, and C's and C++'s preprocessor makes such places in correct code.
fn syntax_error(subject: &Subject<'_>, health: &Health<'_>) -> Option<Finding> {
    if matches!(subject.language, Language::C | Language::Cpp) {
        return None;
    }
    let first = health.syntax_errors.first()?;
    let (place, why) = broken(subject, first)?;
    let line = subject.line_range(subject.line(place));
    let mut finding = subject.finding("syntax-error", Level::Note, place..line.end.max(place));
    finding.title = "This could not be read".to_owned();
    finding.message = format!(
        "{why}, so this is no {}. What stands around this place may be missing from the analysis.",
        subject.language
    );
    Some(finding)
}

/// Where a text is surely broken, and why.
fn broken(subject: &Subject<'_>, first: &Range<usize>) -> Option<(usize, &'static str)> {
    let conflict = ["<<<<<<< ", ">>>>>>> "].iter().find_map(|mark| {
        let at = subject.text.find(&format!("\n{mark}"))? + 1;
        Some((at, "A merge left its marks"))
    });
    let bracket = || unmatched(subject).map(|at| (at, "A bracket has no other to match it"));
    let end = || is_cut_off(subject, first).then_some((first.start, "What begins here has no end"));
    conflict.or_else(bracket).or_else(end)
}

/// The first bracket that closes nothing, or the last that nothing closes.
fn unmatched(subject: &Subject<'_>) -> Option<usize> {
    let mut open: Vec<(usize, u8)> = Vec::new();
    for (part, range) in lexing::parts(subject.text, subject.language) {
        let code = subject
            .text
            .as_bytes()
            .get(range.clone())
            .unwrap_or_default();
        for (at, byte) in code.iter().enumerate().filter(|_| part == Part::Code) {
            let at = range.start + at;
            match byte {
                b'(' => open.push((at, b')')),
                b'[' => open.push((at, b']')),
                b'{' => open.push((at, b'}')),
                b')' | b']' | b'}' => match open.pop() {
                    Some((_, closes)) if closes == *byte => {}
                    _ => return Some(at),
                },
                _ => {}
            }
        }
    }
    open.pop().map(|(at, _)| at)
}

/// After these, something follows in every language that has them.
const DEMANDING: [&str; 14] = [
    "if", "while", "match", "for", "in", "let", "fn", "func", "function", "=", "==", "&&", "||",
    "+",
];

/// Is there a closing bracket where something has to follow?
fn is_cut_off(subject: &Subject<'_>, error: &Range<usize>) -> bool {
    let before = subject.text.get(..error.end).unwrap_or_default();
    let after = subject.text.get(error.end..).unwrap_or_default();
    let last = before.split_whitespace().next_back().unwrap_or_default();
    DEMANDING.contains(&last) && after.trim_start().starts_with([')', ']', '}'])
}

fn silent_blocks(subject: &Subject<'_>, health: &Health<'_>) -> Vec<Finding> {
    let silent = &health.unsafe_without_comment;
    // Where most blocks are explained, one that is not was forgotten; where none is, it is a habit.
    let level = if silent.len() * 2 <= health.unsafe_blocks {
        Level::Warning
    } else {
        Level::Note
    };
    let one = |range: &Range<usize>| {
        let line = subject.line_range(subject.line(range.start));
        let range = range.start..range.end.min(line.end);
        let mut finding = subject.finding("unsafe-without-safety-comment", level, range);
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
