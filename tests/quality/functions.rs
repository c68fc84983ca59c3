//! Every form in which a language writes a function is seen, under a name its reader would use.

use rustassistant::model::Kind::Refactor;

use super::{check, deep};

/// Complex enough to be told.
fn body() -> String {
    deep(8)
}

#[track_caller]
fn seen(path: &str, text: &str, item: &str) {
    let text = text.replace("BODY", &format!("{{ {} }}", body()));
    check(&[(
        path,
        Refactor,
        &text,
        &[&format!("note cognitive-complexity {item}")],
    )]);
}

#[test]
fn functions_of_javascript_are_seen_in_each_form() {
    for (text, item) in [
        ("exports.f = function(xs)BODY\n", "exports.f"),
        ("module.exports.f = function(xs)BODY\n", "module.exports.f"),
        ("module.exports = function(xs)BODY\n", "module.exports"),
        ("app.use = function use(fn)BODY\n", "app.use"),
        ("A.prototype.f = function()BODY\n", "A.prototype.f"),
        ("const f = (xs) => BODY\n", "f"),
        ("export const f = async (xs) => BODY\n", "f"),
        ("export default (xs) => BODY\n", "default"),
        ("const F = memo((props) => BODY)\n", "F"),
        ("const F = memo(function F(props) BODY)\n", "F"),
        ("const F = React.forwardRef((props, ref) => BODY)\n", "F"),
        ("class A { f = (xs) => BODY }\n", "A.f"),
        ("class A { static f = (xs) => BODY }\n", "A.f"),
        ("class A { #f = function (xs) BODY }\n", "A.#f"),
        ("class A { static BODY }\n", "A.(initializer)"),
        ("class A { get f() BODY }\n", "A.f"),
        ("const o = { f(xs) BODY }\n", "o.f"),
        ("const o = { f: function (xs) BODY }\n", "o.f"),
        ("const o = { f: (xs) => BODY }\n", "o.f"),
        ("const o = { 'a-b': (xs) => BODY }\n", "o.a-b"),
        ("function* f(xs) BODY\n", "f"),
        ("useEffect(() => BODY, [])\n", "useEffect callback"),
    ] {
        seen("a.js", text, item);
        seen("a.tsx", text, item);
    }
    seen("a.ts", "const f = <T>(xs: T[]): void => BODY\n", "f");
    seen(
        "a.ts",
        "namespace N { export const f = () => BODY }\n",
        "N.f",
    );
}

#[test]
fn functions_of_other_languages_are_seen_in_each_form() {
    for (path, text, item) in [
        ("a.go", "package p\nvar f = func() BODY\n", "f"),
        ("a.go", "package p\nvar (\n\tf = func() BODY\n)\n", "f"),
        (
            "a.go",
            "package p\nfunc g() { f := func() BODY\n f() }\n",
            "g.f",
        ),
        (
            "a.go",
            "package p\nfunc (s *Server) f() BODY\n",
            "(*Server).f",
        ),
        ("a.go", "package p\nfunc (s Stack[T]) f() BODY\n", "Stack.f"),
        ("A.java", "class A { Runnable f = () -> BODY; }\n", "A.f"),
        ("A.java", "class A { static BODY }\n", "A.(initializer)"),
        ("A.java", "record A(int b) { A BODY }\n", "A.A"),
        ("A.java", "class A { A() BODY }\n", "A.A"),
        ("A.java", "enum A { B { void f() BODY } }\n", "A.B.f"),
        ("a.cc", "auto f = [](int a) BODY;\n", "f"),
        ("a.cc", "namespace n { auto f = [=] BODY; }\n", "n::f"),
        ("a.c", "DEFINE_FN(x)BODY\n", "DEFINE_FN(x)"),
        ("a.c", "static int f(int a) BODY\nint (*h)(int) = f;\n", "f"),
    ] {
        seen(path, text, item);
    }
}

#[test]
fn a_brace_that_the_preprocessor_splits_hides_no_function() {
    let body = body();
    let split = format!("#ifdef A\nint f(int a) {{\n#else\nint f(void) {{\n#endif\n{body}\n}}\n");
    let inner = format!(
        "int f(int a) {{\n#ifdef A\nif (a) {{\n#else\nif (!a) {{\n#endif\n{body}\n}}\n}}\n"
    );
    let found: &[&str] = &["note cognitive-complexity f"];
    check(&[
        ("a.c", Refactor, &split, found),
        ("a.c", Refactor, &inner, found),
    ]);
}

#[test]
fn a_header_of_cpp_is_read_as_cpp() {
    for (text, item) in [
        (
            "namespace a { class B { public: double f() const BODY }; }\n",
            "a::B::f",
        ),
        ("template <typename T> double f(T a) BODY\n", "f"),
        ("class B { int f(); };\nint B::f() BODY\n", "B::f"),
        (
            "#ifdef __cplusplus\nextern \"C\" {\n#endif\nint f(void) BODY\n#ifdef __cplusplus\n}\n#endif\n",
            "f",
        ),
    ] {
        seen("a.h", text, item);
    }
}

#[test]
fn items_of_cpp_are_named_as_their_reader_would() {
    for (text, item) in [
        ("int ns::Box<T>::fill() BODY\n", "ns::Box<T>::fill"),
        (
            "template <class T> int ns::Box<T>::fill() BODY\n",
            "ns::Box<T>::fill",
        ),
        ("Box& Box::operator=(const Box& a) BODY\n", "Box::operator="),
        ("Box::operator bool() const BODY\n", "Box::operator bool"),
        ("Box::~Box() BODY\n", "Box::~Box"),
        ("class API A { void f() BODY };\n", "A::f"),
        ("class API A final : public B { void f() BODY };\n", "A::f"),
        (
            "struct A { bool operator()(int a) const BODY };\n",
            "A::operator()",
        ),
    ] {
        seen("a.cc", text, item);
        seen("a.hpp", text, item);
    }
}
