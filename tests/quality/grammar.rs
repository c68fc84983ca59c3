//! Correct code that a grammar may not know is not called broken; broken code is.

use rustassistant::model::Kind::{Analysis, Refactor};

use super::{answer, check, told};

#[test]
fn correct_code_is_read() {
    for (path, text) in [
        ("src/a.rs", "fn f() { if let Some(a) = b && a > 1 {} }\n"),
        ("src/a.rs", "fn f() -> impl Sized + use<'static> {}\n"),
        ("src/a.rs", "async fn f() { let g = async || 1; }\n"),
        ("src/a.rs", "const A: &CStr = c\"a\";\n"),
        ("a.tsx", "const a = <div class=\"x\">y</div>;\n"),
        ("a.ts", "const a = { b: 1 } satisfies C;\n"),
        ("a.ts", "function f<const T>(a: T) {}\n"),
        ("a.js", "import a from './a.json' with { type: 'json' };\n"),
        ("a.py", "type A[T] = list[T]\ndef f[T](a: T) -> T: ...\n"),
        ("a.py", "match a:\n    case {'b': [c, *_]} if c: pass\n"),
        (
            "a.go",
            "package p\nfunc f[T ~int | ~string](a T) { for i := range 3 { _ = i } }\n",
        ),
        (
            "A.java",
            "record A(int b) { A { if (b < 0) throw new E(); } }\n",
        ),
        (
            "A.java",
            "class A { int f(Object o) { return switch (o) { case B(int b) when b > 1 -> b; default -> 0; }; } }\n",
        ),
    ] {
        assert_eq!(errors(path, text), 0, "{text}");
        check(&[(path, Analysis, text, &[])]);
    }
}

/// What only a newer grammar can read: see "Grammars" in docs/rules.md. Nothing is said of it, and what
/// stands below is seen.
#[test]
fn correct_code_that_the_grammars_do_not_know_is_not_called_broken() {
    let long = |text: &str, below: &str| format!("{text}\n{below}");
    let rust = "pub fn below(a: u8, b: u8, c: u8, d: u8, e: u8, g: u8, h: u8, i: u8) {}\n";
    let script = "function below(a, b, c, d, e, g, h, i) {}\nbelow();\n";
    for (path, text, below) in [
        ("src/a.rs", "fn f() { let C { a, #[cfg(x)] b } = c; }", rust),
        ("src/a.rs", "unsafe extern \"C\" { pub safe fn t(); }", rust),
        ("src/a.rs", "fn f() where (): Sized {}", rust),
        ("a.jsx", "const a = <div class=\"x\">y</div>;", script),
        ("a.ts", "interface V<in out T> { a: T }", script),
        ("a.ts", "export type * as T from \"x\";", script),
        ("a.ts", "f<typeof import('./a')>();", script),
        ("a.js", "class A { accessor b = 1; }", script),
        (
            "a.js",
            "// @flow\nfunction f(a: ?string, b: {| c: number |}): void {}",
            script,
        ),
    ] {
        let text = long(text, below);
        assert!(
            errors(path, &text) > 0,
            "it is read by now, and belongs above: {text}"
        );
        check(&[
            (path, Analysis, &text, &[]),
            (path, Refactor, &text, &["note long-parameter-list below"]),
        ]);
    }
}

/// How many places of a text could not be read.
#[track_caller]
fn errors(path: &str, text: &str) -> i64 {
    answer(path, &Analysis, text.as_bytes()).unwrap().metrics["syntax_errors"]
}

#[test]
fn broken_code_is_told() {
    for (path, text) in [
        ("src/a.rs", "fn f( {\n"),
        (
            "src/a.rs",
            "<<<<<<< ours\nfn f() {}\n=======\nfn g() {}\n>>>>>>> theirs\n",
        ),
        ("a.py", "def f(:\n    pass\n"),
        ("a.js", "function f() { if (a { }\n"),
        ("A.java", "class A { void f() { g(; } }\n"),
    ] {
        let told = told(path, &Analysis, text);
        assert!(
            told.len() == 1 && told[0].starts_with("note syntax-error"),
            "{path}: {text}: {told:?}"
        );
    }
}
