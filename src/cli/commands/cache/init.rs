//! `cache init`: prepares this clone. Nothing that works needs it.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::store::LOCAL_REF;

/// What `git log` should not decorate commits with.
const DECORATION: (&str, &str) = ("log.excludeDecoration", "refs/rustassistant/*");

/// Prepare this clone, and say where its analyses are kept
///
/// Keeps 'git log' from naming our refs beside commits. Every other command works without this
/// one; running it again changes nothing.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Say what would be changed, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    let (key, value) = DECORATION;
    let config = repo.config(context.environment.overrides())?;
    let is_set = config
        .iter()
        .any(|entry| entry.name.eq_ignore_ascii_case(key) && entry.value.as_deref() == Some(value));
    let line = match (is_set, arguments.dry_run) {
        (true, _) => format!("unchanged: {key} = {value}"),
        (false, true) => format!("would set {key} = {value}"),
        (false, false) => {
            repo.add_config(key, value)?;
            format!("set {key} = {value}")
        }
    };
    context.printer.data(|out| {
        writeln!(out, "{line}")?;
        writeln!(out, "analyses are kept in this clone, under {LOCAL_REF}")?;
        Ok(Status::Done)
    })
}
