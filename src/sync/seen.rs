//! Which blobs a remote holds, as far as this clone knows without asking it. The search goes on
//! where the last one ended, so that it costs what has changed since. What is remembered is derived
//! and disposable. Not what may be published: that is `publishable`.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use anyhow::Result;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use serde::{Deserialize, Serialize};

use super::revisions;
use crate::git::{BlobSearch, Place, Places, Repo};
use crate::model::{Oid, RepoPath};
use crate::store::Shelf;

const SHELF: Shelf = Shelf {
    prefix: "seen-",
    most: 8,
};

/// A longer file is none of ours, in bytes.
const MOST_BYTES: u64 = 256 << 20;

/// What was known when it was looked for last.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Seen {
    /// The commits that the remote was known to have.
    tips: Vec<Oid>,
    /// Earlier commits whose trees were looked through.
    earlier: BTreeSet<Oid>,
    /// The blobs that were found nowhere in them.
    absent: BTreeSet<Oid>,
    /// Those that were found and not published since: commit and path.
    present: BTreeMap<Oid, Vec<(Oid, String)>>,
}

/// Where `wanted` blobs lie in what `tips` lead to, commits that `remote` is known to have; what is
/// absent may lie deep in history, where nobody has looked. `tips` are what it is remembered by.
///
/// # Errors
/// If git cannot list commits.
pub fn seen(repo: &Repo, remote: &str, tips: &[Oid], wanted: &HashSet<Oid>) -> Result<Places> {
    let name = SHELF.name_of(remote);
    let mut before = read(repo, &name).unwrap_or_default();
    if before.tips != tips && !repo.lead_to(tips, &before.tips)? {
        // Branches were rewritten or are gone: what lay in them may be gone, too.
        before = Seen::default();
    }
    let is_carried_on = before.tips == tips && !tips.is_empty();
    let mut search = BlobSearch::new(repo);
    for blob in wanted {
        if let Some(known) = before.present.get(blob) {
            search
                .found
                .insert(*blob, known.iter().map(place).collect());
        }
    }
    let left = search.missing(wanted);
    let is_carried_on = is_carried_on
        || (!before.tips.is_empty() && search.in_changes(tips, &before.tips, &left)?);
    // In what was there before, only those are looked for that nobody has looked for.
    let mut left = search.missing(wanted);
    let mut fresh = left.clone();
    if is_carried_on {
        fresh.retain(|blob| !before.absent.contains(blob));
    }
    for tip in tips.iter().filter(|_| !fresh.is_empty()) {
        search.in_tree(*tip, &fresh);
    }
    fresh = search.missing(&fresh);
    if !fresh.is_empty() {
        search.in_latest(tips, &fresh)?;
    }
    let mut earlier = BTreeSet::new();
    let head = repo.commit_named("HEAD").ok().flatten();
    let others = head.into_iter().chain(revisions::noted(repo));
    for commit in others.filter(|commit| !tips.contains(commit)) {
        left = search.missing(&left);
        fresh = search.missing(&fresh);
        let was_there = is_carried_on && before.earlier.contains(&commit);
        let wanted = if was_there { &fresh } else { &left };
        if was_there || (!wanted.is_empty() && repo.lead_to(tips, &[commit])?) {
            search.in_tree(commit, wanted);
            earlier.insert(commit);
        }
    }
    search.bring_up_to(tips);
    let places = search.found;
    let after = Seen {
        tips: tips.to_vec(),
        earlier,
        absent: wanted
            .iter()
            .filter(|blob| !places.contains_key(blob))
            .copied()
            .collect(),
        present: places
            .iter()
            .map(|(blob, places)| (*blob, places.iter().map(written).collect()))
            .collect(),
    };
    // The next search takes longer without it, and finds the same.
    let _ = write(repo, &name, &after);
    Ok(places)
}

fn read(repo: &Repo, name: &str) -> Option<Seen> {
    let text = repo.own_folder().ok()?.read(name, MOST_BYTES).ok()?;
    serde_json::from_slice(&text).ok()
}

fn write(repo: &Repo, name: &str, seen: &Seen) -> Result<()> {
    SHELF.write(&repo.own_folder()?, name, &[&serde_json::to_vec(seen)?])
}

fn place((commit, path): &(Oid, String)) -> Place {
    Place {
        commit: *commit,
        path: RepoPath::new(percent_decode_str(path).collect::<Vec<u8>>()),
    }
}

fn written(place: &Place) -> (Oid, String) {
    let path = percent_encode(place.path.as_bytes(), NON_ALPHANUMERIC);
    (place.commit, path.to_string())
}
