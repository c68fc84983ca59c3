//! `fetch`: fetches the analyses that a remote publishes.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::fresh;
use crate::cli::options::NetworkOptions;
use crate::cli::sharing::{self, Sharing};
use crate::cli::status::Status;
use crate::git::Repo;
use crate::session;

/// Fetch shared analyses from a remote
///
/// After 'init', plain 'git fetch' and 'git pull' fetch them, too. This command works without
/// 'init': in CI, in shallow clones, after 'git fetch origin main'. It moves no branch or tag, and
/// never makes a clone shallow.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pub network: NetworkOptions,

    /// First delete everything that earlier runs left in this clone (for CI with reused folders)
    ///
    /// Deletes all refs, files and repository settings of this program. Analyses not yet published
    /// are lost, so this works only if the variable CI is set.
    #[arg(long)]
    fresh: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    if arguments.fresh {
        fresh::forget(context, &repo)?;
    }
    let settings = session::personal(context, &repo)?;
    let sharing = Sharing::new(context, &repo, &settings, &arguments.network)?;
    match sharing.fetch_by_name() {
        Ok(received) => {
            session::tell_restored(context, received.restored);
            context.printer.data(|out| {
                writeln!(out, "{}", sharing::line(None, Some(received)))?;
                Ok(Status::Done)
            })
        }
        Err(trouble) => Ok(sharing::tell_trouble(context, trouble)),
    }
}
