//! The files and folders that the user named one by one: each must be there, and a file that was
//! named is meant whatever its name says.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use super::scope::Scope;
use super::select::Selection;
use crate::git::Listed;
use crate::model::{RepoPath, ResultExt};

/// The files and folders that were named one by one, if all were.
pub struct Named {
    pub starts: Option<Vec<RepoPath>>,
    /// Whether each must match something.
    pub explicit: bool,
}

impl Named {
    /// # Errors
    /// If a path climbs out of the repository.
    pub fn new(selection: &Selection) -> Result<Self> {
        let starts = match &selection.files {
            Some(files) => Some(files.clone()),
            None => selection.pathspecs.plain()?,
        };
        let explicit = selection.files.is_some() || !selection.pathspecs.written.is_empty();
        let explicit = explicit && selection.changed_since.is_none();
        Ok(Self { starts, explicit })
    }

    /// Was this very file named? Then it is meant whatever its name says.
    pub fn is_exactly(&self, path: &RepoPath) -> bool {
        let starts = self.starts.as_deref().unwrap_or_default();
        self.explicit && starts.iter().any(|start| start == path)
    }

    /// Leaves the files that are named and in scope.
    ///
    /// # Errors
    /// With a hint, if a path that was named is not there.
    pub fn keep(&self, listed: &mut Vec<Listed>, scope: &Scope) -> Result<()> {
        if let Some(starts) = &self.starts {
            let exact: BTreeSet<&[u8]> = starts.iter().map(RepoPath::as_bytes).collect();
            let below = |path: &RepoPath| {
                exact.contains(path.as_bytes())
                    || path.folders().any(|folder| exact.contains(folder))
            };
            listed.retain(|file| below(&file.path));
        }
        if let Some(path) = self.absent(listed) {
            return Self::refuse(path);
        }
        listed.retain(|file| self.is_exactly(&file.path) || scope.includes(&file.path));
        Ok(())
    }

    /// Every path that was named must be there, unless it is out of scope.
    ///
    /// # Errors
    /// With a hint, for the first that is not.
    pub fn check(&self, listed: &[Listed], scope: &Scope) -> Result<()> {
        match self.absent(listed) {
            Some(path) if scope.includes(path) || listed.is_empty() => Self::refuse(path),
            _ => Ok(()),
        }
    }

    /// The first path that was named and is not there.
    fn absent(&self, listed: &[Listed]) -> Option<&RepoPath> {
        let starts = self.starts.as_deref().filter(|_| self.explicit)?;
        let found: BTreeSet<&[u8]> = listed
            .iter()
            .flat_map(|file| file.path.folders().chain([file.path.as_bytes()]))
            .collect();
        let mut named = starts.iter().filter(|start| !start.as_bytes().is_empty());
        named.find(|start| !found.contains(start.as_bytes()))
    }

    fn refuse(path: &RepoPath) -> Result<()> {
        let absent = Err(anyhow::anyhow!("it matches no file"));
        let absent: Result<()> = absent.with_context(|| format!("cannot select '{path}'"));
        absent.hint("only files that git tracks are looked at; --untracked adds the others")
    }
}
