//! Conditions that mix many `and`s and `or`s. Not chains of one of them: those read as a list.

use super::Rule;
use super::case::{Case, measure};
use crate::analyzers::local::sightings::Token;
use crate::model::{Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "complex-conditional",
    kind: Kind::Refactor,
    level: Level::Note,
    minutes: 10,
    help: "A condition that mixes many 'and's and 'or's",
    details: "A condition of a branch or loop with more than `maxConditionOperators` boolean \
              operators, both kinds among them. A chain of only `&&` or only `||` reads as a list \
              and is left alone. Not in tests.",
};

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let limit = case.thresholds.get("maxConditionOperators");
    let root = case.subject.tree().root_node();
    let own = case.seen.conditionals.iter();
    let own = own.filter(|range| !case.is_test(range.start));
    own.filter_map(|range| {
        let node = root.descendant_for_byte_range(range.start, range.end)?;
        let condition = node.child_by_field_name("condition")?.byte_range();
        let joins = case.seen.tokens_in(&condition).iter();
        let joins: Vec<Join> = joins.filter_map(|token| join(case, *token)).collect();
        let value = i64::try_from(joins.len()).unwrap_or(i64::MAX);
        let mixed = joins.contains(&Join::And) && joins.contains(&Join::Or);
        if value <= limit || !mixed {
            return None;
        }
        let mut finding = case.on_range(&RULE, Level::Note, &condition);
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    And,
    Or,
}

fn join(case: &Case<'_>, token: Token) -> Option<Join> {
    match case.word(token) {
        "&&" | "and" => Some(Join::And),
        "||" | "or" => Some(Join::Or),
        _ => None,
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
    }
}
