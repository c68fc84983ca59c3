//! Conditions of too many parts to be judged at a glance. Not what they compute: that two of them
//! contradict each other is a compiler's or a linter's finding.

use std::ops::Range;

use super::Rule;
use super::case::{Case, graded, measure};
use crate::model::{Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "complex-conditional",
    kind: Kind::Refactor,
    level: Level::Warning,
    minutes: 10,
    help: "A condition of too many parts",
    details: "The condition of a branch or a loop joins more than `maxConditionOperators` times, \
              `and` with `or` mixed; a plain chain of only one of them may be twice as long. What \
              stands in the braces of a closure or block does not count. Not in tests.",
};

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let limit = case.thresholds.get("maxConditionOperators");
    let own = case.seen.conditionals.iter();
    let own = own.filter(|range| !case.is_test(range.start));
    // Most branches hold fewer joins than their condition may: no need to look for it.
    let tokens = case.seen.tokens.iter();
    let joins = tokens.filter(|&&token| matches!(case.word(token), "&&" | "and" | "||" | "or"));
    let joins: Vec<usize> = joins.map(|token| token.start).collect();
    let before = |byte: usize| joins.partition_point(|&join| join < byte);
    let rich = own.filter(|range| {
        let count = before(range.end).saturating_sub(before(range.start));
        i64::try_from(count).unwrap_or(i64::MAX) > limit
    });
    let conditions = rich.filter_map(|range| condition(case, range));
    conditions
        .filter_map(|range| finding(case, &range, limit))
        .collect()
}

/// How often a condition joins its parts, by either word.
#[derive(Clone, Copy, Debug, Default)]
struct Joins {
    and: i64,
    or: i64,
}

fn finding(case: &Case<'_>, condition: &Range<usize>, limit: i64) -> Option<Finding> {
    let joins = joins(case, condition);
    let value = joins.and.saturating_add(joins.or);
    let allowed = match joins.and.min(joins.or) {
        0 => limit.saturating_mul(2),
        _ => limit,
    };
    if value <= allowed {
        return None;
    }
    let mut finding = case.on_range(&RULE, graded(value, allowed), condition);
    finding.title = format!("A condition of {} parts", value + 1);
    finding.message = match joins.and.min(joins.or) {
        0 => format!("It joins them {value} times. Nobody sees at a glance when it holds."),
        _ => format!(
            "It joins them with {} times 'and' and {} times 'or'. Which of them belong together \
             has to be worked out by every reader.",
            joins.and, joins.or
        ),
    };
    finding.suggestion = Some(
        "Give the parts that belong together a name: a variable or a function that says what they \
         mean"
            .to_owned(),
    );
    measure(&mut finding, value, allowed);
    Some(finding)
}

/// The condition of a branch or loop, as far as it has one.
fn condition(case: &Case<'_>, range: &Range<usize>) -> Option<Range<usize>> {
    let root = case.subject.tree().root_node();
    let node = root.descendant_for_byte_range(range.start, range.end)?;
    let condition = node.child_by_field_name("condition")?;
    Some(condition.byte_range())
}

fn joins(case: &Case<'_>, condition: &Range<usize>) -> Joins {
    let mut joins = Joins::default();
    let mut open = 0_usize;
    for &token in case.seen.tokens_in(condition) {
        match case.word(token) {
            "{" => open += 1,
            "}" => open = open.saturating_sub(1),
            "&&" | "and" if open == 0 => joins.and += 1,
            "||" | "or" if open == 0 => joins.or += 1,
            _ => {}
        }
    }
    joins
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;
    use super::*;
    use crate::model::Language;

    fn titles(text: &str, language: Language) -> Vec<String> {
        let findings = found(check, text, language);
        findings.into_iter().map(|finding| finding.title).collect()
    }

    #[test]
    fn five_joins_of_both_sorts_are_too_many_in_every_language() {
        for (language, text) in [
            (
                Language::Rust,
                "fn f() { if a && (b || c) && d || e && g { h() } }",
            ),
            (
                Language::Python,
                "def f():\n  if a and (b or c) and d or e and g:\n    h()\n",
            ),
            (
                Language::JavaScript,
                "function f() { while (a && (b || c) && d || e && g) { h() } }",
            ),
            (
                Language::Go,
                "package p\nfunc f() { if a && (b || c) && d || e && g { h() } }",
            ),
            (
                Language::C,
                "void f() { if (a && (b || c) && d || e && g) { h(); } }",
            ),
        ] {
            assert_eq!(titles(text, language), ["A condition of 6 parts"], "{text}");
        }
    }

    #[test]
    fn a_plain_chain_a_closure_and_a_test_may_be_longer() {
        for text in [
            "fn f() { if a || b || c || d || e || g || h { i() } }",
            "fn f() { if a && (b || c) && d || e { h() } }",
            "fn f() { if a.any(|x| { x && y || z && w || v }) && b || c { h() } }",
            "#[test]\nfn f() { if a && (b || c) && d || e && g { h() } }",
            "fn f() { if a == \"b && c || d && e || f && g\" { h() } }",
        ] {
            assert!(titles(text, Language::Rust).is_empty(), "{text}");
        }
    }
}
