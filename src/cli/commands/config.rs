//! `config list`: the settings in force, and where each was written. Changing them is `git config`.

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::cli::context::{Context, Origins};
use crate::cli::status::Status;
use crate::git::Repo;
use crate::report::clean_line;

const CHANGING: &str = "\
Changing settings:
  git config rustassistant.kinds 'refactor todos'     in this repository
  git config --global rustassistant.jobs 4            everywhere
  git config -f .rustassistantconfig rustassistant.failOn warning
                                                      for all who work on it
  RUSTASSISTANT_JOBS=1 git rustassistant analyze      this once";

/// Show settings
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(ListArguments),
}

/// List every setting with the value in force
///
/// Settings are git's configuration: 'git config' changes them.
#[derive(Debug, Args)]
#[command(after_long_help = CHANGING)]
struct ListArguments {
    /// Say of each value where it was written
    #[arg(long)]
    origin: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let Verb::List(arguments) = &arguments.verb;
    let resolution = context.resolve(&Repo::open()?, Vec::new(), Origins::Wanted)?;
    for warning in &resolution.warnings {
        context.printer.warning(warning);
    }
    context.printer.data(|out| {
        for one in &resolution.effective {
            if arguments.origin {
                write!(out, "{}\t", clean_line(&one.place.to_string()))?;
            }
            writeln!(out, "{}={}", one.key.full_name(), clean_line(&one.value))?;
        }
        for one in &resolution.blocks {
            if arguments.origin {
                write!(out, "{}\t", clean_line(&one.place.to_string()))?;
            }
            writeln!(
                out,
                "{}={}",
                clean_line(&one.full_name()),
                clean_line(&one.value)
            )?;
        }
        Ok(())
    })?;
    Ok(Status::Done)
}
