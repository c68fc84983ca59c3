//! `analyze`: select, plan, analyse what is missing, store, report. The other commands that
//! analyse are shortcuts to this one.

use anyhow::Result;
use clap::Args;

use crate::cli::compared::{self, Base, Extent};
use crate::cli::context::Context;
use crate::cli::judging::Gate;
use crate::cli::opened::{Opened, changed_since};
use crate::cli::options::{Destination, KindOptions, OutputOptions, RunOptions, SelectionOptions};
use crate::cli::runs::Past;
use crate::cli::sharing;
use crate::cli::status::Status;
use crate::cli::{advice, answering, orphans, provenance, publish};
use crate::git::Repo;
use crate::model::{Kind, Level, Outcome, Stop, Ttl};
use crate::report::{self, Format, State, Verbosity};
use crate::scan::{self, Memo, Place, Plan, Ran, Reading, Selection, Step};
use crate::store::{Batch, Store};
use crate::sync;

const EXAMPLES: &str = "\
Examples:
  git rustassistant analyze                     everything below the current folder
  git rustassistant analyze :/ -k all           every kind, the whole repository
  git rustassistant analyze --changed main      what a branch has touched
  git rustassistant analyze --rev v1.0 src      a release, nothing checked out
  git rustassistant analyze --cached --fail-on warning
                                                a gate for CI: analyses nothing

Exit status:
  0  done; no finding reaches --fail-on
  1  a finding is at or above --fail-on
  2  wrong usage, a wrong setting, or an internal error
  3  incomplete: something selected could not be analysed; the rest is reported
  4  a budget ended the run; what was answered is kept and reported";

/// Analyse files and report what is found
///
/// Each selected file is looked up in the store by its content. What is not there is analysed
/// and stored, so the same content is never analysed twice: not after a rename, not on another
/// branch, not in another work tree. The work tree, the index and HEAD are never touched.
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

    /// Report only findings that REV does not have
    ///
    /// Only files that differ from REV are looked at, there and in REV, and --fail-on judges what
    /// is new. 'REV...' is where the current branch left REV. SARIF tells all findings, with what is
    /// new marked as such: its readers take what is not in it for fixed.
    #[arg(long, value_name = "REV", help_heading = "Run options")]
    #[arg(conflicts_with_all = ["changed", "files_from"])]
    pub new_since: Option<String>,
}

impl Arguments {
    /// The revision that is compared with, if one is.
    fn compared(&self, repo: &Repo) -> Result<Option<Base>> {
        Ok(match (&self.new_since, &self.selection.changed) {
            (Some(rev), _) => Some(Base::named(repo, rev)?),
            (None, Some(base)) => {
                let rev = changed_since(repo, base.as_deref())?.to_string();
                let judge = base.clone().unwrap_or_else(|| "@{upstream}".to_owned());
                Some(Base { rev, judge })
            }
            (None, None) => None,
        })
    }

    /// What a shortcut stands for: one kind, asked of a selection.
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
    let mut opened = Opened::gate(context, &flags, Gate::Run, |repo| {
        compared = arguments.compared(repo)?;
        let judge = compared.as_ref().map(|base| base.judge.as_str());
        arguments.run.against(repo, judge)
    })?;
    let mut selection = arguments.selection.clone();
    match compared {
        Some(base) if arguments.new_since.is_some() => {
            return run_new_since(arguments, context, &mut opened, &base.rev);
        }
        // It was found out already.
        Some(base) => selection.changed = Some(Some(base.rev)),
        None => {}
    }
    let reading = arguments.output.reading(context.printer.verbosity());
    if arguments.run.sync {
        sharing::fetch_before(context, &opened.repo, &opened.settings)?;
    }
    let (outcome, folder) = outcome(&mut opened, context, &selection, &arguments.run, reading)?;
    if arguments.run.sync {
        sharing::publish_after(context, &opened.repo, &opened.settings)?;
    }
    let asked = publish::Asked {
        answerer: arguments.run.model.answerer.words(),
        held_by: arguments.run.held_by(),
    };
    publish::report(
        &opened.repo,
        context,
        &outcome,
        &arguments.output,
        asked,
        folder,
    )?;
    if outcome.totals.rows == 0 && is_plain(arguments) {
        context.printer.note(
            "hint: looked at are files that git tracks, below the current folder, in a language \
             that is known; --untracked adds others, ':/' the whole repository",
        );
    }
    if outcome.totals.analyzed > 0 && !arguments.run.sync && !arguments.run.no_cache {
        advice::tell_once(context, &opened);
    }
    Ok(status(&outcome, &arguments.run, opened.settings.fail_on))
}

/// Only what is new: two places are looked at, and compared.
fn run_new_since(
    arguments: &Arguments,
    context: &Context,
    opened: &mut Opened,
    base: &str,
) -> Result<Status> {
    let options = &arguments.run;
    let now = opened.selection(&arguments.selection)?;
    let folder = now.pathspecs.folder.clone();
    let output = &arguments.output;
    let all = now.clone();
    let sides = compared::look(opened, context, base, now, Extent::Changes, options)?;
    let rest = compared::rest(opened, context, all, &sides, options, output)?;
    let mut report = report::compare(&sides.before, &sides.after, publish::TOOL);
    let whole = compared::whole(&report, rest.as_ref());
    report.keep_states(&[State::New, State::Present]);
    publish::write(&opened.repo, context, &report, &whole, output, folder)?;
    let fail_on = opened.settings.fail_on;
    Ok(compared::status(&report, rest.as_ref(), options, fail_on))
}

/// Has a person asked for all that is here? Then finding nothing is a surprise.
fn is_plain(arguments: &Arguments) -> bool {
    let selection = &arguments.selection;
    let text = |to: &Destination| to.format == Format::Text && to.file.is_none();
    selection.changed.is_none()
        && selection.files_from.is_none()
        && !selection.staged
        && arguments.output.output.iter().any(text)
}

/// Selects, plans and runs; with the outcome, the folder where the user stands.
pub fn outcome(
    opened: &mut Opened,
    context: &Context,
    selection: &SelectionOptions,
    options: &RunOptions,
    reading: Reading,
) -> Result<(Outcome, Vec<u8>)> {
    let selection = opened.selection(selection)?;
    let folder = selection.pathspecs.folder.clone();
    let outcome = outcome_of(opened, context, &selection, options, reading)?;
    Ok((outcome, folder))
}

/// As [`outcome`], of a selection that is resolved already.
pub fn outcome_of(
    opened: &mut Opened,
    context: &Context,
    selection: &Selection,
    options: &RunOptions,
    reading: Reading,
) -> Result<Outcome> {
    if !options.no_cache && !options.dry_run {
        orphans::adopt(&opened.repo, context);
    }
    let questions = format!(
        "{} {}",
        opened.scope.max_file_size,
        opened.questions.digest()
    );
    let remembers = reading <= Reading::Counts
        && context.printer.verbosity() < Verbosity::Verbose
        && !options.no_cache
        && !options.refresh
        && opened.settings.ttl == Ttl::Forever
        && !opened.scope.depends_on_place();
    let memo = remembers.then(|| {
        // Opened again below, where what cannot be read of it is told.
        let state = Store::trusting(&opened.repo, &opened.repo.remotes(), opened.settings.trust)
            .state_now();
        Memo::open(
            opened.repo.own_folder().ok(),
            opened.repo.format(),
            &questions,
            &state,
        )
    });
    let selected = scan::select(&mut opened.repo, selection, &opened.scope, memo.as_ref())?;
    opened.tell_withheld(context, &selected);
    // A document is shown for itself, or for a single file.
    let shows_documents = selected.targets.len() == 1 || opened.questions.kinds == [Kind::Docs];
    let reading = match reading {
        Reading::Findings if shows_documents => Reading::Entries,
        reading => reading,
    };
    let store = if options.no_cache {
        Store::empty(&opened.repo)
    } else {
        opened.store(context)
    };
    let lookup = opened.look_up(context, &store, &selected, reading)?;
    let mut plan = scan::plan(selected, &opened.questions, lookup, options.policy());
    if options.dry_run && !options.refresh && !options.no_cache {
        let wanted = opened.wanted(context, reading);
        scan::foresee(
            &mut plan,
            &opened.questions,
            Batch::orphaned(&opened.repo),
            wanted,
        );
    }
    if !options.refresh && !options.no_cache {
        opened.pass_over_failures(context, &mut plan, selection)?;
    }
    if options.dry_run || options.cached {
        opened.examine(&mut plan)?;
    }
    explain(context, &plan);
    let ran = if options.dry_run {
        answering::foresee(opened, context, &plan);
        Ran::nothing(scan::preview(&plan, reading))
    } else {
        answering::execute(opened, context, options, &plan, &store, reading)?
    };
    if let (Some(memo), Some(tree)) = (memo, ran.local_tree) {
        // Derived and disposable: a run is none the worse without it.
        let _ = memo.save(&ran.complete, &questions, &store.state(Some(tree)));
    }
    let mut outcome = ran.outcome;
    if outcome.totals.analyzed > 0 && !options.no_cache {
        note_revision(opened, selection);
    }
    if context.printer.verbosity() == Verbosity::Verbose {
        provenance::name_publishers(&opened.repo, &store, &mut outcome)?;
    }
    outcome.elapsed_ms = u64::try_from(opened.started.elapsed().as_millis()).unwrap_or(u64::MAX);
    if !options.no_cache
        && !options.dry_run
        && let Ok(own) = opened.repo.own_folder()
    {
        Past::of(&outcome, context.now()).remember(&own);
    }
    Ok(outcome)
}

/// Remembers whose files were analyzed: they may lie on no branch any more when they are published.
fn note_revision(opened: &Opened, selection: &Selection) {
    if let Place::Rev(rev) = &selection.place
        && let Ok(Some(commit)) = opened.repo.commit_named(rev)
    {
        // At worst some stay pending.
        let _ = sync::note_revision(&opened.repo, commit);
    }
}

/// How the process ends.
pub fn status(outcome: &Outcome, options: &RunOptions, fail_on: Option<Level>) -> Status {
    let totals = &outcome.totals;
    let incomplete = totals.failed > 0 || (totals.missing > 0 && !options.dry_run);
    let failing = fail_on.is_some_and(|level| totals.worst() >= Some(level));
    let status = match (&outcome.stopped, incomplete) {
        (Some(Stop::Interrupted), _) => Status::Interrupted,
        (Some(Stop::Budget(_)), _) => Status::Budget,
        // Even where it was the last answer that could not be stored.
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

/// Under `-v`, what the plan says of every path and kind.
fn explain(context: &Context, plan: &Plan) {
    if context.printer.verbosity() < Verbosity::Verbose {
        return;
    }
    for (target, kind, step) in plan.each() {
        let path = &target.path;
        match step {
            Step::Reuse(answered) => {
                let entry = answered.entry.as_ref();
                let by = entry.map_or(String::new(), |held| format!("  {}", held.entry().analyzer));
                context
                    .printer
                    .detail(format_args!("hit   {path}  {kind}{by}"));
            }
            Step::Analyze(miss) | Step::Leave(miss) => {
                context
                    .printer
                    .detail(format_args!("miss  {path}  {kind}  {miss}"));
            }
            Step::Skip(skip) => context
                .printer
                .detail(format_args!("skip  {path}  {kind}  {skip}")),
            Step::Fail(why) => context
                .printer
                .detail(format_args!("fail  {path}  {kind}  {why}")),
        }
    }
}
