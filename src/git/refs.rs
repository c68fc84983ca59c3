//! Refs: looked up by exact name, moved by `git update-ref` only, always against
//! an expected value.

use anyhow::{Context, Result};

use super::moving::Moving;
use super::process::{Git, failed};
use super::repo::Repo;
use crate::model::Oid;

/// A ref is on the disk before it takes its name: git leaves that to chance, and a loss of power would
/// leave an empty file that every `git gc` stumbles over.
const SYNCED: &str = "core.fsync=reference";

/// Where refs lie in tables all of them have one lock, which git waits a tenth of a second for: not
/// enough beside a `git gc` on a busy disk. In milliseconds.
pub(super) const PATIENT: &str = "reftable.lockTimeout=10000";

/// What a ref must point at for an update to go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    Absent,
    At(Oid),
}

impl Expected {
    const fn oid(self) -> Option<Oid> {
        match self {
            Self::Absent => None,
            Self::At(oid) => Some(oid),
        }
    }
}

/// What became of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    Done,
    /// Somebody else moved the ref, or holds its lock: look again and retry.
    Raced,
}

impl Repo {
    /// What the ref of exactly this name points at; `None` if it does not exist.
    ///
    /// # Errors
    /// If it cannot be read: an empty or broken ref is not an absent one.
    pub fn resolve_ref(&self, name: &str) -> Result<Option<Oid>> {
        let resolved = self.hand.resolve_ref(name);
        resolved.with_context(|| format!("cannot read ref {name}"))
    }

    /// Moves the ref `name` to `new` if it is where `expected` says; keeps a reflog with `why`.
    ///
    /// # Errors
    /// If git refuses for any other reason than the ref's value or lock: a read-only or full
    /// disk, a name that cannot be.
    pub fn update_ref(
        &self,
        name: &str,
        new: Oid,
        expected: Expected,
        why: &str,
    ) -> Result<Update> {
        self.update_refs(&[(name, new, expected)], why)
    }

    /// As [`Repo::update_ref`], of several refs: all of them or none.
    ///
    /// # Errors
    /// As [`Repo::update_ref`].
    pub fn update_refs(&self, moves: &[(&str, Oid, Expected)], why: &str) -> Result<Update> {
        let mut lines = String::new();
        for (name, new, expected) in moves {
            let old = expected.oid().unwrap_or(new.format().zero());
            lines += &format!("update {name}\0{new}\0{old}\0");
        }
        let marks = moves.iter().map(|(name, ..)| self.moving(name));
        let marks = marks.collect::<Result<Vec<Moving>>>()?;
        let git = Git::with(self.start(), &["-c", SYNCED, "-c", PATIENT], "update-ref")
            .args(["--create-reflog", "--no-deref", "-z", "--stdin", "-m", why])
            .printing_to(marks.first().and_then(Moving::held_by_child));
        let output = git.finish(lines.as_bytes())?;
        for mark in marks {
            mark.ended(output.status);
        }
        if output.status.success() {
            return Ok(Update::Done);
        }
        let error = failed("update-ref".to_owned(), &output);
        // Whether it was a race is read off the refs, never off git's words.
        for (name, _, expected) in moves {
            let lock = self.common_dir().join(format!("{name}.lock"));
            if self.resolve_ref(name)? != expected.oid() || lock.exists() {
                return Ok(Update::Raced);
            }
        }
        let names: Vec<&str> = moves.iter().map(|(name, ..)| *name).collect();
        Err(error).with_context(|| format!("cannot update ref {}", names.join(", ")))
    }
}
