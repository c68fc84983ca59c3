//! Options of every command: how much is said, and how it looks.

use anstream::ColorChoice;
use clap::{Args, ValueEnum};

use crate::cli::printer::{Printer, Verbosity};
use crate::cli::progress::When;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalOptions {
    /// Print results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,

    /// Say of every file whether it was a hit or a miss, and why
    #[arg(short, long, global = true)]
    verbose: bool,

    /// When to use colours
    ///
    /// With 'auto', colours are used on a terminal that understands them, unless NO_COLOR is set
    /// or TERM is 'dumb'; CLICOLOR_FORCE turns them on everywhere.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Colour,

    /// When to show progress
    ///
    /// A bar on a terminal; elsewhere a line every few seconds. Always on standard error.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub progress: When,
}

/// When colours are used, as `--color` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal that understands them
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

impl GlobalOptions {
    /// The printer that they ask for.
    pub fn printer(&self) -> Printer {
        let verbosity = match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        let colour = match self.color {
            Colour::Auto => ColorChoice::Auto,
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
        };
        Printer::new(verbosity, colour)
    }
}
