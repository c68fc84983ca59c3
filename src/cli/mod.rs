//! The command line. Only this room prints and reads the clock and the environment.
//!
//! `options` and `commands` define the arguments, `printer` and `progress` write the output, and
//! `status` defines the exit status. Analysis itself lives in the lower rooms.

mod advice;
mod commands;
mod compared;
mod context;
mod error;
mod eviction;
mod explained;
mod fresh;
mod interrupt;
mod log;
mod options;
mod printer;
mod progress;
mod publish;
mod sharing;
mod status;
mod transfer;

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser};

use crate::analyzers::local::{COMMAND, serve};
use crate::{git, report};

use crate::session::Environment;
use commands::Command;
use context::Context;
use options::GlobalOptions;
use status::Status;

const FIRST_STEPS: &str = "\
First steps:
  git rustassistant analyze         analyze the current directory
  git rustassistant analyze -h      show the options of 'analyze'
  git rustassistant status          show how much is analyzed";

const CLOSING: &str = "\
First steps:
  git rustassistant analyze         analyze the current directory
  git rustassistant analyze -h      show the options of 'analyze'
  git rustassistant status          show how much is analyzed

Exit status:
  0    success; no finding reaches --fail-on
  1    a finding is at or above --fail-on
  2    invalid usage, invalid setting, or internal error
  3    incomplete: some selected files could not be analyzed; the rest is reported
  4    a budget stopped the run; answers received so far are kept
  130  interrupted; finished analyses are kept";

/// Analyze source files once and cache the results in git
///
/// Each analysis is a git object, stored under refs/rustassistant and keyed by the blob it
/// describes. The same content is never analyzed twice, whatever its path or branch. The embedded
/// analyzer needs no network.
#[derive(Debug, Parser)]
#[command(name = "git-rustassistant", version, after_help = FIRST_STEPS, after_long_help = CLOSING)]
#[command(subcommand_required = true, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: GlobalOptions,
}

/// The whole program: parses arguments, runs the command, and returns the exit status.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|word| word == COMMAND) {
        return serve_apart().into();
    }
    interrupt::survive_full_files();
    crate::git::keep_quiet();
    let program = program_name(arguments.first().map(OsString::as_os_str));
    match parse(&arguments, program) {
        Ok(line) => run(line, program),
        Err(error) => answer(&error),
    }
    .into()
}

/// The environment at startup.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place that reads the environment"
)]
fn environment() -> Environment {
    std::env::vars_os().collect()
}

/// The worker process that a run starts for analysis. Not a command for users.
fn serve_apart() -> Status {
    interrupt::leave_to_others();
    match serve(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => Status::Done,
        Err(_) => Status::Failure,
    }
}

/// The full command definition, for a program named `program`.
fn definition(program: &str) -> clap::Command {
    CommandLine::command().bin_name(program)
}

/// The part of the definition that these arguments need.
fn definition_for(arguments: &[OsString], program: &str) -> clap::Command {
    let first = arguments.get(1).and_then(|word| word.to_str());
    match first.and_then(commands::definition) {
        Some(command) => GlobalOptions::augment_args(clap::Command::new("git-rustassistant"))
            .bin_name(program)
            .subcommand_required(true)
            .subcommand(command),
        None => definition(program),
    }
}

fn parse(arguments: &[OsString], program: &str) -> clap::error::Result<CommandLine> {
    let mut definition = definition_for(arguments, program);
    let matches = definition.try_get_matches_from_mut(arguments)?;
    CommandLine::from_arg_matches(&matches).map_err(|error| error.format(&mut definition))
}

fn run(line: CommandLine, program: &str) -> Status {
    let context = Context {
        printer: line.global.printer(),
        environment: environment(),
        progress: line.global.progress,
        program: program.to_owned(),
    };
    if let Some(filter) = line.global.log(&context.environment) {
        log::begin(&filter);
    }
    let done = line.command.run(&context);
    for lock in git::healed() {
        let lock = report::clean_line(&lock.display().to_string());
        context.printer.note(format_args!(
            "removed stale lock {lock}, left by a killed git process"
        ));
    }
    match done {
        Ok(status) => status,
        Err(_) if context.printer.is_deserted() => Status::BrokenPipe,
        Err(error) => {
            context.printer.error(&error);
            Status::Failure
        }
    }
}

/// Help and version go to standard output; everything else from clap is a usage error.
fn answer(error: &clap::Error) -> Status {
    let printed = if error.use_stderr() {
        printer::usage(error)
    } else {
        error.print()
    };
    match printed {
        Err(failed) if failed.kind() == io::ErrorKind::BrokenPipe => Status::BrokenPipe,
        Ok(()) if error.exit_code() == 0 => Status::Done,
        _ => Status::Failure,
    }
}

/// Git runs `git-rustassistant` for `git rustassistant`; both names are the same program.
fn program_name(called: Option<&OsStr>) -> &'static str {
    let name = called.map(Path::new).and_then(Path::file_stem);
    if name.is_some_and(|name| name == "rustassistant") {
        "rustassistant"
    } else {
        "git rustassistant"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_of_the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_command_alone_is_described_as_it_is_among_all() {
        let mut seen = 0;
        for command in CommandLine::command().get_subcommands() {
            let name = command.get_name();
            let arguments = ["git-rustassistant", name, "--help"].map(OsString::from);
            let help = |mut definition: clap::Command| {
                let answer = definition.try_get_matches_from_mut(&arguments);
                answer.unwrap_err().to_string()
            };
            let alone = definition_for(&arguments, "git rustassistant");
            seen += usize::from(alone.get_subcommands().count() == 1);
            assert_eq!(help(alone), help(definition("git rustassistant")), "{name}");
        }
        assert!(seen >= 12);
    }

    #[test]
    fn the_program_goes_by_the_name_it_was_called() {
        let name = |called: &str| program_name(Some(OsStr::new(called)));
        assert_eq!(name("/usr/bin/rustassistant"), "rustassistant");
        assert_eq!(
            name("/usr/lib/git-core/git-rustassistant"),
            "git rustassistant"
        );
        assert_eq!(program_name(None), "git rustassistant");
    }
}
