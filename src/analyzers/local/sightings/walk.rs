//! The walk over a syntax tree: once, and without recursion, because a hostile text may nest as
//! deep as it likes.

use big_code_analysis::tree_sitter::{Node, Tree, TreeCursor};

use super::paths::{self, Step};
use super::{Form, Function, Named, Paths, Shape, Sightings, Token};
use crate::analyzers::local::grammar::{self, Closures, Role, Roles};
use crate::analyzers::local::naming;
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
        let literal = roles.has_any(Roles::of(&[Role::Text, Role::Comment]));
        if literal {
            walk.token(cursor.node(), roles);
        }
        let closed = literal && !holds_code(cursor.node());
        if !closed && cursor.goto_first_child() {
            walk.above.push(level);
            continue;
        }
        if !literal {
            walk.token(cursor.node(), roles);
        }
        if !next(&mut cursor, &mut walk.above) {
            if subject.language == Language::Rust {
                walk.unfinished();
            }
            return walk.seen;
        }
    }
}

/// Is it a text with expressions in it: `${…}`?
fn holds_code(text: Node<'_>) -> bool {
    let mut cursor = text.walk();
    text.named_child_count() > 0
        && text
            .named_children(&mut cursor)
            .any(|child| matches!(child.kind(), "template_substitution" | "interpolation"))
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
    context: Context,
    step: Step,
}

/// What a function without a name of its own stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Context {
    #[default]
    None,
    /// What has a name to give.
    Bound,
    Called,
    /// Given to a call of what stands here.
    Given(usize, usize),
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
    Role::Handler,
    Role::InnerAttribute,
]);

impl Walk<'_> {
    fn see(&mut self, cursor: &TreeCursor<'_>, roles: Roles) -> Level {
        let node = cursor.node();
        let above = self.above.last().copied().unwrap_or_default();
        let mut level = Level {
            roles,
            context: self.context(cursor, above, roles),
            ..above
        };
        if roles.has(Role::Testable)
            && let Some(test) = (self.subject.grammar.test)(node, self.subject.text)
        {
            self.seen.add_test(test.range, test.tests);
        }
        let name = self.name(node, level, above);
        if let Some(form) = self.form(node, name.as_ref(), level, above) {
            level.nesting = 0;
            level.step = Step::default();
            level.function = Some(self.seen.functions.len());
            self.function(node, form, above.function);
        } else if roles.has(Role::Nesting) && !is_alternative(cursor, above.roles) {
            level.nesting += 1;
            self.nested(node, level);
        }
        if level.function == above.function {
            level.step = self.step(cursor, level, above.roles);
        }
        if let Some(name) = name {
            level.context = Context::Bound;
            level.named = Some(self.seen.named.len());
            self.seen.named.push(Named {
                range: node.byte_range(),
                name,
                of: node.child_by_field_name("trait").map(|of| of.byte_range()),
                parent: above.named,
            });
        }
        if level.function != above.function {
            level.context = Context::None;
        }
        if above.roles.has(Role::Conditional) && cursor.field_name() == Some("condition") {
            self.seen.conditions.push(node.byte_range());
        }
        if roles.has_any(LISTED) {
            self.note(node, roles);
        }
        let python = self.subject.language == Language::Python;
        if python && roles.has(Role::Text) && above.roles.has(Role::Statement) {
            self.seen.docstrings.push(node.byte_range());
        }
        if self.test_follows.is_some() || roles.has(Role::Attribute) {
            self.below_attribute(node, roles);
        }
        if self.errors == Errors::Some {
            self.error(node);
        }
        level
    }

    fn name(&self, node: Node<'_>, level: Level, above: Level) -> Option<naming::Name> {
        if level.roles.has(Role::Named) {
            let bound = level.roles.has(Role::Closure) && level.context == Context::Bound;
            return naming::of_item(self.subject, node).filter(|_| !bound);
        }
        let grammar = self.subject.grammar;
        let apart = grammar.closures == Closures::Own || above.function.is_none();
        let binds = level.roles.has(Role::Binder) && apart;
        binds
            .then(|| naming::of_binder(self.subject, node))
            .flatten()
    }

    /// What this node gives a function in it to go by.
    fn context(&self, cursor: &TreeCursor<'_>, above: Level, roles: Roles) -> Context {
        let bound = above.context == Context::Bound;
        if above.roles.has(Role::Call) {
            return match cursor.field_name() {
                Some("arguments" | "function") if bound => Context::Bound,
                Some("function") => Context::Called,
                Some("arguments") => {
                    let callee = cursor.node().prev_named_sibling().map(naming::of_callee);
                    callee.map_or(Context::None, |name| Context::Given(name.start, name.end))
                }
                _ => Context::None,
            };
        }
        let passes = roles.has_any(Roles::of(&[Role::Wrapper, Role::Closure]))
            || above.roles.has(Role::Binder);
        if passes { above.context } else { Context::None }
    }

    /// Which form of function a node is, if it is one that stands for itself.
    fn form(
        &self,
        node: Node<'_>,
        name: Option<&naming::Name>,
        level: Level,
        above: Level,
    ) -> Option<Form> {
        if level.roles.has(Role::Function) {
            let initializer = !level.roles.has(Role::Named);
            return Some(if initializer {
                Form::Initializer
            } else {
                Form::Named
            });
        }
        if level.roles.has(Role::Initializer) && above.roles.has(Role::Members) {
            return Some(Form::Initializer);
        }
        let own = match self.subject.grammar.closures {
            Closures::Own => true,
            Closures::Outside => above.function.is_none(),
            Closures::Never => false,
        };
        (own && level.roles.has(Role::Closure) && node.is_named()).then(|| match level.context {
            Context::Called => Form::Immediate,
            _ if name.is_some() => Form::Named,
            Context::Bound => Form::Named,
            Context::Given(start, end) => Form::Given(start..end),
            Context::None => Form::Nameless,
        })
    }

    /// Counts a node that is a way through the function it stands in.
    fn step(&mut self, cursor: &TreeCursor<'_>, level: Level, above: Roles) -> Step {
        let function = level.function;
        let function = function.and_then(|at| self.seen.functions.get_mut(at));
        let Some(function) = function else {
            return Step::default();
        };
        let place = paths::Place {
            cursor,
            roles: level.roles,
            above,
            is_alternative: level.roles.has(Role::Branch) && is_alternative(cursor, above),
            or_is_default: self.subject.grammar.or_is_default,
        };
        function.paths.count(&place, level.step)
    }

    fn function(&mut self, node: Node<'_>, form: Form, parent: Option<usize>) {
        let range = node.byte_range();
        let name = naming::of_item(self.subject, node);
        let head = name.map_or(range.start, |name| name.range.start);
        self.seen.functions.push(Function {
            deepest: range.start,
            range,
            head,
            form,
            paths: Paths::default(),
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
        let within = self.seen.tokens.last().map_or(0, |last| last.end);
        // What stands in a text is a part of that one token.
        if roles.has(Role::Comment)
            || node.start_byte() == node.end_byte()
            || node.start_byte() < within
        {
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
            (Role::Handler, &mut seen.handlers),
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
