//! What every command gets: the printer, the environment and the clock. It is the host of the sessions
//! that commands open. Not a place for things that only one command needs.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use jiff::Timestamp;

use super::interrupt;
use super::printer::Printer;
use super::progress::{self, Screen, When};
use crate::report::{Color, Verbosity};
use crate::scan::Progress;
use crate::session::{Environment, Event, Host};

/// The outside world, as commands see it.
#[derive(Debug)]
pub struct Context {
    pub printer: Printer,
    pub environment: Environment,
    pub progress: When,
    /// The program name the user typed: `git rustassistant` or `rustassistant`.
    pub program: String,
}

impl Context {
    #[expect(
        clippy::disallowed_methods,
        reason = "the only place that reads the clock"
    )]
    pub fn now(&self) -> Timestamp {
        // The clock may be beyond the last representable year.
        Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(Timestamp::MAX)
    }

    /// The kind of standard error.
    pub fn screen(&self) -> Screen {
        let escapes =
            self.printer.color_of_talk() == Color::Always || self.progress == When::Always;
        let terminal = std::io::stderr().is_terminal() && !self.environment.is_dumb();
        if terminal && escapes {
            Screen::Terminal
        } else {
            Screen::Paper
        }
    }
}

impl Host for Context {
    fn now(&self) -> Timestamp {
        self.now()
    }

    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn tell(&self, event: Event) {
        match event {
            Event::Detail(line) => self.printer.detail(line),
            Event::Note(line) => self.printer.note(line),
            Event::Warning(line) => self.printer.warning(line),
            Event::Error(error) => self.printer.error(&error),
        }
    }

    fn wants_details(&self) -> bool {
        self.printer.verbosity() == Verbosity::Verbose
    }

    fn progress(&self) -> Box<dyn Progress + '_> {
        progress::choose(self.progress, self.screen(), &self.printer)
    }

    fn can_ask(&self) -> bool {
        Printer::can_ask()
    }

    fn ask(&self, question: &str) -> Result<bool> {
        self.printer.asks(question)
    }

    fn interrupt(&self) -> Arc<AtomicBool> {
        interrupt::watch()
    }
}
