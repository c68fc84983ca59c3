//! Correct code that a grammar may not know is not called broken; broken code is.

use rustassistant::model::Kind::Analysis;

use super::{check, told};

#[test]
fn correct_code_is_not_called_broken() {
    for (path, text) in [
        ("src/a.rs", "fn f() { let C { a, #[cfg(x)] b } = c; }\n"),
        ("src/a.rs", "unsafe extern \"C\" { pub safe fn t(); }\n"),
        ("src/a.rs", "fn f() where (): Sized {}\n"),
        ("src/a.rs", "fn f() { if let Some(a) = b && a > 1 {} }\n"),
        ("src/a.rs", "fn f() -> impl Sized + use<'static> {}\n"),
        ("src/a.rs", "async fn f() { let g = async || 1; }\n"),
        ("src/a.rs", "const A: &CStr = c\"a\";\n"),
        ("a.jsx", "const a = <div class=\"x\">y</div>;\n"),
        ("a.tsx", "const a = <div class=\"x\">y</div>;\n"),
        ("a.ts", "interface V<in out T> { a: T }\n"),
        ("a.ts", "export type * as T from \"x\";\n"),
        ("a.ts", "f<typeof import('./a')>();\n"),
        ("a.ts", "const a = { b: 1 } satisfies C;\n"),
        ("a.ts", "function f<const T>(a: T) {}\n"),
        ("a.js", "class A { accessor b = 1; }\n"),
        ("a.js", "import a from './a.json' with { type: 'json' };\n"),
        (
            "a.js",
            "// @flow\nfunction f(a: ?string, b: {| c: number |}): void {}\n",
        ),
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
        check(&[(path, Analysis, text, &[])]);
    }
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
