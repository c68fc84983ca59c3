//! `analyze`: what is a hit, what is a miss, and what is never touched.

use serde_json::Value;

use crate::support::{Objects, Repo};

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

fn two_files(objects: Objects) -> Repo {
    let repo = Repo::with(objects);
    repo.write("src/a.rs", "pub fn a() {}\n");
    repo.write("src/b.rs", "pub fn b() {}\n");
    repo.commit("two files");
    repo
}

#[test]
fn a_second_run_answers_everything_from_the_store() {
    for objects in [Objects::Sha1, Objects::Sha256] {
        let repo = two_files(objects);
        assert_eq!(counts(&repo, &[]), (0, 2), "{objects:?}");
        assert_eq!(counts(&repo, &[]), (2, 0), "{objects:?}");
    }
}

#[test]
fn the_same_content_is_a_hit_wherever_it_lies() {
    let repo = two_files(Objects::Sha1);
    assert_eq!(counts(&repo, &[]), (0, 2));
    repo.git(&["mv", "src/a.rs", "src/renamed.rs"]);
    assert_eq!(counts(&repo, &[]), (2, 0), "renamed");
    repo.commit("renamed");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(counts(&repo, &[]), (2, 0), "reverted");
    repo.write("src/copy.rs", "pub fn a() {}\n");
    assert_eq!(counts(&repo, &["--untracked"]), (3, 0), "copied");
    repo.git(&["checkout", "-q", "-b", "other"]);
    repo.git(&["update-index", "--chmod=+x", "src/b.rs"]);
    assert_eq!(counts(&repo, &["--staged"]), (2, 0), "another mode");
    repo.git(&["worktree", "add", "-q", "linked", "main"]);
    let linked = repo.run_in("linked", &["analyze", "--output=json", "--cached"]);
    assert_eq!(linked.code, Some(0), "in a linked work tree");
}

#[test]
fn an_edit_is_analysed_once_and_its_undoing_not_at_all() {
    let repo = two_files(Objects::Sha1);
    assert_eq!(counts(&repo, &[]), (0, 2));
    repo.write("src/a.rs", "pub fn a() { b() }\n");
    assert_eq!(counts(&repo, &[]), (1, 1));
    repo.git(&["checkout", "-q", "src/a.rs"]);
    assert_eq!(counts(&repo, &[]), (2, 0));
}

#[test]
fn an_edit_is_analysed_under_the_id_that_git_add_then_gives_it() {
    let repo = two_files(Objects::Sha1);
    repo.git(&["config", "core.autocrlf", "true"]);
    repo.git(&["config", "filter.lower.clean", "tr A-Z a-z"]);
    repo.write(".gitattributes", "b.rs filter=lower\n");
    repo.write("src/a.rs", "pub fn a() {}\r\n// more\r\n");
    repo.write("src/b.rs", "pub fn b() {}\n// MORE\n");
    let seen = report(&repo, &[]);
    repo.git(&["add", "--all"]);
    for file in seen["files"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        let staged = repo.git(&["rev-parse", &format!(":{path}")]);
        assert_eq!(file["blob"], staged, "{path}");
    }
    assert_eq!(counts(&repo, &["--staged"]), (2, 0));
}

#[test]
fn entries_are_named_by_the_blobs_they_speak_of() {
    let repo = two_files(Objects::Sha1);
    assert_eq!(counts(&repo, &[]), (0, 2));
    let names = repo.git(&[
        "ls-tree",
        "-r",
        "--name-only",
        "refs/rustassistant/local/v1",
    ]);
    let mut entries: Vec<String> = names
        .lines()
        .filter_map(|name| name.strip_prefix("entries/refactor/"))
        .map(|name| name.split('/').skip(1).collect())
        .collect();
    entries.sort();
    let mut blobs = [
        repo.git(&["rev-parse", "HEAD:src/a.rs"]),
        repo.git(&["rev-parse", "HEAD:src/b.rs"]),
    ];
    blobs.sort();
    assert_eq!(entries, blobs);
    let recipe = names.lines().find(|name| name.starts_with("recipes/"));
    let recipe = recipe.unwrap();
    let stored = repo.git(&[
        "rev-parse",
        &format!("refs/rustassistant/local/v1:{recipe}"),
    ]);
    assert_eq!(recipe, format!("recipes/{stored}"));
}

#[test]
fn nothing_of_the_users_own_is_touched() {
    let repo = two_files(Objects::Sha1);
    repo.write("src/a.rs", "pub fn a() { 1; }\n");
    repo.write("untracked.rs", "fn u() {}\n");
    let seen = |repo: &Repo| {
        let index = std::fs::read(repo.path().join(".git/index")).unwrap();
        let state = repo.git(&["status", "--porcelain", "--branch"]);
        (
            index,
            state,
            repo.git(&["for-each-ref", "refs/heads", "refs/tags"]),
        )
    };
    let before = seen(&repo);
    assert_eq!(counts(&repo, &["-k", "all", "--untracked"]), (0, 12));
    assert_eq!(seen(&repo), before);
}

#[test]
fn a_changed_threshold_is_a_miss_that_says_so_and_changed_back_a_hit() {
    let mut repo = two_files(Objects::Sha1);
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
    let repo = two_files(Objects::Sha1);
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
    let repo = two_files(Objects::Sha1);
    repo.write("src/odd\nname.rs", "fn odd() {}\n");
    repo.commit("odd");
    repo.write("list", "src/a.rs\nsrc/b.rs\n");
    repo.write("list0", "src/odd\nname.rs\0");
    assert_eq!(counts(&repo, &["--files-from", "list"]), (0, 2));
    assert_eq!(counts(&repo, &["--files-from", "list0", "-z"]), (0, 1));
}

#[test]
fn a_dry_run_and_a_run_without_the_store_leave_nothing_behind() {
    let repo = two_files(Objects::Sha1);
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
fn what_may_not_be_analysed_is_missing_and_the_run_incomplete() {
    let repo = two_files(Objects::Sha1);
    let output = repo.run(&["analyze", "--cached"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert_eq!(counts(&repo, &["src/a.rs"]), (0, 1));
    assert_eq!(repo.run(&["analyze", "--cached", "src/a.rs"]).code, Some(0));
    assert_eq!(counts(&repo, &["--refresh"]), (0, 2));
    assert_eq!(repo.run(&["analyze", "--cached"]).code, Some(0));
}

#[test]
fn what_cannot_be_analysed_is_skipped_with_its_reason() {
    let repo = Repo::new();
    repo.write("empty.rs", "");
    repo.write("broken.rs", "fn (((\n");
    repo.write("binary.rs", b"\0\0\0");
    repo.write("latin.rs", b"// caf\xe9\nfn a() {}\n");
    repo.write("large.rs", "// large\n".repeat(200_000));
    repo.write("generated.rs", "fn g() {}\n");
    repo.write(".gitattributes", "generated.rs linguist-generated\n");
    std::os::unix::fs::symlink("/etc/passwd", repo.path().join("link.rs")).unwrap();
    repo.commit("odd files");
    let seen = report(&repo, &["-k", "todos"]);
    let rows = seen["files"].as_array().unwrap().iter();
    let told = rows.map(|row| {
        let word = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        format!("{}: {} ({})", word("path"), word("status"), word("reason"))
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @"
    binary.rs: skipped (binary)
    broken.rs: analyzed (new)
    empty.rs: analyzed (new)
    generated.rs: skipped (generated (the attribute linguist-generated))
    large.rs: skipped (too large (1800000 bytes, the limit is 1048576))
    latin.rs: skipped (not UTF-8)
    link.rs: skipped (symlink)
    ");
}

#[test]
fn a_bare_repository_is_analysed_by_revision() {
    let repo = two_files(Objects::Sha1);
    repo.git(&["clone", "-q", "--bare", ".", "bare.git"]);
    let output = repo.run_in("bare.git", &["analyze"]);
    insta::assert_snapshot!(output.whole(), @"
    status 2
    --- stdout
    --- stderr
    error: a bare repository has no work tree
    hint: name a revision: --rev HEAD
    ");
    let output = repo.run_in("bare.git", &["analyze", "--rev=HEAD", "--output=summary"]);
    assert!(output.silent().starts_with("2 files: 2 analyzed\n"));
}

#[test]
fn what_does_not_exist_is_named_with_a_hint() {
    let repo = two_files(Objects::Sha1);
    for wrong in [
        &["--rev", "nope"][..],
        &["--changed", "nope"],
        &["--files-from", "nope"],
        &["nope.rs"],
        &["--output", "json=nope/report.json"],
    ] {
        let output = repo.run(&[&["analyze"], wrong].concat());
        assert_eq!(output.code, Some(2), "{wrong:?}");
        assert!(output.stderr.starts_with("error: cannot "), "{output:?}");
        assert!(output.stderr.contains("nope"), "{output:?}");
    }
}

#[test]
fn a_path_that_was_taken_for_a_base_is_an_error_that_says_how_to_write_it() {
    let repo = two_files(Objects::Sha1);
    let output = repo.run(&["analyze", "--changed", "src/"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output
            .stderr
            .contains("hint: a path that follows --changed belongs after '--'"),
        "{output:?}"
    );
}

#[test]
fn a_repository_without_commits_is_analysed_as_it_is() {
    let repo = Repo::new();
    assert_eq!(repo.run(&["analyze"]).code, Some(0));
    repo.write("a.rs", "fn a() {}\n");
    assert_eq!(counts(&repo, &["--untracked"]), (0, 1));
    let output = repo.run(&["analyze", "--rev", "HEAD"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.stderr.contains("hint: there are no commits yet"),
        "{output:?}"
    );
}

#[test]
fn no_escapes_reach_what_is_no_terminal() {
    let repo = two_files(Objects::Sha1);
    repo.write("src/c.rs", "// TODO: \x1b[31mred\n");
    repo.commit("red");
    for format in ["text", "concise", "summary", "json", "jsonl"] {
        let output = repo.run(&["analyze", "-v", "-k", "all", "--output", format]);
        assert!(!output.whole().contains('\x1b'), "{format}: {output:?}");
    }
}
