//! Two places looked at one after the other, so that their findings can be compared: one run. Not the
//! comparing itself, which is `report::compare`.

use std::collections::HashSet;

use anyhow::Result;

use super::open::Session;
use super::run::Request;
use crate::model::{self, Outcome, ResultExt};
use crate::report::count;
use crate::scan::{Other, Place, Policy, Reading, Selection};

/// How much of the two places is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Files that differ: equal files have equal findings.
    Changes,
    /// As [`Extent::Changes`], and what else the store knows, for a reader that takes what it is not
    /// told for fixed. Nothing is paid for it: what a model has not answered yet is missing.
    ChangesAndRest,
    Everything,
}

/// What came of either place.
#[derive(Debug)]
pub struct Comparison {
    pub before: Outcome,
    pub after: Outcome,
    /// What is selected beside the changes, if that was wanted.
    pub rest: Option<Outcome>,
}

impl Session<'_> {
    /// Looks at what `now` selects, and at the same paths in the revision `base`.
    ///
    /// # Errors
    /// If there is no such revision, and as for any other run.
    pub fn compare(
        &self,
        base: &str,
        now: Selection,
        extent: Extent,
        request: Request,
    ) -> Result<Comparison> {
        let tree = self.repo.tree_named(base);
        let tree = tree.hint_if_none("name a branch, a tag or a commit to compare with")?;
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
            matches!(
                row.status,
                model::Status::Missing(_) | model::Status::Failed(_)
            ) && !told.contains(&(&row.path, &row.kind))
        });
        let lacking = lacking.count();
        if lacking > 0 {
            self.host.warning(format!(
                "SARIF lacks {} of files that do not differ: their alerts may count as fixed",
                count(lacking as u64, "answer")
            ));
            self.host
                .note("hint: have them answered: git rustassistant analyze :/");
        }
        Ok(rest)
    }
}
