//! What commands that compare two places share: what is compared with what, who judges, and how the
//! process ends. Not the comparing itself: that is `report::compare`.

use anyhow::Result;

use super::options::{OutputOptions, RunOptions};
use super::status::Status;
use crate::git::Repo;
use crate::model::{Level, Outcome, Stop};
use crate::report::{Format, Report};
use crate::session::Extent;

/// The changes alone, with what else is known where a format needs that.
pub fn changes(output: &OutputOptions) -> Extent {
    if output.has(Format::Sarif) {
        Extent::ChangesAndRest
    } else {
        Extent::Changes
    }
}

/// A comparison with what lies beside the changes.
pub fn whole<'a>(report: &Report<'a>, rest: Option<&'a Outcome>) -> Report<'a> {
    match rest {
        Some(rest) => report.clone().with_rest(rest),
        None => report.clone(),
    }
}

/// What a run compares with, and who judges it.
#[derive(Clone, Debug, Default)]
pub struct Base {
    pub rev: String,
    /// The revision whose settings judge: that which was named, as it is now. Where a branch left it is
    /// for whoever made the branch to choose.
    pub judge: String,
}

impl Base {
    pub fn same(rev: String) -> Self {
        let judge = rev.clone();
        Self { rev, judge }
    }

    /// Where HEAD left `judge`.
    ///
    /// # Errors
    /// If the two share no history.
    pub fn left(repo: &Repo, judge: &str) -> Result<Self> {
        Ok(Self {
            rev: repo.merge_base("HEAD", judge)?.to_string(),
            judge: judge.to_owned(),
        })
    }

    /// What `REV` means; `REV...` is where HEAD left it.
    ///
    /// # Errors
    /// As [`Base::left`].
    pub fn named(repo: &Repo, named: &str) -> Result<Self> {
        match named.strip_suffix("...") {
            Some(rev) if !rev.is_empty() => Self::left(repo, rev),
            _ => Ok(Self::same(named.to_owned())),
        }
    }
}

/// How the process ends: only what is new can fail it.
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
