//! What JavaScript and TypeScript have in common beyond their nodes: how tests are written.

/// Does a call of this give its function to a test runner? `describe`, `it.each`, `test.only`:
/// the words of mocha, jest, vitest, jasmine and node:test.
pub fn is_test_call(callee: &str) -> bool {
    let first = callee.split(['.', '(']).next().unwrap_or_default();
    let bare = first.trim_start_matches(['x', 'f']);
    TESTS.contains(&first) || (TESTS.contains(&bare) && first.len() == bare.len() + 1)
}

const TESTS: [&str; 14] = [
    "describe",
    "context",
    "suite",
    "it",
    "test",
    "specify",
    "bench",
    "before",
    "after",
    "beforeEach",
    "afterEach",
    "beforeAll",
    "afterAll",
    "setup",
];
