//! Many clones that publish to one remote at the same time.

use super::{origin, publish, put, seen, team, terms};
use crate::git::testing::TestRepo;

const SHARED: &str = "refs/rustassistant/shared/v1";

/// Each of `N` clones publishes `rounds` batches of ten entries; how many attempts each took.
fn crowd<const N: usize>(rounds: u32) -> Vec<u32> {
    let (server, clones) = team::<N>();
    let attempts = std::thread::scope(|scope| {
        let publishers: Vec<_> = (0u32..)
            .zip(&clones)
            .map(|(number, clone)| scope.spawn(move || publisher(clone, number, rounds)))
            .collect();
        let attempts = publishers.into_iter().flat_map(|one| one.join().unwrap());
        attempts.collect::<Vec<u32>>()
    });
    let batches = N * rounds as usize;
    assert_eq!(attempts.len(), batches);
    assert_eq!(seen(&server.open()).len(), batches * 10);
    let count = |more: &[&str]| server.git(&[&["--count", SHARED], more].concat(), "rev-list");
    assert_eq!(count(&[]), batches.to_string());
    assert_eq!(count(&["--merges"]), "0");
    server.fsck();
    for clone in &clones {
        clone.fsck();
    }
    attempts
}

fn publisher(clone: &TestRepo, number: u32, rounds: u32) -> Vec<u32> {
    let repo = clone.open();
    let batch = |round| {
        let first = (number * rounds + round) * 10;
        put(&repo, first..first + 10, 1);
        let told = publish(&repo, &origin(), &terms(), 0).unwrap();
        assert!(told.trouble.is_none(), "{:?}", told.trouble);
        told.attempts
    };
    (0..rounds).map(batch).collect()
}

#[test]
fn clones_that_publish_at_the_same_time_lose_nothing() {
    crowd::<4>(5);
}

#[test]
#[ignore = "takes minutes: 16 clones, 20 batches each"]
#[expect(clippy::print_stderr, reason = "the figures are what it is run for")]
fn a_crowd_that_publishes_at_the_same_time_loses_nothing() {
    let begun = std::time::Instant::now();
    let mut attempts = crowd::<16>(20);
    attempts.sort_unstable();
    eprintln!(
        "{} batches in {:?}; attempts: median {}, 95 of 100 {}, most {}",
        attempts.len(),
        begun.elapsed(),
        attempts[attempts.len() / 2],
        attempts[attempts.len() * 95 / 100],
        attempts[attempts.len() - 1],
    );
}
