//! Why something was analyzed, or was not. Decisions carry their reason as a value.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Why a selected file is not analyzed. Never shown as clean.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    /// By an attribute or a setting; the text names it.
    Excluded(String),
    TooLarge {
        bytes: u64,
        limit: u64,
    },
    Binary,
    /// Git LFS keeps the content elsewhere: the blob is three lines of text about it.
    LfsPointer,
    /// By an attribute, or a marker in its first lines; the text says which.
    Generated(String),
    Minified,
    Symlink,
    Submodule,
    /// No analyzer for this kind knows the language.
    UnknownLanguage,
    NotUtf8,
    Empty,
    /// Looks like it holds a key: the line, never the value.
    Secret {
        line: u32,
    },
    /// What begins on a line and cannot be parted is larger than the model reads at once, both in
    /// bytes.
    ContextWindow {
        line: u32,
        bytes: u64,
        limit: u64,
    },
    /// Its parser would have to follow too many readings of it. The same on every machine.
    TooComplex,
    /// It took its parser too much time or memory: a failure of one run, on one machine.
    Exhausting,
}

impl Skip {
    /// What says that a file is generated, where no text of it does.
    pub const BY_ATTRIBUTE: &'static str = "the attribute linguist-generated";

    /// Every label, in the order of [`Skip::number`].
    pub const LABELS: [&'static str; 15] = [
        "excluded",
        "too large",
        "binary",
        "LFS pointer",
        "generated",
        "minified",
        "symlink",
        "submodule",
        "unknown language",
        "not UTF-8",
        "empty",
        "secret",
        "larger than the context window",
        "too complex",
        "too much time or memory",
    ];

    /// Short and stable: what files are counted under.
    pub const fn label(&self) -> &'static str {
        Self::LABELS[self.number()]
    }

    /// Does what lies there decide, and not a setting, an attribute or a name? Whoever changes a file
    /// can bring that about.
    pub fn is_by_content(&self) -> bool {
        match self {
            Self::Generated(by) => by != Self::BY_ATTRIBUTE,
            Self::TooLarge { .. }
            | Self::Binary
            | Self::LfsPointer
            | Self::Minified
            | Self::NotUtf8
            | Self::Secret { .. }
            | Self::ContextWindow { .. }
            | Self::TooComplex
            | Self::Exhausting
            | Self::Symlink
            | Self::Submodule => true,
            Self::Excluded(_) | Self::UnknownLanguage | Self::Empty => false,
        }
    }

    /// The place of its label in [`Skip::LABELS`].
    pub const fn number(&self) -> usize {
        match self {
            Self::Excluded(_) => 0,
            Self::TooLarge { .. } => 1,
            Self::Binary => 2,
            Self::LfsPointer => 3,
            Self::Generated(_) => 4,
            Self::Minified => 5,
            Self::Symlink => 6,
            Self::Submodule => 7,
            Self::UnknownLanguage => 8,
            Self::NotUtf8 => 9,
            Self::Empty => 10,
            Self::Secret { .. } => 11,
            Self::ContextWindow { .. } => 12,
            Self::TooComplex => 13,
            Self::Exhausting => 14,
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Excluded(by) => write!(out, "excluded by {by}"),
            Self::TooLarge { bytes, limit } => {
                write!(out, "too large ({bytes} bytes, the limit is {limit})")
            }
            Self::Generated(by) => write!(out, "generated ({by})"),
            Self::Secret { line } => write!(out, "line {line} looks like a secret"),
            Self::ContextWindow { line, bytes, limit } => write!(
                out,
                "the item on line {line} has {bytes} bytes, but the model's context window has room \
                 for only {limit}"
            ),
            Self::TooComplex => out.write_str("too complex for its parser"),
            Self::Exhausting => out.write_str("parsing takes too much time or memory"),
            other => out.write_str(other.label()),
        }
    }
}

/// An ingredient of a recipe, by name.
pub type Ingredient = String;

/// Why a step analyzes instead of answering from the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Miss {
    /// Nobody has asked this of this blob.
    New,
    /// This blob was asked, by a recipe that differs in these ingredients.
    /// Shared: a changed threshold is the reason for every file of a repository.
    RecipeChanged(Arc<[Ingredient]>),
    /// This blob was asked of somebody else: who it was, and who it is now.
    OtherAnalyzer(Arc<str>),
    /// There is an entry, past its TTL.
    Stale,
    /// There is an entry that cannot be believed; the text says why.
    Unreadable(String),
    /// There is an entry, published by a commit that nobody vouches for whom the user trusts.
    Untrusted,
    /// The user wants a new one.
    Forced,
    /// It was to be asked, and the run ended before that; the text says why.
    NotAsked(Arc<str>),
}

impl fmt::Display for Miss {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => out.write_str("new"),
            Self::RecipeChanged(which) => write!(out, "recipe changed: {}", which.join(", ")),
            Self::OtherAnalyzer(which) => write!(out, "another analyzer: {which}"),
            Self::Stale => out.write_str("stale"),
            Self::Unreadable(why) => write!(out, "unreadable entry: {why}"),
            Self::Untrusted => out.write_str("untrusted"),
            Self::Forced => out.write_str("forced"),
            Self::NotAsked(why) => out.write_str(why),
        }
    }
}
