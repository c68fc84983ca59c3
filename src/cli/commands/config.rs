//! `config list`: effective settings and where each comes from. To change them, use `git config`.
//! `config consent`: agreements to send code to a provider.

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::report::clean_line;
use crate::session::{self, Agreements, Origins, TrackedPlace};

const CHANGING: &str = "\
Changing settings:
  git config rustassistant.kinds 'refactor todos'     in this repository
  git config --global rustassistant.jobs 4            everywhere
  git config -f .rustassistantconfig rustassistant.failOn warning
                                                      for the whole team
  RUSTASSISTANT_JOBS=1 git rustassistant analyze      for one run";

/// Show settings and agreements
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(ListArguments),
    Consent(ConsentArguments),
}

/// List all settings with their effective values
///
/// Settings are stored in git's configuration. To change them, use 'git config'.
#[derive(Debug, Args)]
#[command(after_long_help = CHANGING)]
struct ListArguments {
    /// Show where each value comes from
    #[arg(long)]
    origin: bool,
}

/// List agreements to send code of this repository to a provider
///
/// Each line has a host, a kind, its prompt and a date. A changed prompt needs a new agreement.
/// Agreements given by --yes or rustassistant.yes are not recorded. They are signed with a secret in
/// $XDG_STATE_HOME/git-rustassistant or ~/.local/state/git-rustassistant.
#[derive(Debug, Args)]
struct ConsentArguments {
    /// Revoke the agreements for HOST, or all of them
    #[arg(long, value_name = "HOST", num_args = 0..=1, require_equals = true)]
    forget: Option<Option<String>>,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    match &arguments.verb {
        Verb::List(arguments) => list(arguments, context),
        Verb::Consent(arguments) => consent(arguments, context),
    }
}

fn consent(arguments: &ConsentArguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    let agreements = Agreements::of(&context.environment, &repo)?;
    let (shown, word) = match &arguments.forget {
        Some(host) => (agreements.forget(host.as_deref())?, "revoked: "),
        None => (agreements.given(), ""),
    };
    context.printer.data(|out| {
        for agreement in &shown {
            writeln!(out, "{word}{agreement}")?;
        }
        Ok(())
    })?;
    if shown.is_empty() {
        let about = match &arguments.forget {
            Some(Some(host)) => format!(" for {host}"),
            _ => String::new(),
        };
        let printer = &context.printer;
        printer.note(format_args!("no agreements in this repository{about}"));
    }
    Ok(Status::Done)
}

fn list(arguments: &ListArguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    let text = session::tracked_text(&repo, TrackedPlace::Here)?;
    let entries = session::tracked_entries(&repo, text.as_deref())?;
    let resolution = session::resolve(context, &repo, entries, Vec::new(), Origins::Wanted)?;
    session::tell_ignored(context, &resolution);
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
