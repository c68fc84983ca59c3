//! TypeScript, with and without JSX, as tree-sitter-typescript reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;

use super::{Binder, Closures, Grammar, Role};

pub static GRAMMAR: Grammar = table(LANG::Typescript, BINDERS);
pub static TSX: Grammar = table(LANG::Tsx, &WITH_JSX);

const BINDERS: &[Binder] = &[
    ("variable_declarator", "name", "value"),
    ("assignment_expression", "left", "right"),
    ("pair", "key", "value"),
    ("public_field_definition", "name", "value"),
    ("export_statement", "default", "value"),
];

const WITH_JSX: [Binder; 6] = [
    BINDERS[0],
    BINDERS[1],
    BINDERS[2],
    BINDERS[3],
    BINDERS[4],
    ("jsx_attribute", "", ""),
];

const fn table(parser: LANG, binders: &'static [Binder]) -> Grammar {
    Grammar {
        parser,
        separator: ".",
        names: &[
            ("function_declaration", "name"),
            ("generator_function_declaration", "name"),
            ("class_declaration", "name"),
            ("abstract_class_declaration", "name"),
            ("interface_declaration", "name"),
            ("method_definition", "name"),
            ("internal_module", "name"),
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
                &["identifier", "property_identifier", "type_identifier"],
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
                    "as_expression",
                    "satisfies_expression",
                    "non_null_expression",
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
                    "required_parameter",
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
        binders,
        test: super::script::test,
        table: OnceLock::new(),
    }
}
