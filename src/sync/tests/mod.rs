//! Clones that share, on real repositories.

mod convergence;
mod crowd;
mod eviction;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::{Published, Received, Remote, Role, fetch};
use crate::git::testing::TestRepo;
use crate::git::{Prompt, Repo, Terms};
use crate::model::{Analysis, Entry, FORMAT, Kind, Oid, Publish, Recipe, Trust};
use crate::store::{Batch, Filter, IMPORTED_REF, Offer, Store, Written, pending, survey};

fn terms() -> Terms<'static> {
    Terms {
        until: Instant::now() + Duration::from_secs(1200),
        silence: Duration::from_secs(1200),
        prompt: Prompt::Never,
        say: &|_| {},
    }
}

/// A bare repository, and as many clones of it as wanted.
fn team<const N: usize>() -> (TestRepo, [TestRepo; N]) {
    let server = TestRepo::new();
    server.config("core.bare", "true");
    let place = server.path.to_str().unwrap().to_owned();
    let clones = [(); N].map(|()| {
        let clone = TestRepo::new();
        clone.git(&["add", "origin", &place], "remote");
        clone
    });
    (server, clones)
}

fn recipe() -> Recipe {
    Recipe {
        format: FORMAT,
        kind: Kind::Todos,
        analyzer: "local".into(),
        revision: 1,
        language: "rust".into(),
        prompt: None,
        schema: 1,
        model: None,
        parameters: BTreeMap::new(),
    }
}

/// An entry made at `created`, in seconds.
fn entry(repo: &Repo, number: u32, created: i64) -> Entry {
    Entry {
        format: FORMAT,
        blob: Oid::of_blob(repo.format(), &number.to_be_bytes()),
        fingerprint: recipe().fingerprint(repo.format()).unwrap(),
        kind: Kind::Todos,
        analyzer: "local/1".into(),
        created: Some(jiff::Timestamp::from_second(created).unwrap()),
        duration_ms: None,
        usage: None,
        analysis: Analysis {
            summary: format!("{number} at {created}"),
            ..Analysis::default()
        },
    }
}

fn put(repo: &Repo, numbers: impl IntoIterator<Item = u32>, created: i64) {
    let mut batch = Batch::start(repo).unwrap();
    batch.put_recipe(&recipe()).unwrap();
    for number in numbers {
        let written = Written::new(entry(repo, number, created), repo.format());
        batch.put(written.unwrap()).unwrap();
    }
    batch.flush(0).unwrap();
}

/// What a clone sees: the summaries of all entries that count.
fn seen(repo: &Repo) -> BTreeSet<String> {
    let store = Store::open(repo, &["origin".to_owned()]);
    assert_eq!(store.unreadable, [""; 0]);
    let groups = survey(repo, &store).unwrap();
    let keys: BTreeSet<_> = groups
        .iter()
        .flat_map(|group| group.entries(repo).unwrap())
        .map(|(key, _)| key)
        .collect();
    keys.into_iter()
        .map(|key| {
            let found = store.find(&key).unwrap().unwrap();
            store.read(&found, &key).unwrap().analysis.summary
        })
        .collect()
}

/// The blobs here are in no commit, and all is published.
fn publish(
    repo: &Repo,
    remote: &Remote,
    terms: &Terms<'_>,
    seconds: i64,
) -> anyhow::Result<Published> {
    super::publish(repo, remote, &Filter::none(), terms, seconds)
}

fn origin() -> Remote {
    Remote::home("origin")
}

#[test]
fn what_one_publishes_the_other_has_after_a_fetch() {
    let (server, [a, b]) = team();
    let (a, b) = (a.open(), b.open());
    put(&a, 0..700, 1);
    assert_eq!(pending(&a, Some("origin"), Publish::All, 0).unwrap(), 700);
    let told = publish(&a, &origin(), &terms(), 0).unwrap();
    assert_eq!((told.published, told.pending, told.attempts), (700, 0, 1));
    assert!(told.trouble.is_none());
    let received = fetch(&b, &origin(), &terms(), 0).unwrap();
    assert_eq!(
        received,
        Received {
            entries: 700,
            authors: 1,
            is_gone: false,
            restored: 0,
        }
    );
    assert_eq!(seen(&a), seen(&b));
    put(&b, 700..701, 1);
    assert_eq!(publish(&b, &origin(), &terms(), 0).unwrap().published, 1);
    assert_eq!(fetch(&a, &origin(), &terms(), 0).unwrap().entries, 1);
    assert_eq!(seen(&a).len(), 701);
    let shared = "refs/rustassistant/shared/v1";
    assert_eq!(server.git(&["--count", shared], "rev-list"), "2");
    let subject = server.git(&["-1", "--format=%s", shared], "log");
    assert_eq!(subject, "1 analysis (todos, local/1)");
    server.fsck();
}

#[test]
fn nothing_pending_needs_no_network() {
    let test = TestRepo::new();
    test.git(&["add", "origin", "/nowhere/at/all"], "remote");
    let repo = test.open();
    let told = publish(&repo, &origin(), &terms(), 0).unwrap();
    assert!(told.trouble.is_none());
    assert_eq!(told.attempts, 0);
}

#[test]
fn whoever_was_slower_lays_anew_and_nothing_is_lost() {
    let (server, [a, b]) = team();
    let (a, b) = (a.open(), b.open());
    put(&a, 0..10, 1);
    put(&b, 5..15, 2);
    publish(&a, &origin(), &terms(), 0).unwrap();
    let told = publish(&b, &origin(), &terms(), 0).unwrap();
    assert_eq!((told.published, told.received.entries), (10, 10));
    assert_eq!(told.attempts, 2);
    fetch(&a, &origin(), &terms(), 0).unwrap();
    assert_eq!(seen(&a), seen(&b));
    assert!(seen(&a).contains("7 at 2"), "the later answer counts");
    let parents = server.git(&["--format=%p", "refs/rustassistant/shared/v1"], "log");
    assert_eq!(parents.lines().filter(|line| !line.is_empty()).count(), 1);
}

#[test]
fn an_older_answer_is_not_published_over_a_later_one() {
    let (_server, [a, b]) = team();
    let (a, b) = (a.open(), b.open());
    put(&a, 0..3, 9);
    publish(&a, &origin(), &terms(), 0).unwrap();
    put(&b, 0..3, 1);
    fetch(&b, &origin(), &terms(), 0).unwrap();
    assert_eq!(pending(&b, Some("origin"), Publish::All, 0).unwrap(), 0);
    assert_eq!(seen(&b), seen(&a));
}

#[test]
fn what_a_remote_drops_no_other_clone_brings_back() {
    let (server, [a, b]) = team();
    let (a, b) = (a.open(), b.open());
    put(&a, 0..3, 1);
    publish(&a, &origin(), &terms(), 0).unwrap();
    let before = server.git(&["refs/rustassistant/shared/v1"], "rev-parse");
    put(&a, 3..6, 1);
    publish(&a, &origin(), &terms(), 0).unwrap();
    fetch(&b, &origin(), &terms(), 0).unwrap();
    server.git(&["refs/rustassistant/shared/v1", &before], "update-ref");
    put(&b, 6..7, 1);
    assert_eq!(publish(&b, &origin(), &terms(), 0).unwrap().published, 1);
    fetch(&a, &origin(), &terms(), 0).unwrap();
    assert_eq!(seen(&a).len(), 4);
    assert_eq!(seen(&a), seen(&b));
}

#[test]
fn a_new_server_gets_all_that_the_old_one_had() {
    let (server, [a]) = team();
    let a = a.open();
    put(&a, 0..3, 1);
    publish(&a, &origin(), &terms(), 0).unwrap();
    server.git(&["-d", "refs/rustassistant/shared/v1"], "update-ref");
    put(&a, 3..4, 1);
    let told = publish(&a, &origin(), &terms(), 0).unwrap();
    assert!(told.trouble.is_none(), "{:?}", told.trouble);
    assert_eq!(seen(&server.open()).len(), 4);
}

/// Makes `server` a second remote of `clone`, which gets a copy of what is believed so far.
fn second(clone: &TestRepo, server: &TestRepo, trust: Trust) -> Remote {
    clone.config("remote.second.url", server.path.to_str().unwrap());
    Remote {
        role: Role::Other,
        offer: Offer::Known(trust),
        ..Remote::home("second")
    }
}

#[test]
fn a_second_remote_gets_what_is_known_over_what_it_has_and_home_stays_home() {
    let (_server, [a, b]) = team();
    let (other, [c]) = team();
    let second = second(&b, &other, Trust::Any);
    let (a, b, c) = (a.open(), b.open(), c.open());
    put(&a, 0..600, 1);
    publish(&a, &origin(), &terms(), 0).unwrap();
    put(&c, [0], 2);
    put(&c, 900..903, 1);
    publish(&c, &origin(), &terms(), 0).unwrap();
    fetch(&b, &origin(), &terms(), 0).unwrap();
    put(&b, [600], 1);
    put(&b, [1], 3);
    let told = publish(&b, &second, &terms(), 0).unwrap();
    // One of them is later there; one is in two stores here.
    assert_eq!((told.published, told.pending), (600, 0));
    assert_eq!(seen(&other.open()).len(), 604);
    assert!(seen(&other.open()).contains("0 at 2"));
    assert!(seen(&other.open()).contains("1 at 3"));
    let subject = other.git(
        &["-1", "--format=%s", "refs/rustassistant/shared/v1"],
        "log",
    );
    assert_eq!(subject, "600 analyses (todos, local/1)");
    assert_eq!(publish(&b, &second, &terms(), 0).unwrap().attempts, 0);
    assert_eq!(pending(&b, Some("origin"), Publish::All, 0).unwrap(), 2);
    // What was copied from there is none of this clone's, and is not brought home.
    assert_eq!(publish(&b, &origin(), &terms(), 0).unwrap().published, 2);
    fetch(&a, &origin(), &terms(), 0).unwrap();
    assert_eq!(seen(&a).len(), 601);
    other.fsck();
}

#[test]
fn what_is_not_believed_or_came_in_a_file_is_not_copied() {
    let (server, [a, test]) = team();
    let (other, []) = team();
    let doubting = second(&test, &other, Trust::Nobody);
    let believing = second(&test, &other, Trust::Any);
    let (a, b) = (a.open(), test.open());
    put(&a, 0..3, 1);
    publish(&a, &origin(), &terms(), 0).unwrap();
    fetch(&b, &origin(), &terms(), 0).unwrap();
    assert_eq!(publish(&b, &doubting, &terms(), 0).unwrap().attempts, 0);
    put(&b, 5..6, 1);
    assert_eq!(publish(&b, &doubting, &terms(), 0).unwrap().published, 1);

    let tip = server.git(&["refs/rustassistant/shared/v1"], "rev-parse");
    test.git(&[IMPORTED_REF, &tip], "update-ref");
    test.git(&["remove", "origin"], "remote");
    let b = test.open();
    assert_eq!(publish(&b, &believing, &terms(), 0).unwrap().attempts, 0);
    test.git(&["add", "origin", server.path.to_str().unwrap()], "remote");
    let b = test.open();
    assert_eq!(publish(&b, &believing, &terms(), 0).unwrap().published, 3);
}

#[test]
fn a_remote_that_refuses_leaves_everything_pending() {
    let (server, [a]) = team();
    let hook = server.write(
        ".git/hooks/pre-receive",
        "#!/bin/sh\necho 'ask Ana' >&2\nexit 1\n",
    );
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&hook, executable).unwrap();
    let a = a.open();
    put(&a, 0..3, 1);
    let told = publish(&a, &origin(), &terms(), 0).unwrap();
    assert_eq!((told.published, told.pending), (0, 3));
    let trouble = format!("{:#}", told.trouble.unwrap());
    assert!(trouble.contains("ask Ana"), "{trouble}");
    std::fs::remove_file(hook).unwrap();
    let told = publish(&a, &origin(), &terms(), 0).unwrap();
    assert_eq!((told.published, told.pending), (3, 0));
}
