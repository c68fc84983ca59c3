//! One blob's text by lines, to show a finding in. Not how it is drawn: that is `snippet`.

use std::ops::Range;
use std::sync::Arc;

use crate::report::Remark;
use crate::report::clean::clean_source;

/// The most characters of a line that are worth drawing: beyond, it is no line for people.
const LONGEST: usize = 2_000;

/// A text and where its lines begin.
pub struct Source {
    text: Arc<[u8]>,
    starts: Vec<usize>,
}

/// The first line of a finding, harmless, and which of its bytes the finding is about.
pub struct Excerpt {
    pub line: String,
    pub span: Range<usize>,
}

impl Source {
    pub fn new(text: Arc<[u8]>) -> Self {
        let after_feeds = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let starts = std::iter::once(0)
            .chain(after_feeds.map(|(at, _)| at + 1))
            .collect();
        Self { text, starts }
    }

    /// What to draw of a finding. `None` if its line does not exist or is too long: entries are
    /// fetched from others, so a span may be any number.
    pub fn excerpt(&self, remark: &Remark<'_>) -> Option<Excerpt> {
        let line = self.line(remark.start_line)?;
        let length = line.chars().count();
        let start = column(remark.start_column).min(length);
        let end = if remark.end_line > remark.start_line {
            line.trim_end().chars().count()
        } else {
            column(remark.end_column).min(length)
        };
        (length <= LONGEST).then(|| Excerpt {
            span: byte_at(&line, start)..byte_at(&line, end.max(start)),
            line,
        })
    }

    /// The column, in bytes from 1, of a column in characters; `None` if the text has no such line
    /// or is not UTF-8 up to there.
    pub fn byte_column(&self, line: u32, character: u32) -> Option<usize> {
        let line = self.bytes(line)?;
        let text = match std::str::from_utf8(line) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(line.get(..error.valid_up_to())?).ok()?,
        };
        let is_whole = text.len() == line.len();
        let at = text.char_indices().nth(column(character));
        at.map(|(byte, _)| byte + 1)
            .or(is_whole.then_some(line.len() + 1))
    }

    /// The `number`-th line from 1, harmless; `None` if no person would read it.
    fn line(&self, number: u32) -> Option<String> {
        let bytes = self.bytes(number)?;
        // Four bytes a character at most, so that a huge line costs nothing.
        let is_drawable = bytes.len() <= LONGEST * 4;
        is_drawable.then(|| clean_source(&String::from_utf8_lossy(bytes)))
    }

    /// The `number`-th line from 1, without its end.
    fn bytes(&self, number: u32) -> Option<&[u8]> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let next = self.starts.get(index + 1).map(|next| next - 1);
        let bytes = self.text.get(start..next.unwrap_or(self.text.len()))?;
        Some(bytes.strip_suffix(b"\r").unwrap_or(bytes))
    }
}

/// Columns count from 1.
fn column(number: u32) -> usize {
    usize::try_from(number)
        .unwrap_or(usize::MAX)
        .saturating_sub(1)
}

fn byte_at(line: &str, character: usize) -> usize {
    line.char_indices()
        .nth(character)
        .map_or(line.len(), |(byte, _)| byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Finding, Origin, Status};
    use crate::report::sample::{TOOL, finding, outcome, row};

    /// The excerpt's line with its span in brackets.
    fn shown(text: &[u8], adapt: impl Fn(&mut Finding)) -> Option<String> {
        let mut row = row("a.rs", Status::Cached(Origin::Here));
        let entry = row.entry.as_mut().unwrap().to_mut();
        let mut finding = finding();
        (finding.start_line, finding.end_line) = (1, 1);
        adapt(&mut finding);
        entry.analysis.findings = vec![finding];
        let outcome = outcome(vec![row]);
        let report = crate::report::build(&outcome, TOOL);
        let source = Source::new(text.into());
        let mut excerpt = None;
        let told = report.each_finding(|finding| {
            excerpt = source.excerpt(finding);
            Ok::<(), ()>(())
        });
        told.unwrap();
        let excerpt = excerpt?;
        let mut line = excerpt.line;
        line.insert(excerpt.span.end, ']');
        line.insert(excerpt.span.start, '[');
        Some(line)
    }

    fn columns(start: u32, end: u32) -> impl Fn(&mut Finding) {
        move |finding| (finding.start_column, finding.end_column) = (start, end)
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        assert_eq!(
            shown("é漢字!".as_bytes(), columns(2, 4)).unwrap(),
            "é[漢字]!"
        );
        assert_eq!(shown(b"a\xffb", columns(2, 3)).unwrap(), "a[\u{fffd}]b");
        assert_eq!(
            shown(b"a\x1bb\r\nc", columns(3, 4)).unwrap(),
            "a\u{241b}[b]"
        );
    }

    #[test]
    fn a_span_that_is_empty_backwards_or_too_far_is_cut_to_the_line() {
        assert_eq!(shown(b"abc", columns(2, 2)).unwrap(), "a[]bc");
        assert_eq!(shown(b"abc", columns(3, 1)).unwrap(), "ab[]c");
        assert_eq!(shown(b"abc", columns(0, 99)).unwrap(), "[abc]");
        assert_eq!(shown(b"", columns(u32::MAX, u32::MAX)).unwrap(), "[]");
    }

    #[test]
    fn of_several_lines_the_first_is_shown_to_its_end() {
        let long = |finding: &mut Finding| {
            (finding.start_column, finding.end_line, finding.end_column) = (3, 2, 1);
        };
        assert_eq!(shown(b"  fn a() { \n}", long).unwrap(), "  [fn a() {] ");
    }

    #[test]
    fn a_line_that_is_not_there_or_not_for_people_is_not_shown() {
        assert_eq!(shown(b"a", |finding| finding.start_line = 2), None);
        assert_eq!(shown(b"a", |finding| finding.start_line = 0), None);
        assert_eq!(shown(&[b'a'; LONGEST + 1], columns(1, 2)), None);
        assert!(shown(&[b'a'; LONGEST], columns(1, 2)).is_some());
    }

    #[test]
    fn a_column_in_bytes_is_told_where_it_can_be() {
        let source = Source::new("aé漢b\r\n".as_bytes().into());
        let columns = (1..6).map(|character| source.byte_column(1, character).unwrap());
        assert_eq!(columns.collect::<Vec<_>>(), [1, 2, 4, 7, 8]);
        assert_eq!(source.byte_column(1, u32::MAX), Some(8));
        assert_eq!(source.byte_column(3, 1), None);
        let broken = Source::new((*b"ab\xffc").into());
        assert_eq!(broken.byte_column(1, 2), Some(2));
        assert_eq!(broken.byte_column(1, 4), None);
    }
}
