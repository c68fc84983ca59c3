//! Functions that are hard to follow, after G. Ann Campbell, "Cognitive Complexity" (SonarSource,
//! 2017). Not how the number is counted: big-code-analysis does.

use super::Rule;
use super::case::{Case, graded, measure};
use crate::model::{About, Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "cognitive-complexity",
    kind: Kind::Refactor,
    level: Level::Warning,
    about: About::Item,
    minutes: 45,
    help: "A function that is hard to follow",
    details: "A cognitive complexity over `maxCognitiveComplexity`: every branch and loop counts \
              one, and one more for each that it stands in. Not in tests.",
};

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let limit = case.thresholds.get("maxCognitiveComplexity");
    let hard = case.measured().filter(|(_, f)| f.cognitive > limit);
    hard.map(|(function, figures)| {
        let value = figures.cognitive;
        let mut finding = case.on_function(&RULE, graded(value, limit), function);
        finding.title = format!("`{}` has a cognitive complexity of {value}", function.path);
        finding.message = format!(
            "Branches and loops count more the deeper they stand; over {limit} a reader loses \
             track. The deepest place is {} levels deep, at line {}.",
            function.nesting,
            case.subject.line(function.deepest)
        );
        finding.suggestion = Some(
            "Leave early where a condition decides, and give the innermost parts names of their \
             own"
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
    fn nested_branches_add_up() {
        let text = format!(
            "fn f() {{ {} }}",
            "if a { for b in c { while d { e(); } } }\n".repeat(5)
        );
        let findings = found(check, &text, Language::Rust);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].details["value"], "30");
        assert_eq!(findings[0].level, Level::Note);
    }

    #[test]
    fn a_flat_match_and_a_test_are_not_hard() {
        let arms: String = (0..60).map(|n| format!("{n} => a({n}),\n")).collect();
        let flat = format!("fn f(x: u8) {{ match x {{ {arms} _ => b() }} }}");
        assert!(found(check, &flat, Language::Rust).is_empty());
        let test = format!(
            "#[test]\nfn f() {{ {} }}",
            "if a { for b in c { while d { e(); } } }\n".repeat(9)
        );
        assert!(found(check, &test, Language::Rust).is_empty());
    }
}
