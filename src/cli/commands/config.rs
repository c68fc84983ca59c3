//! `config list`: the settings in force, and where each was written. Changing them is `git config`.

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::cli::context::{Context, Origins};
use crate::cli::status::Status;
use crate::git::Repo;
use crate::settings::Effective;

const CHANGING: &str = "\
Settings are git's configuration. To change one:
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
                write!(out, "{}\t", one.place)?;
            }
            writeln!(out, "{}", line(one))?;
        }
        Ok(())
    })?;
    Ok(Status::Done)
}

/// As `git config --list` prints it, on one line whatever the value holds.
fn line(one: &Effective) -> String {
    let value: String = one
        .value
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    format!("{}={value}", one.key.full_name())
}
