//! How items are called, as people who write the language call them: `exports.f`, `(*T).Close`,
//! `ns::Box<T>::fill`. Not where a name is used.

use std::ops::Range;

use big_code_analysis::tree_sitter::Node;
use serde::{Deserialize, Serialize};

use super::grammar::{Role, Roles};
use super::subject::Subject;
use crate::model::Language;

/// A name longer than this, in bytes, is told by its last part.
const MAX_NAME: usize = 80;

/// How far a value is looked into for the function that it is, in levels.
const MAX_DEPTH: usize = 6;

/// What an item adds to the paths of what lies in it, by where it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    pub range: Range<usize>,
    /// The type that a method of Go belongs to, with its `*`.
    receiver: Option<Range<usize>>,
}

impl Name {
    const fn plainly(range: Range<usize>) -> Self {
        Self {
            range,
            receiver: None,
        }
    }

    /// As it stands in paths.
    pub fn written(&self, text: &str) -> Option<String> {
        let words = text.get(self.range.clone())?.split_whitespace();
        let name = words.collect::<Vec<_>>().join(" ");
        let name = without_space_in_operator(&name);
        let receiver = self.receiver.clone().and_then(|range| text.get(range));
        Some(match receiver {
            Some(receiver) if receiver.starts_with('*') => format!("({receiver}).{name}"),
            Some(receiver) => format!("{receiver}.{name}"),
            None => name,
        })
    }
}

/// `operator !=` is `operator!=`; `operator bool` is not.
fn without_space_in_operator(name: &str) -> String {
    match name.split_once("operator ") {
        Some((before, sign)) if !sign.starts_with(|c: char| c.is_alphanumeric() || c == '_') => {
            format!("{before}operator{sign}")
        }
        _ => name.to_owned(),
    }
}

/// The name of an item that is written where it is declared.
pub fn of_item(subject: &Subject<'_>, node: Node<'_>) -> Option<Name> {
    let kind = node.kind();
    let mut known = subject.grammar.names.iter();
    let (_, field) = known.find(|(named, _)| *named == kind)?;
    if matches!(subject.language, Language::C | Language::Cpp) {
        let range = match *field {
            "declarator" => of_definition(subject, node)?,
            field => node.child_by_field_name(field)?.byte_range(),
        };
        return (!range.is_empty()).then(|| Name::plainly(range));
    }
    let name = node.child_by_field_name(field)?;
    let written = subject.source(name);
    let end = written.find(['<', '(', ' ', '\n']).unwrap_or(written.len());
    (end > 0).then(|| Name {
        range: name.start_byte()..name.start_byte() + end,
        receiver: receiver(subject, node),
    })
}

/// The type that a method is declared for, without its parameters.
fn receiver(subject: &Subject<'_>, node: Node<'_>) -> Option<Range<usize>> {
    let parameters = node.child_by_field_name("receiver")?;
    let of_type = parameters.named_child(0)?.child_by_field_name("type")?;
    let written = subject.source(of_type);
    let end = written.find('[').unwrap_or(written.len());
    Some(of_type.start_byte()..of_type.start_byte() + end)
}

/// A function of C or C++: its name hangs on declarators, and may be a macro's call.
fn of_definition(subject: &Subject<'_>, node: Node<'_>) -> Option<Range<usize>> {
    let declarator = node.child_by_field_name("declarator")?;
    let (mut name, mut called) = (declarator, None);
    loop {
        if name.kind() == "function_declarator" {
            called = called.or(Some(name));
        }
        let inner = match name.kind() {
            "identifier" | "qualified_identifier" | "operator_cast" => None,
            "reference_declarator" | "parenthesized_declarator" => last_named(name),
            _ => name.child_by_field_name("declarator"),
        };
        match inner {
            Some(inner) => name = inner,
            None => break,
        }
    }
    let typed = node.child_by_field_name("type");
    match (called, typed) {
        // `DEFINE(x) { … }` and `TEST_F(Suite, Case) { … }`
        (None, Some(of_type)) if declarator.kind() == "parenthesized_declarator" => {
            Some(of_type.start_byte()..declarator.end_byte())
        }
        // As `preprocessor` has it.
        (Some(called), Some(of_type))
            if of_type.kind() == "primitive_type" && is_macro(&whole_word(subject, of_type)) =>
        {
            let range = of_type.start_byte()..called.end_byte();
            Some(if range.len() > MAX_NAME {
                of_type.start_byte()..name.end_byte()
            } else {
                range
            })
        }
        (Some(called), None) if is_macro(subject.source(name)) => {
            let range = called.byte_range();
            Some(if range.len() > MAX_NAME {
                name.byte_range()
            } else {
                range
            })
        }
        _ => Some(name.start_byte()..end_of_name(name)),
    }
}

fn last_named(node: Node<'_>) -> Option<Node<'_>> {
    let last = u32::try_from(node.named_child_count().checked_sub(1)?).ok()?;
    node.named_child(last)
}

/// `operator bool() const` is called `operator bool`.
fn end_of_name(name: Node<'_>) -> usize {
    let mut innermost = name;
    while innermost.kind() == "qualified_identifier" {
        match innermost.child_by_field_name("name") {
            Some(inner) => innermost = inner,
            None => break,
        }
    }
    if innermost.kind() != "operator_cast" {
        return name.end_byte();
    }
    let of_type = innermost.child_by_field_name("type");
    of_type.map_or(name.end_byte(), |of_type| of_type.end_byte())
}

/// The word that a node is the beginning of.
fn whole_word(subject: &Subject<'_>, node: Node<'_>) -> String {
    let text = subject.text.get(node.start_byte()..).unwrap_or_default();
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

fn is_macro(word: &str) -> bool {
    word.len() > 1
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// The name that a node gives to the functions that are its value: `exports.f = function () {}`,
/// `const f = memo(() => …)`, `const Box = { fill() {} }`, `var f = func() {}`.
pub fn of_binder(subject: &Subject<'_>, node: Node<'_>) -> Option<Name> {
    let kind = node.kind();
    let mut binders = subject.grammar.binders.iter();
    let (_, name, value) = binders.find(|(binder, ..)| *binder == kind)?;
    let seek = Seek::of(subject);
    let range = match *name {
        "" => {
            let value = last_named(node)?;
            let attribute = node.named_child(0)?;
            seek.has_function(value, 0)
                .then(|| attribute.byte_range())?
        }
        "default" => {
            seek.has_function(node.child_by_field_name(value)?, 0)
                .then_some(())?;
            let mut cursor = node.walk();
            let mut children = node.children(&mut cursor);
            children
                .find(|child| child.kind() == "default")?
                .byte_range()
        }
        name => {
            seek.has_function(node.child_by_field_name(value)?, 0)
                .then_some(())?;
            of_target(node.child_by_field_name(name)?)?
        }
    };
    let written = subject.text.get(range.clone())?;
    let bare = written.trim_matches(['"', '\'', '`']);
    let start = range.start + written.find(bare)?;
    (!bare.is_empty()).then(|| Name::plainly(start..start + bare.len()))
}

/// What stands on the left of a value; `None` if that is more than one name.
fn of_target(node: Node<'_>) -> Option<Range<usize>> {
    match node.kind() {
        "object_pattern" | "array_pattern" => None,
        "expression_list" | "literal_element" if node.named_child_count() == 1 => {
            of_target(node.named_child(0)?)
        }
        "expression_list" => None,
        "member_expression" | "selector_expression" => Some(of_callee(node)),
        _ => match node.child_by_field_name("declarator") {
            Some(inner) => of_target(inner),
            None if node.byte_range().len() > MAX_NAME => None,
            None => Some(node.byte_range()),
        },
    }
}

/// What is called, by as many of its last names as are short enough to be said.
pub fn of_callee(callee: Node<'_>) -> Range<usize> {
    let mut node = callee;
    loop {
        let object = node
            .child_by_field_name("object")
            .or_else(|| node.child_by_field_name("operand"));
        let plain = object.is_none_or(|object| {
            let simple = matches!(
                object.kind(),
                "identifier" | "this" | "member_expression" | "selector_expression"
            );
            simple && object.end_position().row == node.end_position().row
        });
        if plain && node.child_by_field_name("arguments").is_none() && is_short(node) {
            return node.byte_range();
        }
        let last = node
            .child_by_field_name("property")
            .or_else(|| node.child_by_field_name("field"))
            .or_else(|| node.child_by_field_name("function"));
        match last {
            Some(last) => node = last,
            None => return node.start_byte()..node.start_byte(),
        }
    }
}

fn is_short(node: Node<'_>) -> bool {
    node.byte_range().len() <= MAX_NAME / 2
}

/// Looks for functions in values.
struct Seek<'a> {
    subject: &'a Subject<'a>,
    roles: &'a [Roles],
}

impl<'a> Seek<'a> {
    fn of(subject: &'a Subject<'a>) -> Self {
        let roles = subject.grammar.table(&subject.tree().language());
        Self { subject, roles }
    }

    /// Is a value a function, or made of functions that have names of their own, or what a call
    /// makes of one?
    fn has_function(&self, value: Node<'_>, depth: usize) -> bool {
        let roles = self.roles.get(usize::from(value.kind_id()));
        if depth > MAX_DEPTH {
            return false;
        }
        if roles.is_some_and(|roles| roles.has(Role::Closure)) {
            return true;
        }
        let below = |node: Node<'_>| {
            let mut cursor = node.walk();
            node.named_children(&mut cursor)
                .any(|child| self.has_function(child, depth + 1))
        };
        match value.kind() {
            "class" | "method_definition" => true,
            "object"
            | "pair"
            | "keyed_element"
            | "literal_value"
            | "literal_element"
            | "parenthesized_expression"
            | "as_expression"
            | "satisfies_expression"
            | "non_null_expression"
            | "await_expression"
            | "expression_list"
            | "unary_expression"
            | "jsx_expression"
            | "cast_expression" => below(value),
            "composite_literal" => value.child_by_field_name("body").is_some_and(below),
            "call_expression" | "new_expression" => {
                let callee = value
                    .child_by_field_name("function")
                    .or_else(|| value.child_by_field_name("constructor"));
                let arguments = value.child_by_field_name("arguments");
                callee.is_some_and(|callee| {
                    self.is_bound(callee, depth)
                        || (self.is_wrapper(callee) && arguments.is_some_and(below))
                })
            }
            _ => false,
        }
    }

    /// Does calling it make one function of another: `memo`, `React.memo`, `Object.freeze`, and not
    /// `items.map`?
    fn is_wrapper(&self, callee: Node<'_>) -> bool {
        match callee.child_by_field_name("object") {
            None => callee.kind() == "identifier",
            Some(object) => self.subject.source(object).starts_with(char::is_uppercase),
        }
    }

    /// `(function () {}).bind`
    fn is_bound(&self, callee: Node<'_>, depth: usize) -> bool {
        let part = |field| callee.child_by_field_name(field);
        part("property").is_some_and(|name| self.subject.source(name) == "bind")
            && part("object").is_some_and(|object| self.has_function(object, depth + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paths of the functions of a text.
    fn functions(language: Language, text: &str) -> Vec<String> {
        let subject = Subject::parse(text.as_bytes(), language).unwrap();
        let functions = subject.sightings().functions.iter();
        functions.map(|f| subject.function_path(f)).collect()
    }

    #[test]
    fn a_function_of_javascript_is_called_as_what_it_is_given_to() {
        let forms: [(&str, &[&str]); 26] = [
            ("exports.f = function (xs) {};", &["exports.f"]),
            ("exports.f = function g(xs) {};", &["exports.f"]),
            ("module.exports = function () {};", &["module.exports"]),
            ("module.exports = { add, f(a) {} };", &["module.exports.f"]),
            ("const f = (xs) => { return xs; };", &["f"]),
            ("const f = async x => x;", &["f"]),
            ("let f = function* () {};", &["f"]),
            ("const F = memo(() => 1);", &["F"]),
            (
                "const F = React.memo(forwardRef((props, ref) => 1));",
                &["F"],
            ),
            ("const f = function () {}.bind(this);", &["f"]),
            (
                "Foo.prototype.bar = function () {};",
                &["Foo.prototype.bar"],
            ),
            ("class Box { fill = () => {}; }", &["Box.fill"]),
            (
                "class Box { #fill() {} get size() { return 1; } }",
                &["Box.#fill", "Box.size"],
            ),
            ("class Box { static { if (a) {} } }", &["Box.(initializer)"]),
            (
                "const Box = { fill() {}, get size() { return 1; } };",
                &["Box.fill", "Box.size"],
            ),
            (
                "const Box = { fill: function () {}, 'a-b': () => 1 };",
                &["Box.fill", "Box.a-b"],
            ),
            ("const Box = class { fill() {} };", &["Box.fill"]),
            ("const Box = Object.freeze({ fill() {} });", &["Box.fill"]),
            ("export default () => 1;", &["default"]),
            ("export default { setup() {} };", &["default.setup"]),
            ("export default function main() {}", &["main"]),
            ("app.get('/', (req, res) => {});", &["app.get callback"]),
            ("on(function handler() {});", &["handler"]),
            ("function f() { return () => 1; }", &["f", "f.(anonymous)"]),
            ("const ys = xs.map(x => x.y);", &["xs.map callback"]),
            ("const a = <b onClick={() => f()} />;", &["onClick"]),
        ];
        for (text, expected) in forms {
            assert_eq!(functions(Language::JavaScript, text), expected, "{text}");
            if !text.contains("<b") {
                assert_eq!(functions(Language::TypeScript, text), expected, "{text}");
            }
        }
    }

    #[test]
    fn what_holds_no_function_gives_no_name() {
        let item = |text: &str| {
            let subject = Subject::parse(text.as_bytes(), Language::JavaScript).unwrap();
            subject.item_at(text.find("here").unwrap())
        };
        assert_eq!(item("const limit = here(1);"), None);
        assert_eq!(item("const config = { a: { b: here } };"), None);
        assert_eq!(item("const { a } = here;"), None);
    }

    #[test]
    fn gos_methods_have_their_receivers_and_its_function_values_their_names() {
        let forms: [(&str, &[&str]); 7] = [
            ("func (s *Store[K, V]) Put() {}", &["(*Store).Put"]),
            ("func (s Store) Get() {}", &["Store.Get"]),
            ("func (Store) Get() {}", &["Store.Get"]),
            ("var f = func(a int) {}", &["f"]),
            ("var cmd = &Command{Run: func() {}}", &["cmd.Run"]),
            ("func f() { g := func() {}; g() }", &["f", "f.g"]),
            (
                "func f() { go func() {}(); run(func() {}) }",
                &["f", "f.(anonymous)", "f.run callback"],
            ),
        ];
        for (text, expected) in forms {
            assert_eq!(
                functions(Language::Go, &format!("package p\n{text}\n")),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn javas_functions_are_more_than_methods() {
        let forms: [(&str, &[&str]); 6] = [
            ("class A { F<B, C> f = x -> { return x; }; }", &["A.f"]),
            ("class A { static { a(); } }", &["A.(initializer)"]),
            ("class A { { a(); } }", &["A.(initializer)"]),
            ("class A { A(int a) {} }", &["A.A"]),
            ("record P(int a) { P { if (a > 1) {} } }", &["P.P"]),
            ("class A { void f() { run(() -> {}); } }", &["A.f"]),
        ];
        for (text, expected) in forms {
            assert_eq!(functions(Language::Java, text), expected, "{text}");
        }
    }

    #[test]
    fn names_of_cpp_are_whole() {
        let forms: [(&str, &[&str]); 12] = [
            (
                "int ns::Box<T>::fill() { return 1; }",
                &["ns::Box<T>::fill"],
            ),
            (
                "Box& Box::operator=(const Box& o) { return *this; }",
                &["Box::operator="],
            ),
            (
                "class A { bool operator()(int a) { return a; } };",
                &["A::operator()"],
            ),
            (
                "bool A::operator != (A o) { return o; }",
                &["A::operator!="],
            ),
            (
                "A::operator bool() const { return true; }",
                &["A::operator bool"],
            ),
            ("A::~A() {}", &["A::~A"]),
            ("static const char **names(void) { return 0; }", &["names"]),
            ("auto f = [](int x) { return x; };", &["f"]),
            ("void f() { auto g = [] { return 1; }; }", &["f"]),
            (
                "struct S { std::function<int()> h = [] { return 1; }; };",
                &["S::h"],
            ),
            ("namespace a::b { void f() {} }", &["a::b::f"]),
            ("TEST_F(Store, Opens) { }", &["TEST_F(Store, Opens)"]),
        ];
        for (text, expected) in forms {
            assert_eq!(functions(Language::Cpp, text), expected, "{text}");
        }
        let text = "DEFINE_FN(x) { if (a) {} }";
        assert_eq!(functions(Language::C, text), ["DEFINE_FN(x)"]);
    }
}
