//! C, as tree-sitter-c reads it. The preprocessor is not run: what macros hide stays hidden.

use std::sync::OnceLock;

use big_code_analysis::LANG;

use super::{Grammar, Role};

pub static GRAMMAR: Grammar = Grammar {
    parser: LANG::C,
    separator: "::",
    names: &[("function_definition", "declarator")],
    roles: &[
        (Role::Comment, &["comment"]),
        (Role::Text, &["string_literal", "char_literal"]),
        (Role::Testable, &["function_definition"]),
        (Role::Number, &["number_literal"]),
        (Role::Function, &["function_definition"]),
        (
            Role::Nesting,
            &[
                "if_statement",
                "for_statement",
                "while_statement",
                "do_statement",
                "switch_statement",
            ],
        ),
        (Role::Else, &["else_clause"]),
        (
            Role::Conditional,
            &["if_statement", "while_statement", "do_statement"],
        ),
        (
            Role::Name,
            &["identifier", "field_identifier", "type_identifier"],
        ),
    ],
    test: super::c_family::test,
    table: OnceLock::new(),
};
