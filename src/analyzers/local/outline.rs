//! What a text's tree tells to whoever does not analyse it here: how its items are called, where it
//! can be parted, which findings it refuses. Not the tree, which stays where it was made.

use big_code_analysis::tree_sitter::Node;
use serde::{Deserialize, Serialize};

use super::grammar::{Grammar, Role, Roles};
use super::sightings::Named;
use super::subject::{self, Subject};
use super::suppression::{self, Suppression};
use crate::analyzers::Source;
use crate::model::{Analysis, Language, Skip};

/// What there is to know of one text.
#[derive(Debug, Serialize, Deserialize)]
pub struct Outline {
    named: Vec<Named>,
    suppressions: Vec<Suppression>,
    /// The first lines of items, with the comments and attributes above them.
    pub cuts: Vec<u32>,
}

impl Outline {
    /// Parses a text. What lies in an item that is larger than `limit` bytes and no function can be
    /// parted as well.
    ///
    /// # Errors
    /// As [`Subject::parse`].
    pub fn of(source: Source<'_>, limit: usize) -> Result<Self, Skip> {
        let subject = Subject::parse(source.text, source.language)?;
        Ok(Self {
            named: subject.sightings().named.clone(),
            suppressions: suppression::all(&subject),
            cuts: between_items(&subject, limit),
        })
    }

    /// The path of the item that a byte lies in.
    pub fn item_at(&self, text: &str, language: Language, byte: usize) -> Option<String> {
        subject::path_of(&self.named, text, Grammar::of(language)?, byte)
    }

    /// Takes out the findings that the text's own comments refuse.
    pub fn silence(&self, analysis: &mut Analysis) {
        suppression::silence_by(&self.suppressions, analysis);
    }
}

fn between_items(subject: &Subject<'_>, limit: usize) -> Vec<u32> {
    let table = subject.grammar.table(&subject.tree().language());
    let roles = |node: Node<'_>| {
        let kind = usize::from(node.kind_id());
        table.get(kind).copied().unwrap_or_default()
    };
    let line = |byte| u32::try_from(subject.line(byte)).unwrap_or(u32::MAX);
    let (mut cuts, mut above) = (Vec::new(), Above::default());
    let mut open = vec![subject.tree().root_node()];
    while let Some(node) = open.pop() {
        let roles = roles(node);
        if node.byte_range().len() > limit && !roles.has(Role::Function) {
            let mut cursor = node.walk();
            let below: Vec<Node<'_>> = node.children(&mut cursor).collect();
            let leaf = below.is_empty();
            open.extend(below.into_iter().rev());
            if !leaf {
                continue;
            }
        }
        let first = line(node.start_byte());
        // A comment's range may hold its line's end.
        let last = line(node.end_byte().saturating_sub(1).max(node.start_byte()));
        let led = above.leads && first == above.line + 1;
        if node.is_named() && first > above.line && !led {
            cuts.push(first);
        }
        above = Above {
            line: last.max(above.line),
            leads: roles.has_any(LEADING),
        };
    }
    cuts
}

/// What belongs to the item below it.
const LEADING: Roles = Roles::of(&[Role::Comment, Role::Attribute]);

/// What ends above a node.
#[derive(Clone, Copy, Debug, Default)]
struct Above {
    line: u32,
    leads: bool,
}
