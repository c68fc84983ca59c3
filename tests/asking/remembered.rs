//! What is remembered of runs: how many bytes a token is, what they found and took, what was agreed
//! to. All of it local, and none of it missed where it cannot be kept.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::support::model::{analysis, answer};
use crate::support::server::Server;
use crate::support::{Repo, rust_source};

fn asking() -> (Repo, Server) {
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let mut repo = Repo::new();
    repo.ask(&server, "openai-chat");
    repo.write("a.rs", "fn a() {}\n");
    repo.commit("one");
    (repo, server)
}

/// The least of the tokens that a dry run foresees.
fn foreseen(repo: &Repo) -> u64 {
    let said = repo.run(&["analyze", "-n", "big.rs"]).stderr;
    let (_, rest) = said.split_once("request; ").unwrap();
    let least = rest.split(' ').next().unwrap().replace(',', "");
    least.parse().unwrap()
}

#[test]
fn tokens_that_came_back_make_the_next_guess_better_and_garbage_does_not_matter() {
    let (repo, _server) = asking();
    repo.write("big.rs", rust_source(1, 200));
    repo.commit("big");
    let guess = foreseen(&repo);
    // A thousand tokens are counted for a question of about 5,500 bytes.
    assert_eq!(repo.analyze(&["a.rs"]).words(), "1 analyzed");
    let measured = foreseen(&repo);
    assert!(measured < guess, "{measured} of {guess}");
    let folder = repo.path().join(".git/rustassistant");
    let remembered = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let is_ours = |path: &std::path::PathBuf| path.to_string_lossy().contains("/tokens-");
    let files: Vec<_> = remembered.filter(is_ours).collect();
    assert_eq!(files.len(), 1);
    fs::write(&files[0], [0xff; 100]).unwrap();
    assert_eq!(foreseen(&repo), guess);
}

#[test]
fn runs_are_counted_day_by_day_and_what_leaves_the_store_alone_is_not() {
    let (repo, _server) = asking();
    repo.price();
    let nothing = repo.run(&["cache", "stats"]);
    assert!(nothing.stdout.contains("no runs recorded"), "{nothing:?}");
    assert_eq!(repo.analyze(&[]).words(), "1 analyzed");
    assert_eq!(repo.analyze(&[]).words(), "1 cached");
    assert_eq!(repo.analyze(&[]).words(), "1 cached");
    assert_eq!(repo.analyze(&["--no-cache"]).words(), "1 analyzed");
    assert_eq!(repo.run(&["analyze", "-n"]).code, Some(0));
    let stats = repo.run(&["cache", "stats"]).silent();
    let row: Vec<&str> = stats
        .lines()
        .nth(1)
        .unwrap()
        .split_whitespace()
        .skip(1)
        .collect();
    assert_eq!(row, ["3", "3", "2", "66%", "1", "1,000", "50", "$0.0023"]);
    let log = repo.path().join(".git/rustassistant/usage.jsonl");
    assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), 3);
    let published = repo.git(&[
        "ls-tree",
        "-r",
        "--name-only",
        "refs/rustassistant/local/v1",
    ]);
    assert!(!published.contains("usage"), "{published}");
    // A file that cannot be written is no reason to fail.
    fs::remove_file(&log).unwrap();
    fs::create_dir(&log).unwrap();
    assert_eq!(repo.analyze(&[]).words(), "1 cached");
}

#[test]
fn what_was_agreed_to_is_listed_and_taken_back() {
    let (repo, _server) = asking();
    let none = repo.run(&["config", "consent"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""));
    assert!(none.stderr.contains("no agreements in"), "{none:?}");
    // What --yes allows is agreed to for this once.
    assert_eq!(repo.analyze(&[]).words(), "1 analyzed");
    assert_eq!(repo.run(&["config", "consent"]).stdout, "");
    // An agreement of another folder is none here.
    let folder = repo.path().join(".git/rustassistant");
    let line = format!("{0} 127.0.0.1:1 refactor {0} 2026-11-27\n", "0".repeat(64));
    fs::write(folder.join("consent"), line).unwrap();
    assert_eq!(repo.run(&["config", "consent"]).stdout, "");
    let forgotten = repo.run(&["config", "consent", "--forget"]);
    assert_eq!(forgotten.code, Some(0), "{forgotten:?}");
    assert!(!folder.join("consent").exists());
}

/// A run at a terminal at which somebody types.
fn typed(repo: &Repo, arguments: &str, text: &str) -> Option<String> {
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let line = format!("{} {arguments}", program.display());
    let mut script = repo.command("script".as_ref());
    script.args(["-qec", &line, "/dev/null"]);
    script.env("TERM", "dumb");
    script.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = script.spawn().ok()?;
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_person_is_asked_once_and_may_take_it_back() {
    let (mut repo, server) = asking();
    repo.set("RUSTASSISTANT_YES", "0");
    let Some(refused) = typed(&repo, "analyze", "n\n") else {
        eprintln!("skipped: no terminal can be made here");
        return;
    };
    assert!(refused.contains("Send it? [y/N]"), "{refused}");
    assert!(refused.contains("you declined"), "{refused}");
    assert!(server.received().is_empty());
    let agreed = typed(&repo, "analyze", "y\n").unwrap();
    assert!(agreed.contains("1 analyzed"), "{agreed}");
    let listed = repo.run(&["config", "consent"]).silent();
    assert!(listed.starts_with("127.0.0.1:"), "{listed}");
    assert!(listed.contains("  refactor  prompt "), "{listed}");
    // Nobody is asked again, terminal or not.
    assert_eq!(repo.analyze(&["--refresh"]).words(), "1 analyzed");
    let other = repo.run(&["config", "consent", "--forget=api.x.ai"]);
    assert!(other.stderr.contains("no agreements in"), "{other:?}");
    let forgotten = repo.run(&["config", "consent", "--forget"]).silent();
    assert!(forgotten.starts_with("revoked: 127.0.0.1:"), "{forgotten}");
    assert_eq!(repo.run(&["analyze", "--refresh"]).code, Some(2));
    assert_eq!(server.received().len(), 2);
}
