//! Clones that publish at the same time while one of them is killed again and again, and one may
//! not publish at all.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::{Repo, SHARED, Team, rust_source};

/// What becomes of a clone while it publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Lives,
    IsKilled,
    MayNotPublish,
}

/// Analyzes one new file a round, and publishes it.
fn take_part(repo: &Repo, fate: Fate, (number, clones): (usize, usize), rounds: usize) {
    // The more take part, the longer a push lasts.
    let patience = 100 * clones as u64;
    if fate == Fate::MayNotPublish {
        let refusal = "echo 'ask Ana for the right to push' >&2; false";
        repo.git(&["config", "remote.origin.receivepack", refusal]);
    }
    for round in 0..rounds {
        let file = format!("src/c{number}_{round}.rs");
        repo.write(&file, rust_source(number * 1000 + round, 1));
        repo.push_files("origin", &[&file]);
        assert_eq!(repo.analyze(&["--untracked", &file]).words(), "1 analyzed");
        match fate {
            // What takes long says how far it has got.
            Fate::Lives => assert_eq!(repo.run(&["push"]).code, Some(0)),
            Fate::IsKilled => push_and_be_killed(repo.program(), patience),
            Fate::MayNotPublish => {
                let output = repo.run(&["push"]);
                assert_eq!(output.code, Some(3), "{output:?}");
                assert!(output.stderr.contains("ask Ana"), "{output:?}");
            }
        }
    }
}

/// Killed at any of the moments that a push has, within so many milliseconds.
fn push_and_be_killed(mut program: Command, patience: u64) {
    let mut push = program.arg("push");
    push = push.stdout(Stdio::null()).stderr(Stdio::null());
    let mut push = push.spawn().unwrap();
    thread::sleep(Duration::from_millis(fastrand::u64(0..patience)));
    push.kill().unwrap();
    push.wait().unwrap();
}

fn crowd(clones: usize, rounds: usize) {
    let team = Team::new(clones);
    let fate = |number| match clones - number {
        1 => Fate::MayNotPublish,
        _ if number % 4 == 1 => Fate::IsKilled,
        _ => Fate::Lives,
    };
    thread::scope(|scope| {
        for (number, clone) in team.clones.iter().enumerate() {
            scope.spawn(move || take_part(clone, fate(number), (number, clones), rounds));
        }
    });
    let (out, publishers) = team.clones.split_last().unwrap();
    for clone in publishers {
        assert_eq!(clone.run(&["sync"]).code, Some(0));
    }
    let files = team.on_server(&["ls-tree", "-r", "--name-only", SHARED, "entries/"]);
    assert_eq!(files.lines().count(), publishers.len() * rounds);
    assert_eq!(team.on_server(&["rev-list", "--merges", SHARED]), "");
    team.on_server(&["fsck", "--strict"]);
    // Whoever may not publish has everything all the same.
    out.run(&["fetch"]).silent();
    let status = out.run(&["status"]).silent();
    assert!(
        status.contains(&format!("{rounds} to publish to origin")),
        "{status}"
    );
    let listed = out.run(&["cache", "list"]).silent();
    assert_eq!(listed.lines().count(), clones * rounds);
}

#[test]
fn nobody_loses_anything_whoever_is_killed_and_whoever_may_not_publish() {
    crowd(4, 2);
}

#[test]
#[ignore = "takes minutes: 16 clones, 20 rounds each"]
fn a_crowd_loses_nothing_whoever_is_killed_and_whoever_may_not_publish() {
    crowd(16, 20);
}
