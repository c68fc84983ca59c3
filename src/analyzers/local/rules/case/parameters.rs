//! What a function asks of its callers, in every language. Receivers are no parameters, nor are
//! those that have a default.

use std::ops::Range;

use big_code_analysis::tree_sitter::Node;

use super::Signature;
use super::places::{self, Place};
use crate::analyzers::local::sightings::Sightings;
use crate::analyzers::local::subject::Subject;

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
    if of_trait || foreign || filled {
        Signature::Dictated
    } else {
        Signature::Own
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

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
}
