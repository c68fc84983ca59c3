//! `cache expire`: drops entries that have grown too old, whose file is gone, or that nobody asks for
//! any more.

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

/// Everything of ours is outside of what keeps a file alive.
const OURS: &str = "refs/rustassistant/*";

/// A superseded recipe under which nothing was stored for so long is followed by nobody: not by
/// those either who have an earlier version of this program.
const UNUSED_DAYS: i64 = 90;

const SECONDS_A_DAY: i64 = 86_400;

/// Drop entries that are too old, that nobody asks for, or whose file is nowhere any more
///
/// Too old is what the setting rustassistant.ttl says; entries of the embedded analyzer never are.
/// Nobody asks for entries of an earlier revision of an analyzer to which none was added for 90
/// days. Nowhere is a file that no branch, tag, reflog, index or work tree of this clone leads to; a
/// shallow or partial clone cannot tell, and keeps them. With --publish, the same is dropped from
/// what the team shares: run it where all branches are.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Say what would be dropped, and drop nothing
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Drop them from what the team shares, too
    #[arg(long)]
    publish: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let session = Session::open(context, Vec::new())?;
    let alive = alive(&session)?;
    if alive.is_none() {
        context.printer.note(
            "a shallow or partial clone cannot tell which files are gone: their entries are kept",
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
        // Found out once what the team shares has been fetched.
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

/// The recipes that no analyzer of this program follows any more, and under which nobody else has
/// stored an answer for a time.
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

/// What anything leads to, the files of the work tree among it; `None` where that cannot be told.
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
