//! Functions that are longer than can be read at once. Not tests.

use super::Rule;
use super::case::{Case, graded, measure};
use crate::model::{About, Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "long-function",
    kind: Kind::Refactor,
    level: Level::Warning,
    about: About::Item,
    minutes: 30,
    help: "A function longer than can be read at once",
    details: "More lines of code than `maxFunctionLines`; comments and blank lines do not count, \
              and a literal counts one line. \
              A function that hardly branches (cognitive complexity of 5 at most: a table, a list \
              of settings, one flat match) may be twice as long. Not a function that is called where it stands, around a file. Not \
              in tests.",
};

/// Up to this cognitive complexity, a function reads from top to bottom.
const FLAT: i64 = 5;

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let limit = case.thresholds.get("maxFunctionLines");
    let long = case.measured().filter_map(|(function, figures)| {
        let lines = case.lines_in(&function.range);
        let factor = if figures.cognitive <= FLAT { 2 } else { 1 };
        if lines <= limit.saturating_mul(factor) || function.wraps {
            return None;
        }
        let mut finding = case.on_function(&RULE, graded(lines, limit), function);
        finding.title = format!("`{}` has {lines} lines of code", function.path);
        finding.message = format!(
            "More than {limit} lines do not fit on a screen: whoever changes one part has to keep \
             the others in mind. Its cognitive complexity is {}.",
            figures.cognitive
        );
        finding.suggestion = Some(
            "Find the steps it goes through, and move each into a function that is named after it"
                .to_owned(),
        );
        measure(&mut finding, lines, limit);
        Some(finding)
    });
    long.collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;
    use super::*;
    use crate::model::Language;

    fn function(head: &str, line: &str, lines: usize) -> String {
        format!("{head} {{\n{}}}\n", line.repeat(lines))
    }

    #[test]
    fn a_long_function_is_found_in_every_language_with_braces() {
        let branch = "  if (a) { if (b) { if (c) { d(); } } }\n";
        let heads = [
            (Language::Rust, "fn f()"),
            (Language::JavaScript, "function f()"),
            (Language::C, "void f()"),
            (Language::Cpp, "void f()"),
        ];
        for (language, head) in heads {
            let findings = found(check, &function(head, branch, 81), language);
            assert_eq!(findings.len(), 1, "{language}");
            assert_eq!(findings[0].details["value"], "83", "{language}");
        }
        let twice = found(check, &function("fn f()", branch, 161), Language::Rust);
        assert_eq!(twice[0].level, Level::Warning);
    }

    #[test]
    fn comments_flat_code_and_tests_may_be_long() {
        let comments = function("fn f()", "    // why\n\n", 90);
        let flat = function("fn f()", "    a();\n", 120);
        let test = function("#[test]\nfn f()", "    if a { if b { c(); } }\n", 120);
        for text in [comments, flat, test] {
            assert!(found(check, &text, Language::Rust).is_empty(), "{text}");
        }
    }
}
