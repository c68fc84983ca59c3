//! Go, as tree-sitter-go reads it.

use std::sync::OnceLock;

use big_code_analysis::LANG;
use big_code_analysis::tree_sitter::Node;

use super::{Closures, Grammar, Role, Test, source};

pub static GRAMMAR: Grammar = Grammar {
    parser: LANG::Go,
    separator: ".",
    names: &[
        ("function_declaration", "name"),
        ("method_declaration", "name"),
    ],
    roles: &[
        (Role::Comment, &["comment"]),
        (
            Role::Text,
            &[
                "interpreted_string_literal",
                "raw_string_literal",
                "rune_literal",
            ],
        ),
        (Role::Number, &["int_literal", "float_literal"]),
        (
            Role::Function,
            &["function_declaration", "method_declaration"],
        ),
        (
            Role::Nesting,
            &[
                "if_statement",
                "for_statement",
                "expression_switch_statement",
                "type_switch_statement",
                "select_statement",
            ],
        ),
        (Role::Conditional, &["if_statement"]),
        (
            Role::Name,
            &["identifier", "field_identifier", "type_identifier"],
        ),
        (Role::Closure, &["func_literal"]),
        (Role::Call, &["call_expression"]),
        (
            Role::Wrapper,
            &[
                "parenthesized_expression",
                "unary_expression",
                "expression_list",
                "literal_element",
                "call_expression",
                "argument_list",
            ],
        ),
        (
            Role::Statement,
            &["expression_statement", "assignment_statement"],
        ),
        (Role::Brackets, &["parenthesized_expression"]),
        (Role::Branch, &["if_statement", "for_statement"]),
        (
            Role::Switch,
            &[
                "expression_switch_statement",
                "type_switch_statement",
                "select_statement",
            ],
        ),
        (Role::Join, &["binary_expression"]),
        (
            Role::Jump,
            &["break_statement", "continue_statement", "goto_statement"],
        ),
        (
            Role::Testable,
            &[
                "package_clause",
                "function_declaration",
                "method_declaration",
            ],
        ),
    ],
    or_is_default: false,
    closures: Closures::Own,
    binders: &[
        ("var_spec", "name", "value"),
        ("short_var_declaration", "left", "right"),
        ("assignment_statement", "left", "right"),
        ("keyed_element", "key", "value"),
    ],
    test,
    table: OnceLock::new(),
};

/// A package named for it (`go help test`), whatever takes a type of the package `testing`, examples,
/// and the methods of a suite.
fn test(node: Node<'_>, text: &str) -> Option<Test> {
    if node.kind() == "package_clause" {
        let range = 0..text.len();
        return source(text, node)
            .ends_with("_test")
            .then_some(Test { range, tests: 0 });
    }
    let name = source(text, node.child_by_field_name("name")?);
    let parameters = source(text, node.child_by_field_name("parameters")?);
    let types = [
        "testing.T",
        "testing.B",
        "testing.F",
        "testing.M",
        "testing.TB",
    ];
    let of_testing = parameters
        .split([',', '(', ')', ' ', '*'])
        .any(|word| types.contains(&word));
    let bare = parameters == "()" && node.child_by_field_name("result").is_none();
    let of_suite = node
        .child_by_field_name("receiver")
        .is_some_and(|receiver| source(text, receiver).ends_with("Suite)"));
    let runs = match node.kind() {
        "method_declaration" => of_suite && bare && follows(name, &["Test"]),
        _ if bare => follows(name, &["Example"]),
        _ => of_testing && follows(name, &["Test", "Benchmark", "Fuzz"]),
    };
    (runs || of_testing).then(|| Test::of(node, usize::from(runs)))
}

/// As `go help testfunc` has it: `TestXxx`, where `Xxx` does not start with a lower-case letter.
fn follows(name: &str, prefixes: &[&str]) -> bool {
    let rests = prefixes
        .iter()
        .filter_map(|prefix| name.strip_prefix(prefix));
    rests
        .into_iter()
        .any(|rest| !rest.starts_with(char::is_lowercase))
}
