//! Python, as tree-sitter-python reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;
use big_code_analysis::tree_sitter::Node;

use super::{Closures, Grammar, Role, Test, children, last_name, source};

pub static GRAMMAR: Grammar = Grammar {
    parser: LANG::Python,
    separator: ".",
    names: &[
        ("function_definition", "name"),
        ("class_definition", "name"),
    ],
    roles: &[
        (Role::Comment, &["comment"]),
        (Role::Text, &["string"]),
        (Role::Number, &["integer", "float"]),
        (Role::Function, &["function_definition"]),
        (
            Role::Nesting,
            &[
                "if_statement",
                "for_statement",
                "while_statement",
                "try_statement",
                "match_statement",
            ],
        ),
        (Role::Else, &["else_clause"]),
        (
            Role::Conditional,
            &["if_statement", "elif_clause", "while_statement"],
        ),
        (Role::Name, &["identifier"]),
        (Role::Statement, &["expression_statement"]),
        (Role::Closure, &["lambda"]),
        (Role::Handler, &["except_clause"]),
        (Role::Brackets, &["parenthesized_expression"]),
        (
            Role::Branch,
            &[
                "if_statement",
                "elif_clause",
                "for_statement",
                "while_statement",
                "except_clause",
                "conditional_expression",
                "for_in_clause",
            ],
        ),
        (Role::Switch, &["match_statement"]),
        (Role::Choice, &["if_clause"]),
        (Role::Join, &["boolean_operator"]),
        (
            Role::Testable,
            &[
                "function_definition",
                "class_definition",
                "decorated_definition",
            ],
        ),
    ],
    or_is_default: false,
    closures: Closures::Never,
    binders: &[],
    test,
    table: OnceLock::new(),
};

/// As pytest and unittest collect them: functions `test_…` of a module and of a class of tests, which
/// derives from a `TestCase` or is called `Test…` and has such functions; fixtures.
fn test(node: Node<'_>, text: &str) -> Option<Test> {
    match node.kind() {
        "decorated_definition" => is_fixture(node, text).then(|| Test::of(node, 0)),
        "class_definition" => is_case(node, text).then(|| Test::of(node, 0)),
        _ => {
            // A method called so is one only in a class of tests, which has been seen before.
            let of_module = node.start_position().column == 0;
            (of_module && is_test_function(node, text)).then(|| Test::of(node, 1))
        }
    }
}

fn is_fixture(decorated: Node<'_>, text: &str) -> bool {
    let decorators = children(decorated).into_iter();
    let mut decorators = decorators.filter(|node| node.kind() == "decorator");
    decorators.any(|decorator| {
        let written = source(text, decorator).trim_start_matches('@');
        let name = written.split('(').next().unwrap_or_default();
        last_name(name) == "fixture" || name.contains("pytest.mark.")
    })
}

fn is_case(class: Node<'_>, text: &str) -> bool {
    let bases = class.child_by_field_name("superclasses");
    let mut bases = bases.into_iter().flat_map(children);
    let derives = bases.any(|base| last_name(source(text, base)).ends_with("TestCase"));
    let name = class.child_by_field_name("name");
    let named = name.is_some_and(|name| source(text, name).starts_with("Test"));
    derives || (named && has_test(class, text))
}

fn has_test(class: Node<'_>, text: &str) -> bool {
    let body = class.child_by_field_name("body");
    let mut members = body.into_iter().flat_map(children);
    members.any(|member| {
        let decorated = member.child_by_field_name("definition");
        is_test_function(decorated.unwrap_or(member), text)
    })
}

fn is_test_function(node: Node<'_>, text: &str) -> bool {
    let name = node.child_by_field_name("name");
    let name = name.map_or("", |name| source(text, name));
    node.kind() == "function_definition" && name.starts_with("test_")
}
