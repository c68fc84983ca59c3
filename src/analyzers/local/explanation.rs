//! Comments at a piece of code: which ones stand there, and whether they say why it is as it is. Not
//! whether that is true.

use std::ops::RangeInclusive;

use super::comment;
use super::subject::Subject;

/// The comments that belong to some lines of code: directly above them, on them, behind them.
pub fn at<'a>(subject: &Subject<'a>, lines: RangeInclusive<usize>) -> Vec<&'a str> {
    let comments = &subject.sightings().comments;
    let starts = |line: usize| comments.partition_point(|c| subject.line(c.start) < line);
    let (first, end) = (starts(*lines.start()), starts(lines.end() + 1));
    let mut above = first;
    let mut line = *lines.start();
    while let Some(comment) = above.checked_sub(1).and_then(|at| comments.get(at)) {
        let start = subject.line(comment.start);
        let alone = subject.line_range(start).start == comment.start;
        let last = subject.line(comment.end.saturating_sub(1).max(comment.start));
        if !alone || last + 1 != line {
            break;
        }
        line = start;
        above -= 1;
    }
    let own = comments.get(above..end).unwrap_or_default();
    own.iter()
        .filter_map(|range| subject.text.get(range.clone()))
        .collect()
}

/// What comments say before they go on to what is to be done: a note to oneself explains nothing, nor
/// does code that was commented out.
pub fn prose(comments: &[&str]) -> String {
    let lines = comments
        .iter()
        .flat_map(|comment| comment::lines(comment, 0));
    let texts = lines.map(|line| line.text.trim());
    let told = texts.take_while(|text| !is_task(text));
    let told = told.filter(|text| !text.ends_with([';', '{', '}']));
    told.collect::<Vec<_>>().join(" ").trim().to_owned()
}

fn is_task(text: &str) -> bool {
    const TAGS: [&str; 8] = ["todo", "fixme", "xxx", "hack", "bug", "tbd", "wip", "ugly"];
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    let first = words.find(|word| !word.is_empty()).unwrap_or_default();
    let shouted = |tag: &str| text.contains(&tag.to_uppercase());
    TAGS.contains(&first.to_lowercase().as_str()) || TAGS[..4].iter().any(|tag| shouted(tag))
}

/// What people say when they say why: that something cannot be, is made sure of, or does not matter.
const REASONS: [&str; 44] = [
    "because",
    "since",
    "cannot",
    "can't",
    "can not",
    "could not",
    "never",
    "always",
    "must",
    "only",
    "guarantee",
    "ensur",
    "infallib",
    "safe",
    "valid",
    "check",
    "known",
    "know",
    "exist",
    "hold",
    "held",
    "fine",
    "okay",
    " ok",
    "panic",
    "unwrap",
    "impossible",
    "invariant",
    "assum",
    "match",
    "above",
    "already",
    "fail",
    "error",
    "either",
    "expect",
    "should",
    "need",
    "unless",
    "constant",
    "won't",
    "not ",
    "is a ",
    "by construction",
];

/// So many words are more than what the code says anyway.
const SENTENCE: usize = 8;

/// Do comments say why? Words in other alphabets are believed.
pub fn says_why(comments: &[&str]) -> bool {
    let told = prose(comments).to_lowercase();
    let words = told.split_whitespace().count();
    let foreign = told.chars().any(|c| c.is_alphabetic() && !c.is_ascii());
    let reason = REASONS
        .iter()
        .any(|reason| format!(" {told} ").contains(reason));
    words > 0 && (foreign || reason || words >= SENTENCE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    #[test]
    fn a_reason_is_told_from_a_note_a_heading_and_old_code() {
        for text in [
            "// The pattern matches digits only.",
            "/* never empty */",
            "// größer als null",
        ] {
            assert!(says_why(&[text]), "{text}");
        }
        for text in [
            "// FIXME: this panics if the file is missing",
            "// todo handle that this can fail",
            "// This is a HACK, it must go",
            "// Read the file.",
            "// let a = check(b);",
            "// ----",
        ] {
            assert!(!says_why(&[text]), "{text}");
        }
        assert!(says_why(&[
            "// It cannot fail.",
            "// TODO: say so with a type."
        ]));
    }

    #[test]
    fn comments_belong_to_the_code_below_beside_and_around_them() {
        let text = "// far\n\n// a\n// b\nf( // c\n  g); // d\n// e\n";
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let found: Vec<&str> = at(&subject, 5..=6).into_iter().map(str::trim_end).collect();
        assert_eq!(found, ["// a", "// b", "// c", "// d"]);
    }
}
