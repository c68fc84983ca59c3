//! Functions with many paths, after T. J. McCabe, "A Complexity Measure" (1976), with all arms of
//! one `match` or `switch` as one decision: a flat match is easy to read.

use super::Rule;
use super::case::{Case, graded, measure};
use crate::model::{About, Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "cyclomatic-complexity",
    kind: Kind::Refactor,
    level: Level::Warning,
    about: About::Item,
    minutes: 30,
    help: "A function with too many paths to test",
    details: "A cyclomatic complexity over `maxCyclomaticComplexity`, with all arms of a match or \
              switch as one decision. Not in tests, and not where `cognitive-complexity` already \
              says that the function is hard to follow.",
};

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let limit = case.thresholds.get("maxCyclomaticComplexity");
    let cognitive = case.thresholds.get("maxCognitiveComplexity");
    let many = case.measured();
    let many = many.filter(|(_, f)| f.cyclomatic > limit && f.cognitive <= cognitive);
    many.map(|(function, figures)| {
        let value = figures.cyclomatic;
        let mut finding = case.on_function(&RULE, graded(value, limit), function);
        finding.title = format!("`{}` decides {} times", function.path, value - 1);
        finding.message = format!(
            "Its cyclomatic complexity is {value}, counting a match as one decision: it takes that \
             many tests to go every way through it once. The limit is {limit}."
        );
        finding.suggestion = Some(
            "Move groups of decisions that belong together into functions of their own, or replace \
             them by a table"
                .to_owned(),
        );
        measure(&mut finding, value, limit);
        finding
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;
    use super::*;
    use crate::model::Language;

    #[test]
    fn many_flat_decisions_are_many_paths() {
        let text = format!("fn f() {{ {} }}", "if a { b(); }\n".repeat(24));
        let findings = found(check, &text, Language::Rust);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].title, "`f` decides 24 times");
    }

    #[test]
    fn the_arms_of_a_match_are_one_decision() {
        let arms: String = (0..60).map(|n| format!("{n} => a({n}),\n")).collect();
        let text = format!("fn f(x: u8) {{ match x {{ {arms} _ => b() }} }}");
        assert!(found(check, &text, Language::Rust).is_empty());
    }
}
