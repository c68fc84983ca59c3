//! What a function asks of its callers, in every language. Receivers are no parameters, nor are
//! those that have a default.

use std::ops::Range;

use big_code_analysis::tree_sitter::Node;

use super::Signature;
use super::places::{self, Place};
use crate::analyzers::local::sightings::Sightings;
use crate::analyzers::local::subject::Subject;
use crate::model::Language;

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// As it is written, with its type.
    pub written: &'a str,
    /// Empty where none is written.
    pub of_type: &'a str,
}

/// The parameters of every function that was seen, in the same order, and who chose them.
pub fn of_all<'a>(subject: &Subject<'a>, seen: &Sightings) -> Vec<(Vec<Parameter<'a>>, Signature)> {
    let ranges: Vec<Range<usize>> = seen.functions.iter().map(|f| f.range.clone()).collect();
    let places = places::of(subject.structure().as_tree_sitter(), &ranges).into_iter();
    places
        .map(|place| place.map_or((Vec::new(), Signature::Own), |place| of(subject, place)))
        .collect()
}

fn of<'a>(subject: &Subject<'a>, place: Place<'_>) -> (Vec<Parameter<'a>>, Signature) {
    let node = place.node;
    let list = list(node);
    let mut cursor = node.walk();
    let children = list
        .into_iter()
        .flat_map(|list| list.named_children(&mut cursor).collect::<Vec<_>>());
    let parameters = children.filter(|child| is_parameter(subject, *child));
    let parameters = parameters.flat_map(|child| {
        let of_type = child.child_by_field_name("type");
        let of_type = of_type.map_or("", |node| subject.source(node));
        // Go: `a, b string` declares two.
        let names = child
            .children_by_field_name("name", &mut node.walk())
            .count();
        let one = Parameter {
            written: subject.source(child),
            of_type,
        };
        std::iter::repeat_n(one, names.max(1))
    });
    (parameters.collect(), signature(subject, place))
}

/// The node that holds the parameters: in C it hangs on the declarator.
fn list(function: Node<'_>) -> Option<Node<'_>> {
    let mut node = function;
    loop {
        if let Some(list) = node.child_by_field_name("parameters") {
            return Some(list);
        }
        node = node.child_by_field_name("declarator")?;
    }
}

fn is_parameter(subject: &Subject<'_>, node: Node<'_>) -> bool {
    match node.kind() {
        "self_parameter"
        | "attribute_item"
        | "receiver_parameter"
        | "comment"
        | "line_comment"
        | "block_comment"
        | "default_parameter"
        | "typed_default_parameter"
        | "optional_parameter"
        | "optional_parameter_declaration"
        | "assignment_pattern"
        | "keyword_separator"
        | "positional_separator" => false,
        "identifier" => !matches!(subject.source(node), "self" | "cls"),
        _ => !matches!(subject.source(node), "void" | "..."),
    }
}

fn signature(subject: &Subject<'_>, place: Place<'_>) -> Signature {
    let function = place.node;
    let of_trait = place.owner.is_some_and(|owner| {
        owner.kind() == "impl_item" && owner.child_by_field_name("trait").is_some()
    });
    let head = subject.source(function);
    let head = head.split('{').next().unwrap_or_default();
    let foreign = head.contains("extern \"");
    let filled = function.kind() == "constructor_declaration"
        || (function.kind() == "method_definition" && head.starts_with("constructor"));
    if of_trait || foreign || filled || is_asked_for(subject, function, head) {
        Signature::Dictated
    } else {
        Signature::Own
    }
}

/// Does the author say that another class, or a framework, asks for it?
fn is_asked_for(subject: &Subject<'_>, function: Node<'_>, head: &str) -> bool {
    match subject.language {
        Language::Java => head.contains("@Override"),
        Language::Cpp => {
            let words = head.rsplit(')').next().unwrap_or_default();
            words
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| matches!(word, "override" | "final"))
        }
        Language::TypeScript | Language::Tsx => {
            let words = head.split('(').next().unwrap_or_default();
            words.split_whitespace().any(|word| word == "override")
        }
        // A decorator that registers a function, `@click.command()` or `@pytest.fixture`, calls it
        // with what it has; so does what `@override` speaks of.
        Language::Python => decorators(subject, function).any(|name| {
            let last = name.rsplit('.').next().unwrap_or_default();
            DICTATING.contains(&last)
        }),
        _ => false,
    }
}

/// The last words of decorators whose functions a framework calls.
const DICTATING: [&str; 19] = [
    "override",
    "overload",
    "command",
    "group",
    "option",
    "argument",
    "callback",
    "fixture",
    "parametrize",
    "task",
    "route",
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "websocket",
    "receiver",
    "hookimpl",
];

/// The names of the decorators of a function of Python, without their arguments.
fn decorators<'a>(
    subject: &'a Subject<'_>,
    function: Node<'_>,
) -> impl Iterator<Item = &'a str> + use<'a> {
    let mut names = Vec::new();
    let mut above = function.prev_named_sibling();
    while let Some(decorator) = above.filter(|node| matches!(node.kind(), "decorator" | "comment"))
    {
        if decorator.kind() == "decorator" {
            let text = subject.source(decorator).trim_start_matches(['@', ' ']);
            names.push(text.split('(').next().unwrap_or_default().trim_end());
        }
        above = decorator.prev_named_sibling();
    }
    names.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_first(language: Language, text: &str) -> (usize, Signature) {
        let subject = Subject::parse(text.as_bytes(), language).unwrap();
        let (parameters, signature) = of_all(&subject, subject.sightings()).remove(0);
        (parameters.len(), signature)
    }

    #[test]
    fn receivers_and_defaults_are_not_counted_in_any_language() {
        let texts = [
            (Language::Rust, "impl A { fn f(&self, a: u8, b: u8) {} }"),
            (
                Language::Python,
                "def f(self, a, b: int, c=1, *, d=2): pass",
            ),
            (Language::JavaScript, "function f(a, b, c = 1) {}"),
            (Language::TypeScript, "function f(a: A, b: B, c?: C) {}"),
            (Language::Go, "package p\nfunc (s *S) f(a, b string) {}"),
            (Language::Java, "class A { void f(int a, int b) {} }"),
            (Language::C, "int *f(int a, int b, ...) {}"),
            (Language::Cpp, "void A::f(int a, int b, int c = 1) {}"),
        ];
        for (language, text) in texts {
            assert_eq!(of_first(language, text), (2, Signature::Own), "{language}");
        }
        assert_eq!(of_first(Language::C, "int f(void) {}").0, 0);
    }

    #[test]
    fn what_a_trait_asks_for_is_dictated() {
        let text = "impl T for A { fn f(a: u8) {} }";
        assert_eq!(of_first(Language::Rust, text), (1, Signature::Dictated));
        let text = "extern \"C\" fn f(a: u8) {}";
        assert_eq!(of_first(Language::Rust, text), (1, Signature::Dictated));
    }

    #[test]
    fn what_a_class_above_or_a_framework_asks_for_is_dictated() {
        let dictated = [
            (
                Language::Java,
                "class A { @Override public void f(int a) {} }",
            ),
            (
                Language::Cpp,
                "struct A : B { void f(int a) const override { } };",
            ),
            (
                Language::TypeScript,
                "class A extends B { override f(a: number) {} }",
            ),
            (
                Language::Python,
                "@click.command()\n@click.option('--a')\ndef f(a): pass\n",
            ),
            (Language::Python, "@pytest.fixture\ndef f(a): pass\n"),
            (
                Language::Python,
                "class A(B):\n  @override\n  def f(self, a): pass\n",
            ),
            (
                Language::Python,
                "@app.route('/')\n# why\n@cached\ndef f(a): pass\n",
            ),
        ];
        for (language, text) in dictated {
            assert_eq!(of_first(language, text), (1, Signature::Dictated), "{text}");
        }
        let own = [
            (
                Language::Java,
                "class A { /* no @Deprecated */ public void f(int a) {} }",
            ),
            (Language::Cpp, "struct A { virtual void f(int a) { } };"),
            (Language::Python, "@cached\ndef f(a): pass\n"),
        ];
        for (language, text) in own {
            assert_eq!(of_first(language, text), (1, Signature::Own), "{text}");
        }
    }
}
