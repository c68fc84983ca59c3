//! Any clones that do anything in any order end up with the same, and with what a model of three
//! maps a clone says: nothing that was published or pending is lost, nothing dropped comes back.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::eviction::drop_numbers;
use super::{origin, publish, put, seen, team, terms};
use crate::git::Repo;
use crate::sync::fetch;

/// How many clones there are, and how many source blobs.
const CLONES: usize = 3;
const BLOBS: u32 = 6;

/// What one clone does.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Analyses a blob, or analyses it anew.
    Put(u32, i64),
    Fetch,
    Publish,
    Evict(u32),
}

/// When the entry of each blob was made.
type Entries = BTreeMap<u32, i64>;

/// What must come of it.
#[derive(Debug, Default)]
struct Model {
    server: Entries,
    mirrors: [Entries; CLONES],
    locals: [Entries; CLONES],
}

impl Model {
    fn act(&mut self, clone: usize, act: Act) {
        match act {
            Act::Put(blob, created) => lay(&mut self.locals[clone], blob, created),
            Act::Fetch => self.bring(clone),
            // With nothing pending nobody is asked.
            Act::Publish if self.pending(clone).is_empty() => self.release(clone),
            Act::Publish => {
                self.bring(clone);
                for (blob, created) in self.pending(clone) {
                    lay(&mut self.server, blob, created);
                }
                self.bring(clone);
            }
            Act::Evict(blob) => {
                self.server.remove(&blob);
                self.bring(clone);
                self.locals[clone].remove(&blob);
            }
        }
    }

    fn bring(&mut self, clone: usize) {
        self.mirrors[clone] = self.server.clone();
        self.release(clone);
    }

    fn release(&mut self, clone: usize) {
        self.locals[clone] = self.pending(clone);
    }

    fn pending(&self, clone: usize) -> Entries {
        let mirror = &self.mirrors[clone];
        let wins =
            |(blob, created): &(&u32, &i64)| mirror.get(blob).is_none_or(|old| old < created);
        let local = self.locals[clone].iter();
        local
            .filter(wins)
            .map(|(blob, created)| (*blob, *created))
            .collect()
    }

    fn seen(&self, clone: usize) -> BTreeSet<String> {
        let mut all = self.mirrors[clone].clone();
        for (blob, created) in &self.locals[clone] {
            lay(&mut all, *blob, *created);
        }
        all.iter()
            .map(|(blob, created)| format!("{blob} at {created}"))
            .collect()
    }
}

fn lay(entries: &mut Entries, blob: u32, created: i64) {
    let held = entries.entry(blob).or_insert(created);
    *held = (*held).max(created);
}

fn act(repo: &Repo, act: Act) {
    match act {
        Act::Put(blob, created) => put(repo, [blob], created),
        Act::Fetch => drop(fetch(repo, &origin(), &terms(), 0).unwrap()),
        Act::Publish => {
            let told = publish(repo, &origin(), &terms(), 0).unwrap();
            assert!(told.trouble.is_none(), "{:?}", told.trouble);
        }
        Act::Evict(blob) => {
            let dropped = drop_numbers(repo, &[blob]);
            assert!(dropped.trouble.is_none(), "{:?}", dropped.trouble);
        }
    }
}

fn acts() -> impl Strategy<Value = Vec<(usize, Act)>> {
    let one = prop_oneof![
        4 => (0..BLOBS, 1i64..4).prop_map(|(blob, created)| Act::Put(blob, created)),
        2 => Just(Act::Fetch),
        3 => Just(Act::Publish),
        1 => (0..BLOBS).prop_map(Act::Evict),
    ];
    prop::collection::vec((0..CLONES, one), 1..16)
}

fn converges(acts: &[(usize, Act)]) {
    let (server, clones) = team::<CLONES>();
    let clones = clones.each_ref().map(|clone| clone.open());
    let mut model = Model::default();
    let last = |act| (0..CLONES).map(move |clone| (clone, act));
    let last = last(Act::Publish).chain(last(Act::Fetch));
    for (clone, what) in acts.iter().copied().chain(last) {
        act(&clones[clone], what);
        model.act(clone, what);
        assert_eq!(
            seen(&clones[clone]),
            model.seen(clone),
            "{what:?} by {clone}"
        );
    }
    for clone in &clones {
        assert_eq!(seen(clone), model.seen(0));
    }
    server.fsck();
}

fn run(cases: u32) {
    let config = Config {
        cases,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&acts(), |acts| {
        converges(&acts);
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn clones_agree_whatever_they_do_in_whatever_order() {
    run(2);
}

#[test]
#[ignore = "takes minutes: as many orders as PROPTEST_CASES says, else 256"]
fn clones_agree_in_many_more_orders() {
    run(Config::default().cases);
}
