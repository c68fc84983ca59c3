//! Options of every command: how much is said, and how it looks.

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

    /// Say of every file whether it was a hit or a miss, and why
    ///
    /// Twice, each step as well, for whoever looks for a fault; RUSTASSISTANT_LOG says which:
    /// 'debug', 'trace', or levels by module.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,

    /// When to use colours: auto, always or never
    ///
    /// With 'auto', the default, colours are used on a terminal that understands them, unless
    /// NO_COLOR is set or TERM is 'dumb'; CLICOLOR_FORCE turns them on everywhere.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    color: Choice,

    /// When to show progress: auto, always or never
    ///
    /// A bar on a terminal; elsewhere a line every few seconds. With 'auto', the default, -q
    /// turns it off.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub progress: When,
}

/// When colours are used, as `--color` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Choice {
    /// On a terminal that understands them
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

impl GlobalOptions {
    /// Which steps are told.
    pub fn log(&self, environment: &Environment) -> Option<String> {
        let said = environment.get(log::VARIABLE);
        let said = said.map(|said| said.to_string_lossy().into_owned());
        let usual = (self.verbose > 1).then(|| "debug".to_owned());
        said.filter(|said| !said.is_empty()).or(usual)
    }

    /// The printer that they ask for.
    pub fn printer(&self) -> Printer {
        let verbosity = match (self.quiet, self.verbose > 0) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        let colour = match self.color {
            Choice::Auto => ColorChoice::Auto,
            Choice::Always => ColorChoice::Always,
            Choice::Never => ColorChoice::Never,
        };
        Printer::new(verbosity, colour)
    }
}
