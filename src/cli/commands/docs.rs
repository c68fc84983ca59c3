//! `docs module FILE…`: a module's documentation, from its source and its comments.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::options::RunOptions;
use crate::cli::status::Status;

/// Write documentation from source code
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Module(ModuleArguments),
}

/// Describe modules in Markdown: what they are, what they offer, what may fail
///
/// Public items with their signatures, their comments, and the sections on errors, panics and
/// safety. 'analyze --kind docs' reports instead which items lack documentation.
#[derive(Debug, Args)]
pub struct ModuleArguments {
    /// The source files to describe
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<OsString>,

    /// Write to OUT instead of standard output
    #[arg(short, long, value_name = "OUT")]
    pub out: Option<PathBuf>,

    #[command(flatten)]
    pub run: RunOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let Verb::Module(arguments) = &arguments.verb;
    let _ = (arguments, context);
    bail!("docs module is not wired to scan yet")
}
