//! One finding as reports tell it, a view of its row and its entry.

use std::collections::BTreeMap;

use serde::Serialize;

use super::status::{FoundBy, State};
use crate::model::{
    About, Confidence, Entry, Finding, Kind, Level, Oid, RepoPath, Roles, Row, identities,
};

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
    /// How its partner in what was compared with was found, where it has not simply stayed.
    pub matched: Option<Matched>,
    #[serde(skip)]
    pub anchor: &'a str,
    #[serde(skip)]
    pub about: About,
    #[serde(skip)]
    pub roles: Roles,
}

/// How two findings were told to be the same, where their ids or their places are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Matched {
    /// Its file was renamed.
    Renamed,
    /// The same rule about the same item, whose text was edited.
    Edited,
    /// The same rule on the same text, which was moved.
    Moved,
    /// The same rule on nearly the same words.
    Similar,
    /// It was of a lower level, and is new as what it is now.
    Worse,
}

/// The findings of a row's entry, in its order.
pub(super) fn remarks<'e>(row: &'e Row, entry: &'e Entry) -> impl Iterator<Item = Remark<'e>> {
    identities(entry)
        .into_iter()
        .zip(&entry.analysis.findings)
        .map(move |(id, finding)| remark(id, row, entry, finding))
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
        matched: None,
        anchor: &finding.anchor,
        about: finding.about,
        roles: finding.roles,
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
