//! The counts of a report: what became of the files, what was found, what it cost.
//! Not how they are worded: that is `render::summary`.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::file::Tokens;
use super::remark::Remark;
use crate::model::{Level, Origin, Outcome, Part, RepoPath, Row, Status, Stop, Usd};

/// `cached + analyzed + skipped + failed + missing` is `rows`. Tokens and `cost_usd` are this
/// run's; `saved_usd` is what its cached answers cost when they were made. Unknown money is null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Distinct paths.
    pub files: u64,
    /// Distinct (path, kind).
    pub rows: u64,
    pub cached: u64,
    pub analyzed: u64,
    pub skipped: u64,
    pub failed: u64,
    pub missing: u64,
    pub requests: u32,
    pub findings: Levels,
    pub tokens: Tokens,
    pub cost_usd: Option<Usd>,
    pub saved_usd: Option<Usd>,
    /// What is known of both where the whole is not.
    #[serde(skip)]
    pub cost: Part,
    #[serde(skip)]
    pub saved: Option<Part>,
    pub elapsed_ms: u64,
    /// The user stopped the run: rows it did not reach are missing.
    pub interrupted: bool,
    /// What else ended the run early, in a sentence: a budget, a provider that refuses everything.
    pub stopped: Option<String>,
    /// Skipped rows that are not listed as files, by reason.
    #[serde(skip)]
    pub unlisted_skips: BTreeMap<&'static str, u64>,
    #[serde(skip)]
    pub unlisted_origins: BTreeMap<Origin, u64>,
    /// Was a model asked, now or for a cached answer? If not, tokens and money are not worth a word.
    #[serde(skip)]
    pub model_involved: bool,
}

/// Findings by level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Levels {
    pub error: u64,
    pub warning: u64,
    pub note: u64,
}

impl Levels {
    /// Counts findings.
    pub fn of<'r, 'a: 'r>(findings: impl Iterator<Item = &'r Remark<'a>>) -> Self {
        let mut levels = Self::default();
        for finding in findings {
            *match finding.level {
                Level::Error => &mut levels.error,
                Level::Warning => &mut levels.warning,
                Level::Note => &mut levels.note,
            } += 1;
        }
        levels
    }

    /// All levels together.
    pub const fn total(self) -> u64 {
        self.error + self.warning + self.note
    }

    /// The most severe level that was counted.
    pub fn worst(self) -> Option<Level> {
        let levels = [
            (self.error, Level::Error),
            (self.warning, Level::Warning),
            (self.note, Level::Note),
        ];
        let mut found = levels.into_iter().filter(|(count, _)| *count > 0);
        found.next().map(|(_, level)| level)
    }
}

/// Counts an outcome.
pub fn summarize(outcome: &Outcome) -> Summary {
    let totals = &outcome.totals;
    let usage = outcome.usage.as_ref();
    let paid = paid_before(&outcome.rows);
    let saved = are_read(outcome).then(|| reused(outcome));
    Summary {
        files: files(outcome),
        rows: totals.rows,
        cached: totals.cached,
        analyzed: totals.analyzed,
        skipped: totals.skipped,
        failed: totals.failed,
        missing: totals.missing,
        requests: usage.map_or(0, |usage| usage.requests),
        findings: Levels {
            error: totals.errors,
            warning: totals.warnings,
            note: totals.notes,
        },
        tokens: usage.map(Tokens::of).unwrap_or_default(),
        cost_usd: usage.map_or(Some(Usd(0)), |usage| usage.cost.usd),
        saved_usd: saved.and_then(Part::whole),
        cost: usage.map_or_else(Part::default, |usage| usage.cost.part()),
        saved,
        elapsed_ms: outcome.elapsed_ms,
        interrupted: outcome.stopped == Some(Stop::Interrupted),
        stopped: outcome
            .stopped
            .as_ref()
            .and_then(Stop::why)
            .map(str::to_owned),
        unlisted_skips: totals.unlisted_skips.clone(),
        unlisted_origins: totals.unlisted_origins.clone(),
        model_involved: usage.is_some() || !paid.is_empty(),
    }
}

fn files(outcome: &Outcome) -> u64 {
    let listed: HashSet<&RepoPath> = outcome.rows.iter().map(|row| &row.path).collect();
    listed.len() as u64 + outcome.totals.unlisted_files
}

/// What the cached answers cost when they were made, as far as somebody has read them.
pub fn reused(outcome: &Outcome) -> Part {
    let mut sum = Part::default();
    for cost in paid_before(&outcome.rows) {
        sum += Part::of(cost);
    }
    sum
}

/// Has somebody read every cached answer?
fn are_read(outcome: &Outcome) -> bool {
    let is_read = |row: &&Row| matches!(row.status, Status::Cached(_)) && row.entry.is_some();
    let unlisted: u64 = outcome.totals.unlisted_origins.values().sum();
    let read = unlisted + outcome.rows.iter().filter(is_read).count() as u64;
    read >= outcome.totals.cached
}

/// What the cached answers cost that a model gave, each counted once however many paths have it.
fn paid_before(rows: &[Row]) -> Vec<Option<Usd>> {
    let mut seen = HashSet::new();
    rows.iter()
        .filter(|row| matches!(row.status, Status::Cached(_)))
        .filter_map(|row| Some((row, row.entry.as_ref()?.usage()?)))
        .filter(|(row, _)| seen.insert((row.blob, row.fingerprint)))
        .map(|(_, usage)| usage.cost.usd)
        .collect()
}
