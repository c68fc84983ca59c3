//! Rule `duplicated-code`: the same run of tokens twice in the functions of one file. Not copies
//! with other names, and not copies in other files: the first are often meant, the second unseen.

use std::collections::HashMap;
use std::ops::Range;

use super::Rule;
use super::case::{Case, measure};
use crate::analyzers::local::sightings::{Shape, Token};
use crate::model::{About, Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "duplicated-code",
    kind: Kind::Refactor,
    level: Level::Note,
    about: About::Item,
    minutes: 20,
    help: "Code that stands in the file twice",
    details: "At least `minDuplicatedTokens` tokens in the functions of a file repeat earlier \
              ones, names and literals included, over six lines or more, and could \
              stand in a function of their own: no bracket of them opens or closes elsewhere. Not in \
              tests, which repeat themselves so that each can be read alone, not where a table says \
              the same few words again and again, and not under different `cfg`s.",
};

/// Fewer lines than this are cheaper to repeat than to name.
const MIN_LINES: usize = 6;

/// Of the tokens of a copy, one in this many is a name not seen before in it. Tables and long
/// literals say the same few words again and again.
const TOKENS_A_NEW_NAME: usize = 9;

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let limit = case.thresholds.get("minDuplicatedTokens");
    let bodies = Bodies::of(case);
    let Some(length) = usize::try_from(limit).ok().filter(|&length| {
        // Longer than half of it all, nothing is repeated.
        length > 1 && length <= bodies.tokens.len() / 2
    }) else {
        return Vec::new();
    };
    let copies = bodies.copies(length).into_iter();
    let told = copies
        .map(|copy| bodies.whole_lines(bodies.balanced(&copy)))
        .filter(|copy| copy.length >= length && bodies.is_worth_telling(copy))
        .filter(|copy| bodies.conditions(copy.first) == bodies.conditions(copy.again));
    told.map(|copy| bodies.finding(&copy, limit)).collect()
}

/// The tokens of a function without its signature, which an implementation has to repeat.
fn body<'a>(case: &Case<'a>, function: &Range<usize>) -> &'a [Token] {
    let tokens = case.seen.tokens_in(function);
    let start = tokens.iter().position(|&token| case.word(token) == "{");
    tokens
        .get(start.map_or(0, |at| at + 1)..)
        .unwrap_or_default()
}

/// A run of tokens and the earlier run that it repeats, as places in [`Bodies::tokens`].
struct Copy {
    first: usize,
    again: usize,
    length: usize,
}

/// The tokens of all functions that are no tests, one function after the other.
struct Bodies<'a> {
    case: &'a Case<'a>,
    tokens: Vec<Token>,
    /// Where the function of each token ends in `tokens`.
    ends: Vec<usize>,
    /// What is compiled under conditions, and these.
    conditional: Vec<(Range<usize>, &'a str)>,
}

/// What stands under `#[cfg(…)]`.
fn conditional<'a>(case: &Case<'a>) -> Vec<(Range<usize>, &'a str)> {
    let attributes = case.seen.attributes.iter();
    let conditions = attributes.map(|range| (range, case.text(range)));
    let conditions = conditions.filter(|(_, text)| text.starts_with("#[cfg("));
    let root = case.subject.structure().as_tree_sitter().root_node();
    let items = conditions.filter_map(|(range, text)| {
        let node = root.descendant_for_byte_range(range.start, range.end)?;
        let mut item = node.next_named_sibling()?;
        while item.kind() == "attribute_item" || item.kind().ends_with("comment") {
            item = item.next_named_sibling()?;
        }
        Some((item.byte_range(), text))
    });
    items.collect()
}

impl<'a> Bodies<'a> {
    fn of(case: &'a Case<'a>) -> Self {
        let mut bodies = Self {
            case,
            tokens: Vec::new(),
            ends: Vec::new(),
            conditional: conditional(case),
        };
        let mut told = 0;
        for function in &case.functions {
            // A function in a function is told with the outer one.
            if function.range.start < told || function.is_test {
                continue;
            }
            told = function.range.end;
            bodies.tokens.extend(body(case, &function.range));
            bodies.ends.resize(bodies.tokens.len(), bodies.tokens.len());
        }
        bodies
    }

    /// The longest copies from left to right, none overlapping what it repeats or each other.
    fn copies(&self, length: usize) -> Vec<Copy> {
        let windows = self.window_hashes(length);
        let mut known: HashMap<u64, usize> = HashMap::with_capacity(windows.len());
        let mut copies = Vec::new();
        let mut free = 0;
        for (at, &hash) in windows.iter().enumerate() {
            // A run that leaves its function is none.
            if self.ends.get(at).is_none_or(|&end| at + length > end) {
                continue;
            }
            let first = *known.entry(hash).or_insert(at);
            // What a copy covers is not looked at again: the text may be one long repetition.
            if at < free || first + length > at {
                continue;
            }
            let equal = self.equal_run(first, at);
            if equal >= length {
                free = at + equal;
                copies.push(Copy {
                    first,
                    again: at,
                    length: equal,
                });
            }
        }
        copies
    }

    /// Polynomial rolling hashes of every window of this length (Karp and Rabin, 1987). Equal
    /// windows have equal hashes; the converse is checked token by token.
    fn window_hashes(&self, length: usize) -> Vec<u64> {
        const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
        let hashes: Vec<u64> = self.tokens.iter().map(|token| self.hash(token)).collect();
        let oldest = (0..length).fold(1_u64, |power, _| power.wrapping_mul(BASE));
        let mut rolling = 0_u64;
        let mut windows = Vec::with_capacity(hashes.len());
        for (at, &hash) in hashes.iter().enumerate() {
            rolling = rolling.wrapping_mul(BASE).wrapping_add(hash);
            if let Some(gone) = at.checked_sub(length).and_then(|gone| hashes.get(gone)) {
                rolling = rolling.wrapping_sub(gone.wrapping_mul(oldest));
            }
            if at + 1 >= length {
                windows.push(rolling);
            }
        }
        windows
    }

    /// FNV-1a of a token's text; a sign's kind says all of it.
    fn hash(&self, token: &Token) -> u64 {
        let start = 0xcbf2_9ce4_8422_2325 ^ u64::from(token.kind);
        let text = match token.shape {
            Shape::Sign => "",
            Shape::Name | Shape::Text | Shape::Number => self.text(token),
        };
        text.bytes().fold(start, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    /// How many tokens from `again` on repeat those from `first` on, in one function each.
    fn equal_run(&self, first: usize, again: usize) -> usize {
        let run = |from: usize, end: usize| self.tokens.get(from..end).unwrap_or_default();
        let first_end = self.ends.get(first).map_or(0, |&end| end.min(again));
        let again_end = self.ends.get(again).map_or(0, |&end| end);
        let pairs = run(first, first_end).iter().zip(run(again, again_end));
        pairs
            .take_while(|(a, b)| a.kind == b.kind && self.text(a) == self.text(b))
            .count()
    }

    /// The longest part of a copy whose brackets match: only that can be moved into a function. What
    /// ends with the function may keep its last bracket.
    fn balanced(&self, copy: &Copy) -> Copy {
        let run = self.run(copy.again, copy.length);
        let ends = self.ends.get(copy.again) == Some(&(copy.again + copy.length));
        let mut open: Vec<usize> = Vec::new();
        // Where brackets stand that have no other in the copy.
        let mut lone: Vec<usize> = Vec::new();
        for (at, token) in run.iter().enumerate() {
            match self.text(token) {
                "(" | "[" | "{" => open.push(at),
                ")" | "]" | "}" if open.pop().is_none() => {
                    let last = at + 1 == run.len() && ends;
                    lone.extend((!last).then_some(at));
                }
                _ => {}
            }
        }
        lone.extend(open);
        lone.push(run.len());
        lone.sort_unstable();
        let (mut from, mut longest) = (0, 0..0);
        for at in lone {
            if at.saturating_sub(from) > longest.len() {
                longest = from..at;
            }
            from = at + 1;
        }
        Copy {
            first: copy.first + longest.start,
            again: copy.again + longest.start,
            length: longest.len(),
        }
    }

    /// The conditions under which the code of a token is compiled: what is written for two systems is
    /// written twice.
    fn conditions(&self, at: usize) -> Vec<&'a str> {
        let place = self.tokens.get(at).map_or(0, |token| token.start);
        let around = self.conditional.iter();
        let around = around.filter(|(range, _)| range.contains(&place));
        around.map(|(_, condition)| *condition).collect()
    }

    /// The copy without the parts of lines at its ends.
    fn whole_lines(&self, copy: Copy) -> Copy {
        let run = self.run(copy.again, copy.length);
        let line = |token: &Token| token.line;
        let last = |at: usize| self.tokens.get(at).map(line);
        let before = copy.again.checked_sub(1).and_then(last);
        let after = last(copy.again + copy.length);
        let head = run.iter().take_while(|token| Some(line(token)) == before);
        let tail = run.iter().rev();
        let tail = tail.take_while(|token| Some(line(token)) == after);
        let (head, tail) = (head.count(), tail.count());
        Copy {
            first: copy.first + head,
            again: copy.again + head,
            length: copy.length.saturating_sub(head + tail),
        }
    }

    fn is_worth_telling(&self, copy: &Copy) -> bool {
        let tokens = self.run(copy.again, copy.length);
        let names = tokens.iter().filter(|token| token.shape == Shape::Name);
        let mut names: Vec<&str> = names.map(|token| self.text(token)).collect();
        names.sort_unstable();
        names.dedup();
        let lines = self.lines(copy.again, copy.length);
        names.len() * TOKENS_A_NEW_NAME >= copy.length && lines.len() >= MIN_LINES
    }

    fn finding(&self, copy: &Copy, limit: i64) -> Finding {
        let (first, again) = (
            self.lines(copy.first, copy.length),
            self.lines(copy.again, copy.length),
        );
        let bytes = self.bytes(copy.again, copy.length);
        let mut finding = self.case.subject.finding(RULE.id, Level::Note, bytes);
        let start = self.bytes(copy.first, copy.length).start;
        let place = match self.case.subject.item_at(start) {
            Some(item) if finding.item.as_ref() == Some(&item) => String::new(),
            Some(item) => format!(" in `{item}`"),
            None => String::new(),
        };
        let (from, to) = (first.start, first.end.saturating_sub(1));
        finding.title = format!("{} lines repeat lines {from}-{to}{place}", again.len());
        finding.message = format!(
            "{} tokens are the same here and there, names and literals included. Whoever changes \
             one copy has to find and change the other.",
            copy.length
        );
        finding.suggestion = Some("Move what they share into one function".to_owned());
        let length = i64::try_from(copy.length).unwrap_or(i64::MAX);
        measure(&mut finding, length, limit);
        let more = [("first_line", from), ("lines", again.len())];
        let more = more.map(|(name, value)| (name.to_owned(), value.to_string()));
        finding.details.extend(more);
        finding
    }

    fn run(&self, at: usize, length: usize) -> &[Token] {
        self.tokens.get(at..at + length).unwrap_or_default()
    }

    fn bytes(&self, at: usize, length: usize) -> Range<usize> {
        match self.run(at, length) {
            [only] => only.start..only.end,
            [first, .., last] => first.start..last.end,
            [] => 0..0,
        }
    }

    fn lines(&self, at: usize, length: usize) -> Range<usize> {
        let bytes = self.bytes(at, length);
        self.case.subject.line(bytes.start)..self.case.subject.line(bytes.end) + 1
    }

    fn text(&self, token: &Token) -> &'a str {
        self.case.word(*token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::local::subject::Subject;
    use crate::analyzers::local::thresholds::Thresholds;
    use crate::model::Language;

    /// (start line, title) of every finding, at 30 tokens.
    fn found(text: &str) -> Vec<(u32, String)> {
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let mut thresholds = Thresholds::default();
        thresholds.set("minDuplicatedTokens", 30);
        let findings = check(&Case::of(&subject, &thresholds));
        findings
            .into_iter()
            .map(|f| (f.start_line, f.title))
            .collect()
    }

    const BODY: &str = "    let path = root.join(name);\n    let file = open(&path)?;\n    \
                        let size = file.length();\n    if size > limit {\n        \
                        return Err(Error::TooLarge);\n    }\n    cache.insert(path, size);\n";

    #[test]
    fn a_body_that_stands_in_two_functions_is_told_at_the_second() {
        let text = format!("fn a() {{\n{BODY}}}\nfn b() {{\n    start();\n{BODY}}}\n");
        let title = "8 lines repeat lines 2-9 in `a`".to_owned();
        assert_eq!(found(&text), [(12, title)]);
    }

    #[test]
    fn comments_and_layout_make_no_difference() {
        let dense = BODY
            .replace("    ", " ")
            .replace("let size", "// why\nlet size");
        let text = format!("fn a() {{\n{BODY}}}\nfn b() {{\n{dense}}}\n");
        assert_eq!(found(&text).len(), 1);
    }

    #[test]
    fn what_cannot_be_moved_or_is_meant_to_be_there_twice_is_no_copy() {
        // The copies begin in one block and end in another.
        let across = "    one(a, b, c, d)?;\n    two(e, f, g, h)?;\n    three(i, j, k, l)?;\n    } else {\n    four(m, n, o, p)?;\n    five(q, r, s, t)?;\n    six(u, v, w, x)?;\n";
        let text = format!(
            "fn a() {{\nif y {{\n{across}y();\n}}\n1;\n}}\nfn b() {{\nif z {{\n{across}z();\n}}\n2;\n}}\n"
        );
        assert_eq!(found(&text), []);
        let systems = format!(
            "#[cfg(unix)]\nfn a() {{\n{BODY}}}\n#[cfg(windows)]\nmod w {{\nfn b() {{\n{BODY}}}\n}}\n"
        );
        assert_eq!(found(&systems), []);
        let one = systems.replace("windows", "unix");
        assert_eq!(found(&one).len(), 1);
    }

    #[test]
    fn three_copies_are_two_findings() {
        let text = format!("fn a() {{\n{BODY}}}\nfn b() {{\n{BODY}}}\nfn c() {{\n{BODY}}}\n");
        assert_eq!(found(&text).len(), 2);
    }

    #[test]
    fn other_names_tests_and_tables_are_left_alone() {
        let renamed = BODY.replace("path", "folder").replace("size", "width");
        let other = format!("fn a() {{\n{BODY}}}\nfn b() {{\n{renamed}}}\n");
        assert_eq!(found(&other), []);
        let tests = format!(
            "#[cfg(test)]\nmod tests {{\n#[test]\nfn a() {{\n{BODY}}}\n#[test]\nfn b() {{\n{BODY}}}\n}}\n"
        );
        assert_eq!(found(&tests), []);
        let table = "    map.insert(1, 2);\n".repeat(40);
        assert_eq!(found(&format!("fn a() {{\n{table}}}\n")), []);
    }
}
