//! `analyze`: select files, plan, analyze what is missing, store, report. The other commands that
//! analyze are shortcuts for this one.

use anyhow::Result;
use clap::Args;

use crate::cli::compared::{self, Base};
use crate::cli::context::Context;
use crate::cli::options::{Destination, KindOptions, OutputOptions, RunOptions, SelectionOptions};
use crate::cli::sharing;
use crate::cli::status::Status;
use crate::cli::{advice, publish};
use crate::git::Repo;
use crate::model::{self, Kind, Level, Outcome, Row, Skip, Stop};
use crate::report::{self, Format, State, count};
use crate::scan::Reading;
use crate::session::{Gate, Session, base_of};

const EXAMPLES: &str = "\
Examples:
  git rustassistant analyze                     the current directory
  git rustassistant analyze :/ -k all           the whole repository, every kind
  git rustassistant analyze --changed main      files changed since main
  git rustassistant analyze --rev v1.0 src      a release, without checking it out
  git rustassistant analyze --cached --fail-on warning
                                                a CI gate that uses stored answers only

Exit status:
  0  success; no finding reaches --fail-on
  1  a finding is at or above --fail-on
  2  invalid usage, invalid setting, or internal error
  3  incomplete: some selected files could not be analyzed; the rest is reported
  4  a budget stopped the run; answers received so far are kept and reported";

/// Analyze files and report findings
///
/// Looks up each selected file in the store by its content, and analyzes and stores what is missing.
/// The same content is never analyzed twice: not after a rename, on another branch, or in another
/// work tree. Never touches the work tree, the index or HEAD.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    pub selection: SelectionOptions,
    #[command(flatten)]
    pub kinds: KindOptions,
    #[command(flatten)]
    pub run: RunOptions,
    #[command(flatten)]
    pub output: OutputOptions,

    /// Report only findings that are new since REV
    ///
    /// Compares only files that differ from REV, and applies --fail-on to new findings. 'REV...'
    /// means the merge base with REV. SARIF contains all findings and marks the new ones, because
    /// its readers treat missing findings as fixed.
    #[arg(long, value_name = "REV", help_heading = "Run options")]
    #[arg(conflicts_with_all = ["changed", "files_from"])]
    pub new_since: Option<String>,
}

impl Arguments {
    /// The revision to compare with, if any.
    fn compared(&self, repo: &Repo) -> Result<Option<Base>> {
        Ok(match (&self.new_since, &self.selection.changed) {
            (Some(rev), _) => Some(Base::named(repo, rev)?),
            (None, Some(base)) => {
                let rev = base_of(repo, base.as_deref())?.to_string();
                let judge = base.clone().unwrap_or_else(|| "@{upstream}".to_owned());
                Some(Base { rev, judge })
            }
            (None, None) => None,
        })
    }

    /// The arguments a shortcut stands for: one kind on a selection.
    pub fn shortcut(
        kind: &Kind,
        selection: SelectionOptions,
        run: &RunOptions,
        output: OutputOptions,
    ) -> Self {
        Self {
            selection,
            kinds: KindOptions {
                kinds: vec![kind.name().to_owned()],
            },
            run: run.clone(),
            output,
            new_since: None,
        }
    }
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    arguments.output.expect_places()?;
    let flags = [arguments.kinds.flags(), arguments.run.flags()].concat();
    let mut compared = None;
    let session = Session::gate(context, &flags, Gate::Run, |repo| {
        compared = arguments.compared(repo)?;
        let judge = compared.as_ref().map(|base| base.judge.as_str());
        arguments.run.against(repo, judge)
    })?;
    let mut selection = arguments.selection.clone();
    let mut changed = None;
    match compared {
        Some(base) if arguments.new_since.is_some() => {
            return run_new_since(arguments, context, &session, &base.rev);
        }
        // Already resolved.
        Some(base) => {
            changed = Some(base.rev.clone());
            selection.changed = Some(Some(base.rev));
        }
        None => {}
    }
    let reading = arguments.output.reading(context.printer.verbosity());
    if arguments.run.sync {
        sharing::fetch_before(context, &session.repo, &session.settings)?;
    }
    let selection = selection.resolve(&session)?;
    let outcome = session.analyze(&selection, arguments.run.request(reading))?;
    if arguments.run.sync {
        sharing::publish_after(context, &session.repo, &session.settings)?;
    }
    let asked = publish::Asked {
        answerer: arguments.run.model.answerer.words(),
        held_by: arguments.run.held_by(),
    };
    publish::report(
        &session,
        context,
        &outcome,
        &arguments.output,
        asked,
        selection.pathspecs.folder,
    )?;
    if outcome.totals.rows == 0 && is_plain(arguments) {
        context.printer.note(
            "hint: no tracked files in a supported language here; use --untracked for untracked \
             files, ':/' for the whole repository",
        );
    }
    if is_for_people(&arguments.output) {
        tell_unknown_languages(context, &outcome);
    }
    if outcome.totals.analyzed > 0 && !arguments.run.sync && !arguments.run.no_cache {
        advice::tell_once(context, &session);
    }
    let status = status(&outcome, &arguments.run, session.settings.fail_on);
    let lost = match &changed {
        Some(base) if session.settings.fail_on.is_some() => session.lost(base, &outcome)?,
        _ => 0,
    };
    Ok(if lost > 0 {
        let files = count(lost as u64, "file");
        context.printer.warning(format_args!(
            "{files} readable before cannot be read now, so new findings in them are unknown"
        ));
        status.and(Status::Incomplete)
    } else {
        status
    })
}

/// Reports only new findings: analyzes both sides and compares them.
fn run_new_since(
    arguments: &Arguments,
    context: &Context,
    session: &Session<'_>,
    base: &str,
) -> Result<Status> {
    let options = &arguments.run;
    let output = &arguments.output;
    let now = arguments.selection.resolve(session)?;
    let folder = now.pathspecs.folder.clone();
    let request = options.request(Reading::Entries);
    let sides = session.compare(base, now, compared::changes(output), request)?;
    let rest = sides.rest.as_ref();
    let mut report = report::compare(&sides.before, &sides.after, publish::TOOL);
    let whole = compared::whole(&report, rest);
    report.keep_states(&[State::New, State::Present]);
    publish::write(session, context, &report, &whole, output, folder)?;
    let fail_on = session.settings.fail_on;
    Ok(compared::status(&report, rest, options, fail_on))
}

/// Does standard output get a text report?
fn is_for_people(output: &OutputOptions) -> bool {
    let text = |to: &Destination| to.format == Format::Text && to.file.is_none();
    output.output.iter().any(text)
}

/// Says so if none of the named files is in a supported language.
fn tell_unknown_languages(context: &Context, outcome: &Outcome) {
    let is_unknown = |row: &&Row| row.status == model::Status::Skipped(Skip::UnknownLanguage);
    let answered = outcome.totals.cached + outcome.totals.analyzed;
    let mut unknown = outcome.rows.iter().filter(is_unknown);
    if let (0, Some(first)) = (answered, unknown.next()) {
        let path = &first.path;
        context.printer.note(format_args!(
            "hint: the language of {path} is not supported; to list languages and file name \
             extensions: git rustassistant rules"
        ));
    }
}

/// Did the user select everything here? Then an empty selection deserves a hint.
fn is_plain(arguments: &Arguments) -> bool {
    let selection = &arguments.selection;
    selection.changed.is_none()
        && selection.files_from.is_none()
        && !selection.staged
        && is_for_people(&arguments.output)
}

/// The exit status of a run.
pub fn status(outcome: &Outcome, options: &RunOptions, fail_on: Option<Level>) -> Status {
    let totals = &outcome.totals;
    let incomplete = totals.failed > 0 || (totals.missing > 0 && !options.dry_run);
    let failing = fail_on.is_some_and(|level| totals.worst() >= Some(level));
    let status = match (&outcome.stopped, incomplete) {
        (Some(Stop::Interrupted), _) => Status::Interrupted,
        (Some(Stop::Budget(_)), _) => Status::Budget,
        // Even if only the last answer could not be stored.
        (Some(Stop::Store(_)), _) => Status::Incomplete,
        (_, true) => Status::Incomplete,
        (_, false) => Status::Done,
    };
    if failing {
        status.and(Status::Findings)
    } else {
        status
    }
}
