//! Options of every command: verbosity, color and progress.

use anstream::ColorChoice;
use clap::{ArgAction, Args, ValueEnum};

use crate::cli::log;
use crate::cli::printer::Printer;
use crate::cli::progress::When;
use crate::report::Verbosity;
use crate::session::Environment;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalOptions {
    /// Print results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,

    /// Explain every cache hit and miss
    ///
    /// Give it twice to log each step, to find faults. RUSTASSISTANT_LOG sets the level: 'debug',
    /// 'trace', or levels by module.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,

    /// When to use colors: auto, always or never
    ///
    /// 'auto', the default, uses colors on a terminal that supports them, unless NO_COLOR is set or
    /// TERM is 'dumb'. CLICOLOR_FORCE turns colors on everywhere.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    color: Choice,

    /// When to show progress: auto, always or never
    ///
    /// Shows a bar on a terminal, and prints a line every few seconds elsewhere. With 'auto', the
    /// default, -q turns progress off.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub progress: When,
}

/// When to use colors: the values of `--color`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Choice {
    /// On a terminal that supports them
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

impl GlobalOptions {
    /// The log level, if any.
    pub fn log(&self, environment: &Environment) -> Option<String> {
        let said = environment.get(log::VARIABLE);
        let said = said.map(|said| said.to_string_lossy().into_owned());
        let usual = (self.verbose > 1).then(|| "debug".to_owned());
        said.filter(|said| !said.is_empty()).or(usual)
    }

    /// The printer these options ask for.
    pub fn printer(&self) -> Printer {
        let verbosity = match (self.quiet, self.verbose > 0) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        let color = match self.color {
            Choice::Auto => ColorChoice::Auto,
            Choice::Always => ColorChoice::Always,
            Choice::Never => ColorChoice::Never,
        };
        Printer::new(verbosity, color)
    }
}
