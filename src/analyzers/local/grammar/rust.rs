//! Rust, as tree-sitter-rust reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;
use big_code_analysis::tree_sitter::Node;

use super::{Closures, Grammar, Role, Test, last_name, source};

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
        (
            Role::Branch,
            &[
                "if_expression",
                "for_expression",
                "while_expression",
                "loop_expression",
            ],
        ),
        (Role::Switch, &["match_expression"]),
        (Role::Join, &["binary_expression"]),
        (Role::Brackets, &["parenthesized_expression"]),
        (Role::Closure, &["closure_expression"]),
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
        (Role::InnerAttribute, &["inner_attribute_item"]),
        (
            Role::Testable,
            &["inner_attribute_item", "macro_invocation"],
        ),
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
    test,
    table: OnceLock::new(),
};

/// `#![cfg(test)]`, for the file or the module that it lies in, and calls of macros that stand for an
/// item and declare a test: `rgtest!(name, |dir| …)`. What stands under `#[test]` is told by the
/// attribute: see [`is_test_attribute`].
fn test(node: Node<'_>, text: &str) -> Option<Test> {
    if node.kind() == "macro_invocation" {
        let name = last_name(source(text, node.child_by_field_name("macro")?));
        let declares = name.ends_with("test") || name.ends_with("tests");
        return (declares && is_item(node)).then(|| Test::of(node, 0));
    }
    let around = node
        .parent()
        .filter(|_| is_test_attribute(source(text, node)))?;
    Some(match around.parent() {
        None => Test {
            range: 0..text.len(),
            tests: 0,
        },
        Some(_) => Test::of(around, 0),
    })
}

fn is_item(call: Node<'_>) -> bool {
    let above = std::iter::successors(call.parent(), |node| {
        let parent = node.parent();
        parent.filter(|_| node.kind() == "expression_statement")
    });
    let around = above.last();
    around.is_some_and(|node| matches!(node.kind(), "source_file" | "declaration_list"))
}

/// Does what stands under this attribute exist for tests alone? `#[test]`, `#[tokio::test]`,
/// `#[cfg(test)]`, `#[cfg(all(unix, test))]`, `#[cfg_attr(not(loom), test)]`.
pub fn is_test_attribute(attribute: &str) -> bool {
    let inside: String = attribute
        .trim_start_matches(['#', '!', '['])
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    is_test(inside.trim_end_matches(']'))
}

fn is_test(attribute: &str) -> bool {
    let (path, arguments) = match attribute.split_once('(') {
        Some((path, rest)) => (path, rest.strip_suffix(')').unwrap_or(rest)),
        None => (attribute, ""),
    };
    match path {
        "cfg" => asks_for_test(arguments),
        "cfg_attr" => parts(arguments).skip(1).any(is_test),
        _ => {
            let last = path.rsplit("::").next().unwrap_or_default();
            // `cargo_test`, `wasm_bindgen_test`: whatever ends so is one's own or a framework's.
            last.ends_with("_test")
                || [
                    "test",
                    "bench",
                    "rstest",
                    "test_case",
                    "quickcheck",
                    "proptest",
                ]
                .contains(&last)
        }
    }
}

/// Does a condition hold in tests alone?
fn asks_for_test(condition: &str) -> bool {
    let inside = |name: &str| {
        let rest = condition.strip_prefix(name)?;
        rest.strip_prefix('(')?.strip_suffix(')')
    };
    match (inside("all"), inside("any")) {
        (Some(all), _) => parts(all).any(asks_for_test),
        (_, Some(any)) => !any.is_empty() && parts(any).all(asks_for_test),
        _ => condition == "test",
    }
}

/// The parts between commas outside brackets.
fn parts(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let parts = list.split(move |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.filter(|part| !part.is_empty())
}
