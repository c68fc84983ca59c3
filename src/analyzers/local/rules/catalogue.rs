//! The list of all rules. Its reader's copy, with examples, is docs/rules.md.

use super::Rule;
use crate::model::{Kind, Level};

/// Every rule, by kind.
pub const RULES: &[Rule] = &[
    Rule {
        id: "long-function",
        kind: Kind::Refactor,
        level: Level::Warning,
        help: "A function longer than can be read at once",
        details: "More lines of code than `maxFunctionLines`, comments and blank lines aside. Not \
                  in tests, and not where nearly all of it is one literal or one flat match.",
    },
    Rule {
        id: "dead-code",
        kind: Kind::Refactor,
        level: Level::Warning,
        help: "A private item that nothing uses",
        details: "Rust only. A private function, type, constant or method whose name stands \
                  nowhere else in the file. Not in files with modules in other files, which may \
                  name it; not under `cfg`, `allow` or an attribute that may use it; not in traits \
                  and their implementations, tests, or texts that do not parse.",
    },
    Rule {
        id: "duplicated-code",
        kind: Kind::Refactor,
        level: Level::Warning,
        help: "Code that stands in the file twice",
        details: "At least `minDuplicatedTokens` tokens in the functions of a file repeat earlier \
                  ones, names and literals included, over 6 lines or more; a warning from 20 lines \
                  on, else a note. Not in tests, and not where a table says the same few words \
                  again and again.",
    },
    Rule {
        id: "suppression-without-reason",
        kind: Kind::Refactor,
        level: Level::Note,
        help: "A suppression does not say why",
        details: "A comment `rustassistant: ignore[rule]` without a reason behind it. Reported in \
                  the kind whose rule it names.",
    },
    Rule {
        id: "unknown-suppression",
        kind: Kind::Refactor,
        level: Level::Note,
        help: "A suppression names no rule that exists",
        details: "A comment `rustassistant: ignore[rule]` whose rule does not exist has no effect.",
    },
    Rule {
        id: "todo",
        kind: Kind::Todos,
        level: Level::Note,
        help: "Work that was put off",
        details: "TODO in a comment.",
    },
    Rule {
        id: "fixme",
        kind: Kind::Todos,
        level: Level::Warning,
        help: "Something its author knows to be wrong",
        details: "FIXME in a comment. A note in tests.",
    },
    Rule {
        id: "hack",
        kind: Kind::Todos,
        level: Level::Note,
        help: "A workaround that was meant to be replaced",
        details: "HACK in a comment.",
    },
    Rule {
        id: "xxx",
        kind: Kind::Todos,
        level: Level::Warning,
        help: "A place that its author marked as doubtful",
        details: "XXX in a comment. A note in tests.",
    },
    Rule {
        id: "todo-macro",
        kind: Kind::Todos,
        level: Level::Warning,
        help: "`todo!` panics where code is to be",
        details: "A call of `todo!`. A note in tests.",
    },
    Rule {
        id: "unimplemented-macro",
        kind: Kind::Todos,
        level: Level::Note,
        help: "`unimplemented!` panics where code is to be",
        details: "A call of `unimplemented!`, which is often meant to stay.",
    },
    Rule {
        id: "undocumented-item",
        kind: Kind::Docs,
        level: Level::Note,
        help: "A public item without documentation",
        details: "An item that other files can use, and that says nothing about itself.",
    },
    Rule {
        id: "missing-safety-section",
        kind: Kind::Docs,
        level: Level::Warning,
        help: "Unsafe, without saying what callers must uphold",
        details: "A documented unsafe function or trait whose documentation does not speak of \
                  safety.",
    },
    Rule {
        id: "missing-module-docs",
        kind: Kind::Docs,
        level: Level::Note,
        help: "A file that does not say what it is",
        details: "A file of Rust or Python with several public items and no words on itself.",
    },
    Rule {
        id: "complex-hotspot",
        kind: Kind::Analysis,
        level: Level::Warning,
        help: "The functions of a file that are hardest to change",
        details: "At most three functions of a file whose cognitive complexity is over \
                  `hotspotComplexity`.",
    },
    Rule {
        id: "syntax-error",
        kind: Kind::Analysis,
        level: Level::Note,
        help: "The parser lost track",
        details: "The first place that the parser could not read. Not for C and C++, where the \
                  preprocessor makes such places in correct code.",
    },
    Rule {
        id: "unsafe-without-safety-comment",
        kind: Kind::Analysis,
        level: Level::Warning,
        help: "An unsafe block that does not say why it is sound",
        details: "An unsafe block of Rust outside tests and unsafe functions without a comment on \
                  its safety.",
    },
];
