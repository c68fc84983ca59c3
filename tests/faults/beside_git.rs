//! Writers beside everything by which git tidies up: nothing is lost, and git never fails because of
//! them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::world::MIRROR;
use crate::support::{Repo, SHARED, Team, rust_source};

/// What tidies up, in turn: two of them at once get in each other's way without any help of ours.
const TIDYING: [&[&str]; 8] = [
    &["gc", "-q", "--prune=now"],
    &["pack-refs", "--all"],
    &["repack", "-adq"],
    &["reflog", "expire", "--all", "--expire=now"],
    &["multi-pack-index", "write", "--no-progress"],
    &["commit-graph", "write", "--reachable", "--no-progress"],
    &["repack", "-dq", "--geometric=2"],
    &["maintenance", "run", "--quiet"],
];

/// So many processes at a time analyze a file each, so many times; how often git tidied up
/// meanwhile.
fn beside(processes: usize, writes: usize) -> usize {
    let repo = Repo::new();
    for seed in 0..processes * writes {
        repo.write(&format!("src/m{seed}.rs"), rust_source(seed, 1));
    }
    repo.commit("files");
    let over = AtomicBool::new(false);
    let tidied = thread::scope(|scope| {
        let tidying = scope.spawn(|| {
            let mut tidied = 0;
            while !over.load(Ordering::Relaxed) {
                repo.tidy(TIDYING[tidied % TIDYING.len()]);
                tidied += 1;
            }
            tidied
        });
        let write = |process: usize| {
            let repo = &repo;
            move || {
                for number in 0..writes {
                    let file = format!("src/m{}.rs", process * writes + number);
                    let output = repo.run(&["analyze", "--output", "summary", &file]);
                    let told = (output.code, output.stderr.as_str());
                    assert_eq!(told, (Some(0), ""), "{output:?}");
                }
            }
        };
        let writers: Vec<_> = (0..processes)
            .map(|process| scope.spawn(write(process)))
            .collect();
        let ended: Vec<_> = writers
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        over.store(true, Ordering::Relaxed);
        let tidied = tidying.join();
        assert!(ended.iter().all(Result::is_ok), "a writer failed");
        tidied.unwrap()
    });
    let listed = repo.run(&["cache", "list"]).silent();
    assert_eq!(listed.lines().count(), processes * writes);
    assert_eq!(repo.leftovers(), Vec::<String>::new());
    for tidying in TIDYING {
        repo.git(tidying);
    }
    let report = repo.analyze(&["--cached"]);
    assert_eq!(report.count("cached"), (processes * writes) as u64);
    assert_eq!(
        repo.git(&["fsck", "--full", "--strict", "--no-dangling"]),
        ""
    );
    eprintln!("{processes} processes, {writes} writes each: git tidied up {tidied} times");
    tidied
}

#[test]
fn writers_beside_all_that_git_tidies_up_with_lose_nothing() {
    assert!(beside(4, 4) > 0);
}

/// What a publisher has stored is named by no ref until its remote has taken it, and others of the
/// same clone store meanwhile.
#[test]
fn publishers_beside_git_that_prunes_lose_nothing_and_break_no_mirror() {
    let team = Team::new(1);
    let clone = &team.clones[0];
    let (processes, rounds) = (2, 8);
    for seed in 0..processes * rounds {
        clone.write(&format!("src/m{seed}.rs"), rust_source(seed, 1));
    }
    clone.commit("files");
    clone.git(&["push", "-q", "origin", "main"]);
    assert_eq!(clone.run(&["init"]).code, Some(0));
    let over = AtomicBool::new(false);
    let publish = |process: usize| {
        for round in 0..rounds {
            let file = format!("src/m{}.rs", process * rounds + round);
            for arguments in [&["analyze", "--output", "summary", &file][..], &["sync"]] {
                let output = clone.run(arguments);
                assert_eq!(output.code, Some(0), "{output:?}");
            }
            clone.git(&["rev-parse", "-q", "--verify", &format!("{MIRROR}^{{tree}}")]);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let mut git = clone.command("git".as_ref());
                drop(clone.finish(git.args(["gc", "-q", "--prune=now"])));
            }
        });
        let publishers = [0, 1].map(|process| scope.spawn(move || publish(process)));
        let ended = publishers.map(thread::ScopedJoinHandle::join);
        over.store(true, Ordering::Relaxed);
        assert!(ended.iter().all(Result::is_ok), "a publisher failed");
    });
    clone.git(&["gc", "-q"]);
    let server = format!("--git-dir={}", team.server().display());
    let published = clone.git(&[&server, "ls-tree", "-r", "--name-only", SHARED, "entries/"]);
    assert_eq!(published.lines().count(), processes * rounds);
}

#[test]
#[ignore = "takes many minutes: twenty processes, a hundred writes each"]
fn twenty_processes_write_a_hundred_times_beside_git() {
    beside(20, 100);
}
