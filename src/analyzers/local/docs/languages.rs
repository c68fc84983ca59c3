//! What the languages other than Rust differ in, as far as documentation goes: which nodes declare
//! what, what is public, which comments document.

use big_code_analysis::tree_sitter::Node;

use super::exports::{self, Exports};
use super::topic::{Reach, Sort};
use super::{docstring, tagged};
use crate::analyzers::local::subject::Subject;
use crate::model::Language;

/// One language's way to declare things.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    items: &'static [(&'static str, Sort)],
    /// Nodes that only hold declarations: namespaces, conditional compilation.
    pub transparent: &'static [&'static str],
    /// Nodes that stand before a declaration and belong to it: `export`, decorators, templates.
    wrappers: &'static [&'static str],
    /// Documentation stands inside, as a string.
    pub docstrings: bool,
    /// Only comments that begin so document; any comment if empty.
    marks: &'static [&'static str],
}

/// What a declaration lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    File,
    /// Members are public unless they say otherwise.
    Open(Reach),
    /// Members are private unless they say otherwise.
    Closed(Reach),
}

impl Container {
    pub const fn of(sort: Sort, reach: Reach) -> Self {
        match sort {
            Sort::Class => Self::Closed(reach),
            _ => Self::Open(reach),
        }
    }

    /// The reach of members before the first `public:`.
    pub const fn default_reach(self) -> Reach {
        match self {
            Self::Closed(_) => Reach::Private,
            Self::File | Self::Open(_) => Reach::Public,
        }
    }

    const fn bound(self) -> Reach {
        match self {
            Self::File => Reach::Public,
            Self::Open(reach) | Self::Closed(reach) => reach,
        }
    }
}

const PYTHON: Table = Table {
    items: &[
        ("function_definition", Sort::Function),
        ("class_definition", Sort::Class),
    ],
    transparent: &[],
    wrappers: &["decorated_definition"],
    docstrings: true,
    marks: &[],
};

const SCRIPT: Table = Table {
    items: &[
        ("class_declaration", Sort::Class),
        ("abstract_class_declaration", Sort::Class),
        ("function_declaration", Sort::Function),
        ("generator_function_declaration", Sort::Function),
        ("interface_declaration", Sort::Interface),
        ("type_alias_declaration", Sort::TypeAlias),
        ("enum_declaration", Sort::Enum),
        ("variable_declarator", Sort::Constant),
        ("assignment_expression", Sort::Constant),
        ("method_definition", Sort::Method),
        ("abstract_method_signature", Sort::Method),
        ("public_field_definition", Sort::Field),
        ("field_definition", Sort::Field),
    ],
    transparent: &[],
    wrappers: &[
        "export_statement",
        "lexical_declaration",
        "variable_declaration",
        "expression_statement",
    ],
    docstrings: false,
    marks: &["/**"],
};

const GO: Table = Table {
    items: &[
        ("function_declaration", Sort::Function),
        ("method_declaration", Sort::Method),
        ("type_spec", Sort::Struct),
        ("type_alias", Sort::TypeAlias),
        ("const_spec", Sort::Constant),
        ("var_spec", Sort::Static),
    ],
    transparent: &[],
    wrappers: &[
        "type_declaration",
        "const_declaration",
        "var_declaration",
        "var_spec_list",
    ],
    docstrings: false,
    marks: &[],
};

const JAVA: Table = Table {
    items: &[
        ("class_declaration", Sort::Class),
        ("record_declaration", Sort::Class),
        ("interface_declaration", Sort::Interface),
        ("annotation_type_declaration", Sort::Interface),
        ("enum_declaration", Sort::Enum),
        ("method_declaration", Sort::Method),
        ("constructor_declaration", Sort::Method),
        ("field_declaration", Sort::Field),
        ("enum_constant", Sort::Variant),
    ],
    transparent: &["enum_body_declarations"],
    wrappers: &[],
    docstrings: false,
    marks: &["/**"],
};

const C_FAMILY: Table = Table {
    items: &[
        ("function_definition", Sort::Function),
        ("declaration", Sort::Function),
        ("class_specifier", Sort::Class),
        ("struct_specifier", Sort::Struct),
        ("union_specifier", Sort::Union),
        ("enum_specifier", Sort::Enum),
        ("type_definition", Sort::TypeAlias),
        ("alias_declaration", Sort::TypeAlias),
        ("preproc_function_def", Sort::Macro),
        ("field_declaration", Sort::Field),
    ],
    transparent: &[
        "namespace_definition",
        "linkage_specification",
        "declaration_list",
        "preproc_ifdef",
        "preproc_if",
        "preproc_else",
    ],
    wrappers: &["template_declaration"],
    docstrings: false,
    marks: &[],
};

/// The table of a language. Rust has a reader of its own.
pub const fn table(language: Language) -> Table {
    match language {
        Language::Python => PYTHON,
        Language::JavaScript | Language::TypeScript | Language::Tsx => SCRIPT,
        Language::Go => GO,
        Language::Java => JAVA,
        Language::C | Language::Cpp | Language::Rust => C_FAMILY,
    }
}

impl Table {
    pub fn sort(&self, node: Node<'_>, container: Container) -> Option<Sort> {
        let (_, sort) = self.items.iter().find(|(kind, _)| *kind == node.kind())?;
        let has_body = node.child_by_field_name("body").is_some();
        let inner = node.child_by_field_name("type").map(|inner| inner.kind());
        let function = calls_for_arguments(node);
        Some(match (*sort, container) {
            (Sort::Function, Container::Open(_) | Container::Closed(_)) if function => Sort::Method,
            (Sort::Field, _) if node.kind() == "field_declaration" && function => Sort::Method,
            (Sort::Function, _) if node.kind() == "declaration" && !function => return None,
            (Sort::Constant, _) if is_function_value(node) => Sort::Function,
            (Sort::Struct, _) if inner == Some("interface_type") => Sort::Interface,
            (Sort::Struct, _) if node.kind() == "type_spec" && inner != Some("struct_type") => {
                Sort::TypeAlias
            }
            // A mere mention of a type: `struct S *s;`
            (Sort::Struct | Sort::Union | Sort::Enum | Sort::Class, _)
                if node.kind().ends_with("_specifier") && !has_body =>
            {
                return None;
            }
            (sort, _) => sort,
        })
    }

    /// What a wrapper wraps.
    pub fn unwrapped<'tree>(&self, subject: &Subject<'_>, node: Node<'tree>) -> Vec<Node<'tree>> {
        if !self.wrappers.contains(&node.kind()) {
            return Vec::new();
        }
        let mut cursor = node.walk();
        let children = node.named_children(&mut cursor);
        let known = children.filter(|child| {
            self.wrappers.contains(&child.kind())
                || self.items.iter().any(|(kind, _)| *kind == child.kind())
        });
        let mut known = known.collect::<Vec<_>>();
        // Constants in a group are told together, under the first that others can name.
        if is_told_together(node) {
            let name = |node: &Node<'_>| {
                node.child_by_field_name("name")
                    .map(|name| name.byte_range())
            };
            let exported = |node: &Node<'_>| {
                name(node)
                    .is_some_and(|name| is_exported(subject.text.get(name).unwrap_or_default()))
            };
            let first = known.iter().position(exported).unwrap_or(0);
            known = known.into_iter().skip(first).take(1).collect();
        }
        known
    }

    pub const fn has_members(&self, sort: Sort) -> bool {
        matches!(
            sort,
            Sort::Class | Sort::Interface | Sort::Enum | Sort::Struct
        )
    }

    /// Is the declaration worth reading whole?
    pub const fn shows_body(&self, sort: Sort) -> bool {
        matches!(
            sort,
            Sort::Struct | Sort::Union | Sort::Enum | Sort::Interface | Sort::TypeAlias
        )
    }

    /// Does a comment right above a declaration document it?
    pub fn documents(&self, text: &str) -> bool {
        self.marks.is_empty() || self.marks.iter().any(|mark| text.starts_with(mark))
    }

    /// Is documentation told from other comments by a mark of its own?
    pub const fn is_marked(&self) -> bool {
        !self.marks.is_empty()
    }

    /// Documentation as Markdown.
    pub fn markdown(&self, language: Language, doc: &str) -> String {
        match language {
            Language::Python => docstring::as_markdown(doc),
            Language::Go | Language::Rust => doc.to_owned(),
            _ => tagged::as_markdown(doc, language.name()),
        }
    }
}

/// `const ( A = 1; B = 2 )`
fn is_told_together(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "const_declaration" | "var_declaration" | "var_spec_list"
    )
}

/// What else a group declares that others can name.
pub fn group(subject: &Subject<'_>, outer: Node<'_>, first: Node<'_>) -> Vec<String> {
    if !is_told_together(outer) {
        return Vec::new();
    }
    let mut names = Vec::new();
    let mut open = vec![outer];
    while let Some(node) = open.pop() {
        let mut cursor = node.walk();
        if matches!(node.kind(), "const_spec" | "var_spec") {
            let declared = node.children_by_field_name("name", &mut cursor);
            names.extend(declared.filter(|name| name.kind() == "identifier"));
        } else {
            open.extend(node.named_children(&mut cursor));
        }
    }
    names.sort_by_key(|name| name.start_byte());
    let first = first
        .child_by_field_name("name")
        .map(|name| name.start_byte());
    let others = names
        .into_iter()
        .filter(|name| Some(name.start_byte()) != first);
    let others = others
        .map(|name| subject.source(name))
        .filter(|name| is_exported(name));
    others.map(str::to_owned).collect()
}

/// May several functions have one name?
pub const fn overloads(language: Language) -> bool {
    matches!(language, Language::Java | Language::Cpp)
}

/// The name that a node declares.
pub fn name<'a>(subject: &'a Subject<'_>, node: Node<'_>) -> Option<&'a str> {
    if node.kind() == "assignment_expression" {
        let target = node.child_by_field_name("left")?;
        let named = target.kind() == "member_expression" && is_function_value(node);
        return named.then(|| subject.source(target));
    }
    let mut name = node
        .child_by_field_name("name")
        .or_else(|| node.child_by_field_name("declarator"))?;
    while let Some(inner) = declared(name).or_else(|| name.child_by_field_name("name")) {
        name = inner;
    }
    // What is defined away from its declaration is documented there.
    let written = subject.source(name);
    let away = name
        .parent()
        .is_some_and(|parent| parent.kind() == "qualified_identifier");
    (!away && !written.is_empty()).then_some(written)
}

/// The type that a Go method belongs to.
pub fn receiver<'a>(subject: &'a Subject<'_>, node: Node<'_>) -> Option<&'a str> {
    let receiver = subject.source(node.child_by_field_name("receiver")?);
    let bare = receiver.trim_matches(['(', ')']).split('[').next()?;
    bare.rsplit([' ', '*'])
        .next()
        .filter(|name| !name.is_empty())
}

/// Do declarations in it begin by themselves? `type ( A int; B int )`
pub fn is_group(node: Node<'_>) -> bool {
    node.kind() == "type_declaration"
}

/// The name that a reader knows: `f` of `exports.f`.
pub fn offered(name: &str) -> &str {
    match exports::offered_name(name) {
        Some("") | None => name,
        Some(offered) => offered,
    }
}

/// A declaration, and where it stands.
#[derive(Clone, Copy)]
pub struct Declared<'a, 'tree> {
    /// The node that it begins with.
    pub outer: Node<'tree>,
    pub node: Node<'tree>,
    pub name: &'a str,
    pub container: Container,
    /// By the last `public:` above.
    pub access: Reach,
}

impl Declared<'_, '_> {
    /// From how far away it can be named; `None` if it is no part of documentation.
    pub fn reach(&self, subject: &Subject<'_>, exports: &Exports<'_>) -> Option<Reach> {
        let header = subject.source(self.outer);
        // Annotations have brackets of their own.
        let modifiers = self.node.named_child(0);
        let modifiers = modifiers.filter(|first| first.kind() == "modifiers");
        let header = match modifiers {
            Some(modifiers) => subject.source(modifiers),
            None => header.split(['{', '(', '=']).next().unwrap_or_default(),
        };
        let says = |word: &str| header.split_whitespace().any(|own| own == word);
        let (name, top) = (self.name, self.container == Container::File);
        let own = match subject.language {
            _ if subject.sightings().is_test(self.node.start_byte()) => return None,
            Language::Python if self.is_decorated_away(subject) => return None,
            Language::Python if top && exports.keeps(name) => Reach::Internal,
            Language::Python if name.starts_with('_') && !(top && exports.has(name)) => {
                Reach::Private
            }
            Language::Python => Reach::Public,
            // Whoever cannot name a type calls its methods by an interface, which documents them.
            Language::Go if receiver(subject, self.node).is_some_and(|of| !is_exported(of)) => {
                Reach::Internal
            }
            Language::Go if is_exported(name) => Reach::Public,
            Language::Go => Reach::Internal,
            Language::Java if overrides(subject, self.node) => return None,
            Language::Java if says("public") => Reach::Public,
            Language::Java if says("private") => Reach::Private,
            Language::Java if matches!(self.container, Container::Open(_)) => Reach::Public,
            Language::Java => Reach::Internal,
            Language::C | Language::Cpp if says("static") && top => Reach::Private,
            Language::C | Language::Cpp => self.access,
            _ if self.node.kind() == "assignment_expression" => {
                let root = name.split('.').next().unwrap_or_default();
                let offered = exports::is_offer(name) || exports.has(root);
                return offered.then_some(Reach::Public);
            }
            _ if top && self.outer.kind() != "export_statement" && !exports.has(name) => {
                Reach::Private
            }
            _ if says("private") || says("protected") || name.starts_with(['#', '_']) => {
                Reach::Private
            }
            _ => Reach::Public,
        };
        Some(own.min(self.container.bound()))
    }

    /// Is it told by another declaration of that name, or by what it overrides?
    fn is_decorated_away(&self, subject: &Subject<'_>) -> bool {
        let mut cursor = self.outer.walk();
        let mut children = self.outer.named_children(&mut cursor);
        children.any(|child| {
            let written = subject.source(child).trim_start_matches(['@', ' ']);
            let name = written.split('(').next().unwrap_or_default().trim_end();
            let last = name.rsplit('.').next().unwrap_or_default();
            child.kind() == "decorator"
                && matches!(last, "overload" | "override" | "setter" | "deleter")
        })
    }
}

/// As Go has it.
fn is_exported(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// `public:`, `protected:`, `private:`.
pub fn access(written: &str) -> Reach {
    match written.trim_end_matches(':').trim() {
        "public" => Reach::Public,
        "protected" => Reach::Internal,
        _ => Reach::Private,
    }
}

fn calls_for_arguments(node: Node<'_>) -> bool {
    let mut declarator = node.child_by_field_name("declarator");
    while let Some(inner) = declarator {
        if inner.kind() == "function_declarator" {
            return true;
        }
        declarator = declared(inner);
    }
    node.child_by_field_name("parameters").is_some()
}

/// What a declarator of C or C++ declares: `*f`, `&f`, `(*f)`.
fn declared(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "reference_declarator" | "parenthesized_declarator" => node.named_child(0),
        _ => node.child_by_field_name("declarator"),
    }
}

/// What is assigned in the end: `f` in `a = b = f`.
pub fn value(node: Node<'_>) -> Option<Node<'_>> {
    let mut value = node
        .child_by_field_name("value")
        .or_else(|| node.child_by_field_name("right"))?;
    while value.kind() == "assignment_expression" {
        value = value.child_by_field_name("right")?;
    }
    Some(value)
}

fn is_function_value(node: Node<'_>) -> bool {
    value(node)
        .is_some_and(|value| matches!(value.kind(), "arrow_function" | "function_expression"))
}

/// Does a doc comment say that it is for those who write this file?
pub fn is_kept(comment: &str) -> bool {
    let mut lines = comment
        .lines()
        .map(|line| line.trim_start_matches([' ', '/', '*']));
    lines.any(|line| {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("@private" | "@internal" | "@ignore" | "@hidden"), _) => true,
            (Some("@api" | "@access"), of) => of == Some("private"),
            _ => false,
        }
    })
}

/// Is it there whether somebody writes it or not, or to say that it is not there?
pub fn goes_without_saying(subject: &Subject<'_>, node: Node<'_>, name: &str) -> bool {
    let written = subject.source(node).trim_end_matches([';', ' ']);
    let cpp = subject.language == Language::Cpp || subject.language == Language::C;
    cpp && (written.ends_with("= delete")
        || written.ends_with("= default")
        || name.starts_with('~'))
}

fn overrides(subject: &Subject<'_>, node: Node<'_>) -> bool {
    let modifiers = node
        .named_child(0)
        .filter(|first| first.kind() == "modifiers");
    modifiers.is_some_and(|modifiers| subject.source(modifiers).contains("@Override"))
}
