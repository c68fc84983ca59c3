//! Python, as tree-sitter-python reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;

use super::{Grammar, Role};

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
    ],
    is_test_name: |name| name.starts_with("test_"),
    table: OnceLock::new(),
};
