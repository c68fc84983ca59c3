//! Repositories of every shape that git has: what libgit2 cannot open, what is not all there.

use crate::support::Repo;

#[test]
fn a_repository_that_only_git_can_open_is_analysed_like_any_other() {
    if !Repo::new().knows_reftables() {
        return;
    }
    let repo = Repo::init(&["--ref-format=reftable"]);
    repo.write("a.rs", "// TODO: one\n");
    repo.commit("one");
    assert_eq!(repo.analyze(&["-k", "all"]).words(), "4 analyzed");
    assert_eq!(
        repo.analyze(&["-k", "all", "--rev", "main"]).words(),
        "4 cached"
    );
    repo.write("a.rs", "// TODO: two\n");
    assert_eq!(repo.analyze(&["-k", "todos"]).words(), "1 analyzed");
    repo.git(&["checkout", "-q", "a.rs"]);
    assert_eq!(repo.analyze(&["-k", "todos"]).words(), "1 cached");
    repo.git(&["gc", "-q", "--prune=now"]);
    assert_eq!(repo.analyze(&["-k", "all", "--cached"]).words(), "4 cached");
    assert_eq!(repo.leftovers(), Vec::<String>::new());
}

#[test]
fn an_extension_that_git_does_not_know_either_is_named() {
    let repo = Repo::of_two_files();
    repo.git(&["config", "core.repositoryFormatVersion", "1"]);
    repo.git(&["config", "extensions.unheardOf", "true"]);
    let output = repo.run(&["analyze"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("unheardof"), "{output:?}");
    repo.git(&[
        "config",
        "--file",
        ".git/config",
        "--unset",
        "extensions.unheardOf",
    ]);
    assert!(output.stderr.contains("\nhint: "), "{output:?}");
}

#[test]
fn a_partial_clone_is_analysed_whole_and_without_its_remote_what_is_missing_is_said() {
    let repo = Repo::of_two_files();
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let url = format!("file://{}", repo.path().join(".git").display());
    let clone = ["clone", "-q", "--no-checkout", "--filter=blob:none", &url];
    for name in ["whole", "lone"] {
        repo.git(&[&clone[..], &[name]].concat());
    }
    let report = repo.analyze_in("whole", &["--rev", "HEAD", ":/"]);
    assert_eq!(report.words(), "2 analyzed");
    repo.git(&["-C", "lone", "remote", "set-url", "origin", "/nowhere"]);
    let output = repo.run_in("lone", &["analyze", "--rev", "HEAD", ":/"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(
        output
            .stderr
            .contains("2 files are not in this partial clone"),
        "{output:?}"
    );
}
