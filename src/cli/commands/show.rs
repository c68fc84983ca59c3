//! `show`: what the store holds about one blob. Analyses nothing.

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::context::Context;
use crate::cli::options::{KindOptions, OutputOptions};
use crate::cli::status::Status;

const EXAMPLES: &str = "\
Examples:
  git rustassistant show src/main.rs            the file as it is now
  git rustassistant show HEAD~2:src/main.rs     as it was two commits ago
  git rustassistant show 3b18e512 -k docs       any blob, by its id";

/// Show what the store knows about one file or blob
///
/// Nothing is analysed: if the store has no answer, that is said, and the exit status is 3.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// A path, a path in a revision as REV:PATH, or the id of a blob
    #[arg(value_name = "PATH|REV:PATH|OID")]
    pub object: String,

    #[command(flatten)]
    pub kinds: KindOptions,
    #[command(flatten)]
    pub output: OutputOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let _ = (arguments, context);
    bail!("show is not wired to the store yet")
}
