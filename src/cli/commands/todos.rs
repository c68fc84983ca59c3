//! `todos`: shortcut to `analyze --kind todos`.

use anyhow::Result;
use clap::Args;

use super::analyze;
use crate::cli::context::Context;
use crate::cli::options::{KindOptions, OutputOptions, RunOptions, SelectionOptions};
use crate::cli::status::Status;

/// List the notes that authors left: TODO, FIXME, HACK, todo!()
///
/// The same as 'analyze --kind todos'. Comments and macros count, strings do not.
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
    let asked = analyze::Arguments {
        selection: arguments.selection.clone(),
        kinds: KindOptions {
            kinds: vec!["todos".to_owned()],
        },
        run: arguments.run.clone(),
        output: arguments.output.clone(),
    };
    analyze::run(&asked, context)
}
