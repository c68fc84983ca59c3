//! One (path, kind) as reports tell it, a view of its row and its entry. Not its findings.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::status::FileStatus;
use crate::model::{
    CostSource, Entry, Fingerprint, Kind, Oid, Origin, RepoPath, Role, Row, Status, Suggestion,
    Usage, Usd,
};

/// One (path, kind) and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct File<'a> {
    pub path: &'a RepoPath,
    /// Null where nobody asked which blob the file would be: it is changed, and skipped.
    pub blob: Option<Oid>,
    pub kind: &'a Kind,
    pub role: Role,
    pub status: FileStatus,
    pub reason: Option<String>,
    /// Of a failure, what kept the question from an answer.
    pub cause: Option<&'static str>,
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

/// A row with its entry, if it has one.
pub(super) fn file<'e>(row: &'e Row, entry: Option<&'e Entry>) -> File<'e> {
    let analysis = entry.map(|entry| &entry.analysis);
    File {
        path: &row.path,
        blob: Some(row.blob).filter(|blob| !blob.is_zero()),
        kind: &row.kind,
        role: row.role,
        status: FileStatus::from(&row.status),
        reason: row.status.reason(),
        cause: match &row.status {
            Status::Failed(failure) => Some(failure.cause.name()),
            _ => None,
        },
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
