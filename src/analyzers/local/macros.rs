//! What calls of Rust's macros hold, where it reads as code: `cfg_rt! { fn … }`,
//! `tokio::select! { … }`, `debug!("…", if a { b } else { c })`. The grammar sees loose tokens there.
//!
//! A second text is made, byte for byte as long as the first, in which what makes a call of a macro is
//! blank, and parsed again: every place is where it was, and whoever asks for functions, branches and
//! measures gets those in macros with all others. Not what a macro makes of it, which nobody knows.

use big_code_analysis::tree_sitter::{InputEdit, Node, Parser, Point, Tree};
use big_code_analysis::{Ast, LANG};

use super::parsing;

/// Macros in macros are read to this depth.
const MAX_DEPTH: usize = 3;

/// Words without which there is nothing to be seen in a macro.
const TELLING: [&str; 7] = ["fn", "if", "match", "while", "for", "loop", "unsafe"];

/// What is written to be code elsewhere is no code here.
const QUOTES: [&str; 4] = [
    "quote",
    "quote_spanned",
    "parse_quote",
    "parse_quote_spanned",
];

/// The text's syntax with what its macros hold; `None` if they hold no code.
pub fn read(text: &str, tree: &Tree) -> Option<Ast> {
    let mut reading = Reading {
        text: text.as_bytes().to_vec(),
        tree: tree.clone(),
    };
    let mut depth = 0;
    while depth < MAX_DEPTH
        && let Some(deeper) = reading.deeper()
    {
        reading = deeper;
        depth += 1;
    }
    let Reading { text, tree } = reading;
    let ast = (depth > 0).then(|| Ast::from_tree_sitter(LANG::Rust, tree, text, None))?;
    ast.ok()
}

/// A text of which some macros are read.
struct Reading {
    text: Vec<u8>,
    tree: Tree,
}

/// What stands instead of a call of a macro.
#[derive(Clone, Debug)]
struct Replaced {
    start: usize,
    text: Vec<u8>,
    from: Point,
    to: Point,
}

impl Reading {
    /// With the outermost macros that are not read yet.
    fn deeper(&self) -> Option<Self> {
        let calls = Calls::of(self);
        let deeper = self.with(&calls)?;
        let lost = deeper.lost();
        if lost.len() <= self.lost().len() {
            return Some(deeper);
        }
        // Alone each reads as code, but not where it stands.
        let stands = |call: &&Replaced| {
            let end = call.start + call.text.len();
            !lost
                .iter()
                .any(|lost| lost.start < end && call.start < lost.end)
        };
        let rest: Vec<Replaced> = calls.iter().filter(stands).cloned().collect();
        let deeper = self.with(&rest)?;
        (deeper.lost().len() <= self.lost().len()).then_some(deeper)
    }

    fn with(&self, calls: &[Replaced]) -> Option<Self> {
        if calls.is_empty() {
            return None;
        }
        let (mut text, mut tree) = (self.text.clone(), self.tree.clone());
        for call in calls {
            let end = call.start + call.text.len();
            text.get_mut(call.start..end)?.copy_from_slice(&call.text);
            tree.edit(&InputEdit {
                start_byte: call.start,
                old_end_byte: end,
                new_end_byte: end,
                start_position: call.from,
                old_end_position: call.to,
                new_end_position: call.to,
            });
        }
        let tree = parsing::again(&text, &tree)?;
        Some(Self { text, tree })
    }

    /// The items that do not parse.
    fn lost(&self) -> Vec<std::ops::Range<usize>> {
        let root = self.tree.root_node();
        if !root.has_error() {
            return Vec::new();
        }
        let mut cursor = root.walk();
        let children = root.children(&mut cursor);
        let lost = children.filter(|child| child.has_error());
        lost.map(|child| child.byte_range()).collect()
    }
}

/// The calls of macros in a text, and the parser that tries them.
struct Calls<'a> {
    text: &'a [u8],
    parser: Parser,
    found: Vec<Replaced>,
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Among items.
    Item,
    /// In a function.
    Code,
}

impl<'a> Calls<'a> {
    fn of(reading: &'a Reading) -> Vec<Replaced> {
        let mut calls = Self {
            text: &reading.text,
            parser: Parser::new(),
            found: Vec::new(),
        };
        if calls.parser.set_language(&reading.tree.language()).is_err() {
            return Vec::new();
        }
        let mut cursor = reading.tree.walk();
        let mut above: Vec<Node<'_>> = Vec::new();
        loop {
            let node = cursor.node();
            let call = node.kind() == "macro_invocation";
            if call {
                let replaced = calls.replaced(node, &above);
                calls.found.extend(replaced);
            }
            if !call && cursor.goto_first_child() {
                above.push(node);
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return calls.found;
                }
                above.pop();
            }
        }
    }

    fn replaced(&mut self, call: Node<'_>, above: &[Node<'_>]) -> Option<Replaced> {
        let name = self.source(call.child_by_field_name("macro")?);
        let quotes = QUOTES.iter().any(|quote| quote.as_bytes() == name);
        let last = u32::try_from(call.named_child_count())
            .ok()?
            .checked_sub(1)?;
        let tokens = call.named_child(last).filter(|_| !quotes)?;
        if tokens.kind() != "token_tree" || !tells(self.source(tokens)) {
            return None;
        }
        let whole = match above {
            [.., statement] if statement.kind() == "expression_statement" => *statement,
            _ => call,
        };
        let around = if whole == call {
            above.last()
        } else {
            above.get(above.len().checked_sub(2)?)
        };
        let among_items =
            |node: &&Node<'_>| matches!(node.kind(), "source_file" | "declaration_list");
        let (place, node) = match around.filter(among_items) {
            Some(_) => (Place::Item, whole),
            None => (Place::Code, call),
        };
        let text = match place {
            Place::Item => self.items(whole, tokens),
            Place::Code => self.code(call, tokens),
        };
        Some(Replaced {
            start: node.start_byte(),
            text: text?,
            from: node.start_position(),
            to: node.end_position(),
        })
    }

    fn items(&mut self, whole: Node<'_>, tokens: Node<'_>) -> Option<Vec<u8>> {
        let plain = self.draft(whole).keep(tokens, Keep::Inside);
        let groups = groups(tokens, self.text);
        let parts = groups.iter().fold(self.draft(whole), |draft, group| {
            draft.keep(*group, Keep::Inside)
        });
        [plain, parts]
            .into_iter()
            .map(|draft| draft.text)
            .find(|text| self.is_items(text))
    }

    fn code(&mut self, call: Node<'_>, tokens: Node<'_>) -> Option<Vec<u8>> {
        let braced = self.source(tokens).starts_with(b"{");
        let mut plain = self.draft(call).keep(tokens, Keep::All);
        if !braced {
            plain = plain.keep(call.child_by_field_name("macro")?, Keep::All);
        }
        let choice = choice(self.draft(call), tokens, self.text);
        let whole = [Some(plain.text), choice].into_iter().flatten();
        for text in whole {
            if self.is_code(&text) {
                return Some(text);
            }
        }
        let mut parts = self.draft(call).brackets(tokens);
        let mut told = false;
        for group in groups(tokens, self.text) {
            let source = self.source(group);
            if self.is_code(source) {
                told |= tells(source);
                parts = parts.keep(group, Keep::All);
            }
        }
        (told && self.is_code(&parts.text)).then_some(parts.text)
    }

    fn draft(&self, node: Node<'_>) -> Draft<'a> {
        let source = self.source(node);
        let blank = |&byte: &u8| match byte {
            b'\n' | b'\r' => byte,
            _ => b' ',
        };
        Draft {
            source,
            start: node.start_byte(),
            text: source.iter().map(blank).collect(),
        }
    }

    fn source(&self, node: Node<'_>) -> &'a [u8] {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn is_code(&mut self, text: &[u8]) -> bool {
        let closed = [text, b";"].concat();
        let tree = self.parser.parse(&closed, None);
        tree.is_some_and(|tree| !tree.root_node().has_error())
    }

    /// Is it a list of items, with functions among them?
    fn is_items(&mut self, text: &[u8]) -> bool {
        let Some(tree) = self.parser.parse(text, None) else {
            return false;
        };
        let root = tree.root_node();
        let mut cursor = root.walk();
        let mut children = root.named_children(&mut cursor);
        tells(text)
            && !root.has_error()
            && children.all(|child| {
                let kind = child.kind();
                let calls = child.named_child(0).map(|inner| inner.kind());
                kind.ends_with("_item")
                    || kind.ends_with("_comment")
                    || matches!(
                        kind,
                        "use_declaration" | "macro_definition" | "macro_invocation"
                    )
                    || (kind == "expression_statement" && calls == Some("macro_invocation"))
            })
    }
}

/// How much of a node stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    All,
    /// Without its brackets.
    Inside,
}

/// A call of a macro of which nothing is left but what was kept.
struct Draft<'a> {
    source: &'a [u8],
    start: usize,
    text: Vec<u8>,
}

impl Draft<'_> {
    fn keep(mut self, node: Node<'_>, keep: Keep) -> Self {
        let bracket = usize::from(keep == Keep::Inside);
        let from = node.start_byte() + bracket - self.start;
        let to = (node.end_byte() - self.start)
            .saturating_sub(bracket)
            .max(from);
        if let (Some(blank), Some(source)) =
            (self.text.get_mut(from..to), self.source.get(from..to))
        {
            blank.copy_from_slice(source);
        }
        self
    }

    /// Writes over what is blank.
    fn write(&mut self, at: usize, text: &[u8]) {
        let at = at - self.start;
        if let Some(blank) = self.text.get_mut(at..at + text.len()) {
            blank.copy_from_slice(text);
        }
    }

    /// Braces where the tokens' brackets are.
    fn brackets(mut self, tokens: Node<'_>) -> Self {
        self.write(tokens.start_byte(), b"{");
        self.write(tokens.end_byte() - 1, b"}");
        self
    }
}

const CHOOSE: &[u8] = b"match 0";

/// `pattern = future => body`, one arm after the other: a choice, whatever decides it.
fn choice(draft: Draft<'_>, tokens: Node<'_>, text: &[u8]) -> Option<Vec<u8>> {
    let source = |node: &Node<'_>| text.get(node.byte_range()).unwrap_or_default();
    let is = |node: &Node<'_>, sign: &str| source(node) == sign.as_bytes();
    let mut cursor = tokens.walk();
    let children: Vec<Node<'_>> = tokens.children(&mut cursor).collect();
    let inside = children.get(1..children.len().checked_sub(1)?)?;
    let mut draft = draft.brackets(tokens);
    let head = tokens.start_byte() - draft.start;
    if head < CHOOSE.len() {
        return None;
    }
    draft.write(draft.start + head - CHOOSE.len(), CHOOSE);
    let (mut blocks, mut rest) = (0, inside);
    while let Some(arrow) = rest.iter().position(|node| is(node, "=>")) {
        let (pattern, from_arrow) = rest.split_at(arrow);
        draft.write(pattern.first()?.start_byte(), b"_");
        let [arrow, body @ ..] = from_arrow else {
            break;
        };
        draft = draft.keep(*arrow, Keep::All);
        let block = body
            .first()
            .is_some_and(|node| source(node).starts_with(b"{"));
        blocks += usize::from(block);
        let comma = || body.iter().position(|node| is(node, ","));
        let end = if block { Some(1) } else { comma() };
        let end = end.unwrap_or(body.len());
        let (body, after) = body.split_at(end);
        draft = body
            .iter()
            .fold(draft, |draft, node| draft.keep(*node, Keep::All));
        rest = after;
        if let [comma, after @ ..] = rest
            && is(comma, ",")
        {
            draft = draft.keep(*comma, Keep::All);
            rest = after;
        }
    }
    (blocks > 0).then_some(draft.text)
}

/// The blocks among tokens.
fn groups<'tree>(tokens: Node<'tree>, text: &[u8]) -> Vec<Node<'tree>> {
    let mut cursor = tokens.walk();
    let children = tokens.named_children(&mut cursor);
    let groups = children.filter(|node| {
        let source = text.get(node.byte_range()).unwrap_or_default();
        node.kind() == "token_tree" && source.starts_with(b"{")
    });
    groups.collect()
}

/// Is one of the telling words in it?
fn tells(source: &[u8]) -> bool {
    let mut words = source.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    words.any(|word| TELLING.iter().any(|telling| telling.as_bytes() == word))
}

#[cfg(test)]
mod tests {
    use crate::analyzers::local::subject::Subject;
    use crate::model::Language;

    /// Path, first line and cognitive complexity of every function.
    fn functions(text: &str) -> Vec<(String, usize, i64)> {
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let seen = subject.sightings().functions.iter();
        let lines: Vec<usize> = seen.map(|f| subject.line(f.range.start)).collect();
        let measured = &subject.figures().functions;
        let measured_lines: Vec<usize> = measured.iter().map(|f| f.start_line).collect();
        assert_eq!(lines, measured_lines, "{text}");
        measured
            .iter()
            .map(|f| (f.path.clone(), f.start_line, f.cognitive))
            .collect()
    }

    fn one(text: &str) -> i64 {
        functions(text)[0].2
    }

    #[test]
    fn functions_in_macros_are_functions() {
        let nested = "if a { if b { if c { d() } } }";
        for text in [
            format!("cfg_rt! {{\n pub fn f() {{ {nested} }}\n}}\n"),
            format!("cfg_rt!(\n fn f() {{ {nested} }}\n);\n"),
            format!("cfg_if! {{ if #[cfg(a)] {{\n fn f() {{ {nested} }}\n}} else {{ }} }}\n"),
            format!("outer! {{ inner! {{\n fn f() {{ {nested} }}\n}} }}\n"),
        ] {
            assert_eq!(functions(&text), [("f".to_owned(), 2, 6)], "{text}");
        }
        let method = format!("impl A {{\n cfg_rt! {{ fn f() {{ {nested} }} }}\n}}\n");
        assert_eq!(functions(&method), [("A::f".to_owned(), 2, 6)]);
    }

    #[test]
    fn branches_in_macros_are_branches() {
        let branch = "if a { if b { c() } }";
        assert_eq!(one(&format!("fn f() {{ m! {{ {branch} }} }}")), 3);
        assert_eq!(
            one(&format!("fn f() {{ if x {{ m! {{ {branch} }} }} }}")),
            6
        );
        assert_eq!(one("fn f() { debug!(\"a\", if b { 1 } else { 2 }); }"), 2);
        assert_eq!(
            one(&format!("fn f() {{ let a = m!({{ {branch} }}, 1)?; }}")),
            3
        );
        let select = format!(
            "fn f() {{ let x = tokio::select! {{ biased; v = g(), if h => {{ {branch} }} _ = i() => j(), else => {{ }} }}; }}"
        );
        assert_eq!(one(&select), 1 + 2 + 3);
    }

    #[test]
    fn what_does_not_read_as_code_is_left_alone() {
        for text in [
            "fn f() { quote! { if a { if b { } } } }",
            "fn f() { html! { <p> if a { <b/> } </p> } }",
            "fn f() { vec![1; 2]; println!(\"if a {b}\"); }",
            "macro_rules! m { () => { fn g() { if a { } } } }\nfn f() {}",
        ] {
            let found = functions(text);
            assert_eq!((found.len(), found[0].2), (1, 0), "{text}");
        }
    }

    #[test]
    fn every_place_is_where_it_was() {
        let text = "cfg_rt! {\n    // ö\n    fn f() { unsafe { g(\"ö\") } }\n}\n";
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let seen = subject.sightings();
        let range = &seen.functions[0].range;
        assert!(text[range.clone()].starts_with("fn f()"));
        assert_eq!(seen.comments.len(), 1);
        assert!(text[seen.unsafe_blocks[0].clone()].starts_with("unsafe {"));
        assert_eq!(subject.item_at(range.end - 3).as_deref(), Some("f"));
    }
}
