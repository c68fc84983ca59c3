//! Reads the outline of a Rust file off its syntax tree: what rustdoc would show of this file,
//! without resolving a single name.

use big_code_analysis::tree_sitter::{Node, Tree};
use big_code_analysis::{Ast, LANG};

use super::rust_signature;
use super::rust_text::{Attributes, DocComment, doc_comment};
use super::rust_wrapper::{self, Wrappers};
use super::topic::{Duty, Outline, Reach, Sort, Topic, Topics};
use crate::analyzers::local::grammar::is_test_attribute;

/// Modules nested deeper than this are not looked into.
const MAX_DEPTH: usize = 8;

/// The outline of the file whose text and tree these are.
pub fn outline(text: &str, tree: &Tree) -> Outline {
    let root = tree.root_node();
    let wrappers = rust_wrapper::all(text, root);
    let scope = Scope {
        text,
        wrappers: &wrappers,
        path: String::new(),
        reach: widest_reach(text, root),
        depth: 0,
    };
    Outline {
        doc: inner_documentation(text, root),
        topics: scope.topics(root, Pending::default()),
    }
}

/// A program, and a file that is there for tests alone, offer nothing to others, whatever they call
/// public.
fn widest_reach(text: &str, root: Node<'_>) -> Reach {
    let closed = children(root).into_iter().any(|node| {
        let name = node.child_by_field_name("name");
        match node.kind() {
            "inner_attribute_item" => is_test_attribute(source(text, node)),
            "function_item" => name.is_some_and(|name| source(text, name) == "main"),
            _ => false,
        }
    });
    if closed {
        Reach::Internal
    } else {
        Reach::Public
    }
}

/// What a file or a module says about itself, from the inside.
fn inner_documentation(text: &str, body: Node<'_>) -> Option<String> {
    let mut inner = Pending::default();
    for node in children(body) {
        inner.take_inner(text, node);
    }
    inner.documentation()
}

/// Where a topic lies: what its path begins with, and the reach that bounds its own.
struct Scope<'a> {
    text: &'a str,
    wrappers: &'a Wrappers,
    path: String,
    reach: Reach,
    depth: usize,
}

/// Documentation and attributes that wait for their item.
#[derive(Default)]
pub struct Pending {
    pub lines: Vec<String>,
    pub attributes: Attributes,
}

impl Pending {
    fn take_inner(&mut self, text: &str, node: Node<'_>) {
        let own = source(text, node);
        match (node.kind(), doc_comment(own)) {
            (_, Some((DocComment::Inner, doc))) => self.lines.push(doc),
            ("inner_attribute_item", _) => self.lines.extend(self.attributes.read(own)),
            _ => {}
        }
    }

    /// Takes what stands before an item; false if `node` is the item itself.
    pub fn take_outer(&mut self, text: &str, node: Node<'_>) -> bool {
        let own = source(text, node);
        match node.kind() {
            "line_comment" | "block_comment" => {
                if let Some((DocComment::Outer, doc)) = doc_comment(own) {
                    self.lines.push(doc);
                }
            }
            "attribute_item" => self.lines.extend(self.attributes.read(own)),
            "inner_attribute_item" => {}
            _ => return false,
        }
        true
    }

    fn documentation(&self) -> Option<String> {
        let doc = self.lines.join("\n");
        let doc = doc.trim_end().trim_start_matches('\n');
        (!doc.is_empty()).then(|| doc.to_owned())
    }
}

impl Scope<'_> {
    /// The topics among the children of `parent`, with the methods of `impl` blocks under the
    /// type they belong to.
    fn topics(&self, parent: Node<'_>, before: Pending) -> Vec<Topic> {
        let mut topics = Topics::default();
        let mut pending = before;
        for node in children(parent) {
            if pending.take_outer(self.text, node) {
                continue;
            }
            let pending = std::mem::take(&mut pending);
            if pending.attributes.hides() {
                continue;
            }
            match node.kind() {
                "impl_item" => self.implementation(node, &mut topics),
                "macro_invocation" | "expression_statement" => {
                    self.conditional(node, &pending)
                        .into_iter()
                        .for_each(|topic| topics.add(topic));
                }
                _ => self
                    .topic(node, &pending)
                    .into_iter()
                    .for_each(|topic| topics.add(topic)),
            }
        }
        topics.into_list()
    }

    /// What stands in a macro that only switches its contents on, `cfg_rt! { pub fn … }`, or writes
    /// something before them. The syntax tree does not look into macros, so its contents are parsed by
    /// themselves.
    fn conditional(&self, node: Node<'_>, above: &Pending) -> Vec<Topic> {
        let call = match node.kind() {
            "expression_statement" => node.named_child(0),
            _ => Some(node),
        };
        let name = call.and_then(|call| call.child_by_field_name("macro"));
        let name = name.map_or("", |name| source(self.text, name));
        let wrapper = self.wrappers.get(name);
        let inside = call.and_then(|call| {
            let body = call.named_child(
                u32::try_from(call.named_child_count())
                    .ok()?
                    .checked_sub(1)?,
            )?;
            let range = body.start_byte() + 1..body.end_byte().checked_sub(1)?;
            let switches =
                (name.starts_with("cfg_") || wrapper.is_some()) && self.depth < MAX_DEPTH;
            let braced = source(self.text, body).starts_with('{');
            (switches && braced).then_some(range)
        });
        let Some(inside) = inside else {
            return Vec::new();
        };
        let text = self.text.get(inside.clone()).unwrap_or_default();
        let code = big_code_analysis::Source::new(LANG::Rust, text.as_bytes());
        let Ok(ast) = Ast::parse(code) else {
            return Vec::new();
        };
        let scope = Scope {
            text,
            wrappers: self.wrappers,
            path: self.path.clone(),
            reach: self.reach,
            depth: self.depth + 1,
        };
        let mut before = wrapper.map(rust_wrapper::written).unwrap_or_default();
        before.attributes.exported |= above.attributes.exported;
        let mut topics = scope.topics(ast.as_tree_sitter().root_node(), before);
        for topic in &mut topics {
            topic.shift(inside.start);
        }
        topics
    }

    fn topic(&self, node: Node<'_>, pending: &Pending) -> Option<Topic> {
        let sort = self.sort(node)?;
        let name = match sort {
            Sort::Reexport => source(self.text, node.child_by_field_name("argument")?),
            _ => source(self.text, node.child_by_field_name("name")?),
        };
        let reach = self.reach_of(node, sort, pending);
        let derives = pending.attributes.derives.iter();
        let mut topic = Topic {
            sort,
            path: self.below(name),
            reach,
            signature: shown(&pending.attributes, rust_signature::of(self.text, node)),
            remarks: pending.attributes.remarks.clone(),
            others: Vec::new(),
            doc: self.documentation(node, sort, pending),
            range: rust_signature::range(node),
            duty: duty(self.text, node),
            implements: derives
                .map(|name| rust_signature::trait_name(name))
                .collect(),
            members: Vec::new(),
        };
        topic.members = self.members(node, &topic);
        Some(topic)
    }

    /// A module may be described from outside, from inside, or both.
    fn documentation(&self, node: Node<'_>, sort: Sort, pending: &Pending) -> Option<String> {
        let outer = pending.documentation();
        let body = node
            .child_by_field_name("body")
            .filter(|_| sort == Sort::Module);
        let inner = body.and_then(|body| inner_documentation(self.text, body));
        match (outer, inner) {
            (Some(outer), Some(inner)) => Some(format!("{outer}\n\n{inner}")),
            (outer, inner) => outer.or(inner),
        }
    }

    fn sort(&self, node: Node<'_>) -> Option<Sort> {
        Some(match node.kind() {
            "mod_item" if node.child_by_field_name("body").is_none() => Sort::Submodule,
            "mod_item" => Sort::Module,
            "macro_definition" => Sort::Macro,
            "struct_item" => Sort::Struct,
            "enum_item" => Sort::Enum,
            "union_item" => Sort::Union,
            "trait_item" => Sort::Trait,
            "function_item" | "function_signature_item" if self.is_in_type() => Sort::Method,
            "function_item" | "function_signature_item" => Sort::Function,
            "type_item" | "associated_type" => Sort::TypeAlias,
            "const_item" => Sort::Constant,
            "static_item" => Sort::Static,
            "field_declaration" => Sort::Field,
            "enum_variant" => Sort::Variant,
            "use_declaration" => Sort::Reexport,
            _ => return None,
        })
    }

    fn is_in_type(&self) -> bool {
        let last = self.path.rsplit("::").next().unwrap_or_default();
        last.starts_with(char::is_uppercase)
    }

    /// What it says itself, bounded by what it lies in.
    fn reach_of(&self, node: Node<'_>, sort: Sort, pending: &Pending) -> Reach {
        let inherits = self.is_in_trait(node) || sort == Sort::Variant;
        let own = match visibility(self.text, node) {
            _ if sort == Sort::Macro && pending.attributes.exported => Reach::Public,
            _ if inherits => self.reach,
            own => own,
        };
        own.min(self.reach)
    }

    fn is_in_trait(&self, node: Node<'_>) -> bool {
        let container = node.parent().and_then(|list| list.parent());
        container.is_some_and(|container| container.kind() == "trait_item")
    }

    fn members(&self, node: Node<'_>, topic: &Topic) -> Vec<Topic> {
        let body = node.child_by_field_name("body");
        let holds = matches!(
            topic.sort,
            Sort::Module | Sort::Struct | Sort::Enum | Sort::Union | Sort::Trait
        );
        match body.filter(|_| holds && self.depth < MAX_DEPTH) {
            Some(body) => self
                .inside(&topic.path, topic.reach)
                .topics(body, Pending::default()),
            None => Vec::new(),
        }
    }

    /// Gives the methods of an `impl` block to their type, and the trait's name.
    fn implementation(&self, node: Node<'_>, topics: &mut Topics) {
        let Some(subject) = node.child_by_field_name("type") else {
            return;
        };
        let path = self.below(rust_signature::type_name(source(self.text, subject)));
        if let Some(of) = node.child_by_field_name("trait") {
            let of = rust_signature::trait_name(source(self.text, of));
            if let Some(topic) = topics.find(&path) {
                topic.implement(of);
            }
            return;
        }
        let body = node.child_by_field_name("body");
        let Some(body) = body.filter(|_| self.depth < MAX_DEPTH) else {
            return;
        };
        let known = topics.find(&path);
        let reach = known.as_ref().map_or(self.reach, |topic| topic.reach);
        let members = self.inside(&path, reach).topics(body, Pending::default());
        match known {
            Some(topic) => topic.members.extend(members),
            None => {
                let extension = extension(self.text, node, path, members);
                extension.into_iter().for_each(|topic| topics.add(topic));
            }
        }
    }

    fn inside(&self, path: &str, reach: Reach) -> Scope<'_> {
        Scope {
            text: self.text,
            wrappers: self.wrappers,
            path: path.to_owned(),
            reach,
            depth: self.depth + 1,
        }
    }

    fn below(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}::{name}"),
        }
    }
}

/// Methods for a type that this file does not declare.
fn extension(text: &str, node: Node<'_>, path: String, members: Vec<Topic>) -> Option<Topic> {
    let reach = members.iter().map(|member| member.reach).max()?;
    Some(Topic {
        sort: Sort::Extension,
        path,
        reach,
        signature: rust_signature::of(text, node),
        doc: None,
        range: rust_signature::range(node),
        duty: Duty::None,
        implements: Vec::new(),
        remarks: Vec::new(),
        others: Vec::new(),
        members,
    })
}

fn visibility(text: &str, node: Node<'_>) -> Reach {
    let modifier = children(node)
        .into_iter()
        .find(|child| child.kind() == "visibility_modifier");
    match modifier.map(|modifier| source(text, modifier)) {
        Some("pub") => Reach::Public,
        Some(_) => Reach::Internal,
        None => Reach::Private,
    }
}

/// A declaration under the attributes that belong to it.
fn shown(attributes: &Attributes, declaration: String) -> String {
    let lines = attributes.shown.iter().cloned().chain([declaration]);
    lines.collect::<Vec<_>>().join("\n")
}

/// `unsafe fn`, `unsafe trait`.
fn duty(text: &str, node: Node<'_>) -> Duty {
    let written = source(text, node);
    let header = written
        .split_once("fn ")
        .or_else(|| written.split_once("trait "));
    let words = header.map_or("", |(modifiers, _)| modifiers);
    let declares = matches!(
        node.kind(),
        "function_item" | "function_signature_item" | "trait_item"
    );
    if declares && words.split_whitespace().any(|word| word == "unsafe") {
        Duty::Unsafe
    } else {
        Duty::None
    }
}

pub fn children<'tree>(node: Node<'tree>) -> Vec<Node<'tree>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}

pub fn source<'a>(text: &'a str, node: Node<'_>) -> &'a str {
    text.get(node.byte_range()).unwrap_or_default()
}
