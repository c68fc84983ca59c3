//! Python, as tree-sitter-python reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;

use super::{Closures, Grammar, Role};

pub static GRAMMAR: Grammar = Grammar {
    parser: LANG::Python,
    separator: ".",
    names: &[
        ("function_definition", "name"),
        ("class_definition", "name"),
    ],
    roles: &[
        (Role::Comment, &["comment"]),
        (Role::Text, &["string"]),
        (Role::Number, &["integer", "float"]),
        (Role::Function, &["function_definition"]),
        (
            Role::Nesting,
            &[
                "if_statement",
                "for_statement",
                "while_statement",
                "try_statement",
                "match_statement",
            ],
        ),
        (Role::Else, &["else_clause"]),
        (
            Role::Conditional,
            &["if_statement", "elif_clause", "while_statement"],
        ),
        (Role::Name, &["identifier"]),
        (Role::Statement, &["expression_statement"]),
        (Role::Closure, &["lambda"]),
        (Role::Handler, &["except_clause"]),
        (Role::Brackets, &["parenthesized_expression"]),
        (
            Role::Branch,
            &[
                "if_statement",
                "elif_clause",
                "for_statement",
                "while_statement",
                "except_clause",
                "conditional_expression",
                "for_in_clause",
            ],
        ),
        (Role::Switch, &["match_statement"]),
        (Role::Case, &["case_clause"]),
        (Role::Choice, &["if_clause"]),
        (Role::Join, &["boolean_operator"]),
    ],
    or_is_default: false,
    closures: Closures::Never,
    binders: &[],
    is_test_name: |name| name.starts_with("test_"),
    is_test_call: |_| false,
    table: OnceLock::new(),
};
