//! The list of all rules. Its reader's copy, with examples, is docs/rules.md.

use super::{
    Rule, cognitive_complexity, complex_conditional, cyclomatic_complexity, dead_code,
    deep_nesting, duplicated_code, ignored_result, large_module, long_function,
    long_parameter_list, primitive_obsession, swallowed_error, unsafe_unwrap,
};
use crate::model::{About, Kind, Level};

/// Every rule, by kind.
pub const RULES: &[Rule] = &[
    cognitive_complexity::RULE,
    complex_conditional::RULE,
    cyclomatic_complexity::RULE,
    dead_code::RULE,
    deep_nesting::RULE,
    duplicated_code::RULE,
    ignored_result::RULE,
    large_module::RULE,
    long_function::RULE,
    long_parameter_list::RULE,
    primitive_obsession::RULE,
    swallowed_error::RULE,
    unsafe_unwrap::RULE,
    Rule {
        id: "suppression-without-reason",
        kind: Kind::Refactor,
        level: Level::Note,
        about: About::Text,
        minutes: 2,
        help: "A suppression does not say why",
        details: "A comment `rustassistant: ignore[rule]` without a reason behind it. Reported in \
                  the kind whose rule it names.",
    },
    Rule {
        id: "unknown-suppression",
        kind: Kind::Refactor,
        level: Level::Note,
        about: About::Text,
        minutes: 2,
        help: "A suppression names no rule that exists",
        details: "A comment `rustassistant: ignore[rule]` whose rule does not exist has no effect.",
    },
    Rule {
        id: "todo",
        kind: Kind::Todos,
        level: Level::Note,
        about: About::Text,
        minutes: 30,
        help: "Work that was put off",
        details: "TODO in a comment.",
    },
    Rule {
        id: "fixme",
        kind: Kind::Todos,
        level: Level::Warning,
        about: About::Text,
        minutes: 60,
        help: "Something its author knows to be wrong",
        details: "FIXME in a comment. A note in tests.",
    },
    Rule {
        id: "hack",
        kind: Kind::Todos,
        level: Level::Note,
        about: About::Text,
        minutes: 60,
        help: "A workaround that was meant to be replaced",
        details: "HACK in a comment.",
    },
    Rule {
        id: "xxx",
        kind: Kind::Todos,
        level: Level::Warning,
        about: About::Text,
        minutes: 30,
        help: "A place that its author marked as doubtful",
        details: "XXX in a comment. A note in tests.",
    },
    Rule {
        id: "todo-macro",
        kind: Kind::Todos,
        level: Level::Warning,
        about: About::Text,
        minutes: 60,
        help: "`todo!` panics where code is to be",
        details: "A call of `todo!`. A note in tests.",
    },
    Rule {
        id: "unimplemented-macro",
        kind: Kind::Todos,
        level: Level::Note,
        about: About::Text,
        minutes: 60,
        help: "`unimplemented!` panics where code is to be",
        details: "A call of `unimplemented!`, which is often meant to stay.",
    },
    Rule {
        id: "todo-without-issue",
        kind: Kind::Todos,
        level: Level::Warning,
        about: About::Text,
        minutes: 5,
        help: "A note that names no issue",
        details: "Off unless `todoNeedsIssue` is 1. A TODO, FIXME, HACK or XXX in a comment that names \
                  no issue, pull request or page: `TODO(#123): …`.",
    },
    Rule {
        id: "undocumented-item",
        kind: Kind::Docs,
        level: Level::Note,
        about: About::Item,
        minutes: 5,
        help: "A public item without documentation",
        details: "An item that other files can use, and that says nothing about itself.",
    },
    Rule {
        id: "missing-safety-section",
        kind: Kind::Docs,
        level: Level::Warning,
        about: About::Item,
        minutes: 10,
        help: "Unsafe, without saying what callers must uphold",
        details: "A documented unsafe function or trait whose documentation does not speak of \
                  safety.",
    },
    Rule {
        id: "missing-module-docs",
        kind: Kind::Docs,
        level: Level::Note,
        about: About::File,
        minutes: 5,
        help: "A file that does not say what it is",
        details: "A file of Rust or Python with several public items and no words on itself.",
    },
    Rule {
        id: "complex-hotspot",
        kind: Kind::Analysis,
        level: Level::Note,
        about: About::Item,
        minutes: 45,
        help: "The functions of a file that are hardest to change",
        details: "Models report these. The embedded analyzer counts them in the metric `hotspots`, names \
                  the first three in a suggestion, and leaves the finding to `cognitive-complexity`.",
    },
    Rule {
        id: "syntax-error",
        kind: Kind::Analysis,
        level: Level::Note,
        about: About::File,
        minutes: 10,
        help: "A place that could not be read",
        details: "The first place that could not be read, where the text shows that it is broken: a \
                  bracket without its other, the marks of a merge, nothing where something must \
                  follow. Not what the parser alone does not know, which may be newer than it, and \
                  not for C and C++, where the preprocessor makes such places in correct code.",
    },
    Rule {
        id: "unsafe-without-safety-comment",
        kind: Kind::Analysis,
        level: Level::Warning,
        about: About::Text,
        minutes: 10,
        help: "An unsafe block that does not say why it is sound",
        details: "An unsafe block of Rust outside tests and unsafe functions without a comment on \
                  its safety.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::local::Thresholds;

    const PAGE: &str = include_str!("../../../../docs/rules.md");

    #[test]
    fn every_rule_is_described_in_the_documentation() {
        for rule in RULES {
            let row = format!("| `{}` | {} |", rule.id, rule.level);
            assert!(PAGE.contains(&row), "docs/rules.md lacks {row}");
            if rule.kind == Kind::Refactor {
                let text = format!("- `{}`: {}\n", rule.id, rule.details);
                assert!(PAGE.contains(&text), "docs/rules.md lacks {text}");
            }
        }
    }

    #[test]
    fn every_threshold_stands_there_with_its_default() {
        for threshold in Thresholds::ALL {
            let row = format!("| `{}` | {} |", threshold.name, threshold.default);
            assert!(PAGE.contains(&row), "docs/rules.md lacks {row}");
        }
    }

    #[test]
    fn no_two_rules_have_one_name() {
        let mut names: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
    }
}
