//! `fetch`: brings the analyses that a remote publishes.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::fresh;
use crate::cli::options::NetworkOptions;
use crate::cli::sharing::{self, Sharing};
use crate::cli::status::Status;
use crate::git::Repo;
use crate::session;

/// Fetch the analyses that a remote publishes
///
/// Where 'init' was run, plain 'git fetch' and 'git pull' bring them too. This command brings them
/// everywhere: in CI, in shallow clones, after 'git fetch origin main'. It moves no branch and no
/// tag, and never makes a clone shallow.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pub network: NetworkOptions,

    /// First forget what earlier runs have left in this clone (for builds in a reused folder)
    ///
    /// Drops every ref and file of this program, and what the repository's own configuration says to
    /// it. Only where the variable CI is set: what was made here and not published is lost.
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
