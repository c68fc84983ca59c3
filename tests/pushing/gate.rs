//! The gate: `rustassistant.hook.failOn` stops a push for what is new to the remote, and for
//! nothing else.

use super::{push, said, team};
use crate::support::Repo;

/// A function with one finding.
fn with_finding(name: &str) -> String {
    format!("pub fn {name}(text: &str) -> u8 {{\n    text.parse().unwrap()\n}}\n")
}

#[track_caller]
fn stops(repo: &Repo, arguments: &[&str]) {
    let stopped = push(repo, arguments);
    assert_eq!(stopped.code, Some(1), "{stopped:?}");
    assert!(stopped.stderr.contains("1 new finding"), "{stopped:?}");
}

#[test]
fn a_gate_stops_new_findings_and_says_how_to_pass() {
    let team = team(1);
    let repo = &team.clones[0];
    repo.write("src/old.rs", with_finding("f"));
    repo.commit("before there was a gate");
    said(&push(repo, &[]));
    repo.git(&["config", "rustassistant.hook.failOn", "note"]);
    repo.git(&["mv", "src/old.rs", "src/moved.rs"]);
    repo.commit("moved");
    said(&push(repo, &[]));
    repo.write("src/new.rs", with_finding("g"));
    repo.commit("new");
    let before = team.on_server(&["rev-parse", "main"]);
    let stopped = push(repo, &[]);
    assert_eq!(stopped.code, Some(1), "{stopped:?}");
    for words in ["src/new.rs:2:", "new finding", "--no-verify"] {
        assert!(stopped.stderr.contains(words), "{words}: {stopped:?}");
    }
    assert_eq!(team.on_server(&["rev-parse", "main"]), before);
    said(&push(repo, &["--no-verify"]));
    assert_ne!(team.on_server(&["rev-parse", "main"]), before);
}

#[test]
fn what_somebody_else_has_pushed_is_not_new_however_it_comes_here() {
    let team = team(2);
    let (mine, theirs) = (&team.clones[0], &team.clones[1]);
    mine.git(&["config", "rustassistant.hook.failOn", "note"]);
    mine.git(&["checkout", "-q", "-b", "topic"]);
    mine.write("src/mine.rs", "pub fn mine() {}\n");
    mine.commit("mine");
    said(&push(mine, &["-u", "origin", "topic"]));
    theirs.write("src/theirs.rs", with_finding("theirs"));
    theirs.commit("theirs");
    theirs.git(&["push", "-q", "origin", "main"]);
    mine.git(&["fetch", "-q"]);
    mine.git(&["merge", "-q", "--no-edit", "origin/main"]);
    said(&push(mine, &[]));
    mine.git(&["reset", "-q", "--hard", "HEAD^1"]);
    mine.git(&["rebase", "-q", "origin/main"]);
    said(&push(mine, &["-f"]));
    said(&push(mine, &["origin", "topic~1:refs/heads/release"]));
    mine.write("src/mine.rs", with_finding("mine"));
    mine.commit("a finding of my own");
    stops(mine, &[]);
}

#[test]
fn a_history_of_its_own_is_judged_and_a_place_that_nothing_is_known_of_is_not() {
    let team = team(1);
    let repo = &team.clones[0];
    repo.git(&["config", "rustassistant.hook.failOn", "note"]);
    repo.git(&["fetch", "-q"]);
    repo.write("src/old.rs", with_finding("old"));
    repo.commit("old");
    let elsewhere = repo.home().join("elsewhere.git");
    let elsewhere = elsewhere.to_str().unwrap();
    repo.git(&["init", "-q", "--bare", elsewhere]);
    let told = said(&push(repo, &[elsewhere, "main"]));
    assert!(
        told[0].contains("nothing known about the remote"),
        "{told:?}"
    );
    stops(repo, &[]);
    said(&push(repo, &["--no-verify"]));
    repo.git(&["checkout", "-q", "--orphan", "alone"]);
    repo.git(&["rm", "-q", "-rf", "."]);
    repo.write("src/new.rs", with_finding("new"));
    repo.commit("alone");
    stops(repo, &["origin", "alone"]);
}
