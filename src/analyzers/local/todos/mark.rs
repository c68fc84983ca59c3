//! Reads what stands right after a tag: `(alice, #12)!:`. Owner, reference and priority come from
//! here or from the note's own words.

use std::sync::LazyLock;

use regex::Regex;

use super::note::Tag;

/// How clearly the punctuation says that the word before it is a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Nothing, or a dash, comma or semicolon.
    Bare,
    /// Parentheses or brackets right behind the tag, or exclamation marks.
    Marked,
    /// A colon.
    Colon,
}

/// What stands between a tag and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its length, punctuation and white space included.
    pub bytes: usize,
    pub strength: Strength,
    /// What the parentheses hold, or the name in `TODO @alice:`. May be empty.
    pub inside: String,
    /// `TODO!`
    pub exclaimed: Exclaimed,
}

/// Does the tag carry an exclamation mark?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclaimed {
    Yes,
    No,
}

/// How soon the authors want it done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    High,
    Medium,
    Low,
}

impl Priority {
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

static AFTER: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^(!*)(?:\(([^()]*)\)|\[([^\[\]]*)\]|\s\(([^()]*)\):|\s@([\w-]+):)?(!*)(:?)";
    Regex::new(pattern).expect("a pattern written here is valid")
});

/// Reads the text behind a tag; `None` if what follows makes the word part of something else.
pub fn after_tag(text: &str) -> Option<Mark> {
    let captures = AFTER.captures(text)?;
    let taken = captures.get(0)?.end();
    let group = |index: usize| captures.get(index).map(|group| group.as_str());
    let adjacent = group(2).or(group(3));
    let spaced = group(4).or(group(5));
    let exclaimed = match (group(1), group(6)) {
        (Some(""), Some("")) => Exclaimed::No,
        _ => Exclaimed::Yes,
    };
    let rest = text.get(taken..)?;
    let strength = if group(7) == Some(":") || spaced.is_some() {
        Strength::Colon
    } else if adjacent.is_some() || exclaimed == Exclaimed::Yes {
        Strength::Marked
    } else {
        Strength::Bare
    };
    let joined = match strength {
        Strength::Colon => rest.starts_with(':'),
        Strength::Marked => rest.starts_with(|c: char| c.is_alphanumeric() || c == '='),
        Strength::Bare => !rest.is_empty() && !rest.starts_with([' ', '\t', ',', ';']),
    };
    let text_at = rest.len()
        - rest
            .trim_start_matches([' ', '\t', '-', '–', '—', ',', ';'])
            .len();
    (!joined).then(|| Mark {
        bytes: taken + text_at,
        strength,
        inside: adjacent.or(spaced).unwrap_or_default().trim().to_owned(),
        exclaimed,
    })
}

static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"https?://[^\s<>()\[\]`\x22]+[^\s<>()\[\]`\x22.,;:!?']",
        r"|\b[\w-][\w.-]*/[\w.-]+#[1-9][0-9]*\b",
        r"|\bRFC[ -]?#?[0-9]+\b",
        r"|#[1-9][0-9]+\b",
        r"|\b[A-Z]{2,10}-[1-9][0-9]*\b",
    );
    Regex::new(pattern).expect("a pattern written here is valid")
});

/// `UTF-8` is no issue of a project named UTF.
const STANDARDS: [&str; 16] = [
    "UTF", "SHA", "ISO", "IEEE", "AES", "IPV", "CP", "PEP", "ANSI", "ECMA", "LATIN", "UCS", "CRC",
    "CVE", "BASE", "POSIX",
];

/// The issue, pull request, page or ticket that the parentheses or the text name first.
pub fn reference(mark: &Mark, text: &str) -> Option<String> {
    let alone = mark.inside.strip_prefix('#').is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    if alone {
        return Some(mark.inside.clone());
    }
    let mut places = [mark.inside.as_str(), text].into_iter();
    places.find_map(|place| {
        let mut found = REFERENCE.find_iter(place).map(|found| found.as_str());
        let own = found.find(|name| !is_standard(name) && !is_inside_word(place, name));
        own.map(str::to_owned)
    })
}

fn is_standard(name: &str) -> bool {
    let project = name.split('-').next();
    project.is_some_and(|project| STANDARDS.contains(&project))
}

/// `color#123` is no issue.
fn is_inside_word(place: &str, name: &str) -> bool {
    let before = place
        .find(name)
        .and_then(|at| place[..at].chars().next_back());
    name.starts_with('#') && before.is_some_and(char::is_alphanumeric)
}

/// Who is to do it: what the parentheses hold, where that can be a name.
pub fn owner(mark: &Mark) -> Option<String> {
    let mut parts = mark.inside.split(',').map(str::trim);
    parts
        .find(|part| is_name(part))
        .map(|part| part.trim_start_matches('@').to_owned())
}

fn is_name(part: &str) -> bool {
    let word = part.trim_start_matches('@');
    let plain = |c: char| c.is_alphanumeric() || "-_.@+".contains(c);
    word.starts_with(char::is_alphabetic)
        && word.chars().all(plain)
        && named_priority(word).is_none()
        && !REFERENCE.is_match(word)
}

/// What else the parentheses hold, which is a part of what is to be done: `TODO(MSRV 1.81)`.
pub fn condition(mark: &Mark) -> Option<&str> {
    let inside = mark.inside.as_str();
    let told = inside.is_empty()
        || owner(mark).is_some()
        || reference(mark, "").is_some()
        || inside
            .split(',')
            .map(str::trim)
            .any(|part| named_priority(part).is_some());
    (!told).then_some(inside)
}

/// How soon: what is written (`P1`, `high`, an exclamation mark, "maybe …"), else by the tag:
/// FIXME and XXX are high, TODO and HACK medium.
pub fn priority(tag: Tag, mark: &Mark, text: &str) -> Priority {
    let first = text.split([' ', ':', ',']).next().unwrap_or_default();
    let level = first.trim_matches(['[', ']', '(', ')']);
    let mut written = mark.inside.split(',').map(str::trim);
    let in_text = || {
        is_level_code(level)
            .then(|| named_priority(level))
            .flatten()
    };
    if let Some(priority) = written.find_map(named_priority).or_else(in_text) {
        return priority;
    }
    if mark.exclaimed == Exclaimed::Yes {
        return Priority::High;
    }
    let hesitant = ["maybe", "perhaps", "someday", "eventually", "possibly"];
    if hesitant.contains(&first.to_lowercase().as_str()) {
        return Priority::Low;
    }
    match tag {
        Tag::Fixme | Tag::Xxx => Priority::High,
        Tag::Todo | Tag::Hack => Priority::Medium,
    }
}

/// `P0` … `P4`
fn is_level_code(word: &str) -> bool {
    matches!(word.as_bytes(), [b'P' | b'p', b'0'..=b'4'])
}

fn named_priority(word: &str) -> Option<Priority> {
    match word.to_ascii_lowercase().as_str() {
        "p0" | "p1" | "high" | "urgent" => Some(Priority::High),
        "p2" | "medium" => Some(Priority::Medium),
        "p3" | "p4" | "low" => Some(Priority::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `TODO…` and says owner, reference and priority.
    fn read(note: &str) -> (Option<String>, Option<String>, &'static str) {
        let after = note.strip_prefix("TODO").unwrap();
        let mark = after_tag(after).unwrap();
        let text = &after[mark.bytes..];
        let priority = priority(Tag::Todo, &mark, text).name();
        (owner(&mark), reference(&mark, text), priority)
    }

    #[test]
    fn owners_references_and_priorities_are_read_from_the_parentheses() {
        let forms = [
            ("TODO(alice): x", Some("alice"), None, "medium"),
            ("TODO(@alice): x", Some("alice"), None, "medium"),
            ("TODO @alice: x", Some("alice"), None, "medium"),
            (
                "TODO(a.b@example.com): x",
                Some("a.b@example.com"),
                None,
                "medium",
            ),
            ("TODO(#123): x", None, Some("#123"), "medium"),
            ("TODO(#7): x", None, Some("#7"), "medium"),
            (
                "TODO(alice, #123): x",
                Some("alice"),
                Some("#123"),
                "medium",
            ),
            ("TODO(JIRA-12): x", None, Some("JIRA-12"), "medium"),
            ("TODO(P1): x", None, None, "high"),
            ("TODO(low, bob): x", Some("bob"), None, "low"),
            ("TODO(MSRV 1.82): x", None, None, "medium"),
            ("TODO!: x", None, None, "high"),
            ("TODO: P3: x", None, None, "low"),
            ("TODO: maybe x", None, None, "low"),
        ];
        for (note, owner, reference, priority) in forms {
            let expected = (
                owner.map(str::to_owned),
                reference.map(str::to_owned),
                priority,
            );
            assert_eq!(read(note), expected, "{note}");
        }
    }

    #[test]
    fn a_reference_may_stand_in_the_text() {
        let forms = [
            ("TODO: see #6779.", Some("#6779")),
            (
                "TODO: rust-lang/rust#123 must land",
                Some("rust-lang/rust#123"),
            ),
            (
                "TODO: https://github.com/a/b/issues/1, then",
                Some("https://github.com/a/b/issues/1"),
            ),
            ("TODO: once RFC #3336 is stable", Some("RFC #3336")),
            ("TODO: support UTF-8 and SHA-256", None),
            ("TODO: the colour a#123 is wrong", None),
            ("TODO: option #1", None),
        ];
        for (note, expected) in forms {
            assert_eq!(read(note).1.as_deref(), expected, "{note}");
        }
    }

    #[test]
    fn a_fixme_is_more_urgent_than_a_todo() {
        let mark = after_tag(": x").unwrap();
        assert_eq!(priority(Tag::Fixme, &mark, "x"), Priority::High);
        assert_eq!(priority(Tag::Hack, &mark, "x"), Priority::Medium);
    }
}
