//! What a session asks of whoever runs it: the time, the environment, an answer to a question, and an
//! ear for what happens. A session itself prints nothing and looks at no clock.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Error, Result};
use jiff::Timestamp;

use super::environment::Environment;
use crate::scan::{Progress, Silent};

/// Something a user may want to know while a session works. What it quotes of others is raw: whoever
/// shows it makes it harmless.
#[derive(Debug)]
pub enum Event {
    /// What only somebody who asks for details wants to read.
    Detail(String),
    /// What happened, or what to do next.
    Note(String),
    /// All goes on, but not as it should.
    Warning(String),
    /// A part of the work is given up, the rest goes on.
    Error(Error),
}

/// Whoever runs a session: the command line, a server, a test.
pub trait Host: Sync {
    fn now(&self) -> Timestamp;

    fn environment(&self) -> &Environment;

    fn tell(&self, event: Event);

    /// The program that is started to parse, so that no file can harm the host. Empty, where
    /// the system does not tell which that is: then nothing is parsed.
    fn parser(&self) -> PathBuf {
        std::env::current_exe().unwrap_or_default()
    }

    /// Are details worth their cost?
    fn wants_details(&self) -> bool {
        false
    }

    /// How a long run is shown.
    fn progress(&self) -> Box<dyn Progress + '_> {
        Box::new(Silent)
    }

    /// Is anybody there to answer a question?
    fn can_ask(&self) -> bool {
        false
    }

    /// Asks a question whose answer is yes or no. Was it yes?
    ///
    /// # Errors
    /// If the answer cannot be read.
    fn ask(&self, _question: &str) -> Result<bool> {
        Ok(false)
    }

    /// A flag that is set when the user wants the run that begins now to end.
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

/// A host without a terminal: it keeps what it is told until somebody takes it. For servers and tests.
#[derive(Debug)]
pub struct Recorder {
    environment: Environment,
    program: PathBuf,
    clock: fn() -> Timestamp,
    events: Mutex<Vec<Event>>,
}

impl Recorder {
    /// `program` is this one: the processes that parse are started of it.
    pub const fn new(environment: Environment, program: PathBuf, clock: fn() -> Timestamp) -> Self {
        Self {
            environment,
            program,
            clock,
            events: Mutex::new(Vec::new()),
        }
    }

    /// What happened since this was asked last.
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
