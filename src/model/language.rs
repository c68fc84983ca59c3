//! The languages that have a name here, and which file is written in which.
//! Not here: grammars and rules, which belong to the analyzers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::RepoPath;

/// A programming language, as far as a file's name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Rust,
    Python,
    JavaScript,
    TypeScript,
    Tsx,
    Go,
    Java,
    C,
    Cpp,
}

impl Language {
    pub const ALL: [Self; 9] = [
        Self::Rust,
        Self::Python,
        Self::JavaScript,
        Self::TypeScript,
        Self::Tsx,
        Self::Go,
        Self::Java,
        Self::C,
        Self::Cpp,
    ];

    /// The name a recipe holds: an ingredient of every key, so never renamed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
            Self::Tsx => "tsx",
            Self::Go => "go",
            Self::Java => "java",
            Self::C => "c",
            Self::Cpp => "cpp",
        }
    }

    /// The language of a file by its name's ending; `None` if no language claims it.
    pub fn of(path: &RepoPath) -> Option<Self> {
        Self::of_path(path.as_bytes())
    }

    /// As [`Language::of`], from the bytes of a path.
    pub fn of_path(path: &[u8]) -> Option<Self> {
        let mark = path
            .iter()
            .rposition(|&byte| byte == b'.' || byte == b'/')?;
        // After a slash comes a name without a dot.
        if path[mark] == b'/' {
            return None;
        }
        Some(match &path[mark + 1..] {
            b"rs" => Self::Rust,
            b"py" | b"pyi" => Self::Python,
            b"js" | b"mjs" | b"cjs" | b"jsx" => Self::JavaScript,
            b"ts" | b"mts" | b"cts" => Self::TypeScript,
            b"tsx" => Self::Tsx,
            b"go" => Self::Go,
            b"java" => Self::Java,
            b"c" | b"h" => Self::C,
            b"cc" | b"cpp" | b"cxx" | b"hh" | b"hpp" | b"hxx" => Self::Cpp,
            _ => return None,
        })
    }
}

impl fmt::Display for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}
