//! Fits the Markdown of one doc comment into a larger document.
//!
//! Line by line and never reflowed: what the author wrote stays as written, except for what only
//! the language's own documentation tool understands (hidden lines, links to code by path).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The deepest heading that Markdown has.
const DEEPEST: usize = 6;

/// A doc comment whose headings lie below a heading of `level`, whose bare code fences name
/// `code` as their language, and whose links to code by path are plain code.
pub fn nested(doc: &str, level: usize, code: &str) -> String {
    let shift = level.saturating_sub(highest_heading(doc).saturating_sub(1));
    let labels = Labels::of(doc);
    let mut out = String::new();
    for line in lines(doc) {
        let written = match line {
            Line::Opening { indent, info } => format!("{indent}```{}", fence_name(info, code)),
            Line::Code { text, info } => match shown_code(text, info, code) {
                Some(text) => text.to_owned(),
                None => continue,
            },
            Line::Closing(text) => text.to_owned(),
            Line::Heading { depth, title } => heading(depth + shift, title),
            Line::Prose(text) => match labels.resolve(text) {
                Some(text) => text,
                None => continue,
            },
        };
        out.push_str(written.trim_end());
        out.push('\n');
    }
    out.trim().to_owned()
}

/// The first sentence of the prose, on one line; empty if it begins with something else.
pub fn first_sentence(doc: &str) -> String {
    let labels = Labels::of(doc);
    let mut words = String::new();
    for line in lines(doc) {
        match line {
            Line::Prose(text) if !text.trim().is_empty() => {
                if !words.is_empty() {
                    words.push(' ');
                }
                let text = text.trim();
                let text = text
                    .strip_prefix("- ")
                    .filter(|_| words.is_empty())
                    .unwrap_or(text);
                words.push_str(&labels.resolve(text).unwrap_or_default());
            }
            _ if words.is_empty() && matches!(line, Line::Prose(_) | Line::Heading { .. }) => {}
            _ => break,
        }
    }
    let end = words
        .match_indices(". ")
        .map(|(at, _)| at)
        .find(|&at| !is_abbreviation(&words[..at]));
    match end {
        Some(at) => words[..=at].to_owned(),
        None => words,
    }
}

/// The titles of a doc comment's headings, in order.
pub fn headings(doc: &str) -> impl Iterator<Item = &str> {
    lines(doc).filter_map(|line| match line {
        Line::Heading { title, .. } => Some(title),
        _ => None,
    })
}

/// How many code blocks of the language itself a doc comment holds.
pub fn examples(doc: &str, code: &str) -> usize {
    let own = |line: &Line<'_>| matches!(line, Line::Opening { info, .. } if fence_name(info, code) == code);
    lines(doc).filter(own).count()
}

/// A heading, in bold where Markdown has none so deep.
pub fn heading(depth: usize, title: &str) -> String {
    if depth <= DEEPEST {
        format!("{} {title}", "#".repeat(depth))
    } else {
        format!("**{title}**")
    }
}

/// One line of Markdown, as far as fences and headings go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'a> {
    Opening { indent: &'a str, info: &'a str },
    Code { text: &'a str, info: &'a str },
    Closing(&'a str),
    Heading { depth: usize, title: &'a str },
    Prose(&'a str),
}

fn lines(doc: &str) -> impl Iterator<Item = Line<'_>> {
    let mut open: Option<(&str, &str)> = None;
    doc.lines().map(move |text| {
        let trimmed = text.trim_start();
        let indent = &text[..text.len() - trimmed.len()];
        let ticks = ["```", "~~~"].into_iter().find(|t| trimmed.starts_with(t));
        match (open, ticks) {
            (Some((opened, _)), Some(ticks)) if ticks == opened => {
                open = None;
                Line::Closing(text)
            }
            (Some((_, info)), _) => Line::Code { text, info },
            (None, Some(ticks)) => {
                let info = trimmed.trim_start_matches(['`', '~']).trim();
                open = Some((ticks, info));
                Line::Opening { indent, info }
            }
            (None, None) => as_heading(text).unwrap_or(Line::Prose(text)),
        }
    })
}

fn as_heading(text: &str) -> Option<Line<'_>> {
    let rest = text.trim_start_matches('#');
    let depth = text.len() - rest.len();
    let title = rest
        .strip_prefix(' ')?
        .trim()
        .trim_end_matches('#')
        .trim_end();
    (1..=DEEPEST)
        .contains(&depth)
        .then_some(Line::Heading { depth, title })
}

/// The depth of the highest heading, 1 if there is none.
fn highest_heading(doc: &str) -> usize {
    let depths = lines(doc).filter_map(|line| match line {
        Line::Heading { depth, .. } => Some(depth),
        _ => None,
    });
    depths.min().unwrap_or(1)
}

/// rustdoc's words for a fence that holds Rust.
const RUST_FENCES: [&str; 9] = [
    "rust",
    "ignore",
    "no_run",
    "should_panic",
    "compile_fail",
    "edition2015",
    "edition2018",
    "edition2021",
    "edition2024",
];

/// The language that a fence's info string names, in one word that Markdown renderers know.
fn fence_name<'a>(info: &'a str, code: &'a str) -> &'a str {
    let first = info.split([',', ' ', '{']).next().unwrap_or_default();
    let bare = first.is_empty() || (code == "rust" && RUST_FENCES.contains(&first));
    if bare { code } else { first }
}

/// A line of an example as rustdoc shows it: lines that begin with `# ` are hidden, `##` is `#`.
fn shown_code<'a>(text: &'a str, info: &str, code: &str) -> Option<&'a str> {
    if code != "rust" || fence_name(info, code) != "rust" {
        return Some(text);
    }
    let trimmed = text.trim_start();
    let hidden = trimmed == "#" || trimmed.starts_with("# ");
    (!hidden).then_some(text)
}

/// `[label]: target`
static DEFINITION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*\[([^\]]+)\]:\s+(\S+)\s*$").expect("a pattern written here is valid")
});

/// `[text](target)`, `[text][label]`, `[text]`.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\[([^\[\]]+)\](?:\(([^()\s]*(?:\(\))?)\)|\[([^\[\]]*)\])?")
        .expect("a pattern written here is valid")
});

/// What only the language's own tool can follow: a path through code, an anchor or a page that
/// it makes.
static CODE_TARGET: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"^`?(?:\w+@)?[\w:<>]+(?:!|\(\))?`?(?:#[\w-]+)?$",
        r"|^#(?:method|tymethod|variant|structfield|impl|associated)[\w.-]*$",
        r"|^[\w./-]*(?:struct|enum|trait|fn|macro|type|constant|index|mod)[\w.]*\.html(?:#\S*)?$",
    );
    Regex::new(pattern).expect("a pattern written here is valid")
});

/// The labels that a doc comment defines, and whether their targets are code.
struct Labels<'a>(BTreeMap<&'a str, Target>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Page,
    Code,
}

impl Target {
    fn of(written: &str) -> Self {
        if CODE_TARGET.is_match(written) {
            Self::Code
        } else {
            Self::Page
        }
    }
}

impl<'a> Labels<'a> {
    fn of(doc: &'a str) -> Self {
        let defined = doc.lines().filter_map(|line| {
            let (_, [label, target]) = DEFINITION.captures(line)?.extract();
            Some((label, Target::of(target)))
        });
        Self(defined.collect())
    }

    /// Links to code as the text they show; `None` for a line that only defines such a link.
    fn resolve(&self, text: &str) -> Option<String> {
        if let Some(definition) = DEFINITION.captures(text) {
            let target = definition.get(2).map_or("", |target| target.as_str());
            return (Target::of(target) == Target::Page).then(|| text.to_owned());
        }
        let shown = LINK.replace_all(text, |link: &Captures<'_>| {
            let part = |index| link.get(index).map(|part| part.as_str());
            let (whole, shown) = (part(0).unwrap_or_default(), part(1).unwrap_or_default());
            let label = part(3).filter(|label| !label.is_empty()).unwrap_or(shown);
            let target = match (part(2), self.0.get(label)) {
                (Some(target), _) => Target::of(target),
                (None, Some(&target)) => target,
                (None, None) if part(3).is_some() => Target::of(label),
                (None, None) if shown.starts_with('`') => Target::Code,
                (None, None) => Target::Page,
            };
            match target {
                Target::Code => shown.to_owned(),
                Target::Page => whole.to_owned(),
            }
        });
        Some(shown.into_owned())
    }
}

/// Does this text end in a word whose full stop ends no sentence?
fn is_abbreviation(text: &str) -> bool {
    ["e.g", "i.e", "etc", "vs", "cf", "approx"]
        .iter()
        .any(|word| text.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_nest_below_the_item_they_belong_to() {
        assert_eq!(
            nested("# Errors\nx\n## Deep", 3, "rust"),
            "#### Errors\nx\n##### Deep"
        );
        assert_eq!(nested("## Errors", 3, "rust"), "#### Errors");
        assert_eq!(nested("# Errors", 6, "rust"), "**Errors**");
        assert_eq!(
            nested("#[derive] is no heading", 3, "rust"),
            "#[derive] is no heading"
        );
    }

    #[test]
    fn examples_are_shown_as_rustdoc_shows_them() {
        let doc = "```no_run\n# use a::b;\nlet x = 1;\n#[test]\n```\n```text\n# kept\n```";
        let expected = "```rust\nlet x = 1;\n#[test]\n```\n```text\n# kept\n```";
        assert_eq!(nested(doc, 2, "rust"), expected);
        assert_eq!(examples(doc, "rust"), 1);
    }

    #[test]
    fn links_by_path_become_what_they_show() {
        let doc = "See [`Walk`], [the builder](WalkBuilder::new), [`a`][crate::a], \
                   [the site](https://example.com/x).\n\n[`Walk`]: struct@Walk";
        let expected = "See `Walk`, the builder, `a`, [the site](https://example.com/x).";
        assert_eq!(nested(doc, 2, "rust"), expected);
        let doc = "[one], [`b`][b-c], [d](#method.d), [e](a::b#c)\n[one]: crate::one\n[b-c]: a::B";
        let expected = "one, `b`, d, e";
        assert_eq!(nested(doc, 2, "rust"), expected);
        let kept = "[a]: https://example.com\n[x] is a choice";
        assert_eq!(nested(kept, 2, "rust"), kept);
    }

    #[test]
    fn the_first_sentence_may_run_over_lines() {
        assert_eq!(
            first_sentence("Walks a\ntree, e.g. yours. Then stops."),
            "Walks a tree, e.g. yours."
        );
        assert_eq!(first_sentence("# Title\n\nWalks it\n\nMore."), "Walks it");
        assert_eq!(first_sentence("```\ncode\n```"), "");
    }

    #[test]
    fn a_heading_inside_a_code_block_is_none() {
        let doc = "# Safety\n```python\n# Panics\n```";
        assert_eq!(headings(doc).collect::<Vec<_>>(), ["Safety"]);
    }
}
