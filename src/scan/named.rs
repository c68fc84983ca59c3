//! The files and folders that the user named one by one: each must be there, and a file that was
//! named is meant whatever its name says.

use std::collections::{BTreeSet, HashSet};

use anyhow::{Context, Result};

use super::select::{Place, Selection};
use super::walk::Walk;
use crate::model::{RepoPath, ResultExt};

/// The files and folders that were named one by one, if all were.
pub struct Named {
    pub starts: Option<Vec<RepoPath>>,
    /// The same, to be looked up.
    places: HashSet<Vec<u8>>,
    /// What to do if one does not match.
    hint: &'static str,
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
        let explicit = explicit && selection.differs_from.is_none();
        let places = starts
            .iter()
            .flatten()
            .map(|start| start.as_bytes().to_vec());
        Ok(Self {
            places: places.collect(),
            starts,
            hint: match selection.place {
                Place::Rev(_) => "'git ls-tree -r --name-only REV' lists the files of a revision",
                _ => {
                    "only files that git tracks are looked at; `analyze --untracked` adds the others"
                }
            },
            explicit,
        })
    }

    /// Was this very file named? Then it is meant whatever its name says.
    pub fn is_exactly(&self, path: &RepoPath) -> bool {
        self.explicit && self.places.contains(path.as_bytes())
    }

    /// Is it one of the paths that were named, or below one? Everything is, if pathspecs decide.
    pub fn covers(&self, path: &RepoPath) -> bool {
        let mut places = path.folders().chain([path.as_bytes()]);
        self.starts.is_none() || places.any(|place| self.places.contains(place))
    }

    /// Every path that was named must be there.
    ///
    /// # Errors
    /// With a hint, for the first that is not.
    pub fn check(&self, walk: &Walk) -> Result<()> {
        let Some(starts) = self.starts.as_deref().filter(|_| self.explicit) else {
            return Ok(());
        };
        let listed = walk.listed.iter().map(|file| &file.path);
        let found: BTreeSet<&[u8]> = listed
            .chain(&walk.skipped)
            .flat_map(|path| path.folders().chain([path.as_bytes()]))
            .collect();
        let mut named = starts.iter().filter(|start| !start.as_bytes().is_empty());
        match named.find(|start| !found.contains(start.as_bytes())) {
            Some(absent) => self.refuse(absent),
            None => Ok(()),
        }
    }

    fn refuse(&self, path: &RepoPath) -> Result<()> {
        let absent = Err(anyhow::anyhow!("no matching files"));
        let absent: Result<()> = absent.with_context(|| format!("cannot select '{path}'"));
        absent.hint(self.hint)
    }
}
