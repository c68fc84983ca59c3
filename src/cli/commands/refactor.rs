//! `refactor analyze FILE…`: shortcut for `analyze --kind refactor FILE…`.

use std::ffi::OsString;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::analyze;
use crate::cli::context::Context;
use crate::cli::options::{OutputOptions, RunOptions, SelectionOptions};
use crate::cli::status::Status;
use crate::model::Kind;

/// Find code worth refactoring
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Analyze(AnalyzeArguments),
}

/// Report code smells, each with a reason and a fix
///
/// Same as 'analyze --kind refactor FILE...'.
#[derive(Debug, Args)]
struct AnalyzeArguments {
    /// The files to analyze
    #[arg(value_name = "FILE", required = true)]
    files: Vec<OsString>,
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let Verb::Analyze(arguments) = &arguments.verb;
    let output = arguments.output.clone();
    let selection = SelectionOptions::of(&arguments.files);
    let asked = analyze::Arguments::shortcut(&Kind::Refactor, selection, &arguments.run, output);
    analyze::run(&asked, context)
}
