//! Go, as tree-sitter-go reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;

use super::{Grammar, Role};

pub static GRAMMAR: Grammar = Grammar {
    parser: LANG::Go,
    separator: ".",
    names: &[
        ("function_declaration", "name"),
        ("method_declaration", "name"),
    ],
    roles: &[
        (Role::Comment, &["comment"]),
        (
            Role::Text,
            &[
                "interpreted_string_literal",
                "raw_string_literal",
                "rune_literal",
            ],
        ),
        (Role::Number, &["int_literal", "float_literal"]),
        (
            Role::Function,
            &["function_declaration", "method_declaration"],
        ),
        (
            Role::Nesting,
            &[
                "if_statement",
                "for_statement",
                "expression_switch_statement",
                "type_switch_statement",
                "select_statement",
            ],
        ),
        (Role::Conditional, &["if_statement"]),
        (
            Role::Name,
            &["identifier", "field_identifier", "type_identifier"],
        ),
    ],
    is_test_name,
    table: OnceLock::new(),
};

/// As `go help testfunc` has it: `TestXxx`, where `Xxx` does not start with a lower-case letter.
fn is_test_name(name: &str) -> bool {
    ["Test", "Benchmark", "Fuzz", "Example"]
        .iter()
        .filter_map(|prefix| name.strip_prefix(prefix))
        .any(|rest| !rest.starts_with(char::is_lowercase))
}
