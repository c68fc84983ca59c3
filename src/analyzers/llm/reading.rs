//! What an answer is worth: claims that a quote proves become findings, with the place that the
//! text itself tells. Not the shape of answers: that is `reply`.

use std::collections::BTreeMap;

use super::claim::{Claim, Proposal};
use super::declining::declines;
use super::lines::Lines;
use super::prompt::{OTHER, Prompt};
use super::quote::{self, Hint, Shown};
use super::reply::Answer;
use super::{Complaint, Piece, fence, reply};
use crate::analyzers::Source;
use crate::analyzers::local::Outline;
use crate::model::{Analysis, Finding, Kind, Level, Suggestion};

/// The longest title and anchor, in characters.
const MAX_TITLE: usize = 200;
const MAX_ANCHOR: usize = 160;

/// What is read of a line for its anchor, in bytes.
const LONGEST_LINE: usize = 8 << 10;

/// More suggestions than a reader takes in.
const MAX_SUGGESTIONS: usize = 10;

/// Reads an answer about some lines of a text.
///
/// Metrics: `errors`, `warnings`, `notes`; `dropped`, findings that are none or whose quote does not
/// stand in those lines; `suppressed`, findings that the text's own comments refuse.
pub fn read(
    source: Source<'_>,
    kind: &Kind,
    prompt: &Prompt,
    piece: &Piece,
    written: &str,
    outline: impl FnOnce() -> Option<Outline>,
) -> Result<Analysis, Complaint> {
    let whole = std::str::from_utf8(source.text)
        .map_err(|_| Complaint::new("The text asked about is not UTF-8."))?;
    let lines = Lines::of(whole);
    let (answer, text) = reply::parse(written)?;
    let shown = lines.shown(&piece.lines);
    let mark = fence::mark(shown.strip_suffix('\n').unwrap_or(shown));
    if written.contains(&mark) || shown.contains(text) {
        return Err(Complaint::new(
            "The answer repeats the text instead of judging it.",
        ));
    }
    if declines(&answer) {
        return Err(Complaint::refusal(&answer.summary));
    }
    if answer.findings.is_empty()
        && answer.document.is_none()
        && !answer.summary.contains(char::is_alphanumeric)
    {
        return Err(Complaint::new("`summary` says nothing."));
    }
    if *kind == Kind::Docs
        && answer
            .document
            .as_deref()
            .is_none_or(|text| text.trim().is_empty())
    {
        return Err(Complaint::new(
            "`document` is empty: the question asks for one.",
        ));
    }
    // A text in a language that is not built in is read without.
    let outline = outline();
    let reading = Reading {
        lines: &lines,
        piece,
        prompt,
        source,
        outline: outline.as_ref(),
    };
    Ok(reading.analysis(kind, answer))
}

/// Findings by level, as metrics.
pub fn count(findings: &[Finding], metrics: &mut BTreeMap<String, i64>) {
    for (name, level) in [
        ("errors", Level::Error),
        ("warnings", Level::Warning),
        ("notes", Level::Note),
    ] {
        let count = findings
            .iter()
            .filter(|finding| finding.level == level)
            .count();
        metrics.insert(name.to_owned(), i64::try_from(count).unwrap_or(i64::MAX));
    }
}

struct Reading<'a> {
    lines: &'a Lines<'a>,
    piece: &'a Piece,
    prompt: &'a Prompt,
    source: Source<'a>,
    outline: Option<&'a Outline>,
}

impl Reading<'_> {
    fn analysis(&self, kind: &Kind, answer: Answer) -> Analysis {
        let shown = Shown::of(self.lines, &self.piece.lines);
        let claimed = answer.findings.len() + answer.malformed;
        let found = answer.findings.into_iter();
        let mut findings: Vec<Finding> = found.filter_map(|c| self.finding(&shown, c)).collect();
        let dropped = i64::try_from(claimed - findings.len()).unwrap_or(i64::MAX);
        findings.sort();
        findings.dedup();
        let proposals = answer.suggestions.into_iter();
        let document = answer.document.map(|text| plain(&text));
        let mut analysis = Analysis {
            summary: one_line(&answer.summary),
            metrics: [
                ("dropped".to_owned(), dropped),
                ("suppressed".to_owned(), 0),
            ]
            .into(),
            findings,
            suggestions: proposals
                .filter_map(suggestion)
                .take(MAX_SUGGESTIONS)
                .collect(),
            document: document.filter(|text| writes_document(kind) && !text.is_empty()),
        };
        if let Some(outline) = self.outline {
            outline.silence(&mut analysis);
        }
        count(&analysis.findings, &mut analysis.metrics);
        analysis
    }

    /// A claim as a finding, at the place of its quote; `None` if the quote is not there.
    fn finding(&self, shown: &Shown<'_>, claim: Claim) -> Option<Finding> {
        let hint = Hint {
            line: self.line(claim.line),
            item: claim.item.as_deref().filter(|item| !item.trim().is_empty()),
        };
        let span = shown.find(&claim.quote, hint, |byte| self.item_at(byte))?;
        let line = self.lines.line(span.start);
        let shown_line = self
            .lines
            .shown(&(line..line.saturating_add(1)))
            .trim_start();
        // A line may be as long as the text.
        let beginning = shown_line.floor_char_boundary(LONGEST_LINE);
        let anchor = quote::fold(shown_line.get(..beginning)?).0;
        let (rule, details) = self.rule(&claim.rule);
        Some(Finding {
            start_line: line,
            start_column: self.lines.column(span.start),
            end_line: self.lines.line(span.end.saturating_sub(1)),
            end_column: self.end_column(span.end),
            rule,
            level: claim.level,
            item: self.item_at(span.start),
            title: title(&claim.title),
            message: plain(&claim.message),
            suggestion: claim
                .suggestion
                .map(|text| plain(&text))
                .filter(|text| !text.is_empty()),
            confidence: claim.confidence,
            anchor: anchor.chars().take(MAX_ANCHOR).collect(),
            about: crate::model::About::Text,
            roles: crate::model::Roles::EVERY,
            details,
        })
    }

    /// The path of the item that a byte lies in.
    fn item_at(&self, byte: usize) -> Option<String> {
        let (text, language) = (self.lines.text, self.source.language);
        self.outline?.item_at(text, language, byte)
    }

    /// The column behind the last character: it lies on that character's line.
    fn end_column(&self, end: usize) -> u32 {
        let text = self.lines.text.get(..end).unwrap_or_default();
        let last = text.chars().next_back().map_or(0, char::len_utf8);
        self.lines.column(end - last).saturating_add(1)
    }

    /// The line of the whole text that a model means: it counts those that it was shown.
    fn line(&self, claimed: Option<i64>) -> Option<u32> {
        let claimed = u32::try_from(claimed?).ok()?;
        Some(
            self.piece
                .lines
                .start
                .saturating_add(claimed.saturating_sub(1)),
        )
    }

    /// The rule if its kind lists it, else `other` and the model's own word.
    fn rule(&self, word: &str) -> (String, BTreeMap<String, String>) {
        let word = word.trim();
        if let Some(rule) = self.prompt.listed(word) {
            return (rule.to_owned(), BTreeMap::new());
        }
        let said = title(word);
        let details = (!said.is_empty()).then(|| ("rule".to_owned(), said));
        (OTHER.to_owned(), details.into_iter().collect())
    }
}

fn suggestion(proposal: Proposal) -> Option<Suggestion> {
    let title = title(&proposal.title);
    let minutes = proposal.effort_minutes.filter(|&minutes| minutes > 0);
    (!title.is_empty()).then(|| Suggestion {
        title,
        detail: plain(&proposal.detail),
        effort_minutes: minutes.and_then(|minutes| u32::try_from(minutes).ok()),
    })
}

/// Only these kinds have a document, whatever a model volunteers.
const fn writes_document(kind: &Kind) -> bool {
    matches!(kind, Kind::Docs | Kind::Custom(_))
}

/// One line without a period at its end, and not too long.
fn title(text: &str) -> String {
    let line = one_line(text);
    let line = line
        .strip_suffix('.')
        .filter(|rest| !rest.ends_with('.'))
        .unwrap_or(&line);
    match line.char_indices().nth(MAX_TITLE) {
        None => line.to_owned(),
        Some(_) => line.chars().take(MAX_TITLE - 1).chain(['…']).collect(),
    }
}

fn one_line(text: &str) -> String {
    plain(&quote::fold(text).0)
}

/// Without control characters, line feeds and tabs aside. What else could mislead a terminal or a
/// reader is made visible where it is shown, as it is for what teammates write.
fn plain(text: &str) -> String {
    let keep = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.trim().chars().filter(keep).collect()
}
