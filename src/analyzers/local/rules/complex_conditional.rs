//! Conditions that mix many `and`s and `or`s. Not chains of one of them: those read as a list.

use std::ops::Range;

use super::Rule;
use super::case::{Case, measure};
use crate::analyzers::local::sightings::Shape;
use crate::model::{About, Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "complex-conditional",
    kind: Kind::Refactor,
    level: Level::Note,
    about: About::Text,
    minutes: 10,
    help: "A condition that mixes many 'and's and 'or's",
    details: "A condition of a branch or loop with more than `maxConditionOperators` boolean \
              operators, both kinds among them. A chain of only `&&` or only `||` reads as a list \
              and is left alone. Not in tests.",
};

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let limit = case.thresholds.get("maxConditionOperators");
    let joins = Joins::of(case);
    let own = case.seen.conditions.iter();
    let own = own.filter(|range| !case.is_test(range.start));
    own.filter_map(|condition| {
        let [ands, ors] = joins.within(condition);
        let value = ands.saturating_add(ors);
        if value <= limit || ands.min(ors) == 0 {
            return None;
        }
        let mut finding = case.on_range(&RULE, Level::Note, condition);
        finding.title = format!("A condition with {value} boolean operators");
        finding.message = format!(
            "It mixes 'and' and 'or' over {} parts; to know when it holds, a reader has to work \
             out a truth table. The limit is {limit} operators.",
            value + 1
        );
        finding.suggestion = Some(
            "Give its parts names, as variables or functions that say what they mean".to_owned(),
        );
        measure(&mut finding, value, limit);
        Some(finding)
    })
    .collect()
}

/// Where the operators of a file stand, in order: conditions may lie in conditions.
struct Joins {
    ands: Vec<usize>,
    ors: Vec<usize>,
}

impl Joins {
    fn of(case: &Case<'_>) -> Self {
        let places = |words: [&str; 2]| {
            let tokens = case.seen.tokens.iter();
            // `a.or(b)` names a function where `or` is no operator of the language.
            let signs = tokens.filter(|token| token.shape == Shape::Sign);
            let joins = signs.filter(|&&token| words.contains(&case.word(token)));
            joins.map(|token| token.start).collect()
        };
        Self {
            ands: places(["&&", "and"]),
            ors: places(["||", "or"]),
        }
    }

    fn within(&self, range: &Range<usize>) -> [i64; 2] {
        [&self.ands, &self.ors].map(|places| {
            let before = |byte: usize| places.partition_point(|&place| place < byte);
            let count = before(range.end).saturating_sub(before(range.start));
            i64::try_from(count).unwrap_or(i64::MAX)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{found, lines};
    use super::*;
    use crate::model::Language;

    #[test]
    fn a_mixture_is_found() {
        let rust = "fn f() {\n    if a && b || c && d || e && g {\n    }\n}";
        assert_eq!(lines(check, rust), [2]);
        let python = "def f():\n  if a and b or c and d or e and g:\n    pass\n";
        assert_eq!(found(check, python, Language::Python).len(), 1);
        let java = "class A { void f() { while (a && b || c && d || e && g) {} } }";
        assert_eq!(found(check, java, Language::Java).len(), 1);
    }

    #[test]
    fn a_list_of_alternatives_is_not_complex() {
        let list = "fn f() {\n    if a || b || c || d || e || g || h {\n    }\n}";
        assert!(lines(check, list).is_empty());
        let body = "fn f() {\n    if a {\n let b = c && d || e && g || h && i; }\n}";
        assert!(lines(check, body).is_empty());
        let named = "fn f() {\n    while x.a && x.b && x.c && x.d && a.or(b).is_some() {}\n}";
        assert!(lines(check, named).is_empty());
        let script = "function f() { if (a && b && c && d && e.or(f).and(g)) {} }";
        assert!(found(check, script, Language::JavaScript).is_empty());
    }
}
