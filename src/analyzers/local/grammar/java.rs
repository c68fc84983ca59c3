//! Java, as tree-sitter-java reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;

use super::{Closures, Grammar, Role};

pub static GRAMMAR: Grammar = Grammar {
    parser: LANG::Java,
    separator: ".",
    names: &[
        ("class_declaration", "name"),
        ("interface_declaration", "name"),
        ("enum_declaration", "name"),
        ("record_declaration", "name"),
        ("method_declaration", "name"),
        ("constructor_declaration", "name"),
        ("compact_constructor_declaration", "name"),
        ("annotation_type_declaration", "name"),
    ],
    roles: &[
        (Role::Comment, &["line_comment", "block_comment"]),
        (Role::Text, &["string_literal", "character_literal"]),
        (
            Role::Number,
            &["decimal_integer_literal", "decimal_floating_point_literal"],
        ),
        (
            Role::Function,
            &[
                "method_declaration",
                "constructor_declaration",
                "compact_constructor_declaration",
                "static_initializer",
            ],
        ),
        (
            Role::Nesting,
            &[
                "if_statement",
                "for_statement",
                "enhanced_for_statement",
                "while_statement",
                "do_statement",
                "switch_expression",
                "try_statement",
                "try_with_resources_statement",
            ],
        ),
        (
            Role::Conditional,
            &["if_statement", "while_statement", "do_statement"],
        ),
        (Role::Name, &["identifier", "type_identifier"]),
        (Role::Closure, &["lambda_expression"]),
        (
            Role::Wrapper,
            &["parenthesized_expression", "cast_expression"],
        ),
        (Role::Members, &["class_body", "enum_body_declarations"]),
        (Role::Initializer, &["block"]),
        (Role::Handler, &["catch_clause"]),
        (Role::Brackets, &["parenthesized_expression"]),
        (
            Role::Branch,
            &[
                "if_statement",
                "for_statement",
                "enhanced_for_statement",
                "while_statement",
                "do_statement",
                "catch_clause",
                "ternary_expression",
            ],
        ),
        (Role::Switch, &["switch_expression"]),
        (Role::Case, &["switch_label"]),
        (Role::Join, &["binary_expression"]),
        (Role::Jump, &["break_statement", "continue_statement"]),
    ],
    or_is_default: false,
    closures: Closures::Outside,
    binders: &[("variable_declarator", "name", "value")],
    is_test_name: |_| false,
    is_test_call: |_| false,
    table: OnceLock::new(),
};
