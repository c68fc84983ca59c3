//! Finds keys and passwords in a text, so that it is not sent to anyone, nor quoted. Only where they
//! are: what they are never leaves this room. Not a scanner for a security audit: it would rather
//! pass a doubtful text than be turned off.
//!
//! It takes a time that is in proportion to the text's size, whatever the text: no pattern can reach
//! further than `LONGEST`, what is read beyond a match ends where the next could begin, and each
//! search goes on where the last has ended.

mod assignment;
mod keys;
mod long;
mod randomness;
mod surroundings;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{CaptureLocations, Regex, RegexBuilder};

/// The line, from 1, of the first thing that looks like a secret; `None` if nothing does.
pub fn first(text: &[u8]) -> Option<u32> {
    let start = spans(text).first()?.start;
    let line = memchr::memchr_iter(b'\n', text.get(..start)?).count() + 1;
    Some(u32::try_from(line).unwrap_or(u32::MAX))
}

/// Where the values are that look like secrets, in bytes: in order, apart from each other, none
/// empty. The value alone, without the name it is given to and without quotes. No range holds white
/// space: a private key of many lines is a range for each.
///
/// `text` may be a single string out of an answer as well as a file. But a value without a form of
/// its own is found only beside its name: whether an answer quotes one that stands in its source is
/// for its bytes to tell, looked for in the answer.
pub fn spans(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for rule in RULES.iter() {
        rule.search(text, |_| {}, &mut found);
    }
    found.retain(|span| !span.is_empty());
    found.sort_unstable_by_key(|span| (span.start, span.end));
    found.dedup_by(|next, last| {
        let overlap = next.start < last.end;
        if overlap {
            last.end = last.end.max(next.end);
        }
        overlap
    });
    found
}

/// No match is longer, in bytes.
#[cfg(test)]
const LONGEST: usize = 1024;

/// All rules; their patterns are compiled once.
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules = vec![keys::rule(), assignment::rule()];
    rules.extend(long::rules());
    rules.extend(surroundings::rules());
    rules
});

/// Adds to what is found the values in a match that are secrets, and says where to go on.
type Judge = fn(&Match<'_>, found: &mut Vec<Range<usize>>) -> usize;

/// Where in a text a pattern matches.
struct Match<'t> {
    text: &'t [u8],
    start: usize,
    end: usize,
    groups: &'t CaptureLocations,
}

impl<'t> Match<'t> {
    /// A group of the pattern, empty at the match's end if it took no part.
    fn group(&self, number: usize) -> Range<usize> {
        let group = self.groups.get(number);
        group.map_or(self.end..self.end, |(start, end)| start..end)
    }

    fn bytes(&self, range: Range<usize>) -> &'t [u8] {
        self.text.get(range).unwrap_or_default()
    }

    fn rest(&self) -> &'t [u8] {
        self.bytes(self.end..self.text.len())
    }
}

struct Rule {
    regex: Regex,
    judge: Judge,
}

impl Rule {
    fn new(pattern: &str, judge: Judge) -> Self {
        let mut regex = RegexBuilder::new(pattern);
        // A text made for it meets more states than others do, and must not fall back to a search
        // that is fifty times as slow.
        let regex = regex.unicode(false).dfa_size_limit(16 << 20).build();
        let regex = regex.expect("the patterns are constants, tested");
        Self { regex, judge }
    }

    /// Tells `searched` what was read to find each match.
    fn search(
        &self,
        text: &[u8],
        mut searched: impl FnMut(Range<usize>),
        found: &mut Vec<Range<usize>>,
    ) {
        let mut groups = self.regex.capture_locations();
        let mut at = 0;
        while at <= text.len()
            && let Some(whole) = self.regex.captures_read_at(&mut groups, text, at)
        {
            searched(at..whole.end());
            let found_at = Match {
                text,
                start: whole.start(),
                end: whole.end(),
                groups: &groups,
            };
            at = (self.judge)(&found_at, found).max(whole.start() + 1);
        }
    }
}
