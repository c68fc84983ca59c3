//! What a file offers by a word of its own, apart from its declarations: `export { add }`,
//! `module.exports = { add }`, Python's `__all__`. Not what is declared as offered.

use std::collections::HashSet;

use big_code_analysis::tree_sitter::Node;

use crate::analyzers::local::subject::Subject;
use crate::model::Language;

/// The names that a file offers.
#[derive(Debug, Default)]
pub struct Exports<'a> {
    names: HashSet<&'a str>,
    /// Is everything else kept?
    closed: bool,
}

impl<'a> Exports<'a> {
    /// Of a file's statements at its top.
    pub fn of(subject: &'a Subject<'_>) -> Self {
        let mut exports = Self::default();
        let root = subject.tree().root_node();
        let mut cursor = root.walk();
        for statement in root.named_children(&mut cursor) {
            match subject.language {
                Language::Python => exports.python(subject, statement),
                Language::JavaScript | Language::TypeScript | Language::Tsx => {
                    exports.script(subject, statement);
                }
                _ => return exports,
            }
        }
        exports
    }

    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Does the file say what it offers, and that this is none of it?
    pub fn keeps(&self, name: &str) -> bool {
        self.closed && !self.has(name)
    }

    /// `__all__ = ["a"]`, `__all__ += ["b"]`
    fn python(&mut self, subject: &'a Subject<'_>, statement: Node<'_>) {
        let assignment = statement.named_child(0);
        let assignment = assignment.filter(|node| {
            let left = node.child_by_field_name("left");
            left.is_some_and(|left| subject.source(left) == "__all__")
        });
        let value = assignment.and_then(|node| node.child_by_field_name("right"));
        let Some(value) = value else {
            return;
        };
        self.closed = true;
        let words = subject.source(value).split(['"', '\'']).skip(1).step_by(2);
        self.names.extend(words);
    }

    fn script(&mut self, subject: &'a Subject<'_>, statement: Node<'_>) {
        match statement.kind() {
            // What another file offers is passed on.
            "export_statement" if statement.child_by_field_name("source").is_some() => {}
            "export_statement" => {
                let mut cursor = statement.walk();
                for child in statement.named_children(&mut cursor) {
                    match child.kind() {
                        "export_clause" => self.members(subject, child),
                        "identifier" => self.add(subject, child),
                        _ => {}
                    }
                }
            }
            "variable_declaration" | "lexical_declaration" => {
                let mut cursor = statement.walk();
                for declared in statement.named_children(&mut cursor) {
                    self.alias(subject, declared);
                }
            }
            "expression_statement" => {
                if let Some(assignment) = statement.named_child(0) {
                    self.assignment(subject, assignment);
                }
            }
            _ => {}
        }
    }

    /// `var app = module.exports = {}`
    fn alias(&mut self, subject: &'a Subject<'_>, declared: Node<'_>) {
        let mut value = declared.child_by_field_name("value");
        while let Some(assignment) = value.filter(|node| node.kind() == "assignment_expression") {
            let left = assignment.child_by_field_name("left");
            if left.is_some_and(|left| is_offer(subject.source(left)))
                && let Some(name) = declared.child_by_field_name("name")
            {
                self.add(subject, name);
            }
            value = assignment.child_by_field_name("right");
        }
    }

    /// `module.exports = exports = f`, `exports.f = f`, `module.exports = { f, g: h }`
    fn assignment(&mut self, subject: &'a Subject<'_>, node: Node<'_>) {
        let (Some(left), Some(right)) = (
            node.child_by_field_name("left"),
            node.child_by_field_name("right"),
        ) else {
            return;
        };
        let mut value = right;
        let mut offers = is_offer(subject.source(left));
        while value.kind() == "assignment_expression" {
            let inner = value.child_by_field_name("left");
            offers |= inner.is_some_and(|inner| is_offer(subject.source(inner)));
            match value.child_by_field_name("right") {
                Some(right) => value = right,
                None => return,
            }
        }
        match value.kind() {
            _ if !offers => {}
            "identifier" => self.add(subject, value),
            "object" => self.members(subject, value),
            _ => {}
        }
    }

    /// What stands in braces, by its name in this file.
    fn members(&mut self, subject: &'a Subject<'_>, braces: Node<'_>) {
        let mut cursor = braces.walk();
        for member in braces.named_children(&mut cursor) {
            let own = match member.kind() {
                "export_specifier" => member.child_by_field_name("name"),
                "pair" => member.child_by_field_name("value"),
                _ => Some(member),
            };
            if let Some(own) = own.filter(|own| own.kind().contains("identifier")) {
                self.add(subject, own);
            }
        }
    }

    fn add(&mut self, subject: &'a Subject<'_>, node: Node<'_>) {
        self.names.insert(&subject.text[node.byte_range()]);
    }
}

/// Is assigning to this an export of CommonJS?
pub fn is_offer(target: &str) -> bool {
    offered_name(target).is_some()
}

/// What is exported by assigning to this, empty for the module itself: `f` of `exports.f`.
pub fn offered_name(target: &str) -> Option<&str> {
    let rest = target
        .strip_prefix("module.exports")
        .or_else(|| target.strip_prefix("exports"))?;
    match rest.strip_prefix('.') {
        Some(name) => Some(name),
        None => rest.is_empty().then_some(""),
    }
}
