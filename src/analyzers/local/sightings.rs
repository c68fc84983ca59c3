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
    let sorts = sorts(subject);
    let mut cursor = subject.tree().walk();
    // The way from the root: what each node on it is, and how deep in branches and loops.
    let mut way = vec![(NodeSort::Other, 0)];
    loop {
        let node = cursor.node();
        let sort = match sorts.get(usize::from(node.kind_id())) {
            Some(_) if node.is_missing() => NodeSort::Error,
            Some(&sort) => sort,
            None => NodeSort::Error,
        };
        if sort != NodeSort::Other {
            see(subject, node, sort, &mut seen);
        }
        let (above, depth) = way.last().copied().unwrap_or((NodeSort::Other, 0));
        let depth = match sort {
            NodeSort::If if above == NodeSort::Else || is_alternative(&cursor) => depth,
            NodeSort::If | NodeSort::Branch => depth + 1,
            NodeSort::Function | NodeSort::NamedTest => 0,
            _ => depth,
        };
        seen.nesting_max = seen.nesting_max.max(depth);
        if cursor.goto_first_child() {
            way.push((sort, depth));
        } else if !next(&mut cursor, &mut way) {
            return seen;
        }
    }
}

/// On to the next node that is not below this one.
fn next(cursor: &mut TreeCursor<'_>, way: &mut Vec<(NodeSort, usize)>) -> bool {
    loop {
        if cursor.goto_next_sibling() {
            return true;
        }
        if !cursor.goto_parent() {
            return false;
        }
        way.pop();
    }
}

/// `else if` is no deeper than its `if`: some grammars say so by the name of the child.
fn is_alternative(cursor: &TreeCursor<'_>) -> bool {
    cursor.field_name() == Some("alternative")
}

/// What a node is, as far as this walk cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NodeSort {
    Other,
    Comment,
    UnsafeBlock,
    Error,
    Identifier,
    Attribute,
    Function,
    /// A function that is a test if its name says so.
    NamedTest,
    If,
    Else,
    Branch,
}

/// The sort of every node of the language, by the number of its kind: comparing names for each
/// node of a tree would take as long as parsing.
fn sorts(subject: &Subject<'_>) -> Vec<NodeSort> {
    let language = subject.tree().language();
    let kinds = u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
    let name = |kind| language.node_kind_for_id(kind).unwrap_or_default();
    let named = |kind| language.node_kind_is_named(kind);
    let sort = |kind| match named(kind) {
        true => node_sort(name(kind), subject.language),
        false => NodeSort::Other,
    };
    (0..kinds).map(sort).collect()
}

fn node_sort(kind: &str, language: Language) -> NodeSort {
    match kind {
        "comment" | "line_comment" | "block_comment" => NodeSort::Comment,
        "unsafe_block" => NodeSort::UnsafeBlock,
        "identifier" if language == Language::Rust => NodeSort::Identifier,
        "attribute_item" => NodeSort::Attribute,
        "function_definition" | "function_declaration" | "method_declaration" => {
            NodeSort::NamedTest
        }
        "function_item" | "method_definition" => NodeSort::Function,
        "if_expression" | "if_statement" => NodeSort::If,
        "else_clause" => NodeSort::Else,
        "match_expression"
        | "for_expression"
        | "while_expression"
        | "loop_expression"
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
        | "try_statement" => NodeSort::Branch,
        _ => NodeSort::Other,
    }
}

fn see(subject: &Subject<'_>, node: Node<'_>, sort: NodeSort, seen: &mut Sightings) {
    let range = node.byte_range();
    match sort {
        NodeSort::Comment => seen.comments.push(range),
        NodeSort::UnsafeBlock => seen.unsafe_blocks.push(range),
        NodeSort::Error if !is_macro_mark(subject, &range) => seen.errors.push(range),
        NodeSort::Identifier => unfinished(subject, node, seen),
        NodeSort::Attribute => rust_test(subject, node, seen),
        NodeSort::NamedTest => {
            let name = subject.item_name(node).unwrap_or_default();
            if is_test_name(subject.language, name) {
                seen.tests.push(range);
                seen.test_functions += 1;
            }
        }
        _ => {}
    }
}

/// The `!` of a macro named like a type of the language, `str![…]`: correct, but the grammar does
/// not expect it.
fn is_macro_mark(subject: &Subject<'_>, error: &Range<usize>) -> bool {
    let before = subject.text.get(..error.start).unwrap_or_default();
    let text = subject.text.get(error.clone()).unwrap_or_default();
    let after = subject.text.get(error.end..).unwrap_or_default();
    let name = text.trim_end_matches('!');
    name.chars().all(char::is_alphanumeric)
        && match (name, text.ends_with('!')) {
            ("", bang) => bang && before.ends_with(char::is_alphanumeric),
            (_, bang) => bang || after.starts_with('!'),
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

    #[test]
    fn a_macro_named_like_a_type_is_no_error() {
        let errors = |text: &str| {
            let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
            subject.sightings().errors.len()
        };
        assert_eq!(errors("fn f() { g(str![\"a\"]); }"), 0);
        assert_eq!(errors("fn f() { g(str![]); }"), 0);
        assert_eq!(errors("fn f() { if }"), 1);
    }

    #[test]
    fn an_else_if_is_no_deeper_than_its_if() {
        let nesting = |text: &str, language| {
            let subject = Subject::parse(text.as_bytes(), language).unwrap();
            subject.sightings().nesting_max
        };
        let rust = "fn f() { if a { } else if b { for c in d { while e { } } } }";
        assert_eq!(nesting(rust, Language::Rust), 3);
        let java = "class A { void f() { if (a) { } else if (b) { for (;;) { } } } }";
        assert_eq!(nesting(java, Language::Java), 2);
        let python = "if a:\n  pass\nelif b:\n  for c in d:\n    pass\n";
        assert_eq!(nesting(python, Language::Python), 2);
    }
}
