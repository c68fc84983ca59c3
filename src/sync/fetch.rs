//! Brings what a remote publishes into our mirror of it, and tells what came. Nothing else in the
//! repository moves.

use std::collections::BTreeSet;

use anyhow::Result;

use super::address::{Known, take_over};
use super::{Remote, Role};
use crate::git::{Expected, Repo, Terms};
use crate::model::{Hinted, Oid};
use crate::store;

/// The most commits that are looked at to tell how many people wrote what came.
const MOST_COMMITS: usize = 10_000;

/// What a fetch brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    pub entries: usize,
    /// How many people published them.
    pub authors: usize,
    /// The remote has no shared ref, although we know what it had.
    pub is_gone: bool,
    /// Paid answers that were lost there and wait to be published again.
    pub restored: usize,
}

/// Fetches from `remote`. A remote where nobody has published yet brings nothing. `seconds` is the
/// time, where git knows no identity.
///
/// # Errors
/// If the remote cannot be talked to on these terms, or what it has is no store.
pub fn fetch(repo: &Repo, remote: &Remote, terms: &Terms<'_>, seconds: i64) -> Result<Received> {
    // What does not count drops nothing.
    let counts = || store::believed_mirror(repo, &remote.name, remote.trust.for_drops());
    let before = counts().ok().flatten();
    let received = bring(repo, remote, terms, seconds)?.received;
    if remote.role == Role::Home {
        let after = counts()?;
        if let (Some(before), Some(after)) = (before, after)
            && before.tree != after.tree
            // What a server has lost, or somebody has written over, nobody has dropped.
            && store::leads(repo, after.commit, before.commit)
        {
            store::follow(repo, (&before, &after), remote.trust, seconds)?;
        }
        store::release(repo, &remote.name, remote.trust, seconds)?;
    }
    Ok(received)
}

/// As [`fetch`], by its name: from now on the remote is the place where it leads. What that has of the
/// commits that it may have is asked, where it is not on record.
///
/// # Errors
/// As [`fetch`].
pub fn fetch_by_name(
    repo: &Repo,
    remote: &Remote,
    terms: &Terms<'_>,
    seconds: i64,
) -> Result<Received> {
    let received = fetch(repo, remote, terms, seconds)?;
    take_over(repo, &remote.name, received.is_gone, terms)?;
    Ok(received)
}

/// What the remote has by now, and what of it is new here.
pub struct Brought {
    /// `None` if it publishes nothing.
    pub tip: Option<Oid>,
    pub received: Received,
}

/// Brings our mirror up to date.
pub fn bring(repo: &Repo, remote: &Remote, terms: &Terms<'_>, seconds: i64) -> Result<Brought> {
    // What was there may be no store; it is about to be replaced.
    let before = store::mirror(repo, &remote.name).ok().flatten();
    let (mirror, _) = store::mirror_tip(repo, &remote.name)?;
    let bring = || repo.fetch_ref(&remote.name, &remote.shared_ref, &mirror, terms);
    let tip = match bring() {
        Err(_) if make_room(repo, &mirror)? => bring()?,
        brought => brought?,
    };
    if let Some(tip) = tip
        && let Ok(mut known) = Known::of(repo, &remote.name)
    {
        known.fetched(repo, tip);
    }
    store::Source::complete(repo, &mirror)?;
    let after = match store::mirror(repo, &remote.name) {
        // What nobody can read has gone there, and goes here.
        Err(_) if tip.is_none() => {
            repo.drop_own_ref(&mirror)?;
            None
        }
        Err(error) => {
            // What was there could be read, and is not given up for what cannot.
            let good = before.as_ref().map(|before| before.commit);
            if let (Some(good), Some(tip)) = (good, tip) {
                let back = (mirror.as_str(), good, Expected::At(tip));
                repo.update_refs(&[back], "what came cannot be read")?;
            }
            let hint = way_out(remote, good.map(|_| mirror.as_str()));
            return Err(Hinted::attach(error, hint));
        }
        Ok(after) => after,
    };
    let anchor = store::Anchor::of(repo).trusting(remote.trust);
    let restored = anchor.check(seconds)?;
    let (Some(tip), Some(after)) = (tip, after) else {
        let received = Received {
            restored,
            is_gone: tip.is_none() && before.is_some(),
            ..Received::default()
        };
        return Ok(Brought { tip, received });
    };
    let difference = store::difference(repo, &after, before.as_ref(), seconds)?;
    let entries = difference.pending.count();
    let authors = match entries {
        0 => 0,
        _ => authors(repo, tip, before.map(|before| before.commit)),
    };
    Ok(Brought {
        tip: Some(tip),
        received: Received {
            entries,
            authors,
            is_gone: false,
            restored,
        },
    })
}

/// Removes refs below our mirror, which leave no room for it: a remote had something below its shared
/// ref, and plain `git fetch` brought that. Were there any?
fn make_room(repo: &Repo, mirror: &str) -> Result<bool> {
    let below = format!("{mirror}/");
    let mut names = repo.own_refs();
    names.retain(|name| name.starts_with(&below));
    names.iter().try_for_each(|name| repo.drop_own_ref(name))?;
    Ok(!names.is_empty())
}

/// What helps where a remote has something that cannot be read: what it had before, if `mirror`
/// still has that.
fn way_out(remote: &Remote, mirror: Option<&str>) -> String {
    let (name, place) = (&remote.name, &remote.shared_ref);
    let (push, then) = match mirror {
        Some(mirror) => (
            format!("'git push {name} +{mirror}:{place}'"),
            "restores what it had before",
        ),
        None => (
            format!("'git push {name} :{place}'"),
            "deletes it for everyone, and each clone publishes its entries again with the next sync",
        ),
    };
    format!(
        "this version cannot read {place} of {name}; a newer version may have written it; if nobody \
         needs it, {push} {then}"
    )
}

/// How many people wrote the commits from `tip` back to `known`, or to the beginning.
fn authors(repo: &Repo, tip: Oid, known: Option<Oid>) -> usize {
    let mut people = BTreeSet::new();
    let mut next = Some(tip).filter(|tip| Some(*tip) != known);
    for _ in 0..MOST_COMMITS {
        // A commit that is cut off or no commit ends the walk: this is a number for people.
        let Some((oid, Ok(commit))) = next.map(|oid| (oid, repo.commit_header(oid))) else {
            break;
        };
        people.insert(store::published_by(repo, oid, &commit));
        let parent = commit.parents.first().copied();
        next = parent.filter(|parent| Some(*parent) != known);
    }
    people.len()
}
