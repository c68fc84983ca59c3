//! What a document tells about: the things of a file that a reader can name, with their
//! documentation. The same for every language.

use std::collections::HashMap;
use std::ops::Range;

/// The documentation of a file, in the order of its source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// What the file says about itself, as Markdown.
    pub doc: Option<String>,
    pub topics: Vec<Topic>,
}

/// One thing that can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    pub sort: Sort,
    /// As a reader names it from outside the file: `Walk::new`.
    pub path: String,
    pub reach: Reach,
    /// Its declaration without its body.
    pub signature: String,
    /// Its documentation as Markdown; `None` if there is none.
    pub doc: Option<String>,
    /// What is to be known beside it, as Markdown: that it is deprecated, where it is there.
    pub remarks: Vec<String>,
    /// What else its declaration declares: the other constants of a group.
    pub others: Vec<String>,
    /// The declaration's bytes, without documentation, attributes and body.
    pub range: Range<usize>,
    /// The caller must uphold something that the compiler does not check.
    pub duty: Duty,
    /// What it implements, as written, without type parameters of the type itself.
    pub implements: Vec<String>,
    /// Fields, variants, methods, what lies in a module.
    pub members: Vec<Topic>,
}

/// What sort of thing it is, in the order in which a document shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Another file's contents, placed here.
    Submodule,
    Module,
    Macro,
    Class,
    Struct,
    Enum,
    Union,
    Trait,
    Interface,
    /// Methods that a file adds to a type of another file.
    Extension,
    Function,
    TypeAlias,
    Constant,
    Static,
    Field,
    Variant,
    Method,
    /// Another file's thing, offered here.
    Reexport,
}

impl Sort {
    /// The sorts that stand under a heading of their own.
    pub const GROUPS: [(Self, &'static str); 16] = [
        (Self::Submodule, "Modules"),
        (Self::Module, "Modules in this file"),
        (Self::Macro, "Macros"),
        (Self::Class, "Classes"),
        (Self::Struct, "Structs"),
        (Self::Enum, "Enums"),
        (Self::Union, "Unions"),
        (Self::Trait, "Traits"),
        (Self::Interface, "Interfaces"),
        (Self::Extension, "Methods for types of other files"),
        (Self::Method, "Methods"),
        (Self::Function, "Functions"),
        (Self::TypeAlias, "Type aliases"),
        (Self::Constant, "Constants"),
        (Self::Static, "Statics"),
        (Self::Reexport, "Re-exports"),
    ];

    /// In a sentence.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Submodule | Self::Module => "module",
            Self::Macro => "macro",
            Self::Class => "class",
            Self::Struct => "struct",
            Self::Enum => "enum",
            Self::Union => "union",
            Self::Trait => "trait",
            Self::Interface => "interface",
            Self::Extension => "extension",
            Self::Function => "function",
            Self::TypeAlias => "type alias",
            Self::Constant => "constant",
            Self::Static => "static",
            Self::Field => "field",
            Self::Variant => "variant",
            Self::Method => "method",
            Self::Reexport => "re-export",
        }
    }

    /// Is it to be documented where it stands? Not what is documented in another file, nor fields
    /// and variants, whose names often say it all.
    pub const fn wants_documentation(self) -> bool {
        !matches!(
            self,
            Self::Submodule | Self::Reexport | Self::Extension | Self::Field | Self::Variant
        )
    }
}

/// From how far away it can be named, as far as the file tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    Private,
    /// `pub(crate)` and narrower.
    Internal,
    Public,
}

/// Is there something that callers must uphold?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    None,
    Unsafe,
}

impl Topic {
    /// Moves it and its members `by` bytes on.
    pub fn shift(&mut self, by: usize) {
        let mut open = vec![self];
        while let Some(topic) = open.pop() {
            topic.range = topic.range.start + by..topic.range.end + by;
            open.extend(&mut topic.members);
        }
    }
}

/// Topics in the order of the text, found by their path.
#[derive(Debug, Default)]
pub struct Topics {
    /// May several functions have one name, each with parameters of its own?
    overloads: bool,
    list: Vec<Topic>,
    by_path: HashMap<String, usize>,
}

/// The most traits that one type is shown to implement.
const MAX_IMPLEMENTED: usize = 100;

impl Topics {
    /// None yet, of a language in which functions may have one name, or not.
    pub fn with(overloads: bool) -> Self {
        Self {
            overloads,
            ..Self::default()
        }
    }

    /// Adds a topic. Of several declarations of one thing, for several platforms or in a header and
    /// elsewhere, the first documented one counts.
    pub fn add(&mut self, topic: Topic) {
        let overloads = self.overloads && matches!(topic.sort, Sort::Function | Sort::Method);
        match self.find(&topic.path) {
            Some(twin) if twin.sort != topic.sort => self.list.push(topic),
            Some(twin) if overloads && !is_one(&twin.signature, &topic.signature) => {
                self.list.push(topic);
            }
            Some(twin) if twin.doc.is_none() && topic.doc.is_some() => *twin = topic,
            Some(_) => {}
            None => {
                self.by_path.insert(topic.path.clone(), self.list.len());
                self.list.push(topic);
            }
        }
    }

    pub fn find(&mut self, path: &str) -> Option<&mut Topic> {
        let at = self.by_path.get(path)?;
        self.list.get_mut(*at)
    }

    pub fn into_list(self) -> Vec<Topic> {
        self.list
    }
}

/// Is it the same declaration, but for white space?
fn is_one(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}

impl Topic {
    /// Notes that it implements a trait.
    pub fn implement(&mut self, name: String) {
        if self.implements.len() < MAX_IMPLEMENTED && !self.implements.contains(&name) {
            self.implements.push(name);
        }
    }
}

impl Outline {
    /// Every topic at any depth, containers before their members.
    pub fn all(&self) -> Vec<&Topic> {
        let mut found = Vec::new();
        let mut open: Vec<&Topic> = self.topics.iter().rev().collect();
        while let Some(topic) = open.pop() {
            found.push(topic);
            open.extend(topic.members.iter().rev());
        }
        found
    }

    /// The public topics that are to be documented where they stand.
    pub fn public(&self) -> impl Iterator<Item = &Topic> {
        self.all()
            .into_iter()
            .filter(|topic| topic.reach == Reach::Public && topic.sort.wants_documentation())
    }
}
