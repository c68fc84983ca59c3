//! Drops entries, or history, from what a remote publishes: under the same lease, and with the same
//! patience, as publishing. No other clone brings them back, because pending is a difference.

use std::cell::Cell;

use anyhow::{Error, Result};

use super::address::leads_elsewhere;
use super::fetch::bring;
use super::publish::push;
use super::{Remote, Role};
use crate::git::{Repo, Terms};
use crate::store::{self, Base, Chosen, Compaction, Search};

/// What came of dropping entries.
#[derive(Debug, Default)]
pub struct Dropped {
    /// Entries that the remote had.
    pub published: usize,
    /// Entries that only this clone had.
    pub local: usize,
    /// Why the remote has not dropped them.
    pub trouble: Option<Error>,
}

/// Drops the chosen entries from what `remote` publishes, and from what is pending here. `why` is
/// the commit's subject, `seconds` the time, where git knows no identity.
///
/// # Errors
/// If the remote cannot be asked what it has, or a store of this clone cannot be read or written.
pub fn evict(
    repo: &Repo,
    remote: &Remote,
    terms: &Terms<'_>,
    chosen: &Chosen<'_>,
    why: &str,
    seconds: i64,
) -> Result<Dropped> {
    if let Some(trouble) = leads_elsewhere(repo, &remote.name) {
        return Ok(Dropped {
            trouble: Some(trouble),
            ..Dropped::default()
        });
    }
    bring(repo, remote, terms, seconds)?;
    if remote.role == Role::Home {
        store::release(repo, &remote.name, remote.trust, seconds)?;
    }
    let (name, manner) = (&remote.name, &remote.manner);
    let lay = |base| match base {
        Base::Mirror => store::lay_without(repo, name, chosen, why, manner, seconds),
        Base::Nothing => Ok(None),
    };
    let told = push(repo, remote, terms, seconds, (Base::Mirror, &lay))?;
    let local = match told.trouble {
        None => store::evict(repo, chosen, why, remote.trust, seconds)?,
        Some(_) => 0,
    };
    Ok(Dropped {
        published: told.published,
        local,
        trouble: told.trouble,
    })
}

/// Lets what `remote` publishes begin anew without what must go, if it holds or held any of that. What
/// this clone has itself is not touched.
///
/// # Errors
/// As [`evict`].
pub fn purge(
    repo: &Repo,
    remote: &Remote,
    terms: &Terms<'_>,
    search: &Search<'_>,
    seconds: i64,
) -> Result<Purged> {
    if let Some(trouble) = leads_elsewhere(repo, &remote.name) {
        return Err(trouble);
    }
    bring(repo, remote, terms, seconds)?;
    let lay = |base| match base {
        Base::Mirror => {
            store::lay_purged(search, &remote.name, remote.trust, &remote.manner, seconds)
        }
        Base::Nothing => Ok(None),
    };
    let told = push(repo, remote, terms, seconds, (Base::Mirror, &lay))?;
    match told.trouble {
        Some(trouble) => Err(trouble),
        None if told.attempts == 0 => Ok(Purged::Nothing),
        None => Ok(Purged::Anew(told.published)),
    }
}

/// What came of purging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purged {
    Nothing,
    /// It has begun anew without so many entries.
    Anew(usize),
}

/// What came of shortening the history.
#[derive(Debug)]
pub enum Compacted {
    /// There is none to drop.
    Short,
    /// The bridge is published since this time, in seconds: clones are given time to fetch it.
    Waits(i64),
    /// The bridge is published now.
    Bridged,
    /// So many commits are left out from now on.
    Done(usize),
    Trouble(Error),
}

/// Takes the next step towards a short history of what `remote` publishes: see
/// [`store::lay_compacted`]. A bridge must be older than `patience` seconds.
///
/// # Errors
/// If the remote cannot be asked what it has, or this clone cannot be read or written.
pub fn compact(
    repo: &Repo,
    remote: &Remote,
    terms: &Terms<'_>,
    patience: i64,
    seconds: i64,
) -> Result<Compacted> {
    if let Some(trouble) = leads_elsewhere(repo, &remote.name) {
        return Ok(Compacted::Trouble(trouble));
    }
    bring(repo, remote, terms, seconds)?;
    let came = Cell::new(Compacted::Short);
    let lay = |base| {
        if base == Base::Nothing {
            return Ok(None);
        }
        let step = {
            let (name, manner) = (&remote.name, &remote.manner);
            store::lay_compacted(repo, name, remote.trust, patience, manner, seconds)?
        };
        let (laid, step) = match step {
            Compaction::Short => (None, Compacted::Short),
            Compaction::Waits(since) => (None, Compacted::Waits(since)),
            Compaction::Bridge(laid) => (Some(laid), Compacted::Bridged),
            Compaction::Root(laid, commits) => (Some(laid), Compacted::Done(commits)),
        };
        came.set(step);
        Ok(laid)
    };
    let told = push(repo, remote, terms, seconds, (Base::Mirror, &lay))?;
    Ok(told.trouble.map_or(came.into_inner(), Compacted::Trouble))
}
