//! Files with more code than one subject needs. Tests do not count.

use super::Rule;
use super::case::{Case, measure};
use crate::analyzers::local::phrase;
use crate::model::{About, Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "large-module",
    kind: Kind::Refactor,
    level: Level::Note,
    about: About::File,
    minutes: 120,
    help: "A file with a lot of code",
    details: "More lines of code than `maxModuleLines`; tests, comments and blank lines do not \
              count. Not for files that are tests as a whole.",
};

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let limit = case.thresholds.get("maxModuleLines");
    let value = case.code_lines();
    if value <= limit {
        return Vec::new();
    }
    let mut finding = case.on_range(&RULE, Level::Note, &(0..case.subject.text.len()));
    finding.item = None;
    let functions = case.functions.iter().filter(|f| !f.is_test).count();
    finding.title = format!("{} lines of code in one file", shown(value));
    finding.message = format!(
        "It takes long to find anything among {}; the limit is {} lines, tests, comments and \
         blank lines aside.",
        phrase::count(functions, "function"),
        shown(limit)
    );
    finding.suggestion =
        Some("Move each group of items that use each other into a file of its own".to_owned());
    measure(&mut finding, value, limit);
    vec![finding]
}

fn shown(lines: i64) -> String {
    phrase::thousands(usize::try_from(lines).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;
    use super::*;
    use crate::model::Language;

    #[test]
    fn a_thousand_lines_are_enough_for_a_file() {
        let text = "fn f() {}\n".repeat(1001);
        let findings = found(check, &text, Language::Rust);
        assert_eq!(findings[0].title, "1,001 lines of code in one file");
    }

    #[test]
    fn tests_and_comments_do_not_make_a_file_large() {
        let tests = "    #[test]\n    fn t() {}\n".repeat(900);
        let comments = "// why\n".repeat(1000);
        let text = format!("fn f() {{}}\n{comments}#[cfg(test)]\nmod tests {{\n{tests}}}\n");
        assert!(found(check, &text, Language::Rust).is_empty());
    }
}
