//! Where a run's answers go: the batch that stores them and the claims that go with it. Not which
//! answers there are.

use std::collections::HashSet;
use std::io;

use anyhow::Result;

use super::run::Run;
use crate::model::EntryKey;
use crate::store::{Batch, Claims};

/// Where answers go: nowhere, if nothing is to be kept or nothing can be.
pub struct Keeping<'a> {
    pub batch: Batch<'a>,
    pub claims: Claims,
    /// Keys that are claimed and not answered yet.
    pub working: HashSet<EntryKey>,
}

impl<'a> Keeping<'a> {
    /// `None` if nothing is to be stored, or nothing can be: that is told.
    ///
    /// # Errors
    /// If the store holds something that is not ours.
    pub fn start(run: &Run<'a>) -> Result<Option<Self>> {
        if !run.keep {
            return Ok(None);
        }
        let start = || -> Result<Self> {
            Ok(Self {
                batch: Batch::start(run.repo)?,
                claims: Claims::start(&run.repo.own_dir().join(Claims::FOLDER))?,
                working: HashSet::new(),
            })
        };
        match start() {
            Ok(keeping) => Ok(Some(keeping)),
            Err(error) if is_of_the_disk(&error) => {
                run.progress
                    .note(&format!("nothing will be stored: {error:#}"));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Claims those of `keys` that are free; `None`, and the reason told, if the disk takes no
    /// more claims.
    ///
    /// # Errors
    /// If claims cannot be read.
    pub fn claim(&self, run: &Run<'_>, keys: &[EntryKey]) -> Result<Option<Vec<bool>>> {
        match self.claims.take(keys) {
            Ok(granted) => Ok(Some(granted)),
            Err(error) if is_of_the_disk(&error) => {
                run.progress
                    .note(&format!("nothing more will be stored: {error:#}"));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Full, read-only, not ours to write: reasons to go on without storing.
fn is_of_the_disk(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.is::<io::Error>() || cause.is::<crate::git::GitFailed>())
}
