//! What C and C++ have in common. Not their tables.

use big_code_analysis::tree_sitter::Node;

use super::{Test, children, source};

/// What a macro of a test framework declares (GoogleTest, Catch2, doctest, Boost.Test, Unity,
/// Criterion), and fixtures that derive from `testing::Test`.
pub fn test(node: Node<'_>, text: &str) -> Option<Test> {
    match node.kind() {
        "class_specifier" => {
            let parts = children(node).into_iter();
            let mut bases = parts.filter(|part| part.kind() == "base_class_clause");
            bases
                .any(|base| source(text, base).contains("testing::Test"))
                .then(|| Test::of(node, 0))
        }
        // `TEST_CASE("title") {…}`: to the parser a call, and a block behind it.
        "expression_statement" => {
            let call = node.named_child(0)?;
            let name = call.child_by_field_name("function")?;
            let declares = call.kind() == "call_expression" && declares(source(text, name));
            let block = declares.then(|| node.next_named_sibling()).flatten()?;
            (block.kind() == "compound_statement").then(|| Test {
                range: node.start_byte()..block.end_byte(),
                tests: 1,
            })
        }
        // `TEST(Suite, name) {…}`: a function that begins with the macro's name.
        _ => {
            let written = source(text, node);
            let end = written.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let first = written.get(..end.unwrap_or(written.len()))?;
            declares(first).then(|| Test::of(node, 1))
        }
    }
}

/// `TEST`, `TEST_F`, `TYPED_TEST_P`, `BOOST_AUTO_TEST_CASE`, `SCENARIO`.
fn declares(name: &str) -> bool {
    let shouts = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let words = ["TEST", "TESTS", "SCENARIO", "SECTION"];
    name.chars().all(shouts) && name.split('_').any(|word| words.contains(&word))
}
