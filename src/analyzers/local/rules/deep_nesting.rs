//! Branches and loops inside each other. Not the depth of brackets or closures.

use super::Rule;
use super::case::{Case, measure};
use crate::model::{About, Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "deep-nesting",
    kind: Kind::Refactor,
    level: Level::Note,
    about: About::Item,
    minutes: 20,
    help: "Branches and loops deep inside each other",
    details: "More than `maxNesting` branches and loops inside each other in one function, an \
              `else if` counting as its `if`. One finding a function, at the first deepest place. \
              Not in tests.",
};

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let limit = case.thresholds.get("maxNesting");
    let own = case.functions.iter().filter(|function| !function.is_test);
    own.filter_map(|function| {
        let value = i64::try_from(function.nesting).unwrap_or(i64::MAX);
        if value <= limit {
            return None;
        }
        let place = function.deepest..function.range.end;
        let mut finding = case.on_range(&RULE, Level::Note, &place);
        finding.item = Some(function.path.clone());
        finding.title = format!("{value} branches and loops inside each other");
        finding.message = format!(
            "To read this place in `{}`, one has to keep {value} conditions in mind at once; the \
             limit is {limit}.",
            function.path
        );
        finding.suggestion = Some(
            "Turn the outer conditions around and leave early, or move the inner levels into a \
             function"
                .to_owned(),
        );
        measure(&mut finding, value, limit);
        Some(finding)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;
    use super::*;
    use crate::model::Language;

    #[test]
    fn the_deepest_place_is_shown() {
        let text = "fn f() {\n for a in b {\n  if c {\n   while d {\n    if e {\n     match g {\n      _ => if h {},\n     }\n    }\n   }\n  }\n }\n}\n";
        let findings = found(check, text, Language::Rust);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].start_line, 7);
        assert_eq!(findings[0].details["value"], "6");
    }

    #[test]
    fn a_chain_of_else_if_is_flat() {
        let chain = "else if a { b(); }\n".repeat(20);
        let text = format!("fn f() {{ if a {{ b(); }} {chain} }}");
        assert!(found(check, &text, Language::Rust).is_empty());
    }
}
