//! Where an item stands: in what it lies, who may use it, and who dictates its form.

use rustassistant::model::Kind::{Docs, Refactor};

use super::{answer, check};

/// The highest cognitive complexity of the functions of a text.
#[track_caller]
fn complexity(path: &str, text: &str) -> i64 {
    let analysis = answer(path, &rustassistant::model::Kind::Analysis, text.as_bytes()).unwrap();
    analysis.metrics["cognitive_max"]
}

#[test]
fn a_function_in_another_begins_at_depth_0() {
    for (path, text) in [
        (
            "a.js",
            "(function(){ function f(a){ if(a){return 1} } }())\n",
        ),
        (
            "a.js",
            "(() => { const f = (a) => { if(a){return 1} } })()\n",
        ),
        (
            "a.js",
            "define(function () { return function f(a) { if (a) { return 1 } } })\n",
        ),
        (
            "a.py",
            "def decorator(g):\n    def wrapper(a):\n        if a:\n            return 1\n    return wrapper\n",
        ),
        (
            "src/a.rs",
            "fn g() {\n    fn f(a: bool) {\n        if a { h() }\n    }\n}\n",
        ),
        (
            "a.go",
            "package p\nfunc g() { f := func(a bool) { if a { h() } }; f(true) }\n",
        ),
    ] {
        assert_eq!(complexity(path, text), 1, "{text}");
    }
}

#[test]
fn what_a_file_exports_at_its_end_is_public() {
    for text in [
        "export { add };\n",
        "module.exports = { add };\n",
        "module.exports = add;\n",
        "module.exports.add = add;\n",
        "exports.add = add;\n",
        "export default add;\n",
        "export { sub as minus, add as plus };\n",
    ] {
        let text = format!(
            "/** Adds. */\nfunction add(a, b) {{ return a + b }}\nfunction own() {{}}\n{text}"
        );
        let analysis = answer("a.js", &Docs, text.as_bytes()).unwrap();
        let document = analysis.document.unwrap();
        assert!(
            document.contains("`add`") && document.contains("Adds."),
            "{text}: {document}"
        );
        assert!(!document.contains("`own`"), "{text}: {document}");
    }
}

#[test]
fn a_public_item_is_one_that_its_language_calls_public() {
    check(&[
        (
            "a.py",
            Docs,
            "'''A.'''\n__all__ = ['b']\ndef b(): pass\ndef c(): pass\n",
            &["note undocumented-item b"],
        ),
        (
            "a.py",
            Docs,
            "'''A.'''\n@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: str) -> str: ...\ndef f(a):\n    '''F.'''\n",
            &[],
        ),
        (
            "a.py",
            Docs,
            "'''A.'''\nclass A(B):\n    '''A.'''\n    @override\n    def f(self): pass\n",
            &[],
        ),
        (
            "a.py",
            Docs,
            "'''A.'''\nclass A(B):\n    '''A.'''\n    @typing.override\n    def f(self): pass\n",
            &[],
        ),
        (
            "a.go",
            Docs,
            "// Package p is.\npackage p\ntype ( A int; B int )\n",
            &["note undocumented-item A", "note undocumented-item B"],
        ),
        (
            "a.go",
            Docs,
            "// Package p is.\npackage p\n\n// Kinds.\nconst (\n\tA = iota\n\tB\n)\n",
            &[],
        ),
        (
            "a.go",
            Docs,
            "// Package p is.\npackage p\nfunc (s *Server) Run() {}\nfunc (s *server) Run() {}\n",
            &["note undocumented-item Server.Run"],
        ),
    ]);
}

#[test]
fn what_decorates_an_item_is_not_the_line_that_a_finding_hangs_on() {
    let text =
        "\"\"\"A.\"\"\"\nclass A(B):\n    \"\"\"A.\"\"\"\n    @property\n    def f(self): pass\n";
    let analysis = answer("a.py", &Docs, text.as_bytes()).unwrap();
    let [finding] = analysis.findings.as_slice() else {
        panic!("{:?}", analysis.findings);
    };
    assert_eq!(finding.anchor, "def f(self): pass");
    assert_eq!(finding.start_line, 5);
}

#[test]
fn parameters_that_somebody_dictates_are_not_told() {
    let eight = "int a, int b, int c, int d, int e, int g, int h, int i";
    check(&[
        (
            "A.java",
            Refactor,
            &format!("class A {{ @Override void f({eight}) {{}} }}\n"),
            &[],
        ),
        (
            "A.java",
            Refactor,
            &format!("class A {{ void f({eight}) {{}} }}\n"),
            &["note long-parameter-list A.f"],
        ),
        (
            "a.cc",
            Refactor,
            &format!("struct A : B {{ void f({eight}) override {{}} }};\n"),
            &[],
        ),
        (
            "a.cc",
            Refactor,
            &format!("struct A : B {{ void f({eight}) final {{}} }};\n"),
            &[],
        ),
        (
            "a.py",
            Refactor,
            "@click.command()\n@click.option('--a')\ndef f(a, b, c, d, e, g, h, i):\n    pass\n",
            &[],
        ),
        (
            "a.py",
            Refactor,
            "@cli.command('x')\ndef f(a, b, c, d, e, g, h, i):\n    pass\n",
            &[],
        ),
        (
            "a.py",
            Refactor,
            "@pytest.fixture\ndef f(a, b, c, d, e, g, h, i):\n    pass\n",
            &[],
        ),
        (
            "a.py",
            Refactor,
            "@app.get('/')\ndef f(a, b, c, d, e, g, h, i):\n    pass\n",
            &[],
        ),
        (
            "a.py",
            Refactor,
            "@cache\ndef f(a, b, c, d, e, g, h, i):\n    pass\n",
            &["note long-parameter-list f"],
        ),
        (
            "a.ts",
            Refactor,
            "class A extends B { override f(a, b, c, d, e, g, h, i) {} }\n",
            &[],
        ),
        (
            "src/a.rs",
            Refactor,
            "impl T for A { fn f(a: u8, b: u8, c: u8, d: u8, e: u8, g: u8, h: u8, i: u8) {} }\n",
            &[],
        ),
        (
            "src/a.rs",
            Refactor,
            "pub extern \"C\" fn f(a: u8, b: u8, c: u8, d: u8, e: u8, g: u8, h: u8, i: u8) {}\n",
            &[],
        ),
    ]);
}
