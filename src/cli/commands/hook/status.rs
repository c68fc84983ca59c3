//! `hook status`: shows whether git runs the hook, and what it did last.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::hook::{self, Installed, Lfs, Log};
use crate::report::clean_line;
use crate::session;

/// Show whether the hook is installed, problems, and its last run
#[derive(Debug, Args)]
pub struct Arguments {}

pub fn run(_: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    let status = hook::status(&repo)?;
    let enabled = session::personal(context, &repo)?.hook.enabled;
    let lfs = hook::lfs(&repo, &status)?;
    let log = Log::of(&repo);
    context.printer.data(|out| {
        match &status.installed {
            Installed::Nowhere(None) => {
                writeln!(
                    out,
                    "not installed; to install it: git rustassistant hook install"
                )?;
            }
            Installed::Nowhere(Some(why)) => {
                writeln!(out, "not installed: {}", clean_line(why))?;
                writeln!(
                    out,
                    "to print the lines to add yourself: git rustassistant hook install"
                )?;
            }
            Installed::Called(file) => writeln!(out, "run by {}", file.display())?,
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
        if !enabled {
            writeln!(out, "but rustassistant.hook.enabled is false")?;
        }
        match &lfs {
            Lfs::Unused => {}
            Lfs::By(file) => writeln!(out, "Git LFS content is uploaded by {}", file.display())?,
            Lfs::Ours => writeln!(out, "it also uploads Git LFS content")?,
            Lfs::Stays => writeln!(
                out,
                "but no hook uploads Git LFS content; to install one: git lfs install"
            )?,
        }
        let Some(log) = &log else {
            return Ok(Status::Done);
        };
        for line in log.last() {
            writeln!(out, "last: {}", clean_line(&line))?;
        }
        if log.is_held() {
            writeln!(out, "running now; log: {}", log.path().display())?;
        }
        Ok(Status::Done)
    })
}
