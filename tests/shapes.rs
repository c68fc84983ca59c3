//! Repositories of every shape that git has: what libgit2 cannot open, what is not all there.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Repo, Report};

#[test]
fn a_repository_that_only_git_can_open_is_analyzed_like_any_other() {
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
fn a_partial_clone_is_analyzed_whole_and_without_its_remote_what_is_missing_is_said() {
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
            .contains("cannot fetch 2 files missing in this partial clone"),
        "{output:?}"
    );
}

/// The modes of a folder and of all below it, with their names.
fn modes(folder: &Path) -> Vec<(String, u32)> {
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let mut all = vec![(folder.display().to_string(), mode(folder))];
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_dir() {
            all.extend(modes(&file.path()))
        } else {
            all.push((file.path().display().to_string(), mode(&file.path())))
        }
    }
    all
}

#[test]
fn users_who_share_a_repository_store_for_each_other() {
    let repo = Repo::of_two_files();
    let Some(by) = repo.by_two_users() else {
        eprintln!("skipped: only root can be two users");
        return;
    };
    let run = |user: usize, path: &str| {
        let output = repo.finish(by(user).args(["analyze", "--output", "json", path]));
        assert_eq!(output.stderr, "", "{output:?}");
        Report::of(&output).words()
    };
    assert_eq!(run(0, "b.rs"), "1 analyzed");
    assert_eq!(run(1, ":/"), "1 cached, 1 analyzed");
    assert_eq!(run(0, ":/"), "2 cached");
    for user in [1, 0, 1] {
        // With a memo and an index, which are files that take the place of others.
        let summary = ["analyze", "--output", "summary", "--rev", "HEAD", ":/"];
        let output = repo.finish(by(user).args(summary));
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    }
    let own = repo.path().join(".git/rustassistant");
    for (path, mode) in modes(&own) {
        let shared = if Path::new(&path).is_dir() {
            0o2070
        } else {
            0o060
        };
        assert_eq!(mode & shared, shared, "{path}: {mode:o}");
    }
}
