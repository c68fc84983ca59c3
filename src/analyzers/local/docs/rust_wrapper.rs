//! Macros that write documentation and attributes before the item that they are given, and nothing else:
//! `macro_rules! doc { ($item:item) => { /// … $item } }`. Not what such a call holds.

use std::collections::BTreeMap;

use big_code_analysis::tree_sitter::Node;
use big_code_analysis::{Ast, LANG};

use super::rust::{Pending, children, source};

/// Of each such macro of a file, what it writes before its item.
pub type Wrappers = BTreeMap<String, String>;

/// The macros of a file, by name.
pub fn all(text: &str, root: Node<'_>) -> Wrappers {
    let macros = children(root).into_iter();
    let macros = macros.filter(|node| node.kind() == "macro_definition");
    macros.filter_map(|node| of(text, node)).collect()
}

fn of(text: &str, definition: Node<'_>) -> Option<(String, String)> {
    let name = source(text, definition.child_by_field_name("name")?);
    let rules = children(definition).into_iter();
    let mut rules = rules.filter(|node| node.kind() == "macro_rule");
    // With several there is more to it.
    let (rule, None) = (rules.next()?, rules.next()) else {
        return None;
    };
    let left = source(text, rule.child_by_field_name("left")?);
    let given = left.trim_matches(['(', ')', '[', ']', '{', '}', ' ', '\n']);
    let fragment = given.strip_suffix(":item")?.strip_prefix('$')?;
    let body = source(text, rule.child_by_field_name("right")?);
    let inside = body.get(1..body.len().checked_sub(1)?)?.trim_end();
    let before = inside.strip_suffix(fragment)?.strip_suffix('$')?;
    Some((name.to_owned(), before.to_owned()))
}

/// What stands before an item, as if it had been written there.
pub fn written(before: &String) -> Pending {
    let mut pending = Pending::default();
    let text = format!("{before}\nfn item() {{}}\n");
    let code = big_code_analysis::Source::new(LANG::Rust, text.as_bytes());
    if let Ok(ast) = Ast::parse(code) {
        let nodes = children(ast.as_tree_sitter().root_node()).into_iter();
        for node in nodes {
            if !pending.take_outer(&text, node) {
                break;
            }
        }
    }
    pending
}
