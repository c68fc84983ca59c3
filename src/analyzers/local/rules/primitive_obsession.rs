//! Parameters that a caller mixes up because they all look alike: flags and texts in a row. Not
//! numbers, which nobody can tell apart by their types in mathematics either.

use super::Rule;
use super::case::{Case, Function, Parameter, Signature, measure};
use crate::model::{Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "primitive-obsession",
    kind: Kind::Refactor,
    level: Level::Note,
    minutes: 20,
    help: "Parameters that look alike to every caller",
    details: "More than `maxFlagParameters` parameters of type bool, or more than \
              `maxTextParameters` that are plain strings. Not where somebody else dictates the \
              signature, and not in tests.",
};

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let own = case.functions.iter();
    let own = own.filter(|f| !f.is_test && f.signature == Signature::Own);
    own.filter_map(|function| flags(case, function).or_else(|| texts(case, function)))
        .collect()
}

fn flags(case: &Case<'_>, function: &Function<'_>) -> Option<Finding> {
    let limit = case.thresholds.get("maxFlagParameters");
    let value = count(function, is_flag);
    if value <= limit {
        return None;
    }
    let mut finding = case.on_function(&RULE, Level::Note, function);
    finding.title = format!("`{}` takes {value} flags", function.path);
    finding.message = format!(
        "A call shows {value} times true or false; which of them means what can only be looked up, \
         and two in the wrong order compile."
    );
    finding.suggestion = Some(
        "Make each flag an enum of two words, or gather them in a struct of options".to_owned(),
    );
    measure(&mut finding, value, limit);
    Some(finding)
}

fn texts(case: &Case<'_>, function: &Function<'_>) -> Option<Finding> {
    let limit = case.thresholds.get("maxTextParameters");
    let value = count(function, is_text);
    if value <= limit {
        return None;
    }
    let mut finding = case.on_function(&RULE, Level::Note, function);
    finding.title = format!("`{}` takes {value} plain strings", function.path);
    finding.message = format!(
        "Nothing but their order tells {value} strings apart: two that are swapped compile."
    );
    finding.suggestion = Some(
        "Give what the strings mean types of their own, or gather them in a struct with named \
         fields"
            .to_owned(),
    );
    measure(&mut finding, value, limit);
    Some(finding)
}

fn count(function: &Function<'_>, is: fn(&Parameter<'_>) -> bool) -> i64 {
    let alike = function.parameters.iter().filter(|parameter| is(parameter));
    i64::try_from(alike.count()).unwrap_or(i64::MAX)
}

fn is_flag(parameter: &Parameter<'_>) -> bool {
    matches!(bare(parameter), "bool" | "boolean" | "_Bool")
}

fn is_text(parameter: &Parameter<'_>) -> bool {
    matches!(
        bare(parameter),
        "str" | "String" | "string" | "std::string" | "std::string_view"
    )
}

/// The type without what the languages write around it: `&'a mut str`, `: string`.
fn bare<'a>(parameter: &Parameter<'a>) -> &'a str {
    let mut of_type = parameter.of_type.trim_start_matches([':', ' ', '&']);
    if let Some(lifetime) = of_type.strip_prefix('\'') {
        of_type = lifetime.split_once(' ').map_or("", |(_, rest)| rest);
    }
    of_type.trim_start_matches("mut ").trim()
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
    fn three_flags_are_a_riddle_in_every_typed_language() {
        for (language, text) in [
            (Language::Rust, "fn f(a: bool, x: u8, b: bool, c: bool) {}"),
            (Language::Python, "def f(a: bool, b: bool, c: bool): pass"),
            (
                Language::TypeScript,
                "function f(a: boolean, b: boolean, c: boolean) {}",
            ),
            (Language::Go, "package p\nfunc f(a, b, c bool) {}"),
            (
                Language::Java,
                "class A { void f(boolean a, boolean b, boolean c) {} }",
            ),
            (Language::Cpp, "void f(bool a, bool b, bool c) {}"),
        ] {
            let found = titles(text, language);
            assert_eq!(found.len(), 1, "{language}");
            assert!(found[0].ends_with("takes 3 flags"), "{language}");
        }
    }

    #[test]
    fn four_strings_are_told_apart_by_order_alone() {
        let text = "fn f<'a>(a: &'a str, b: String, c: &str, d: &'static str) {}";
        assert_eq!(titles(text, Language::Rust), ["`f` takes 4 plain strings"]);
    }

    #[test]
    fn fewer_of_either_dictated_ones_and_tests_are_left_alone() {
        for text in [
            "fn f(a: bool, b: bool, c: &str, d: &str, e: &str) {}",
            "fn f(a: u8, b: u8, c: u8, d: u8, e: Option<&str>) {}",
            "impl T for A { fn f(a: bool, b: bool, c: bool) {} }",
            "#[cfg(test)]\nmod tests { fn f(a: bool, b: bool, c: bool) {} }",
        ] {
            assert!(titles(text, Language::Rust).is_empty(), "{text}");
        }
    }
}
