//! Finds what a model quotes in the text that it was shown: the quote is the proof that a finding
//! is about something. Not what the finding says.

use std::cell::Cell;
use std::ops::Range;

use memchr::memmem;

use super::lines::Lines;

/// Occurrences of one quote that are compared: one that occurs more often says nothing.
const MAX_OCCURRENCES: usize = 4096;

/// Occurrences of all quotes of an answer that are compared: after that, the first of each counts.
const MOST_COMPARED: usize = 1 << 17;

/// Shorter quotes than this, white space folded, stand everywhere.
const MIN_BYTES: usize = 3;

/// A part of a text, with its white space folded, to look quotes up in.
#[derive(Debug)]
pub struct Shown<'a> {
    lines: &'a Lines<'a>,
    folded: String,
    /// For each byte of `folded`, where its character begins in the text.
    origins: Vec<usize>,
    /// How many occurrences may still be compared.
    left: Cell<usize>,
}

/// Where a quote is most likely to be, if it stands in several places.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hint<'a> {
    pub line: Option<u32>,
    pub item: Option<&'a str>,
}

impl<'a> Shown<'a> {
    /// The part of a text that some of its lines are.
    pub fn of(lines: &'a Lines<'a>, part: &Range<u32>) -> Self {
        let offset = lines.bytes(part).start;
        let (folded, mut origins) = fold(lines.shown(part));
        origins.iter_mut().for_each(|origin| *origin += offset);
        Self {
            lines,
            folded,
            origins,
            left: Cell::new(MOST_COMPARED),
        }
    }

    /// The bytes of the whole text that a quote stands at, white space aside: in the item that the
    /// hint names, as whole lines, nearest to its line, in this order. `item` tells the item that
    /// a byte lies in. A quote over several lines may be right in its first line only.
    pub fn find(
        &self,
        quote: &str,
        hint: Hint<'_>,
        item: impl Fn(usize) -> Option<String>,
    ) -> Option<Range<usize>> {
        let first = quote.lines().find(|line| says_something(line));
        self.find_one(quote, hint, &item)
            .or_else(|| self.find_one(first?, hint, &item))
    }

    fn find_one(
        &self,
        quote: &str,
        hint: Hint<'_>,
        item: impl Fn(usize) -> Option<String>,
    ) -> Option<Range<usize>> {
        let quote = fold(quote).0;
        if !says_something(&quote) {
            return None;
        }
        let found = memmem::find_iter(self.folded.as_bytes(), quote.as_bytes());
        let found = found.filter(|at| self.is_whole(*at..at + quote.len()));
        let found = found.filter_map(|at| self.origin(at..at + quote.len()));
        let most = self.left.get().clamp(1, MAX_OCCURRENCES);
        let found: Vec<Range<usize>> = found.take(most).collect();
        self.left.set(self.left.get().saturating_sub(found.len()));
        found.into_iter().min_by_key(|span| {
            let elsewhere = hint
                .item
                .is_some_and(|claimed| !item(span.start).is_some_and(|is| is_same(&is, claimed)));
            let line = self.lines.line(span.start);
            let distance = hint.line.map_or(0, |claimed| claimed.abs_diff(line));
            (elsewhere, !self.fills_lines(span), distance)
        })
    }

    /// Does it not begin or end within a word?
    fn is_whole(&self, at: Range<usize>) -> bool {
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let (before, rest) = self.folded.split_at(at.start);
        let (quote, after) = rest.split_at(at.len());
        let begins_within = word(before.chars().next_back()) && word(quote.chars().next());
        let ends_within = word(quote.chars().next_back()) && word(after.chars().next());
        !begins_within && !ends_within
    }

    fn origin(&self, at: Range<usize>) -> Option<Range<usize>> {
        let start = *self.origins.get(at.start)?;
        let last = *self.origins.get(at.end.checked_sub(1)?)?;
        let width = self.lines.text.get(last..)?.chars().next()?.len_utf8();
        Some(start..last + width)
    }

    /// Is there nothing else on its lines?
    fn fills_lines(&self, span: &Range<usize>) -> bool {
        let text = self.lines.text;
        let before = text.get(..span.start).unwrap_or_default();
        let after = text.get(span.end..).unwrap_or_default();
        // A line may be as long as the text: no more of it is read than is white space.
        let is_blank = |c: char| c.is_whitespace() && c != '\n';
        let before = before.trim_end_matches(is_blank);
        let after = after.trim_start_matches(is_blank);
        (before.is_empty() || before.ends_with('\n'))
            && (after.is_empty() || after.starts_with('\n'))
    }
}

/// Every run of white space as one space, none at the ends; and where each byte comes from.
pub fn fold(text: &str) -> (String, Vec<usize>) {
    let (mut folded, mut origins) = (String::new(), Vec::new());
    let mut gap = None;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            gap = gap.or(Some(at)).filter(|_| !folded.is_empty());
            continue;
        }
        if let Some(gap) = gap.take() {
            folded.push(' ');
            origins.push(gap);
        }
        folded.push(c);
        origins.extend(std::iter::repeat_n(at, c.len_utf8()));
    }
    (folded, origins)
}

fn says_something(quote: &str) -> bool {
    quote.trim().len() >= MIN_BYTES && quote.chars().any(char::is_alphanumeric)
}

/// Is it the same item in another manner of writing: `open()` for `Store::open`?
fn is_same(item: &str, claimed: &str) -> bool {
    let last = |name: &str| {
        let name = name.split('(').next().unwrap_or_default();
        let last = name.rsplit([':', '.', '#']).next().unwrap_or_default();
        last.trim().to_owned()
    };
    item == claimed || last(item) == last(claimed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "fn a() {\n    f(x,\n        y);\n    go();\n}\nfn b() {\n    go();\n}\n";

    fn item(byte: usize) -> Option<String> {
        Some(
            if byte < TEXT.find("fn b").unwrap() {
                "S::a"
            } else {
                "S::b"
            }
            .to_owned(),
        )
    }

    /// The line that a quote is found on.
    fn line(quote: &str, hint: Hint<'_>, part: Range<u32>) -> Option<u32> {
        let lines = Lines::of(TEXT);
        let shown = Shown::of(&lines, &part);
        let span = shown.find(quote, hint, item)?;
        Some(lines.line(span.start))
    }

    #[test]
    fn white_space_does_not_matter_and_words_are_whole() {
        let none = Hint::default();
        assert_eq!(line("  f(x, y); ", none, 1..9), Some(2));
        assert_eq!(line("f(x,\r\n\ty);", none, 1..9), Some(2));
        assert_eq!(line("f(x,y);", none, 1..9), None);
        assert_eq!(line("n b()", none, 1..9), None, "begins within a word");
        assert_eq!(line("fn c()", none, 1..9), None);
        for nothing in ["", " ", "}", "{ }", "(x"] {
            assert_eq!(line(nothing, none, 1..9), None, "{nothing:?}");
        }
    }

    #[test]
    fn of_several_places_the_item_counts_first_and_then_the_line() {
        let hint = |line, item| Hint { line, item };
        assert_eq!(line("go();", hint(None, None), 1..9), Some(4));
        assert_eq!(line("go();", hint(Some(8), None), 1..9), Some(7));
        assert_eq!(line("go();", hint(Some(4), Some("b()")), 1..9), Some(7));
        assert_eq!(line("go();", hint(Some(7), Some("S.a")), 1..9), Some(4));
        assert_eq!(line("go();\n}\nfn b() {", hint(None, None), 1..9), Some(4));
    }

    #[test]
    fn only_what_was_shown_is_found() {
        assert_eq!(line("go();", Hint::default(), 6..9), Some(7));
        assert_eq!(line("f(x, y);", Hint::default(), 6..9), None);
    }

    #[test]
    fn a_quote_that_goes_wrong_after_its_first_line_is_found_by_that() {
        let quote = "fn b() {\n    went();";
        assert_eq!(line(quote, Hint::default(), 1..9), Some(6));
    }

    proptest! {
        #[test]
        fn a_place_lies_in_the_part_and_holds_the_quote(
            text in "[ab \n\tö;]{0,60}", quote in "\\PC{0,12}|[ab ö;\n]{0,8}", from in 1..5u32, more in 0..5u32,
        ) {
            let lines = Lines::of(&text);
            let part = from..from + more;
            let shown = Shown::of(&lines, &part);
            if let Some(span) = shown.find(&quote, Hint::default(), |_| None) {
                let bytes = lines.bytes(&part);
                prop_assert!(bytes.start <= span.start && span.end <= bytes.end);
                let found = fold(&text[span]).0;
                let first = quote.lines().any(|line| fold(line).0 == found);
                prop_assert!(found == fold(&quote).0 || first);
            }
        }
    }
}
