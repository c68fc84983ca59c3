//! `cache compact`: shortens the history of what the team shares.

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

/// How long clones are given to fetch a bridge: git itself keeps what nothing leads to for as long.
const PATIENCE_DAYS: i64 = 14;

const SECONDS_A_DAY: i64 = 86_400;

/// Shorten the history of what the team shares
///
/// All entries stay; what goes is the record of who published which when. It takes two runs: the
/// first publishes a bridge between the old history and a new beginning, and a second, two weeks
/// later, drops what lies before it. A clone that has fetched in between need not fetch everything
/// anew.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Do not wait for two weeks after the first run
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
        Ok(Compacted::Short) => "there is no history to shorten".to_owned(),
        Ok(Compacted::Waits(since)) => {
            let end = Timestamp::from_second(since + patience).unwrap_or(Timestamp::MAX);
            let day = end.strftime("%Y-%m-%d");
            format!("a bridge is published: 'cache compact' drops the old history after {day}")
        }
        Ok(Compacted::Bridged) => format!(
            "published a bridge: when others have fetched it, in {PATIENCE_DAYS} days, run \
             'cache compact' again"
        ),
        Ok(Compacted::Done(commits)) => {
            format!(
                "dropped the history before: {}",
                count(commits as u64, "commit")
            )
        }
    };
    context.printer.data(|out| {
        writeln!(out, "{line}")?;
        Ok(Status::Done)
    })
}
