//! The data's way as a whole, on real repositories.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;

use super::*;
use crate::analyzers::{Analyzer, Local};
use crate::git::testing::TestRepo;
use crate::git::{OwnFolder, Pathspecs, Repo};
use crate::model::{
    Analysis, Entry, FORMAT, Kind, Language, Miss, Oid, Outcome, Revision, Role, Totals, Ttl,
};
use crate::store::{Batch, Store, Written};

pub const KINDS: [Kind; 2] = [Kind::Docs, Kind::Todos];

pub fn selection(place: Place) -> Selection {
    Selection {
        place,
        pathspecs: Pathspecs::default(),
        files: None,
        differs_from: None,
    }
}

const fn wanted(reading: Reading) -> Wanted {
    Wanted {
        reading,
        ttl: Ttl::Forever,
        now: Timestamp::UNIX_EPOCH,
        max_file_size: 1 << 20,
    }
}

fn analyze_with(repo: &Repo, selection: &Selection, policy: Policy, reading: Reading) -> Outcome {
    let scope = Scope::new(&[], &[], 1 << 20).unwrap();
    let questions = Questions::new(&Analyzer::default(), &KINDS, repo.format());
    let selected = select(repo, selection, &scope, None).unwrap();

    let store = Store::open(repo, &[]);
    let lookup = look_up(&store, &selected.targets, &questions, wanted(reading)).unwrap();
    let plan = plan(selected, &questions, lookup, policy);
    let run_of = Run {
        repo,
        questions: &questions,
        answerers: &[Answerer::Local(&Local::default())],
        limits: crate::scan::Limits::default(),
        interrupt: &AtomicBool::new(false),
        progress: &Silent,
        jobs: NonZeroUsize::new(2).unwrap(),
        wanted: wanted(reading),
        keep: true,
        reuse: policy != Policy::Refresh,
        store: &store,
    };
    run(&run_of, &plan).unwrap().outcome
}

pub fn analyze(test: &TestRepo, place: Place) -> Totals {
    analyze_with(
        &test.open(),
        &selection(place),
        Policy::Analyze,
        Reading::Entries,
    )
    .totals
}

pub fn counts(totals: &Totals) -> (u64, u64) {
    (totals.cached, totals.analyzed)
}

#[test]
fn a_file_is_analysed_once_and_again_only_when_its_content_changes() {
    let test = TestRepo::new();
    test.write("src/a.rs", "fn a() {}\n");
    test.write("src/b.rs", "fn b() {}\n");
    test.write("notes.txt", "not code\n");
    test.commit("two");
    assert_eq!(counts(&analyze(&test, Place::WorkTree)), (0, 4));
    assert_eq!(counts(&analyze(&test, Place::WorkTree)), (4, 0));
    assert_eq!(counts(&analyze(&test, Place::Rev("HEAD".into()))), (4, 0));
    assert_eq!(counts(&analyze(&test, Place::Index)), (4, 0));
    test.git(&["src/a.rs", "src/moved.rs"], "mv");
    assert_eq!(counts(&analyze(&test, Place::WorkTree)), (4, 0));
    test.write("src/b.rs", "fn b() { 1; }\n");
    assert_eq!(counts(&analyze(&test, Place::WorkTree)), (2, 2));
    test.write("src/b.rs", "fn b() {}\n");
    assert_eq!(counts(&analyze(&test, Place::WorkTree)), (4, 0));
    test.write("src/copy.rs", "fn a() {}\n");
    assert_eq!(counts(&analyze(&test, Place::WithUntracked)), (6, 0));
    test.fsck();
}

#[test]
fn what_git_add_would_store_is_what_is_analysed() {
    let test = TestRepo::new();
    test.write(".gitattributes", "*.rs text\n");
    test.write("a.rs", "fn a() {}\n");
    test.commit("one");
    test.write("a.rs", "fn a() {}\r\n// more\r\n");
    assert_eq!(counts(&analyze(&test, Place::WorkTree)), (0, 2));
    test.commit("two");
    assert_eq!(counts(&analyze(&test, Place::Rev("HEAD".into()))), (2, 0));
}

#[test]
fn the_user_tree_and_index_are_untouched() {
    let test = TestRepo::new();
    test.write("a.rs", "fn a() {}\n");
    test.commit("one");
    test.write("a.rs", "fn b() {}\n");
    let index = || std::fs::read(test.path.join(".git/index")).unwrap();
    let before = (index(), test.git(&["--porcelain"], "status"));
    analyze(&test, Place::WorkTree);
    assert_eq!(before, (index(), test.git(&["--porcelain"], "status")));
}

#[test]
fn refreshing_analyses_again_and_cached_only_leaves_gaps() {
    let test = TestRepo::new();
    test.write("a.rs", "fn a() {}\n");
    test.commit("one");
    let look = |policy| {
        let place = selection(Place::WorkTree);
        analyze_with(&test.open(), &place, policy, Reading::Counts).totals
    };
    let gaps = look(Policy::CachedOnly);
    assert_eq!((gaps.missing, gaps.rows), (2, 2));
    assert_eq!(counts(&look(Policy::Analyze)), (0, 2));
    assert_eq!(counts(&look(Policy::Refresh)), (0, 2));
    assert_eq!(counts(&look(Policy::CachedOnly)), (2, 0));
}

#[test]
fn attributes_and_odd_files_are_skipped_with_their_reason() {
    let test = TestRepo::new();
    test.write(
        ".gitattributes",
        "gen.rs linguist-generated\nv/** linguist-vendored\nno.rs -rustassistant\n",
    );
    for name in ["gen.rs", "v/x.rs", "no.rs"] {
        test.write(name, "fn a() {}\n");
    }
    test.write("bin.rs", b"\0\0");
    test.write("big.rs", vec![b'\n'; 2 << 20]);
    std::os::unix::fs::symlink("gen.rs", test.path.join("link.rs")).unwrap();
    test.commit("odd ones");
    for place in [Place::WorkTree, Place::Index, Place::Rev("HEAD".into())] {
        let selection = selection(place);
        let outcome = analyze_with(&test.open(), &selection, Policy::Analyze, Reading::Entries);
        let reasons: Vec<String> = outcome
            .rows
            .iter()
            .filter(|row| row.kind == Kind::Docs)
            .map(|row| format!("{}: {}", row.path, row.status.reason().unwrap()))
            .collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(reasons.join("\n"), @"
            big.rs: too large (2097152 bytes, the limit is 1048576)
            bin.rs: binary
            gen.rs: generated (the attribute linguist-generated)
            link.rs: symlink
            no.rs: excluded by the attribute -rustassistant
            v/x.rs: excluded by the attribute linguist-vendored
            ");
        }
        assert_eq!(outcome.totals.skipped, outcome.totals.rows);
    }
}

#[test]
fn pathspecs_mean_in_every_place_what_git_means() {
    let test = TestRepo::new();
    for name in ["src/a.rs", "src/deep/b.rs", "src-gen/c.rs", "d.rs"] {
        test.write(name, format!("fn f() {{}} // {name}\n"));
    }
    test.commit("four");
    let selected = |place, folder: &str, written: &[&str]| {
        let mut selection = selection(place);
        selection.pathspecs = Pathspecs {
            written: written.iter().map(Into::into).collect(),
            folder: folder.into(),
        };
        let scope = Scope::new(&[], &[], 1 << 20).unwrap();
        let repo = Repo::open_at(&test.path.join(folder)).unwrap();
        let targets = select(&repo, &selection, &scope, None).unwrap().targets;
        targets
            .iter()
            .map(|t| t.path.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    for (folder, written, expected) in [
        ("", &["src"][..], "src/a.rs src/deep/b.rs"),
        ("src", &[], "src/a.rs src/deep/b.rs"),
        ("src", &["deep", "a.rs"], "src/a.rs src/deep/b.rs"),
        ("src", &[":/"], "d.rs src-gen/c.rs src/a.rs src/deep/b.rs"),
        ("src/deep", &["../a.rs"], "src/a.rs"),
        ("", &["*.rs", ":!src"], "d.rs src-gen/c.rs"),
        ("", &[":(glob)*.rs"], "d.rs"),
        (
            "",
            &["src", "src/a.rs", "src-gen"],
            "src-gen/c.rs src/a.rs src/deep/b.rs",
        ),
    ] {
        for place in [Place::WorkTree, Place::Index, Place::Rev("HEAD".into())] {
            assert_eq!(
                selected(place.clone(), folder, written),
                expected,
                "{place:?} {written:?}"
            );
        }
    }
}

#[test]
fn two_runs_at_the_same_time_share_the_work() {
    let test = TestRepo::new();
    for number in 0..150 {
        test.write(&format!("f{number}.rs"), format!("fn f{number}() {{}}\n"));
    }
    test.commit("many");
    let analyzed: Vec<Totals> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| analyze(&test, Place::Rev("HEAD".into()))))
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let total: u64 = analyzed.iter().map(|totals| totals.analyzed).sum();
    assert_eq!(total, 300, "{analyzed:?}");
    assert!(
        analyzed
            .iter()
            .all(|totals| totals.cached + totals.analyzed == 300)
    );
    test.fsck();
}

#[test]
fn a_memo_answers_for_whole_trees_and_counts_the_same() {
    let test = TestRepo::new();
    for number in 0..30 {
        test.write(
            &format!("d{}/f{number}.rs", number % 5),
            format!("fn f{number}() {{}}\n"),
        );
    }
    test.commit("many");
    let place = selection(Place::Rev("HEAD".into()));
    let scope = Scope::new(&[], &[], 1 << 20).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let look = |memo: &Memo| {
        let repo = test.open();
        let questions = Questions::new(&Analyzer::default(), &KINDS, repo.format());
        let selected = select(&repo, &place, &scope, Some(memo)).unwrap();
        let entered = selected.targets.len();
        let store = Store::open(&repo, &[]);
        let lookup = look_up(
            &store,
            &selected.targets,
            &questions,
            wanted(Reading::Counts),
        )
        .unwrap();
        let plan = plan(selected, &questions, lookup, Policy::CachedOnly);
        let (outcome, trees) = answers::gather(&plan, &Default::default(), Reading::Counts, None);
        (entered, outcome.totals, trees)
    };
    analyze(&test, Place::WorkTree);
    let own = || OwnFolder::around(folder.path()).ok();
    let open = || Memo::open(own(), test.open().format(), "q", "s");
    let (entered, totals, trees) = look(&open());
    assert_eq!((entered, trees.len()), (30, 6));
    open().save(&trees, "q", "s").unwrap();
    let (entered, again, _) = look(&open());
    assert_eq!(entered, 0);
    assert_eq!(again, totals);
    test.write("d0/f0.rs", "fn changed() {}\n");
    test.commit("one");
    let (entered, changed, trees) = look(&open());
    assert_eq!((entered, changed.missing, changed.cached), (6, 2, 58));
    assert!(trees.is_empty(), "neither d0 nor the root is complete");
}

/// Entries of the file `a.rs` for every kind, with a time that is still far away.
fn store_stale_entries(repo: &Repo, questions: &Questions, blob: Oid) {
    let mut batch = Batch::start(repo).unwrap();
    for (number, kind) in KINDS.into_iter().enumerate() {
        let question = questions.get(Language::Rust, number).unwrap();
        let entry = Entry {
            format: FORMAT,
            blob,
            fingerprint: question.fingerprint,
            kind,
            analyzer: question.recipe.answerer(),
            created: Some("2999-01-01T00:00:00Z".parse().unwrap()),
            duration_ms: None,
            usage: None,
            analysis: Analysis::default(),
        };
        let written = Written::new(entry, repo.format()).unwrap();
        batch.put(written).unwrap();
    }
    batch.flush(0).unwrap();
}

#[test]
fn a_stale_entry_is_no_answer_though_the_store_has_moved_since() {
    let test = TestRepo::new();
    test.write("a.rs", "fn a() {}\n");
    test.commit("one");
    let repo = test.open();
    let questions = Questions::new(&Analyzer::default(), &KINDS, repo.format());
    let blob = Oid::of_blob(repo.format(), b"fn a() {}\n");
    // The plan is made of a store that is then moved by another process.
    let before = Store::open(&repo, &[]);
    store_stale_entries(&repo, &questions, blob);
    let target = Target {
        path: "a.rs".into(),
        blob,
        verdict: Verdict::Ask(Language::Rust),
        reach: Reach::Provider,
        role: Role::Library,
    };
    let selected = Selected {
        revision: Revision::WorkTree,
        targets: vec![target],
        spans: Vec::new(),
        known: Tally::default(),
    };
    let lookup = Lookup {
        states: vec![State::missing(Miss::Stale); KINDS.len()],
        unreadable: Vec::new(),
    };
    let plan = plan(selected, &questions, lookup, Policy::Analyze);
    let run_of = Run {
        repo: &repo,
        questions: &questions,
        answerers: &[Answerer::Local(&Local::default())],
        limits: crate::scan::Limits::default(),
        interrupt: &AtomicBool::new(false),
        progress: &Silent,
        jobs: NonZeroUsize::MIN,
        wanted: wanted(Reading::Entries),
        keep: true,
        reuse: true,
        store: &before,
    };
    let ran = run(&run_of, &plan).unwrap();
    assert_eq!(counts(&ran.outcome.totals), (0, 2));
    assert_eq!(ran.local_tree, None, "another process has been at work");
}
