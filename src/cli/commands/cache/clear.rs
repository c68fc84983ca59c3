//! `cache clear`: removes the entries that the user names.

use std::collections::BTreeSet;
use std::ffi::OsString;

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::eviction::{self, Reach};
use crate::cli::options::KindOptions;
use crate::cli::status::Status;
use crate::model::{EntryKey, Oid};
use crate::scan::{self, Place, Selection};
use crate::session::Session;

/// Remove entries
///
/// Removes all unpublished entries of this clone, or those that the options select. With --publish,
/// also removes shared entries; no other clone brings them back. Reflogs of refs/rustassistant keep
/// removed entries until git expires them. Asks before removing paid answers; without a terminal,
/// this needs --yes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Show what would be removed, without removing it
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Only entries of this recipe: a fingerprint or its prefix
    #[arg(long, value_name = "FINGERPRINT")]
    fingerprint: Option<String>,

    /// Only entries of these files as they are now; repeatable
    #[arg(long, value_name = "PATHSPEC")]
    path: Vec<OsString>,

    /// Also remove them from the shared entries
    #[arg(long)]
    publish: bool,

    /// Remove paid answers without asking
    #[arg(short = 'y', long)]
    yes: bool,

    #[command(flatten)]
    kinds: KindOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let session = Session::open(context, arguments.kinds.flags_or_all())?;
    let blobs = if arguments.path.is_empty() {
        None
    } else {
        Some(blobs(&session, &arguments.path)?)
    };
    let every_kind = arguments.kinds.kinds.is_empty();
    let chosen = |key: &EntryKey, _| {
        let of_recipe = |begin: &String| key.fingerprint.to_string().starts_with(begin);
        Ok((every_kind || session.questions.kinds.contains(&key.kind))
            && arguments.fingerprint.as_ref().is_none_or(of_recipe)
            && blobs.as_ref().is_none_or(|blobs| blobs.contains(&key.blob)))
    };
    let reach = Reach::new(arguments.publish);
    if arguments.dry_run {
        return eviction::preview(context, &session, reach, &chosen);
    }
    if !arguments.yes {
        eviction::confirm(context, &session, reach, &chosen)?;
    }
    eviction::carry_out(context, &session, reach, "clear", &chosen)
}

/// The blobs of the named files.
fn blobs(session: &Session<'_>, paths: &[OsString]) -> Result<BTreeSet<Oid>> {
    let selection = Selection {
        place: Place::WithUntracked,
        pathspecs: session.pathspecs(paths.to_vec()),
        files: None,
        differs_from: None,
    };
    let selected = scan::select(&session.repo, &selection, &session.scope, None)?;
    Ok(selected.targets.iter().map(|target| target.blob).collect())
}
