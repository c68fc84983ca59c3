//! Shared by commands that compare two revisions: the base, the settings that apply, and the exit
//! status. `report::compare` does the comparing.

use anyhow::Result;

use super::options::{OutputOptions, RunOptions};
use super::status::Status;
use crate::git::Repo;
use crate::model::{Level, Outcome, Stop};
use crate::report::{Format, Report};
use crate::session::Extent;

/// Which files to compare: only changed ones, unless a format needs the rest, too.
pub fn changes(output: &OutputOptions) -> Extent {
    if output.has(Format::Sarif) {
        Extent::ChangesAndRest
    } else {
        Extent::Changes
    }
}

/// A comparison that includes the unchanged files.
pub fn whole<'a>(report: &Report<'a>, rest: Option<&'a Outcome>) -> Report<'a> {
    match rest {
        Some(rest) => report.clone().with_rest(rest),
        None => report.clone(),
    }
}

/// The revision a run compares with, and the one whose settings apply.
#[derive(Clone, Debug, Default)]
pub struct Base {
    pub rev: String,
    /// The revision whose settings apply: the named one as it is now, not the merge base, which the
    /// author of a branch can choose.
    pub judge: String,
}

impl Base {
    pub fn same(rev: String) -> Self {
        let judge = rev.clone();
        Self { rev, judge }
    }

    /// The merge base of HEAD and `judge`.
    ///
    /// # Errors
    /// If the two share no history.
    pub fn left(repo: &Repo, judge: &str) -> Result<Self> {
        Ok(Self {
            rev: repo.merge_base("HEAD", judge)?.to_string(),
            judge: judge.to_owned(),
        })
    }

    /// Parses `REV` or `REV...`, which means the merge base with HEAD.
    pub fn named(repo: &Repo, named: &str) -> Result<Self> {
        match named.strip_suffix("...") {
            Some(rev) if !rev.is_empty() => Self::left(repo, rev),
            _ => Ok(Self::same(named.to_owned())),
        }
    }
}

/// The exit status: only new findings can fail a run.
pub fn status(
    report: &Report<'_>,
    rest: Option<&Outcome>,
    options: &RunOptions,
    fail_on: Option<Level>,
) -> Status {
    let Some(comparison) = &report.comparison else {
        return Status::Done;
    };
    let is_interrupted = rest.is_some_and(|rest| rest.stopped == Some(Stop::Interrupted));
    let status = if is_interrupted {
        Status::Interrupted
    } else if comparison.unknown.is_empty() || options.dry_run {
        Status::Done
    } else {
        Status::Incomplete
    };
    if fail_on.is_some_and(|level| comparison.new.worst() >= Some(level)) {
        status.and(Status::Findings)
    } else {
        status
    }
}
