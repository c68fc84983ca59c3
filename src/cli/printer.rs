//! The two voices of the program: standard output is data, standard error is talk.
//!
//! How much is said, in which colours and how wide is decided here once. Not here: what is said.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use anyhow::{Context, Error, Result};

use super::error;

/// As wide as text for people is set where no terminal says otherwise.
const USUAL_WIDTH: usize = 100;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// How much is said beside the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors alone.
    Quiet,
    #[default]
    Normal,
    /// Each step and its reason as well.
    Verbose,
}

/// Writes data and talk, each to its place.
#[derive(Debug, Default)]
pub struct Printer {
    verbosity: Verbosity,
    colour: ColorChoice,
    /// Standard output has lost its reader.
    deserted: AtomicBool,
}

impl Printer {
    pub fn new(verbosity: Verbosity, colour: ColorChoice) -> Self {
        Self {
            verbosity,
            colour,
            deserted: AtomicBool::new(false),
        }
    }

    pub const fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// May standard output hold escape sequences? As `--color` says, else as `NO_COLOR`,
    /// `CLICOLOR`, `CLICOLOR_FORCE`, `TERM` and the terminal do.
    pub fn colours_data(&self) -> bool {
        self.allows_escapes(&io::stdout())
    }

    /// May standard error hold escape sequences?
    pub fn colours_talk(&self) -> bool {
        self.allows_escapes(&io::stderr())
    }

    fn allows_escapes(&self, stream: &impl anstream::stream::RawStream) -> bool {
        let choice = match self.colour {
            ColorChoice::Auto => AutoStream::choice(stream),
            decided => decided,
        };
        choice != ColorChoice::Never
    }

    /// The columns that text for people has.
    pub fn width(&self) -> usize {
        let terminal = io::stdout()
            .is_terminal()
            .then(terminal_size::terminal_size);
        let columns = terminal.flatten().map(|(width, _)| usize::from(width.0));
        columns
            .filter(|&columns| columns > 0)
            .unwrap_or(USUAL_WIDTH)
    }

    /// Hands standard output to `write`, buffered; everything has left when this returns.
    ///
    /// # Errors
    /// Those of `write`, and if standard output takes no more.
    pub fn data<T>(&self, write: impl FnOnce(&mut dyn Write) -> Result<T>) -> Result<T> {
        let stream = AutoStream::new(io::stdout().lock(), self.colour);
        let mut out = Watched {
            out: BufWriter::new(stream),
            deserted: &self.deserted,
        };
        let written = write(&mut out)?;
        out.flush().context("cannot write to standard output")?;
        Ok(written)
    }

    /// Did standard output lose its reader, as in `… | head`? Then whatever failed was that.
    pub fn is_deserted(&self) -> bool {
        self.deserted.load(Ordering::Relaxed)
    }

    /// Says what happened, unless it is to be quiet.
    pub fn note(&self, line: impl Display) {
        if self.verbosity > Verbosity::Quiet {
            self.talk(&line);
        }
    }

    /// Says what only `-v` asks for.
    pub fn detail(&self, line: impl Display) {
        if self.verbosity == Verbosity::Verbose {
            self.talk(&line);
        }
    }

    /// Says what the user should know although all goes on, unless it is to be quiet.
    pub fn warning(&self, line: impl Display) {
        let line = visible(&line.to_string());
        self.note(format_args!("{WARNING}warning:{WARNING:#} {line}"));
    }

    /// Says why the program gives up, and what can be done about it.
    pub fn error(&self, error: &Error) {
        let sentence = visible(&error::sentence(error));
        self.talk(&format_args!("{ERROR}error:{ERROR:#} {sentence}"));
        for hint in error::hints(error) {
            let hint = visible(hint);
            self.talk(&format_args!("{HINT}hint:{HINT:#} {hint}"));
        }
    }

    fn talk(&self, line: &dyn Display) {
        let mut stream = AutoStream::new(io::stderr().lock(), self.colour);
        // Where standard error is closed there is nobody left to tell.
        let _ = writeln!(stream, "{line}");
    }
}

/// Standard output, watched for the loss of its reader. Renderers may wrap or reword an error of
/// the writer, so the fact is kept beside it.
struct Watched<'a, W> {
    out: W,
    deserted: &'a AtomicBool,
}

impl<W> Watched<'_, W> {
    fn watch<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if matches!(&result, Err(error) if error.kind() == io::ErrorKind::BrokenPipe) {
            self.deserted.store(true, Ordering::Relaxed);
        }
        result
    }
}

impl<W: Write> Write for Watched<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.out.write(bytes);
        self.watch(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.out.flush();
        self.watch(result)
    }
}

/// Messages quote names and texts of others: what could steer the terminal is escaped.
fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => visible.push(c),
            c if c.is_control() => visible.extend(c.escape_unicode()),
            c => visible.push(c),
        }
    }
    visible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_steer_the_terminal() {
        assert_eq!(visible("a\x1b[2Jb\nc"), "a\\u{1b}[2Jb\nc");
    }

    #[test]
    fn a_lost_reader_is_noticed_and_another_failure_is_not_taken_for_one() {
        struct Failing(io::ErrorKind);
        impl Write for Failing {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for (kind, noticed) in [
            (io::ErrorKind::StorageFull, false),
            (io::ErrorKind::BrokenPipe, true),
        ] {
            let deserted = AtomicBool::new(false);
            let mut out = Watched {
                out: Failing(kind),
                deserted: &deserted,
            };
            assert!(out.write_all(b"x").is_err());
            assert_eq!(deserted.load(Ordering::Relaxed), noticed);
        }
    }
}
