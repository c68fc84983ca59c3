//! `cache compact`: shortens the history of the shared entries.

use anyhow::Result;
use clap::Args;
use jiff::Timestamp;

use crate::cli::context::Context;
use crate::cli::options::NetworkOptions;
use crate::cli::sharing::{self, Sharing};
use crate::cli::status::Status;
use crate::git::Repo;
use crate::report::count;
use crate::session;
use crate::sync::Compacted;

/// How long clones have to fetch a bridge. Git keeps unreachable objects for as long.
const PATIENCE_DAYS: i64 = 14;

const SECONDS_A_DAY: i64 = 86_400;

/// Shorten the history of the shared entries
///
/// Keeps all entries, and removes the record of who published what and when. This takes two runs: the
/// first publishes a bridge from the old history to a new root, and the second, two weeks later,
/// removes the history before it. Clones that fetch in between do not have to fetch everything again.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Do not wait two weeks after the first run
    #[arg(long)]
    now: bool,

    #[command(flatten)]
    network: NetworkOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    let settings = session::personal(context, &repo)?;
    let sharing = Sharing::new(context, &repo, &settings, &arguments.network)?;
    let patience = if arguments.now {
        0
    } else {
        PATIENCE_DAYS * SECONDS_A_DAY
    };
    let line = match sharing.compact(patience) {
        Err(trouble) | Ok(Compacted::Trouble(trouble)) => {
            return Ok(sharing::tell_trouble(context, trouble));
        }
        Ok(Compacted::Short) => "no history to shorten".to_owned(),
        Ok(Compacted::Waits(since)) => {
            let end = Timestamp::from_second(since + patience).unwrap_or(Timestamp::MAX);
            let day = end.strftime("%Y-%m-%d");
            format!(
                "bridge already published: run 'cache compact' after {day} to remove the old history"
            )
        }
        Ok(Compacted::Bridged) => format!(
            "published a bridge: run 'cache compact' again in {PATIENCE_DAYS} days, when others have \
             fetched it"
        ),
        Ok(Compacted::Done(commits)) => {
            format!(
                "removed the old history: {}",
                count(commits as u64, "commit")
            )
        }
    };
    context.printer.data(|out| {
        writeln!(out, "{line}")?;
        Ok(Status::Done)
    })
}
