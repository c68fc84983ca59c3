//! What a file is for decides which findings are told of it, wherever the same text lies.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::{Repo, Report};

/// Too many parameters for code that others use.
const LONG: &str = "pub fn f(a: u8, b: u8, c: u8, d: u8, e: u8, g: u8, h: u8, i: u8) {}\n";

fn told(report: &Report) -> Vec<(String, String)> {
    let findings = report.0["findings"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .iter()
        .map(|finding| (text(&finding["path"]), text(&finding["rule"])))
        .collect()
}

#[test]
fn one_text_is_told_about_where_others_use_it_and_nowhere_else() {
    let repo = Repo::new();
    for path in [
        "src/lib.rs",
        "tests/common/mod.rs",
        "benches/speed.rs",
        "examples/hello.rs",
        "build.rs",
        "vendor/x/lib.rs",
    ] {
        repo.write(path, LONG);
    }
    repo.commit("first");
    let report = repo.analyze(&[]);
    let expected = ("src/lib.rs".to_owned(), "long-parameter-list".to_owned());
    assert_eq!(told(&report), [expected]);
    assert_eq!(report.0["summary"]["findings"]["warning"], 0);
    let roles = report.rows().iter().map(|row| row["role"].clone());
    let mut roles: Vec<String> = roles
        .map(|role| role.as_str().unwrap().to_owned())
        .collect();
    roles.sort();
    assert_eq!(
        roles,
        ["bench", "build", "example", "library", "test", "vendored"]
    );
    // Summed up for each role, once from a run and once from the store.
    for report in [report, repo.analyze(&[])] {
        for row in report.rows() {
            let effort = row["metrics"]["effort_minutes"].as_u64().unwrap();
            assert_eq!(effort > 0, row["role"] == "library", "{row}");
        }
    }
}

/// A run that only counts remembers whole trees: those of one content lie in different roles.
#[test]
fn what_is_remembered_of_a_tree_holds_for_the_role_in_which_it_was_reached() {
    let repo = Repo::new();
    repo.write("src/deep/a.rs", LONG);
    repo.write("tests/deep/a.rs", LONG);
    repo.commit("first");
    let counted = || {
        let summary = repo.run(&["analyze", ":/", "--output", "summary"]).silent();
        summary.lines().nth(1).unwrap_or_default().to_owned()
    };
    let first = counted();
    assert!(first.contains("1 note"), "{first}");
    for _ in 0..2 {
        assert_eq!(counted(), first);
    }
    repo.write("more/deep/a.rs", LONG);
    repo.commit("second");
    assert!(counted().contains("2 notes"));
}

#[test]
fn an_attribute_says_what_a_file_is_for_where_its_path_does_not() {
    let repo = Repo::new();
    repo.write("src/lib.rs", LONG);
    repo.write("tests/helper.rs", LONG);
    repo.write(
        ".gitattributes",
        "src/lib.rs rustassistant-role=test\ntests/helper.rs rustassistant-role=library\n",
    );
    repo.commit("first");
    let told = told(&repo.analyze(&[]));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, "tests/helper.rs");
}

#[test]
fn a_file_that_becomes_a_test_has_nothing_fixed_and_one_that_is_none_any_more_has_something_new() {
    let repo = Repo::new();
    repo.write("src/helper.rs", LONG);
    repo.commit("first");
    repo.git(&["tag", "before"]);
    repo.write("tests/helper.rs", LONG);
    repo.git(&["rm", "-q", "src/helper.rs"]);
    repo.commit("second");
    let compare = |range: &str| {
        let json = repo.run(&["diff", range, "--analyze", "--output", "json"]);
        let report: Value = serde_json::from_str(&json.stdout).unwrap();
        let comparison = report["comparison"].clone();
        let count = |state: &str| comparison[state]["note"].as_u64().unwrap();
        let reclassified = comparison["reclassified"].as_u64().unwrap();
        (count("new"), count("fixed"), reclassified)
    };
    assert_eq!(compare("before..HEAD"), (0, 0, 1));
    // A gate has not seen it.
    assert_eq!(compare("HEAD..before"), (1, 0, 0));
}

/// Whoever judges says what a file is for, too.
#[test]
fn no_change_passes_a_gate_by_calling_its_code_a_test() {
    let repo = Repo::new();
    repo.write("src/lib.rs", "fn f() {}\n");
    repo.write(".rustassistantconfig", "[rustassistant]\n\tfailOn = note\n");
    repo.commit("first");
    repo.git(&["tag", "base"]);
    repo.write("src/lib.rs", LONG);
    repo.write(".gitattributes", "*.rs rustassistant-role=test\n");
    repo.commit("second");
    let output = repo.run(&["analyze", "--new-since", "base"]);
    assert_eq!(output.code, Some(1), "{output:?}");
}

#[test]
fn a_script_without_an_ending_is_read_by_its_first_line_and_text_of_two_bytes_is_no_binary() {
    let repo = Repo::new();
    repo.write("bin/tool", "#!/usr/bin/env python3\n# TODO: an option\n");
    repo.write("bin/other", "#!/bin/sh\n# TODO: nothing\n");
    repo.write(
        "bin/plain",
        "#!/usr/bin/env python3\n# TODO: not to be run\n",
    );
    let wide: Vec<u8> = "// TODO: wide\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    repo.write("src/wide.rs", [b"\xff\xfe".as_slice(), &wide].concat());
    for tool in ["bin/tool", "bin/other"] {
        let runs = Permissions::from_mode(0o755);
        std::fs::set_permissions(repo.path().join(tool), runs).unwrap();
    }
    repo.commit("first");
    for _ in 0..2 {
        let report = repo.analyze(&["-k", "todos", "--rev", "HEAD"]);
        let paths: Vec<String> = told(&report).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["bin/tool", "src/wide.rs"]);
    }
    let status = repo.run(&["status", "-k", "todos"]).silent();
    assert!(status.contains("2 of 2 files"), "{status}");
}
