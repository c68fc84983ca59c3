//! Where a run's answers go: the batch that stores them and the claims that go with it. Not which
//! answers there are.

use std::collections::HashSet;
use std::io;

use anyhow::Result;

use super::run::Run;
use super::service::Answerer;
use crate::model::EntryKey;
use crate::store::{Batch, Claims, Flushed};

/// Where answers go.
pub struct Keeping<'a> {
    pub batch: Batch<'a>,
    /// `None` where the disk takes none.
    claims: Option<Claims>,
    /// Keys that are claimed and not answered yet.
    pub working: HashSet<EntryKey>,
}

impl<'a> Keeping<'a> {
    /// `None` if nothing is to be stored.
    ///
    /// # Errors
    /// If the store holds something that is not ours, or cannot be written ([`is_of_the_disk`]).
    pub fn start(run: &Run<'a>) -> Result<Option<Self>> {
        if !run.keep {
            return Ok(None);
        }
        let mut batch = Batch::start(run.repo)?;
        let is_model = |answerer: &Answerer<'_>| matches!(answerer, Answerer::Model(..));
        if batch.pending() > 0 && run.answerers.iter().any(is_model) {
            // What is in nobody's store yet would be paid for again.
            batch.flush(run.seconds())?;
        }
        let folder = run
            .repo
            .own_folder()
            .and_then(|own| own.make_folder(Claims::FOLDER));
        Ok(Some(Self {
            batch,
            claims: folder.ok().and_then(|folder| Claims::start(folder).ok()),
            working: HashSet::new(),
        }))
    }

    /// Claims those of `keys` that are free. Where the disk takes no claims, all are: they only
    /// spare work that another process may be doing, and what is answered is kept all the same.
    ///
    /// # Errors
    /// If claims cannot be read.
    pub fn claim(&self, keys: &[EntryKey]) -> Result<Vec<bool>> {
        let all = || vec![true; keys.len()];
        match self.claims.as_ref().map(|claims| claims.take(keys)) {
            None => Ok(all()),
            Some(Err(error)) if is_of_the_disk(&error) => Ok(all()),
            Some(granted) => granted,
        }
    }

    /// Stores what has come in, and gives back the claims on it.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub fn flush(&mut self, seconds: i64) -> Result<Flushed> {
        let flushed = self.batch.flush(seconds)?;
        if let Some(claims) = &self.claims {
            // Others wait for the end of this process, then.
            let _ = claims.keep_only(&self.working);
        }
        Ok(flushed)
    }
}

/// Full, read-only, not ours to write: reasons to go on without storing.
pub fn is_of_the_disk(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.is::<io::Error>() || cause.is::<crate::git::GitFailed>())
}
