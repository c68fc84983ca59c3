//! The two voices of the program: standard output is data, standard error is talk.
//!
//! How much is said, in which colours and how wide is decided here once. Not here: what is said.

use std::fmt::Display;
use std::io::{self, BufRead, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use anyhow::{Context, Error, Result};

use super::error;
use crate::report::{Colour, Verbosity, clean, clean_line};

/// As wide as text for people is set where no terminal says otherwise.
const USUAL_WIDTH: usize = 100;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Writes data and talk, each to its place.
#[derive(Debug)]
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
    pub fn colour_of_data(&self) -> Colour {
        self.colour_of(&io::stdout())
    }

    /// May standard error hold escape sequences?
    pub fn colour_of_talk(&self) -> Colour {
        self.colour_of(&io::stderr())
    }

    fn colour_of(&self, stream: &impl anstream::stream::RawStream) -> Colour {
        let choice = match self.colour {
            ColorChoice::Auto => AutoStream::choice(stream),
            decided => decided,
        };
        match choice {
            ColorChoice::Never => Colour::Never,
            _ => Colour::Always,
        }
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
        self.out(self.colour, write)
    }

    /// As [`Printer::data`], for what is no text: not a byte is changed.
    ///
    /// # Errors
    /// As [`Printer::data`].
    pub fn bytes<T>(&self, write: impl FnOnce(&mut dyn Write) -> Result<T>) -> Result<T> {
        self.out(ColorChoice::AlwaysAnsi, write)
    }

    fn out<T>(
        &self,
        colour: ColorChoice,
        write: impl FnOnce(&mut dyn Write) -> Result<T>,
    ) -> Result<T> {
        let stream = AutoStream::new(io::stdout().lock(), colour);
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
            self.talk(None, &line.to_string());
        }
    }

    /// Says what only `-v` asks for: a line, whatever others have written into it.
    pub fn detail(&self, line: impl Display) {
        if self.verbosity == Verbosity::Verbose {
            self.talk(None, &clean_line(&line.to_string()));
        }
    }

    /// Says what the user should know although all goes on, unless it is to be quiet.
    pub fn warning(&self, line: impl Display) {
        if self.verbosity > Verbosity::Quiet {
            self.talk(Some((WARNING, "warning: ")), &line.to_string());
        }
    }

    /// Says why the program gives up, and what can be done about it.
    pub fn error(&self, error: &Error) {
        self.talk(Some((ERROR, "error: ")), &error::sentence(error));
        for hint in error::hints(error) {
            self.talk(Some((HINT, "hint: ")), hint);
        }
    }

    /// Is anybody there to answer a question?
    pub fn can_ask() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks something that is our own, of several lines, and waits behind the last. Was the answer yes?
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn asks(&self, question: &str) -> Result<bool> {
        let mut stream = AutoStream::new(io::stderr().lock(), self.colour);
        // Where standard error is closed there is nobody to answer either.
        drop(write!(stream, "{question}").and_then(|()| stream.flush()));
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        read.context("cannot read the answer")?;
        Ok(matches!(
            answer.trim().to_ascii_lowercase().as_str(),
            "y" | "yes"
        ))
    }

    /// What is said quotes names and texts of others: nothing in it reaches the terminal raw.
    fn talk(&self, label: Option<(Style, &str)>, text: &str) {
        let text = clean(text);
        let mut stream = AutoStream::new(io::stderr().lock(), self.colour);
        let told = match label {
            Some((style, label)) => writeln!(stream, "{style}{label}{style:#}{text}"),
            None => writeln!(stream, "{text}"),
        };
        // Where standard error is closed there is nobody left to tell.
        drop(told);
    }
}

/// Says what is wrong with a command line. It quotes arguments, which may be names of files that
/// strangers have chosen: `analyze *`.
///
/// # Errors
/// If standard error takes no more.
pub fn usage(error: &clap::Error) -> io::Result<()> {
    let text = clean(&error.render().to_string());
    let mut stream = anstream::stderr().lock();
    match text.strip_prefix("error: ") {
        Some(text) => write!(stream, "{ERROR}error: {ERROR:#}{text}"),
        None => write!(stream, "{text}"),
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

#[cfg(test)]
mod tests {
    use super::*;

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
