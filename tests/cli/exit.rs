//! How the program ends, and what it says when it cannot do its work.

use std::fs::OpenOptions;
use std::process::Stdio;

use crate::support::Repo;

#[test]
fn an_unknown_option_is_wrong_usage() {
    let output = Repo::new().run(&["analyze", "--colour", "never"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output
            .stderr
            .starts_with("error: unexpected argument '--colour'"),
        "{output:?}"
    );
    assert!(
        output
            .stderr
            .contains("a similar argument exists: '--color'"),
        "{output:?}"
    );
}

#[test]
fn an_unknown_command_is_wrong_usage_and_what_was_meant_is_named() {
    let output = Repo::new().run(&["analyse"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output
            .stderr
            .contains("a similar subcommand exists: 'analyze'"),
        "{output:?}"
    );
}

#[test]
fn options_that_contradict_each_other_are_wrong_usage() {
    let contradictions: [&[&str]; 10] = [
        &["--rev", "HEAD", "--staged"],
        &["--rev", "HEAD", "--untracked"],
        &["--staged", "--untracked"],
        &["--files-from", "-", "src"],
        &["--files-from", "-", "--changed"],
        &["-z"],
        &["--refresh", "--cached"],
        &["--refresh", "--no-cache"],
        &["--cached", "--no-cache"],
        &["-q", "-v"],
    ];
    let repo = Repo::new();
    for options in contradictions {
        let output = repo.run(&[&["analyze"], options].concat());
        assert_eq!(output.code, Some(2), "{options:?}");
        assert!(output.stderr.contains("Usage:"), "{options:?}: {output:?}");
    }
}

#[test]
fn a_value_that_is_not_allowed_is_wrong_usage_and_the_allowed_ones_are_named() {
    let repo = Repo::new();
    for (option, value, named) in [
        ("--kind", "refctor", "did you mean 'refactor'?"),
        (
            "--fail-on",
            "warn",
            "[possible values: never, note, warning, error]",
        ),
        (
            "--output",
            "yaml",
            "known formats: text, concise, summary, json, jsonl",
        ),
        ("--output", "json=", "a file name must follow '='"),
        ("--jobs", "-1", "error:"),
        (
            "--color",
            "sometimes",
            "[possible values: auto, always, never]",
        ),
    ] {
        let output = repo.run(&["analyze", &format!("{option}={value}")]);
        assert_eq!(output.code, Some(2), "{option}");
        assert!(output.stderr.contains(named), "{option}: {output:?}");
    }
}

#[test]
fn outside_of_a_repository_an_error_says_so_and_a_hint_what_to_do() {
    let repo = Repo::new();
    let mut program = repo.program();
    let output = repo.finish(program.current_dir(repo.outside()).args(["config", "list"]));
    insta::assert_snapshot!(output.whole(), @"
    status 2
    --- stdout
    --- stderr
    error: cannot open a git repository at the current folder: could not find repository at '.'
    hint: run this inside a git repository, or create one with 'git init'
    ");
}

#[test]
fn no_backtrace_is_shown_whatever_the_environment_asks() {
    let mut repo = Repo::new();
    repo.set("RUST_BACKTRACE", "full");
    repo.git(&["config", "rustassistant.jobs", "lots"]);
    let output = repo.run(&["config", "list"]);
    assert_eq!(output.stderr.lines().count(), 2, "{output:?}");
}

#[test]
fn a_full_disk_is_an_error_and_not_a_panic() {
    let repo = Repo::new();
    for arguments in [&["config", "list"][..], &["-h"], &["man"]] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut program = repo.program();
        let output = repo.finish(program.args(arguments).stdout(Stdio::from(full)));
        assert_eq!(output.code, Some(2), "{arguments:?}");
        assert!(!output.stderr.contains("panicked"), "{output:?}");
    }
}

#[test]
fn output_that_nobody_reads_ends_quietly() {
    let repo = Repo::new();
    for arguments in [&["config", "list"][..], &["-h"], &["completions", "bash"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut program = repo.program();
        let output = repo.finish(program.args(arguments).stdout(writer));
        assert_eq!(
            (output.code, output.stderr.as_str()),
            (Some(141), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn escapes_are_written_only_where_they_are_wanted() {
    let mut repo = Repo::new();
    repo.git(&["config", "rustassistant.jbos", "2"]);
    let talk = |repo: &Repo, color: &str| repo.run(&["config", "list", color]).stderr;
    assert!(talk(&repo, "--color=always").contains("\x1b["));
    assert!(!talk(&repo, "--color=auto").contains('\x1b'));
    repo.set("CLICOLOR_FORCE", "1");
    assert!(talk(&repo, "--color=auto").contains("\x1b["));
    assert!(!talk(&repo, "--color=never").contains('\x1b'));
    repo.set("NO_COLOR", "1");
    assert!(!talk(&repo, "--color=auto").contains('\x1b'));
}
