//! What one walk over a syntax tree sees, for all kinds that ask: comments, unsafe code, tests,
//! unfinished code, errors. Where things are, not what to think of them.

use std::ops::Range;

use big_code_analysis::tree_sitter::{Node, TreeCursor};

use super::subject::{Subject, is_item};
use crate::model::{Language, MAX_FINDINGS};

/// The places of interest, each list in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    /// Real comments: nothing in a string.
    pub comments: Vec<Range<usize>>,
    pub unsafe_blocks: Vec<Range<usize>>,
    /// `todo!(…)` and `unimplemented!(…)`: the macro's name, and its call as far as the tree goes.
    pub unfinished: Vec<(&'static str, Range<usize>)>,
    /// Code that only tests use: the outermost test functions and modules.
    pub tests: Vec<Range<usize>>,
    pub test_functions: usize,
    /// What the parser could not read.
    pub errors: Vec<Range<usize>>,
    /// The most branches and loops inside each other in one function.
    pub nesting_max: usize,
    items: Vec<Item>,
}

/// A node with a name that paths are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    range: Range<usize>,
    name: Range<usize>,
    /// The item that it lies in, by its place in the list.
    parent: Option<usize>,
}

impl Sightings {
    /// Does this byte lie in code that only tests use?
    pub fn is_test(&self, byte: usize) -> bool {
        let before = self.tests.partition_point(|test| test.start <= byte);
        let last = before.checked_sub(1).and_then(|at| self.tests.get(at));
        last.is_some_and(|test| test.contains(&byte))
    }

    /// The names of the items that a byte lies in, outermost first.
    pub fn names_at(&self, byte: usize) -> Vec<Range<usize>> {
        let mut names = Vec::new();
        let before = self.items.partition_point(|item| item.range.start <= byte);
        let mut next = before.checked_sub(1);
        while let Some(item) = next.and_then(|at| self.items.get(at)) {
            if item.range.contains(&byte) {
                names.push(item.name.clone());
            }
            next = item.parent;
        }
        names.reverse();
        names
    }

    fn add_item(
        &mut self,
        range: Range<usize>,
        name: Range<usize>,
        parent: Option<usize>,
    ) -> usize {
        self.items.push(Item {
            range,
            name,
            parent,
        });
        self.items.len() - 1
    }

    fn add_test(&mut self, range: Range<usize>, functions: usize) {
        self.test_functions += functions;
        if !self.is_test(range.start) {
            self.tests.push(range);
        }
    }
}

/// Walks the tree once, without recursion: a hostile text may nest as deep as it likes.
pub fn of(subject: &Subject<'_>) -> Sightings {
    let mut seen = Sightings::default();
    let kinds = kinds(subject);
    let mut cursor = subject.tree().walk();
    let mut way = vec![Step::default()];
    // How far from the root a test's attribute stands that still waits for its item.
    let mut awaited = None;
    loop {
        let node = cursor.node();
        let kind = match kinds.get(usize::from(node.kind_id())) {
            Some(_) if node.is_missing() => NodeKind::ERROR,
            Some(&kind) => kind,
            None => NodeKind::ERROR,
        };
        let above = way.last().copied().unwrap_or_default();
        if kind.sort != NodeSort::Other {
            see(subject, node, kind.sort, &mut seen);
        }
        if kind.sort == NodeSort::Attribute && is_test_attribute(subject.source(node)) {
            awaited = Some(way.len());
        } else if awaited >= Some(way.len()) && node.is_named() && !kind.stands_before_items() {
            if awaited == Some(way.len()) {
                let functions = usize::from(kind.sort == NodeSort::Function);
                seen.add_test(node.byte_range(), functions);
            }
            awaited = None;
        }
        let step = Step {
            sort: kind.sort,
            depth: depth_below(&cursor, kind.sort, above),
            item: match kind.item.then(|| subject.item_name(node)).flatten() {
                Some(name) => Some(seen.add_item(node.byte_range(), name, above.item)),
                None => above.item,
            },
        };
        seen.nesting_max = seen.nesting_max.max(step.depth);
        if cursor.goto_first_child() {
            way.push(step);
        } else if !next(&mut cursor, &mut way) {
            return seen;
        }
    }
}

/// A node on the way from the root.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    sort: NodeSort,
    /// In how many branches and loops of its function its children lie.
    depth: usize,
    /// The item that its children lie in.
    item: Option<usize>,
}

/// A function begins anew; `else if` is no deeper than its `if`, which some grammars say by a node
/// above and others by the name of the child.
fn depth_below(cursor: &TreeCursor<'_>, sort: NodeSort, above: Step) -> usize {
    match sort {
        NodeSort::If if above.sort == NodeSort::Else => above.depth,
        NodeSort::If if cursor.field_name() == Some("alternative") => above.depth,
        NodeSort::If | NodeSort::Branch => above.depth + 1,
        NodeSort::Function | NodeSort::NamedTest => 0,
        _ => above.depth,
    }
}

/// On to the next node that is not below this one.
fn next(cursor: &mut TreeCursor<'_>, way: &mut Vec<Step>) -> bool {
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

/// What a node is, as far as this walk cares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum NodeSort {
    #[default]
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

/// A kind of node.
#[derive(Clone, Copy, Debug)]
struct NodeKind {
    sort: NodeSort,
    item: bool,
}

impl NodeKind {
    const ERROR: Self = Self {
        sort: NodeSort::Error,
        item: false,
    };

    fn stands_before_items(self) -> bool {
        matches!(self.sort, NodeSort::Attribute | NodeSort::Comment)
    }
}

/// Every kind of node of the language, by its number: comparing names for each node of a tree
/// would take as long as parsing.
fn kinds(subject: &Subject<'_>) -> Vec<NodeKind> {
    let language = subject.tree().language();
    let kinds = u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
    let kind = |number| {
        let name = language.node_kind_for_id(number).unwrap_or_default();
        let name = if language.node_kind_is_named(number) {
            name
        } else {
            ""
        };
        NodeKind {
            sort: node_sort(name, subject.language),
            item: is_item(name),
        }
    };
    (0..kinds).map(kind).collect()
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
        NodeSort::NamedTest => {
            let name = subject.item_name(node).unwrap_or_default();
            let name = subject.text.get(name).unwrap_or_default();
            if is_test_name(subject.language, name) {
                seen.add_test(range, 1);
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
    if seen.unfinished.len() >= MAX_FINDINGS {
        return;
    }
    if let Some(bang) = node.next_sibling().filter(|next| next.kind() == "!") {
        let arguments = bang
            .next_sibling()
            .filter(|next| next.kind() == "token_tree");
        let end = arguments.map_or(bang.end_byte(), |arguments| arguments.end_byte());
        seen.unfinished.push((known, node.start_byte()..end));
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
        assert_eq!((seen.tests.len(), seen.test_functions), (1, 1));
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
