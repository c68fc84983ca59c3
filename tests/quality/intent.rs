//! What authors have said of their code: to a reader, to a compiler, to another tool.

use rustassistant::model::Kind::{Analysis, Docs, Refactor};

use super::check;

const READ: &[&str] = &["warning unsafe-unwrap f"];

fn function(lines: &str) -> String {
    format!("pub fn f() {{\n{lines}\n}}\n")
}

#[test]
fn a_comment_explains_what_it_gives_a_reason_for() {
    let call = "std::fs::read_to_string(path).unwrap();";
    for comment in [
        "FIXME: this panics if the file is missing",
        "TODO: an error",
        "Read it.",
        "XXX",
    ] {
        check(&[(
            "src/a.rs",
            Refactor,
            &function(&format!("// {comment}\n{call}")),
            READ,
        )]);
    }
    for comment in [
        "Written two lines above.",
        "cannot fail: it was opened before",
    ] {
        check(&[(
            "src/a.rs",
            Refactor,
            &function(&format!("// {comment}\n{call}")),
            &[],
        )]);
    }
    let asserting = "assert_eq!(a, b);\nassert_eq!(a, b);\n";
    check(&[
        (
            "src/a.rs",
            Refactor,
            &function("std::fs::read_to_string(\"config.toml\").unwrap();"),
            READ,
        ),
        (
            "src/a.rs",
            Refactor,
            &function(&format!("{asserting}{call}")),
            READ,
        ),
        (
            "src/a.rs",
            Refactor,
            &format!("pub fn g() {{ {asserting} }}\n{}", function(call)),
            READ,
        ),
    ]);
}

#[test]
fn an_unwrap_is_seen_however_the_call_is_written() {
    for call in [
        "tokio::fs::read_to_string(p).await.unwrap();",
        "File::options().read(true).open(p).unwrap();",
        "Command::new(c).output().unwrap();",
        "read(p).map_err(E).unwrap();",
        "fs::read(p).map_err(E).unwrap();",
        "async_std::fs::read(p).await.unwrap();",
        "Command::new(c).args(a).status().unwrap();",
    ] {
        let with = format!("use std::fs::read;\n{}", function(call));
        check(&[("src/a.rs", Refactor, &with, READ)]);
    }
}

#[test]
fn a_lost_failure_is_seen_however_it_is_dropped() {
    for call in [
        "let _ = fs::write(p, t);",
        "drop(fs::write(p,t));",
        "_ = fs::write(p,t);",
        "fs::write(p, t).ok();",
        "std::mem::drop(fs::write(p, t));",
        "let _ = tokio::fs::write(p, t).await;",
    ] {
        check(&[(
            "src/a.rs",
            Refactor,
            &function(call),
            &["note ignored-result f"],
        )]);
    }
}

#[test]
fn what_was_said_to_another_tool_is_heard() {
    let eight = "a: u8, b: u8, c: u8, d: u8, e: u8, g: u8, h: u8, i: u8";
    let long = "function f(a, b, c, d, e, g, h, i) {}";
    check(&[
        (
            "src/a.rs",
            Refactor,
            &format!("#[allow(clippy::too_many_arguments)]\npub fn f({eight}) {{}}\n"),
            &[],
        ),
        (
            "src/a.rs",
            Refactor,
            &format!("#[expect(clippy::too_many_arguments)]\npub fn f({eight}) {{}}\n"),
            &[],
        ),
        (
            "src/a.rs",
            Refactor,
            &format!("#![allow(clippy::too_many_arguments)]\npub fn f({eight}) {{}}\n"),
            &[],
        ),
        (
            "src/a.rs",
            Refactor,
            &format!("#[allow(dead_code)]\npub fn f({eight}) {{}}\n"),
            &["note long-parameter-list f"],
        ),
        (
            "src/a.rs",
            Docs,
            "//! A.\n#[allow(missing_docs)]\npub fn f() {}\n",
            &[],
        ),
        (
            "src/a.rs",
            Docs,
            "#![allow(missing_docs)]\npub fn f() {}\n",
            &[],
        ),
        (
            "src/a.rs",
            Refactor,
            "#[allow(dead_code)]\nfn f() {}\n",
            &[],
        ),
        (
            "src/a.rs",
            Refactor,
            "#![allow(dead_code)]\nfn f() {}\n",
            &[],
        ),
        ("src/a.rs", Refactor, "#![allow(unused)]\nfn f() {}\n", &[]),
        (
            "a.py",
            Refactor,
            "def f(a, b, c, d, e, g, h, i):  # noqa: PLR0913\n    pass\n",
            &[],
        ),
        (
            "a.py",
            Refactor,
            "def f(a, b, c, d, e, g, h, i):  # noqa\n    pass\n",
            &[],
        ),
        (
            "a.py",
            Refactor,
            "def f(a, b, c, d, e, g, h, i):  # noqa: E501\n    pass\n",
            &["note long-parameter-list f"],
        ),
        (
            "a.py",
            Refactor,
            "def f(a, b, c, d, e, g, h, i):  # pylint: disable=too-many-arguments\n    pass\n",
            &[],
        ),
        (
            "a.js",
            Refactor,
            &format!("// eslint-disable-next-line max-params\n{long}\n"),
            &[],
        ),
        (
            "a.js",
            Refactor,
            &format!("/* eslint-disable max-params */\n{long}\n"),
            &[],
        ),
        (
            "a.js",
            Refactor,
            &format!("// eslint-disable-next-line no-console\n{long}\n"),
            &["note long-parameter-list f"],
        ),
        (
            "a.go",
            Refactor,
            "package p\nfunc f(a, b, c, d, e, g, h, i int) {} //nolint\n",
            &[],
        ),
        (
            "a.go",
            Docs,
            "// Package p is.\npackage p\n\n//nolint:revive\nfunc F() {}\n",
            &[],
        ),
        (
            "a.go",
            Refactor,
            "package p\n//nolint:funlen\nfunc f(a, b, c, d, e, g, h, i int) {}\n",
            &["note long-parameter-list f"],
        ),
        (
            "A.java",
            Refactor,
            "class A { @SuppressWarnings(\"checkstyle:ParameterNumber\")\nvoid f(int a, int b, int c, int d, int e, int g, int h, int i) {} }\n",
            &[],
        ),
        (
            "a.cc",
            Refactor,
            "void f(int a, int b, int c, int d, int e, int g, int h, int i) {} // NOLINT\n",
            &[],
        ),
    ]);
}

#[test]
fn a_sentence_on_safety_needs_no_magic_word() {
    let unsafe_of = |before: &str| format!("pub fn f() {{\n{before}unsafe {{ g() }};\n}}\n");
    for before in [
        "// SAFETY: held.\n",
        "// The vtable's clone does nothing for a borrowed header.\n",
        "// Safe because the pointer was just checked.\n",
    ] {
        check(&[("src/a.rs", Analysis, &unsafe_of(before), &[])]);
    }
    for before in ["", "// TODO\n"] {
        check(&[(
            "src/a.rs",
            Analysis,
            &unsafe_of(before),
            &["note unsafe-without-safety-comment f"],
        )]);
    }
}
