//! Disks that are full, and folders that cannot be written: sharing says so and loses nothing, and
//! a push goes on. `analyze` on a full disk is in `damage`, a push from one in `pushing::faults`.

use std::path::Path;

use crate::support::read_only::ReadOnly;
use crate::support::small_disk::SmallDisk;
use crate::support::{Output, Repo, Team, rust_source};

/// A clone of the server, in the folder `place` of the team's first clone: some files more than it,
/// committed and not pushed.
fn clone_at(team: &Team, place: &str) {
    let repo = &team.clones[0];
    let server = team.server();
    repo.git(&[
        "clone",
        "-q",
        "--template=",
        server.to_str().unwrap(),
        place,
    ]);
    for seed in 0..10 {
        repo.write(&format!("{place}/src/m{seed}.rs"), rust_source(seed, 6));
    }
    repo.git(&["-C", place, "add", "."]);
    repo.git(&["-C", place, "commit", "-q", "-m", "files"]);
}

#[track_caller]
fn is_clear(output: &Output, codes: &[i32]) {
    assert!(codes.contains(&output.code.unwrap()), "{output:?}");
    assert!(!output.stderr.contains("panicked"), "{output:?}");
    assert!(
        output.code == Some(0) || !output.stderr.is_empty(),
        "{output:?}"
    );
}

/// `git push` in a folder, to a branch of its own.
fn push(repo: &Repo, place: &str, option: &str) -> Output {
    let mut git = repo.command(Path::new("git"));
    let program = Path::new(assert_cmd::cargo::cargo_bin!("git-rustassistant"));
    let path = format!("{}:{}", program.parent().unwrap().display(), env!("PATH"));
    let branch = format!("HEAD:refs/heads/of-{}", place.replace('/', "-"));
    git.env("PATH", path);
    git.args(["-C", place, "push", "-q", option, "origin", &branch]);
    repo.finish(&mut git)
}

#[test]
fn sharing_on_a_full_disk_says_so_and_the_next_time_heals_it() {
    for free in [0, 8, 24, 64] {
        let team = Team::new(1);
        let repo = &team.clones[0];
        let Some(disk) = SmallDisk::mount(repo, "1500k") else {
            eprintln!("skipped: cannot mount a small disk");
            return;
        };
        clone_at(&team, "small/clone");
        let run = |arguments: &[&str]| repo.run_in("small/clone", arguments);
        is_clear(&run(&["analyze", "-k", "all", "--output", "summary"]), &[0]);
        repo.write("small/clone/src/m0.rs", rust_source(99, 6));
        disk.fill(free);
        let compared = run(&["diff", "HEAD"]);
        assert_eq!(
            (compared.code, &*compared.stderr),
            (Some(3), ""),
            "{compared:?}"
        );
        is_clear(&run(&["sync"]), &[0, 2, 3]);
        is_clear(&run(&["fetch"]), &[0, 2, 3]);
        repo.git(&["-C", "small/clone", "fsck", "--full", "--strict"]);
        std::fs::remove_file(disk.path("filler")).unwrap();
        repo.git(&["-C", "small/clone", "checkout", "-q", "."]);
        is_clear(&run(&["sync"]), &[0]);
        let kept = run(&["analyze", "-k", "all", "--cached", "--output", "summary"]);
        is_clear(&kept, &[0]);
        repo.git(&["-C", "small/clone", "fsck", "--full", "--strict"]);
        team.on_server(&["fsck", "--full", "--strict"]);
    }
}

#[test]
fn a_repository_on_a_disk_that_cannot_be_written_is_read_and_pushed_from() {
    let team = Team::new(1);
    let repo = &team.clones[0];
    clone_at(&team, "one");
    clone_at(&team, "plain");
    let run = |arguments: &[&str]| repo.run_in("one", arguments);
    is_clear(&run(&["init"]), &[0]);
    is_clear(&run(&["analyze", "--output", "summary"]), &[0]);
    let mounted =
        ["one/.git", "plain/.git"].map(|place| ReadOnly::mount(repo, &repo.path().join(place)));
    if mounted.iter().any(Option::is_none) {
        eprintln!("skipped: cannot mount anything");
        return;
    }
    let kept = run(&["analyze", "--output", "summary"]);
    assert_eq!((kept.code, kept.stderr.as_str()), (Some(0), ""), "{kept:?}");
    let new = run(&["analyze", "-k", "todos", "--output", "summary"]);
    assert_eq!(
        (new.code, new.stderr.lines().count()),
        (Some(0), 1),
        "{new:?}"
    );
    for command in [
        &["status"][..],
        &["cache", "status"],
        &["cache", "list"],
        &["cache", "verify"],
    ] {
        is_clear(&run(command), &[0]);
    }
    for command in [
        &["sync"][..],
        &["fetch"],
        &["push"],
        &["cache", "clear"],
        &["init", "--undo"],
    ] {
        is_clear(&run(command), &[0, 2, 3]);
    }
    let (hooked, plain) = (
        push(repo, "one", "--verify"),
        push(repo, "plain", "--no-verify"),
    );
    assert_eq!(hooked.code, plain.code, "{hooked:?} {plain:?}");
    drop(mounted);
    is_clear(&run(&["sync"]), &[0]);
    repo.git(&["-C", "one", "fsck", "--full", "--strict"]);
}
