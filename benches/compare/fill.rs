//! Fills a store with an entry for every file and kind, as large as real ones are, without
//! analysing; and measures that filling against `git fast-import`.

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

/// Stores an entry of every kind for every file of HEAD that has a language.
pub fn fill(subject: &Subject) {
    let repo = Repo::open_at(&subject.path).unwrap();
    let questions = Questions::new(&Analyzer::default(), &Kind::BUILT_IN, repo.format()).unwrap();
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
                ..entry(blob, Kind::BUILT_IN[number].clone(), 0)
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

fn numbered(number: u32) -> Entry {
    let blob = Oid::of_blob(ObjectFormat::Sha1, &number.to_be_bytes());
    entry(blob, Kind::Refactor, number)
}

/// About two kilobytes of JSON, hardly repetitive.
fn entry(blob: Oid, kind: Kind, number: u32) -> Entry {
    let mut words = String::new();
    let mut seed = Oid::of_blob(ObjectFormat::Sha1, format!("{blob}{number}").as_bytes());
    while words.len() < 1700 {
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
