//! The store as a whole, on real repositories.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::folder::Folder;
use super::layout::ENTRIES;
use super::tip::{self, Change, History};
use super::{Batch, LOCAL_REF, Store, Written, evict, node, survey};
use crate::git::testing::TestRepo;
use crate::git::{Mode, PackedObject, Repo};
use crate::model::{Analysis, Entry, FORMAT as ENTRY_FORMAT, Kind, ObjectType, Oid, Recipe, Trust};

fn recipe() -> Recipe {
    Recipe {
        format: ENTRY_FORMAT,
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

fn entry(repo: &Repo, number: u32) -> Entry {
    Entry {
        format: ENTRY_FORMAT,
        blob: Oid::of_blob(repo.format(), &number.to_be_bytes()),
        fingerprint: recipe().fingerprint(repo.format()).unwrap(),
        kind: Kind::Todos,
        analyzer: "local/1".into(),
        created: None,
        duration_ms: None,
        usage: None,
        analysis: Analysis {
            summary: format!("number {number}"),
            ..Analysis::default()
        },
    }
}

fn put(repo: &Repo, batch: &mut Batch<'_>, numbers: std::ops::Range<u32>) {
    batch.put_recipe(&recipe()).unwrap();
    for number in numbers {
        batch
            .put(Written::new(entry(repo, number), repo.format()).unwrap())
            .unwrap();
    }
}

fn count(repo: &Repo) -> usize {
    let store = Store::open(repo, &[]);
    assert!(store.unreadable.is_empty());
    let mut blobs: Vec<Oid> = (0..5000).map(|n| entry(repo, n).blob).collect();
    blobs.sort();
    let fingerprint = recipe().fingerprint(repo.format()).unwrap();
    store
        .find_all(&Kind::Todos, fingerprint, &blobs)
        .unwrap()
        .len()
}

#[test]
fn what_was_put_is_found_under_its_key_and_reads_back() {
    let test = TestRepo::new();
    let repo = test.open();
    let mut batch = Batch::start(&repo).unwrap();
    put(&repo, &mut batch, 0..700);
    assert_eq!(batch.flush(0).unwrap().entries, 700);
    put(&repo, &mut batch, 700..1000);
    batch.flush(0).unwrap();
    drop(batch);
    assert_eq!(count(&repo), 1000);
    let store = Store::open(&repo, &[]);
    let key = entry(&repo, 42).key();
    let found = store.find(&key).unwrap().unwrap();
    assert_eq!(store.read(&found, &key).unwrap(), entry(&repo, 42));
    assert_eq!(store.recipes().unwrap().values().next(), Some(&recipe()));
    let subject = test.git(&["-1", "--format=%s", LOCAL_REF], "log");
    assert_eq!(subject, "300 analyses (todos, local/1)");
    let reflog = test.git(&["show", LOCAL_REF], "reflog");
    assert_eq!(reflog.lines().count(), 2);
    test.fsck();
}

#[test]
fn the_same_answers_again_make_no_commit() {
    let test = TestRepo::new();
    let repo = test.open();
    for _ in 0..2 {
        let mut batch = Batch::start(&repo).unwrap();
        put(&repo, &mut batch, 0..3);
        batch.flush(0).unwrap();
    }
    assert_eq!(test.git(&["--count", LOCAL_REF], "rev-list"), "1");
}

#[test]
fn what_a_dead_process_had_not_flushed_is_taken_in() {
    let test = TestRepo::new();
    let repo = test.open();
    let mut dying = Batch::start(&repo).unwrap();
    put(&repo, &mut dying, 0..5);
    assert!(!Batch::has_orphans(&repo), "it still lives");
    drop(dying);
    assert!(Batch::has_orphans(&repo));
    let mut batch = Batch::start(&repo).unwrap();
    assert_eq!(batch.pending(), 5);
    batch.flush(0).unwrap();
    assert_eq!(count(&repo), 5);
    assert!(!Batch::has_orphans(&repo));
    test.fsck();
}

#[test]
fn the_journal_of_a_newer_program_is_left_to_it() {
    let test = TestRepo::new();
    let repo = test.open();
    let folder = repo.own_dir().join("journal");
    std::fs::create_dir_all(&folder).unwrap();
    let text = r#"{"format": 99}"#;
    let oid = Oid::of_blob(repo.format(), text.as_bytes());
    let record = format!("entry {oid} {}\n{text}\n", text.len());
    std::fs::write(folder.join("1-0"), &record).unwrap();
    let mut batch = Batch::start(&repo).unwrap();
    put(&repo, &mut batch, 0..1);
    assert_eq!(batch.flush(0).unwrap().entries, 1);
    drop(batch);
    let left = std::fs::read_to_string(folder.join("1-0")).unwrap();
    assert_eq!(left, record);
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    let test = TestRepo::new();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let test = &test;
            scope.spawn(move || {
                let repo = test.open();
                for round in 0..5 {
                    let first = writer * 50 + round * 10;
                    let mut batch = Batch::start(&repo).unwrap();
                    put(&repo, &mut batch, first..first + 10);
                    batch.flush(0).unwrap();
                }
            });
        }
    });
    assert_eq!(count(&test.open()), 400);
    test.fsck();
}

#[test]
fn a_ref_that_holds_something_else_is_left_alone() {
    let test = TestRepo::new();
    test.write("a", "a");
    test.commit("not a store");
    test.git(&[LOCAL_REF, "HEAD"], "update-ref");
    let repo = test.open();
    let error = Batch::start(&repo).unwrap_err();
    assert!(format!("{error:#}").contains(LOCAL_REF), "{error:#}");
    assert_eq!(Store::open(&repo, &[]).unreadable.len(), 1);
    assert_eq!(
        test.git(&[LOCAL_REF], "rev-parse"),
        test.git(&["HEAD"], "rev-parse")
    );
}

#[test]
fn an_entry_of_a_newer_program_is_not_replaced() {
    let test = TestRepo::new();
    let repo = test.open();
    let mut batch = Batch::start(&repo).unwrap();
    put(&repo, &mut batch, 0..1);
    batch.flush(0).unwrap();
    let newer = PackedObject::new(repo.format(), ObjectType::Blob, b"{\"format\":2}").unwrap();
    let change = Change {
        subject: "by a newer program".to_owned(),
        history: History::Continued,
        objects: &[&newer],
        seconds: 0,
    };
    tip::advance(&repo, &change, |base, objects| {
        let mut root = Folder::open(&repo, base.map(|base| base.tree))?;
        let mut entries = Folder::open(&repo, root.folder(ENTRIES))?;
        let mut todos = Folder::open(&repo, entries.folder("todos"))?;
        let name = recipe().fingerprint(repo.format())?.to_string();
        let pair = [(entry(&repo, 0).blob, newer.oid)];
        let laid = node::lay(&repo, todos.folder(&name), &pair, objects)?;
        todos.set(&name, Mode::TREE, laid);
        entries.set("todos", Mode::TREE, todos.write(repo.format(), objects)?);
        root.set(ENTRIES, Mode::TREE, entries.write(repo.format(), objects)?);
        root.write(repo.format(), objects)
    })
    .unwrap();
    put(&repo, &mut batch, 0..2);
    batch.flush(0).unwrap();
    let store = Store::open(&repo, &[]);
    let value = |n| store.find(&entry(&repo, n).key()).unwrap().unwrap().value;
    assert_eq!(value(0), newer.oid);
    assert_ne!(value(1), newer.oid);
}

#[test]
fn what_is_cleared_is_gone_but_for_the_reflog() {
    let test = TestRepo::new();
    let repo = test.open();
    let mut batch = Batch::start(&repo).unwrap();
    put(&repo, &mut batch, 0..700);
    batch.flush(0).unwrap();
    let groups = survey(&repo, &Store::open(&repo, &[])).unwrap();
    assert_eq!(groups[0].count(&repo).unwrap(), 700);
    assert_eq!(groups[0].entries(&repo).unwrap().len(), 700);
    assert_eq!(groups[0].recipe, Some(recipe()));
    evict(
        &repo,
        &|key, _| Ok(key.kind == Kind::Docs),
        "clear",
        Trust::Any,
        0,
    )
    .unwrap();
    assert_eq!(count(&repo), 700);
    evict(&repo, &|_, _| Ok(true), "clear", Trust::Any, 0).unwrap();
    assert_eq!(count(&repo), 0);
    assert_eq!(
        test.git(&["-r", "--name-only", LOCAL_REF], "ls-tree"),
        "format"
    );
    assert_eq!(test.git(&["--count", LOCAL_REF], "rev-list"), "1");
    test.git(&[LOCAL_REF, &format!("{LOCAL_REF}@{{1}}")], "update-ref");
    assert_eq!(count(&repo), 700);
    test.fsck();
}

/// What a lookup of everything finds, and where the one index that there is lies.
fn looked_up(repo: &Repo, wanted: &[Oid]) -> (Vec<(usize, Oid)>, Vec<PathBuf>) {
    let fingerprint = recipe().fingerprint(repo.format()).unwrap();
    let found = Store::open(repo, &[]).find_all(&Kind::Todos, fingerprint, wanted);
    let found = found.unwrap().into_iter();
    let files = std::fs::read_dir(repo.own_dir()).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let indexes = files.filter(|path| path.to_string_lossy().contains("/index-"));
    (
        found.map(|(place, found)| (place, found.value)).collect(),
        indexes.collect(),
    )
}

#[test]
fn an_index_answers_as_the_trees_do_however_old_or_damaged_it_is() {
    let test = TestRepo::new();
    let repo = test.open();
    let mut wanted: Vec<Oid> = (0..6000).map(|n| entry(&repo, n).blob).collect();
    wanted.sort();
    let in_trees = |repo: &Repo| -> Vec<(usize, Oid)> {
        // So few at a time are looked up in trees.
        let chunks = wanted.chunks(50).zip((0..).step_by(50));
        let found = chunks.map(|(chunk, first)| {
            let found = looked_up(repo, chunk).0.into_iter();
            found
                .map(move |(place, value)| (first + place, value))
                .collect::<Vec<_>>()
        });
        found.flatten().collect()
    };
    let count = |repo: &Repo| {
        survey(repo, &Store::open(repo, &[])).unwrap()[0]
            .count(repo)
            .unwrap()
    };
    let in_trees_too = |repo: &Repo| -> Vec<usize> {
        let found = in_trees(repo).into_iter();
        found.map(|(place, _)| place).collect()
    };
    let held = |repo: &Repo| -> Vec<usize> {
        let fingerprint = recipe().fingerprint(repo.format()).unwrap();
        let held = Store::open(repo, &[]).holds(&Kind::Todos, fingerprint, &wanted);
        let held = held.unwrap().into_iter().enumerate();
        held.filter(|(_, held)| *held)
            .map(|(place, _)| place)
            .collect()
    };
    let mut batch = Batch::start(&repo).unwrap();
    put(&repo, &mut batch, 0..5000);
    batch.flush(0).unwrap();

    let (found, indexes) = looked_up(&repo, &wanted);
    assert_eq!((found.len(), indexes.len()), (5000, 1));
    assert_eq!(found, in_trees(&repo));
    let mut before = std::fs::read(&indexes[0]).unwrap();

    for until in [5010, 5600] {
        put(&repo, &mut batch, 5000..until);
        batch.flush(0).unwrap();
        assert_eq!(count(&repo), u64::from(until));
        let (found, _) = looked_up(&repo, &wanted);
        assert_eq!(found, in_trees(&repo), "{until}");
        assert_eq!(held(&repo), in_trees_too(&repo), "{until}");
        assert_eq!(found.len(), until as usize);
        // What is new is written down.
        let now = std::fs::read(&indexes[0]).unwrap();
        assert_ne!(now, before, "{until}");
        before = now;
        let hundreds = wanted.chunks(100).zip((0..).step_by(100));
        let by_index: Vec<(usize, Oid)> = hundreds
            .flat_map(|(chunk, first)| {
                let found = looked_up(&repo, chunk).0.into_iter();
                found.map(move |(place, value)| (first + place, value))
            })
            .collect();
        assert_eq!(by_index, found, "{until}");
    }
    let whole = std::fs::read(&indexes[0]).unwrap();
    for damaged in [&whole[..whole.len() / 2], b"", &[0; 100_000]] {
        std::fs::write(&indexes[0], damaged).unwrap();
        assert_eq!(held(&repo), in_trees_too(&repo));
        std::fs::write(&indexes[0], damaged).unwrap();
        assert_eq!(looked_up(&repo, &wanted).0, in_trees(&repo));
        assert_eq!(std::fs::read(&indexes[0]).unwrap(), whole);
    }
}

#[test]
fn who_only_reads_makes_no_folder_for_an_index() {
    let test = TestRepo::new();
    let repo = test.open();
    let mut batch = Batch::start(&repo).unwrap();
    put(&repo, &mut batch, 0..5000);
    batch.flush(0).unwrap();
    drop(batch);
    std::fs::remove_dir_all(repo.own_dir()).unwrap();
    let store = Store::open(&repo, &[]);
    assert_eq!(
        survey(&repo, &store).unwrap()[0].count(&repo).unwrap(),
        5000
    );
    assert!(!repo.own_dir().exists());
}
