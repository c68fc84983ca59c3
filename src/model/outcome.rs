//! What came of a run, before anybody renders it: one row for each (path, kind).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Failure, Fingerprint, Held, Kind, Level, Miss, Oid, RepoPath, Role, Skip, Usage};

/// Where a cached entry was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// This clone made it, or another process of it just now.
    Here,
    /// Our mirror of this remote.
    Remote(String),
    /// What this repository itself publishes.
    Shared,
    /// What came in a file.
    Imported,
}

/// What became of one (path, kind).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Cached(Origin),
    Analyzed(Miss),
    Skipped(Skip),
    /// Could not be analyzed.
    Failed(Failure),
    /// Would have been analyzed, but was not asked for (`--cached`, a dry run, a budget).
    Missing(Miss),
}

impl Status {
    /// The word in machine formats.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Cached(_) => "cached",
            Self::Analyzed(_) => "analyzed",
            Self::Skipped(_) => "skipped",
            Self::Failed(_) => "failed",
            Self::Missing(_) => "missing",
        }
    }

    /// Why, in words, where there is a reason to give.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Cached(_) => None,
            Self::Analyzed(miss) | Self::Missing(miss) => Some(miss.to_string()),
            Self::Skipped(skip) => Some(skip.to_string()),
            Self::Failed(failure) => Some(failure.why.clone()),
        }
    }
}

/// One question about one path.
#[derive(Clone, Debug)]
pub struct Row {
    pub path: RepoPath,
    pub blob: Oid,
    pub kind: Kind,
    /// What the file is for: the entry holds what holds in that role.
    pub role: Role,
    /// None where no recipe applies: a skipped file.
    pub fingerprint: Option<Fingerprint>,
    pub status: Status,
    /// Who published a cached answer, `A U Thor <author@example.com>`; `None` if nobody asked or it
    /// cannot be told.
    pub publisher: Option<Arc<str>>,
    /// Shared by all paths of one blob. None where there is no answer, or nobody wanted to read it.
    pub entry: Option<Held>,
}

/// What was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revision {
    WorkTree,
    Index,
    Commit { rev: String, commit: Option<Oid> },
}

/// Counts over rows. `cached + analyzed + skipped + failed + missing` is the number of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub rows: u64,
    /// Distinct paths without a row: in whole trees that were known complete, or with nothing to be
    /// shown.
    pub unlisted_files: u64,
    /// Skipped rows in such trees, by the reason's label; part of `skipped`.
    pub unlisted_skips: BTreeMap<&'static str, u64>,
    /// Cached rows that were read and have nothing to be shown, by where they lay; part of `cached`.
    pub unlisted_origins: BTreeMap<Origin, u64>,
    pub cached: u64,
    pub analyzed: u64,
    pub skipped: u64,
    pub failed: u64,
    pub missing: u64,
    pub errors: u64,
    pub warnings: u64,
    pub notes: u64,
}

impl Totals {
    /// Counts one more row, without its findings.
    pub fn add_status(&mut self, status: &Status) {
        self.rows += 1;
        *match status {
            Status::Cached(_) => &mut self.cached,
            Status::Analyzed(_) => &mut self.analyzed,
            Status::Skipped(_) => &mut self.skipped,
            Status::Failed(_) => &mut self.failed,
            Status::Missing(_) => &mut self.missing,
        } += 1;
    }

    /// Counts one more row and its findings.
    pub fn add(&mut self, row: &Row) {
        self.add_status(&row.status);
        let entry = row.entry.as_ref().filter(|held| held.has_findings());
        let entry = entry.map(Held::entry);
        for finding in entry.iter().flat_map(|entry| &entry.analysis.findings) {
            *match finding.level {
                Level::Error => &mut self.errors,
                Level::Warning => &mut self.warnings,
                Level::Note => &mut self.notes,
            } += 1;
        }
    }

    /// The most severe level that was found.
    pub fn worst(&self) -> Option<Level> {
        [
            (self.errors, Level::Error),
            (self.warnings, Level::Warning),
            (self.notes, Level::Note),
        ]
        .into_iter()
        .find(|(count, _)| *count > 0)
        .map(|(_, level)| level)
    }
}

impl Outcome {
    /// Leaves only the rows that `keep` wants, and counts anew.
    pub fn keep_rows(&mut self, keep: impl FnMut(&Row) -> bool) {
        self.rows.retain(keep);
        self.totals = Totals::default();
        for row in &self.rows {
            self.totals.add(row);
        }
    }
}

/// All that a report is built from.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub revision: Revision,
    /// Sorted by path, then kind.
    pub rows: Vec<Row>,
    /// Over the rows, and over whole trees that were known complete and so have no rows.
    pub totals: Totals,
    /// This run's own, not that of the entries it found.
    pub usage: Option<Usage>,
    pub elapsed_ms: u64,
    /// Why it ended before everything was answered; `None` if nothing ended it.
    pub stopped: Option<Stop>,
}

/// What ends a run early. Questions that it did not reach are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The user did.
    Interrupted,
    /// A budget that the user set; the text says which.
    Budget(String),
    /// The provider would refuse every other question, too; the text says why.
    Provider(String),
    /// Answers that cost money could not be stored; the text says why.
    Store(String),
}

impl Stop {
    /// Why, in words, unless the user did.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Interrupted => None,
            Self::Budget(why) | Self::Provider(why) | Self::Store(why) => Some(why),
        }
    }
}
