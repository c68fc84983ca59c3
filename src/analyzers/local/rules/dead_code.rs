//! Rule `dead-code`: a private item of Rust that nothing in its file names; `dead_function` has what
//! other languages let one tell. Not what the compiler
//! proves from the whole crate: here silence is the answer wherever another file, a macro or a
//! condition might use the item.

use std::collections::HashMap;
use std::ops::Range;

use big_code_analysis::tree_sitter::Node;

use super::Rule;
use super::case::{Case, Function};
use super::dead_function;
use crate::analyzers::local::sightings::{Shape, Token};
use crate::analyzers::local::subject::Subject;
use crate::model::{About, Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "dead-code",
    kind: Kind::Refactor,
    level: Level::Warning,
    about: About::Item,
    minutes: 5,
    help: "A private item that nothing uses",
    details: "A private function, type, constant or method of Rust whose name stands nowhere \
              else in the file. Not in files with modules in other files, which may name it; not \
              under `cfg`, `allow` or an attribute that may use it; not in traits and their \
              implementations, in tests, or in texts that do not parse. As notes, a `private` method \
              of Java without annotations, a `static` function of C and C++ outside headers and \
              conditions, and a function at the top of a JavaScript or TypeScript module, all of \
              them named nowhere else.",
};

/// Of so many items that nothing names, a file is made for another that includes it.
const MAX_SILENT: usize = 100;

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let (subject, seen) = (case.subject, case.seen);
    if !case.is_rust() {
        let dead = dead_function::of(case).into_iter();
        return dead
            .map(|function| function_finding(case, function))
            .collect();
    }
    if !seen.errors.is_empty() || seen.items.is_empty() {
        return Vec::new();
    }
    let root = subject.tree().root_node();
    let silent = never_named(case);
    if silent.is_empty() || silent.len() > MAX_SILENT || is_open(subject, root) {
        return Vec::new();
    }
    let only_for_here = |item: &&Item<'_>| {
        let node = root.descendant_for_byte_range(item.range.start, item.range.end);
        node.is_some_and(|node| is_only_for_here(subject, node))
    };
    let told = silent.iter().filter(only_for_here);
    told.map(|item| finding(subject, item)).collect()
}

/// A private item.
struct Item<'a> {
    range: &'a Range<usize>,
    name: Token,
    word: &'a str,
}

impl<'a> Item<'a> {
    fn of(case: &Case<'a>, range: &'a Range<usize>) -> Option<Self> {
        let tokens = case.seen.tokens_in(range);
        let private = tokens
            .first()
            .is_some_and(|&first| case.word(first) != "pub");
        let name = *tokens.iter().find(|token| token.shape == Shape::Name)?;
        let word = case.word(name);
        let special = word == "main" || word.starts_with('_') || word.starts_with("r#");
        (private && !special).then_some(Self { range, name, word })
    }
}

/// The items whose names stand nowhere but in themselves, strings included: attributes and formats
/// name items in strings. Of two items with one name each names the other.
fn never_named<'a>(case: &Case<'a>) -> Vec<Item<'a>> {
    let own = case.seen.items.iter();
    // Which items a macro makes of those in its call is not known.
    let in_macro = |byte: usize| {
        let before = case.seen.macros.partition_point(|call| call.start <= byte);
        let last = before
            .checked_sub(1)
            .and_then(|at| case.seen.macros.get(at));
        last.is_some_and(|call| call.contains(&byte))
    };
    let own = own.filter(|range| !case.is_test(range.start) && !in_macro(range.start));
    let mut silent: HashMap<&str, Item<'_>> = HashMap::new();
    for item in own.filter_map(|range| Item::of(case, range)) {
        silent.entry(item.word).or_insert(item);
    }
    for &token in &case.seen.tokens {
        let words = case.word(token);
        match token.shape {
            Shape::Name => {
                let item = silent.get(words);
                if item.is_some_and(|item| !item.range.contains(&token.start)) {
                    silent.remove(words);
                }
            }
            Shape::Text => {
                let parts = words.split(|c: char| !c.is_alphanumeric() && c != '_');
                for word in parts {
                    silent.remove(word);
                }
            }
            Shape::Number | Shape::Sign => {}
        }
    }
    let mut silent: Vec<Item<'_>> = silent.into_values().collect();
    silent.sort_by_key(|item| item.range.start);
    silent
}

/// Is an item without attributes that may use it, and part of nothing that is used as a whole?
fn is_only_for_here(subject: &Subject<'_>, item: Node<'_>) -> bool {
    let mut cursor = item.walk();
    let mut modifiers = item.children(&mut cursor);
    let linked = modifiers.any(|child| {
        child.kind() == "function_modifiers" && subject.source(child).contains("extern")
    });
    let mut around = Some(item).filter(|_| !linked);
    while let Some(node) = around {
        let shared = match node.kind() {
            "trait_item" | "foreign_mod_item" | "macro_definition" => true,
            "impl_item" => node.child_by_field_name("trait").is_some(),
            _ => false,
        };
        if shared || !has_harmless_attributes(subject, node) {
            return false;
        }
        around = node.parent();
    }
    !linked
}

/// Attributes that change how an item is compiled, not who uses it.
const HARMLESS: [&str; 9] = [
    "inline",
    "must_use",
    "doc",
    "derive",
    "cold",
    "track_caller",
    "repr",
    "deprecated",
    "non_exhaustive",
];

fn has_harmless_attributes(subject: &Subject<'_>, node: Node<'_>) -> bool {
    let mut above = node.prev_sibling();
    while let Some(sibling) = above {
        match sibling.kind() {
            "attribute_item" => {
                let text = subject.source(sibling).trim_start_matches(['#', '[', ' ']);
                let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
                let name = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
                if !HARMLESS.contains(&name) {
                    return false;
                }
            }
            "line_comment" | "block_comment" => {}
            _ => break,
        }
        above = sibling.prev_sibling();
    }
    true
}

/// May code in other files see what is private here, or code that is not in the tree?
fn is_open(subject: &Subject<'_>, root: Node<'_>) -> bool {
    let mut cursor = root.walk();
    let mut open = false;
    for child in root.children(&mut cursor) {
        open |= match child.kind() {
            "mod_item" => child.child_by_field_name("body").is_none(),
            "inner_attribute_item" => {
                let text = subject.source(child);
                ["dead_code", "unused", "cfg"]
                    .iter()
                    .any(|word| text.contains(word))
            }
            _ => false,
        };
    }
    let includes = |range: &Range<usize>| {
        let call = subject.text.get(range.clone());
        call.is_some_and(|call| call.starts_with("include!"))
    };
    open || subject.sightings().macros.iter().any(includes)
}

/// In other languages a file says less of who may use it.
fn function_finding(case: &Case<'_>, function: &Function<'_>) -> Finding {
    let mut finding = case.on_function(&RULE, Level::Note, function);
    explain(&mut finding, dead_function::function_name(case, function));
    finding
}

fn finding(subject: &Subject<'_>, item: &Item<'_>) -> Finding {
    let mut finding = subject.finding(RULE.id, Level::Warning, item.name.start..item.name.end);
    explain(&mut finding, item.word);
    finding
}

fn explain(finding: &mut Finding, name: &str) {
    finding.title = format!("`{name}` is private and never used");
    finding.message = "Nothing outside this file can use it, and nothing in the file names it. \
                       Readers still have to understand it."
        .to_owned();
    finding.suggestion = Some("Remove it: the history keeps it".to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::local::rules::testing;
    use crate::model::Language;

    fn found(text: &str) -> Vec<String> {
        let findings = testing::found(check, text, Language::Rust);
        findings.into_iter().map(|finding| finding.title).collect()
    }

    #[test]
    fn a_private_item_that_nothing_names_is_dead() {
        assert_eq!(
            found("pub fn a() {}\nfn b() {}\nconst C: u8 = 1;\n"),
            [
                "`b` is private and never used",
                "`C` is private and never used"
            ]
        );
        let method =
            "pub struct A;\nimpl A {\n    /// Doc.\n    #[inline]\n    fn gone(&self) {}\n}\n";
        assert_eq!(found(method), ["`gone` is private and never used"]);
        let calls_itself = "fn f(n: u8) { if n > 0 { f(n - 1) } }";
        assert_eq!(found(calls_itself), ["`f` is private and never used"]);
    }

    #[test]
    fn what_is_named_anywhere_lives() {
        for text in [
            "fn main() { a() }\nfn a() {}",
            "pub fn f() { println!(\"{WIDTH}\"); }\nconst WIDTH: u8 = 1;",
            "#[serde(default = \"port\")]\npub struct A;\nfn port() -> u8 { 1 }",
            "fn a() {}\npub fn b() { vec![a()]; }",
            "struct A;\nimpl A { pub fn f() {} }",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_others_may_use_is_left_alone() {
        for text in [
            "mod child;\nfn for_child() {}",
            "pub(crate) fn a() {}\npub fn b() {}",
            "#[cfg(unix)]\nfn a() {}",
            "#[allow(dead_code)]\nfn a() {}",
            "#[no_mangle]\nfn a() {}",
            "extern \"C\" fn a() {}",
            "#![allow(unused)]\nfn a() {}",
            "#[cfg(windows)]\nmod a { fn b() {} }",
            "impl Drop for A { fn drop(&mut self) {} }",
            "pub trait T { fn a() {} const B: u8 = 1; }",
            "#[cfg(test)]\nmod tests { fn a() {} }",
            "fn _later() {}\nconst _: () = ();",
            "fn a() {}\ninclude!(\"more.rs\");",
            "fn a() {}\nfn broken( {",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
