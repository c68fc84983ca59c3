//! The one place where a `git` process is built: fixed locale, no prompt, no file monitor, no hooks,
//! no connection unless it is there for one, lists on standard input. Not here: what to ask it.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, anyhow};

use super::bounds::Bounds;
use super::error::{GitFailed, harmless};
use super::patience::{self, Files};
use super::repo::Repo;
use super::withheld::keep_secrets;
use crate::model::Hinted;

/// Bytes that a pipe takes at once, however little the system grants.
const ROOM: usize = 4096;

/// Variables that give pathspecs another meaning: ours, such as `:/`, would name nothing, and what
/// is told apart here by its wildcards would not be what git takes it for.
const PATHSPEC_MODES: [&str; 4] = [
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// Looking at files runs no hooks: one that calls this program would never end. From git 2.55 on,
/// those that the configuration names, which may be that of an archive, are turned off by event; we
/// start nothing that has others, and push with `--no-verify`.
const NO_HOOKS: [&str; 6] = [
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "hook.reference-transaction.enabled=false",
    "-c",
    "hook.post-index-change.enabled=false",
];

/// By which ways git may talk to anybody (git(1)): none.
const NO_WAY: (&str, &str) = ("GIT_ALLOW_PROTOCOL", "");

/// What a partial clone lacks is missing: git would fetch it one by one, as the repository's own
/// configuration says. Git before 2.45, but for those mended in May 2024, does not know it: there,
/// that it may not talk ends the fetch.
const NO_LAZY_FETCH: (&str, &str) = ("GIT_NO_LAZY_FETCH", "1");

/// A `git` process about to be started.
#[derive(Debug)]
pub struct Git {
    name: String,
    command: Command,
    /// It looks at these.
    files: Option<Files>,
    /// May it talk to anybody?
    talks: bool,
    /// May it fetch what a partial clone lacks, whenever it needs that?
    fetches: bool,
    bounds: Option<Bounds>,
}

impl Repo {
    /// `git <subcommand>`, standing where this repository was opened.
    pub(super) fn git(&self, subcommand: &str) -> Git {
        Git::new(self.start(), subcommand)
    }

    /// As [`Repo::git`], for one that looks at files of the work tree, or at what says how.
    pub(super) fn git_on_files(&self, subcommand: &str) -> Git {
        self.on_files(self.git(subcommand))
    }

    pub(super) fn on_files(&self, mut git: Git) -> Git {
        git.files = Some(Files {
            root: self.root().to_owned(),
            common: self.common_dir().to_owned(),
        });
        git
    }

    /// `git <subcommand>`, standing at the root of the work tree, or in a bare repository itself.
    ///
    /// For what reads paths from the root; and for `index-pack`, which in a folder below looks for
    /// the objects in that folder, and makes a `.git` there if need be.
    pub(super) fn git_at_root(&self, subcommand: &str) -> Git {
        self.at_root(Git::new(self.root(), subcommand))
    }

    /// As [`Repo::git_at_root`], with the hooks that the user has set up: to ask about them.
    pub(super) fn git_with_hooks(&self, subcommand: &str) -> Git {
        self.at_root(Git::configured(self.root(), &[], subcommand))
    }

    fn at_root(&self, git: Git) -> Git {
        let git = git.env("GIT_DIR", self.hand.git_dir());
        match self.work_dir() {
            Some(root) => git.env("GIT_WORK_TREE", root),
            None => git,
        }
    }

    pub(super) fn root(&self) -> &Path {
        self.work_dir().unwrap_or(self.common_dir())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that builds processes"
)]
fn git_without_secrets() -> Command {
    let mut command = Command::new("git");
    keep_secrets(&mut command);
    command
}

impl Git {
    /// `git <subcommand>` in `folder`.
    pub fn new(folder: &Path, subcommand: &str) -> Self {
        Self::with(folder, &[], subcommand)
    }

    /// `git <options> <subcommand>` in `folder`.
    pub fn with(folder: &Path, options: &[&str], subcommand: &str) -> Self {
        let options = [&NO_HOOKS[..], options].concat();
        Self::configured(folder, &options, subcommand)
    }

    /// `git <subcommand>` as the user would start it here: it says and asks what it likes.
    pub(super) fn of_user(subcommand: &str) -> Self {
        let mut command = git_without_secrets();
        command.arg(subcommand);
        Self {
            name: subcommand.to_owned(),
            command,
            files: None,
            talks: true,
            fetches: true,
            bounds: None,
        }
    }

    fn configured(folder: &Path, options: &[&str], subcommand: &str) -> Self {
        let mut command = git_without_secrets();
        command.current_dir(folder);
        for name in &PATHSPEC_MODES {
            command.env_remove(name);
        }
        command
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            // An id means the object that has it, whatever git is told to show instead.
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_PAGER", "cat")
            .args(["-c", "core.fsmonitor=false"])
            .args(options)
            .arg(subcommand)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self {
            name: subcommand.to_owned(),
            command,
            files: None,
            talks: false,
            fetches: false,
            bounds: None,
        }
    }

    /// It is there to talk to a remote.
    pub(super) fn talking(self) -> Self {
        Self {
            talks: true,
            ..self
        }
    }

    /// It fetches what a partial clone lacks, as it needs it: see `vouched.rs`.
    pub(super) fn fetching(self) -> Self {
        Self {
            talks: true,
            fetches: true,
            ..self
        }
    }

    /// It takes no more than that, nor does what it starts.
    pub(super) fn within(self, bounds: Bounds) -> Self {
        Self {
            bounds: Some(bounds),
            ..self
        }
    }

    /// Nobody reads what it complains of.
    pub fn without_errors(mut self) -> Self {
        self.command.stderr(Stdio::null());
        self
    }

    /// What it prints goes there, if anywhere.
    pub(super) fn printing_to(mut self, place: Option<Stdio>) -> Self {
        if let Some(place) = place {
            self.command.stdout(place);
        }
        self
    }

    pub fn arg(mut self, arg: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub fn args<I: IntoIterator<Item = S>, S: AsRef<std::ffi::OsStr>>(mut self, args: I) -> Self {
        self.command.args(args);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// As if this variable were not set.
    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn command(&mut self) -> &mut Command {
        &mut self.command
    }

    /// Runs to the end; its standard output.
    ///
    /// # Errors
    /// [`GitFailed`] if it ends with anything but 0; any other error if it cannot be started.
    pub fn output(self) -> Result<Vec<u8>> {
        self.feed(b"")
    }

    /// As [`Git::output`], with `input` on its standard input.
    ///
    /// # Errors
    /// As [`Git::output`].
    pub fn feed(self, input: &[u8]) -> Result<Vec<u8>> {
        let name = self.name.clone();
        let output = self.finish(input)?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(failed(name, &output).into())
        }
    }

    /// Runs to the end, whatever its status.
    ///
    /// # Errors
    /// Only if it cannot be started or waited for.
    pub fn finish(mut self, input: &[u8]) -> Result<Output> {
        if !input.is_empty() {
            self.command.stdin(Stdio::piped());
        }
        let started = Instant::now();
        let mut child = self.spawn_child()?;
        let stdin = child.stdin.take();
        let feed = move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(input));
        let mut fed = Ok(());
        let waited = patience::wait(child, self.files.as_ref(), |child| match input.len() {
            0..=ROOM => {
                fed = feed();
                child.wait_with_output()
            }
            // A child that answers while it reads would deadlock if fed and drained in turn.
            _ => std::thread::scope(|scope| {
                let feeding = std::thread::Builder::new().spawn_scoped(scope, feed)?;
                let output = child.wait_with_output();
                fed = feeding.join().unwrap_or(Ok(()));
                output
            }),
        });
        let waited = waited.with_context(|| format!("cannot wait for git {}", self.name))?;
        let output = waited.map_err(|file| endless(&file))?;
        let took = started.elapsed();
        tracing::debug!(git = self.name, status = %output.status, ?took, "git ended");
        match fed {
            // One that was told nothing ends well and has done nothing. One that ended early has
            // closed its input, and its status tells the story.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(error).with_context(|| format!("cannot write to git {}", self.name))
            }
            _ => Ok(output),
        }
    }

    /// Starts it, to be read while it runs.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn stream(mut self, input: Stdio) -> Result<Stream> {
        self.command.stdin(input);
        let child = self.spawn_child()?;
        Ok(Stream {
            name: self.name,
            child,
        })
    }

    fn spawn_child(&mut self) -> Result<Child> {
        for ((name, value), lifted) in [(NO_WAY, self.talks), (NO_LAZY_FETCH, self.fetches)] {
            if !lifted {
                self.command.env(name, value);
            }
        }
        // Not its arguments: an address among them may hold a password.
        tracing::debug!(git = self.name, "git starts");
        let child = self.command.spawn().map_err(|error| {
            let is_there = error.kind() != std::io::ErrorKind::NotFound;
            let asked = if is_there { "" } else { ": is git installed?" };
            anyhow::Error::new(error).context(format!("cannot start git {}{asked}", self.name))
        })?;
        if let Some(bounds) = self.bounds {
            bounds.hold(&child);
        }
        Ok(child)
    }
}

/// A file that git reads to an end that never comes.
pub(super) fn endless(file: &Path) -> anyhow::Error {
    let shown = file.display();
    let error = anyhow!("{shown} is a pipe or a device: git would wait for it forever");
    Hinted::attach(
        error,
        format!("remove it, or replace it with a regular file: rm '{shown}'"),
    )
}

/// Does this git heed [`NO_LAZY_FETCH`], and keep those it serves from fetching? The option came with
/// the variable.
pub(super) fn knows_no_lazy_fetch() -> bool {
    let asked = Git::with(Path::new("/"), &["--no-lazy-fetch"], "version");
    asked.output().is_ok()
}

/// What a process that ended badly says of it.
pub(super) fn failed(command: String, output: &Output) -> GitFailed {
    GitFailed {
        command,
        code: output.status.code(),
        message: harmless(&output.stderr),
    }
}

/// A running `git` process.
#[derive(Debug)]
pub struct Stream {
    name: String,
    child: Child,
}

impl Stream {
    pub fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// The process itself.
    pub(super) fn into_child(self) -> Child {
        self.child
    }

    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Waits for its end; what is left of its standard output.
    ///
    /// # Errors
    /// [`GitFailed`] if it ends with anything but 0.
    pub fn end(mut self) -> Result<Vec<u8>> {
        drop(self.child.stdin.take());
        let mut rest = Vec::new();
        if let Some(mut stdout) = self.child.stdout.take() {
            stdout.read_to_end(&mut rest)?;
        }
        let output = self.child.wait_with_output()?;
        if output.status.success() {
            Ok(rest)
        } else {
            Err(failed(self.name, &output).into())
        }
    }
}
