//! JavaScript with JSX, as tree-sitter-javascript reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;

use super::{Closures, Grammar, Role};

pub static GRAMMAR: Grammar = Grammar {
    parser: LANG::Javascript,
    separator: ".",
    names: &[
        ("function_declaration", "name"),
        ("generator_function_declaration", "name"),
        ("class_declaration", "name"),
        ("method_definition", "name"),
        ("function_expression", "name"),
        ("generator_function", "name"),
    ],
    roles: &[
        (Role::Comment, &["comment"]),
        (Role::Text, &["string", "template_string", "regex"]),
        (Role::Testable, &["call_expression"]),
        (Role::Number, &["number"]),
        (
            Role::Function,
            &[
                "function_declaration",
                "generator_function_declaration",
                "method_definition",
                "class_static_block",
            ],
        ),
        (
            Role::Nesting,
            &[
                "if_statement",
                "for_statement",
                "for_in_statement",
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
                "property_identifier",
                "private_property_identifier",
                "shorthand_property_identifier",
            ],
        ),
        (
            Role::Closure,
            &[
                "arrow_function",
                "function_expression",
                "generator_function",
            ],
        ),
        (Role::Call, &["call_expression", "new_expression"]),
        (
            Role::Wrapper,
            &[
                "parenthesized_expression",
                "unary_expression",
                "await_expression",
                "call_expression",
                "arguments",
                "member_expression",
            ],
        ),
        (Role::Handler, &["catch_clause"]),
        (Role::Statement, &["expression_statement"]),
        (Role::Brackets, &["parenthesized_expression"]),
        (
            Role::Branch,
            &[
                "if_statement",
                "for_statement",
                "for_in_statement",
                "while_statement",
                "do_statement",
                "catch_clause",
                "ternary_expression",
            ],
        ),
        (Role::Switch, &["switch_statement"]),
        (
            Role::Choice,
            &[
                "optional_chain",
                "assignment_pattern",
                "object_assignment_pattern",
            ],
        ),
        (
            Role::Join,
            &["binary_expression", "augmented_assignment_expression"],
        ),
        (Role::Jump, &["break_statement", "continue_statement"]),
    ],
    or_is_default: true,
    closures: Closures::Own,
    binders: &[
        ("variable_declarator", "name", "value"),
        ("assignment_expression", "left", "right"),
        ("pair", "key", "value"),
        ("field_definition", "property", "value"),
        ("export_statement", "default", "value"),
        ("jsx_attribute", "", ""),
    ],
    test: super::script::test,
    table: OnceLock::new(),
};
