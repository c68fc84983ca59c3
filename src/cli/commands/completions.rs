//! `completions`: scripts that let a shell complete our words, made from the same arguments.

use anyhow::Result;
use clap::Args;
use clap_complete::Shell;

use crate::cli::context::Context;
use crate::cli::definition;
use crate::cli::status::Status;

const INSTALLING: &str = "\
Installing:
  bash   git rustassistant completions bash > \\
           ~/.local/share/bash-completion/completions/git-rustassistant
  zsh    git rustassistant completions zsh > ~/.zfunc/_git-rustassistant
  fish   git rustassistant completions fish > \\
           ~/.config/fish/completions/git-rustassistant.fish
Called as 'rustassistant', it writes the script for that name.";

/// Print a script that completes commands and options in a shell
#[derive(Debug, Args)]
#[command(after_long_help = INSTALLING)]
pub struct Arguments {
    /// The shell to write for
    shell: Shell,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let name = context.program.replace(' ', "-");
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut definition(&name), &name, &mut script);
    context.printer.data(|out| Ok(out.write_all(&script)?))?;
    Ok(Status::Done)
}
