//! What JavaScript and TypeScript have in common. Not their tables.

use big_code_analysis::tree_sitter::Node;

use super::{Test, children, source};

/// Calls that declare a test or a group of tests: a title, and a function that holds it. As Jest,
/// Mocha, Vitest, Playwright, node:test and QUnit have them.
const DECLARES: [&str; 12] = [
    "describe",
    "xdescribe",
    "fdescribe",
    "suite",
    "context",
    "it",
    "xit",
    "fit",
    "test",
    "specify",
    "bench",
    "QUnit",
];

/// Calls that set tests up or clean up behind them.
const STAGES: [&str; 4] = ["beforeEach", "afterEach", "beforeAll", "afterAll"];

/// The call of a test runner with the function that it runs.
pub fn test(call: Node<'_>, text: &str) -> Option<Test> {
    let name = source(text, root(call)?);
    let arguments = children(call.child_by_field_name("arguments")?);
    let titled = matches!(arguments.first()?.kind(), "string" | "template_string");
    let runs = arguments
        .iter()
        .any(|argument| matches!(argument.kind(), "arrow_function" | "function_expression"));
    let declares = titled && DECLARES.contains(&name);
    let groups = matches!(
        name,
        "describe" | "xdescribe" | "fdescribe" | "suite" | "context"
    );
    let tests = usize::from(declares && !groups);
    (runs && (declares || STAGES.contains(&name))).then(|| Test::of(call, tests))
}

/// The name that `describe.each(table)(…)`, `test.only(…)` and `it(…)` begin with.
fn root(call: Node<'_>) -> Option<Node<'_>> {
    let mut callee = call.child_by_field_name("function")?;
    loop {
        callee = match callee.kind() {
            "identifier" => return Some(callee),
            "member_expression" => callee.child_by_field_name("object")?,
            "call_expression" => callee.child_by_field_name("function")?,
            _ => return None,
        };
    }
}
