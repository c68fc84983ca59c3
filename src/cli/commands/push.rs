//! `push`: publishes the analyses of this clone.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::options::NetworkOptions;
use crate::cli::sharing::{self, Sharing};
use crate::cli::status::Status;
use crate::git::Repo;
use crate::session;

/// Publish the analyses of this clone
///
/// Merges pending analyses with those of the remote, and pushes the result to
/// refs/rustassistant/shared/v1 there. Pushes no branch or tag. If someone else pushed first, fetches
/// their analyses and tries again. Sends nothing if nothing is pending.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pub network: NetworkOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    let settings = session::personal(context, &repo)?;
    session::adopt(&repo, context, settings.trust);
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
