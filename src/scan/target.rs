//! What is selected, and what stands for it: the values that selection, lookup and plan hand on. Not how
//! they come about: that is `select`.

use super::memo::Tally;
use super::walk::Span;
use crate::git::Pathspecs;
use crate::model::{Language, Oid, RepoPath, Revision, Role, Skip};

/// Where files are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Tracked files as `git add` would store them now.
    WorkTree,
    /// As [`Place::WorkTree`], with files that are neither tracked nor ignored.
    WithUntracked,
    Index,
    Rev(String),
    /// A text that is in no file, and is lent to the repository, as if it lay at this path of the work
    /// tree.
    Text(RepoPath, Oid),
}

/// What a place is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Other {
    /// This commit or tree.
    Tree(Oid),
    WorkTree,
    Index,
}

/// What the user named.
#[derive(Clone, Debug)]
pub struct Selection {
    pub place: Place,
    pub pathspecs: Pathspecs,
    /// Exactly these paths, from the root, instead of pathspecs.
    pub files: Option<Vec<RepoPath>>,
    /// Only what differs from this.
    pub differs_from: Option<Other>,
}

/// What is to become of a selected path, as far as can be told without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Ask(Language),
    Skip(Skip),
    Failed(String),
}

/// How far the text of a file may go to be analysed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It stays on this machine: `rustassistant=local`.
    Here,
    /// It stays here too, by what is looked at itself, which is not what judges.
    Withheld,
    /// To whoever answers.
    Provider,
}

/// A path and the blob it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub path: RepoPath,
    /// Zero where the content could not be read.
    pub blob: Oid,
    pub verdict: Verdict,
    pub reach: Reach,
    /// What it is for.
    pub role: Role,
}

impl Selected {
    /// How many files are asked about that what is looked at would have kept from it.
    pub fn withheld(&self) -> u64 {
        let is_one = |target: &&Target| {
            target.reach == Reach::Withheld && matches!(target.verdict, Verdict::Ask(_))
        };
        self.targets.iter().filter(is_one).count() as u64
    }
}

/// The targets of a selection, sorted by path.
#[derive(Clone, Debug)]
pub struct Selected {
    pub revision: Revision,
    pub targets: Vec<Target>,
    pub spans: Vec<Span>,
    /// Of trees that the memo knows to be complete, and whose files are therefore no targets.
    pub known: Tally,
}
