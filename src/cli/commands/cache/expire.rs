//! `cache expire`: drops entries that have grown too old, whose file is gone, or that nobody asks for
//! any more.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};

use anyhow::Result;
use clap::Args;

use crate::analyzers::is_superseded;
use crate::cli::context::Context;
use crate::cli::eviction::{self, Reach};
use crate::cli::opened::Opened;
use crate::cli::status::Status;
use crate::model::{EntryKey, Fingerprint, Freshness, Oid, Ttl, freshness};
use crate::scan::{self, Place, Selection};
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
    let mut opened = Opened::new(context, Vec::new())?;
    let alive = alive(&mut opened)?;
    if alive.is_none() {
        context.printer.note(
            "a shallow or partial clone cannot tell which files are gone: their entries are kept",
        );
    }
    let store = Store::empty(&opened.repo);
    let is_old = |key: &EntryKey, value: Oid| {
        if opened.settings.ttl == Ttl::Forever {
            return false;
        }
        let entry = store.read_value(value, key);
        let fresh = entry.map(|entry| freshness(&entry, opened.settings.ttl, context.now()));
        matches!(fresh, Ok(Freshness::Expired(_)))
    };
    let unused = OnceCell::new();
    let is_unused = |key: &EntryKey| -> Result<bool> {
        // Found out once what the team shares has been fetched.
        if unused.get().is_none() {
            let _ = unused.set(self::unused(&opened, context)?);
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
        eviction::preview(context, &opened, reach, &chosen)
    } else {
        eviction::carry_out(context, &opened, reach, "expire", &chosen)
    }
}

/// The recipes that no analyzer of this program follows any more, and under which nobody else has
/// stored an answer for a time.
fn unused(opened: &Opened, context: &Context) -> Result<BTreeSet<Fingerprint>> {
    let store = opened.store_of_all(context);
    let recipes = store.recipes()?.iter();
    let old = recipes.filter(|(_, recipe)| is_superseded(recipe));
    let mut unused: BTreeSet<Fingerprint> = old.map(|(fingerprint, _)| *fingerprint).collect();
    let then = context.now().as_second() - UNUSED_DAYS * SECONDS_A_DAY;
    for source in store.sources() {
        if unused.is_empty() {
            break;
        }
        let dormant = store::dormant(&opened.repo, source, then)?;
        for (kind, fingerprint, _) in source.nodes(&opened.repo)? {
            if !dormant.contains(&(kind, fingerprint)) {
                unused.remove(&fingerprint);
            }
        }
    }
    Ok(unused)
}

/// What anything leads to, the files of the work tree among it; `None` where that cannot be told.
fn alive(opened: &mut Opened) -> Result<Option<HashSet<Oid>>> {
    let Some(mut alive) = opened.repo.reachable(OURS)? else {
        return Ok(None);
    };
    if opened.repo.work_dir().is_some() {
        let selection = Selection {
            place: Place::WithUntracked,
            pathspecs: opened.pathspecs(vec![":/".into()]),
            files: None,
            differs_from: None,
        };
        let selected = scan::select(&mut opened.repo, &selection, &opened.scope, None)?;
        alive.extend(selected.targets.iter().map(|target| target.blob));
    }
    Ok(Some(alive))
}
