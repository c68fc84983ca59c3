//! What an archive may have laid in a repository's own folder, before anything of it is read.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::{Output, Repo};

fn with_todo() -> Repo {
    let repo = Repo::new();
    repo.write("a.rs", "// TODO: mine\n");
    repo.commit("one");
    repo
}

/// Runs the program, but no longer than it may wait for anybody.
fn patiently(repo: &Repo, arguments: &[&str]) -> Output {
    let mut timeout = repo.command(Path::new("timeout"));
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    repo.finish(timeout.args(["-k", "1", "60"]).arg(program).args(arguments))
}

/// A pipe at a place in the repository, for as long as `look` looks at it.
fn with_pipe_at(repo: &Repo, place: &str, look: impl FnOnce()) {
    let place = repo.path().join(place);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    let before = fs::read(&place).ok();
    let _ = fs::remove_file(&place);
    let mut mkfifo = repo.command(Path::new("mkfifo"));
    let mut mkfifo = mkfifo.current_dir("/").arg(&place).spawn().unwrap();
    assert!(mkfifo.wait().unwrap().success());
    look();
    fs::remove_file(&place).unwrap();
    if let Some(before) = before {
        fs::write(place, before).unwrap();
    }
}

#[test]
fn a_pipe_in_the_place_of_a_file_of_gits_is_named_and_not_waited_for() {
    for place in [
        "HEAD",
        "config",
        "commondir",
        "index",
        "shallow",
        "packed-refs",
        "info/grafts",
        "objects/info/alternates",
        "objects/info/commit-graph",
        "objects/pack/multi-pack-index",
        "refs/heads/main",
        "refs/rustassistant/local/v1",
        "refs/rustassistant/imported/v1",
    ] {
        let repo = with_todo();
        if place.starts_with("refs") && !repo.has_refs_in_files() {
            continue;
        }
        with_pipe_at(&repo, &format!(".git/{place}"), || {
            for command in [&["status"][..], &["analyze", "--rev", "HEAD"]] {
                let output = patiently(&repo, command);
                assert_eq!(output.code, Some(2), "{place}: {output:?}");
                let name = place.rsplit('/').next().unwrap();
                assert!(output.stderr.contains(name), "{place}: {output:?}");
                assert!(output.stderr.contains("hint: "), "{place}: {output:?}");
            }
        });
    }
}

#[test]
fn a_pipe_that_a_configuration_includes_is_named() {
    let repo = with_todo();
    repo.git(&["config", "include.path", "more"]);
    with_pipe_at(&repo, ".git/more", || {
        let output = patiently(&repo, &["status"]);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("more"), "{output:?}");
    });
}

#[test]
fn a_repository_is_no_part_of_one_that_lies_elsewhere() {
    let victim = with_todo();
    let hostile = Repo::new();
    hostile.write("b.rs", "// TODO: theirs\n");
    let git = hostile.path().join(".git");
    fs::write(
        git.join("commondir"),
        victim.path().join(".git").to_str().unwrap(),
    )
    .unwrap();
    for command in [
        &["analyze"][..],
        &["status"],
        &["cache", "clear", "--yes"],
        &["init"],
    ] {
        let output = hostile.run(command);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("lies elsewhere"), "{output:?}");
    }
    fs::remove_file(git.join("commondir")).unwrap();
    // A linked work tree is one, inside of the other.
    let linked = victim.home().join("linked");
    victim.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    let mut program = victim.program();
    let output = victim.finish(
        program
            .current_dir(&linked)
            .args(["analyze", "-k", "todos"]),
    );
    assert_eq!(output.code, Some(0), "{output:?}");
}

#[test]
fn refs_that_are_links_do_not_lead_to_the_objects_of_another_repository() {
    let victim = with_todo();
    let hostile = Repo::new();
    if !victim.has_refs_in_files() {
        return;
    }
    let (from, to) = (victim.path().join(".git"), hostile.path().join(".git"));
    let objects = format!("{}\n", from.join("objects").display());
    fs::create_dir_all(to.join("objects/info")).unwrap();
    fs::write(to.join("objects/info/alternates"), objects).unwrap();
    symlink(from.join("refs/heads/main"), to.join("refs/heads/main")).unwrap();
    let output = hostile.run(&["analyze", "-k", "todos", "--rev", "HEAD"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(!output.whole().contains("mine"), "{output:?}");
    fs::remove_file(to.join("refs/heads/main")).unwrap();
    fs::remove_file(to.join("objects/info/alternates")).unwrap();
    // A clone that borrows objects is an ordinary one.
    let clone = victim.home().join("clone");
    let source = victim.path();
    victim.git(&[
        "clone",
        "-q",
        "-s",
        source.to_str().unwrap(),
        clone.to_str().unwrap(),
    ]);
    let mut program = victim.program();
    let output = victim.finish(program.current_dir(&clone).args(["analyze", "-k", "todos"]));
    assert_eq!(output.code, Some(0), "{output:?}");
}
