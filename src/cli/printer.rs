//! Standard output is for data, standard error for messages.
//!
//! Decides verbosity, color and width in one place. The callers write the text.

use std::fmt::Display;
use std::io::{self, BufRead, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use anyhow::{Context, Error, Result};

use super::error;
use crate::report::{Color, Verbosity, clean, clean_line};

/// Width of text without a terminal.
const USUAL_WIDTH: usize = 100;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Writes data to standard output and messages to standard error.
#[derive(Debug)]
pub struct Printer {
    verbosity: Verbosity,
    color: ColorChoice,
    /// The reader of standard output is gone.
    deserted: AtomicBool,
}

impl Printer {
    pub fn new(verbosity: Verbosity, color: ColorChoice) -> Self {
        Self {
            verbosity,
            color,
            deserted: AtomicBool::new(false),
        }
    }

    pub const fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// May standard output contain escape sequences? Depends on `--color`, then `NO_COLOR`,
    /// `CLICOLOR`, `CLICOLOR_FORCE`, `TERM` and the terminal.
    pub fn color_of_data(&self) -> Color {
        self.color_of(&io::stdout())
    }

    /// May standard error contain escape sequences?
    pub fn color_of_talk(&self) -> Color {
        self.color_of(&io::stderr())
    }

    fn color_of(&self, stream: &impl anstream::stream::RawStream) -> Color {
        let choice = match self.color {
            ColorChoice::Auto => AutoStream::choice(stream),
            decided => decided,
        };
        match choice {
            ColorChoice::Never => Color::Never,
            _ => Color::Always,
        }
    }

    /// The width of text, in columns.
    pub fn width(&self) -> usize {
        let terminal = io::stdout()
            .is_terminal()
            .then(terminal_size::terminal_size);
        let columns = terminal.flatten().map(|(width, _)| usize::from(width.0));
        columns
            .filter(|&columns| columns > 0)
            .unwrap_or(USUAL_WIDTH)
    }

    /// Passes buffered standard output to `write`, and flushes it.
    ///
    /// # Errors
    /// Those of `write`, and write errors.
    pub fn data<T>(&self, write: impl FnOnce(&mut dyn Write) -> Result<T>) -> Result<T> {
        self.out(self.color, write)
    }

    /// Same as [`Printer::data`] for binary data: does not change any byte.
    pub fn bytes<T>(&self, write: impl FnOnce(&mut dyn Write) -> Result<T>) -> Result<T> {
        self.out(ColorChoice::AlwaysAnsi, write)
    }

    fn out<T>(
        &self,
        color: ColorChoice,
        write: impl FnOnce(&mut dyn Write) -> Result<T>,
    ) -> Result<T> {
        let stream = AutoStream::new(io::stdout().lock(), color);
        let mut out = Watched {
            out: BufWriter::new(stream),
            deserted: &self.deserted,
        };
        let written = write(&mut out)?;
        out.flush().context("cannot write to standard output")?;
        Ok(written)
    }

    /// Is the reader of standard output gone, as in `… | head`? Then this caused the error.
    pub fn is_deserted(&self) -> bool {
        self.deserted.load(Ordering::Relaxed)
    }

    /// Prints a message, unless `-q` is given.
    pub fn note(&self, line: impl Display) {
        if self.verbosity > Verbosity::Quiet {
            self.talk(None, &line.to_string());
        }
    }

    /// Prints a line with `-v` only. The line may contain text of strangers.
    pub fn detail(&self, line: impl Display) {
        if self.verbosity == Verbosity::Verbose {
            self.talk(None, &clean_line(&line.to_string()));
        }
    }

    /// Prints a warning, unless `-q` is given.
    pub fn warning(&self, line: impl Display) {
        if self.verbosity > Verbosity::Quiet {
            self.talk(Some((WARNING, "warning: ")), &line.to_string());
        }
    }

    /// Prints an error and its hints.
    pub fn error(&self, error: &Error) {
        self.talk(Some((ERROR, "error: ")), &error::sentence(error));
        for hint in error::hints(error) {
            self.talk(Some((HINT, "hint: ")), hint);
        }
    }

    /// Is there a terminal to ask the user on?
    pub fn can_ask() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Prints a question and waits for the answer. Returns true for yes.
    ///
    /// # Errors
    /// If the answer cannot be read.
    pub fn asks(&self, question: &str) -> Result<bool> {
        let mut stream = AutoStream::new(io::stderr().lock(), self.color);
        // If standard error is closed, nobody will answer.
        drop(write!(stream, "{question}").and_then(|()| stream.flush()));
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        read.context("cannot read the answer")?;
        Ok(matches!(
            answer.trim().to_ascii_lowercase().as_str(),
            "y" | "yes"
        ))
    }

    /// Messages quote names and texts of strangers, so control characters are escaped.
    fn talk(&self, label: Option<(Style, &str)>, text: &str) {
        let text = clean(text);
        let mut stream = AutoStream::new(io::stderr().lock(), self.color);
        let told = match label {
            Some((style, label)) => writeln!(stream, "{style}{label}{style:#}{text}"),
            None => writeln!(stream, "{text}"),
        };
        // If standard error is closed, nobody reads this.
        drop(told);
    }
}

/// Prints a usage error. It quotes arguments, which may be file names that strangers chose:
/// `analyze *`.
///
/// # Errors
/// If standard error cannot be written.
pub fn usage(error: &clap::Error) -> io::Result<()> {
    let text = clean(&error.render().to_string());
    let mut stream = anstream::stderr().lock();
    match text.strip_prefix("error: ") {
        Some(text) => write!(stream, "{ERROR}error: {ERROR:#}{text}"),
        None => write!(stream, "{text}"),
    }
}

/// Detects that the reader of standard output is gone. Kept apart from the error, which renderers may
/// wrap.
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
