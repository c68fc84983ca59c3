//! A file as the rules of kind `refactor` look at it: its functions with their measures, what is
//! a test, and how a finding begins. Not the rules.

mod imports;
mod parameters;
mod places;

use std::collections::HashMap;
use std::ops::Range;

pub use imports::Imports;
pub use parameters::Parameter;
pub use places::{Place, of as places_of};

use super::Rule;
use crate::analyzers::local::figures;
use crate::analyzers::local::sightings::{Form, Sightings, Token};
use crate::analyzers::local::subject::Subject;
use crate::analyzers::local::thresholds::Thresholds;
use crate::model::{Finding, Language, Level};

/// One file under judgement.
#[derive(Debug)]
pub struct Case<'a> {
    pub subject: &'a Subject<'a>,
    pub seen: &'a Sightings,
    pub thresholds: &'a Thresholds,
    /// As [`Sightings::functions`], in the same order.
    pub functions: Vec<Function<'a>>,
}

/// What a function's measures are found by.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Start(usize),
    Lines(usize, usize),
}

/// One function.
#[derive(Clone, Debug)]
pub struct Function<'a> {
    pub path: String,
    pub range: Range<usize>,
    /// Where its name stands.
    pub head: usize,
    /// Does it stand in another function?
    pub standing: Standing,
    /// Is it there to keep the names of a file to itself, as a module's brackets?
    pub wraps: bool,
    /// Is it a part of the function around it, without a name of its own?
    pub is_part: bool,
    pub nesting: usize,
    /// The beginning of the deepest branch.
    pub deepest: usize,
    pub figures: Option<&'a figures::Function>,
    pub parameters: Vec<Parameter<'a>>,
    pub signature: Signature,
    pub is_test: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Alone,
    Inside,
}

/// Who decided on a function's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    Own,
    /// A trait, another language, or a framework that fills a constructor in.
    Dictated,
}

impl<'a> Case<'a> {
    pub fn of(subject: &'a Subject<'a>, thresholds: &'a Thresholds) -> Self {
        let seen = subject.sightings();
        let measured = subject.figures().functions.iter();
        let measured: HashMap<Key, &figures::Function> = measured
            .map(|figures| {
                let lines = Key::Lines(figures.start_line, figures.end_line);
                (figures.start.map_or(lines, Key::Start), figures)
            })
            .collect();
        let parameters = parameters::of_all(subject, seen);
        let functions = seen.functions.iter().zip(parameters);
        let functions = functions.map(|(function, (parameters, signature))| {
            let range = function.range.clone();
            let lines = Key::Lines(subject.line(range.start), subject.line(range.end));
            let path = subject.function_path(function);
            let figures = measured.get(&Key::Start(range.start));
            let figures = figures.or_else(|| measured.get(&lines));
            Function {
                standing: if seen.is_wrapped_only(function.parent) {
                    Standing::Alone
                } else {
                    Standing::Inside
                },
                wraps: function.form == Form::Immediate && seen.is_wrapped_only(function.parent),
                is_part: !matches!(function.form, Form::Named | Form::Initializer)
                    && function.parent.is_some(),
                nesting: function.nesting,
                deepest: function.deepest,
                figures: figures.copied(),
                parameters,
                signature,
                is_test: seen.is_test(range.start),
                path,
                head: function.head,
                range,
            }
        });
        Self {
            subject,
            seen,
            thresholds,
            functions: functions.collect(),
        }
    }

    pub fn is_rust(&self) -> bool {
        self.subject.language == Language::Rust
    }

    /// Does this byte lie in code that only tests use?
    pub fn is_test(&self, byte: usize) -> bool {
        self.seen.is_test(byte)
    }

    /// The innermost function that a byte lies in.
    pub fn function_at(&self, byte: usize) -> Option<&Function<'a>> {
        self.functions.get(self.seen.function_at(byte)?)
    }

    /// The functions that are no tests, with their measures.
    pub fn measured(&self) -> impl Iterator<Item = (&Function<'a>, &'a figures::Function)> {
        let own = self.functions.iter().filter(|function| !function.is_test);
        own.filter_map(|function| Some((function, function.figures?)))
    }

    /// Lines of the file on which code begins that is no test.
    pub fn code_lines(&self) -> i64 {
        let own = |token: &&Token| !self.is_test(token.start);
        self.lines(self.seen.tokens.iter().filter(own))
    }

    /// Lines of a range on which code begins: a literal is one, however long.
    pub fn lines_in(&self, range: &Range<usize>) -> i64 {
        self.lines(self.seen.tokens_in(range).iter())
    }

    fn lines<'t>(&self, tokens: impl Iterator<Item = &'t Token>) -> i64 {
        let mut last = 0;
        let lines = tokens.filter(|token| {
            let line = token.line;
            let new = line > last;
            last = line;
            new
        });
        i64::try_from(lines.count()).unwrap_or(i64::MAX)
    }

    pub fn word(&self, token: Token) -> &'a str {
        self.text(&(token.start..token.end))
    }

    pub fn text(&self, range: &Range<usize>) -> &'a str {
        self.subject.text.get(range.clone()).unwrap_or_default()
    }

    /// A finding on a function: it points at the line with its name.
    pub fn on_function(&self, rule: &Rule, level: Level, function: &Function<'_>) -> Finding {
        let line = self.subject.line_range(self.subject.line(function.head));
        let mut finding = self.subject.finding(rule.id, level, line);
        finding.item = Some(function.path.clone());
        finding
    }

    /// A finding on a range of bytes, as far as its first line goes.
    pub fn on_range(&self, rule: &Rule, level: Level, range: &Range<usize>) -> Finding {
        let line = self.subject.line_range(self.subject.line(range.start));
        let end = range.end.min(line.end).max(range.start);
        self.subject.finding(rule.id, level, range.start..end)
    }
}

/// Writes down what was measured and what is allowed.
pub fn measure(finding: &mut Finding, value: i64, limit: i64) {
    finding
        .details
        .insert("value".to_owned(), value.to_string());
    finding
        .details
        .insert("limit".to_owned(), limit.to_string());
}

/// A note over the limit, a warning over twice the limit.
pub const fn graded(value: i64, limit: i64) -> Level {
    if value > limit.saturating_mul(2) {
        Level::Warning
    } else {
        Level::Note
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_tests_keeps_its_other_code() {
        let text = "fn help() {}\n#[test]\nfn a() {}\n#[test]\nfn b() {}\nfn speed_test() {}\n";
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let thresholds = Thresholds::default();
        let case = Case::of(&subject, &thresholds);
        let tests: Vec<bool> = case.functions.iter().map(|f| f.is_test).collect();
        assert_eq!(tests, [false, true, true, false]);
    }
}
