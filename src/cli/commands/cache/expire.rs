//! `cache expire`: removes expired, unused and orphaned entries.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};

use anyhow::Result;
use clap::Args;

use crate::analyzers::is_superseded;
use crate::cli::context::Context;
use crate::cli::eviction::{self, Reach};
use crate::cli::status::Status;
use crate::model::{EntryKey, Fingerprint, Freshness, Oid, Ttl, freshness};
use crate::scan::{self, Place, Selection};
use crate::session::Session;
use crate::store::{self, Store};

/// Our own refs do not keep a file alive.
const OURS: &str = "refs/rustassistant/*";

/// A superseded recipe counts as unused if nothing was stored under it for this long: then no teammate
/// uses an older version of this program either.
const UNUSED_DAYS: i64 = 90;

const SECONDS_A_DAY: i64 = 86_400;

/// Remove expired, unused or orphaned entries
///
/// Expired: older than rustassistant.ttl; entries of the embedded analyzer never expire. Unused: made
/// by an earlier revision of an analyzer, with no new entries of that revision for 90 days. Orphaned:
/// no branch, tag, reflog, index or work tree of this clone contains the file; a shallow or partial
/// clone cannot tell and keeps them. With --publish, also removes such entries from the shared ones:
/// run it in a clone that has all branches.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Show what would be removed, without removing it
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Also remove them from the shared entries
    #[arg(long)]
    publish: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let session = Session::open(context, Vec::new())?;
    let alive = alive(&session)?;
    if alive.is_none() {
        context.printer.note(
            "keeping orphaned entries: a shallow or partial clone cannot tell which files are gone",
        );
    }
    let store = Store::empty(&session.repo);
    let is_old = |key: &EntryKey, value: Oid| {
        if session.settings.ttl == Ttl::Forever {
            return false;
        }
        let entry = store.read_value(value, key);
        let fresh = entry.map(|entry| freshness(&entry, session.settings.ttl, context.now()));
        matches!(fresh, Ok(Freshness::Expired(_)))
    };
    let unused = OnceCell::new();
    let is_unused = |key: &EntryKey| -> Result<bool> {
        // Computed after the shared entries have been fetched.
        if unused.get().is_none() {
            let _ = unused.set(self::unused(&session, context)?);
        }
        Ok(unused
            .get()
            .is_some_and(|all| all.contains(&key.fingerprint)))
    };
    let chosen = |key: &EntryKey, value: Oid| {
        let is_gone = alive
            .as_ref()
            .is_some_and(|alive| !alive.contains(&key.blob));
        Ok(is_gone || is_unused(key)? || is_old(key, value))
    };
    let reach = Reach::new(arguments.publish);
    if arguments.dry_run {
        eviction::preview(context, &session, reach, &chosen)
    } else {
        eviction::carry_out(context, &session, reach, "expire", &chosen)
    }
}

/// Recipes that this program no longer uses, and under which nobody has stored an answer for a while.
fn unused(session: &Session<'_>, context: &Context) -> Result<BTreeSet<Fingerprint>> {
    let store = session.store_of_all();
    let recipes = store.recipes()?.iter();
    let old = recipes.filter(|(_, recipe)| is_superseded(recipe));
    let mut unused: BTreeSet<Fingerprint> = old.map(|(fingerprint, _)| *fingerprint).collect();
    let then = context.now().as_second() - UNUSED_DAYS * SECONDS_A_DAY;
    for source in store.sources() {
        if unused.is_empty() {
            break;
        }
        let dormant = store::dormant(&session.repo, source, then)?;
        for (kind, fingerprint, _) in source.nodes(&session.repo)? {
            if !dormant.contains(&(kind, fingerprint)) {
                unused.remove(&fingerprint);
            }
        }
    }
    Ok(unused)
}

/// All reachable blobs, including the files of the work tree; `None` if this clone cannot tell.
fn alive(session: &Session<'_>) -> Result<Option<HashSet<Oid>>> {
    let Some(mut alive) = session.repo.reachable(OURS)? else {
        return Ok(None);
    };
    if session.repo.work_dir().is_some() {
        let selection = Selection {
            place: Place::WithUntracked,
            pathspecs: session.pathspecs(vec![":/".into()]),
            files: None,
            differs_from: None,
        };
        let selected = scan::select(&session.repo, &selection, &session.scope, None)?;
        alive.extend(selected.targets.iter().map(|target| target.blob));
    }
    Ok(Some(alive))
}
