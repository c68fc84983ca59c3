//! Real edits, compared before and after: how many findings that are told as new are old ones under
//! another id. A table by rule. And the other way round: findings that are put into a file and whose
//! rule and item are in another file already; each must be told as new.
//!
//! `cargo bench --bench identity -- [--edits N] [--seeds N] REPOSITORY…`

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
    let (mut edits, mut seeds, mut places) = (10_000, 1_000, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--edits" => edits = arguments.next().unwrap().parse().unwrap(),
            "--seeds" => seeds = arguments.next().unwrap().parse().unwrap(),
            "--bench" => {}
            place => places.push(place.to_owned()),
        }
    }
    sow(&places, seeds);
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

/// Appends one file to another in the same language, again and again, and counts how many of the
/// findings that the second has then are told as new.
fn sow(places: &[String], most: usize) {
    let (mut sown, mut told) = (0, 0);
    for (number, place) in places.iter().enumerate() {
        let repo = Repo::open_at(place.as_ref()).unwrap();
        let share = most * (number + 1) / places.len();
        for pair in sources(&repo, place).windows(2) {
            let [(path, text), (other, seed)] = pair else {
                continue;
            };
            if sown >= share || Language::of(path) != Language::of(other) {
                continue;
            }
            let lines = text.split(|&b| b == b'\n').count();
            let grown = [text.as_slice(), b"\n", seed].concat();
            let before = outcome(&[(path, text), (other, seed)]);
            let after = outcome(&[(path, &grown), (other, seed)]);
            let report = compare(&before, &after, TOOL);
            let is_sown = |it: &&Remark<'_>| {
                let is_below = it.start_line as usize > lines;
                it.path == path && is_below && it.item.is_some() && it.state != State::Fixed
            };
            for remark in report.compared().iter().filter(is_sown).take(share - sown) {
                sown += 1;
                let is_told = remark.state == State::New;
                told += usize::from(is_told);
                if !is_told {
                    println!(
                        "{place}: not new: {path} {} {:?} {:?} {:?}",
                        remark.rule, remark.item, remark.state, remark.matched
                    );
                }
            }
        }
    }
    println!("{sown} findings put in where rule and item are known: {told} are told as new");
}

/// The tracked files of a repository in languages that are known, by language.
fn sources(repo: &Repo, place: &str) -> Vec<(RepoPath, Vec<u8>)> {
    let mut git = Command::new("git");
    let output = git.args(["-C", place, "ls-tree", "-rz", "HEAD"]).output();
    let output = output.unwrap().stdout;
    let mut sources = Vec::new();
    for line in output.split(|&b| b == 0) {
        let line = String::from_utf8_lossy(line);
        let Some((head, path)) = line.split_once('\t') else {
            continue;
        };
        let path = RepoPath::from(path);
        let oid = head
            .split(' ')
            .nth(2)
            .and_then(|oid| Oid::from_hex(oid.as_bytes()));
        let text = oid.and_then(|oid| repo.blob(oid, MOST_BYTES).ok());
        if let (Some(text), Some(_)) = (text, Language::of(&path)) {
            sources.push((path, text));
        }
    }
    sources.sort_by_key(|(path, _)| Language::of(path));
    sources
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
