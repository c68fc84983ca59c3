//! What whoever starts the program has told git by its variables, and what git would start by
//! itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::Repo;

/// `src/a.rs` and `b.rs`, committed; the first has changed since.
fn repo() -> Repo {
    let repo = Repo::of_two_files();
    repo.write("src/a.rs", "pub fn changed() {}\n");
    repo
}

#[test]
fn a_pathspec_means_the_same_whatever_git_was_told_of_pathspecs() {
    for variable in [
        "GIT_LITERAL_PATHSPECS",
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
    ] {
        let mut repo = repo();
        repo.set(variable, "1");
        let written = repo.git(&["hash-object", "src/a.rs"]);
        for spec in ["src/a.rs", ":/src", "*a.rs"] {
            let report = repo.analyze(&["--refresh", spec]);
            assert_eq!(report.words(), "1 analyzed", "{variable} {spec}");
            assert_eq!(report.rows()[0]["blob"], written.as_str(), "{variable}");
        }
        let absent = repo.run(&["analyze", "*SRC/A.rs"]);
        assert_eq!(absent.code, Some(2), "{variable}");
    }
}

#[test]
fn looking_at_files_and_storing_answers_runs_no_hook() {
    let repo = repo();
    for name in ["post-index-change", "reference-transaction"] {
        let hook = repo.path().join(".git/hooks").join(name);
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, "#!/bin/sh\ntouch ../hook-has-run\nexit 1\n").unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
        // With 2.54 nothing turns them off.
        if repo.git_version() >= (2, 55) {
            repo.git(&[
                "config",
                "hook.other.command",
                "touch ../hook-has-run; exit 1; :",
            ]);
            repo.git(&["config", "--add", "hook.other.event", name]);
        }
    }
    assert_eq!(repo.analyze(&[]).words(), "2 analyzed");
    assert!(!repo.path().join("../hook-has-run").exists());
    assert_eq!(repo.analyze(&[]).words(), "2 cached");
}

#[test]
fn a_folder_of_objects_that_git_was_told_of_is_used_and_left_tidy() {
    let mut repo = repo();
    let objects = repo.path().join("../objects");
    fs::rename(repo.path().join(".git/objects"), &objects).unwrap();
    fs::create_dir(repo.path().join(".git/objects")).unwrap();
    repo.set("GIT_OBJECT_DIRECTORY", objects.to_str().unwrap());
    assert_eq!(repo.analyze(&[]).words(), "2 analyzed");
    assert_eq!(repo.analyze(&[]).words(), "2 cached");
    let packs = fs::read_dir(objects.join("pack")).unwrap();
    let mut names = packs.map(|file| file.unwrap().file_name());
    assert!(!names.any(|name| name.to_string_lossy().ends_with(".keep")));
}
