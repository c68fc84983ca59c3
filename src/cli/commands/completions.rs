//! `completions`: shell completion scripts, generated from the command definitions.

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
           ~/.config/fish/completions/git-rustassistant.fish";

/// Git's bash completion calls a function of this name to complete the words after
/// `git rustassistant`, and sets `words`, `cword`, `cur` and `prev`. Zsh needs no such function.
const THROUGH_GIT: &str = "
_git_rustassistant() {
    local at=${__git_cmd_idx:-1}
    local -a COMP_WORDS=(git-rustassistant \"${words[@]:at+1}\")
    local COMP_CWORD=$((cword - at))
    _git__rustassistant git-rustassistant \"$cur\" \"$prev\"
}
";

/// Print a shell completion script
///
/// The script completes the name you ran: 'git rustassistant' or 'rustassistant'.
#[derive(Debug, Args)]
#[command(after_long_help = INSTALLING)]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let name = context.program.replace(' ', "-");
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut definition(&name), &name, &mut script);
    if arguments.shell == Shell::Bash && name == "git-rustassistant" {
        script.extend_from_slice(THROUGH_GIT.as_bytes());
    }
    context.printer.data(|out| Ok(out.write_all(&script)?))?;
    Ok(Status::Done)
}
