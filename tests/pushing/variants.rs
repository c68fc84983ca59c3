//! Every way to push, over every way to reach a remote.

use std::path::Path;

use super::twins::Twins;
use crate::support::Repo;
use crate::support::host::Host;

/// A push, and what it must have analyzed, as `REV:PATH`.
struct Variant {
    name: &'static str,
    before: fn(&Repo),
    folder: &'static str,
    push: &'static [&'static str],
    analyzed: &'static [&'static str],
}

fn change(repo: &Repo, file: &str, text: &str) {
    repo.write(file, text);
    repo.commit(file);
}

const VARIANTS: &[Variant] = &[
    Variant {
        name: "everything up to date",
        before: |_| {},
        folder: "",
        push: &[],
        analyzed: &[],
    },
    Variant {
        name: "an update",
        before: |repo| change(repo, "src/a.rs", "pub fn a() -> u8 { 1 }\n"),
        folder: "",
        push: &[],
        analyzed: &["main:src/a.rs"],
    },
    Variant {
        name: "up to date again",
        before: |_| {},
        folder: "",
        push: &["origin", "main"],
        analyzed: &[],
    },
    Variant {
        name: "a new branch of two commits, of which the last one's text counts",
        before: |repo| {
            repo.git(&["checkout", "-q", "-b", "topic"]);
            change(repo, "src/c.rs", "pub fn c() {}\n");
            change(repo, "src/c.rs", "pub fn c() -> u8 { 2 }\n");
        },
        folder: "",
        push: &["origin", "topic"],
        analyzed: &["topic:src/c.rs"],
    },
    Variant {
        name: "a force push",
        before: |repo| {
            repo.git(&["commit", "-q", "--amend", "-m", "again"]);
            change(repo, "src/d.rs", "pub fn d() {}\n");
        },
        folder: "",
        push: &["--force", "origin", "topic"],
        analyzed: &["topic:src/d.rs"],
    },
    Variant {
        name: "one that the remote has moved beyond, which git refuses",
        before: |repo| change(repo, "src/d.rs", "pub fn nobody() {}\n"),
        folder: "",
        push: &["origin", "main~1:topic"],
        analyzed: &[],
    },
    Variant {
        name: "a tag of what is there",
        before: |repo| drop(repo.git(&["tag", "-a", "-m", "v1", "v1", "origin/topic"])),
        folder: "",
        push: &["origin", "v1"],
        analyzed: &[],
    },
    Variant {
        name: "a tag of what is not there",
        before: |repo| {
            change(repo, "src/e.rs", "pub fn e() {}\n");
            repo.git(&["tag", "v2"]);
        },
        folder: "",
        push: &["origin", "v2"],
        analyzed: &["v2:src/d.rs", "v2:src/e.rs"],
    },
    Variant {
        name: "deletions",
        before: |_| {},
        folder: "",
        push: &["origin", "--delete", "v1", "topic"],
        analyzed: &[],
    },
    Variant {
        name: "two branches at once",
        before: |repo| {
            for branch in ["one", "two"] {
                repo.git(&["checkout", "-q", "-b", branch, "main"]);
                change(repo, "src/f.rs", &format!("pub fn {branch}() {{}}\n"));
            }
        },
        folder: "",
        push: &["origin", "one", "two"],
        analyzed: &["one:src/f.rs", "two:src/f.rs"],
    },
    Variant {
        name: "an update and a deletion and a new branch, all or none",
        before: |repo| change(repo, "src/k.rs", "pub fn k() {}\n"),
        folder: "",
        push: &["--atomic", "origin", "two", ":one", "main:three"],
        analyzed: &["two:src/k.rs"],
    },
    Variant {
        name: "to an address",
        before: |repo| change(repo, "src/g.rs", "pub fn g() {}\n"),
        folder: "",
        push: &["$URL", "two"],
        analyzed: &["two:src/g.rs"],
    },
    Variant {
        name: "from a folder below",
        before: |repo| change(repo, "docs/h.rs", "pub fn h() {}\n"),
        folder: "docs",
        push: &["origin", "two"],
        analyzed: &["two:docs/h.rs"],
    },
    Variant {
        name: "a rehearsal, which git does not tell a hook of",
        before: |repo| change(repo, "src/i.rs", "pub fn i() {}\n"),
        folder: "",
        push: &["--dry-run", "origin", "two"],
        analyzed: &["two:src/i.rs"],
    },
    Variant {
        name: "from a linked work tree",
        before: |repo| {
            repo.git(&["worktree", "add", "-q", "../linked", "-b", "linked", "main"]);
            let linked = repo.path().parent().unwrap().join("linked");
            std::fs::write(linked.join("src/j.rs"), "pub fn j() {}\n").unwrap();
            let here = linked.to_str().unwrap();
            repo.git(&["-C", here, "add", "--all"]);
            repo.git(&["-C", here, "commit", "-q", "-m", "linked"]);
        },
        folder: "../linked",
        push: &["origin", "linked"],
        analyzed: &["linked:src/j.rs"],
    },
];

fn pushes_all(serve: impl Fn(&Path) -> Option<Host>) {
    let Some(mut twins) = Twins::new(serve) else {
        return;
    };
    twins.install().silent();
    for variant in VARIANTS {
        eprintln!("{}", variant.name);
        twins.both(variant.before);
        let said = twins.push_hooked(variant.folder, variant.push, variant.analyzed);
        let expected = match variant.analyzed.len() {
            0 => Vec::new(),
            some => vec![format!("rustassistant: analyzed {some}, published {some}")],
        };
        assert_eq!(said, expected, "{}", variant.name);
    }
    twins.uninstall();
}

#[test]
fn every_push_to_a_folder_is_as_it_was_and_brings_the_analyses() {
    pushes_all(|folder| Some(Host::folder(folder)));
}

#[test]
fn every_push_to_a_web_server_is_as_it_was_and_brings_the_analyses() {
    pushes_all(|folder| Some(Host::web(folder)));
}

#[test]
fn every_push_over_ssh_is_as_it_was_and_brings_the_analyses() {
    pushes_all(Host::secure_shell);
}
