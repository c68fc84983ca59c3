//! Analysing in a process of its own. A parser that has lost its way can take all memory in one
//! step, between which nobody can look, and C code can crash: here that costs one text, not the run.
//! Not what is analysed there.

mod bounds;
mod exchange;
mod serve;

use std::io::{self, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub use serve::serve;

use super::Local;
use crate::analyzers::Source;
use crate::model::{Analysis, Kind, Skip};

/// The first argument of this program where it is to [`serve`].
pub const COMMAND: &str = "analyze-apart";

/// The longest text, in bytes, of which even the worst takes little: it is not worth a process.
const SMALL: usize = 512;

/// One worker's process, started when it is needed. It ends with this value.
#[derive(Debug)]
pub struct Apart<'a> {
    local: &'a Local,
    process: Option<Process>,
}

impl<'a> Apart<'a> {
    pub const fn new(local: &'a Local) -> Self {
        Self {
            local,
            process: None,
        }
    }

    /// As [`Local::analyze`]; here, where no process can be had.
    ///
    /// # Errors
    /// As [`Local::analyze`], and [`Skip::Exhausting`] if the process was killed over it.
    pub fn analyze(&mut self, source: Source<'_>, kinds: &[Kind]) -> Result<Vec<Analysis>, Skip> {
        if let Some(skip) = self.local.refuses(source) {
            return Err(skip);
        }
        let program = self.local.program.as_deref();
        if let Some(program) = program.filter(|_| source.text.len() > SMALL) {
            // One that has served long ends by itself, so that what it holds is given back.
            for _ in 0..2 {
                match self.ask(program, source, kinds) {
                    Answer::Given(answer) => return answer,
                    Answer::Killed => return Err(Skip::Exhausting),
                    Answer::Gone => {}
                }
            }
        }
        self.local.answer(source, kinds)
    }

    fn ask(&mut self, program: &Path, source: Source<'_>, kinds: &[Kind]) -> Answer {
        let running = self.process.take();
        let Some(mut process) = running.or_else(|| Process::start(program, self.local).ok()) else {
            return Answer::Gone;
        };
        match exchange::ask(&mut process.input, &mut process.output, source, kinds) {
            Ok(answer) => {
                self.process = Some(process);
                Answer::Given(answer)
            }
            Err(_) => process.end(),
        }
    }
}

impl Drop for Apart<'_> {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            process.end();
        }
    }
}

enum Answer {
    Given(Result<Vec<Analysis>, Skip>),
    /// By its own bounds, or by a crash.
    Killed,
    /// It could not be started, or has ended.
    Gone,
}

#[derive(Debug)]
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// It is given nothing of the environment, where keys may stand, and no folder to hold.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that starts this program to analyse; git is not asked"
    )]
    fn start(program: &Path, local: &Local) -> io::Result<Self> {
        let mut child = Command::new(program)
            .arg(COMMAND)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) = pipes.ok_or_else(|| io::Error::other("no pipes"))?;
        let mut process = Self {
            child,
            input,
            output: BufReader::new(output),
        };
        match exchange::begin(&mut process.input, &local.thresholds) {
            Ok(()) => Ok(process),
            Err(error) => {
                process.end();
                Err(error)
            }
        }
    }

    /// Waits until it has ended, which it does when it has nothing more to read.
    fn end(mut self) -> Answer {
        drop(self.input);
        drop(self.output);
        match self.child.wait() {
            Ok(status) if status.signal().is_some() => Answer::Killed,
            _ => Answer::Gone,
        }
    }
}
