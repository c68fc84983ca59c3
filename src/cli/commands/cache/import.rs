//! `cache import`: imports a file that `cache export` wrote.

use std::fs::File;
use std::io;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use tempfile::TempDir;

use super::export::absolute;
use crate::cli::context::Context;
use crate::cli::sharing;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::model::ResultExt;
use crate::report::{count, grouped};
use crate::store::{self, EXPORTED_REF, IMPORTED_REF};

/// Name of the downloaded or piped bundle, in a temporary directory.
const SPOOLED: &str = "bundle";

/// Import a file that 'cache export' wrote
///
/// Imported entries are subject to rustassistant.trust, like those of a mirror, and this clone never
/// publishes them. Each import replaces the previous one. To remove imported entries:
/// 'git update-ref -d refs/rustassistant/imported/v1'.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A file, an http or https URL, or '-' for standard input
    #[arg(value_name = "FILE|URL")]
    from: String,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    let shown = match arguments.from.as_str() {
        "-" => "standard input".to_owned(),
        // It may hold a password.
        from if from.starts_with("http") && from.contains("://") => {
            "the downloaded file".to_owned()
        }
        from => from.escape_debug().to_string(),
    };
    let spool = match arguments.from.as_str() {
        "-" => Some(spool(&repo)?),
        from if from.contains("://") && !from.starts_with("http") => {
            bail!("unsupported URL '{shown}': expected http or https")
        }
        from if from.contains("://") => {
            let spool = folder(&repo)?;
            let file = absolute(&spool.path().join(SPOOLED))?;
            if let Err(trouble) = sharing::download(context, &repo, from, &file) {
                context.printer.error(&trouble);
                return Ok(Status::Incomplete);
            }
            Some(spool)
        }
        _ => None,
    };
    let file = match &spool {
        Some(folder) => absolute(&folder.path().join(SPOOLED))?,
        None => absolute(arguments.from.as_ref())?,
    };
    let commit = repo.bundled_ref(&file, EXPORTED_REF)?;
    let commit = commit
        .with_context(|| format!("{shown} contains no analyses"))
        .hint("to write such a file: git rustassistant cache export")?;
    repo.take_bundle(&file, EXPORTED_REF)?;
    let (entries, new) = store::adopt(&repo, commit, context.now().as_second())?;
    let entries = count(entries as u64, "entry");
    let new = grouped(new as u64);
    context.printer.data(|out| {
        writeln!(out, "imported {entries} ({new} new) to {IMPORTED_REF}")?;
        Ok(Status::Done)
    })
}

/// Copies standard input to a file that git can read.
#[expect(
    clippy::disallowed_methods,
    reason = "a new file in a folder of this process"
)]
fn spool(repo: &Repo) -> Result<TempDir> {
    let spool = folder(repo)?;
    let copied = || -> io::Result<_> {
        let mut file = File::create_new(spool.path().join(SPOOLED))?;
        io::copy(&mut io::stdin().lock(), &mut file)
    };
    copied().context("cannot copy standard input to a file")?;
    Ok(spool)
}

/// A temporary directory for the bundle, deleted on drop.
fn folder(repo: &Repo) -> Result<TempDir> {
    let made = || -> io::Result<_> {
        let own = repo.make_own_folder()?;
        let mut folder = tempfile::Builder::new();
        folder.prefix("import-").tempdir_in(own.path())
    };
    made().context("cannot create a directory for the import")
}
