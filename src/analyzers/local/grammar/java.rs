//! Java, as tree-sitter-java reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;
use big_code_analysis::tree_sitter::Node;

use super::{Closures, Grammar, Role, Test, children, last_name, source};

pub static GRAMMAR: Grammar = Grammar {
    parser: LANG::Java,
    separator: ".",
    names: &[
        ("class_declaration", "name"),
        ("interface_declaration", "name"),
        ("enum_declaration", "name"),
        ("enum_constant", "name"),
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
        (Role::Join, &["binary_expression"]),
        (Role::Jump, &["break_statement", "continue_statement"]),
        (Role::Testable, &["class_declaration", "method_declaration"]),
    ],
    or_is_default: false,
    closures: Closures::Outside,
    binders: &[("variable_declarator", "name", "value")],
    test,
    table: OnceLock::new(),
};

/// Methods that a test runner calls, by their annotations, and the classes that hold them.
fn test(node: Node<'_>, text: &str) -> Option<Test> {
    if node.kind() == "class_declaration" {
        let body = node.child_by_field_name("body");
        let mut members = body.into_iter().flat_map(children);
        let holds = members.any(|member| {
            member.kind() == "method_declaration" && annotations(member, text).any(is_test)
        });
        let base = node.child_by_field_name("superclass");
        let derives = base.is_some_and(|base| source(text, base).ends_with("TestCase"));
        return (holds || derives).then(|| Test::of(node, 0));
    }
    let tests = annotations(node, text).any(is_test);
    let helps = annotations(node, text).any(|name| {
        let name = name.strip_suffix("Class").unwrap_or(name);
        let stages = [
            "Before",
            "After",
            "BeforeEach",
            "AfterEach",
            "BeforeAll",
            "AfterAll",
        ];
        stages.contains(&name)
    });
    (tests || helps).then(|| Test::of(node, usize::from(tests)))
}

/// `Test`, `ParameterizedTest` and their like, `TestFactory`, jqwik's `Property`, JMH's `Benchmark`.
fn is_test(annotation: &str) -> bool {
    let others = [
        "TestFactory",
        "TestTemplate",
        "Theory",
        "Property",
        "Benchmark",
    ];
    annotation.ends_with("Test") || others.contains(&annotation)
}

/// The names of the annotations on a declaration, without their packages.
fn annotations<'a>(node: Node<'_>, text: &'a str) -> impl Iterator<Item = &'a str> {
    let parts = children(node).into_iter();
    let modifiers = parts.filter(|part| part.kind() == "modifiers");
    let names = modifiers
        .flat_map(children)
        .filter_map(|one| one.child_by_field_name("name"));
    names.map(|name| last_name(source(text, name)))
}
