//! `analyze`: select, plan, analyse what is missing, store, report. The other commands that
//! analyse are shortcuts to this one.

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::context::Context;
use crate::cli::options::{KindOptions, OutputOptions, RunOptions, SelectionOptions};
use crate::cli::status::Status;

const EXAMPLES: &str = "\
Examples:
  git rustassistant analyze                     everything below the current folder
  git rustassistant analyze :/ -k all           every kind, the whole repository
  git rustassistant analyze --changed main      what a branch has touched
  git rustassistant analyze --rev v1.0 src      a release, nothing checked out
  git rustassistant analyze --cached --fail-on warning
                                                a gate for CI: analyses nothing

Exit status:
  0  done; no finding reaches --fail-on
  1  a finding is at or above --fail-on
  2  wrong usage, a wrong setting, or an internal error
  3  incomplete: something selected could not be analysed; the rest is reported";

/// Analyse files and report what is found
///
/// Each selected file is looked up in the store by its content. What is not there is analysed
/// and stored, so the same content is never analysed twice: not after a rename, not on another
/// branch, not in another clone that shares the store. The work tree, the index and HEAD are
/// never touched.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    pub selection: SelectionOptions,
    #[command(flatten)]
    pub kinds: KindOptions,
    #[command(flatten)]
    pub run: RunOptions,
    #[command(flatten)]
    pub output: OutputOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let _ = (arguments, context);
    bail!("analyze is not wired to scan yet")
}
