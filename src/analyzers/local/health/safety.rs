//! Which unsafe blocks of Rust do not say why they are safe. Whether what they say is true is for
//! people to judge.

use std::ops::{Range, RangeInclusive};

use big_code_analysis::tree_sitter::Node;

use crate::analyzers::local::explanation;
use crate::analyzers::local::subject::Subject;

/// The blocks without a comment on their safety: above their statement, in it, or first in the
/// block. A block in an `unsafe fn` passes its duty on to the callers, and a function whose own
/// comment speaks of safety speaks for its blocks.
pub fn without_comment(subject: &Subject<'_>, blocks: &[&Range<usize>]) -> Vec<Range<usize>> {
    let mut last_line = 0;
    let mut missing = Vec::new();
    for &block in blocks {
        let place = Place::of(subject, block);
        let follows = last_line > 0 && subject.line(place.start) <= last_line + 1;
        let exempt = place.duty_is_passed_on || place.says_safety(subject) || follows;
        if exempt {
            last_line = subject.line(block.end);
        } else {
            missing.push(block.clone());
        }
    }
    missing
}

/// Where a comment on a block may stand.
struct Place {
    /// The beginning of the statement that holds the block.
    start: usize,
    /// The beginning of the statement before that, which may make sure of what the block relies on.
    before: Option<usize>,
    /// The beginning of the block's contents.
    inside: usize,
    duty_is_passed_on: bool,
    /// The beginning of the function.
    function: Option<usize>,
}

/// Ancestors looked at, at most: enough for any code that people write.
const MAX_CLIMB: usize = 64;

impl Place {
    fn of(subject: &Subject<'_>, block: &Range<usize>) -> Self {
        let mut place = Self {
            start: block.start,
            before: None,
            inside: block.start + "unsafe {".len(),
            duty_is_passed_on: false,
            function: None,
        };
        let root = subject.structure().as_tree_sitter().root_node();
        let mut node = root.descendant_for_byte_range(block.start, block.end);
        let mut in_statement = true;
        for _ in 0..MAX_CLIMB {
            let Some(current) = node else { break };
            if current.kind() == "function_item" {
                place.function = Some(current.start_byte());
                place.duty_is_passed_on = is_unsafe(subject, current);
                break;
            }
            in_statement &= !matches!(current.kind(), "block" | "declaration_list" | "source_file");
            if in_statement || current.start_byte() == place.start {
                place.start = current.start_byte();
                let before =
                    std::iter::successors(current.prev_named_sibling(), Node::prev_named_sibling);
                let mut before = before.skip_while(|node| node.kind().ends_with("comment"));
                place.before = before.next().map(|node| node.start_byte());
            }
            // The block's own braces are a block node; what lies above it is the statement.
            in_statement |= current.kind() == "unsafe_block";
            node = current.parent();
        }
        place
    }

    fn says_safety(&self, subject: &Subject<'_>) -> bool {
        let above = |line: usize| comments_above(subject, line);
        let start = above(subject.line(self.start));
        let end = subject.line(self.inside) + 1;
        let function = self.function.map(|start| subject.line(start));
        let own = function.map_or(0..0, |line| above(line)..line);
        let before = self.before.map(|start| subject.line(start));
        let before = before.map_or(0..0, |line| above(line)..line);
        (start..=end)
            .chain(own)
            .chain(before)
            .any(|line| mentions_safety(subject.line_text(line)))
            || explains(subject, subject.line(self.start)..=end)
    }
}

/// So many words directly at a block are on the block.
const SENTENCE: usize = 5;

/// Does a comment at these lines say in a sentence what the block relies on, in whatever words?
fn explains(subject: &Subject<'_>, lines: RangeInclusive<usize>) -> bool {
    let told = explanation::prose(&explanation::at(subject, lines));
    told.split_whitespace().count() >= SENTENCE
}

/// The first of the comment and attribute lines right above a line; the line itself if none.
fn comments_above(subject: &Subject<'_>, line: usize) -> usize {
    let mut first = line;
    while first > 1 {
        let text = subject.line_text(first - 1).trim_start();
        let belongs = ["//", "#[", "*", "/*"]
            .iter()
            .any(|mark| text.starts_with(mark));
        if !belongs && !text.ends_with("*/") {
            break;
        }
        first -= 1;
    }
    first
}

/// In a comment: `// SAFETY: …`, `/// # Safety`.
fn mentions_safety(line: &str) -> bool {
    let comment = ["//", "/*"].iter().filter_map(|mark| line.find(mark)).min();
    let starred = line.trim_start().starts_with('*').then_some(0);
    let comment = comment.or(starred).and_then(|at| line.get(at..));
    comment.is_some_and(|comment| {
        let comment = comment.to_lowercase();
        comment.contains("safety") || comment.contains("safe:") || comment.contains("safe because")
    })
}

fn is_unsafe(subject: &Subject<'_>, function: Node<'_>) -> bool {
    let mut cursor = function.walk();
    let mut parts = function.named_children(&mut cursor);
    let modifiers = parts.find(|part| part.kind() == "function_modifiers");
    modifiers.is_some_and(|modifiers| {
        let words = subject.source(modifiers);
        words.split_whitespace().any(|word| word == "unsafe")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    /// The lines of the blocks that say nothing.
    fn silent(text: &str) -> Vec<usize> {
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let blocks: Vec<&Range<usize>> = subject.sightings().unsafe_blocks.iter().collect();
        let silent = without_comment(&subject, &blocks);
        silent
            .iter()
            .map(|block| subject.line(block.start))
            .collect()
    }

    #[test]
    fn a_comment_above_beside_or_inside_explains_a_block() {
        let explained = [
            "fn f() {\n    // SAFETY: checked\n    unsafe { g() }\n}",
            "fn f() {\n    // Safety: it is\n    // checked\n    let x = h(\n        unsafe { g() },\n    );\n}",
            "fn f() {\n    unsafe { g() } // SAFETY: checked\n}",
            "fn f() {\n    unsafe {\n        // SAFETY: checked\n        g()\n    }\n}",
            "/// # Safety\n/// Mind it.\nunsafe fn f() {\n    unsafe { g() }\n}",
            "pub(crate) unsafe fn f() {\n    unsafe { g() }\n}",
            "fn f() {\n    // The vtable's clone does nothing for a borrowed header.\n    unsafe { g() }\n}",
            "fn f() {\n    // SAFETY: it fills n bytes\n    let n = h(\n        b,\n    );\n\n    unsafe { g(n) }\n}",
            "// SAFETY: pinned\nfn f() {\n    unsafe { g() }\n}",
            "fn f() {\n    // SAFETY: both\n    unsafe { g() };\n    unsafe { h() };\n}",
        ];
        for text in explained {
            assert_eq!(silent(text), [0; 0], "{text}");
        }
    }

    #[test]
    fn a_comment_on_something_else_does_not() {
        assert_eq!(silent("fn f() {\n    unsafe { g() }\n}"), [2]);
        assert_eq!(silent("fn f() {\n    // fast\n    unsafe { g() }\n}"), [3]);
        let task = "fn f() {\n    // TODO: find out why this one is fine\n    unsafe { g() }\n}";
        assert_eq!(silent(task), [3]);
        assert_eq!(
            silent("fn f() {\n    // SAFETY: x\n    a();\n    b();\n    unsafe { g() }\n}"),
            [5]
        );
    }
}
