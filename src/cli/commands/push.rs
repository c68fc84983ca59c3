//! `push`: publishes the analyses that this clone made.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::options::NetworkOptions;
use crate::cli::sharing::{self, Sharing};
use crate::cli::status::Status;
use crate::git::Repo;
use crate::session;

/// Publish the analyses that this clone made
///
/// What is pending is laid over what the remote has, and pushed to refs/rustassistant/shared/v1 of
/// it; no branch and no tag is pushed. If somebody else was faster, their analyses are fetched and
/// it is tried again. With nothing pending, nothing is sent at all.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pub network: NetworkOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    session::adopt(&repo, context);
    let settings = session::personal(context, &repo)?;
    let sharing = Sharing::new(context, &repo, &settings, &arguments.network)?;
    let mut told = sharing.publish()?;
    let trouble = told.trouble.take();
    let received = Some(told.received).filter(|received| received.entries > 0);
    context.printer.data(|out| {
        writeln!(out, "{}", sharing::line(Some(&told), received))?;
        Ok(())
    })?;
    sharing::explain_withheld(context, &told, &sharing.remote.name);
    Ok(trouble.map_or(Status::Done, |trouble| {
        sharing::tell_trouble(context, trouble)
    }))
}
