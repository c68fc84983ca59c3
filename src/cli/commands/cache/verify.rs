//! `cache verify`: checks every entry, and optionally recomputes those of the embedded analyzer.

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

/// Check the integrity of all stored entries
///
/// Checks this clone's own entries and those of every mirror: size limits, format, and that each entry
/// matches its key. Lists bad entries and exits with status 1 if there are any. Lookups do the same
/// checks: a bad entry is a miss and stays in place.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Recompute the entries of the embedded analyzer and compare
    #[arg(long)]
    recompute: bool,

    /// Recompute only N random entries
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
                let why = "the embedded analyzer gives a different answer".to_owned();
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
            write!(out, ", {} from a newer version", checked.newer)?;
        }
        if arguments.recompute {
            write!(out, ", {same} recomputed with the same result")?;
        }
        writeln!(out)?;
        Ok(match checked.faults {
            0 => Status::Done,
            _ => Status::Findings,
        })
    })
}
