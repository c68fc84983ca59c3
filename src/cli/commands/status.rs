//! `status`: how much of a selection is analyzed. Analyzes nothing.

use std::fmt;

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::error;
use crate::cli::options::{AnswererOptions, KindOptions, SelectionOptions};
use crate::cli::sharing;
use crate::cli::status::Status;
use crate::model::{self, Miss, Ttl};
use crate::report::{count, grouped};
use crate::scan::{self, Memo, Policy, Reading, Selection, State, Tally};
use crate::session::{self, Session};
use crate::store::{self, Store};

/// If no more files than this lack answers, read their contents: some may be skipped because of their
/// contents, and would otherwise count as missing forever.
const EXAMINED: usize = 1000;

/// Show how much of the selection is analyzed
///
/// Prints one line per kind: how many files are analyzed, missing and out of scope. Analyzes
/// nothing; reads file contents only if few answers are missing.
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
    let session = Session::open(context, flags)?;
    session::adopt(&session.repo, context, session.settings.trust);
    let selection = arguments.selection.resolve(&session)?;
    let store = session.store();
    let settled = settled(&session, &store, &selection)?;
    let selected = session.select(&selection, settled.as_ref())?;
    let mut plan = session.plan(&store, selected, Reading::Nothing, Policy::CachedOnly)?;
    let files = plan.states.chunks(plan.kinds.len().max(1));
    if files
        .filter(|states| states.iter().any(State::is_missing))
        .count()
        <= EXAMINED
    {
        session.examine(&mut plan)?;
    }
    let known = Coverage::of_each(plan.selected.known, plan.kinds.len());
    let mut kinds = vec![known; plan.kinds.len()];
    for states in plan.states.chunks(plan.kinds.len().max(1)) {
        for (coverage, state) in kinds.iter_mut().zip(states) {
            coverage.add(&state.status);
        }
    }
    let unpublished = unpublished(&session, context)?;
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

/// Trees whose files need no check one by one. None if paths or the age of answers matter.
fn settled(
    session: &Session<'_>,
    store: &Store<'_>,
    selection: &Selection,
) -> Result<Option<Memo>> {
    if session.settings.ttl != Ttl::Forever || session.scope.depends_on_place() {
        return Ok(None);
    }
    scan::fully_cached(&session.repo, store, selection, &session.questions)
}

/// The number of analyses not yet published to the remote that this clone shares through.
fn unpublished(session: &Session<'_>, context: &Context) -> Result<Option<(String, usize)>> {
    let Some(remote) = sharing::home(&session.repo, &session.settings) else {
        return Ok(None);
    };
    let seconds = context.now().as_second();
    let pending = store::pending(&session.repo, Some(&remote.name), remote.publish, seconds);
    let pending = pending.unwrap_or_else(|error| {
        // A bad ref at the remote must not hide local results.
        context.printer.warning(error::sentence(&error));
        0
    });
    Ok(Some((remote.name, pending)).filter(|(_, pending)| *pending > 0))
}

/// The number of files in each state, for one kind.
#[derive(Clone, Debug, Default)]
struct Coverage {
    analyzed: u64,
    missing: u64,
    stale: u64,
    skipped: u64,
    unreadable: u64,
}

impl Coverage {
    /// Coverage per kind, for files where all kinds are answered together.
    fn of_each(known: Tally, kinds: usize) -> Self {
        let each = |rows: u32| u64::from(rows) / kinds.max(1) as u64;
        Self {
            analyzed: each(known.rows),
            skipped: known.skipped.into_iter().map(each).sum(),
            ..Self::default()
        }
    }

    fn add(&mut self, status: &model::Status) {
        *match status {
            model::Status::Cached(_) | model::Status::Analyzed(_) => &mut self.analyzed,
            model::Status::Missing(Miss::Stale) => &mut self.stale,
            model::Status::Missing(_) => &mut self.missing,
            model::Status::Skipped(_) => &mut self.skipped,
            model::Status::Failed(_) => &mut self.unreadable,
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
