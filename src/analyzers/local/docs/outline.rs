//! Reads the outline of a file off its syntax tree, for all languages but Rust: what each
//! language's own documentation tool would show, as far as one file tells. What the languages
//! differ in stands in `languages`.

use std::ops::Range;

use big_code_analysis::tree_sitter::Node;

use super::exports::Exports;
use super::languages::{self, Container, Table};
use super::topic::{Duty, Outline, Reach, Sort, Topic, Topics};
use super::written;
use crate::analyzers::local::comment;
use crate::analyzers::local::subject::Subject;
use crate::model::Language;

/// Types nested deeper than this are not looked into.
const MAX_DEPTH: usize = 8;

/// A declaration of more lines than this is shown without its body.
const MAX_SHOWN_LINES: usize = 30;

/// The outline of the subject.
pub fn of(subject: &Subject<'_>) -> Outline {
    let exports = Exports::of(subject);
    let scope = Scope {
        subject,
        exports: &exports,
        table: languages::table(subject.language),
        path: String::new(),
        container: Container::File,
        depth: 0,
    };
    let root = subject.tree().root_node();
    let mut topics = Topics::with(languages::overloads(subject.language));
    scope.collect(root, &mut topics);
    Outline {
        doc: written::file_documentation(subject, root),
        topics: topics.into_list(),
    }
}

/// Where topics lie.
struct Scope<'a> {
    subject: &'a Subject<'a>,
    exports: &'a Exports<'a>,
    table: Table,
    path: String,
    container: Container,
    depth: usize,
}

impl Scope<'_> {
    /// The topics among the children of a node.
    fn collect(&self, parent: Node<'_>, topics: &mut Topics) {
        let mut comments: Vec<Range<usize>> = Vec::new();
        let mut access = self.container.default_reach();
        let mut cursor = parent.walk();
        for node in parent.named_children(&mut cursor) {
            if node.kind().ends_with("comment") {
                if !self.touches(&comments, node.start_byte()) {
                    comments.clear();
                }
                comments.push(node.byte_range());
                continue;
            }
            if node.kind() == "access_specifier" {
                access = languages::access(self.subject.source(node));
            } else {
                let touching = self.touches(&comments, node.start_byte());
                let above = if touching { comments.as_slice() } else { &[] };
                self.visit(node, node, above, access, topics);
            }
            comments.clear();
        }
    }

    /// Does the last comment end on the line above this byte?
    fn touches(&self, comments: &[Range<usize>], byte: usize) -> bool {
        let Some(last) = comments.last() else {
            return false;
        };
        let between = self.subject.text.get(last.end..byte).unwrap_or("x");
        // A macro before a declaration of C is blanked before it is parsed: `CURL_EXTERN int f();`
        let mut words = between.split_whitespace();
        let blank = words.all(|word| {
            let shouts = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            self.is_c() && word.chars().all(shouts)
        });
        // Where only marked comments document, space below them says nothing.
        let marked = self.table.is_marked() && {
            let text = self.subject.text.get(last.clone()).unwrap_or_default();
            self.table.documents(text) && !written::is_of_file(text)
        };
        blank && (marked || between.matches('\n').count() <= 1)
    }

    fn is_c(&self) -> bool {
        matches!(self.subject.language, Language::C | Language::Cpp)
    }

    /// One child: what it wraps, what it holds, or a topic. `outer` is the node that its
    /// declaration begins with.
    fn visit(
        &self,
        outer: Node<'_>,
        node: Node<'_>,
        above: &[Range<usize>],
        access: Reach,
        topics: &mut Topics,
    ) {
        if self.table.transparent.contains(&node.kind()) {
            let body = node.child_by_field_name("body").unwrap_or(node);
            return self.collect(body, topics);
        }
        let wrapped = self.table.unwrapped(self.subject, node);
        if wrapped.len() > 1 && languages::is_group(node) {
            return self.collect(node, topics);
        }
        if !wrapped.is_empty() {
            for inner in wrapped {
                self.visit(outer, inner, above, access, topics);
            }
            return;
        }
        let Some(topic) = self.topic(outer, node, above, access) else {
            return;
        };
        let owner = languages::receiver(self.subject, node);
        match owner.and_then(|owner| topics.find(owner)) {
            Some(owner) => owner.members.push(topic),
            None => topics.add(topic),
        }
    }

    fn topic(
        &self,
        outer: Node<'_>,
        node: Node<'_>,
        above: &[Range<usize>],
        access: Reach,
    ) -> Option<Topic> {
        let sort = self.table.sort(node, self.container)?;
        let name = languages::name(self.subject, node)?;
        let declared = languages::Declared {
            outer,
            node,
            name,
            container: self.container,
            access,
        };
        let reach = declared.reach(self.subject, self.exports)?;
        let reach = self.reach(reach, above);
        let name = languages::offered(name);
        let separator = self.subject.grammar.separator;
        let path = match (self.path.as_str(), languages::receiver(self.subject, node)) {
            ("", Some(owner)) => format!("{owner}{separator}{name}"),
            ("", None) => name.to_owned(),
            (path, _) => format!("{path}{separator}{name}"),
        };
        let doc = self.documentation(outer, node, above);
        if doc.is_none() && languages::goes_without_saying(self.subject, node, name) {
            return None;
        }
        let mut topic = Topic {
            sort,
            path,
            reach,
            signature: self.signature(outer, node, sort),
            remarks: Vec::new(),
            others: languages::group(self.subject, outer, node),
            doc,
            // A finding is about the item, not about what decorates it: decorators of many items are alike.
            range: match outer.kind() {
                "decorated_definition" => self.header(node, node),
                _ => self.header(outer, node),
            },
            duty: Duty::None,
            implements: Vec::new(),
            members: Vec::new(),
        };
        let body = node.child_by_field_name("body");
        if let Some(body) = body.filter(|_| self.table.has_members(sort) && self.depth < MAX_DEPTH)
        {
            let inside = Scope {
                subject: self.subject,
                exports: self.exports,
                table: self.table,
                path: topic.path.clone(),
                container: Container::of(sort, reach),
                depth: self.depth + 1,
            };
            let mut members = Topics::with(languages::overloads(self.subject.language));
            inside.collect(body, &mut members);
            topic.members = members.into_list();
        }
        Some(topic)
    }

    /// Scripts have no word for what is kept but in comments.
    fn reach(&self, declared: Reach, above: &[Range<usize>]) -> Reach {
        let kept = self.subject.grammar.separator == "."
            && above.iter().any(|range| {
                let text = self.subject.text.get(range.clone()).unwrap_or_default();
                self.table.documents(text) && languages::is_kept(text)
            });
        if kept { Reach::Private } else { declared }
    }

    fn documentation(
        &self,
        outer: Node<'_>,
        node: Node<'_>,
        above: &[Range<usize>],
    ) -> Option<String> {
        let written = if self.table.docstrings {
            written::docstring(self.subject, node)
        } else {
            self.comment(above)
                .or_else(|| written::group_comment(self.subject, outer))
        };
        let doc = written.map(|doc| self.table.markdown(self.subject.language, &doc))?;
        (!doc.trim().is_empty()).then_some(doc)
    }

    /// The comments right above a declaration, where they document it.
    fn comment(&self, above: &[Range<usize>]) -> Option<String> {
        let texts = above
            .iter()
            .map(|range| self.subject.text.get(range.clone()).unwrap_or(""));
        let own: Vec<&str> = texts.filter(|text| self.table.documents(text)).collect();
        (!own.is_empty()).then(|| comment::prose(&own))
    }

    /// From the beginning of the declaration to its body.
    fn header(&self, outer: Node<'_>, node: Node<'_>) -> Range<usize> {
        let value = languages::value(node);
        let value = value.and_then(|value| value.child_by_field_name("body"));
        let block = value.filter(|body| body.kind() == "statement_block");
        let body = node.child_by_field_name("body").or(block);
        outer.start_byte()..body.map_or_else(|| outer.end_byte(), |body| body.start_byte())
    }

    fn signature(&self, outer: Node<'_>, node: Node<'_>, sort: Sort) -> String {
        let whole = self
            .subject
            .text
            .get(outer.byte_range())
            .unwrap_or_default();
        let short = whole.lines().count() <= MAX_SHOWN_LINES;
        let shown = if self.table.shows_body(sort) && short {
            whole
        } else {
            self.subject
                .text
                .get(self.header(outer, node))
                .unwrap_or_default()
        };
        let before = self
            .subject
            .line_text(self.subject.line(outer.start_byte()));
        let indent = before.len() - before.trim_start().len();
        let indent = before.get(..indent).unwrap_or_default();
        let lines = shown.trim().lines();
        // Parameters stay below each other where a macro before them is left out.
        let line = self
            .subject
            .line_range(self.subject.line(outer.start_byte()));
        let cut = outer.start_byte().saturating_sub(line.start);
        let first = shown.trim().lines().next().unwrap_or_default();
        let opens = first.matches('(').count() > first.matches(')').count();
        let cut = if self.is_c() && opens { cut } else { 0 };
        let bare = lines.enumerate().map(|(at, line)| {
            let line = line.strip_prefix(indent).unwrap_or(line);
            let spaces = line.len() - line.trim_start_matches(' ').len();
            &line[if at > 0 { cut.min(spaces) } else { 0 }..]
        });
        let joined = bare.collect::<Vec<_>>().join("\n");
        let joined = match node.kind() {
            "type_spec" | "type_alias" if !joined.starts_with("type ") => format!("type {joined}"),
            _ => joined,
        };
        joined
            .trim_end_matches(['{', ':', ' ', ';', '\n'])
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What there is, one line each: path, reach, signature's first line, documentation.
    fn outlined(language: Language, text: &str) -> String {
        let subject = Subject::parse(text.as_bytes(), language).unwrap();
        let outline = of(&subject);
        let topics = outline.all();
        let lines = topics.iter().map(|topic| {
            let reach = match topic.reach {
                Reach::Public => "+",
                Reach::Internal => "~",
                Reach::Private => "-",
            };
            let signature = topic.signature.lines().next().unwrap_or_default();
            let doc = topic.doc.as_deref().unwrap_or("?");
            format!("{reach} {} | {signature} | {doc}", topic.path)
        });
        let doc = outline.doc.iter().cloned();
        doc.chain(lines).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn pythons_docstrings_document() {
        let text = "\"\"\"Module.\"\"\"\nclass A(B):\n    'Doc.'\n    @property\n    def b(self): pass\n    def _c(self): pass\nasync def f(x: int) -> str:\n    \"\"\"Does\n\n    it.\n    \"\"\"\ndef test_f(): pass\n";
        let expected = "Module.\n+ A | class A(B) | Doc.\n+ A.b | @property | ?\n- A._c | def _c(self) | ?\n+ f | async def f(x: int) -> str | Does\n\nit.";
        assert_eq!(outlined(Language::Python, text), expected);
    }

    #[test]
    fn what_a_script_exports_is_public() {
        let text = "/** Doc. */\nexport class A {\n  /** Does it. */\n  b(): void {}\n  private c() {}\n  #d() {}\n}\n// no doc\nexport const f = (x: number) => x;\nfunction g() {}\n";
        let expected = "+ A | export class A | Doc.\n+ A.b | b(): void | Does it.\n- A.c | private c() | ?\n- A.#d | #d() | ?\n+ f | export const f = (x: number) => x | ?\n- g | function g() | ?";
        assert_eq!(outlined(Language::TypeScript, text), expected);
    }

    #[test]
    fn what_a_script_exports_elsewhere_in_the_file_is_public() {
        let text = "/** Adds. */\nfunction add(a) {}\nconst b = 1, c = () => 2;\nfunction d() {}\nexport { add, c as e };\n";
        let expected = "+ add | function add(a) | Adds.\n- b | const b = 1, c = () => 2 | ?\n+ c | const b = 1, c = () => 2 | ?\n- d | function d() | ?";
        assert_eq!(outlined(Language::TypeScript, text), expected);
        let text = "function add(a) {}\nfunction d() {}\nmodule.exports = { add, other: 1 };\n";
        let expected = "+ add | function add(a) | ?\n- d | function d() | ?";
        assert_eq!(outlined(Language::JavaScript, text), expected);
        let text = "/** Opens. */\nexports.open = function (path) {};\nvar res = {};\nmodule.exports = res;\n/** Sends. */\nres.send = function send(body) {};\nother.f = function () {};\n";
        let expected = "+ open | exports.open = function (path) | Opens.\n+ res | var res = {} | ?\n+ res.send | res.send = function send(body) | Sends.";
        assert_eq!(outlined(Language::JavaScript, text), expected);
        let text = "exports = module.exports = create;\n/** Makes. */\nfunction create() {}\n";
        assert_eq!(
            outlined(Language::JavaScript, text),
            "+ create | function create() | Makes."
        );
        let text = "class A {}\nexport default A;\nexport { b } from './b';\nfunction b() {}\n";
        assert_eq!(
            outlined(Language::TypeScript, text),
            "+ A | class A | ?\n- b | function b() | ?"
        );
    }

    #[test]
    fn pythons_all_says_what_is_public() {
        let text = "__all__ = ['f', \"_g\"]\ndef f(): pass\ndef _g(): pass\ndef h(): pass\nclass A:\n    def b(self): pass\n";
        let expected = "+ f | def f() | ?\n+ _g | def _g() | ?\n~ h | def h() | ?\n~ A | class A | ?\n~ A.b | def b(self) | ?";
        assert_eq!(outlined(Language::Python, text), expected);
    }

    #[test]
    fn what_is_documented_elsewhere_is_not_asked_for() {
        let text = "class A:\n    @overload\n    def b(self, x: int): ...\n    def b(self, x):\n        'Doc.'\n    @typing.override\n    def c(self): pass\n    @b.setter\n    def b(self, x): pass\n";
        let expected = "+ A | class A | ?\n+ A.b | def b(self, x) | Doc.";
        assert_eq!(outlined(Language::Python, text), expected);
    }

    #[test]
    fn gos_types_in_a_group_are_all_there() {
        let text = "package p\n\n// Both.\ntype (\n\t// A is.\n\tA int\n\tB struct{}\n)\ntype ( C int; D int )\n";
        let expected = "+ A | type A int | A is.\n+ B | type B struct{} | ?\n+ C | type C int | ?\n+ D | type D int | ?";
        assert_eq!(outlined(Language::Go, text), expected);
    }

    #[test]
    fn gos_methods_stand_under_their_type() {
        let text = "// Package p is.\npackage p\n\n// S is.\ntype S struct{}\n\n// not a doc\n\nfunc F() {}\n\n// Do does.\nfunc (s *S) Do() {}\n\nfunc g() {}\n";
        let expected = "Package p is.\n+ S | type S struct{} | S is.\n+ S.Do | func (s *S) Do() | Do does.\n+ F | func F() | ?\n~ g | func g() | ?";
        assert_eq!(outlined(Language::Go, text), expected);
    }

    #[test]
    fn javas_members_say_themselves_what_is_public() {
        let text = "/* licence */\n/** Doc. */\npublic class A {\n  /** Does it. */\n  public int b() { return 1; }\n  @Override\n  public int c() { return 1; }\n  int d() { return 1; }\n}\n";
        let expected =
            "+ A | public class A | Doc.\n+ A.b | public int b() | Does it.\n~ A.d | int d() | ?";
        assert_eq!(outlined(Language::Java, text), expected);
    }

    #[test]
    fn a_header_is_read_through_its_guards_and_namespaces() {
        let text = "#ifndef A_H\n#define A_H\n/** Adds. */\nint add(int a);\nstatic int b(void) { return 1; }\n#endif\n";
        let expected = "+ add | int add(int a) | Adds.\n- b | static int b(void) | ?";
        assert_eq!(outlined(Language::C, text), expected);
        let text = "namespace n {\n/// Doc.\nclass A {\n  int hidden();\n public:\n  /// Does it.\n  int b() const;\n};\n}\nint n::A::b() const { return 1; }\n";
        let expected = "+ A | class A | Doc.\n- A::hidden | int hidden() | ?\n+ A::b | int b() const | Does it.";
        assert_eq!(outlined(Language::Cpp, text), expected);
    }

    #[test]
    fn what_a_script_keeps_it_says_in_a_comment() {
        let text = "/** The app. */\nvar app = exports = module.exports = {};\n/** Begins.\n * @private\n */\n\
                    app.init = function () {};\n/** Sets. */\napp.set =\napp.put = function (a) {};\n\
                    /** Old.\n * @api private */\napp.old = () => 1;\n";
        let expected = "+ app | var app = exports = module.exports = {} | The app.\n\
                        - app.init | app.init = function () | Begins.\n+ app.set | app.set = | Sets.\n\
                        - app.old | app.old = () => 1 | Old.";
        assert_eq!(outlined(Language::JavaScript, text), expected);
    }

    #[test]
    fn declarators_of_c_are_named_by_what_they_declare() {
        let text = "/* Called. */\ntypedef int (*callback)(void *a);\n/* Makes. */\nAPI_EXTERN char *make(int a);\n\
                    /* Old. */\nAPI_EXTERN int API_OLD(7.5, \"Use make()\")\nold(int a);\n";
        let expected = "+ callback | typedef int (*callback)(void *a) | Called.\n\
                        + make | char *make(int a) | Makes.\n+ old | int API_OLD(7.5, \"Use make()\") | Old.";
        assert_eq!(outlined(Language::C, text), expected);
        let text = "class A {\n public:\n  A() = default;\n  A(const A&) = delete;\n  A& operator=(const A&) = delete;\n  \
                    virtual ~A();\n  /// Moves.\n  A& operator=(A&& a);\n  A& self();\n};\n";
        let expected = "+ A | class A | ?\n+ A::operator= | A& operator=(A&& a) | Moves.\n+ A::self | A& self() | ?";
        assert_eq!(outlined(Language::Cpp, text), expected);
    }

    #[test]
    fn functions_of_one_name_are_all_there() {
        let text = "public class A {\n  /** One. */\n  public void f(int a) {}\n  /** Two. */\n  public void f(String a) {}\n}\n";
        let expected = "+ A | public class A | ?\n+ A.f | public void f(int a) | One.\n+ A.f | public void f(String a) | Two.";
        assert_eq!(outlined(Language::Java, text), expected);
        let text = "int f(int a);\n/* Does. */\nint  f(int a);\n";
        assert_eq!(outlined(Language::C, text), "+ f | int  f(int a) | Does.");
        let text = "int f(int a);\nint f(char a);\nint f(int a) { return a; }\n";
        assert_eq!(
            outlined(Language::Cpp, text),
            "+ f | int f(int a) | ?\n+ f | int f(char a) | ?"
        );
    }

    #[test]
    fn an_annotation_with_brackets_hides_no_modifier() {
        let text = "public class A {\n  @B(c = \"d\")\n  public int e() { return 1; }\n  @B(\"public\") int f() { return 1; }\n}\n";
        let expected = "+ A | public class A | ?\n+ A.e | @B(c = \"d\") | ?\n~ A.f | @B(\"public\") int f() | ?";
        assert_eq!(outlined(Language::Java, text), expected);
    }

    #[test]
    fn tests_are_asked_for_no_documentation() {
        let texts = [
            (
                Language::Go,
                "package p\nfunc TestFoo(t *testing.T) {}\nfunc TestConnection() error {}\n",
            ),
            (
                Language::Java,
                "public class A { @Test public void adds() {} }\nclass B {}\n",
            ),
            (
                Language::Python,
                "class TestFoo:\n  def test_a(self): pass\nclass TestClient: pass\n",
            ),
        ];
        let expected = ["+ TestConnection", "~ B", "+ TestClient"];
        for ((language, text), expected) in texts.into_iter().zip(expected) {
            let found = outlined(language, text);
            assert_eq!(found.split(" | ").next(), Some(expected), "{found}");
        }
    }
}
