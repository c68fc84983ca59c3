//! P8: the embedded analyzer with all its kinds, against the parsing that it cannot do without;
//! and one worker against two.

use std::time::{Duration, Instant};

use big_code_analysis::{Ast, LANG, Source as Text};
use rustassistant::analyzers::{Local, Source};
use rustassistant::model::{Kind, Language};

use super::pairs::{Bench, row};
use super::repository::{Subject, git};

/// Measures over the Rust sources of the subject.
pub fn measure(bench: &Bench, subject: &Subject) {
    let names = git(&subject.path, &["ls-files", "*.rs"], b"");
    let read = |name: &str| std::fs::read(subject.path.join(name)).ok();
    let texts: Vec<Vec<u8>> = names.lines().filter_map(read).collect();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..bench.pairs.div_ceil(2) {
        ours.push(analyze(&texts));
        theirs.push(parse(&texts));
    }
    let work = format!("analyze {} Rust files, all kinds, one core", texts.len());
    row(
        "P8",
        &work,
        "tree-sitter alone, in process",
        &mut ours,
        &mut theirs,
    );

    let run = |jobs| {
        bench.ours(&[
            "analyze",
            "-k",
            "all",
            "--no-cache",
            "--output",
            "summary",
            "-j",
            jobs,
        ])
    };
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..bench.pairs.div_ceil(2) {
        two.push(run("2"));
        one.push(run("1"));
    }
    row(
        "P8",
        "`analyze -k all --no-cache -j 2`",
        "the same with `-j 1`",
        &mut two,
        &mut one,
    );
}

fn analyze(texts: &[Vec<u8>]) -> Duration {
    let local = Local::default();
    let started = Instant::now();
    for text in texts {
        let source = Source {
            text,
            language: Language::Rust,
        };
        // A text that is refused costs next to nothing, on both sides.
        std::hint::black_box(local.analyze(source, &Kind::BUILT_IN).ok());
    }
    started.elapsed()
}

fn parse(texts: &[Vec<u8>]) -> Duration {
    let started = Instant::now();
    for text in texts {
        std::hint::black_box(Ast::parse(Text::new(LANG::Rust, text)).ok());
    }
    started.elapsed()
}
