//! What the nodes of each language's syntax tree mean to us: one table a language, one file a
//! table. Not the parsers: those are big-code-analysis'.
//!
//! Adding a language: its file, its line in [`Grammar::of`], a text in the tests that name every
//! language.

#[cfg(feature = "c")]
mod c;
#[cfg(feature = "cpp")]
mod cpp;
#[cfg(feature = "go")]
mod go;
#[cfg(feature = "java")]
mod java;
#[cfg(feature = "javascript")]
mod javascript;
#[cfg(feature = "python")]
mod python;
mod roles;
mod rust;
#[cfg(any(feature = "javascript", feature = "typescript"))]
mod script;
#[cfg(feature = "typescript")]
mod typescript;

pub use roles::{Role, Roles};

use std::sync::OnceLock;

use big_code_analysis::LANG;
use big_code_analysis::tree_sitter;

use crate::model::Language;

/// What the walks need to know of a language.
#[derive(Debug)]
pub struct Grammar {
    pub parser: LANG,
    /// What stands between the names of an item's path.
    pub separator: &'static str,
    /// The nodes that name what lies in them, and the field that holds the name.
    pub names: &'static [(&'static str, &'static str)],
    /// The kinds of node that play a role.
    pub roles: &'static [(Role, &'static [&'static str])],
    /// Is `||` the usual way to give a default?
    pub or_is_default: bool,
    /// Which of the functions without a name of their own are looked at as functions.
    pub closures: Closures,
    /// The nodes that give their name to a function that is their value.
    pub binders: &'static [Binder],
    /// The names by which the language's own test runner finds tests.
    pub is_test_name: fn(&str) -> bool,
    /// Does what is called so run tests that it is given?
    pub is_test_call: fn(&str) -> bool,
    /// The roles by the parser's numbers, made when first asked for.
    table: OnceLock<Vec<Roles>>,
}

/// A node, and its fields of a name and of a value.
pub type Binder = (&'static str, &'static str, &'static str);

/// Which functions without a name of their own stand for themselves: where they are the usual way
/// to write a function, all; elsewhere they are a part of the function that they stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closures {
    Own,
    /// Those that stand in no function.
    Outside,
    Never,
}

impl Grammar {
    /// The table of a language; `None` if it is not built in.
    pub fn of(language: Language) -> Option<&'static Self> {
        match language {
            Language::Rust => Some(&rust::GRAMMAR),
            #[cfg(feature = "python")]
            Language::Python => Some(&python::GRAMMAR),
            #[cfg(feature = "javascript")]
            Language::JavaScript => Some(&javascript::GRAMMAR),
            #[cfg(feature = "typescript")]
            Language::TypeScript => Some(&typescript::GRAMMAR),
            #[cfg(feature = "typescript")]
            Language::Tsx => Some(&typescript::TSX),
            #[cfg(feature = "go")]
            Language::Go => Some(&go::GRAMMAR),
            #[cfg(feature = "java")]
            Language::Java => Some(&java::GRAMMAR),
            #[cfg(feature = "c")]
            Language::C => Some(&c::GRAMMAR),
            #[cfg(feature = "cpp")]
            Language::Cpp => Some(&cpp::GRAMMAR),
            #[cfg(not(all(
                feature = "python",
                feature = "javascript",
                feature = "typescript",
                feature = "go",
                feature = "java",
                feature = "c",
                feature = "cpp"
            )))]
            _ => None,
        }
    }

    /// The roles of every kind of node, indexed by [`tree_sitter::Node::kind_id`].
    pub fn table(&self, parser: &tree_sitter::Language) -> &[Roles] {
        self.table.get_or_init(|| {
            let kinds = (0..parser.node_kind_count()).filter_map(|id| u16::try_from(id).ok());
            // A keyword may be spelled like a kind of node: TypeScript's type `string`.
            let name = |id| {
                parser
                    .node_kind_for_id(id)
                    .filter(|_| parser.node_kind_is_named(id))
            };
            kinds
                .map(|id| self.roles_of(name(id).unwrap_or_default()))
                .collect()
        })
    }

    fn roles_of(&self, kind: &str) -> Roles {
        let played = self.roles.iter().filter(|(_, kinds)| kinds.contains(&kind));
        let named = self.names.iter().any(|(named, _)| *named == kind);
        let binds = self.binders.iter().any(|(binder, ..)| *binder == kind);
        let roles = played.map(|(role, _)| *role);
        let roles = roles.chain(named.then_some(Role::Named));
        roles.chain(binds.then_some(Role::Binder)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use big_code_analysis::{Ast, Source};

    #[test]
    fn every_node_that_a_table_names_is_one_of_its_parser() {
        for language in Language::ALL {
            let Some(grammar) = Grammar::of(language) else {
                continue;
            };
            let ast = Ast::parse(Source::new(grammar.parser, b"")).unwrap();
            let parser = ast.as_tree_sitter().language();
            let named = grammar.names.iter().map(|(kind, _)| *kind);
            let kinds = grammar.roles.iter().flat_map(|(_, kinds)| kinds.iter());
            let binders = grammar.binders.iter().map(|(kind, ..)| *kind);
            for kind in named.chain(binders).chain(kinds.copied()) {
                let known = parser.id_for_node_kind(kind, true) != 0;
                assert!(known, "{language} has no {kind}");
            }
        }
    }

    #[test]
    fn every_language_has_functions_comments_branches_and_names() {
        for grammar in Language::ALL.into_iter().filter_map(Grammar::of) {
            for role in [Role::Function, Role::Comment, Role::Nesting, Role::Text] {
                let known = grammar.roles.iter().any(|(played, _)| *played == role);
                assert!(known, "{:?} {role:?}", grammar.parser);
            }
            assert!(!grammar.names.is_empty());
        }
    }
}
