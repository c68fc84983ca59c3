//! From a report to bytes: one file per format, and the table of formats.
//!
//! A new format is its file, a `mod` line, a variant and a row of the table below.

mod advice;
mod changes;
mod checkstyle;
mod commonmark;
mod concise;
mod github;
mod gitlab;
mod json;
mod jsonl;
mod junit;
mod line_hash;
mod markdown;
mod paint;
mod place;
mod plain_message;
mod rdjsonl;
mod sarif;
mod snippet;
mod source;
mod summary;
mod text;
mod unanswered;
mod worst;
mod xml;

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;
use std::sync::Arc;

use super::{Report, State};
use crate::model::{Kind, Oid};

/// Renders `report` in `format`. The only errors are the writer's.
pub fn render(
    format: Format,
    report: &Report<'_>,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let render = format.row().render;
    if report.comparison.is_none() || format.tells_changes() {
        return render(report, context, out);
    }
    let mut now = report.clone();
    now.keep_states(match format {
        // What is not in it counts as fixed to its readers, and what is fixed but in it as open.
        Format::Sarif => &[State::Present, State::New, State::Unchanged],
        _ => &[State::Present, State::New],
    });
    render(&now, context, out)
}

/// What a report can be rendered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    Text,
    Concise,
    Json,
    Jsonl,
    Summary,
    Sarif,
    Github,
    Gitlab,
    Rdjsonl,
    Checkstyle,
    Junit,
    Markdown,
}

struct FormatRow {
    name: &'static str,
    about: &'static str,
    render: fn(&Report<'_>, &Context<'_>, &mut dyn Write) -> io::Result<()>,
}

impl Format {
    /// In the order they are listed to people.
    pub const ALL: [Self; 12] = [
        Self::Text,
        Self::Concise,
        Self::Summary,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
        Self::Rdjsonl,
        Self::Checkstyle,
        Self::Junit,
        Self::Markdown,
    ];

    #[rustfmt::skip]
    const fn row(self) -> FormatRow {
        let (name, about, render) = match self {
            Self::Text => ("text", "findings with their source lines, then a summary", text::render as _),
            Self::Concise => ("concise", "one line per finding, as compilers print them", concise::render as _),
            Self::Summary => ("summary", "the counts alone", summary::render as _),
            Self::Json => ("json", "one document with everything", json::render as _),
            Self::Jsonl => ("jsonl", "one event per line", jsonl::render as _),
            Self::Sarif => ("sarif", "SARIF 2.1.0, for GitHub code scanning", sarif::render as _),
            Self::Github => ("github", "annotations in a GitHub Actions log", github::render as _),
            Self::Gitlab => ("gitlab", "a GitLab Code Quality report", gitlab::render as _),
            Self::Rdjsonl => ("rdjsonl", "reviewdog's format, one finding per line", rdjsonl::render as _),
            Self::Checkstyle => ("checkstyle", "XML for Jenkins and older tools", checkstyle::render as _),
            Self::Junit => ("junit", "XML that shows findings as failing tests", junit::render as _),
            Self::Markdown => ("markdown", "tables for a comment or a build summary", markdown::render as _),
        };
        FormatRow { name, about, render }
    }

    /// The word it is asked for by.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Has it a place for findings that are fixed or unchanged? The others annotate files with
    /// what is to be done: of a comparison, they tell what is new.
    const fn tells_changes(self) -> bool {
        matches!(
            self,
            Self::Text | Self::Summary | Self::Json | Self::Jsonl | Self::Markdown
        )
    }

    /// What it is, in half a line of help.
    pub const fn about(self) -> &'static str {
        self.row().about
    }
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

/// A word that names no format.
#[derive(Debug, thiserror::Error)]
#[error("unknown output format '{}'; known formats: {}", .0.escape_debug(), Format::ALL.map(Format::name).join(", "))]
pub struct ParseFormatError(String);

impl FromStr for Format {
    type Err = ParseFormatError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| ParseFormatError(name.to_owned()))
    }
}

/// What a report cannot know and a rendering needs.
#[derive(Clone)]
pub struct Context<'a> {
    pub color: Color,
    /// Columns of the terminal, or as wide as text for people should be.
    pub width: usize,
    /// Where the user stands: bytes of a path from the root, without a slash at the end. Paths for
    /// people are relative to it; machine formats ignore it.
    pub folder: Vec<u8>,
    pub verbosity: Verbosity,
    /// So many findings text shows, the worst; all without.
    pub top: Option<usize>,
    /// The options that chose who answers, as they were typed: advice repeats them.
    pub answerer: String,
    /// The option that kept from analyzing, if one did: advice is to leave it out.
    pub held_by: Option<&'static str>,
    /// By what SARIF tells one set of results from others of the same commit.
    pub category: Option<&'a str>,
    /// What a rule of a kind reports and why, if that is known.
    pub about: &'a dyn Fn(&Kind, &str) -> Option<Explanation>,
    /// A blob's bytes, if they can be had at once.
    pub sources: &'a dyn Fn(&Oid) -> Option<Arc<[u8]>>,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Context")
            .field("color", &self.color)
            .field("width", &self.width)
            .field("folder", &self.folder)
            .field("verbosity", &self.verbosity)
            .finish_non_exhaustive()
    }
}

/// A rule in words, in several lengths.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// One line without a full stop.
    pub summary: String,
    /// One paragraph.
    pub whole: String,
    /// With an example, its limits and how to silence it.
    pub text: String,
    /// The same in Markdown.
    pub markdown: String,
}

/// May escape sequences be written?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    Always,
    Never,
}

/// How much people are told. Machine formats always tell everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Findings and failures, no summary.
    Quiet,
    Normal,
    /// Every skipped and missing file by name, every file's summary.
    Verbose,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::model::Held;
    use crate::report::sample;

    #[test]
    fn every_format_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(format.name().parse::<Format>().unwrap(), format);
        }
    }

    #[test]
    fn an_unknown_format_is_refused_with_the_known_ones() {
        let error = "x\x1bml".parse::<Format>().unwrap_err().to_string();
        insta::assert_snapshot!(error, @r"unknown output format 'x\u{1b}ml'; known formats: text, concise, summary, json, jsonl, sarif, github, gitlab, rdjsonl, checkstyle, junit, markdown");
    }

    #[test]
    fn every_format_says_the_same_of_entries_that_are_held_deflated() {
        let samples = [
            sample::example(),
            sample::mixed(),
            sample::paid(),
            sample::hostile(),
        ];
        for whole in samples {
            let mut packed = whole.clone();
            for row in &mut packed.rows {
                row.entry = row.entry.take().map(|held| Held::packed(held.entry()));
            }
            for format in Format::ALL {
                let rendered = |outcome| sample::rendered(format, outcome);
                assert_eq!(rendered(&packed), rendered(&whole), "{format}");
            }
        }
    }

    /// Each format has a context of its own. A new one has to say here which it is.
    #[test]
    fn in_no_format_is_a_text_of_others_more_than_text() {
        for format in Format::ALL {
            let shown = sample::rendered(format, &sample::markup());
            match format {
                // Read by people, and by programs that take all of it for text.
                Format::Text | Format::Concise | Format::Summary | Format::Github => {
                    let orders = shown.lines().filter(|line| line.starts_with("::"));
                    let ours = match format {
                        Format::Github => 2,
                        _ => 0,
                    };
                    assert_eq!(orders.count(), ours, "{format}: {shown}");
                }
                Format::Json | Format::Gitlab => {
                    serde_json::from_str::<Value>(&shown).unwrap();
                }
                Format::Jsonl => {
                    let parse = |line| serde_json::from_str::<Value>(line).unwrap();
                    assert!(shown.lines().map(parse).all(|event| event.is_object()));
                }
                Format::Sarif => {
                    let mut texts = Vec::new();
                    let document = serde_json::from_str(&shown).unwrap();
                    messages(&document, &mut texts);
                    assert_eq!(texts.len(), 5, "{texts:?}");
                    for text in texts {
                        let text = text
                            .replace("\\\\", "")
                            .replace("\\[", "")
                            .replace("\\]", "");
                        assert!(!text.contains(['[', ']', '\\']), "{text}");
                    }
                }
                Format::Rdjsonl => {
                    for line in shown.lines() {
                        let line: Value = serde_json::from_str(line).unwrap();
                        for text in [&line["message"], &line["code"]["value"]] {
                            assert_eq!(commonmark::active(text.as_str().unwrap()), None);
                        }
                    }
                }
                Format::Markdown => assert_eq!(commonmark::active(&shown), None),
                Format::Checkstyle | Format::Junit => {
                    let document = roxmltree::Document::parse(&shown).unwrap();
                    let ours =
                        "checkstyle file error testsuites testsuite testcase failure skipped";
                    for element in document.descendants().filter(roxmltree::Node::is_element) {
                        let name = element.tag_name().name();
                        assert!(ours.split(' ').any(|our| our == name), "{format}: {name}");
                    }
                    let is_other =
                        |node: &roxmltree::Node<'_, '_>| node.is_comment() || node.is_pi();
                    assert!(!document.descendants().any(|node| is_other(&node)));
                }
            }
        }
    }

    /// Every text that SARIF takes for a message; there is none in Markdown.
    fn messages<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
        match value {
            Value::Object(object) => {
                assert!(!object.contains_key("markdown"));
                texts.extend(object.get("text").and_then(Value::as_str));
                object.values().for_each(|value| messages(value, texts));
            }
            Value::Array(values) => values.iter().for_each(|value| messages(value, texts)),
            _ => {}
        }
    }

    /// Update the page by pasting what the failing assertion shows.
    #[test]
    fn the_page_on_formats_shows_what_is_rendered() {
        let page = include_str!("../../../docs/formats.md");
        for format in Format::ALL {
            let heading = format!("\n## `{format}`: {}\n", format.about());
            let (_, section) = page.split_once(&heading).expect(&heading);
            let (_, example) = section.split_once("\n```").unwrap();
            let (example, _) = example.split_once("\n```").unwrap();
            let (_, example) = example.split_once('\n').unwrap();
            let rendered = sample::rendered(format, &sample::example());
            assert_eq!(example, rendered.trim_end(), "{format}");
        }
    }
}
