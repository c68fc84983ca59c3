//! Analyzes two revisions in one run, so that `report::compare` can compare their findings.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;

use super::open::Session;
use super::run::Request;
use crate::model::{Outcome, RepoPath, ResultExt, Row, Status};
use crate::report::count;
use crate::scan::{Other, Place, Policy, Reading, Selection, State};

/// Which files to analyze on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Only files that differ: equal files have equal findings.
    Changes,
    /// Same as [`Extent::Changes`], plus stored answers of other files, for readers that treat missing
    /// findings as fixed. Costs nothing: sends no requests for these files.
    ChangesAndRest,
    Everything,
}

/// The outcomes of both sides.
#[derive(Debug)]
pub struct Comparison {
    pub before: Outcome,
    pub after: Outcome,
    /// Selected files that did not change, if wanted.
    pub rest: Option<Outcome>,
}

impl Session<'_> {
    /// Analyzes the files that `now` selects, and the same paths in the revision `base`.
    ///
    /// # Errors
    /// If there is no such revision, and those of any run.
    pub fn compare(
        &self,
        base: &str,
        now: Selection,
        extent: Extent,
        request: Request,
    ) -> Result<Comparison> {
        let tree = self.repo.tree_named(base);
        let tree = tree.hint_if_none("expected a branch, tag or commit to compare with")?;
        let other = match &now.place {
            Place::Rev(rev) => Other::Tree(self.repo.tree_named(rev)?),
            Place::Index => Other::Index,
            Place::WorkTree | Place::WithUntracked | Place::Text(..) => Other::WorkTree,
        };
        let (mut then, mut changed) = (now.clone(), now.clone());
        then.place = Place::Rev(base.to_owned());
        then.files = None;
        if extent == Extent::Everything {
            then.differs_from = None;
        } else {
            then.differs_from = Some(other);
            changed.differs_from = Some(Other::Tree(tree));
        }
        let (before, after) = (
            self.outcome(&then, request)?,
            self.outcome(&changed, request)?,
        );
        let is_stopped = before.stopped.is_some() || after.stopped.is_some();
        let rest = if extent == Extent::ChangesAndRest && !is_stopped && !request.dry_run {
            Some(self.rest(&now, &after, request)?)
        } else {
            None
        };
        let outcomes: Vec<&Outcome> = [&before, &after].into_iter().chain(&rest).collect();
        self.remember(&outcomes, request);
        Ok(Comparison {
            before,
            after,
            rest,
        })
    }

    /// How many files of an outcome could be read in `base` and cannot be read now, for what is in
    /// them: whoever changes a file can bring that about, and what it said is not mended.
    ///
    /// # Errors
    /// If there is no such revision, or a blob of it cannot be read.
    pub fn lost(&self, base: &str, outcome: &Outcome) -> Result<usize> {
        let is_unreadable =
            |row: &&Row| matches!(&row.status, Status::Skipped(skip) if skip.is_by_content());
        let rows = outcome.rows.iter().filter(is_unreadable);
        let paths: BTreeSet<&RepoPath> = rows.map(|row| &row.path).collect();
        let was_there = |path: &&&RepoPath| matches!(self.repo.file_at(base, path), Ok(Some(_)));
        let files: Vec<RepoPath> = paths
            .iter()
            .filter(was_there)
            .map(|path| (*path).clone())
            .collect();
        if files.is_empty() {
            return Ok(0);
        }
        let selection = Selection {
            place: Place::Rev(base.to_owned()),
            pathspecs: self.pathspecs(Vec::new()),
            files: Some(files),
            differs_from: None,
        };
        let selected = self.select(&selection, None)?;
        let store = self.store_unheard();
        let mut plan = self.plan(&store, selected, Reading::Nothing, Policy::CachedOnly)?;
        self.examine(&mut plan)?;
        let kinds = plan.kinds.len().max(1);
        let states = plan.states.chunks(kinds);
        let was_read =
            |state: &State| matches!(state.status, Status::Cached(_) | Status::Missing(_));
        Ok(states.filter(|states| states.iter().any(was_read)).count())
    }

    fn rest(&self, all: &Selection, after: &Outcome, request: Request) -> Result<Outcome> {
        let cached = self.asks_models() || request.policy == Policy::CachedOnly;
        let request = Request {
            policy: if cached {
                Policy::CachedOnly
            } else {
                Policy::Analyze
            },
            reading: Reading::Findings,
            ..request
        };
        let rest = self.outcome(all, request)?;
        let told = after.rows.iter().map(|row| (&row.path, &row.kind));
        let told: HashSet<_> = told.collect();
        let lacking = rest.rows.iter().filter(|row| {
            matches!(row.status, Status::Missing(_) | Status::Failed(_))
                && !told.contains(&(&row.path, &row.kind))
        });
        let lacking = lacking.count();
        if lacking > 0 {
            self.host.warning(format!(
                "SARIF lacks {} for unchanged files: their alerts may be closed as fixed",
                count(lacking as u64, "answer")
            ));
            self.host
                .note("hint: to analyze them: git rustassistant analyze :/");
        }
        Ok(rest)
    }
}
