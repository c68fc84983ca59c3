//! Finds the notes that authors leave to themselves in the text of one comment.
//!
//! Text only: which comments there are is the syntax's affair, what becomes of a note is the
//! kind's. What counts is narrow on purpose: prose *about* notes ("a TODO list") is not one.

use std::sync::LazyLock;

use regex::{Match, Regex};

use super::mark::{self, Mark, Strength};
use crate::analyzers::local::comment::{Line, Voice};

/// What the author wrote first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tag {
    Todo,
    Fixme,
    Hack,
    Xxx,
}

impl Tag {
    pub const ALL: [Self; 4] = [Self::Todo, Self::Fixme, Self::Hack, Self::Xxx];

    /// As authors write it; in lower case it is the rule's id.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Todo => "TODO",
            Self::Fixme => "FIXME",
            Self::Hack => "HACK",
            Self::Xxx => "XXX",
        }
    }

    /// The tag that this word is, in any case: a known bug is to be fixed.
    fn of(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        let known = all.find(|tag| tag.word().eq_ignore_ascii_case(word));
        known.or_else(|| word.eq_ignore_ascii_case(BUG).then_some(Self::Fixme))
    }
}

const BUG: &str = "BUG";

/// One note, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub tag: Tag,
    /// Byte range in the file, from the tag to the end of its last line.
    pub start: usize,
    pub end: usize,
    /// What is to be done, continuation lines joined by spaces. May be empty.
    pub text: String,
    /// What stood around the tag: parentheses, exclamation marks.
    pub mark: Mark,
}

/// The notes in one comment: its lines in order, or those of several line comments that belong
/// together.
pub fn notes(lines: &[Line<'_>], voice: Voice) -> Vec<Note> {
    let mut found: Vec<Note> = Vec::new();
    let mut fenced = false;
    let mut above = None;
    let mut rest = lines;
    while let Some((line, below)) = rest.split_first() {
        if voice == Voice::Documentation && line.text.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let taken = found.last().is_some_and(|note| note.end > line.start);
        if !fenced && !taken {
            let place = Place {
                above,
                line,
                below,
                voice,
            };
            found.extend(place.note());
        }
        (above, rest) = (Some(line), below);
    }
    found
}

static WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:todo|fixme|hack|xxx|bug)\b").expect("a pattern written here is valid")
});

/// `TODO/FIXME`: the first says which it is.
static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:/(?:TODO|FIXME|HACK|XXX|BUG)\b)+").expect("a pattern written here is valid")
});

/// What a comment says to a tool, on a line of its own or behind the author's words.
static DIRECTIVE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"(?:^|\s(?:#|//)\s?)\s*(?:noqa\b|nosec\b|nolint\b|NOLINT|NOSONAR|type:\s*ignore|ty:|mypy:",
        r"|pyright:|pylint:|flake8:|ruff:|isort:|fmt:\s*(?:on|off|skip)|yapf:|pragma:|go:[a-z]",
        r"|\+build\b|eslint-|tslint:|jshint\b|@ts-[a-z]|prettier-ignore|biome-ignore|deno-lint",
        r"|istanbul ignore|c8 ignore|v8 ignore|clang-format|cppcheck-|shellcheck\b|codespell:",
        r"|\$Flow|CHECKSTYLE|rustassistant:|rustfmt::|lint:ignore)",
    );
    Regex::new(pattern).expect("a pattern written here is valid")
});

/// Words that follow the tag where it is a noun of the sentence.
const PROSE: [&str; 18] = [
    "list", "lists", "comment", "comments", "item", "items", "note", "notes", "marker", "markers",
    "tag", "tags", "app", "file", "or", "and", "is", "are",
];

/// Words that do not end a sentence: what follows them on the next line belongs to it.
const LEADING_ON: [&str; 26] = [
    "the", "a", "an", "this", "that", "these", "those", "each", "every", "any", "no", "of", "in",
    "on", "to", "for", "from", "by", "with", "see", "and", "or", "as", "is", "are", "like",
];

/// Words that go on with a sentence.
const FOLLOWING: [&str; 8] = ["in", "of", "above", "below", "from", "was", "were", "has"];

/// A line of a comment among its neighbours.
#[derive(Clone, Copy)]
struct Place<'a> {
    above: Option<&'a Line<'a>>,
    line: &'a Line<'a>,
    below: &'a [Line<'a>],
    voice: Voice,
}

impl Place<'_> {
    /// The first note that begins on this line.
    fn note(self) -> Option<Note> {
        WORD.find_iter(self.line.text).find_map(|word| {
            let tag = Tag::of(word.as_str())?;
            let mark = self.meant(tag, word)?;
            Some(self.whole(tag, word.start(), mark))
        })
    }

    /// What marks this word as a tag; `None` if it is prose.
    fn meant(self, tag: Tag, word: Match<'_>) -> Option<Mark> {
        let (before, after) = self.line.text.split_at(word.start());
        let after = after.strip_prefix(word.as_str())?;
        let others = OTHERS.find(after).map_or(0, |others| others.end());
        let after = after.get(others..)?;
        // `[TODO] …`, but not a link.
        let boxed = after
            .strip_prefix(']')
            .filter(|rest| before.ends_with('[') && !rest.starts_with(['(', '[']));
        let mut mark = mark::after_tag(boxed.unwrap_or(after))?;
        mark.bytes += others;
        if boxed.is_some() {
            mark.bytes += 1;
            mark.strength = mark.strength.max(Strength::Marked);
        }
        let leads = before.chars().all(|c| " \t-*+•>/!#(@\\[]".contains(c));
        let command = before.ends_with(['@', '\\']);
        let colon = mark.strength == Strength::Colon;
        let bug = word.as_str().eq_ignore_ascii_case(BUG);
        let shouted = word.as_str() == tag.word() || word.as_str() == BUG;
        let counts = match (shouted, leads) {
            _ if bug => shouted && leads && colon,
            (true, true) => command || mark.strength != Strength::Bare || self.is_bare_note(after),
            (true, false) => colon && before.ends_with([' ', '\t', '(']),
            (false, true) => command || (colon && tag != Tag::Xxx),
            (false, false) => false,
        };
        (counts && !is_quoted(before)).then_some(mark)
    }

    /// A tag without punctuation counts where it begins a sentence and is not its subject.
    fn is_bare_note(self, after: &str) -> bool {
        let next = after.split_whitespace().next();
        if self.voice == Voice::Documentation {
            return next.is_none() && self.above.is_none() && self.below.is_empty();
        }
        let is_one_of = |words: &[&str], word: &str| {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            words.contains(&bare.to_lowercase().as_str())
        };
        let is_prose = |word: &str| {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            is_one_of(&PROSE, word) || is_placeholder(bare)
        };
        // A line need not end in a full stop to end a sentence.
        let begins = self.above.is_none_or(|above| {
            let above = above.text.trim_end();
            let last = above.split_whitespace().last().unwrap_or_default();
            above.ends_with(['.', ':', '!', '?', ';', ')', '}'])
                || is_tagged(above)
                || !(above.ends_with([',', '-', '(', '"', '`'])
                    || is_one_of(&LEADING_ON, last)
                    || next.is_some_and(|word| is_one_of(&FOLLOWING, word)))
        });
        let enumerated = after.starts_with(',') && WORD.is_match(after);
        begins && !enumerated && !next.is_some_and(is_prose)
    }

    /// The note that begins at byte `start` of this line, with the lines that continue it.
    fn whole(self, tag: Tag, start: usize, mark: Mark) -> Note {
        let word = self.line.text.get(start..).and_then(|rest| WORD.find(rest));
        let word = word.map_or(0, |word| word.len());
        let body = self.line.text.get(start + word + mark.bytes..);
        let mut text = without_directive(body.unwrap_or_default().trim()).to_owned();
        let mut end = self.line.end();
        let bulleted = is_bullet(self.line.text);
        for line in self.below {
            let continued = line.text.trim();
            let tool = DIRECTIVE
                .find(continued)
                .is_some_and(|found| found.start() == 0);
            let another = is_tagged(continued) || tool || continued.starts_with("```");
            if continued.is_empty() || another || (bulleted && is_bullet(line.text)) {
                break;
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(without_directive(continued));
            end = line.end();
        }
        let bracketed = self
            .line
            .text
            .get(..start)
            .is_some_and(|before| before.ends_with('('));
        if let Some(closing) = unmatched_bracket(&text).filter(|_| bracketed) {
            text.truncate(closing);
        }
        let start = self.line.start + start;
        Note {
            tag,
            start,
            end,
            text,
            mark,
        }
    }
}

/// Does a line begin with a tag, and not with the noun of a sentence?
fn is_tagged(line: &str) -> bool {
    WORD.find(line).is_some_and(|word| {
        let shouted = word.as_str().chars().all(char::is_uppercase);
        let after = line.get(word.end()..).unwrap_or_default();
        word.start() <= 2 && (shouted || after.starts_with([':', '(']))
    })
}

fn without_directive(text: &str) -> &str {
    let directive = DIRECTIVE.find(text).filter(|found| found.start() > 0);
    let end = directive.map_or(text.len(), |found| found.start());
    text.get(..end).unwrap_or_default().trim_end()
}

/// Where a `)` closes a bracket that was opened before the text.
fn unmatched_bracket(text: &str) -> Option<usize> {
    let mut open = 0;
    text.char_indices().find_map(|(at, c)| {
        match c {
            '(' => open += 1,
            ')' if open == 0 => return Some(at),
            ')' => open -= 1,
            _ => {}
        }
        None
    })
}

/// An odd number of quotes or backticks before it: the tag is spoken of, not used.
fn is_quoted(before: &str) -> bool {
    let odd = |quote: char| before.matches(quote).count() % 2 == 1;
    odd('"') || odd('`')
}

/// `YYY`, `ZZZ`, another tag: the tag before it stands for something else.
fn is_placeholder(word: &str) -> bool {
    let repeated = |first: char| word.chars().all(|c| c == first);
    word.chars()
        .next()
        .is_some_and(|c| ('X'..='Z').contains(&c) && repeated(c))
        || Tag::ALL.iter().any(|tag| tag.word() == word)
}

fn is_bullet(text: &str) -> bool {
    ["- ", "* ", "+ "]
        .iter()
        .any(|bullet| text.trim_start().starts_with(bullet))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a comment, one `TAG text` a line.
    fn found(comment: &str, voice: Voice) -> String {
        let mut start = 0;
        let mut lines = Vec::new();
        for text in comment.lines() {
            lines.push(Line { text, start });
            start += text.len() + 1;
        }
        let notes = notes(&lines, voice);
        let shown: Vec<String> = notes
            .iter()
            .map(|note| format!("{} {}", note.tag.word(), note.text))
            .collect();
        shown.join("\n")
    }

    #[test]
    fn the_usual_forms_of_a_note_are_found() {
        let forms = [
            ("TODO: write it", "TODO write it"),
            ("TODO write it", "TODO write it"),
            ("TODO(alice): write it", "TODO write it"),
            ("TODO (alice): write it", "TODO write it"),
            ("TODO[alice] write it", "TODO write it"),
            ("TODO - write it", "TODO write it"),
            ("TODO; write it", "TODO write it"),
            ("TODO, write it", "TODO write it"),
            ("TODO!: write it", "TODO write it"),
            ("TODO @alice: write it", "TODO write it"),
            ("todo: write it", "TODO write it"),
            ("Fixme: it is wrong", "FIXME it is wrong"),
            ("FIXME(#6779) - see above", "FIXME see above"),
            ("FIXME", "FIXME "),
            ("HACK around a bug", "HACK around a bug"),
            ("TESTING HACK: use Debug", "HACK use Debug"),
            ("XXX why does this work", "XXX why does this work"),
            ("@todo write it", "TODO write it"),
            ("\\todo write it", "TODO write it"),
            ("- TODO: one", "TODO one"),
            ("TODO/FIXME: write it", "TODO write it"),
            ("FIXME/TODO(alice): write it", "FIXME write it"),
            ("[TODO] write it", "TODO write it"),
            ("[TODO]: write it", "TODO write it"),
            ("XXX hack", "XXX hack"),
            ("BUG: it is wrong", "FIXME it is wrong"),
            ("BUG(#12): it is wrong", "FIXME it is wrong"),
            ("TODO: write it  # noqa: E501", "TODO write it"),
            ("Opens the file\nTODO close it", "TODO close it"),
            ("Opens the file\nFIXME", "FIXME "),
            (
                "// TODO: in code that is commented out",
                "TODO in code that is commented out",
            ),
            ("contents. TODO: Verify it.", "TODO Verify it."),
            (
                "It works (TODO: prove it (all)). More.",
                "TODO prove it (all)",
            ),
        ];
        for (comment, expected) in forms {
            assert_eq!(found(comment, Voice::Aside), expected, "{comment}");
        }
    }

    #[test]
    fn prose_names_and_placeholders_are_no_notes() {
        let prose = [
            "A TODO list for the user",
            "TODO list of the user",
            "TODO comments are counted",
            "the todos of a file: all of them",
            "See \"FIXME\" comments littered in this file.",
            "`TODO: text` is what it looks for",
            "he wrote \"a TODO: b\" here",
            "XXXL is a size",
            "-XXX is a flag",
            "XXX/YYY/",
            "XXX YYY",
            "TODO_LIST: a constant",
            "TODO::new(): a path",
            "TODO-list",
            "see TODO(alice) above",
            "TODO, FIXME and XXX are tags",
            "TODO or FIXME",
            "a hack: it works",
            "todo write it",
            "hack is added for both phases",
            "xxx: nothing",
            "TODO.md",
            "[TODO](link)",
            "[[TODO]]: a word",
            "BUG 12 is why",
            "a BUG: it is spoken of",
            "this is a bug: it is wrong",
            "bug: lower case is prose",
            "as listed in the\nTODO list",
            "whatever the user calls\nTODO in main",
        ];
        for comment in prose {
            assert_eq!(found(comment, Voice::Aside), "", "{comment}");
        }
    }

    #[test]
    fn documentation_must_be_clearer_than_an_aside() {
        let says = |comment| found(comment, Voice::Documentation);
        assert_eq!(says("TODO: write it"), "TODO write it");
        assert_eq!(says("TODO"), "TODO ");
        assert_eq!(says("TODO management for teams"), "");
        assert_eq!(says("```\n// TODO: yours\n```\nFIXME: ours"), "FIXME ours");
    }

    #[test]
    fn a_note_goes_on_to_the_end_of_its_paragraph() {
        assert_eq!(
            found("TODO: one\n  two\nthree\n\nfour", Voice::Aside),
            "TODO one two three"
        );
        assert_eq!(
            found("TODO: one\nFIXME: two\nthree", Voice::Aside),
            "TODO one\nFIXME two three"
        );
        assert_eq!(found("- TODO: one\n- another", Voice::Aside), "TODO one");
        assert_eq!(
            found("TODO a\nTODO b\nFIXME c\nXXX d", Voice::Aside),
            "TODO a\nTODO b\nFIXME c\nXXX d"
        );
        assert_eq!(
            found("TODO: remove this\nhack again", Voice::Aside),
            "TODO remove this hack again"
        );
        for tool in [
            "noqa: E501",
            "type: ignore",
            "nolint:errcheck",
            "eslint-disable-next-line",
            "@ts-ignore",
            "pylint: disable=all",
            "NOLINTNEXTLINE",
        ] {
            assert_eq!(
                found(&format!("TODO: one\n{tool}"), Voice::Aside),
                "TODO one"
            );
        }
        assert_eq!(found("see the\nTODO in main", Voice::Aside), "");
    }

    #[test]
    fn a_note_spans_from_its_tag_to_the_end_of_its_last_line() {
        let text = "Well. TODO: one\n two  ";
        let lines = [
            Line {
                text: &text[..15],
                start: 0,
            },
            Line {
                text: &text[16..],
                start: 16,
            },
        ];
        let note = notes(&lines, Voice::Aside).remove(0);
        assert_eq!(&text[note.start..note.end], "TODO: one\n two");
    }
}
