//! Nothing is analyzed twice: whatever happens to a file's name, place or history, the same bytes
//! are a hit; whatever changes the bytes or the question is a miss.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Objects, Repo, rust_source};

/// Three files, committed and analyzed.
fn analyzed() -> Repo {
    let repo = Repo::new();
    for (seed, name) in ["src/a.rs", "src/b.rs", "c.py"].iter().enumerate() {
        repo.write(name, rust_source(seed, 2).replace("//", "#"));
    }
    repo.commit("three files");
    assert_eq!(repo.analyze(&[]).words(), "3 analyzed");
    assert_eq!(repo.analyze(&[]).words(), "3 cached");
    repo
}

#[test]
fn a_renamed_file_is_a_hit() {
    let repo = analyzed();
    repo.git(&["mv", "src/a.rs", "renamed.rs"]);
    assert_eq!(repo.analyze(&[]).words(), "3 cached");
    repo.commit("renamed");
    assert_eq!(repo.analyze(&["--rev", "HEAD"]).words(), "3 cached");
}

#[test]
fn a_reverted_edit_is_a_hit() {
    let repo = analyzed();
    repo.write("src/a.rs", "fn other() {}\n");
    repo.commit("edit");
    assert_eq!(repo.analyze(&[]).words(), "2 cached, 1 analyzed");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(repo.analyze(&[]).words(), "3 cached");
}

#[test]
fn the_same_files_on_another_branch_are_hits() {
    let repo = analyzed();
    repo.git(&["checkout", "-q", "--orphan", "other"]);
    repo.commit("another history");
    assert_eq!(repo.analyze(&[]).words(), "3 cached");
    assert_eq!(repo.analyze(&["--rev", "main"]).words(), "3 cached");
    repo.git(&["checkout", "-q", "--detach", "main"]);
    assert_eq!(repo.analyze(&[]).words(), "3 cached");
}

#[test]
fn a_linked_work_tree_shares_the_store_even_in_its_folders() {
    let repo = analyzed();
    repo.git(&["worktree", "add", "-q", "../linked", "-b", "linked"]);
    assert_eq!(repo.analyze_in("../linked", &[]).words(), "3 cached");
    assert_eq!(repo.analyze_in("../linked/src", &[]).words(), "2 cached");
    repo.write("../linked/src/a.rs", "fn linked() {}\n");
    let there = repo.analyze_in("../linked/src", &["a.rs"]);
    assert_eq!(there.lines(), ["src/a.rs: analyzed"]);
    repo.write("src/b.rs", "fn linked() {}\n");
    assert_eq!(repo.analyze(&[]).words(), "3 cached");
}

#[test]
fn a_copy_is_a_hit_and_two_copies_are_analyzed_once() {
    let repo = analyzed();
    fs::copy(repo.path().join("src/a.rs"), repo.path().join("copy.rs")).unwrap();
    repo.commit("copied");
    assert_eq!(repo.analyze(&[]).words(), "4 cached");
    repo.write("x.rs", "fn twin() {}\n");
    repo.write("y.rs", "fn twin() {}\n");
    let report = repo.analyze(&["--untracked", "-k", "docs", "x.rs", "y.rs"]);
    assert_eq!(report.words(), "2 analyzed");
    assert_eq!(report.answered_blobs().len(), 1);
}

#[test]
fn the_same_bytes_in_another_language_are_another_question() {
    let repo = analyzed();
    fs::copy(repo.path().join("src/a.rs"), repo.path().join("copy.py")).unwrap();
    assert_eq!(
        repo.analyze(&["--untracked"]).words(),
        "3 cached, 1 analyzed"
    );
}

#[test]
fn a_change_of_mode_alone_is_a_hit() {
    let repo = analyzed();
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(repo.path().join("src/a.rs"), mode).unwrap();
    assert_eq!(repo.analyze(&[]).words(), "3 cached");
    repo.commit("executable");
    assert_eq!(repo.analyze(&[]).words(), "3 cached");
    assert_eq!(repo.analyze(&["--changed", "HEAD~1"]).words(), "1 cached");
}

#[test]
fn an_edit_costs_one_analysis_and_undoing_it_none() {
    let repo = analyzed();
    let before = fs::read(repo.path().join("src/a.rs")).unwrap();
    repo.write("src/a.rs", "fn edited() {}\n");
    let report = repo.analyze(&[]);
    assert_eq!(report.words(), "2 cached, 1 analyzed");
    repo.write("src/a.rs", before);
    assert_eq!(repo.analyze(&[]).words(), "3 cached");
}

#[test]
fn a_changed_threshold_misses_and_changed_back_hits() {
    let repo = analyzed();
    let key = "rustassistant.maxFunctionLines";
    repo.git(&["config", key, "7"]);
    assert_eq!(repo.analyze(&[]).words(), "3 analyzed");
    assert_eq!(repo.analyze(&[]).words(), "3 cached");
    let explained = repo.run(&["cache", "explain", "-k", "refactor", "c.py"]);
    assert!(explained.silent().contains("\"maxFunctionLines\":7"));
    repo.git(&["config", "--unset", key]);
    assert_eq!(repo.analyze(&[]).words(), "3 cached");
}

#[test]
fn a_setting_that_no_answer_depends_on_is_no_miss() {
    let repo = analyzed();
    for (key, value) in [("jobs", "1"), ("failOn", "note"), ("maxFileSize", "2m")] {
        repo.git(&["config", &format!("rustassistant.{key}"), value]);
        assert_eq!(repo.analyze(&[]).words(), "3 cached", "{key}");
    }
}

/// The id of a file as `git add` stores it.
fn added(repo: &Repo, path: &str) -> String {
    repo.git(&["add", path]);
    repo.git(&["rev-parse", &format!(":{path}")])
}

#[test]
fn an_uncommitted_edit_is_analyzed_under_the_id_that_git_add_gives_it() {
    for objects in [Objects::Sha1, Objects::Sha256] {
        let repo = Repo::with(objects);
        repo.git(&["config", "core.autocrlf", "true"]);
        repo.git(&["config", "filter.plain.clean", "sed s/secret/public/"]);
        // Stored with line ends that git would not store today: it keeps them.
        repo.git(&["config", "core.autocrlf", "false"]);
        repo.write("kept.rs", "fn kept() {}\r\n");
        repo.commit("line ends");
        repo.git(&["config", "core.autocrlf", "true"]);
        repo.write(
            ".gitattributes",
            "clean.rs filter=plain\nwide.rs working-tree-encoding=UTF-16LE\nunix.rs -text\n\
             ident.rs ident\n",
        );
        let names = ["plain.rs", "crlf.rs", "unix.rs", "clean.rs", "ident.rs"];
        for name in names {
            repo.write(name, "fn before() {}\n");
        }
        repo.write("wide.rs", wide("fn before() {}\n"));
        repo.commit("before");
        repo.write("plain.rs", "fn plain() {}\n");
        repo.write("crlf.rs", "fn crlf() {}\r\nfn two() {}\r\n");
        repo.write("unix.rs", "fn unix() {}\r\nfn kept() {}\r\n");
        repo.write("clean.rs", "fn secret() {}\n");
        repo.write("wide.rs", wide("fn wide() {}\n"));
        repo.write("ident.rs", "// $Id: of long ago $\nfn ident() {}\n");
        repo.write("kept.rs", "fn kept() {}\r\nfn more() {}\r\n");
        let report = repo.analyze(&["-k", "docs"]);
        assert_eq!(report.words(), "7 analyzed");
        for row in report.rows() {
            let (path, blob) = (row["path"].as_str().unwrap(), &row["blob"]);
            assert_eq!(blob, &added(&repo, path), "{objects:?} {path}");
        }
        assert_eq!(repo.git(&["cat-file", "-p", ":clean.rs"]), "fn public() {}");
        assert_eq!(
            repo.analyze(&["-k", "docs", "--staged"]).words(),
            "7 cached"
        );
        repo.commit("after");
        assert_eq!(
            repo.analyze(&["-k", "docs", "--rev", "HEAD"]).words(),
            "7 cached"
        );
    }
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_file_of_git_lfs_is_its_pointer_and_one_that_a_filter_refuses_fails_alone() {
    let repo = Repo::of_two_files();
    let lfs = repo.finish(
        repo.command("git".as_ref())
            .args(["lfs", "install", "--local"]),
    );
    repo.git(&["config", "filter.broken.clean", "false"]);
    repo.git(&["config", "filter.broken.required", "true"]);
    repo.write(
        ".gitattributes",
        "large.rs filter=lfs\nb.rs filter=broken\n",
    );
    repo.write("b.rs", "pub fn refused() {}\n");
    let output = repo.run(&["analyze", "-k", "docs", "b.rs", "src", "--output", "json"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    let report = crate::support::Report::of(&output);
    assert_eq!(report.words(), "1 analyzed, 1 failed");
    if lfs.code != Some(0) {
        eprintln!("skipped: there is no Git LFS here");
        return;
    }
    repo.write("large.rs", "pub fn large() {}\n");
    repo.git(&["add", "large.rs"]);
    repo.write("large.rs", "pub fn larger() {}\n");
    let report = repo.analyze(&["-k", "docs", "large.rs"]);
    assert_eq!(report.lines(), ["large.rs: skipped: LFS pointer"]);
    assert_eq!(report.rows()[0]["blob"], added(&repo, "large.rs").as_str());
}
