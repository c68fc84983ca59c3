//! What authors leave for later, in the forms in which they write it.

use rustassistant::model::Kind::Todos;

use super::{answer, check};

/// The titles of what is found, each behind its rule.
#[track_caller]
fn titles(path: &str, text: &str) -> Vec<String> {
    let findings = answer(path, &Todos, text.as_bytes()).unwrap().findings;
    findings
        .iter()
        .map(|f| format!("{}: {}", f.rule, f.title))
        .collect()
}

#[test]
fn each_line_of_a_block_with_a_tag_is_a_note_of_its_own() {
    let lines =
        |mark: &str| format!("{mark} TODO a\n{mark} TODO b\n{mark} FIXME c\n{mark} XXX d\n");
    let four = ["todo: a", "todo: b", "fixme: c", "xxx: d"];
    for (path, mark) in [
        ("a.rs", "//"),
        ("a.rs", "    //"),
        ("a.py", "#"),
        ("a.go", "//"),
        ("a.js", "//"),
        ("a.c", "//"),
    ] {
        assert_eq!(titles(path, &lines(mark)), four, "{path}");
    }
    let block = "/*\n * TODO a\n * TODO b\n * FIXME c\n * XXX d\n */\n";
    assert_eq!(titles("a.c", block), four);
}

#[test]
fn a_line_to_a_tool_is_no_part_of_a_note() {
    for (path, text) in [
        ("a.py", "# TODO: a\n# noqa: E501\n"),
        ("a.py", "# TODO: a\n# type: ignore\n"),
        ("a.py", "# TODO: a\n# pylint: disable=x\n"),
        (
            "a.js",
            "// TODO: a\n// eslint-disable-next-line no-console\n",
        ),
        ("a.ts", "// TODO: a\n// @ts-expect-error\n"),
        ("a.go", "// TODO: a\n//nolint:gosec\n"),
        ("a.cc", "// TODO: a\n// NOLINTNEXTLINE\n"),
    ] {
        assert_eq!(titles(path, text), ["todo: a"], "{text}");
    }
}

#[test]
fn every_form_of_a_tag_is_read() {
    for (path, text, title) in [
        ("a.rs", "// TODO/FIXME: a\n", "todo: a"),
        ("a.rs", "// FIXME/TODO: a\n", "fixme: a"),
        ("a.rs", "// [TODO] a\n", "todo: a"),
        ("a.rs", "// [FIXME]: a\n", "fixme: a"),
        ("a.rs", "// XXX hack\n", "xxx: hack"),
        ("a.rs", "// BUG: a\n", "fixme: a"),
        ("a.rs", "// TODO(MSRV 1.81) a\n", "todo: MSRV 1.81: a"),
        ("a.rs", "// TODO(MSRV 1.81): a\n", "todo: MSRV 1.81: a"),
        ("a.rs", "// TODO(alice): a\n", "todo: a"),
        ("a.rs", "// Reads a line\n// TODO a\n", "todo: a"),
        ("a.rs", "// Reads a line\n// TODO: a\n", "todo: a"),
        (
            "a.py",
            "def f():\n    '''F.\n\n    TODO: a\n    '''\n",
            "todo: a",
        ),
        ("a.py", "def f():\n    '''TODO: a'''\n", "todo: a"),
        (
            "a.py",
            "class A:\n    \"\"\"A.\n\n    TODO(alice): a\n    \"\"\"\n",
            "todo: a",
        ),
    ] {
        assert_eq!(titles(path, text), [title], "{text}");
    }
    check(&[
        ("a.rs", Todos, "// The TODO list.\n", &[]),
        ("a.rs", Todos, "// `TODO` is found\n", &[]),
        ("a.py", Todos, "a = '''\nTODO: a\n'''\n", &[]),
    ]);
}
