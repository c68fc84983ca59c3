//! Real edits, compared before and after: how many findings that are told as new are old ones under
//! another id. A table by rule.
//!
//! `cargo bench --bench identity -- [--edits N] REPOSITORY…`

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for people who measure, in repositories that they name"
)]

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

use rustassistant::analyzers::{Local, Source};
use rustassistant::git::Repo;
use rustassistant::model::{
    Analysis, Entry, FORMAT, Fingerprint, Held, Kind, Language, Miss, ObjectFormat, Oid, Outcome,
    RepoPath, Revision, Row, Status, Totals,
};
use rustassistant::report::{Remark, State, Tool, compare};

const TOOL: Tool = Tool {
    name: "identity",
    version: "0",
};

/// Larger files are left out, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// What became of findings, by rule.
#[derive(Default)]
struct Tally {
    stayed: usize,
    matched: usize,
    new: usize,
    /// Of these, those whose kind, rule and item something fixed in the file had.
    again: usize,
}

fn main() {
    let (mut edits, mut places) = (10_000, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--edits" => edits = arguments.next().unwrap().parse().unwrap(),
            "--bench" => {}
            place => places.push(place.to_owned()),
        }
    }
    let share = edits / places.len().max(1);
    let mut tally = BTreeMap::new();
    for place in &places {
        let repo = Repo::open_at(place.as_ref()).unwrap();
        let pairs = edited(place, share);
        println!("{place}: {} edits", pairs.len());
        for (path, old, new) in pairs {
            let text = |oid| repo.blob(oid, MOST_BYTES).ok();
            let (Some(old), Some(new)) = (text(old), text(new)) else {
                continue;
            };
            count(&path, &old, &new, &mut tally);
        }
    }
    println!(
        "\n| rule | the same | matched otherwise | new | of these, known before |\n|---|---|---|---|---|"
    );
    let mut all = Tally::default();
    for (rule, of) in &tally {
        println!(
            "| {rule} | {} | {} | {} | {} |",
            of.stayed, of.matched, of.new, of.again
        );
        all.stayed += of.stayed;
        all.matched += of.matched;
        all.new += of.new;
        all.again += of.again;
    }
    println!(
        "| all | {} | {} | {} | {} |",
        all.stayed, all.matched, all.new, all.again
    );
}

/// Files that a commit edited, the latest first: path, blob before, blob after.
fn edited(place: &str, most: usize) -> Vec<(RepoPath, Oid, Oid)> {
    let format = ["--format=", "--raw", "--no-abbrev", "--no-renames"];
    let mut git = Command::new("git");
    git.args(["-C", place, "log"]).args(format);
    git.args(["--diff-filter=M", "--no-merges", "-z"]);
    let output = git.output().unwrap().stdout;
    let mut fields = output.split(|&b| b == 0);
    let mut edits = Vec::new();
    while let Some(field) = fields.next() {
        let Some(raw) = field
            .strip_prefix(b":")
            .or_else(|| field.strip_prefix(b"\n:"))
        else {
            continue;
        };
        let path = String::from_utf8_lossy(fields.next().unwrap_or_default());
        let path = RepoPath::from(path.as_ref());
        let words: Vec<&[u8]> = raw.split(|&b| b == b' ').collect();
        let [_, _, old, new, _] = words[..] else {
            continue;
        };
        if let (Some(old), Some(new)) = (Oid::from_hex(old), Oid::from_hex(new))
            && Language::of(&path).is_some()
        {
            edits.push((path, old, new));
        }
        if edits.len() == most {
            break;
        }
    }
    edits
}

/// All that the embedded analyzer says of a text at a path.
fn outcome(files: &[(&RepoPath, &[u8])]) -> Outcome {
    let mut rows = Vec::new();
    for (path, text) in files {
        let source = Source {
            text,
            language: Language::of(path).unwrap(),
        };
        let answers = Local::default().analyze(source, &Kind::BUILT_IN);
        let answers = answers.unwrap_or_default().into_iter();
        rows.extend(
            Kind::BUILT_IN
                .into_iter()
                .zip(answers)
                .map(|(kind, analysis)| row(path, text, kind, analysis)),
        );
    }
    let mut totals = Totals::default();
    rows.iter().for_each(|row| totals.add(row));
    Outcome {
        revision: Revision::WorkTree,
        rows,
        totals,
        usage: None,
        elapsed_ms: 0,
        stopped: None,
    }
}

fn row(path: &RepoPath, text: &[u8], kind: Kind, analysis: Analysis) -> Row {
    let blob = Oid::of_blob(ObjectFormat::Sha1, text);
    let fingerprint = Fingerprint(Oid::of_blob(ObjectFormat::Sha1, b"recipe"));
    let entry = Entry {
        format: FORMAT,
        blob,
        fingerprint,
        kind: kind.clone(),
        analyzer: "local/1".into(),
        created: None,
        duration_ms: None,
        usage: None,
        analysis,
    };
    Row {
        path: path.clone(),
        blob,
        kind,
        role: Default::default(),
        fingerprint: Some(fingerprint),
        status: Status::Analyzed(Miss::New),
        publisher: None,
        entry: Some(Held::whole(Arc::new(entry))),
    }
}

fn count(path: &RepoPath, old: &[u8], new: &[u8], tally: &mut BTreeMap<String, Tally>) {
    let (before, after) = (outcome(&[(path, old)]), outcome(&[(path, new)]));
    let report = compare(&before, &after, TOOL);
    let of = |remark: &Remark<'_>| {
        let item = remark.item.map(str::to_owned);
        (remark.kind.clone(), remark.rule.to_owned(), item)
    };
    let mut fixed: BTreeMap<_, usize> = BTreeMap::new();
    for remark in report
        .compared()
        .iter()
        .filter(|it| it.state == State::Fixed)
    {
        *fixed.entry(of(remark)).or_default() += 1;
    }
    for remark in report.compared() {
        let told = tally.entry(remark.rule.to_owned()).or_default();
        match (remark.state, remark.matched) {
            (State::New, None) => {
                told.new += 1;
                if let Some(left) = fixed.get_mut(&of(remark)).filter(|left| **left > 0) {
                    *left -= 1;
                    told.again += 1;
                }
            }
            (State::Unchanged, None) => told.stayed += 1,
            (State::Unchanged, Some(_)) => told.matched += 1,
            _ => {}
        }
    }
}
