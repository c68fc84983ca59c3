//! Two places looked at one after the other, so that their findings can be compared. Not the
//! comparing itself, which is `report::compare`.

use std::collections::HashSet;

use anyhow::Result;

use super::commands::analyze;
use super::context::Context;
use super::opened::Opened;
use super::options::{OutputOptions, RunOptions};
use super::status::Status;
use crate::git::Repo;
use crate::model::{self, Level, Outcome, ResultExt, Stop};
use crate::report::{Format, Report, count};
use crate::scan::{Other, Place, Reading, Selection};

/// How much of the two places is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Files that differ: equal files have equal findings.
    Changes,
    Everything,
}

/// What came of either place.
#[derive(Debug)]
pub struct Sides {
    pub before: Outcome,
    pub after: Outcome,
}

/// Looks at what `now` selects, and at the same paths in the revision `base`.
///
/// # Errors
/// If there is no such revision, and as for any other run.
pub fn look(
    opened: &mut Opened,
    context: &Context,
    base: &str,
    mut now: Selection,
    extent: Extent,
    options: &RunOptions,
) -> Result<Sides> {
    let tree = opened.repo.tree_named(base);
    let tree = tree.hint_if_none("name a branch, a tag or a commit to compare with")?;
    let other = match &now.place {
        Place::Rev(rev) => Other::Tree(opened.repo.tree_named(rev)?),
        Place::Index => Other::Index,
        Place::WorkTree | Place::WithUntracked => Other::WorkTree,
    };
    let mut then = Selection {
        place: Place::Rev(base.to_owned()),
        pathspecs: now.pathspecs.clone(),
        files: None,
        differs_from: None,
    };
    if extent == Extent::Changes {
        then.differs_from = Some(other);
        now.differs_from = Some(Other::Tree(tree));
    }
    let mut outcome =
        |selection| analyze::outcome_of(opened, context, &selection, options, Reading::Entries);
    Ok(Sides {
        before: outcome(then)?,
        after: outcome(now)?,
    })
}

/// What `all` selects beside the changes, where a reader takes what it is not told for fixed. Nothing
/// is paid for it: what a model has not answered yet is missing.
///
/// # Errors
/// As for any other run.
pub fn rest(
    opened: &mut Opened,
    context: &Context,
    all: Selection,
    sides: &Sides,
    options: &RunOptions,
    output: &OutputOptions,
) -> Result<Option<Outcome>> {
    let is_stopped = sides.before.stopped.is_some() || sides.after.stopped.is_some();
    if !output.has(Format::Sarif) || is_stopped || options.dry_run {
        return Ok(None);
    }
    let mut options = options.clone();
    options.refresh = false;
    options.cached |= opened.parties.iter().any(|party| party.chosen.is_some());
    let outcome = analyze::outcome_of(opened, context, &all, &options, Reading::Findings)?;
    let told: HashSet<_> = sides
        .after
        .rows
        .iter()
        .map(|row| (&row.path, &row.kind))
        .collect();
    let lacking = outcome.rows.iter().filter(|row| {
        matches!(
            row.status,
            model::Status::Missing(_) | model::Status::Failed(_)
        ) && !told.contains(&(&row.path, &row.kind))
    });
    let lacking = lacking.count();
    if lacking > 0 {
        context.printer.warning(format_args!(
            "SARIF lacks {} of files that do not differ: their alerts may count as fixed",
            count(lacking as u64, "answer")
        ));
        context
            .printer
            .note("hint: have them answered: git rustassistant analyze :/");
    }
    Ok(Some(outcome))
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
