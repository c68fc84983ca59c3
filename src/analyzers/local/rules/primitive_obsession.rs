//! Parameters that only their order tells apart. Not types of fields or results.

use super::Rule;
use super::case::{Case, Function, Signature, measure};
use crate::model::{About, Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "primitive-obsession",
    kind: Kind::Refactor,
    level: Level::Note,
    about: About::Item,
    minutes: 30,
    help: "Parameters of the same plain type in a row",
    details: "At least `maxBoolParameters` + 1 booleans, or `maxTextParameters` + 1 texts, among the \
              parameters of one function: at the call, only their order tells them apart. In \
              languages that write types. Not where a trait or another language dictates them, and \
              not in tests.",
};

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let own = case.functions.iter();
    let own = own.filter(|f| !f.is_test && f.signature == Signature::Own);
    own.flat_map(|function| {
        [
            ("boolean", "maxBoolParameters", is_bool as fn(&str) -> bool),
            ("text", "maxTextParameters", is_text),
        ]
        .into_iter()
        .filter_map(|(noun, limit, is)| report(case, function, noun, limit, is))
        .collect::<Vec<_>>()
    })
    .collect()
}

fn report(
    case: &Case<'_>,
    function: &Function<'_>,
    noun: &str,
    threshold: &str,
    is: fn(&str) -> bool,
) -> Option<Finding> {
    let limit = case.thresholds.get(threshold);
    let parameters = function.parameters.iter();
    let count = parameters.filter(|parameter| is(parameter.of_type)).count();
    let value = i64::try_from(count).unwrap_or(i64::MAX);
    if value <= limit {
        return None;
    }
    let mut finding = case.on_function(&RULE, Level::Note, function);
    finding.title = format!("`{}` takes {value} {noun}s", function.path);
    finding.message = format!(
        "Where it is called, only the order of {value} {noun}s says which is which, and the \
         compiler cannot tell when two are swapped. The limit is {limit}."
    );
    finding.suggestion = Some(match noun {
        "boolean" => {
            "Make each an enum of two words, or put them into a struct of options".to_owned()
        }
        _ => "Give what they mean types of their own, or put them into a struct with names"
            .to_owned(),
    });
    measure(&mut finding, value, limit);
    Some(finding)
}

fn is_bool(of_type: &str) -> bool {
    matches!(of_type, "bool" | "boolean" | ": boolean" | ": bool")
}

fn is_text(of_type: &str) -> bool {
    let plain = of_type.trim_start_matches([':', '&', ' ']);
    let plain = match plain.strip_prefix('\'') {
        Some(lifetime) => lifetime.split_once(' ').map_or("", |(_, rest)| rest),
        None => plain,
    };
    matches!(plain, "str" | "String" | "string")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{found, lines};
    use super::*;
    use crate::model::Language;

    #[test]
    fn parades_of_plain_types_are_found() {
        assert_eq!(lines(check, "fn f(a: bool, b: bool, c: bool) {}"), [1]);
        let texts = "fn f(a: &str, b: &'a str, c: String, d: &str) {}";
        assert_eq!(lines(check, texts), [1]);
        let script = "function f(a: boolean, b: boolean, c: boolean) {}";
        assert_eq!(found(check, script, Language::TypeScript).len(), 1);
        let java = "class A { void f(boolean a, boolean b, boolean c) {} }";
        assert_eq!(found(check, java, Language::Java).len(), 1);
    }

    #[test]
    fn few_of_a_type_and_lists_are_fine() {
        assert!(lines(check, "fn f(a: bool, b: bool, c: u8) {}").is_empty());
        assert!(lines(check, "fn f(a: &[bool], b: &str, c: &str, d: &str) {}").is_empty());
    }
}
