//! What is dropped stays dropped; what history is cut off was not needed.

use super::{origin, pending, publish, put, seen, team, terms};
use crate::git::Repo;
use crate::model::{EntryKey, Oid, Publish};
use crate::sync::{Compacted, Dropped, compact, evict, fetch};

const SHARED: &str = "refs/rustassistant/shared/v1";

/// Drops the entries of these numbers.
pub fn drop_numbers(repo: &Repo, numbers: &[u32]) -> Dropped {
    let of = |number: &u32| Oid::of_blob(repo.format(), &number.to_be_bytes());
    let blobs: Vec<Oid> = numbers.iter().map(of).collect();
    let chosen = |key: &EntryKey, _: Oid| Ok(blobs.contains(&key.blob));
    evict(repo, &origin(), &terms(), &chosen, "test", 0).unwrap()
}

#[test]
fn what_is_dropped_for_the_team_no_other_clone_brings_back() {
    let (server, [a, b, c]) = team();
    let (a, b, c) = (a.open(), b.open(), c.open());
    put(&a, 0..700, 1);
    publish(&a, &origin(), &terms(), 0).unwrap();
    fetch(&b, &origin(), &terms(), 0).unwrap();
    fetch(&c, &origin(), &terms(), 0).unwrap();
    put(&b, 700..703, 1);
    let dropped = drop_numbers(&b, &[1, 2, 701]);
    assert_eq!((dropped.published, dropped.local), (2, 1));
    assert!(dropped.trouble.is_none());
    assert_eq!(pending(&b, Some("origin"), Publish::All, 0).unwrap(), 2);

    put(&c, 800..801, 1);
    for clone in [&c, &b, &a] {
        publish(clone, &origin(), &terms(), 0).unwrap();
        fetch(clone, &origin(), &terms(), 0).unwrap();
    }
    fetch(&c, &origin(), &terms(), 0).unwrap();
    fetch(&a, &origin(), &terms(), 0).unwrap();
    assert_eq!(seen(&a).len(), 698 + 2 + 1);
    assert_eq!(seen(&a), seen(&b));
    assert_eq!(seen(&a), seen(&c));
    assert!(!seen(&a).contains("1 at 1"));
    assert_eq!(
        server.git(&["--count", "--merges", SHARED], "rev-list"),
        "0"
    );
}

#[test]
fn the_tree_after_dropping_is_that_of_never_having_had_it() {
    let (server, [a]) = team();
    let (other, [b]) = team();
    let (a, b) = (a.open(), b.open());
    put(&a, 0..600, 1);
    publish(&a, &origin(), &terms(), 0).unwrap();
    drop_numbers(&a, &(300..600).collect::<Vec<_>>());
    put(&b, 0..300, 1);
    publish(&b, &origin(), &terms(), 0).unwrap();
    let tree = format!("{SHARED}^{{tree}}");
    assert_eq!(
        server.git(&[&tree], "rev-parse"),
        other.git(&[&tree], "rev-parse")
    );
    assert_eq!(
        drop_numbers(&a, &(0..300).collect::<Vec<_>>()).published,
        300
    );
    let left = server.git(&["-r", "--name-only", SHARED], "ls-tree");
    assert_eq!(left, "format");
    assert_eq!(drop_numbers(&a, &[0]).published, 0);
}

#[test]
fn history_is_dropped_in_two_steps_and_no_entry_with_it() {
    let (server, [a, b]) = team();
    let (a, b) = (a.open(), b.open());
    let commits = || server.git(&["--count", SHARED], "rev-list");
    let step = |patience, seconds| compact(&a, &origin(), &terms(), patience, seconds).unwrap();
    assert!(matches!(step(0, 0), Compacted::Short));
    for round in 0..3 {
        put(&a, round..round + 1, 1);
        publish(&a, &origin(), &terms(), 0).unwrap();
    }
    assert!(matches!(step(100, 0), Compacted::Bridged));
    assert_eq!(commits(), "5");
    assert!(matches!(step(i64::MAX, 0), Compacted::Waits(_)));
    put(&b, 5..6, 1);
    publish(&b, &origin(), &terms(), 0).unwrap();
    assert!(matches!(step(i64::MIN, 0), Compacted::Done(2)));
    assert_eq!(commits(), "2");
    assert!(matches!(step(i64::MIN, 0), Compacted::Bridged));
    assert!(matches!(step(i64::MIN, 0), Compacted::Done(1)));
    assert_eq!(commits(), "1");
    assert!(matches!(step(0, 0), Compacted::Short));

    put(&b, 6..7, 1);
    let told = publish(&b, &origin(), &terms(), 0).unwrap();
    assert!(told.trouble.is_none(), "{:?}", told.trouble);
    fetch(&a, &origin(), &terms(), 0).unwrap();
    assert_eq!(seen(&a).len(), 5);
    assert_eq!(seen(&a), seen(&b));
    assert_eq!(commits(), "2");
    server.fsck();
}
