//! `hook`: manages the pre-push hook of a repository. One file per subcommand.

mod install;
mod run;
mod status;
mod uninstall;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::status::Status;

/// Manage the pre-push hook
///
/// The hook analyzes the files you push, and publishes the analyses. A failing hook never stops a
/// push. To make findings stop it, set rustassistant.hook.failOn.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Install(install::Arguments),
    Uninstall(uninstall::Arguments),
    Status(status::Arguments),
    Run(run::Arguments),
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    match &arguments.verb {
        Verb::Install(arguments) => install::run(arguments, context),
        Verb::Uninstall(arguments) => uninstall::run(arguments, context),
        Verb::Run(arguments) => run::run(arguments, context),
        Verb::Status(arguments) => status::run(arguments, context),
    }
}
