//! Rust, as tree-sitter-rust reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;

use super::{Closures, Grammar, Role};

pub static GRAMMAR: Grammar = Grammar {
    parser: LANG::Rust,
    separator: "::",
    names: &[
        ("function_item", "name"),
        ("function_signature_item", "name"),
        ("struct_item", "name"),
        ("enum_item", "name"),
        ("union_item", "name"),
        ("trait_item", "name"),
        ("mod_item", "name"),
        ("macro_definition", "name"),
        ("impl_item", "type"),
    ],
    roles: &[
        (Role::Comment, &["line_comment", "block_comment"]),
        (
            Role::Text,
            &["string_literal", "raw_string_literal", "char_literal"],
        ),
        (Role::Number, &["integer_literal", "float_literal"]),
        (Role::Function, &["function_item"]),
        (
            Role::Nesting,
            &[
                "if_expression",
                "match_expression",
                "for_expression",
                "while_expression",
                "loop_expression",
            ],
        ),
        (Role::Else, &["else_clause"]),
        (Role::Conditional, &["if_expression", "while_expression"]),
        (
            Role::Name,
            &[
                "identifier",
                "type_identifier",
                "field_identifier",
                "shorthand_field_identifier",
            ],
        ),
        (Role::UnsafeBlock, &["unsafe_block"]),
        (Role::Attribute, &["attribute_item"]),
        (Role::Macro, &["macro_invocation"]),
        (Role::Binding, &["let_declaration"]),
        (Role::Statement, &["expression_statement"]),
        (
            Role::Constant,
            &["const_item", "static_item", "const_block", "enum_variant"],
        ),
        (
            Role::Item,
            &[
                "function_item",
                "struct_item",
                "enum_item",
                "union_item",
                "trait_item",
                "const_item",
                "static_item",
                "type_item",
            ],
        ),
    ],
    or_is_default: false,
    closures: Closures::Never,
    binders: &[],
    is_test_name: |_| false,
    is_test_call: |_| false,
    table: OnceLock::new(),
};
