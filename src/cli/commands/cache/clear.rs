//! `cache clear`: drops the entries that the user names.

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

/// Drop entries that this clone has made, or that the team shares
///
/// All that this clone has made and not published, or those that the options name. With --publish
/// also those that the team shares: no other clone brings them back. The reflogs of our refs keep
/// what was dropped, for as long as git keeps reflogs. Where answers of a model are among them,
/// which were paid for, you are asked first; without a terminal, --yes answers.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Say what would be dropped, and drop nothing
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Only entries of this recipe: a fingerprint, or how it begins
    #[arg(long, value_name = "FINGERPRINT")]
    fingerprint: Option<String>,

    /// Only entries of these files as they are now; may be given several times
    #[arg(long, value_name = "PATHSPEC")]
    path: Vec<OsString>,

    /// Drop them from what the team shares, too
    #[arg(long)]
    publish: bool,

    /// Drop answers that were paid for, and do not ask
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

/// The blobs that the named files stand for.
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
