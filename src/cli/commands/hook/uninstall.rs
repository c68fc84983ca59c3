//! `hook uninstall`: leaves the hooks of a repository as they were.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::hook::{self, Doing};

/// Take the hook out, and put back what was there before
///
/// Configuration, folder of hooks and the hooks of others are then as they were before 'hook
/// install'. Analyses stay.
#[derive(Debug, Args)]
pub struct Arguments {}

pub fn run(_: &Arguments, context: &Context) -> Result<Status> {
    let changes = hook::uninstall(&Repo::open()?, Doing::Change)?;
    context.printer.data(|out| {
        for change in &changes {
            writeln!(out, "{change}")?;
        }
        if changes.is_empty() {
            writeln!(out, "unchanged: there is no hook of ours")?;
        }
        Ok(Status::Done)
    })
}
