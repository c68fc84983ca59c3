//! What a session needs from its host: the time, the environment, answers to questions, and a receiver
//! for events. A session itself does not print or read the clock.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Error, Result};
use jiff::Timestamp;

use super::environment::Environment;
use crate::scan::{Progress, Silent};

/// An event for the user. It may quote text of strangers unescaped; the host must escape it.
#[derive(Debug)]
pub enum Event {
    /// A detail, for verbose output.
    Detail(String),
    /// A message or hint.
    Note(String),
    /// A problem; the run continues.
    Warning(String),
    /// A part of the work failed; the rest continues.
    Error(Error),
}

/// The program that runs a session: the command line, a server, a test.
pub trait Host: Sync {
    fn now(&self) -> Timestamp;

    fn environment(&self) -> &Environment;

    fn tell(&self, event: Event);

    /// The program to start for parsing, so that no file can harm the host. Empty if the system cannot
    /// tell: then nothing is parsed.
    fn parser(&self) -> PathBuf {
        std::env::current_exe().unwrap_or_default()
    }

    /// Does the host want details?
    fn wants_details(&self) -> bool {
        false
    }

    /// Receives the progress of a run.
    fn progress(&self) -> Box<dyn Progress + '_> {
        Box::new(Silent)
    }

    /// Can the host ask the user?
    fn can_ask(&self) -> bool {
        false
    }

    /// Asks a yes/no question. Returns true for yes.
    ///
    /// # Errors
    /// If the answer cannot be read.
    fn ask(&self, _question: &str) -> Result<bool> {
        Ok(false)
    }

    /// A flag that is set when the user wants to stop the run.
    fn interrupt(&self) -> Arc<AtomicBool> {
        Arc::default()
    }
}

impl dyn Host + '_ {
    pub fn detail(&self, line: impl ToString) {
        if self.wants_details() {
            self.tell(Event::Detail(line.to_string()));
        }
    }

    pub fn note(&self, line: impl ToString) {
        self.tell(Event::Note(line.to_string()));
    }

    pub fn warning(&self, line: impl ToString) {
        self.tell(Event::Warning(line.to_string()));
    }
}

/// A host without a terminal that records events. For servers and tests.
#[derive(Debug)]
pub struct Recorder {
    environment: Environment,
    program: PathBuf,
    clock: fn() -> Timestamp,
    events: Mutex<Vec<Event>>,
}

impl Recorder {
    /// `program` is the executable to start for parsing.
    pub const fn new(environment: Environment, program: PathBuf, clock: fn() -> Timestamp) -> Self {
        Self {
            environment,
            program,
            clock,
            events: Mutex::new(Vec::new()),
        }
    }

    /// Takes the events recorded so far.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Host for Recorder {
    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn parser(&self) -> PathBuf {
        self.program.clone()
    }

    fn tell(&self, event: Event) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(event);
    }
}
