//! `cache import`: imports a file that `cache export` wrote.

use std::fs::File;
use std::io::{self, Read};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;

use super::export::absolute;
use crate::cli::context::Context;
use crate::cli::sharing;
use crate::cli::status::Status;
use crate::git::{Incoming, Repo, Terms};
use crate::model::ResultExt;
use crate::report::{count, grouped};
use crate::store::{self, EXPORTED_REF, IMPORTED_REF};

/// Name of the downloaded or piped bundle, in a temporary directory.
const SPOOLED: &str = "bundle";

/// No more is read from standard input, in bytes.
const MOST_BYTES: u64 = 2 << 30;

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
            let spool = repo.incoming()?;
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
    let read = |terms: &Terms<'_>| repo.bundled_ref(&file, EXPORTED_REF, terms);
    let commit = sharing::on_usual_terms(context, read)?;
    let commit = commit
        .with_context(|| format!("{shown} contains no analyses"))
        .hint("to write such a file: git rustassistant cache export")?;
    let take = |terms: &Terms<'_>| repo.take_bundle(&file, EXPORTED_REF, terms);
    sharing::on_usual_terms(context, take)?;
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
fn spool(repo: &Repo) -> Result<Incoming> {
    let spool = repo.incoming()?;
    let copied = || -> io::Result<_> {
        let mut file = File::create_new(spool.path().join(SPOOLED))?;
        io::copy(&mut io::stdin().lock().take(MOST_BYTES + 1), &mut file)
    };
    let copied = copied().context("cannot copy standard input to a file")?;
    ensure!(copied <= MOST_BYTES, "standard input is too large");
    Ok(spool)
}
