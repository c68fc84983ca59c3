//! A text by its lines: bytes to lines and columns and back. Not what stands there.

use std::ops::Range;

/// Where the lines of a text begin. Lines count from 1; a line end at the text's end begins none.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    pub text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub fn of(text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(ends);
        Self {
            text,
            starts: starts.filter(|&start| start < text.len()).collect(),
        }
    }

    /// How many lines there are.
    pub fn count(&self) -> u32 {
        number(self.starts.len())
    }

    /// From the first to the last.
    pub fn all(&self) -> Range<u32> {
        1..self.count().saturating_add(1)
    }

    /// The line that a byte lies on.
    pub fn line(&self, byte: usize) -> u32 {
        number(self.starts.partition_point(|&start| start <= byte)).max(1)
    }

    /// The column of a byte, in characters from 1.
    pub fn column(&self, byte: usize) -> u32 {
        let before = self.text.get(self.start(self.line(byte))..byte);
        number(before.map_or(0, |before| before.chars().count())).saturating_add(1)
    }

    /// The bytes of some lines with their ends; the end is exclusive.
    pub fn bytes(&self, lines: &Range<u32>) -> Range<usize> {
        let start = self.start(lines.start);
        start..self.start(lines.end).max(start)
    }

    /// What stands on some lines.
    pub fn shown(&self, lines: &Range<u32>) -> &'a str {
        self.text.get(self.bytes(lines)).unwrap_or_default()
    }

    /// Where a line begins; the text's end for those behind the last.
    fn start(&self, line: u32) -> usize {
        let at = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
        self.starts.get(at).copied().unwrap_or(self.text.len())
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_lines_and_columns_and_lines_bytes() {
        let lines = Lines::of("a\nö b\n\nc");
        assert_eq!(lines.count(), 4);
        assert_eq!((lines.line(0), lines.line(2), lines.line(8)), (1, 2, 4));
        assert_eq!(lines.column("a\nö ".len()), 3);
        assert_eq!(lines.shown(&(2..4)), "ö b\n\n");
        assert_eq!(lines.shown(&(4..9)), "c");
        assert_eq!(lines.shown(&(9..9)), "");
        assert_eq!((Lines::of("a\n").count(), Lines::of("").count()), (1, 0));
    }
}
