//! GitHub's hash of the text around a line, by which code scanning knows an alert again.
//!
//! `primaryLocationLineHash`, as github/codeql-action computes it (`src/fingerprints.ts`). Not
//! our own identity of a finding, which no edit on a neighboring line changes.

use std::collections::HashMap;

/// How much text from a line's first character on takes part, in UTF-16 code units.
const WINDOW: usize = 100;
/// What stands for the end of the text.
const END: u16 = 0xffff;

/// The hash of every line: of the 100 units from its start, spaces and tabs left out, as a number
/// to the base 37 modulo 2⁶⁴ in hexadecimal, then `:` and how often it has come up so far. A text
/// that ends in a line feed has one more, empty line.
pub fn line_hashes(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept = text
        .chars()
        .filter(|c| !" \t".contains(*c))
        .collect::<String>();
    let units: Vec<u16> = kept.encode_utf16().chain([END]).collect();
    let after_feeds = units
        .iter()
        .enumerate()
        .filter(|(_, unit)| **unit == u16::from(b'\n'));
    let starts = std::iter::once(0).chain(after_feeds.map(|(at, _)| at + 1));
    let mut counts: HashMap<u64, u64> = HashMap::new();
    starts
        .map(|start| {
            let hash = hash(units.iter().skip(start));
            let count = counts.entry(hash).or_default();
            *count += 1;
            format!("{hash:x}:{count}")
        })
        .collect()
}

fn hash<'a>(units: impl Iterator<Item = &'a u16>) -> u64 {
    units
        .chain(std::iter::repeat(&0))
        .take(WINDOW)
        .fold(0, |hash, unit| {
            hash.wrapping_mul(37).wrapping_add(u64::from(*unit))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of upstream's own tests (`fingerprints.test.ts`).
    #[test]
    fn the_hashes_are_those_that_the_upload_action_computes() {
        let shown = |text: &str| line_hashes(text).join(", ");
        assert_eq!(shown(""), "c129715d7a2bc9a3:1");
        assert_eq!(
            shown(" a\nb\n  \t\tc\n d"),
            "271789c17abda88f:1, 54703d4cd895b18:1, 180aee12dab6264:1, a23a3dc5e078b07b:1"
        );
        let lorem = "Lorem ipsum dolor sit amet.\n".repeat(10);
        assert_eq!(
            shown(&lorem),
            "a7f2ff13bc495cf2:1, a7f2ff13bc495cf2:2, a7f2ff13bc495cf2:3, a7f2ff13bc495cf2:4, \
             a7f2ff13bc495cf2:5, a7f2ff13bc495cf2:6, a7f2ff1481e87703:1, a9cf91f7bbf1862b:1, \
             55ec222b86bcae53:1, cc97dc7b1d7d8f7b:1, c129715d7a2bc9a3:1"
        );
    }

    #[test]
    fn ends_of_lines_of_any_system_hash_alike() {
        assert_eq!(line_hashes("a\r\nb\rc"), line_hashes("a\nb\nc"));
    }
}
