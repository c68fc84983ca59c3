//! Go, as tree-sitter-go reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;

use super::{Closures, Grammar, Role};

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
        (Role::Closure, &["func_literal"]),
        (Role::Call, &["call_expression"]),
        (
            Role::Wrapper,
            &[
                "parenthesized_expression",
                "unary_expression",
                "expression_list",
                "literal_element",
                "call_expression",
                "argument_list",
            ],
        ),
        (
            Role::Statement,
            &["expression_statement", "assignment_statement"],
        ),
        (Role::Brackets, &["parenthesized_expression"]),
        (Role::Branch, &["if_statement", "for_statement"]),
        (
            Role::Switch,
            &[
                "expression_switch_statement",
                "type_switch_statement",
                "select_statement",
            ],
        ),
        (
            Role::Case,
            &["expression_case", "type_case", "communication_case"],
        ),
        (Role::Join, &["binary_expression"]),
        (
            Role::Jump,
            &["break_statement", "continue_statement", "goto_statement"],
        ),
    ],
    or_is_default: false,
    closures: Closures::Own,
    binders: &[
        ("var_spec", "name", "value"),
        ("short_var_declaration", "left", "right"),
        ("assignment_statement", "left", "right"),
        ("keyed_element", "key", "value"),
    ],
    is_test_name,
    is_test_call: |_| false,
    table: OnceLock::new(),
};

/// As `go help testfunc` has it: `TestXxx`, where `Xxx` does not start with a lower-case letter.
fn is_test_name(name: &str) -> bool {
    ["Test", "Benchmark", "Fuzz", "Example"]
        .iter()
        .filter_map(|prefix| name.strip_prefix(prefix))
        .any(|rest| !rest.starts_with(char::is_lowercase))
}
