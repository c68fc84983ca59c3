//! Functions that ask for many things one by one. Not those whose parameters somebody else chose.

use super::Rule;
use super::case::{Case, Signature, measure};
use crate::model::{About, Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "long-parameter-list",
    kind: Kind::Refactor,
    level: Level::Note,
    about: About::Item,
    minutes: 30,
    help: "A function with many parameters",
    details: "More parameters than `maxParameters`, without the receiver and those with a default. \
              Not where a trait, another language, what is overridden or a framework that calls \
              the function dictates them, and not in tests.",
};

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let limit = case.thresholds.get("maxParameters");
    let own = case.functions.iter();
    let own = own.filter(|f| !f.is_test && f.signature == Signature::Own);
    own.filter_map(|function| {
        let value = i64::try_from(function.parameters.len()).unwrap_or(i64::MAX);
        if value <= limit {
            return None;
        }
        let mut finding = case.on_function(&RULE, Level::Note, function);
        finding.title = format!("`{}` takes {value} parameters", function.path);
        finding.message = format!(
            "Every caller has to get {value} arguments into the right order; the limit is {limit}."
        );
        finding.suggestion = Some(
            "Group those that travel together into a struct or class with a name of its own"
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
    fn the_eighth_parameter_is_too_many() {
        let parameters = |count| vec!["a: u8"; count].join(", ");
        let text = |count| format!("fn f({}) {{}}", parameters(count));
        assert!(found(check, &text(7), Language::Rust).is_empty());
        let findings = found(check, &text(8), Language::Rust);
        assert_eq!(findings[0].title, "`f` takes 8 parameters");
    }

    #[test]
    fn who_implements_a_trait_did_not_choose() {
        let parameters = ["a: u8"; 9].join(", ");
        let text = format!("impl T for A {{ fn f({parameters}) {{}} }}");
        assert!(found(check, &text, Language::Rust).is_empty());
    }
}
