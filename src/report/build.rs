//! From an outcome to the report that every format renders. Serialized, it is the `json` format.
//!
//! Values only: no text is wrapped, colored or made harmless here. Of a large repository the
//! entries are [deflated](crate::model::Held), so a report hands over one path after the other
//! rather than to hold a list of files or findings.

use std::sync::Arc;

use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};

use super::compare::Comparison;
use super::file::{File, file};
use super::remark::{Remark, place, remarks};
use super::summary::{Summary, summarize};
use crate::model::{Entry, Held, Level, Oid, Outcome, Revision, Row};

/// The version of the report's shape; additions do not raise it.
pub const SCHEMA: &str = "rustassistant/report/v1";

/// All that is told about a run. Field names and their order are a published promise:
/// `docs/schemas/report-v1.schema.json`.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    pub schema: &'static str,
    pub tool: Tool,
    pub revision: Looked<'a>,
    pub summary: Summary,
    /// One for each (path, kind), by path, then kind.
    pub rows: Vec<&'a Row>,
    /// By path, then place, each with its state. `None` if nothing was compared: then they are
    /// those of the rows, and `present`.
    pub(super) compared: Option<Vec<Remark<'a>>>,
    /// Null if nothing was compared.
    pub comparison: Option<Comparison<'a>>,
}

/// Who made the report.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Tool {
    pub name: &'static str,
    pub version: &'static str,
}

/// What was looked at; `rev` and `commit` are null unless it was a commit.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Looked<'a> {
    /// `worktree`, `index` or `commit`.
    pub at: &'static str,
    pub rev: Option<&'a str>,
    pub commit: Option<Oid>,
}

/// Tells an outcome as a report. Files come out by path, then kind; findings by path, then place.
pub fn build(outcome: &Outcome, tool: Tool) -> Report<'_> {
    let mut rows: Vec<&Row> = outcome.rows.iter().collect();
    rows.sort_by_key(|row| (&row.path, &row.kind));
    Report {
        schema: SCHEMA,
        tool,
        revision: looked(&outcome.revision),
        summary: summarize(outcome),
        rows,
        compared: None,
        comparison: None,
    }
}

impl<'a> Report<'a> {
    /// Hands over each path's files and findings, by path.
    ///
    /// # Errors
    /// The first of `tell`, which ends it.
    pub fn each_path<E>(
        &self,
        mut tell: impl FnMut(&[File<'_>], &[Remark<'_>]) -> Result<(), E>,
    ) -> Result<(), E> {
        for rows in self.rows.chunk_by(|a, b| a.path == b.path) {
            let entries = entries(rows, |_| true);
            let files: Vec<File<'_>> = each(rows, &entries)
                .map(|(row, entry)| file(row, entry))
                .collect();
            match &self.compared {
                None => tell(&files, &found(rows, &entries))?,
                Some(compared) => tell(&files, at(compared, rows))?,
            }
        }
        Ok(())
    }

    /// Hands over each file, by path, then kind.
    ///
    /// # Errors
    /// The first of `tell`, which ends it.
    pub fn each_file<E>(&self, mut tell: impl FnMut(&File<'_>) -> Result<(), E>) -> Result<(), E> {
        self.rows.iter().try_for_each(|row| {
            let entry = row.entry.as_ref().map(Held::entry);
            tell(&file(row, entry.as_deref()))
        })
    }

    /// Hands over each finding, by path, then place.
    ///
    /// # Errors
    /// The first of `tell`, which ends it.
    pub fn each_finding<E>(
        &self,
        mut tell: impl FnMut(&Remark<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(compared) = &self.compared {
            return compared.iter().try_for_each(tell);
        }
        for rows in self.rows.chunk_by(|a, b| a.path == b.path) {
            let entries = entries(rows, Held::has_findings);
            found(rows, &entries).iter().try_for_each(&mut tell)?;
        }
        Ok(())
    }

    /// As [`Report::each_finding`], the most severe first: one level after the other.
    ///
    /// # Errors
    /// The first of `tell`, which ends it.
    pub fn each_finding_from_the_worst<E>(
        &self,
        mut tell: impl FnMut(&Remark<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        [Level::Error, Level::Warning, Level::Note]
            .into_iter()
            .try_for_each(|level| {
                self.each_finding(|remark| {
                    if remark.level == level {
                        tell(remark)
                    } else {
                        Ok(())
                    }
                })
            })
    }
}

/// The entries of rows, of those that are wanted.
fn entries(rows: &[&Row], is_wanted: impl Fn(&Held) -> bool) -> Vec<Option<Arc<Entry>>> {
    let held = rows.iter().map(|row| row.entry.as_ref());
    held.map(|held| held.filter(|held| is_wanted(held)).map(Held::entry))
        .collect()
}

fn each<'e>(
    rows: &'e [&Row],
    entries: &'e [Option<Arc<Entry>>],
) -> impl Iterator<Item = (&'e Row, Option<&'e Entry>)> {
    let entries = entries.iter().map(Option::as_deref);
    rows.iter().copied().zip(entries)
}

/// The findings of one path.
fn found<'e>(rows: &'e [&Row], entries: &'e [Option<Arc<Entry>>]) -> Vec<Remark<'e>> {
    let answered = each(rows, entries).filter_map(|(row, entry)| Some((row, entry?)));
    let mut found: Vec<Remark<'e>> = answered
        .flat_map(|(row, entry)| remarks(row, entry))
        .collect();
    found.sort_by(|a, b| place(a).cmp(&place(b)));
    found
}

/// Those of compared findings that lie at the path of `rows`.
fn at<'r, 'a>(compared: &'r [Remark<'a>], rows: &[&Row]) -> &'r [Remark<'a>] {
    let path = rows.first().map(|row| &row.path);
    let start = compared.partition_point(|remark| Some(remark.path) < path);
    let end = compared.partition_point(|remark| Some(remark.path) <= path);
    compared.get(start..end).unwrap_or_default()
}

pub(super) fn looked(revision: &Revision) -> Looked<'_> {
    let (at, rev, commit) = match revision {
        Revision::WorkTree => ("worktree", None, None),
        Revision::Index => ("index", None, None),
        Revision::Commit { rev, commit } => ("commit", Some(rev.as_str()), *commit),
    };
    Looked { at, rev, commit }
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut report = serializer.serialize_struct("Report", 7)?;
        report.serialize_field("schema", self.schema)?;
        report.serialize_field("tool", &self.tool)?;
        report.serialize_field("revision", &self.revision)?;
        report.serialize_field("summary", &self.summary)?;
        report.serialize_field("files", &Files(self))?;
        report.serialize_field("findings", &Findings(self))?;
        report.serialize_field("comparison", &self.comparison)?;
        report.end()
    }
}

/// A report's files, one after the other.
struct Files<'r, 'a>(&'r Report<'a>);

impl Serialize for Files<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut files = serializer.serialize_seq(Some(self.0.rows.len()))?;
        self.0.each_file(|file| files.serialize_element(file))?;
        files.end()
    }
}

/// A report's findings, one after the other.
struct Findings<'r, 'a>(&'r Report<'a>);

impl Serialize for Findings<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut findings = serializer.serialize_seq(None)?;
        self.0
            .each_finding(|finding| findings.serialize_element(finding))?;
        findings.end()
    }
}
