//! What every command is given: the printer, the environment, the clock. It is the host of the sessions
//! that commands open. Not a place for what one command alone needs.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use jiff::Timestamp;

use super::interrupt;
use super::printer::Printer;
use super::progress::{self, Screen, When};
use crate::report::{Colour, Verbosity};
use crate::scan::Progress;
use crate::session::{Environment, Event, Host};

/// The world as the commands see it.
#[derive(Debug)]
pub struct Context {
    pub printer: Printer,
    pub environment: Environment,
    pub progress: When,
    /// The name the user called: `git rustassistant` or `rustassistant`.
    pub program: String,
}

impl Context {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the clock enters"
    )]
    pub fn now(&self) -> Timestamp {
        // A clock may stand beyond the last year that can be written.
        Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(Timestamp::MAX)
    }

    /// Where the talk goes.
    pub fn screen(&self) -> Screen {
        let escapes =
            self.printer.colour_of_talk() == Colour::Always || self.progress == When::Always;
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
