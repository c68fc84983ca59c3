//! C, as tree-sitter-c reads it. The preprocessor is not run: what macros hide stays hidden.

use std::sync::OnceLock;

use big_code_analysis::LANG;

use super::{Closures, Grammar, Role};

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
        (Role::Brackets, &["parenthesized_expression"]),
        (
            Role::Branch,
            &[
                "if_statement",
                "for_statement",
                "while_statement",
                "do_statement",
                "conditional_expression",
            ],
        ),
        (Role::Switch, &["switch_statement"]),
        (Role::Join, &["binary_expression"]),
        (Role::Jump, &["goto_statement"]),
    ],
    or_is_default: false,
    closures: Closures::Never,
    binders: &[],
    test: super::c_family::test,
    table: OnceLock::new(),
};
