//! Part of rule `dead-code`: functions of Java, C, C++ and scripts that nothing outside their file can
//! name, and nothing in it does. Not of Python and Go, where other files of a package may.

use std::collections::HashMap;

use big_code_analysis::tree_sitter::Node;

use super::case::{Case, Function};
use crate::analyzers::local::subject::Subject;
use crate::model::Language;

/// The functions of a file that nothing calls.
pub fn of<'c, 'a>(case: &'c Case<'a>) -> Vec<&'c Function<'a>> {
    let subject = case.subject;
    let is_kept: fn(&Subject<'_>, Node<'_>) -> bool = match subject.language {
        Language::Java => is_private_method,
        Language::C | Language::Cpp if !is_shared(subject.text) => is_static,
        Language::JavaScript | Language::TypeScript | Language::Tsx if is_module(subject) => is_own,
        _ => return Vec::new(),
    };
    let root = subject.tree().root_node();
    let named = words(case);
    let dead = case.functions.iter().filter(|function| {
        let range = &function.range;
        let node = root.descendant_for_byte_range(range.start, range.end);
        !function.is_test
            && named.get(function_name(case, function)) == Some(&1)
            && node.is_some_and(|node| is_kept(subject, node))
    });
    dead.collect()
}

/// How often each word stands outside comments, wherever: frameworks call by texts, and what a
/// condition leaves out may be compiled elsewhere.
fn words<'a>(case: &Case<'a>) -> HashMap<&'a str, usize> {
    let mut named = HashMap::new();
    let mut from = 0;
    let end = case.subject.text.len();
    let comments = case.seen.comments.iter().cloned();
    for comment in comments.chain(std::iter::once(end..end)) {
        let code = case.text(&(from..comment.start));
        for word in code.split(|c: char| !c.is_alphanumeric() && c != '_') {
            *named.entry(word).or_default() += 1;
        }
        from = from.max(comment.end);
    }
    named
}

/// The word that a function is called by.
pub fn function_name<'a>(case: &Case<'a>, function: &Function<'_>) -> &'a str {
    let tokens = &case.seen.tokens;
    let at = tokens.partition_point(|token| token.start < function.head);
    tokens.get(at).map_or("", |token| case.word(*token))
}

/// What Java itself calls, by name.
const CALLED_BY_JAVA: [&str; 5] = [
    "readObject",
    "writeObject",
    "readResolve",
    "writeReplace",
    "readObjectNoData",
];

/// A private method without annotations, by which frameworks find it.
fn is_private_method(subject: &Subject<'_>, node: Node<'_>) -> bool {
    let modifiers = node
        .named_child(0)
        .filter(|first| first.kind() == "modifiers");
    let written = modifiers.map_or("", |modifiers| subject.source(modifiers));
    let name = node
        .child_by_field_name("name")
        .map_or("", |name| subject.source(name));
    node.kind() == "method_declaration"
        && written.split_whitespace().any(|word| word == "private")
        && !written.contains(['@', '('])
        && !written.split_whitespace().any(|word| word == "native")
        && !CALLED_BY_JAVA.contains(&name)
}

/// May other files include this one, or macros make names?
fn is_shared(text: &str) -> bool {
    let mut directives = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix('#'));
    let guard = directives.next().map(str::trim_start);
    text.contains("##")
        || guard
            .is_some_and(|first| first.starts_with("ifndef") || first.starts_with("pragma once"))
}

/// `static`, at the top of a file, whatever is compiled.
fn is_static(subject: &Subject<'_>, node: Node<'_>) -> bool {
    let end = node
        .child_by_field_name("body")
        .map_or(node.end_byte(), |body| body.start_byte());
    let head = subject.text.get(node.start_byte()..end).unwrap_or_default();
    let says = |word: &str| {
        head.split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|own| own == word)
    };
    let at_top = node
        .parent()
        .is_some_and(|around| around.kind() == "translation_unit");
    node.kind() == "function_definition"
        && at_top
        && says("static")
        && !says("inline")
        && !head.contains(['#', '['])
        && !says("__attribute__")
        // A macro before it may use it.
        && !head.split_whitespace().any(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
}

/// Does a script say what it takes from others or offers them? Names of another are everybody's.
fn is_module(subject: &Subject<'_>) -> bool {
    let root = subject.tree().root_node();
    let mut cursor = root.walk();
    let mut statements = root.named_children(&mut cursor);
    statements.any(|statement| match statement.kind() {
        "import_statement" | "export_statement" => true,
        "expression_statement" => {
            let text = subject.source(statement);
            text.starts_with("module.exports") || text.starts_with("exports.")
        }
        _ => false,
    })
}

/// A function at the top of a script that is not exported where it stands.
fn is_own(_: &Subject<'_>, node: Node<'_>) -> bool {
    let at_top = node
        .parent()
        .is_some_and(|around| around.kind() == "program");
    at_top
        && matches!(
            node.kind(),
            "function_declaration" | "generator_function_declaration"
        )
}

#[cfg(test)]
mod tests {
    use super::super::dead_code::check;
    use super::super::testing::found;
    use super::*;

    #[track_caller]
    fn dead(language: Language, text: &str, expected: &[&str]) {
        let found = found(check, text, language);
        let items: Vec<&str> = found
            .iter()
            .filter_map(|finding| finding.item.as_deref())
            .collect();
        assert_eq!(items, expected, "{text}");
    }

    #[test]
    fn what_only_its_file_can_name_and_does_not_is_dead() {
        dead(
            Language::Java,
            "class A { private void f() {} private int g() { return h(); } int h() { return g(); } }",
            &["A.f"],
        );
        dead(
            Language::C,
            "static int f(int a) { return a; }\nint g(void) { return 1; }\n",
            &["f"],
        );
        dead(
            Language::Cpp,
            "static int f(int a) { return a; }\nint g() { return 1; }\n",
            &["f"],
        );
        dead(
            Language::JavaScript,
            "import a from 'b';\nfunction f() {}\nfunction g() {}\ng();\n",
            &["f"],
        );
        dead(
            Language::TypeScript,
            "function f(): void {}\nexport function g() {}\n",
            &["f"],
        );
        dead(
            Language::JavaScript,
            "function f() {}\nmodule.exports = { g };\nfunction g() {}\n",
            &["f"],
        );
    }

    #[test]
    fn what_something_else_may_call_lives() {
        for text in [
            "class A { @Inject private void f() {} }",
            "class A { private void readObject(ObjectInputStream a) {} }",
            "class A { void f() {} private void g() {} Runnable r = this::g; }",
            "class A { private void f() {} String s = \"f\"; }",
            "class A { private A() {} }",
            "class A { private native void f(); }",
        ] {
            dead(Language::Java, text, &[]);
        }
        for text in [
            "#ifndef A_H\n#define A_H\nstatic int f(void) { return 1; }\n#endif\n",
            "#pragma once\nstatic int f(void) { return 1; }\n",
            "#ifdef A\nstatic int f(void) { return 1; }\n#endif\n",
            "static inline int f(void) { return 1; }\n",
            "static int f(void);\nstatic int f(void) { return 1; }\nint (*g)(void) = f;\n",
            "#define CALL f()\nstatic int f(void) { return 1; }\n",
            "#define CALL(a) a##_g()\nstatic int f_g(void) { return 1; }\n",
            "static int __attribute__((constructor)) f(void) { return 1; }\n",
            "static int f(void) { return 1; }\nint a[] = { [0] = f };\n",
        ] {
            dead(Language::C, text, &[]);
        }
        for text in [
            "function f() {}\n",
            "import a from 'b';\nfunction f() {}\nexport { f };\n",
            "import a from 'b';\nexport default function f() {}\n",
            "import a from 'b';\nfunction F() {}\nconst b = <F />;\n",
            "import a from 'b';\nfunction f() {}\ng('f');\n",
            "import a from 'b';\nfunction f() {}\ng({ f });\n",
        ] {
            dead(Language::JavaScript, text, &[]);
        }
        dead(Language::Python, "def _f():\n    pass\n", &[]);
        dead(Language::Go, "package p\nfunc f() {}\n", &[]);
    }
}
