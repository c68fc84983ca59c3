//! `cache`: the store itself: what is in it, why a file hits or misses, emptying it.

use std::ffi::OsString;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::options::KindOptions;
use crate::cli::status::Status;

/// Look after the store of analyses
///
/// The store is a ref of this repository, refs/rustassistant/local/v1, whose tree holds one
/// small file for each analysis. It is no branch, and git shows it nowhere unless asked.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Prepare this clone, and say where its analyses are kept
    Init,
    /// Count entries and their size, by kind
    Status,
    /// List the entries of the store
    List(ListArguments),
    /// Say why a file is a hit or a miss, and by which recipe
    Explain(ExplainArguments),
    /// Drop entries that this clone has made and not shared
    Clear(ClearArguments),
}

#[derive(Debug, Args)]
pub struct ListArguments {
    #[command(flatten)]
    pub kinds: KindOptions,
}

#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The files to explain
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<OsString>,

    #[command(flatten)]
    pub kinds: KindOptions,
}

/// Drop entries that this clone has made and not shared
///
/// What was shared stays with the remote, and comes back with the next fetch. The reflog of
/// refs/rustassistant/local/v1 keeps what was dropped, for as long as git keeps reflogs.
#[derive(Debug, Args)]
pub struct ClearArguments {
    /// Say what would be dropped, and drop nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    #[command(flatten)]
    pub kinds: KindOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let _ = (arguments, context);
    bail!("cache is not wired to the store yet")
}
