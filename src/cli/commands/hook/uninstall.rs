//! `hook uninstall`: removes the hook.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::hook::{self, Doing};

/// Remove the pre-push hook
///
/// Restores the configuration, the hooks directory and other hooks as they were before 'hook
/// install'. Keeps all analyses.
#[derive(Debug, Args)]
pub struct Arguments {}

pub fn run(_: &Arguments, context: &Context) -> Result<Status> {
    let changes = hook::uninstall(&Repo::open()?, Doing::Change)?;
    context.printer.data(|out| {
        for change in &changes {
            writeln!(out, "{change}")?;
        }
        if changes.is_empty() {
            writeln!(out, "unchanged: the hook is not installed")?;
        }
        Ok(Status::Done)
    })
}
