//! `analyze` and its options. What is a hit, what is stored and what is never touched: see
//! `reuse` and `storage`.

use serde_json::Value;

use crate::support::{Repo, Report};

/// The summary of a run over the whole repository, as (cached, analyzed).
fn counts(repo: &Repo, options: &[&str]) -> (u64, u64) {
    let report = report(repo, options);
    let number = |name: &str| report["summary"][name].as_u64().unwrap();
    (number("cached"), number("analyzed"))
}

fn report(repo: &Repo, options: &[&str]) -> Value {
    let arguments = [&["analyze", "--output=json"], options].concat();
    serde_json::from_str(&repo.run(&arguments).silent()).unwrap()
}

fn two_files() -> Repo {
    let repo = Repo::new();
    repo.write("src/a.rs", "pub fn a() {}\n");
    repo.write("src/b.rs", "pub fn b() {}\n");
    repo.commit("two files");
    repo
}

#[test]
fn a_changed_threshold_is_a_miss_that_says_so_and_changed_back_a_hit() {
    let mut repo = two_files();
    assert_eq!(counts(&repo, &[]), (0, 2));
    let threshold = &rustassistant::analyzers::Thresholds::ALL[0];
    let key = rustassistant::settings::every();
    let key = key.iter().find(|key| key.is_named(threshold.name)).unwrap();
    repo.git(&["config", &key.full_name(), "7"]);
    let said = repo
        .run(&["analyze", "-n", "-v", "--output=summary"])
        .stderr;
    let reason = format!("miss  src/a.rs  refactor  recipe changed: {}", key.name);
    assert!(said.contains(&reason), "{said}");
    assert_eq!(counts(&repo, &[]), (0, 2));
    repo.set(&key.variable(), &key.default);
    assert_eq!(counts(&repo, &[]), (2, 0));
}

#[test]
fn what_is_selected_can_be_said_in_many_ways() {
    let repo = two_files();
    repo.write("src/b.rs", "pub fn b() { 1; }\n");
    repo.git(&["add", "src/b.rs"]);
    repo.write("new.rs", "fn n() {}\n");
    let selected = |folder: &str, options: &[&str]| {
        let arguments = [&["analyze", "-n", "--output=json"], options].concat();
        let report: Value = serde_json::from_str(&repo.run_in(folder, &arguments).stdout).unwrap();
        let rows = report["files"].as_array().unwrap().iter();
        let paths = rows.map(|row| row["path"].as_str().unwrap().to_owned());
        paths.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(selected("", &[]), "src/a.rs src/b.rs");
    assert_eq!(selected("src", &["a.rs"]), "src/a.rs");
    assert_eq!(selected("src", &[":/"]), "src/a.rs src/b.rs");
    assert_eq!(selected("", &["*.rs", ":!src/a.rs"]), "src/b.rs");
    assert_eq!(selected("", &["--untracked"]), "new.rs src/a.rs src/b.rs");
    assert_eq!(selected("", &["--changed", "HEAD"]), "src/b.rs");
    assert_eq!(selected("", &["--staged", "--changed", "HEAD"]), "src/b.rs");
    assert_eq!(selected("", &["--rev", "HEAD", "src/a.rs"]), "src/a.rs");
}

#[test]
fn a_list_of_files_names_them_exactly() {
    let repo = two_files();
    repo.write("src/odd\nname.rs", "fn odd() {}\n");
    repo.commit("odd");
    repo.write("list", "src/a.rs\nsrc/b.rs\n");
    repo.write("list0", "src/odd\nname.rs\0");
    assert_eq!(counts(&repo, &["--files-from", "list"]), (0, 2));
    assert_eq!(counts(&repo, &["--files-from", "list0", "-z"]), (0, 1));
}

#[test]
fn a_dry_run_and_a_run_without_the_store_leave_nothing_behind() {
    let repo = two_files();
    for options in [&["-n"][..], &["--no-cache"], &["-n", "--no-cache"]] {
        let output = repo.run(&[&["analyze"], options].concat());
        assert_eq!(output.code, Some(0), "{output:?}");
        assert_eq!(
            repo.git(&["for-each-ref", "refs/rustassistant"]),
            "",
            "{options:?}"
        );
    }
}

#[test]
fn what_may_not_be_analyzed_is_missing_and_the_run_incomplete() {
    let repo = two_files();
    let output = repo.run(&["analyze", "--cached"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert_eq!(counts(&repo, &["src/a.rs"]), (0, 1));
    assert_eq!(repo.run(&["analyze", "--cached", "src/a.rs"]).code, Some(0));
    assert_eq!(counts(&repo, &["--refresh"]), (0, 2));
    assert_eq!(repo.run(&["analyze", "--cached"]).code, Some(0));
}

#[test]
fn what_does_not_exist_is_named_with_a_hint() {
    let repo = two_files();
    for wrong in [
        &["--rev", "nope"][..],
        &["--changed", "nope"],
        &["--files-from", "nope"],
        &["nope.rs"],
        &["--output", "json=nope/report.json"],
    ] {
        let output = repo.run(&[&["analyze"], wrong].concat());
        assert_eq!(output.code, Some(2), "{wrong:?}");
        let begins = ["error: cannot ", "error: unknown revision "];
        let begins = begins.iter().any(|begin| output.stderr.starts_with(begin));
        assert!(begins, "{output:?}");
        assert!(output.stderr.contains("nope"), "{output:?}");
    }
}

#[test]
fn a_path_that_was_taken_for_a_base_is_an_error_that_says_how_to_write_it() {
    let repo = two_files();
    let output = repo.run(&["analyze", "--changed", "src/"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output
            .stderr
            .contains("hint: put a path that follows --changed after '--'"),
        "{output:?}"
    );
}

/// All that a run could leave in a repository.
fn traces(repo: &Repo) -> (String, bool, String) {
    let folder = repo.path().join(".git/rustassistant").exists();
    let refs = repo.git(&["for-each-ref", "refs/rustassistant"]);
    (refs, folder, repo.git(&["count-objects", "-v"]))
}

#[test]
fn without_the_store_nothing_is_read_or_written_even_of_edits() {
    let repo = two_files();
    repo.write("src/a.rs", "pub fn edited() {}\n");
    let before = traces(&repo);
    assert_eq!(before.0, "");
    for options in [
        &["-n"][..],
        &["--no-cache"],
        &["-n", "--cached"],
        &["--cached"],
    ] {
        let output = repo.run(&[&["analyze"], options].concat());
        assert_eq!(output.stderr, "", "{options:?}");
        assert_eq!(traces(&repo), before, "{options:?}");
    }
    assert_eq!(counts(&repo, &[]), (0, 2));
    let stored = repo.git(&["for-each-ref", "refs/rustassistant"]);
    assert_eq!(counts(&repo, &["--no-cache"]), (0, 2));
    assert_eq!(repo.git(&["for-each-ref", "refs/rustassistant"]), stored);
    assert_eq!(counts(&repo, &["-n"]), (2, 0));
}

#[test]
fn a_dry_run_says_what_would_be_done_and_is_no_failure() {
    let repo = two_files();
    assert_eq!(counts(&repo, &["src/a.rs"]), (0, 1));
    let output = repo.run(&["analyze", "-n", "-v", "--output=summary"]);
    assert_eq!(output.code, Some(0));
    insta::assert_snapshot!(output.stderr, @"
    hit   src/a.rs  refactor
    miss  src/b.rs  refactor  new
    ");
    let report = repo.analyze(&["-n"]);
    assert_eq!(report.words(), "1 cached, 1 missing");
}

#[test]
fn findings_at_the_level_fail_a_run_that_asks_for_it_and_only_that() {
    let repo = Repo::new();
    repo.write("a.rs", "// TODO: later\n");
    repo.commit("a note");
    let code = |options: &[&str]| {
        repo.run(&[&["analyze", "-k", "todos"], options].concat())
            .code
    };
    assert_eq!(code(&[]), Some(0));
    for (level, expected) in [("never", 0), ("error", 0), ("warning", 0), ("note", 1)] {
        assert_eq!(code(&["--fail-on", level]), Some(expected), "{level}");
        repo.git(&["config", "rustassistant.failOn", level]);
        assert_eq!(code(&[]), Some(expected), "{level}");
        assert_eq!(
            code(&["--output=summary"]),
            Some(expected),
            "{level}, counts alone"
        );
    }
    assert_eq!(code(&["--fail-on=never"]), Some(0));
    repo.write("b.rs", "fn b() {}\n");
    repo.git(&["add", "b.rs"]);
    assert_eq!(
        code(&["--cached"]),
        Some(3),
        "what is missing outweighs what was found"
    );
}

#[test]
fn quiet_and_verbose_change_what_is_said_and_not_what_is_written() {
    let repo = two_files();
    let run = |loudness: &[&str]| repo.run(&[loudness, &["analyze", "--output=concise"]].concat());
    let (quiet, usual, verbose) = (run(&["-q"]), run(&[]), run(&["-v"]));
    assert_eq!(quiet.stderr, "");
    assert_eq!(usual.stderr, "");
    assert_eq!(
        verbose.stderr.matches("hit   src/").count(),
        2,
        "{verbose:?}"
    );
    assert_eq!(
        (&quiet.stdout, &usual.stdout),
        (&usual.stdout, &verbose.stdout)
    );
}

#[test]
fn a_list_of_files_may_come_from_standard_input() {
    let repo = two_files();
    let listed = repo.command("sh".as_ref());
    let list = |mut shell: std::process::Command, pipe: &str| {
        shell.args([
            "-c",
            &format!(
                "{pipe} | \"$0\" analyze --output=json --files-from -{}",
                if pipe.contains("-z") { " -z" } else { "" }
            ),
        ]);
        shell.arg(assert_cmd::cargo::cargo_bin!("git-rustassistant"));
        Report::of(&repo.finish(&mut shell)).words()
    };
    assert_eq!(list(listed, "git ls-files -z src/a.rs"), "1 analyzed");
    assert_eq!(
        list(repo.command("sh".as_ref()), "git ls-files src"),
        "1 cached, 1 analyzed"
    );
    assert_eq!(list(repo.command("sh".as_ref()), "true"), "nothing");
}
