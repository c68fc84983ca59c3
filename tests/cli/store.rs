//! The commands that look at the store and analyse nothing: `show`, `status`, `cache`.

use crate::support::Repo;

fn analysed() -> Repo {
    let repo = Repo::new();
    repo.write("src/a.rs", "pub fn a() {}\n");
    repo.write("src/b.rs", "pub fn b() {}\n");
    repo.commit("two files");
    repo.run(&["analyze", "src/a.rs", "--output=summary"])
        .silent();
    repo
}

#[test]
fn status_counts_what_is_analysed_of_each_kind() {
    let status = analysed().run(&["status"]).silent();
    insta::assert_snapshot!(status, @"
    refactor  1 of 2 files analyzed, 1 to analyze
    docs      0 of 2 files analyzed, 2 to analyze
    todos     0 of 2 files analyzed, 2 to analyze
    analysis  0 of 2 files analyzed, 2 to analyze
    ");
}

#[test]
fn show_answers_for_a_path_a_revision_and_a_blob() {
    let repo = analysed();
    let blob = repo.git(&["rev-parse", "HEAD:src/a.rs"]);
    for object in ["src/a.rs", "HEAD:src/a.rs", &blob, &blob[..10]] {
        let output = repo.run(&["show", object, "--output=json"]);
        assert_eq!(output.code, Some(0), "{object}: {output:?}");
        assert!(output.stdout.contains(&blob), "{object}: {output:?}");
    }
}

#[test]
fn show_analyses_nothing_and_says_so_in_its_status() {
    let repo = analysed();
    let before = repo.git(&["rev-parse", "refs/rustassistant/local/v1"]);
    assert_eq!(repo.run(&["show", "src/b.rs"]).code, Some(3));
    assert_eq!(repo.run(&["show", "src/a.rs", "-k", "docs"]).code, Some(3));
    assert_eq!(
        repo.git(&["rev-parse", "refs/rustassistant/local/v1"]),
        before
    );
    let output = repo.run(&["show", "nope"]);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("hint: name a file"), "{output:?}");
}

#[test]
fn the_cache_is_counted_listed_explained_and_cleared() {
    let repo = analysed();
    let blob = repo.git(&["rev-parse", "HEAD:src/a.rs"]);
    assert!(repo.run(&["cache", "status"]).silent().contains("refactor"));
    let listed = repo.run(&["cache", "list"]).silent();
    assert_eq!(listed.lines().count(), 1);
    assert!(listed.contains(&blob), "{listed}");
    let explained = repo
        .run(&["cache", "explain", "src/a.rs", "src/b.rs"])
        .silent();
    assert!(
        explained.contains("src/a.rs") && explained.contains("src/b.rs"),
        "{explained}"
    );
    assert_eq!(repo.run(&["cache", "clear", "-n"]).code, Some(0));
    assert_eq!(repo.run(&["cache", "list"]).silent(), listed);
    assert_eq!(repo.run(&["cache", "clear"]).code, Some(0));
    assert_eq!(repo.run(&["cache", "list"]).silent(), "");
    let reflog = repo.git(&["reflog", "show", "refs/rustassistant/local/v1"]);
    assert!(!reflog.is_empty(), "what was dropped can be had back");
}

#[test]
fn an_empty_store_is_no_error() {
    let repo = Repo::new();
    for verb in ["init", "status", "list", "clear"] {
        let output = repo.run(&["cache", verb]);
        assert_eq!(output.code, Some(0), "{verb}: {output:?}");
    }
    assert_eq!(repo.run(&["status"]).code, Some(0));
}

#[test]
fn a_module_is_described_on_standard_output_or_in_a_file() {
    let repo = analysed();
    let printed = repo.run(&["docs", "module", "src/a.rs"]);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    let written = repo.run(&["docs", "module", "src/a.rs", "-o", "a.md"]);
    assert_eq!((written.code, written.stdout.as_str()), (Some(0), ""));
    let file = std::fs::read_to_string(repo.path().join("a.md")).unwrap();
    assert_eq!(file, printed.stdout);
}

#[test]
fn outside_of_a_repository_every_command_says_so() {
    let repo = Repo::new();
    for arguments in [
        &["analyze"][..],
        &["todos"],
        &["refactor", "analyze", "a.rs"],
        &["docs", "module", "a.rs"],
        &["show", "a.rs"],
        &["status"],
        &["cache", "init"],
        &["cache", "status"],
        &["cache", "clear"],
    ] {
        let mut program = repo.program();
        let output = repo.finish(program.current_dir(repo.outside()).args(arguments));
        assert_eq!(output.code, Some(2), "{arguments:?}");
        assert!(
            output
                .stderr
                .contains("hint: run this inside a git repository"),
            "{output:?}"
        );
    }
}
