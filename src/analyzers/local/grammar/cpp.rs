//! C++, as tree-sitter-cpp reads it. The preprocessor is not run: what macros hide stays hidden.

use std::sync::OnceLock;

use big_code_analysis::LANG;

use super::{Closures, Grammar, Role};

pub static GRAMMAR: Grammar = Grammar {
    parser: LANG::Cpp,
    separator: "::",
    names: &[
        ("function_definition", "declarator"),
        ("class_specifier", "name"),
        ("struct_specifier", "name"),
        ("namespace_definition", "name"),
    ],
    roles: &[
        (Role::Comment, &["comment"]),
        (
            Role::Text,
            &["string_literal", "raw_string_literal", "char_literal"],
        ),
        (
            Role::Testable,
            &[
                "function_definition",
                "expression_statement",
                "class_specifier",
            ],
        ),
        (Role::Number, &["number_literal"]),
        (Role::Function, &["function_definition"]),
        (
            Role::Nesting,
            &[
                "if_statement",
                "for_statement",
                "for_range_loop",
                "while_statement",
                "do_statement",
                "switch_statement",
                "try_statement",
            ],
        ),
        (Role::Else, &["else_clause"]),
        (
            Role::Conditional,
            &["if_statement", "while_statement", "do_statement"],
        ),
        (
            Role::Name,
            &[
                "identifier",
                "field_identifier",
                "type_identifier",
                "namespace_identifier",
            ],
        ),
        (Role::Closure, &["lambda_expression"]),
        (Role::Call, &["call_expression"]),
        (
            Role::Wrapper,
            &[
                "parenthesized_expression",
                "call_expression",
                "argument_list",
            ],
        ),
        (Role::Handler, &["catch_clause"]),
        (Role::Brackets, &["parenthesized_expression"]),
        (
            Role::Branch,
            &[
                "if_statement",
                "for_statement",
                "for_range_loop",
                "while_statement",
                "do_statement",
                "catch_clause",
                "conditional_expression",
            ],
        ),
        (Role::Switch, &["switch_statement"]),
        (Role::Join, &["binary_expression"]),
        (Role::Jump, &["goto_statement"]),
    ],
    or_is_default: false,
    closures: Closures::Outside,
    binders: &[
        ("init_declarator", "declarator", "value"),
        ("field_declaration", "declarator", "default_value"),
    ],
    test: super::c_family::test,
    table: OnceLock::new(),
};
