//! The text that an analysis is about, parsed once for all kinds. Not here: what any kind makes of
//! it.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ops::Range;

use big_code_analysis::Ast;
use big_code_analysis::tree_sitter::{Node, Tree};

use super::figures::{self, Figures};
use super::grammar::Grammar;
use super::sightings::{self, Form, Function, Named, Sightings};
use super::{dialect, macros, parsing, preprocessor};
use crate::model::{Finding, Language, Level, Skip};

/// The longest text that identifies a finding, in characters.
const MAX_ANCHOR: usize = 160;

/// The most of a trait's name that stands in a path, in characters.
const MAX_TRAIT: usize = 80;

/// Items nested deeper than this have no path of their own.
const MAX_DEPTH: usize = 128;

/// One source text with its syntax tree.
#[derive(Debug)]
pub struct Subject<'a> {
    pub text: &'a str,
    /// What it is written in, which may be more than its file's name claims.
    pub language: Language,
    pub grammar: &'static Grammar,
    ast: Ast,
    /// With what the macros hold, where they hold code.
    expanded: OnceCell<Option<Ast>>,
    /// Where each line begins.
    lines: Vec<usize>,
    sightings: OnceCell<Sightings>,
    figures: OnceCell<Figures>,
    /// Paths of more than one item.
    repeated: OnceCell<HashSet<String>>,
}

impl<'a> Subject<'a> {
    /// Parses a text, whether it compiles or not.
    ///
    /// # Errors
    /// The reason why it cannot be: its bytes are not UTF-8, its language is not built in, or its
    /// parser asks for too much.
    pub fn parse(text: &'a [u8], language: Language) -> Result<Self, Skip> {
        let text = std::str::from_utf8(text).map_err(|_| Skip::NotUtf8)?;
        let language = dialect::of(text, language);
        let grammar = Grammar::of(language).ok_or(Skip::UnknownLanguage)?;
        let ast = match language {
            Language::C | Language::Cpp => {
                parsing::parse(&preprocessor::readable(text), grammar.parser)?
            }
            _ => parsing::parse(text, grammar.parser)?,
        };
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Ok(Self {
            text,
            language,
            grammar,
            ast,
            expanded: OnceCell::new(),
            lines: std::iter::once(0).chain(ends).collect(),
            sightings: OnceCell::new(),
            figures: OnceCell::new(),
            repeated: OnceCell::new(),
        })
    }

    pub fn tree(&self) -> &Tree {
        self.ast.as_tree_sitter()
    }

    /// The syntax with the code that macros hold (see [`macros`]): where functions and branches are,
    /// but not every token.
    pub fn structure(&self) -> &Ast {
        let expanded = self.expanded.get_or_init(|| match self.language {
            Language::Rust => macros::read(self.text, self.tree()),
            _ => None,
        });
        expanded.as_ref().unwrap_or(&self.ast)
    }

    /// What one walk over the tree has seen.
    pub fn sightings(&self) -> &Sightings {
        self.sightings.get_or_init(|| sightings::of(self))
    }

    /// The functions of the text and their measures.
    pub fn figures(&self) -> &Figures {
        self.figures.get_or_init(|| figures::of(self))
    }

    /// The line that a byte lies on, from 1.
    pub fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|&start| start <= byte)
    }

    /// A line's text by its number, from 1, without its end.
    pub fn line_text(&self, line: usize) -> &'a str {
        let start = line
            .checked_sub(1)
            .and_then(|at| self.lines.get(at))
            .copied();
        let rest = start
            .and_then(|start| self.text.get(start..))
            .unwrap_or_default();
        rest.lines().next().unwrap_or_default()
    }

    /// A line's bytes from its first character to its last, by its number from 1.
    pub fn line_range(&self, line: usize) -> Range<usize> {
        let start = line
            .checked_sub(1)
            .and_then(|at| self.lines.get(at))
            .copied();
        let start = start.unwrap_or(self.text.len());
        let text = self.line_text(line);
        let indent = text.len() - text.trim_start().len();
        start + indent..start + text.trim_end().len().max(indent)
    }

    pub fn source(&self, node: Node<'_>) -> &'a str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// A finding on a range of bytes. The caller adds what is particular.
    pub fn finding(&self, rule: &str, level: Level, range: Range<usize>) -> Finding {
        let line = self.line(range.start);
        let words = self.line_text(line).split_whitespace();
        let anchor = words.collect::<Vec<_>>().join(" ");
        Finding {
            start_line: number(line),
            start_column: self.column(range.start),
            end_line: number(self.line(range.end)),
            end_column: self.column(range.end),
            rule: rule.to_owned(),
            level,
            item: self.item_at(range.start),
            title: String::new(),
            message: String::new(),
            suggestion: None,
            confidence: None,
            anchor: anchor.chars().take(MAX_ANCHOR).collect(),
            about: crate::model::About::Text,
            roles: crate::model::Roles::EVERY,
            details: std::collections::BTreeMap::new(),
        }
    }

    /// The path of the item that a byte lies in: `Store::open`; with its trait, `<Store as Read>::open`,
    /// where the text has two of that path.
    pub fn item_at(&self, byte: usize) -> Option<String> {
        let named = &self.sightings().named;
        let path = path_of(named, self.text, self.grammar, byte)?;
        let around = Named::around(named, byte, MAX_DEPTH);
        if around.iter().all(|named| named.of.is_none()) || !self.is_repeated(&path) {
            return Some(path);
        }
        let text = |range: &Range<usize>| self.text.get(range.clone());
        let names = around.iter().map(|named| {
            let name = named.name.written(self.text)?;
            let words = named.of.as_ref().and_then(text).unwrap_or_default();
            let of: String = words.split_whitespace().collect();
            Some(match of.as_str() {
                "" => name,
                of => format!(
                    "<{name} as {}>",
                    of.chars().take(MAX_TRAIT).collect::<String>()
                ),
            })
        });
        joined(names, self.grammar)
    }

    /// Do two items of the text have this path?
    fn is_repeated(&self, path: &str) -> bool {
        let repeated = self.repeated.get_or_init(|| {
            let named = &self.sightings().named;
            let (mut seen, mut repeated) = (HashSet::new(), HashSet::new());
            for one in named {
                let path = path_of(named, self.text, self.grammar, one.start());
                if let Some(path) = path.filter(|path| !seen.insert(path.clone())) {
                    repeated.insert(path);
                }
            }
            repeated
        });
        repeated.contains(path)
    }

    /// The path of a function, with what tells it from others where it has no name.
    pub fn function_path(&self, function: &Function) -> String {
        let around = self.item_at(function.range.start);
        let own = match &function.form {
            Form::Named => None,
            Form::Given(to) => match self.text.get(to.clone()).unwrap_or_default() {
                "" => Some("(anonymous)".to_owned()),
                to => Some(format!("{to} callback")),
            },
            Form::Initializer => Some("(initializer)".to_owned()),
            Form::Immediate | Form::Nameless => Some("(anonymous)".to_owned()),
        };
        joined([around, own].into_iter(), self.grammar).unwrap_or_default()
    }

    /// The column that a byte lies in, in characters from 1.
    fn column(&self, byte: usize) -> u32 {
        let start = self
            .line(byte)
            .checked_sub(1)
            .and_then(|at| self.lines.get(at));
        let before = start.and_then(|&start| self.text.get(start..byte));
        number(before.map_or(0, |before| before.chars().count()) + 1)
    }
}

/// The path of the item that a byte of `text` lies in, by what names what lies in it.
pub fn path_of(named: &[Named], text: &str, grammar: &Grammar, byte: usize) -> Option<String> {
    let around = Named::around(named, byte, MAX_DEPTH);
    joined(around.iter().map(|named| named.name.written(text)), grammar)
}

fn joined(names: impl Iterator<Item = Option<String>>, grammar: &Grammar) -> Option<String> {
    let path: Vec<String> = names.flatten().collect();
    (!path.is_empty()).then(|| path.join(grammar.separator))
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_in_lines_characters_and_items() {
        let text = "impl<T> Store<T> {\n    fn open() { /* ö */ f() }\n}\n";
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let at = text.find("f()").unwrap();
        let finding = subject.finding("rule", Level::Note, at..at + 3);
        assert_eq!((finding.start_line, finding.start_column), (2, 25));
        assert_eq!((finding.end_line, finding.end_column), (2, 28));
        assert_eq!(finding.item.as_deref(), Some("Store::open"));
        assert_eq!(finding.anchor, "fn open() { /* ö */ f() }");
    }

    #[test]
    fn every_language_names_its_items() {
        let texts = [
            (Language::Python, "class A:\n  def b(self):\n    x", "A.b"),
            (Language::JavaScript, "class A { b() { x } }", "A.b"),
            (Language::TypeScript, "class A { b(): void { x } }", "A.b"),
            (Language::Go, "package p\nfunc b() { x }", "b"),
            (Language::Java, "class A { void b() { x; } }", "A.b"),
            (Language::C, "static int *b(void) { x; }", "b"),
            (Language::Cpp, "namespace A { int b() { x; } }", "A::b"),
        ];
        for (language, text, path) in texts {
            let subject = Subject::parse(text.as_bytes(), language).unwrap();
            let item = subject.item_at(text.rfind('x').unwrap());
            assert_eq!(item.as_deref(), Some(path), "{language}");
        }
    }
}
