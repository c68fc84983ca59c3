//! Fills a store with an entry for every file and kind, as large as real ones are, without
//! analyzing; and measures that filling against `git fast-import`.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

use rustassistant::analyzers::Analyzer;
use rustassistant::git::Repo;
use rustassistant::model::{
    Analysis, Entry, FORMAT, Fingerprint, Kind, Language, ObjectFormat, Oid,
};
use rustassistant::scan::Questions;
use rustassistant::store::{Batch, Written, encode};

use super::pairs::{Bench, row};
use super::repository::{Subject, git};

/// With so many letters an entry has about two kilobytes of JSON, hardly repetitive.
const LETTERS: usize = 1700;

/// Stores an entry of every kind for every file of HEAD that has a language.
pub fn fill(subject: &Subject) {
    let repo = Repo::open_at(&subject.path).unwrap();
    let questions = Questions::new(&Analyzer::default(), &Kind::BUILT_IN, repo.format());
    let mut batch = Batch::start(&repo).unwrap();
    for line in git(&subject.path, &["ls-tree", "-r", "HEAD"], b"").lines() {
        let (head, path) = line.split_once('\t').unwrap();
        let blob: Oid = head.rsplit(' ').next().unwrap().parse().unwrap();
        let Some(language) = Language::of(&path.into()) else {
            continue;
        };
        for number in 0..Kind::BUILT_IN.len() {
            let Some(question) = questions.get(language, number) else {
                continue;
            };
            batch.put_recipe(&question.recipe).unwrap();
            let entry = Entry {
                fingerprint: question.fingerprint,
                ..entry(blob, Kind::BUILT_IN[number].clone(), 0, LETTERS)
            };
            batch
                .put(Written::new(entry, repo.format()).unwrap())
                .unwrap();
        }
        if batch.bytes() > 64 << 20 {
            batch.flush(0).unwrap();
        }
    }
    batch.flush(0).unwrap();
}

/// Stores more entries, of blobs that are nowhere, for the question that most files have: small
/// ones, for those who measure do not read them.
pub fn fill_up(subject: &Subject, entries: u32) {
    let repo = Repo::open_at(&subject.path).unwrap();
    let questions = Questions::new(&Analyzer::default(), &[Kind::Refactor], repo.format());
    let mut files: BTreeMap<Language, usize> = BTreeMap::new();
    for path in git(&subject.path, &["ls-files"], b"").lines() {
        if let Some(language) = Language::of(&path.into()) {
            *files.entry(language).or_default() += 1;
        }
    }
    let language = files.into_iter().max_by_key(|(_, files)| *files).unwrap().0;
    let question = questions.get(language, 0).unwrap();
    let mut batch = Batch::start(&repo).unwrap();
    for number in 0..entries {
        let blob = Oid::of_blob(repo.format(), &number.to_be_bytes());
        let mut entry = entry(blob, Kind::Refactor, 0, 0);
        entry.fingerprint = question.fingerprint;
        batch
            .put(Written::new(entry, repo.format()).unwrap())
            .unwrap();
        if batch.bytes() > 64 << 20 {
            batch.flush(0).unwrap();
        }
    }
    batch.flush(0).unwrap();
}

/// P7: 100,000 entries, durable, against `git fast-import --depth=0` of the same bytes.
pub fn measure(bench: &Bench) {
    const ENTRIES: u32 = 100_000;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..bench.pairs.div_ceil(4) {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "-q"], b"");
        let repo = Repo::open_at(folder.path()).unwrap();
        let started = Instant::now();
        let mut batch = Batch::start(&repo).unwrap();
        for number in 0..ENTRIES {
            let entry = numbered(number);
            batch
                .put(Written::new(entry, ObjectFormat::Sha1).unwrap())
                .unwrap();
            if batch.bytes() > 64 << 20 {
                batch.flush(0).unwrap();
            }
        }
        batch.flush(0).unwrap();
        ours.push(started.elapsed());

        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "-q"], b"");
        let started = Instant::now();
        let mut stream =
            b"commit refs/heads/x\ncommitter b <b@localhost> 1 +0000\ndata 0\n".to_vec();
        for number in 0..ENTRIES {
            let entry = numbered(number);
            let text = encode(&entry).unwrap();
            let blob = entry.blob.to_string();
            let path = format!("e/{}/{}", &blob[..2], &blob[2..]);
            write!(stream, "M 644 inline {path}\ndata {}\n{text}\n", text.len()).unwrap();
        }
        git(
            folder.path(),
            &["fast-import", "--quiet", "--depth=0"],
            &stream,
        );
        theirs.push(started.elapsed());
    }
    row(
        "P7",
        "write 100,000 entries, durable",
        "`git fast-import --depth=0`",
        &mut ours,
        &mut theirs,
    );
}

/// An entry as large as real ones are, for a blob that is nowhere.
pub fn numbered(number: u32) -> Entry {
    let blob = Oid::of_blob(ObjectFormat::Sha1, &number.to_be_bytes());
    entry(blob, Kind::Refactor, number, LETTERS)
}

fn entry(blob: Oid, kind: Kind, number: u32, letters: usize) -> Entry {
    let mut words = String::new();
    let mut seed = Oid::of_blob(ObjectFormat::Sha1, format!("{blob}{number}").as_bytes());
    while words.len() < letters {
        words += &seed.to_string()[..19];
        words.push(' ');
        seed = Oid::of_blob(ObjectFormat::Sha1, seed.raw());
    }
    Entry {
        format: FORMAT,
        blob,
        fingerprint: Fingerprint(Oid::of_blob(ObjectFormat::Sha1, b"recipe")),
        kind,
        analyzer: "local/1".to_owned(),
        created: None,
        duration_ms: None,
        usage: None,
        analysis: Analysis {
            summary: words,
            ..Analysis::default()
        },
    }
}
