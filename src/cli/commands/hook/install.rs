//! `hook install`: has git run the hook on every push.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::hook::{self, Doing, Installed};

/// Have git run the hook on every push from this repository
///
/// From git 2.54 on it is named in the repository's configuration; before, it is a script in the
/// folder of hooks. A hook that is there already runs first, and has the last word. Folders of
/// hooks that are tracked, shared between repositories or written by a tool are left alone: the
/// lines to write there are printed instead. Running this again brings an older hook up to date.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Say what would be changed, and change nothing
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
                Installed::Called(file) => writeln!(out, "unchanged: {} runs us", file.display())?,
                _ => writeln!(out, "unchanged: the hook is installed")?,
            }
        }
        Ok(Status::Done)
    })
}
