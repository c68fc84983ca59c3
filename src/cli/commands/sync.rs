//! `sync`: `fetch`, then `push`.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::options::NetworkOptions;
use crate::cli::sharing::{self, Sharing};
use crate::cli::status::Status;
use crate::git::Repo;
use crate::session;
use crate::sync::{Published, Received};

/// Fetch shared analyses, then publish those of this clone
///
/// Same as 'fetch' followed by 'push'. Analyses that cannot be published now stay pending until the
/// next sync.
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
    let fetched = match sharing.fetch() {
        Ok(fetched) => fetched,
        Err(trouble) => return Ok(sharing::tell_trouble(context, trouble)),
    };
    let mut refilled = if fetched.is_gone {
        sharing.refill()?
    } else {
        Published::default()
    };
    let mut told = match refilled.trouble {
        None => sharing.publish()?,
        Some(_) => Published::default(),
    };
    told.published += refilled.published;
    let trouble = told.trouble.take().or(refilled.trouble.take());
    let received = Received {
        entries: fetched.entries + told.received.entries,
        authors: fetched.authors.max(told.received.authors),
        ..Received::default()
    };
    session::tell_restored(context, fetched.restored + told.received.restored);
    sharing::tell_mirroring_once(context, &repo, &sharing.remote.name);
    context.printer.data(|out| {
        writeln!(out, "{}", sharing::line(Some(&told), Some(received)))?;
        Ok(())
    })?;
    sharing::explain_withheld(context, &told, &sharing.remote.name);
    Ok(trouble.map_or(Status::Done, |trouble| {
        sharing::tell_trouble(context, trouble)
    }))
}
