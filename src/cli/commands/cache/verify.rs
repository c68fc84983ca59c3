//! `cache verify`: reads every entry, checks it, and computes it once more where that can be done.

use anyhow::Result;
use clap::Args;

use crate::analyzers::Analyzer;
use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::model::Kind;
use crate::report::{clean_line, count};
use crate::scan::{Questions, Recomputed, Recomputing};
use crate::session::{Host, Session, embedded};
use crate::store::verify;

/// Check every entry of the store
///
/// Of the clone's own entries and those of every mirror, each must be within bounds, read well, and
/// answer the question that it is stored under. What is bad is named, and the exit status is 1.
/// Lookups check all this too: a bad entry is a miss, and is left where it is.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Compute the entries of the embedded analyzer once more, and compare
    #[arg(long)]
    recompute: bool,

    /// Only so many of them, chosen at random
    #[arg(long, value_name = "N", requires = "recompute")]
    sample: Option<usize>,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let session = Session::open(context, Vec::new())?;
    let local = embedded(session.settings.thresholds.clone(), &context.parser());
    let analyzer = Analyzer::Local(local.clone());
    let questions = Questions::new(&analyzer, &Kind::BUILT_IN, session.repo.format());
    let store = session.store_of_all();
    let limit = session.scope.max_file_size;
    let mut again = Recomputing::new(&session.repo, &local, &questions, limit);
    let mut candidates = Vec::new();
    let mut checked = verify(&session.repo, &store, &mut |place, key, value| {
        if arguments.recompute && again.knows(key) {
            candidates.push((place.to_owned(), key.clone(), value));
        }
    })?;
    if let Some(sample) = arguments.sample {
        fastrand::shuffle(&mut candidates);
        candidates.truncate(sample);
    }
    let mut same = 0;
    for (place, key, value) in candidates {
        match again.compare(&key, value)? {
            Recomputed::Same => same += 1,
            Recomputed::Differs => {
                let why = "the embedded analyzer answers otherwise".to_owned();
                checked.add(place, why);
            }
            Recomputed::NotPossible => {}
        }
    }
    context.printer.data(|out| {
        for (place, why) in &checked.named {
            writeln!(out, "bad: {}: {}", clean_line(place), clean_line(why))?;
        }
        let entries = count(checked.entries, "entry");
        let recipes = count(checked.recipes, "recipe");
        write!(
            out,
            "checked {entries} and {recipes}: {} bad",
            checked.faults
        )?;
        if checked.newer > 0 {
            write!(out, ", {} of a newer program", checked.newer)?;
        }
        if arguments.recompute {
            write!(out, ", {same} computed again and the same")?;
        }
        writeln!(out)?;
        Ok(match checked.faults {
            0 => Status::Done,
            _ => Status::Findings,
        })
    })
}
