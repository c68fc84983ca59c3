//! `diff`: compares findings between two revisions, or a revision and the work tree. Checks nothing
//! out.

use std::ffi::OsString;

use anyhow::{Result, bail};
use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::cli::compared::{self, Base};
use crate::cli::context::Context;
use crate::cli::options::{KindOptions, LEVELS, OutputOptions, RunOptions};
use crate::cli::publish;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::model::ResultExt;
use crate::report;
use crate::scan::{Place, Reading, Selection};
use crate::session::{Extent, Gate, Session};

const EXAMPLES: &str = "\
Examples:
  git rustassistant diff                        changes since the upstream branch
  git rustassistant diff main                   main and the work tree
  git rustassistant diff v1.0..v2.0 --analyze   two releases
  git rustassistant diff main...topic -- src    changes of a branch in one folder

Exit status:
  0  success; no new finding reaches --fail-on
  1  a new finding is at or above --fail-on
  2  invalid usage, invalid setting, or internal error
  3  incomplete: some changed files have no analysis; the rest is compared";

/// Show new, fixed and unchanged findings between two revisions
///
/// Uses stored answers for both sides. Lists files without an analysis as unknown, or analyzes them
/// with --analyze. A finding stays the same if its file is renamed or its lines move.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// Revisions to compare: REV (with the work tree), REV..REV, or REV...REV
    ///
    /// REV...REV starts at the merge base of the two. By default, compares the merge base with the
    /// upstream branch and the work tree.
    #[arg(value_name = "REV[..REV]")]
    range: Option<String>,

    /// Files and folders to compare, as git pathspecs [default: the whole repository]
    #[arg(value_name = "PATHSPEC", last = true)]
    pathspecs: Vec<OsString>,

    /// Analyze files without a stored answer
    #[arg(long)]
    analyze: bool,

    /// Include files that do not differ
    ///
    /// This counts all unchanged findings. New and fixed findings are the same with or without it.
    #[arg(long)]
    all: bool,

    /// Number of files to analyze in parallel; 0 means one per processor
    #[arg(short, long, value_name = "N", requires = "analyze")]
    jobs: Option<u32>,

    /// Exit with status 1 on a new finding at LEVEL or above
    #[arg(long, value_name = "LEVEL", value_parser = PossibleValuesParser::new(LEVELS))]
    fail_on: Option<String>,

    /// Use the tracked settings, attributes and prompts of REV
    ///
    /// By default, a run that can fail uses those of the revision it compares with.
    #[arg(long, value_name = "REV")]
    settings_from: Option<String>,

    #[command(flatten)]
    kinds: KindOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    arguments.output.expect_places()?;
    let options = RunOptions {
        jobs: arguments.jobs,
        cached: !arguments.analyze,
        fail_on: arguments.fail_on.clone(),
        settings_from: arguments.settings_from.clone(),
        ..RunOptions::default()
    };
    let flags = [arguments.kinds.flags(), options.flags()].concat();
    let (mut base, mut place) = (Base::default(), Place::WorkTree);
    let session = Session::gate(context, &flags, Gate::Run, |repo| {
        (base, place) = places(repo, arguments.range.as_deref())?;
        options.against(repo, Some(&base.judge))
    })?;
    let mut written = arguments.pathspecs.clone();
    if written.is_empty() {
        written.push(":/".into());
    }
    let now = Selection {
        place,
        pathspecs: session.pathspecs(written),
        files: None,
        differs_from: None,
    };
    let folder = now.pathspecs.folder.clone();
    let output = &arguments.output;
    let extent = if arguments.all {
        Extent::Everything
    } else {
        compared::changes(output)
    };
    let request = options.request(Reading::Entries);
    let sides = session.compare(&base.rev, now, extent, request)?;
    let rest = sides.rest.as_ref();
    let report = report::compare(&sides.before, &sides.after, publish::TOOL);
    let whole = compared::whole(&report, rest);
    publish::write(&session, context, &report, &whole, output, folder)?;
    let fail_on = session.settings.fail_on;
    Ok(compared::status(&report, rest, &options, fail_on))
}

/// Parses a range in git's notation. An omitted side means HEAD.
fn places(repo: &Repo, range: Option<&str>) -> Result<(Base, Place)> {
    let or_head = |rev: &str| match rev {
        "" => "HEAD".to_owned(),
        rev => rev.to_owned(),
    };
    let Some(range) = range else {
        let base = Base::left(repo, "@{upstream}");
        let base =
            base.hint_if_none("name a revision to compare with: git rustassistant diff main")?;
        return Ok((base, Place::WorkTree));
    };
    if let Some((one, other)) = range.split_once("...") {
        let (one, other) = (or_head(one), or_head(other));
        let rev = repo.merge_base(&one, &other)?.to_string();
        return Ok((Base { rev, judge: one }, Place::Rev(other)));
    }
    match range.split_once("..") {
        Some((one, other)) => Ok((Base::same(or_head(one)), Place::Rev(or_head(other)))),
        None if range.is_empty() => bail!("empty revision name"),
        None => Ok((Base::same(range.to_owned()), Place::WorkTree)),
    }
}
