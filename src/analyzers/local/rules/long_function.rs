//! Functions that are longer than can be read at once. Not tests.

use std::ops::Range;

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
              of settings, one flat match) may be twice as long. Not a function that is called where it stands, around a file, nor a function without a name in another. Not in tests.",
};

/// Up to this cognitive complexity, a function reads from top to bottom.
const FLAT: i64 = 5;

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let limit = case.thresholds.get("maxFunctionLines");
    // From the last to begin to the first, so that a function comes after what it holds: what is
    // told of a function inside is not told of its outside again.
    let mut told: Vec<(&Range<usize>, i64)> = Vec::new();
    let measured: Vec<_> = case.measured().collect();
    let long = measured.iter().enumerate().rev().filter_map(|(at, &(function, figures))| {
        let lines = case.lines_in(&function.range);
        let within = measured.iter().skip(at + 1);
        let within = within.take_while(|(inner, _)| inner.range.start < function.range.end);
        let parts = within.filter(|(inner, _)| inner.is_part);
        let cognitive = figures.cognitive + parts.map(|(_, part)| part.cognitive).sum::<i64>();
        let factor = if cognitive <= FLAT { 2 } else { 1 };
        let inside = told.iter().filter(|(range, _)| function.range.contains(&range.start));
        let own = lines - inside.map(|(_, lines)| lines).sum::<i64>();
        if own <= limit.saturating_mul(factor) || function.wraps || function.is_part {
            return None;
        }
        told.retain(|(range, _)| !function.range.contains(&range.start));
        told.push((&function.range, lines));
        let mut finding = case.on_function(&RULE, graded(lines, limit), function);
        finding.title = format!("`{}` has {lines} lines of code", function.path);
        finding.message = format!(
            "More than {limit} lines do not fit on a screen: whoever changes one part has to keep \
             the others in mind. Its cognitive complexity is {cognitive}."
        );
        finding.suggestion = Some(
            "Find the steps it goes through, and move each into a function that is named after it"
                .to_owned(),
        );
        measure(&mut finding, lines, limit);
        Some(finding)
    });
    let mut long: Vec<Finding> = long.collect();
    long.reverse();
    long
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

    #[test]
    fn what_is_told_of_an_inner_function_is_not_told_of_its_outside_again() {
        let branch = "    if (a) { if (b) { if (c) { d(); } } }\n";
        let long = branch.repeat(81);
        let named = format!("function f() {{\n  function g() {{\n{long}  }}\n  g();\n}}\n");
        let titles = |text: &str| {
            let findings = found(check, text, Language::JavaScript);
            findings
                .into_iter()
                .map(|f| f.item.unwrap_or_default())
                .collect::<Vec<_>>()
        };
        assert_eq!(titles(&named), ["f.g"]);
        let both = format!("function f() {{\n{long}  function g() {{\n{long}  }}\n}}\n");
        assert_eq!(titles(&both), ["f", "f.g"]);
        let part =
            format!("function f() {{\n  if (a) {{ b(); }}\n  xs.map(x => {{\n{long}  }});\n}}\n");
        assert_eq!(titles(&part), ["f"]);
        let alone = format!("app.get('/', (req) => {{\n{long}}});\n");
        assert_eq!(titles(&alone), ["app.get callback"]);
        let wrapper = format!("(function () {{\n{long}}}());\n");
        assert_eq!(titles(&wrapper), [""; 0]);
    }
}
