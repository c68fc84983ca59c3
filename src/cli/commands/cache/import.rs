//! `cache import`: takes in a file that `cache export` wrote.

use std::fs;
use std::io;

use anyhow::{Context as _, Result, anyhow};
use clap::Args;

use super::export::absolute;
use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::model::{Hinted, ResultExt};
use crate::report::{count, grouped};
use crate::store::{self, EXPORTED_REF, IMPORTED_REF};

/// Take in a file that 'cache export' wrote
///
/// Its entries count like those of a mirror, as far as rustassistant.trust goes, and are never
/// published from here. They replace what was imported before;
/// 'git update-ref -d refs/rustassistant/imported/v1' forgets them.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Where from; '-' for the standard input
    #[arg(value_name = "FILE")]
    file: String,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    if arguments.file.contains("://") {
        let error = anyhow!(
            "'{}' is an address, not a file",
            arguments.file.escape_debug()
        );
        let hint = "download it: curl -fsSL URL | git rustassistant cache import -";
        return Err(Hinted::attach(error, hint));
    }
    let spool = match arguments.file == "-" {
        true => Some(spool(&repo)?),
        false => None,
    };
    let file = match &spool {
        Some(spool) => spool.path().to_owned(),
        None => absolute(arguments.file.as_ref())?,
    };
    let commit = repo.bundled_ref(&file, EXPORTED_REF)?;
    let commit = commit
        .with_context(|| format!("{} holds no analyses", file.display()))
        .hint("'git rustassistant cache export' writes such files")?;
    repo.take_bundle(&file, EXPORTED_REF)?;
    let (entries, new) = store::adopt(&repo, commit, context.now().as_second())?;
    let entries = count(entries as u64, "entry");
    let new = grouped(new as u64);
    context.printer.data(|out| {
        writeln!(
            out,
            "imported {entries}, {new} of them new, to {IMPORTED_REF}"
        )?;
        Ok(Status::Done)
    })
}

/// The standard input, as a file that git can read.
fn spool(repo: &Repo) -> Result<tempfile::NamedTempFile> {
    let copied = || -> io::Result<_> {
        fs::create_dir_all(repo.own_dir())?;
        let mut spool = tempfile::Builder::new()
            .prefix("import-")
            .tempfile_in(repo.own_dir())?;
        io::copy(&mut io::stdin().lock(), &mut spool)?;
        Ok(spool)
    };
    copied().context("cannot keep the standard input in a file")
}
