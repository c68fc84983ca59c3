//! TypeScript, with and without JSX, as tree-sitter-typescript reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;

use super::{Grammar, Role};

pub static GRAMMAR: Grammar = table(LANG::Typescript);
pub static TSX: Grammar = table(LANG::Tsx);

const fn table(parser: LANG) -> Grammar {
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
        ],
        test: super::script::test,
        table: OnceLock::new(),
    }
}
