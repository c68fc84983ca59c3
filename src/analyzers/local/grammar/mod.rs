//! What the nodes of each language's syntax tree mean to us: one table a language, one file a
//! table. Not the parsers: those are big-code-analysis'.
//!
//! Adding a language: its file, its line in [`Grammar::of`], a text in the tests that name every
//! language.

#[cfg(feature = "c")]
mod c;
#[cfg(any(feature = "c", feature = "cpp"))]
mod c_family;
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
pub use rust::is_test_attribute;

use std::ops::Range;
use std::sync::OnceLock;

use big_code_analysis::LANG;
use big_code_analysis::tree_sitter::{self, Node};

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
    /// Whether a node of the role [`Role::Testable`] serves tests, as the language's test runners
    /// tell: by syntax, and never by a name alone.
    pub test: fn(Node<'_>, &str) -> Option<Test>,
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

/// Code that only tests use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    pub range: Range<usize>,
    /// How many tests it is itself, without those in it: none is what sets tests up or groups them.
    pub tests: usize,
}

impl Test {
    /// A test, or what only helps tests.
    fn of(node: Node<'_>, tests: usize) -> Self {
        Self {
            range: node.byte_range(),
            tests,
        }
    }
}

/// The text of a node.
fn source<'a>(text: &'a str, node: Node<'_>) -> &'a str {
    text.get(node.byte_range()).unwrap_or_default()
}

/// The children of a node that have a name in the grammar.
fn children<'tree>(node: Node<'tree>) -> Vec<Node<'tree>> {
    node.named_children(&mut node.walk()).collect()
}

/// `Test` of `org::junit::Test`, `org.junit.Test` or `Test`.
fn last_name(path: &str) -> &str {
    let last = path.rsplit([':', '.']).next().unwrap_or(path);
    last.trim()
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
    use crate::analyzers::local::subject::Subject;
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

    /// Which of these markers, one a line, stand in code that only tests use?
    fn tested(language: Language, text: &str) -> Vec<&str> {
        let subject = Subject::parse(text.as_bytes(), language).unwrap();
        let seen = subject.sightings();
        let markers = text.match_indices("mark_").map(|(at, _)| at);
        let tested = markers.filter(|&at| seen.is_test(at));
        tested.map(|at| &text[at + 5..at + 6]).collect()
    }

    #[test]
    fn tests_are_told_by_syntax_in_every_language() {
        let texts = [
            (
                Language::Rust,
                "#[tokio::test(flavor = \"x\")]\nasync fn f() { mark_a }\n#[cfg(all(unix, test))]\nmod m { fn g() { mark_b } }\n\
                 #[cfg(any(test, unix))]\nfn h() { mark_x }\npub fn test_connection() { mark_y }\n#[cfg(not(test))]\nfn i() { mark_z }\n\
                 #[cfg_attr(not(loom), test)]\nfn j() { mark_c }\nrgtest!(k, |dir| { mark_d });\nfn l() { speed_test!(mark_v) }\n\
                 impl SpeedTest { fn run() { mark_u } }",
                "abcd",
            ),
            (Language::Rust, "#![cfg(test)]\nfn f() { mark_a }", "a"),
            (
                Language::Python,
                "def test_a(): mark_a\nclass A(TestCase):\n  def help(self): mark_b\nclass TestB:\n  @x\n  def test_b(self): mark_c\n\
                 class TestClient(Client):\n  def get(self): mark_x\nclass Database:\n  def test_connection(self): mark_y\n\
                 @pytest.fixture(scope=1)\ndef a(): mark_d\ndef testing(): mark_z\n",
                "abcd",
            ),
            (
                Language::JavaScript,
                "describe.only('a', () => { function f() { mark_a } });\nit.each([1])(`b`, async function () { mark_b });\n\
                 beforeEach(() => { mark_c });\nfunction test() { mark_x }\ntest(mark_y);\n/a/.test(b, () => mark_z);\n\
                 it.next(() => mark_w);\nsuite(name, () => { mark_v });\n",
                "abc",
            ),
            (
                Language::TypeScript,
                "test('a', async (): Promise<void> => { mark_a });\nclass A { test(): void { mark_x } }\n",
                "a",
            ),
            (
                Language::Go,
                "package p\nfunc TestA(t *testing.T) { mark_a }\nfunc help(t testing.TB, n int) { mark_b }\nfunc ExampleA() { mark_c }\n\
                 func TestConnection(host string) error { mark_x }\nfunc Testing() { mark_y }\nfunc (s *ASuite) TestB() { mark_d }\n\
                 func (d *Database) TestB() { mark_z }\n",
                "abcd",
            ),
            (Language::Go, "package p_test\nfunc f() { mark_a }\n", "a"),
            (
                Language::Java,
                "class A { @org.junit.jupiter.api.Test void a() { mark_a; } void help() { mark_b; } }\n\
                 class B { @VisibleForTesting void b() { mark_x; } public void testConnection() { mark_y; } }\n\
                 class C extends TestCase { public void testC() { mark_c; } }\n",
                "abc",
            ),
            (
                Language::Cpp,
                "TEST_F(A, b) { mark_a; }\nTEST_CASE(\"b\", \"[c]\") { mark_b; }\nstruct T {};\n\
                 class A : public ::testing::Test { void SetUp() { mark_c; } };\nint test_connection() { mark_x; }\n\
                 BOOST_AUTO_TEST_CASE(d) { mark_d; }\nvoid LATEST() { mark_y; }\n",
                "abcd",
            ),
            (
                Language::C,
                "TEST(a) { mark_a; }\nint test_a(void) { mark_x; }\n",
                "a",
            ),
        ];
        for (language, text, expected) in texts {
            assert_eq!(
                tested(language, text).concat(),
                expected,
                "{language}: {text}"
            );
        }
    }
}
