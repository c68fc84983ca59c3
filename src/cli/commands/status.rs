//! `status`: how much of a selection the store can answer. Analyses nothing.

use std::fmt;

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::opened::Opened;
use crate::cli::options::{AnswererOptions, KindOptions, SelectionOptions};
use crate::cli::sharing;
use crate::cli::status::Status;
use crate::model::{Miss, Ttl};
use crate::report::{count, grouped};
use crate::scan::{self, Policy, Reading, Step};
use crate::store;

/// Questions that are open, up to which the contents are read: some may be of files that are
/// skipped for what is in them, and would be called open for ever.
const EXAMINED: usize = 1000;

/// Say how much of the selection is analysed already
///
/// One line a kind: how many files the store answers for, how many it does not, and how many are
/// out of scope. Nothing is analysed; contents are read only where few answers are missing.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pub selection: SelectionOptions,
    #[command(flatten)]
    pub kinds: KindOptions,
    #[command(flatten)]
    pub answerer: AnswererOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let flags = [arguments.kinds.flags_or_all(), arguments.answerer.flags()].concat();
    let mut opened = Opened::new(context, flags)?;
    let selection = opened.selection(&arguments.selection)?;
    let mut selected = scan::select(&mut opened.repo, &selection, &opened.scope, None)?;
    let store = opened.store(context);
    // How old an entry is says only the entry.
    let settled = match opened.settings.ttl {
        Ttl::Forever => scan::settle(&store, &mut selected, &opened.questions)?,
        _ => 0,
    };
    let lookup = opened.look_up(context, &store, &selected, Reading::Nothing)?;
    let mut plan = scan::plan(selected, &opened.questions, lookup, Policy::CachedOnly);
    if plan.steps.iter().filter(|step| is_open(step)).count() <= EXAMINED {
        let limit = opened.scope.max_file_size;
        scan::examine(&opened.repo, &mut plan, &opened.analyzer, limit)?;
    }
    let all = Coverage {
        analyzed: settled as u64,
        ..Coverage::default()
    };
    let mut kinds = vec![all; plan.kinds.len()];
    for steps in plan.steps.chunks(plan.kinds.len().max(1)) {
        for (coverage, step) in kinds.iter_mut().zip(steps) {
            coverage.add(step);
        }
    }
    let unpublished = unpublished(&opened, context)?;
    context.printer.data(|out| {
        for (kind, coverage) in plan.kinds.iter().zip(&kinds) {
            writeln!(out, "{:<10}{coverage}", kind.name())?;
        }
        if let Some((remote, pending)) = unpublished {
            let pending = grouped(pending as u64);
            writeln!(out, "{:<10}{pending} to publish to {remote}", "pending")?;
        }
        Ok(Status::Done)
    })
}

/// How many analyses of this clone the remote does not have that it shares through.
fn unpublished(opened: &Opened, context: &Context) -> Result<Option<(String, usize)>> {
    let Some(remote) = sharing::home(&opened.repo, &opened.settings) else {
        return Ok(None);
    };
    let seconds = context.now().as_second();
    let pending = store::pending(&opened.repo, Some(&remote.name), seconds)?;
    Ok(Some((remote.name, pending)).filter(|(_, pending)| *pending > 0))
}

fn is_open(step: &Step) -> bool {
    matches!(step, Step::Leave(_) | Step::Analyze(_))
}

/// How many files of one kind are in which state.
#[derive(Clone, Debug, Default)]
struct Coverage {
    analyzed: u64,
    missing: u64,
    stale: u64,
    skipped: u64,
    unreadable: u64,
}

impl Coverage {
    fn add(&mut self, step: &Step) {
        *match step {
            Step::Reuse(_) => &mut self.analyzed,
            Step::Leave(Miss::Stale) | Step::Analyze(Miss::Stale) => &mut self.stale,
            Step::Leave(_) | Step::Analyze(_) => &mut self.missing,
            Step::Skip(_) => &mut self.skipped,
            Step::Fail(_) => &mut self.unreadable,
        } += 1;
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = self.analyzed + self.missing + self.stale + self.unreadable;
        let (analyzed, files) = (grouped(self.analyzed), count(files, "file"));
        write!(out, "{analyzed} of {files} analyzed")?;
        let rest = [
            (self.missing, "to analyze"),
            (self.stale, "stale"),
            (self.unreadable, "unreadable"),
            (self.skipped, "skipped"),
        ];
        for (number, word) in rest.into_iter().filter(|(number, _)| *number > 0) {
            write!(out, ", {} {word}", grouped(number))?;
        }
        Ok(())
    }
}
