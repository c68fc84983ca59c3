//! `cache expire`: drops entries that have grown too old, or whose file is gone.

use std::collections::HashSet;

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::eviction::{self, Reach};
use crate::cli::opened::Opened;
use crate::cli::status::Status;
use crate::model::{EntryKey, Freshness, Oid, Ttl, freshness};
use crate::scan::{self, Place, Selection};
use crate::store::Store;

/// Everything of ours is outside of what keeps a file alive.
const OURS: &str = "refs/rustassistant/*";

/// Drop entries that are too old, or whose file is nowhere any more
///
/// Too old is what the setting rustassistant.ttl says; entries of the embedded analyzer never are.
/// Nowhere is a file that no branch, tag, reflog, index or work tree of this clone leads to. A
/// shallow or partial clone cannot tell, and drops only what is too old. With --publish, the same is
/// dropped from what the team shares: run it where all branches are.
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
            "a shallow or partial clone cannot tell which files are gone: only age is looked at",
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
    let chosen = |key: &EntryKey, value: Oid| {
        let is_gone = alive
            .as_ref()
            .is_some_and(|alive| !alive.contains(&key.blob));
        Ok(is_gone || is_old(key, value))
    };
    let reach = Reach::new(arguments.publish);
    match arguments.dry_run {
        true => eviction::preview(context, &opened, reach, &chosen),
        false => eviction::carry_out(context, &opened, reach, "expire", &chosen),
    }
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
