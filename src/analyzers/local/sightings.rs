//! What one walk over a syntax tree sees, for all kinds that ask: comments, unsafe code, tests,
//! unfinished code, errors. Where things are, not what to think of them.

use std::ops::Range;

use big_code_analysis::tree_sitter::{Node, TreeCursor};

use super::subject::Subject;
use crate::model::Language;

/// The places of interest, each list in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    /// Real comments: nothing in a string.
    pub comments: Vec<Range<usize>>,
    pub unsafe_blocks: Vec<Range<usize>>,
    /// `todo!(…)` and `unimplemented!(…)`: the macro's name, and its call as far as the tree goes.
    pub unfinished: Vec<(&'static str, Range<usize>)>,
    /// Code that only tests use: test functions and modules.
    pub tests: Vec<Range<usize>>,
    pub test_functions: usize,
    /// What the parser could not read.
    pub errors: Vec<Range<usize>>,
    /// The most branches and loops inside each other in one function.
    pub nesting_max: usize,
}

impl Sightings {
    /// Does this byte lie in code that only tests use?
    pub fn is_test(&self, byte: usize) -> bool {
        self.tests.iter().any(|test| test.contains(&byte))
    }
}

/// Walks the tree once, without recursion: a hostile text may nest as deep as it likes.
pub fn of(subject: &Subject<'_>) -> Sightings {
    let mut seen = Sightings::default();
    let mut cursor = subject.tree().walk();
    // How deep in branches and loops each node on the way from the root is.
    let mut nesting = vec![0];
    loop {
        see(subject, cursor.node(), &mut seen);
        let depth = nesting_below(&cursor, nesting.last().copied().unwrap_or(0));
        seen.nesting_max = seen.nesting_max.max(depth);
        if cursor.goto_first_child() {
            nesting.push(depth);
        } else if !next(&mut cursor, &mut nesting) {
            return seen;
        }
    }
}

/// On to the next node that is not below this one.
fn next(cursor: &mut TreeCursor<'_>, nesting: &mut Vec<usize>) -> bool {
    loop {
        if cursor.goto_next_sibling() {
            return true;
        }
        if !cursor.goto_parent() {
            return false;
        }
        nesting.pop();
    }
}

/// How deep what lies in a node is. `else if` is no deeper than its `if`; a function begins anew.
fn nesting_below(cursor: &TreeCursor<'_>, depth: usize) -> usize {
    let node = cursor.node();
    match node.kind() {
        "if_expression" | "if_statement" if is_alternative(cursor) => depth,
        "if_expression"
        | "match_expression"
        | "for_expression"
        | "while_expression"
        | "loop_expression"
        | "if_statement"
        | "for_statement"
        | "for_in_statement"
        | "enhanced_for_statement"
        | "for_range_loop"
        | "while_statement"
        | "do_statement"
        | "switch_statement"
        | "switch_expression"
        | "expression_switch_statement"
        | "type_switch_statement"
        | "select_statement"
        | "match_statement"
        | "try_statement" => depth + 1,
        "function_item"
        | "function_definition"
        | "function_declaration"
        | "method_definition"
        | "method_declaration" => 0,
        _ => depth,
    }
}

fn is_alternative(cursor: &TreeCursor<'_>) -> bool {
    cursor.field_name() == Some("alternative")
        || cursor
            .node()
            .parent()
            .is_some_and(|parent| parent.kind() == "else_clause")
}

fn see(subject: &Subject<'_>, node: Node<'_>, seen: &mut Sightings) {
    let range = node.byte_range();
    match node.kind() {
        "comment" | "line_comment" | "block_comment" => seen.comments.push(range),
        "unsafe_block" => seen.unsafe_blocks.push(range),
        "ERROR" => seen.errors.push(range),
        "identifier" if subject.language == Language::Rust => unfinished(subject, node, seen),
        "attribute_item" => rust_test(subject, node, seen),
        "function_definition" | "function_declaration" | "method_declaration" => {
            let name = subject.item_name(node).unwrap_or_default();
            if is_test_name(subject.language, name) {
                seen.tests.push(range);
                seen.test_functions += 1;
            }
        }
        _ if node.is_missing() => seen.errors.push(range),
        _ => {}
    }
}

/// `todo!` and `unimplemented!`, also where they stand in another macro's tokens.
fn unfinished(subject: &Subject<'_>, node: Node<'_>, seen: &mut Sightings) {
    let word = subject.source(node);
    let mut names = ["todo", "unimplemented"].into_iter();
    let Some(known) = names.find(|&known| known == word) else {
        return;
    };
    if let Some(bang) = node.next_sibling().filter(|next| next.kind() == "!") {
        let arguments = bang
            .next_sibling()
            .filter(|next| next.kind() == "token_tree");
        let end = arguments.map_or(bang.end_byte(), |arguments| arguments.end_byte());
        seen.unfinished.push((known, node.start_byte()..end));
    }
}

/// What stands under `#[test]`, `#[cfg(test)]` and their like.
fn rust_test(subject: &Subject<'_>, attribute: Node<'_>, seen: &mut Sightings) {
    if !is_test_attribute(subject.source(attribute)) {
        return;
    }
    let mut below = attribute.next_named_sibling();
    while let Some(node) = below {
        match node.kind() {
            "attribute_item" | "line_comment" | "block_comment" => {}
            kind => {
                seen.tests.push(node.byte_range());
                seen.test_functions += usize::from(kind == "function_item");
                return;
            }
        }
        below = node.next_named_sibling();
    }
}

fn is_test_attribute(attribute: &str) -> bool {
    let inside: String = attribute
        .trim_start_matches(['#', '['])
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let name = inside.split(['(', ']']).next().unwrap_or_default();
    let last = name.rsplit("::").next().unwrap_or_default();
    matches!(
        last,
        "test" | "bench" | "rstest" | "test_case" | "quickcheck"
    ) || inside.starts_with("cfg(test)")
        || inside.starts_with("cfg(all(test")
}

/// Names by which the languages' own test runners find tests.
fn is_test_name(language: Language, name: &str) -> bool {
    match language {
        Language::Python => name.starts_with("test_"),
        Language::Go => ["Test", "Benchmark", "Fuzz", "Example"]
            .iter()
            .filter_map(|prefix| name.strip_prefix(prefix))
            .any(|rest| !rest.starts_with(char::is_lowercase)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_walk_sees_it_all() {
        let text = "// a\nfn f() { unsafe { g(\"// no\") }; todo!(\"x\"); h! { unimplemented!() } }\n\
                    #[cfg(test)]\nmod tests {\n  // b\n  #[test]\n  fn t() {}\n}\n";
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let seen = subject.sightings();
        assert_eq!(seen.comments.len(), 2);
        assert_eq!(seen.unsafe_blocks.len(), 1);
        let unfinished: Vec<_> = seen
            .unfinished
            .iter()
            .map(|(_, range)| &text[range.clone()])
            .collect();
        assert_eq!(unfinished, ["todo!(\"x\")", "unimplemented!()"]);
        assert_eq!((seen.tests.len(), seen.test_functions), (2, 1));
        assert!(seen.is_test(text.find("// b").unwrap()));
        assert!(seen.errors.is_empty());
    }
}
