//! Whole processes against git's own commands, in turns, on one machine: the table of
//! docs/performance.md. Ratios of medians; nothing here is asserted.
//!
//! `cargo bench --bench compare -- [--repo PATH] [--pairs N] [--files N] [P1 P4 …]`

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for people who measure, in repositories of its own"
)]

mod fill;
mod pairs;
mod parse;
mod repository;
mod share;

use std::path::PathBuf;

use pairs::Bench;
use repository::Subject;

fn main() {
    let mut options = Options::parse();
    let subject = Subject::prepare(options.repo.take(), options.files);
    let bench = Bench {
        folder: subject.path.clone(),
        pairs: options.pairs,
        program: env!("CARGO_BIN_EXE_git-rustassistant").into(),
        input: None,
    };
    let wanted = |name: &str| options.only.is_empty() || options.only.iter().any(|o| o == name);
    println!("{} files, {} pairs each", subject.files, options.pairs);
    println!("| # | work | against | ratio | ours ms | git ms |\n|---|---|---|---|---|---|");
    let tree = ["ls-tree", "-r", "HEAD"];
    let summary = ["analyze", "--rev", "HEAD", "--output", "summary"];
    if wanted("P7") {
        fill::measure(&bench);
    }
    if wanted("P8") {
        parse::measure(&bench, &subject);
    }
    if wanted("P10") {
        share::measure(&bench);
    }
    if ["P7", "P8", "P10"]
        .iter()
        .any(|name| options.only == [*name])
    {
        return;
    }
    fill::fill(&subject);
    let memo = subject.path.join(".git/rustassistant");
    if wanted("P1") {
        let path = format!("HEAD:{}", subject.a_file());
        bench.compare(
            "P1",
            "`show HEAD:path`, a hit",
            &["show", "-k", "refactor", &path],
            &["cat-file", "blob", &path],
        );
    }
    if wanted("P2") {
        bench.ours(&summary);
        bench.compare(
            "P2",
            "warm `analyze --rev HEAD`, nothing changed",
            &summary,
            &tree,
        );
    }
    if wanted("P3") {
        subject.change(10);
        bench.ours(&summary);
        let change = ["diff-tree", "-r", "HEAD~1", "HEAD"];
        bench.compare(
            "P3",
            "the same after a commit of 10 files",
            &summary,
            &change,
        );
    }
    if wanted("P4") {
        repository::forget(&memo);
        bench.compare(
            "P4",
            "warm `status --rev HEAD`, without memo",
            &["status", "-k", "refactor", "--rev", "HEAD"],
            &tree,
        );
    }
    if wanted("P6") {
        let status = ["status", "-uno", "--porcelain"];
        let work_tree = ["analyze", "--output", "summary"];
        bench.ours(&work_tree);
        bench.compare("P6", "warm `analyze` of the work tree", &work_tree, &status);
    }
    if wanted("P11") {
        subject.change(3);
        bench.ours(&summary);
        hook(&subject, &bench);
    }
    large(&subject, &bench, wanted);
}

/// What a push waits for when there is nothing to do: the script that git starts, and all below it.
fn hook(subject: &Subject, bench: &Bench) {
    let lines = subject.path.join(".git/pushed");
    std::fs::write(&lines, subject.pushed()).unwrap();
    let hooked = |input| Bench {
        program: subject.hook(),
        input,
        ..bench.in_folder(&bench.folder)
    };
    let ours = ["origin", "/nowhere"];
    let up_to_date = "the hook, everything up to date";
    hooked(None).compare("P11", up_to_date, &ours, &["version"]);
    let work = "the hook, a push of 3 changed files, all answered";
    let change = ["diff-tree", "-r", "HEAD~1", "HEAD"];
    hooked(Some(lines)).compare("P11", work, &ours, &change);
}

/// What grows with the store.
fn large(subject: &Subject, bench: &Bench, wanted: impl Fn(&str) -> bool) {
    let tree = ["ls-tree", "-r", "HEAD"];
    if wanted("P12") {
        bench.compare(
            "P12",
            "`status`, four kinds",
            &["status", "--rev", "HEAD"],
            &tree,
        );
        bench.compare(
            "P12",
            "`cache status`, four kinds",
            &["cache", "status"],
            &tree,
        );
    }
    if wanted("P5") {
        fill::fill_up(subject, 1_000_000);
        bench.compare(
            "P5",
            "P4 with 1,000,000 entries more",
            &["status", "-k", "refactor", "--rev", "HEAD"],
            &tree,
        );
    }
}

/// What the command line says.
struct Options {
    repo: Option<PathBuf>,
    pairs: usize,
    files: usize,
    only: Vec<String>,
}

impl Options {
    fn parse() -> Self {
        let mut options = Self {
            repo: None,
            pairs: 11,
            files: 20_000,
            only: Vec::new(),
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--repo" => options.repo = words.next().map(PathBuf::from),
                "--pairs" => {
                    options.pairs = words.next().and_then(|n| n.parse().ok()).unwrap_or(11)
                }
                "--files" => {
                    options.files = words.next().and_then(|n| n.parse().ok()).unwrap_or(20_000)
                }
                "--bench" => {}
                name => options.only.push(name.to_owned()),
            }
        }
        options
    }
}
