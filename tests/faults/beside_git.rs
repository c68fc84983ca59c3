//! Writers beside everything by which git tidies up: nothing is lost, and git never fails because of
//! them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::support::{Repo, rust_source};

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

/// So many processes at a time analyse a file each, so many times; how often git tidied up
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

#[test]
#[ignore = "takes many minutes: twenty processes, a hundred writes each"]
fn twenty_processes_write_a_hundred_times_beside_git() {
    beside(20, 100);
}
