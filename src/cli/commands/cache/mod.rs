//! `cache`: inspects and cleans up the store. One file per subcommand.

mod clear;
mod compact;
mod expire;
mod explain;
mod export;
mod import;
mod list;
mod purge;
mod stats;
mod status;
mod verify;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::init;
use crate::cli::context::Context;
use crate::cli::status::Status;

/// Manage stored analyses
///
/// The store is a ref of this repository, refs/rustassistant/local/v1. Its tree contains one small
/// file per analysis. It is not a branch, and git does not show it by default.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Init(init::Arguments),
    Status(status::Arguments),
    Stats(stats::Arguments),
    List(list::Arguments),
    Explain(explain::Arguments),
    Verify(verify::Arguments),
    Export(export::Arguments),
    Import(import::Arguments),
    Expire(expire::Arguments),
    Compact(compact::Arguments),
    Clear(clear::Arguments),
    Purge(purge::Arguments),
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    match &arguments.verb {
        Verb::Init(arguments) => init::run(arguments, context),
        Verb::Status(arguments) => status::run(arguments, context),
        Verb::Stats(arguments) => stats::run(arguments, context),
        Verb::List(arguments) => list::run(arguments, context),
        Verb::Explain(arguments) => explain::run(arguments, context),
        Verb::Verify(arguments) => verify::run(arguments, context),
        Verb::Export(arguments) => export::run(arguments, context),
        Verb::Import(arguments) => import::run(arguments, context),
        Verb::Expire(arguments) => expire::run(arguments, context),
        Verb::Compact(arguments) => compact::run(arguments, context),
        Verb::Clear(arguments) => clear::run(arguments, context),
        Verb::Purge(arguments) => purge::run(arguments, context),
    }
}
