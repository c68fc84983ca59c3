//! What one walk over a syntax tree sees, for all kinds that ask: comments, functions, tokens,
//! tests, unsafe and unfinished code, errors. Where things are, not what to think of them.

mod paths;
mod walk;

pub use paths::Paths;
pub use walk::of;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::naming::Name;

/// The places of interest, each list in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    /// Real comments: nothing in a string.
    pub comments: Vec<Range<usize>>,
    /// Strings that stand alone and only tell a reader something: Python's docstrings.
    pub docstrings: Vec<Range<usize>>,
    /// What catches errors: `catch`, `except`.
    pub handlers: Vec<Range<usize>>,
    pub functions: Vec<Function>,
    /// Everything that is no comment, piece by piece; a string literal is one piece.
    pub tokens: Vec<Token>,
    pub unsafe_blocks: Vec<Range<usize>>,
    /// `todo!(…)` and `unimplemented!(…)`: the macro's name, and its call as far as the tree goes.
    pub unfinished: Vec<(&'static str, Range<usize>)>,
    /// Code that only tests use: the outermost test functions and modules.
    pub tests: Vec<Range<usize>>,
    pub test_functions: usize,
    /// What the parser could not read.
    pub errors: Vec<Range<usize>>,
    /// The most branches and loops inside each other in one function.
    pub nesting_max: usize,
    /// The conditions of branches and loops.
    pub conditions: Vec<Range<usize>>,
    /// `let` bindings, to their semicolon.
    pub bindings: Vec<Range<usize>>,
    /// Expressions that stand alone, as statements.
    pub statements: Vec<Range<usize>>,
    /// Calls of macros, with their arguments.
    pub macros: Vec<Range<usize>>,
    /// Where only constants are computed: what panics there, panics at compile time.
    pub constants: Vec<Range<usize>>,
    /// Items, without their comments and attributes.
    pub items: Vec<Range<usize>>,
    /// Attributes of Rust, with their brackets.
    pub attributes: Vec<Range<usize>>,
    /// Attributes of what they lie in: `#![…]`.
    pub inner_attributes: Vec<Range<usize>>,
    /// What paths are made of.
    pub named: Vec<Named>,
}

/// A node that names what lies in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    range: Range<usize>,
    pub name: Name,
    /// The trait that it implements.
    pub of: Option<Range<usize>>,
    /// What it lies in itself, by its place in the list.
    parent: Option<usize>,
}

impl Named {
    /// What a byte lies in, outermost first, at most `most` of them.
    pub fn around(all: &[Self], byte: usize, most: usize) -> Vec<&Self> {
        let before = all.partition_point(|named| named.range.start <= byte);
        // Whoever lies around another comes before it in the list: there are no circles.
        let parent = |at: &usize| all.get(*at)?.parent.filter(|parent| parent < at);
        let around = std::iter::successors(before.checked_sub(1), parent);
        let around = around.filter_map(|at| all.get(at));
        let around = around.filter(|named| named.range.contains(&byte));
        let mut around: Vec<&Self> = around.take(most).collect();
        around.reverse();
        around
    }

    /// Where it begins.
    pub const fn start(&self) -> usize {
        self.range.start
    }
}

/// One function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Without comments and attributes above it.
    pub range: Range<usize>,
    /// Where its name stands, or it begins if it has none.
    pub head: usize,
    pub form: Form,
    pub paths: Paths,
    /// The most branches and loops inside each other, without those of functions in it.
    pub nesting: usize,
    /// The beginning of the first branch that is that deep.
    pub deepest: usize,
    /// The function that it lies in, by its place in the list.
    pub parent: Option<usize>,
}

/// How a function is told from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// By a name.
    Named,
    /// By what it is given to, of which this is the name.
    Given(Range<usize>),
    /// It is called where it stands: no more than a block.
    Immediate,
    /// It runs before there is anything to call: of a type, or of each of its values.
    Initializer,
    Nameless,
}

/// One piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The number that the parser gives its kind.
    pub kind: u16,
    pub shape: Shape,
    pub start: usize,
    pub end: usize,
    /// The line it begins on, from 1.
    pub line: usize,
}

/// What a token is, as far as rules ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Name,
    Text,
    Number,
    /// A keyword, an operator, a bracket.
    Sign,
}

impl Sightings {
    /// Does this byte lie in code that only tests use?
    pub fn is_test(&self, byte: usize) -> bool {
        let before = self.tests.partition_point(|test| test.start <= byte);
        let last = before.checked_sub(1).and_then(|at| self.tests.get(at));
        last.is_some_and(|test| test.contains(&byte))
    }

    /// Test code; what lies in test code already known is counted and no more.
    fn add_test(&mut self, range: Range<usize>, functions: usize) {
        self.test_functions += functions;
        if !self.is_test(range.start) {
            self.tests.push(range);
        }
    }

    /// Takes over what a walk through the code in macros has seen, and keeps what stands in the text
    /// whether it is in a macro or not.
    fn add_structure(&mut self, code: Self) {
        let Self {
            comments: _,
            docstrings: _,
            handlers: _,
            functions,
            tokens: _,
            unsafe_blocks,
            unfinished: _,
            tests,
            test_functions,
            errors: _,
            nesting_max,
            conditions,
            bindings,
            statements,
            macros: _,
            constants,
            items,
            attributes,
            inner_attributes,
            named,
        } = code;
        let mut all = std::mem::take(&mut self.tests);
        all.extend(tests);
        all.sort_by_key(|test| (test.start, std::cmp::Reverse(test.end)));
        for test in all {
            self.add_test(test, 0);
        }
        self.functions = functions;
        self.unsafe_blocks = unsafe_blocks;
        self.test_functions = test_functions;
        self.nesting_max = nesting_max;
        self.conditions = conditions;
        self.bindings = bindings;
        self.statements = statements;
        self.constants = constants;
        self.items = items;
        self.attributes = attributes;
        self.inner_attributes = inner_attributes;
        self.named = named;
    }

    /// The tokens that begin in a range.
    pub fn tokens_in(&self, range: &Range<usize>) -> &[Token] {
        let at = |byte: usize| self.tokens.partition_point(|token| token.start < byte);
        self.tokens
            .get(at(range.start)..at(range.end))
            .unwrap_or_default()
    }

    /// Does what lies in this function stand at the top, but for brackets around the file?
    pub fn is_wrapped_only(&self, function: Option<usize>) -> bool {
        let mut next = function;
        while let Some(around) = next.and_then(|at| self.functions.get(at)) {
            if around.form != Form::Immediate {
                return false;
            }
            next = around.parent;
        }
        true
    }

    /// The innermost function that a byte lies in, by its place in the list.
    pub fn function_at(&self, byte: usize) -> Option<usize> {
        let before = self.functions.partition_point(|f| f.range.start <= byte);
        let mut next = before.checked_sub(1);
        while let Some((at, function)) = next.and_then(|at| Some((at, self.functions.get(at)?))) {
            if function.range.contains(&byte) {
                return Some(at);
            }
            next = function.parent;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::analyzers::local::subject::Subject;
    use crate::model::Language;

    #[test]
    fn one_walk_sees_it_all() {
        let text = "// a\nfn f() { unsafe { g(\"// no\") }; todo!(\"x\"); h! { unimplemented!() } }\n\
                    #[cfg(test)]\nmod tests {\n  // b\n  #[test]\n  fn t() {}\n}\n";
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let seen = subject.sightings();
        assert_eq!(seen.comments.len(), 2);
        assert_eq!(seen.unsafe_blocks.len(), 1);
        let unfinished: Vec<_> = seen
            .unfinished
            .iter()
            .map(|(_, range)| &text[range.clone()])
            .collect();
        assert_eq!(unfinished, ["todo!(\"x\")", "unimplemented!()"]);
        assert_eq!((seen.tests.len(), seen.test_functions), (1, 1));
        assert!(seen.is_test(text.find("// b").unwrap()));
        assert!(seen.errors.is_empty());
        assert_eq!((seen.functions.len(), seen.items.len()), (2, 2));
        assert!(seen.function_at(text.find("todo").unwrap()) == Some(0));
    }

    #[test]
    fn a_function_knows_how_deep_it_nests() {
        let text = "fn f() { if a { b } else if c { loop { fn g() { if x {} } } } else { y } }";
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let seen = subject.sightings();
        let depths: Vec<usize> = seen.functions.iter().map(|f| f.nesting).collect();
        assert_eq!(depths, [2, 1]);
        assert!(text[seen.functions[0].deepest..].starts_with("loop"));
    }

    #[test]
    fn else_if_is_as_deep_as_its_if_in_every_language() {
        let texts = [
            (
                Language::Python,
                "def f():\n  if a:\n    b\n  elif c:\n    d\n",
            ),
            (
                Language::JavaScript,
                "function f() { if (a) {} else if (c) {} }",
            ),
            (
                Language::TypeScript,
                "function f() { if (a) {} else if (c) {} }",
            ),
            (Language::Go, "package p\nfunc f() { if a {} else if c {} }"),
            (
                Language::Java,
                "class A { void f() { if (a) {} else if (c) {} } }",
            ),
            (Language::C, "void f() { if (a) {} else if (c) {} }"),
            (Language::Cpp, "void f() { if (a) {} else if (c) {} }"),
        ];
        for (language, text) in texts {
            let subject = Subject::parse(text.as_bytes(), language).unwrap();
            assert_eq!(subject.sightings().functions[0].nesting, 1, "{language}");
        }
    }

    #[test]
    fn a_macro_named_like_a_type_is_no_error() {
        let errors = |text: &str| {
            let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
            subject.sightings().errors.len()
        };
        assert_eq!(errors("fn f() { g(str![\"a\"]); }"), 0);
        assert_eq!(errors("fn f() { g(str![]); }"), 0);
        assert_eq!(errors("fn f() { if }"), 1);
    }

    #[test]
    fn what_an_else_if_holds_is_one_deeper_than_it() {
        let nesting = |text: &str, language| {
            let subject = Subject::parse(text.as_bytes(), language).unwrap();
            subject.sightings().nesting_max
        };
        let rust = "fn f() { if a { } else if b { for c in d { while e { } } } }";
        assert_eq!(nesting(rust, Language::Rust), 3);
        let java = "class A { void f() { if (a) { } else if (b) { for (;;) { } } } }";
        assert_eq!(nesting(java, Language::Java), 2);
        let python = "if a:\n  pass\nelif b:\n  for c in d:\n    pass\n";
        assert_eq!(nesting(python, Language::Python), 2);
    }
}
