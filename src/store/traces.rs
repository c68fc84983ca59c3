//! What lies beside git in this program's own folder and must go with a purge: journals that nobody
//! has taken in, the anchor, and files that may hold a text of others. Not what refs lead to: that is
//! `purge.rs`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::anchor::Anchor;
use super::codec::parse;
use super::doomed::Doomed;
use super::journal::{self, Orphan, Tag};
use crate::git::{OwnFolder, Repo};
use crate::model::{Entry, Oid};

/// A larger file is none of ours, in bytes.
const MOST_BYTES: u64 = 256 << 20;

/// Files that hold ids, numbers and names of refs, and no text.
const WITHOUT_TEXT: [&str; 9] = [
    "index-",
    "memo-",
    "usage",
    "revisions",
    "own-commits",
    "packs",
    "told",
    "lock",
    "moving-",
];

/// Files of one piece: they go whole, and are made again.
const WHOLE: [&str; 4] = ["seen-", "address-", "tokens-", "limits-"];

/// The one file without answers that names the blobs it speaks of.
const FAILED: &str = "failed-answers";

/// Is a run going on in this clone? It could store what is about to go.
pub fn is_busy(repo: &Repo) -> bool {
    journals(repo).is_some_and(|folder| journal::is_any_alive(&folder))
}

/// The answers that must go and that no ref has, by the blob that would hold each. What cannot be
/// read is no answer, and goes all the same.
///
/// # Errors
/// If a journal, or the anchor, cannot be read.
pub fn answers_beside(repo: &Repo, doomed: &Doomed) -> Result<BTreeMap<Oid, Option<Entry>>> {
    let mut records = Anchor::of(repo).lost(doomed)?;
    for orphan in journals(repo).iter().flat_map(Orphan::find) {
        let all = orphan.records(repo.format())?.into_iter();
        records.extend(all.filter(|it| it.tag == Tag::Entry && doomed.takes_record(it)));
    }
    let answers = records.into_iter();
    Ok(answers.map(|it| (it.oid, parse(&it.text).ok())).collect())
}

/// The files of our folder that hold some of it, beside journals and the anchor.
pub fn files_with(repo: &Repo, doomed: &Doomed) -> Vec<String> {
    let Ok(own) = repo.own_folder() else {
        return Vec::new();
    };
    let mut names = own.names().unwrap_or_default();
    names.retain(|name| {
        let has = |prefixes: &[&str]| prefixes.iter().any(|it| name.starts_with(it));
        let may_hold = match doomed {
            Doomed::About(_) => name == FAILED,
            Doomed::Holding(_) => !has(&WITHOUT_TEXT),
        };
        may_hold
            && own
                .read(name, MOST_BYTES)
                .is_ok_and(|text| doomed.is_in_line(&text))
    });
    names
}

/// Takes out of journals, the anchor and other files of ours what must go.
///
/// # Errors
/// If one cannot be read or written.
pub fn purge_files(repo: &Repo, doomed: &Doomed) -> Result<()> {
    for orphan in journals(repo).iter().flat_map(Orphan::find) {
        orphan.keep(repo.format(), |record| !doomed.takes_record(record))?;
    }
    Anchor::of(repo).purge(doomed)?;
    let Ok(own) = repo.own_folder() else {
        return Ok(());
    };
    for name in files_with(repo, doomed) {
        let what = || format!("cannot purge {}", own.path().join(&name).display());
        let text = own.read(&name, MOST_BYTES).with_context(what)?;
        let lines = text.split_inclusive(|&b| b == b'\n');
        let kept: Vec<&[u8]> = lines.filter(|line| !doomed.is_in_line(line)).collect();
        let is_whole = WHOLE.iter().any(|prefix| name.starts_with(prefix));
        if is_whole || kept.is_empty() || doomed.is_in_line(&kept.concat()) {
            own.remove(&name).with_context(what)?;
        } else {
            own.replace(&name, "new-purged-", &kept)
                .with_context(what)?;
        }
    }
    Ok(())
}

fn journals(repo: &Repo) -> Option<OwnFolder> {
    repo.own_folder()
        .and_then(|own| own.folder(journal::FOLDER))
        .ok()
}
