//! `todos`: shortcut for `analyze --kind todos`.

use anyhow::Result;
use clap::Args;

use super::analyze;
use crate::cli::context::Context;
use crate::cli::options::{OutputOptions, RunOptions, SelectionOptions};
use crate::cli::status::Status;
use crate::model::Kind;

/// List TODO, FIXME and HACK notes and todo!() calls
///
/// Same as 'analyze --kind todos'. Searches comments and macros, not strings.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    selection: SelectionOptions,
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let output = arguments.output.clone();
    let selection = arguments.selection.clone();
    let asked = analyze::Arguments::shortcut(&Kind::Todos, selection, &arguments.run, output);
    analyze::run(&asked, context)
}
