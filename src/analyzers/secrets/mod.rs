//! Finds keys and passwords in a text, so that it is not sent to anyone. Only where they are: what
//! they are never leaves this room. Not a scanner for a security audit: it would rather pass a
//! doubtful text than be turned off.

mod assignment;
mod formats;
mod randomness;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::bytes::{Captures, Match, Regex, RegexSet};

/// The line, from 1, of the first thing that looks like a secret; `None` if nothing does.
pub fn first(text: &[u8]) -> Option<u32> {
    let matched = SCAN.set.matches(text).into_iter();
    let found = matched.filter_map(|at| SCAN.patterns.get(at)?.first(text));
    let start = found.min()?;
    let before = text.get(..start)?;
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    Some(u32::try_from(line).unwrap_or(u32::MAX))
}

/// What a match says about itself, beyond its form.
type Judge = fn(&Captures<'_>) -> bool;

/// All patterns, as one automaton to find out which is worth looking for.
static SCAN: LazyLock<Scan> = LazyLock::new(|| {
    let all = formats::all().chain(assignment::all());
    let (texts, judges): (Vec<String>, Vec<Judge>) = all.unzip();
    let set = RegexSet::new(&texts).expect("the patterns are constants, tested");
    let regexes = texts.iter().map(|text| Regex::new(text));
    let patterns = regexes.zip(judges).map(|(regex, is_secret)| Pattern {
        regex: regex.expect("the patterns are constants, tested"),
        is_secret,
    });
    Scan {
        set,
        patterns: patterns.collect(),
    }
});

struct Scan {
    set: RegexSet,
    patterns: Vec<Pattern>,
}

struct Pattern {
    regex: Regex,
    is_secret: Judge,
}

impl Pattern {
    /// Where its first match that is no placeholder holds its value.
    fn first(&self, text: &[u8]) -> Option<usize> {
        let mut found = self.regex.captures_iter(text);
        let captures = found.find(|captures| (self.is_secret)(captures))?;
        value(&captures).map(|value| value.start())
    }
}

/// The last group is the value; without groups, the whole match.
fn value<'t>(captures: &Captures<'t>) -> Option<Match<'t>> {
    captures.iter().flatten().last()
}
