//! `cache export`: writes the entries of this clone to a file.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;

use crate::cli::context::Context;
use crate::cli::sharing;
use crate::cli::status::Status;
use crate::git::{Terms, destination};
use crate::model::{Oid, Publish, ResultExt};
use crate::report::count;
use crate::session::Session;
use crate::store::{self, EXPORTED_REF};

/// Export all entries to a file
///
/// The file is a git bundle that any web server can serve, and that 'cache import' reads. It contains
/// this clone's own entries and the trusted entries of its mirrors. The command prints a commit that
/// identifies the export: pass it to --since later to export only what is new.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The file to write; '-' for standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Export only what is new since the export with this commit
    #[arg(long, value_name = "COMMIT")]
    since: Option<String>,

    /// Export only what is new since this earlier export file
    #[arg(long, value_name = "FILE", conflicts_with = "since")]
    basis: Option<PathBuf>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "what git has just written into a folder of this process"
)]
pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let session = Session::open(context, Vec::new())?;
    let repo = &session.repo;
    let since = since(context, &session, arguments)?;
    let store = session.store();
    let manner = sharing::manner(repo, &session.settings);
    let publishable = sharing::exportable(repo, &session.settings)?;
    let filter = publishable.filter(Publish::All);
    let seconds = context.now().as_second();
    let exported = store::gather(repo, &store, since, &filter, &manner, seconds)?;
    let exported = exported
        .context("nothing to export")
        .hint("to create entries: git rustassistant analyze")?;
    let commit = exported.commit;
    let entries = count(exported.entries as u64, "entry");
    if since == Some(commit) {
        return told(context, arguments, format!("nothing new since {commit}"));
    }
    if arguments.file.as_os_str() == "-" {
        let folder = tempfile::tempdir().context("cannot create a temporary directory")?;
        let file = folder.path().join("bundle");
        repo.write_bundle(&file, EXPORTED_REF, since)?;
        let mut file = File::open(&file).context("cannot read the bundle that git wrote")?;
        context.printer.bytes(|out| {
            io::copy(&mut file, out)?;
            Ok(())
        })?;
    } else {
        repo.write_bundle(&destination(&arguments.file)?, EXPORTED_REF, since)?
    }
    told(
        context,
        arguments,
        format!("exported {entries}: commit {commit}"),
    )
}

/// The commit that receivers already have.
fn since(context: &Context, session: &Session<'_>, arguments: &Arguments) -> Result<Option<Oid>> {
    let repo = &session.repo;
    let commit = match (&arguments.since, &arguments.basis) {
        (Some(named), _) => repo.commit_named(named)?,
        (_, Some(file)) => {
            let file = absolute(file)?;
            let read = |terms: &Terms<'_>| repo.bundled_ref(&file, EXPORTED_REF, terms);
            sharing::on_usual_terms(context, read)?
        }
        _ => return Ok(None),
    };
    let commit = commit.context("not a commit of an earlier export")?;
    let here = repo.header(commit)?.is_some();
    let known = here.then_some(commit);
    known
        .map(Some)
        .context("that export is no longer in this clone")
        .hint("export everything, without --since or --basis")
}

fn told(context: &Context, arguments: &Arguments, line: String) -> Result<Status> {
    if arguments.file.as_os_str() == "-" {
        context.printer.note(line);
        return Ok(Status::Done);
    }
    context.printer.data(|out| {
        writeln!(out, "{line}")?;
        Ok(Status::Done)
    })
}

/// Git is told absolute paths: none can look like an option or an address.
pub fn absolute(file: &Path) -> Result<PathBuf> {
    std::path::absolute(file).with_context(|| format!("cannot find {}", file.display()))
}
