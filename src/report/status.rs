//! The words of the machine formats that are chosen from a list: each list is one type.

use std::fmt;

use serde::Serialize;

use crate::model::Status;

/// What became of one (path, kind): a [`Status`] without its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileStatus {
    Cached,
    Analyzed,
    Skipped,
    Failed,
    Missing,
}

impl FileStatus {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cached => "cached",
            Self::Analyzed => "analyzed",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Missing => "missing",
        }
    }
}

impl fmt::Display for FileStatus {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

impl From<&Status> for FileStatus {
    fn from(status: &Status) -> Self {
        match status {
            Status::Cached(_) => Self::Cached,
            Status::Analyzed(_) => Self::Analyzed,
            Status::Skipped(_) => Self::Skipped,
            Status::Failed(_) => Self::Failed,
            Status::Missing(_) => Self::Missing,
        }
    }
}

/// Who found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FoundBy {
    /// The embedded analyzer.
    Local,
    /// A language model.
    Llm,
}

impl FoundBy {
    /// From an entry's name of its analyzer: `local/1`, `xai/grok-4.7`.
    pub fn of(analyzer: &str) -> Self {
        if analyzer.starts_with("local/") {
            Self::Local
        } else {
            Self::Llm
        }
    }
}

/// How a finding compares with another revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing was compared.
    Present,
    New,
    Fixed,
    Unchanged,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_people_read_the_same_word() {
        use FileStatus::*;
        for status in [Cached, Analyzed, Skipped, Failed, Missing] {
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(json, format!("\"{status}\""));
        }
    }

    #[test]
    fn only_the_embedded_analyzer_is_local() {
        assert_eq!(FoundBy::of("local/1"), FoundBy::Local);
        assert_eq!(FoundBy::of("localhost/llama"), FoundBy::Llm);
    }
}
