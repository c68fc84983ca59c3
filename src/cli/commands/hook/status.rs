//! `hook status`: whether git runs the hook, and what it did last.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::hook::{self, Installed};

/// Say whether git runs the hook, and what keeps it from it
#[derive(Debug, Args)]
pub struct Arguments {}

pub fn run(_: &Arguments, context: &Context) -> Result<Status> {
    let status = hook::status(&Repo::open()?)?;
    context.printer.data(|out| {
        match &status.installed {
            Installed::Nowhere => writeln!(out, "not installed")?,
            Installed::Config => writeln!(out, "installed in the configuration")?,
            Installed::Script { hook, kept } => {
                writeln!(out, "installed as {}", hook.display())?;
                if let Some(kept) = kept {
                    writeln!(out, "runs after {}", kept.display())?;
                }
            }
        }
        for trouble in &status.troubles {
            writeln!(out, "but {trouble}")?;
        }
        Ok(Status::Done)
    })
}
