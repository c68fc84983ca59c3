//! The walk over a syntax tree: once, and without recursion, because a hostile text may nest as
//! deep as it likes.

use std::ops::Range;

use big_code_analysis::tree_sitter::{Node, Tree, TreeCursor};

use super::{Function, Named, Shape, Sightings, Token};
use crate::analyzers::local::grammar::{self, Role, Roles};
use crate::analyzers::local::subject::Subject;
use crate::model::{Language, MAX_FINDINGS};

/// Sees all there is to see in a text.
pub fn of(subject: &Subject<'_>) -> Sightings {
    let mut seen = walk(subject, subject.tree());
    let structure = subject.structure().as_tree_sitter();
    if !std::ptr::eq(structure, subject.tree()) {
        seen.add_structure(walk(subject, structure));
    }
    seen
}

fn walk(subject: &Subject<'_>, tree: &Tree) -> Sightings {
    let mut walk = Walk {
        subject,
        seen: Sightings::default(),
        above: Vec::new(),
        test_follows: None,
        errors: if tree.root_node().has_error() {
            Errors::Some
        } else {
            Errors::None
        },
    };
    let mut cursor = tree.walk();
    let table = subject.grammar.table(&tree.language());
    loop {
        let kind = usize::from(cursor.node().kind_id());
        let roles = table.get(kind).copied().unwrap_or_default();
        let level = walk.see(&cursor, roles);
        // A literal's inside is no code.
        let closed = roles.has_any(Roles::of(&[Role::Text, Role::Comment]));
        if !closed && cursor.goto_first_child() {
            walk.above.push(level);
            continue;
        }
        walk.token(cursor.node(), roles);
        if !next(&mut cursor, &mut walk.above) {
            if subject.language == Language::Rust {
                walk.unfinished();
            }
            return walk.seen;
        }
    }
}

/// On to the next node that is not below this one.
fn next(cursor: &mut TreeCursor<'_>, above: &mut Vec<Level>) -> bool {
    loop {
        if cursor.goto_next_sibling() {
            return true;
        }
        if !cursor.goto_parent() {
            return false;
        }
        above.pop();
    }
}

/// What a node is to those right below it.
#[derive(Clone, Copy, Debug, Default)]
struct Level {
    roles: Roles,
    /// Branches and loops above, up to the function.
    nesting: usize,
    /// The function, by its place in the list.
    function: Option<usize>,
    /// What names it, by its place in the list.
    named: Option<usize>,
}

struct Walk<'a> {
    subject: &'a Subject<'a>,
    seen: Sightings,
    above: Vec<Level>,
    /// The depth of an attribute that makes what follows it a test.
    test_follows: Option<usize>,
    errors: Errors,
}

/// Is it worth asking every node whether it is an error?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errors {
    None,
    Some,
}

/// The roles whose nodes are written down as they are.
const LISTED: Roles = Roles::of(&[
    Role::Comment,
    Role::UnsafeBlock,
    Role::Binding,
    Role::Statement,
    Role::Macro,
    Role::Constant,
    Role::Item,
    Role::Attribute,
    Role::InnerAttribute,
]);

impl Walk<'_> {
    fn see(&mut self, cursor: &TreeCursor<'_>, roles: Roles) -> Level {
        let node = cursor.node();
        let above = self.above.last().copied().unwrap_or_default();
        let mut level = Level { roles, ..above };
        if roles.has(Role::Testable)
            && let Some(test) = (self.subject.grammar.test)(node, self.subject.text)
        {
            self.seen.add_test(test.range, test.tests);
        }
        if roles.has(Role::Function) {
            level.nesting = 0;
            level.function = Some(self.seen.functions.len());
            self.function(node, above.function);
        } else if roles.has(Role::Nesting) && !is_alternative(cursor, above.roles) {
            level.nesting += 1;
            self.nested(node, level);
        }
        if let Some(name) = self.name(node, roles) {
            level.named = Some(self.seen.named.len());
            self.seen.named.push(Named {
                range: node.byte_range(),
                name,
                of: node.child_by_field_name("trait").map(|of| of.byte_range()),
                parent: above.named,
            });
        }
        if above.roles.has(Role::Conditional) && cursor.field_name() == Some("condition") {
            self.seen.conditions.push(node.byte_range());
        }
        if roles.has_any(LISTED) {
            self.note(node, roles);
        }
        if self.test_follows.is_some() || roles.has(Role::Attribute) {
            self.below_attribute(node, roles);
        }
        if self.errors == Errors::Some {
            self.error(node);
        }
        level
    }

    fn name(&self, node: Node<'_>, roles: Roles) -> Option<Range<usize>> {
        let named = roles.has(Role::Named);
        named.then(|| self.subject.item_name(node)).flatten()
    }

    fn function(&mut self, node: Node<'_>, parent: Option<usize>) {
        let range = node.byte_range();
        self.seen.functions.push(Function {
            deepest: range.start,
            range,
            nesting: 0,
            parent,
        });
    }

    fn nested(&mut self, node: Node<'_>, level: Level) {
        self.seen.nesting_max = self.seen.nesting_max.max(level.nesting);
        let function = level
            .function
            .and_then(|at| self.seen.functions.get_mut(at));
        if let Some(function) = function.filter(|function| level.nesting > function.nesting) {
            function.nesting = level.nesting;
            function.deepest = node.start_byte();
        }
    }

    fn token(&mut self, node: Node<'_>, roles: Roles) {
        if roles.has(Role::Comment) || node.start_byte() == node.end_byte() {
            return;
        }
        let shape = if roles.has(Role::Name) {
            Shape::Name
        } else if roles.has(Role::Text) {
            Shape::Text
        } else if roles.has(Role::Number) {
            Shape::Number
        } else {
            Shape::Sign
        };
        self.seen.tokens.push(Token {
            kind: node.kind_id(),
            shape,
            start: node.start_byte(),
            end: node.end_byte(),
            line: node.start_position().row + 1,
        });
    }

    fn error(&mut self, node: Node<'_>) {
        if node.is_missing() || (node.is_error() && !is_macro_mark(self.subject, node)) {
            self.seen.errors.push(node.byte_range());
        }
    }

    fn note(&mut self, node: Node<'_>, roles: Roles) {
        let seen = &mut self.seen;
        // Each role here is one of LISTED.
        let mut lists = [
            (Role::Comment, &mut seen.comments),
            (Role::UnsafeBlock, &mut seen.unsafe_blocks),
            (Role::Binding, &mut seen.bindings),
            (Role::Statement, &mut seen.statements),
            (Role::Macro, &mut seen.macros),
            (Role::Constant, &mut seen.constants),
            (Role::Item, &mut seen.items),
            (Role::Attribute, &mut seen.attributes),
            (Role::InnerAttribute, &mut seen.inner_attributes),
        ];
        for (role, list) in &mut lists {
            if roles.has(*role) {
                list.push(node.byte_range());
            }
        }
    }

    /// What stands under `#[test]`, `#[cfg(test)]` and their like, comments and other attributes
    /// between them.
    fn below_attribute(&mut self, node: Node<'_>, roles: Roles) {
        let depth = self.above.len();
        if roles.has(Role::Attribute) {
            if grammar::is_test_attribute(self.subject.source(node)) {
                self.test_follows = Some(depth);
            }
        } else if let Some(awaited) = self.test_follows
            && depth <= awaited
            && node.is_named()
            && !roles.has(Role::Comment)
        {
            self.test_follows = None;
            if depth == awaited {
                let functions = usize::from(roles.has(Role::Function));
                self.seen.add_test(node.byte_range(), functions);
            }
        }
    }

    /// `todo!` and `unimplemented!`, also where they stand in another macro's tokens; not in what a
    /// macro is defined to be, which stands for other code.
    fn unfinished(&mut self) {
        let seen = &mut self.seen;
        let text = self.subject.text;
        let word = |token: &Token| text.get(token.start..token.end).unwrap_or_default();
        let mut defined = 0;
        for (at, token) in seen.tokens.iter().enumerate() {
            if seen.unfinished.len() >= MAX_FINDINGS {
                return;
            }
            let after = seen.tokens.get(at + 1..).unwrap_or_default();
            if word(token).starts_with("macro_rules") {
                let body = after
                    .iter()
                    .position(|token| matches!(word(token), "(" | "[" | "{"));
                let body = body.and_then(|at| after.get(at..)).unwrap_or_default();
                defined = defined.max(call_end(text, body, body.len()).unwrap_or(0));
            }
            let mut names = ["todo", "unimplemented"].into_iter();
            let known = names.find(|&known| token.shape == Shape::Name && word(token) == known);
            if let (Some(known), [bang, arguments @ ..]) = (known, after)
                && word(bang) == "!"
                && token.start >= defined
            {
                let end = call_end(text, arguments, MAX_ARGUMENTS).unwrap_or(bang.end);
                seen.unfinished.push((known, token.start..end));
            }
        }
    }
}

/// Arguments longer than this, in tokens, are not followed to their end.
const MAX_ARGUMENTS: usize = 400;

/// Where the bracket that the first of these tokens opens is closed.
fn call_end(text: &str, tokens: &[Token], most: usize) -> Option<usize> {
    let mut open = 0_usize;
    for token in tokens.iter().take(most) {
        match text.get(token.start..token.end) {
            Some("(" | "[" | "{") => open += 1,
            Some(")" | "]" | "}") => open = open.checked_sub(1)?,
            _ => {}
        }
        if open == 0 {
            return Some(token.end);
        }
    }
    None
}

/// The `!` of a macro named like a type of the language, `str![…]`: correct, but the grammar does
/// not expect it.
fn is_macro_mark(subject: &Subject<'_>, error: Node<'_>) -> bool {
    let before = subject.text.get(..error.start_byte()).unwrap_or_default();
    let after = subject.text.get(error.end_byte()..).unwrap_or_default();
    let text = subject.source(error);
    let name = text.trim_end_matches('!');
    name.chars().all(char::is_alphanumeric)
        && match (name, text.ends_with('!')) {
            ("", bang) => bang && before.ends_with(char::is_alphanumeric),
            (_, bang) => bang || after.starts_with('!'),
        }
}

/// `else if` is no deeper than its `if`.
fn is_alternative(cursor: &TreeCursor<'_>, above: Roles) -> bool {
    let chained = || cursor.field_name() == Some("alternative");
    above.has(Role::Else) || (above.has(Role::Nesting) && chained())
}
