//! Java, as tree-sitter-java reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;

use super::{Grammar, Role};

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
            &["method_declaration", "constructor_declaration"],
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
    ],
    is_test_name: |_| false,
    table: OnceLock::new(),
};
