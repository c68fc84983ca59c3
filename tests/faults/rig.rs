//! Runs of the program in which one call of one process goes wrong: `shim.c`, built with the
//! machine's C compiler and laid between every process and the C library. Not which calls, and not
//! what must hold afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{Output, Repo};

/// What happens at the chosen call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Calls are counted only.
    None,
    /// It fails with this error.
    Fails(Errno),
    /// So do all that follow: a disk that is full stays full.
    FailsFromThereOn(Errno),
    /// The process that calls is killed.
    KillsOne,
    /// All processes of the run are killed: a container's end, or the machine's.
    KillsAll,
    /// Half of it is done.
    Halves,
}

/// Errors that calls fail with, by their numbers on Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Errno {
    Interrupted = 4,
    InputOutput = 5,
    TryAgain = 11,
    NoAccess = 13,
    NoSpace = 28,
    BrokenPipe = 32,
    Quota = 122,
    ConnectionReset = 104,
}

/// Which calls are counted.
pub mod calls {
    /// Writing, creating, renaming, syncing, locking and removing files.
    pub const FILES: u32 = 1;
    pub const PIPES: u32 = 2;
    pub const SOCKETS: u32 = 4;
    /// Starting processes.
    pub const PROCESSES: u32 = 8;
}

/// The head of the file that all processes of a run map, as `shim.c` has it.
const HEAD: usize = 7 * 4;
const PEOPLE: usize = 4096 * 4;
const WHAT: usize = 512;

/// Longer than any run takes, however busy the machine.
const FOREVER: Duration = Duration::from_secs(300);

/// Where runs are spoiled.
pub struct Rig {
    folder: TempDir,
    shim: &'static Path,
}

/// A run in which something went wrong.
#[derive(Debug)]
pub struct Spoiled {
    pub output: Output,
    /// How many calls were counted, in all processes.
    pub calls: u32,
    /// The call that was chosen, if it came to that.
    pub hit: Option<String>,
}

impl Rig {
    /// `None`, and a word, where calls cannot be spoiled.
    pub fn new() -> Option<Self> {
        let library = library();
        if library.is_none() {
            eprintln!("skipped: no C compiler, or no way to lay something before the C library");
        }
        Some(Self {
            folder: tempfile::tempdir().unwrap(),
            shim: library?,
        })
    }

    /// Runs `command`, whose call number `at` goes wrong.
    pub fn run(
        &self,
        repo: &Repo,
        command: &mut Command,
        (fault, at): (Fault, u32),
        classes: u32,
    ) -> Spoiled {
        let state = self.folder.path().join("state");
        let (mode, error) = match fault {
            Fault::None => (0, 0),
            Fault::Fails(error) => (1, error as u32),
            Fault::FailsFromThereOn(error) => (2, error as u32),
            Fault::KillsOne => (3, 0),
            Fault::KillsAll => (4, 0),
            Fault::Halves => (5, 0),
        };
        let mut bytes: Vec<u8> = [mode, at, error, classes].map(u32::to_ne_bytes).concat();
        bytes.resize(HEAD + 2 * PEOPLE + WHAT, 0);
        fs::write(&state, bytes).unwrap();
        command
            .env("RA_FAULTS", &state)
            .env("LD_PRELOAD", self.shim);
        let output = self.finish(repo, command);
        let bytes = fs::read(&state).unwrap();
        let number = |place: usize| u32::from_ne_bytes(bytes[4 * place..][..4].try_into().unwrap());
        let what = &bytes[HEAD + PEOPLE..];
        let what = what.split(|&b| b == 0).next().unwrap();
        let what = String::from_utf8_lossy(what).into_owned();
        assert!(
            output.is_some(),
            "hangs, {fault:?} at {at}, {what}: {command:?}"
        );
        let output = output.unwrap();
        Spoiled {
            output,
            calls: number(4),
            hit: (number(5) > 0).then_some(what),
        }
    }

    /// Has each counted call of `command` and all it starts written down, anew; where.
    pub fn log(&self, command: &mut Command) -> PathBuf {
        let log = self.folder.path().join("log");
        fs::write(&log, "").unwrap();
        command.env("RA_FAULTS_LOG", &log);
        log
    }

    /// Has `command` and all it starts live by a clock that is wrong by so many seconds.
    pub fn set_clock(&self, command: &mut Command, wrong: i64) {
        command
            .env("RA_CLOCK", wrong.to_string())
            .env("LD_PRELOAD", self.shim);
    }

    /// Has the clock jump by so many seconds at counted call number `at`, for `command` and all it
    /// starts, once it is run here.
    pub fn jump_clock(&self, command: &mut Command, wrong: i64, at: u32) {
        self.set_clock(command, wrong);
        command.env("RA_CLOCK_AT", at.to_string());
    }

    /// Waits for a process whose children may outlive it; `None` if it hangs.
    fn finish(&self, repo: &Repo, command: &mut Command) -> Option<Output> {
        let (out, err) = (
            self.folder.path().join("out"),
            self.folder.path().join("err"),
        );
        command
            .stdin(Stdio::null())
            .stdout(fs::File::create(&out).unwrap())
            .stderr(fs::File::create(&err).unwrap());
        let status = ended(&mut command.spawn().unwrap())?;
        Some(repo.output_of(&std::process::Output {
            status,
            stdout: fs::read(out).unwrap(),
            stderr: fs::read(err).unwrap(),
        }))
    }
}

fn ended(child: &mut Child) -> Option<std::process::ExitStatus> {
    let since = Instant::now();
    while since.elapsed() < FOREVER {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    None
}

/// The library, built once for all tests.
fn library() -> Option<&'static Path> {
    static LIBRARY: OnceLock<Option<(TempDir, PathBuf)>> = OnceLock::new();
    let built = LIBRARY.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("shim.so");
        let repo = Repo::new();
        let mut cc = repo.command(Path::new("cc"));
        cc.args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/shim.c"))
            .arg("-ldl");
        let output = cc.output().ok()?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.is_empty() || !output.status.success(), "{said}");
        output.status.success().then_some((folder, library))
    });
    built.as_ref().map(|(_, library)| library.as_path())
}
