//! `status`: how much of a selection the store can answer. Analyses nothing.

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::context::Context;
use crate::cli::options::{KindOptions, SelectionOptions};
use crate::cli::status::Status;

/// Say how much of the selection is analysed already
///
/// One line a kind: hits, misses, stale entries and files that are skipped; then what this clone
/// has not shared yet. Nothing is analysed.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pub selection: SelectionOptions,
    #[command(flatten)]
    pub kinds: KindOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let _ = (arguments, context);
    bail!("status is not wired to scan yet")
}
