//! From an outcome to the report that every format renders. Serialized, it is the `json` format.
//!
//! Values only: no text is wrapped, coloured or made harmless here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::compare::Comparison;
use super::identity::identities;
use super::status::{FileStatus, FoundBy, State};
use super::summary::{Summary, summarize};
use crate::model::{
    Confidence, CostSource, Entry, Finding, Fingerprint, Kind, Level, Oid, Origin, Outcome,
    RepoPath, Revision, Row, Status, Suggestion, Usage, Usd,
};

/// The version of the report's shape; additions do not raise it.
pub const SCHEMA: &str = "rustassistant/report/v1";

/// All that is told about a run. Field names and their order are a published promise:
/// `docs/schemas/report-v1.schema.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Report<'a> {
    pub schema: &'static str,
    pub tool: Tool,
    pub revision: Looked<'a>,
    pub summary: Summary,
    pub files: Vec<File<'a>>,
    pub findings: Vec<Remark<'a>>,
    /// Null if nothing was compared: then every finding is `present`.
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

/// One (path, kind) and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct File<'a> {
    pub path: &'a RepoPath,
    /// Null where nobody asked which blob the file would be: it is changed, and skipped.
    pub blob: Option<Oid>,
    pub kind: &'a Kind,
    pub status: FileStatus,
    pub reason: Option<String>,
    /// For a cached answer, which refs it lay under: `local`, `shared`, `remotes/origin`.
    pub store: Option<String>,
    pub recipe: Option<Fingerprint>,
    pub analyzer: Option<&'a str>,
    pub created: Option<Timestamp>,
    /// The author of the commit that published a cached answer; only where it was asked for.
    pub published_by: Option<&'a str>,
    pub usage: Option<Spent>,
    pub summary: Option<&'a str>,
    pub metrics: Option<&'a BTreeMap<String, i64>>,
    pub suggestions: &'a [Suggestion],
    pub document: Option<&'a str>,
    #[serde(skip)]
    pub row: &'a Row,
}

/// What one entry cost when it was made.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spent {
    pub requests: u32,
    pub tokens: Tokens,
    pub cost_usd: Option<Usd>,
    pub cost_source: CostSource,
}

/// Input includes cached input; output includes reasoning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tokens {
    pub input: u64,
    pub cached_input: u64,
    pub output: u64,
    pub reasoning: u64,
}

/// One finding at one path.
#[derive(Clone, Debug, Serialize)]
pub struct Remark<'a> {
    pub id: String,
    pub path: &'a RepoPath,
    pub blob: Oid,
    pub kind: &'a Kind,
    pub rule: &'a str,
    pub level: Level,
    pub start_line: u32,
    pub start_column: u32,
    pub end_line: u32,
    pub end_column: u32,
    pub item: Option<&'a str>,
    pub title: &'a str,
    pub message: &'a str,
    pub suggestion: Option<&'a str>,
    pub confidence: Option<Confidence>,
    pub details: &'a BTreeMap<String, String>,
    pub origin: FoundBy,
    pub state: State,
}

/// Tells an outcome as a report. Files come out by path, then kind; findings by path, then place.
pub fn build(outcome: &Outcome, tool: Tool) -> Report<'_> {
    let mut findings: Vec<Remark<'_>> = outcome.rows.iter().flat_map(remarks).collect();
    findings.sort_by(|a, b| place(a).cmp(&place(b)));
    let mut files: Vec<File<'_>> = outcome.rows.iter().map(file).collect();
    files.sort_by(|a, b| (a.path, a.kind).cmp(&(b.path, b.kind)));
    Report {
        schema: SCHEMA,
        tool,
        revision: looked(&outcome.revision),
        summary: summarize(outcome),
        files,
        findings,
        comparison: None,
    }
}

impl<'a> Report<'a> {
    /// Each path's rows and findings, in order.
    pub fn by_path(&self) -> impl Iterator<Item = (&[File<'a>], &[Remark<'a>])> {
        let mut rest = self.findings.as_slice();
        let paths = self.files.chunk_by(|a, b| a.path == b.path);
        paths.map(move |files| {
            let path = files.last().map(|file| file.path);
            let (here, after) = rest.split_at(rest.partition_point(|f| Some(f.path) <= path));
            rest = after;
            (files, here)
        })
    }
}

pub(super) fn looked(revision: &Revision) -> Looked<'_> {
    let (at, rev, commit) = match revision {
        Revision::WorkTree => ("worktree", None, None),
        Revision::Index => ("index", None, None),
        Revision::Commit { rev, commit } => ("commit", Some(rev.as_str()), *commit),
    };
    Looked { at, rev, commit }
}

fn file(row: &Row) -> File<'_> {
    let entry = row.entry.as_deref();
    let analysis = entry.map(|entry| &entry.analysis);
    File {
        path: &row.path,
        blob: Some(row.blob).filter(|blob| !blob.is_zero()),
        kind: &row.kind,
        status: FileStatus::from(&row.status),
        reason: row.status.reason(),
        store: store(&row.status),
        recipe: row.fingerprint,
        analyzer: entry.map(|entry| entry.analyzer.as_str()),
        created: entry.and_then(|entry| entry.created),
        published_by: row.publisher.as_deref(),
        usage: entry.and_then(|entry| entry.usage.as_ref()).map(spent),
        summary: analysis.map(|analysis| analysis.summary.as_str()),
        metrics: analysis.map(|analysis| &analysis.metrics),
        suggestions: analysis.map_or(&[], |analysis| &analysis.suggestions),
        document: analysis.and_then(|analysis| analysis.document.as_deref()),
        row,
    }
}

fn store(status: &Status) -> Option<String> {
    match status {
        Status::Cached(Origin::Here) => Some("local".to_owned()),
        Status::Cached(Origin::Shared) => Some("shared".to_owned()),
        Status::Cached(Origin::Imported) => Some("imported".to_owned()),
        Status::Cached(Origin::Remote(remote)) => Some(format!("remotes/{remote}")),
        _ => None,
    }
}

fn spent(usage: &Usage) -> Spent {
    Spent {
        requests: usage.requests,
        tokens: Tokens::of(usage),
        cost_usd: usage.cost.usd,
        cost_source: usage.cost.source,
    }
}

impl Tokens {
    pub(super) fn of(usage: &Usage) -> Self {
        Self {
            input: usage.input_tokens,
            cached_input: usage.cached_input_tokens,
            output: usage.output_tokens,
            reasoning: usage.reasoning_tokens,
        }
    }
}

fn remarks(row: &Row) -> Vec<Remark<'_>> {
    let Some(entry) = row.entry.as_deref() else {
        return Vec::new();
    };
    identities(entry)
        .into_iter()
        .zip(&entry.analysis.findings)
        .map(|(id, finding)| remark(id, row, entry, finding))
        .collect()
}

fn remark<'a>(id: String, row: &'a Row, entry: &'a Entry, finding: &'a Finding) -> Remark<'a> {
    Remark {
        id,
        path: &row.path,
        blob: row.blob,
        kind: &row.kind,
        rule: &finding.rule,
        level: finding.level,
        start_line: finding.start_line,
        start_column: finding.start_column,
        end_line: finding.end_line,
        end_column: finding.end_column,
        item: finding.item.as_deref(),
        title: &finding.title,
        message: &finding.message,
        suggestion: finding.suggestion.as_deref(),
        confidence: finding.confidence,
        details: &finding.details,
        origin: FoundBy::of(&entry.analyzer),
        state: State::Present,
    }
}

pub(super) type Place<'a> = (&'a RepoPath, [u32; 4], &'a Kind, &'a str, &'a str);

pub(super) fn place<'a>(remark: &Remark<'a>) -> Place<'a> {
    let span = [
        remark.start_line,
        remark.start_column,
        remark.end_line,
        remark.end_column,
    ];
    (remark.path, span, remark.kind, remark.rule, remark.title)
}
