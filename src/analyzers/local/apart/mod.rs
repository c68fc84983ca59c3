//! Analysing in a process of its own. A parser that has lost its way can take all memory in one
//! step, between which nobody can look, and C code can crash: here that costs one text, not the run.
//! Not what is analysed there.

mod bounds;
mod exchange;
mod sandbox;
mod serve;

use std::io::{self, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub use serve::serve;

use super::{Local, Outline};
use crate::analyzers::Source;
use crate::model::{Analysis, Kind, Skip};

/// The first argument of this program where it is to [`serve`].
pub const COMMAND: &str = "analyze-apart";

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

    /// As [`Local::analyze`], with [`Skip::Exhausting`] if the process was killed over it.
    ///
    /// # Errors
    /// If no process can be had, or it does not answer: the text is then not parsed at all. Beside
    /// keys, nobody knows what a parser would do with it.
    pub fn analyze(
        &mut self,
        source: Source<'_>,
        kinds: &[Kind],
    ) -> io::Result<Result<Vec<Analysis>, Skip>> {
        if let Some(skip) = self.local.refuses(source) {
            return Ok(Err(skip));
        }
        let Some(program) = self.local.program.as_deref() else {
            return Ok(self.local.answer(source, kinds));
        };
        // One that has served long ends by itself, so that what it holds is given back.
        let was_running = self.process.is_some();
        match self.ask(program, source, kinds) {
            Err(_) if was_running => self.ask(program, source, kinds),
            answered => answered,
        }
    }

    fn ask(
        &mut self,
        program: &Path,
        source: Source<'_>,
        kinds: &[Kind],
    ) -> io::Result<Result<Vec<Analysis>, Skip>> {
        let mut process = match self.process.take() {
            Some(process) => process,
            None => Process::start(program, self.local)?,
        };
        match exchange::ask(&mut process.input, &mut process.output, source, kinds) {
            Ok(answer) => {
                self.process = Some(process);
                Ok(answer)
            }
            Err(error) => match process.end() {
                Ended::Killed => Ok(Err(Skip::Exhausting)),
                Ended::Itself => Err(error),
            },
        }
    }
}

/// The outline of a text, made in a process of its own where `program` is given; `None` where there is
/// none: its language is not built in, its parser asks for too much, or nobody answers.
pub fn outline(program: Option<&Path>, source: Source<'_>, limit: usize) -> Option<Outline> {
    let Some(program) = program else {
        return Outline::of(source, limit).ok();
    };
    let mut process = Process::start(program, &Local::default()).ok()?;
    let (input, output) = (&mut process.input, &mut process.output);
    let outline = exchange::ask_outline(input, output, source, limit);
    process.end();
    outline.ok()?.ok()
}

impl Drop for Apart<'_> {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            process.end();
        }
    }
}

/// How a process ended.
enum Ended {
    /// By its own bounds, or by a crash.
    Killed,
    Itself,
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
    fn end(mut self) -> Ended {
        drop(self.input);
        drop(self.output);
        match self.child.wait() {
            Ok(status) if status.signal().is_some() => Ended::Killed,
            _ => Ended::Itself,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::Thresholds;
    use crate::model::Language;

    /// Whatever its length, and however often.
    #[test]
    fn where_no_process_answers_nothing_is_parsed() {
        for program in ["", "/nowhere", "/", "/bin/true"] {
            let local = Local::new(Thresholds::default()).apart(program.into());
            let mut apart = Apart::new(&local);
            for text in ["fn a() {}\n", &"fn a() { b(); }\n".repeat(100)] {
                let source = Source {
                    text: text.as_bytes(),
                    language: Language::Rust,
                };
                let answer = apart.analyze(source, &Kind::BUILT_IN);
                assert!(answer.is_err(), "{program}: {answer:?}");
            }
        }
    }
}
