//! Comments as their reader sees them: line comments one below the other are one text, and the
//! comment marks are not part of it.

use std::ops::Range;

/// What sort of comment a line stands in: documentation is prose and must be clearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    Aside,
    Documentation,
}

/// One line of a comment without its comment marks, and where that text begins in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    pub text: &'a str,
    pub start: usize,
}

impl Line<'_> {
    /// Where the text ends in the file, without white space.
    pub fn end(&self) -> usize {
        self.start + self.text.trim_end().len()
    }
}

/// Splits comments, in order, into runs that read as one: alone on their lines, or the first
/// behind code, one directly below the other and beginning in the same column.
pub fn blocks<'a, C>(text: &str, comments: &'a [C], range: fn(&C) -> Range<usize>) -> Vec<&'a [C]> {
    let continues = |above: &C, below: &C| {
        let (above, below) = (range(above), range(below));
        let between = text.get(above.end..below.start).unwrap_or("x");
        // A line comment's range may or may not hold its line's end.
        let inside = text
            .get(above.clone())
            .is_some_and(|own| own.ends_with('\n'));
        between.trim().is_empty()
            && between.matches('\n').count() + usize::from(inside) == 1
            && column(text, above.start) == column(text, below.start)
    };
    comments.chunk_by(continues).collect()
}

fn column(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    at - before.rfind('\n').map_or(0, |end| end + 1)
}

/// The lines of one comment without their marks: `//`, `///`, `/*`, `*`, `#` and the like.
/// `start` is where the comment begins in the file.
pub fn lines(comment: &str, start: usize) -> Vec<Line<'_>> {
    let starred = comment.starts_with("/*");
    let mut lines = Vec::new();
    let mut at = start;
    for (number, whole) in comment.split_inclusive('\n').enumerate() {
        let line = whole.trim_end();
        let text = match line.strip_suffix("*/").filter(|_| starred) {
            Some(text) => text.trim_end_matches('*').trim_end(),
            None => line,
        };
        let inner = text.trim_start();
        let bare = match inner.strip_prefix('*') {
            _ if number == 0 => inner.trim_start_matches(['/', '*', '!', '#', '<']),
            Some(rest) if starred => rest,
            _ => inner,
        };
        lines.push(Line {
            text: bare,
            start: at + text.len() - bare.len(),
        });
        at += whole.len();
    }
    lines
}

/// The lines of a string that documents, without its quotes. `start` is where it begins in the
/// file.
pub fn docstring_lines(string: &str, start: usize) -> Vec<Line<'_>> {
    let open = string.len() - string.trim_start_matches(|c: char| c.is_alphabetic()).len();
    let (bare, quotes) = (
        string.get(open..).unwrap_or_default(),
        ["\"\"\"", "'''", "\"", "'"],
    );
    let quote = quotes
        .into_iter()
        .find(|quote| bare.starts_with(quote))
        .unwrap_or_default();
    let inside = bare.strip_prefix(quote).unwrap_or(bare);
    let inside = inside.strip_suffix(quote).unwrap_or(inside);
    let mut at = start + open + quote.len();
    let lines = inside.split_inclusive('\n').map(|whole| {
        let line = Line {
            text: whole.trim_end(),
            start: at,
        };
        at += whole.len();
        line
    });
    lines.collect()
}

/// Is it written for readers of the documentation? As most languages mark it: `///`, `//!`, `/**`.
pub fn voice(comment: &str) -> Voice {
    let marks = ["///", "//!", "/**", "/*!"];
    let documents = marks.iter().any(|mark| comment.starts_with(mark));
    if documents && !comment.starts_with("////") && !comment.starts_with("/***") {
        Voice::Documentation
    } else {
        Voice::Aside
    }
}

/// The text of comments that read as one, without marks and common indentation.
pub fn prose(comments: &[&str]) -> String {
    let texts = comments.iter().flat_map(|comment| lines(comment, 0));
    let joined: Vec<&str> = texts.map(|line| line.text).collect();
    dedented(&joined.join("\n"))
}

/// A text without the indentation that its lines share; the first may have less.
pub fn dedented(text: &str) -> String {
    let width = |line: &str| line.len() - line.trim_start().len();
    let later = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let indent = later.map(width).min().unwrap_or(0);
    let bare = text.lines().enumerate().map(|(number, line)| match number {
        0 => line.trim(),
        _ => line
            .get(indent.min(width(line))..)
            .unwrap_or(line)
            .trim_end(),
    });
    bare.collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(comment: &str) -> Vec<&str> {
        lines(comment, 0).iter().map(|line| line.text).collect()
    }

    #[test]
    fn marks_are_no_part_of_the_text() {
        assert_eq!(texts("// one"), [" one"]);
        assert_eq!(texts("//! one"), [" one"]);
        assert_eq!(texts("# one"), [" one"]);
        assert_eq!(texts("/* one */"), [" one"]);
        assert_eq!(
            texts("/**\n * one\n * - two\n */"),
            ["", " one", " - two", ""]
        );
    }

    #[test]
    fn a_line_knows_where_its_text_begins() {
        let comment = "/* one\n * two */";
        for line in lines(comment, 0) {
            assert!(comment[line.start..].starts_with(line.text), "{line:?}");
        }
    }

    #[test]
    fn line_comments_below_each_other_are_one_text() {
        let text = "x // a\n  // b\n  // c\n\n  // d\n";
        let comments: Vec<Range<usize>> =
            text.match_indices("//").map(|(at, _)| at..at + 4).collect();
        let sizes: Vec<usize> = blocks(text, &comments, Range::clone)
            .iter()
            .map(|block| block.len())
            .collect();
        assert_eq!(sizes, [3, 1]);
    }
}
