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

    /// The tag that this word is, in any case.
    fn of(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|tag| tag.word().eq_ignore_ascii_case(word))
    }
}

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
    Regex::new(r"(?i)\b(?:todo|fixme|hack|xxx)\b").expect("a pattern written here is valid")
});

/// Words that follow the tag where it is a noun of the sentence.
const PROSE: [&str; 18] = [
    "list", "lists", "comment", "comments", "item", "items", "note", "notes", "marker", "markers",
    "tag", "tags", "app", "file", "or", "and", "is", "are",
];

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
        let mark = mark::after_tag(after)?;
        let leads = before.chars().all(|c| " \t-*+•>/!#(@\\[]".contains(c));
        let command = before.ends_with(['@', '\\']);
        let colon = mark.strength == Strength::Colon;
        let shouted = word.as_str() == tag.word();
        let counts = match (shouted, leads) {
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
        let begins = self.above.is_none_or(|above| {
            let above = above.text.trim_end();
            above.is_empty() || above.ends_with(['.', ':', '!', '?', ';', ')', '}'])
        });
        let is_prose = |word: &str| {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            PROSE.contains(&bare.to_lowercase().as_str()) || is_placeholder(bare)
        };
        let enumerated = after.starts_with(',') && WORD.is_match(after);
        begins && !enumerated && !next.is_some_and(is_prose)
    }

    /// The note that begins at byte `start` of this line, with the lines that continue it.
    fn whole(self, tag: Tag, start: usize, mark: Mark) -> Note {
        let body = self.line.text.get(start + tag.word().len() + mark.bytes..);
        let mut text = body.unwrap_or_default().trim().to_owned();
        let mut end = self.line.end();
        let bulleted = is_bullet(self.line.text);
        for line in self.below {
            let continued = line.text.trim();
            let tagged = WORD.find(continued).is_some_and(|word| word.start() <= 2);
            let another = tagged || continued.starts_with("```");
            if continued.is_empty() || another || (bulleted && is_bullet(line.text)) {
                break;
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(continued);
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
        || Tag::of(word).is_some()
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
