//! What an analysis says: findings on spans, metrics, a summary, a document. No paths, ever.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Roles;

/// The most findings one entry may hold: a fetched entry with more is not believed.
pub const MAX_FINDINGS: usize = 10_000;

/// How much a finding matters. Orders from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Note,
    Warning,
    Error,
}

impl Level {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Note, Self::Warning, Self::Error]
            .into_iter()
            .find(|level| level.name() == name)
            .ok_or_else(|| format!("'{}' is not a level", name.escape_debug()))
    }
}

/// How sure the analyzer is, where it can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    Low,
    Medium,
    High,
}

/// What a finding is about: what it goes on being the same finding with.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// A text in an item: a TODO, a call, whatever a model quotes.
    #[default]
    Text,
    /// An item as a whole: its length, its documentation.
    Item,
    /// A file as a whole.
    File,
}

impl About {
    fn is_text(&self) -> bool {
        *self == Self::Text
    }
}

/// One remark on one span of one blob. Fields in the order findings are shown in: by place.
///
/// Lines and columns count from 1; columns count characters; the end column is exclusive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    pub start_line: u32,
    pub start_column: u32,
    pub end_line: u32,
    pub end_column: u32,
    /// A stable id from the rule vocabulary of its kind: `long-function`.
    pub rule: String,
    pub level: Level,
    /// The item it lies in, as a reader would name it: `Store::open`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// One line, no period at the end: what is so.
    pub title: String,
    /// Why it matters, in whole sentences.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// The line it begins on, white space folded: where a finding is about a text, this is the text
    /// that it stays the same finding with when lines move or its file is renamed.
    pub anchor: String,
    #[serde(default, skip_serializing_if = "About::is_text")]
    pub about: About,
    /// The roles of files in which it holds.
    #[serde(default, skip_serializing_if = "Roles::is_every")]
    pub roles: Roles,
    /// More facts by name: a todo's `owner`, `reference`, `priority`; a metric's `value`, `limit`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

/// What a file as a whole would gain from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    pub title: String,
    pub detail: String,
    /// An estimate of the work, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort_minutes: Option<u32>,
}

/// The answer to one question about one source text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    /// One paragraph in plain words.
    pub summary: String,
    /// Whole numbers by name; each name is documented where it is computed.
    pub metrics: BTreeMap<String, i64>,
    /// Sorted by place.
    pub findings: Vec<Finding>,
    pub suggestions: Vec<Suggestion>,
    /// A document in Markdown, for kinds that write one.
    pub document: Option<String>,
}
