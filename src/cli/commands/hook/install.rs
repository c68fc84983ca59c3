//! `hook install`: installs the pre-push hook.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::hook::{self, Doing, Installed};

/// Install the pre-push hook
///
/// With git 2.54 or newer, adds the hook to the repository's configuration; with older versions, adds
/// a script to the hooks directory. An existing hook runs first, and its exit status counts. Does not
/// change a hooks directory that is tracked, shared between repositories or managed by a tool: prints
/// the lines to add instead. Running this again updates an older hook.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Show what would change, without changing it
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    let doing = if arguments.dry_run {
        Doing::Preview
    } else {
        Doing::Change
    };
    let changes = hook::install(&repo, doing)?;
    context.printer.data(|out| {
        for change in &changes {
            writeln!(out, "{change}")?;
        }
        if changes.is_empty() {
            match &hook::status(&repo)?.installed {
                Installed::Called(file) => writeln!(out, "unchanged: {} runs it", file.display())?,
                _ => writeln!(out, "unchanged: the hook is installed")?,
            }
        }
        Ok(Status::Done)
    })
}
