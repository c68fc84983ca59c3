//! A `git` process that talks to a remote: on the user's own terms for ssh, credentials and
//! proxies, and on ours for how long it may take. Not what it is asked: that is `remote.rs`.

use std::io::{IsTerminal, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

use super::bounds::RECEIVING;
use super::process::Git;
use super::refs::PATIENT;
use super::repo::Repo;

/// What is brought is on the disk before a ref of ours names it. Git leaves that to chance with
/// single objects and refs, and after a loss of power stumbles over its own empty files.
const SYNCED: &str = "core.fsync=loose-object,reference";

/// How often a silent process is looked at: one that has ended may have left its output open to
/// a helper in the background, such as a shared ssh connection.
const GLANCE: Duration = Duration::from_millis(200);

/// What a process has said is heard soon after it has ended, even on a machine that is busy.
const ECHO: Duration = Duration::from_secs(1);

/// Pieces that were heard and not read yet.
const MOST_WAITING: usize = 64;

/// More than git says in any conversation. A hostile server could go on for ever.
const MOST_OUTPUT: usize = 1 << 20;

/// What git adds to every complaint of ssh and of paths, and what says nothing beside it.
const GENERAL: [&str; 3] = [
    "fatal: Could not read from remote repository.",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
];

/// May the user be asked for a password or a passphrase?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    Never,
    /// There is a terminal, and somebody at it.
    Allowed,
}

impl Prompt {
    /// What fits this process: somebody is asked only where somebody is.
    pub fn of_process() -> Self {
        if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
            Self::Allowed
        } else {
            Self::Never
        }
    }
}

/// On which terms a remote is talked to.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// When all must be over.
    pub until: Instant,
    /// How long the other side may say nothing.
    pub silence: Duration,
    pub prompt: Prompt,
    /// Told what git says of its progress, as it comes.
    pub say: &'a dyn Fn(&str),
}

impl std::fmt::Debug for Terms<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let left = self.until.saturating_duration_since(Instant::now());
        write!(out, "Terms({left:?}, {:?})", self.prompt)
    }
}

impl Terms<'_> {
    /// Is there time left?
    pub fn last(&self) -> bool {
        Instant::now() < self.until
    }
}

impl Repo {
    /// `git <subcommand>`, prepared for a conversation with a remote.
    pub(super) fn git_on_network(
        &self,
        subcommand: &str,
        remote: &str,
        terms: &Terms<'_>,
    ) -> Result<Git> {
        self.git_on_network_with(&[], subcommand, remote, terms)
    }

    /// As [`Repo::git_on_network`], with more of git's options.
    pub(super) fn git_on_network_with(
        &self,
        more: &[&str],
        subcommand: &str,
        remote: &str,
        terms: &Terms<'_>,
    ) -> Result<Git> {
        // The push options of the user are for their own pushes; a server may refuse them with ours.
        // One ref is to be moved, even where a remote is set up as a mirror of everything. And the
        // earlier tips of what is brought stay in a reflog.
        let one_ref = format!("remote.{remote}.mirror=false");
        let log = "core.logAllRefUpdates=always";
        let options = [
            "-c",
            "push.pushOption=",
            "-c",
            &one_ref,
            "-c",
            log,
            "-c",
            SYNCED,
            "-c",
            PATIENT,
            "-c",
            "core.fsyncMethod=batch",
        ];
        let options = [&RECEIVING[..], &options, more].concat();
        let git = Git::with(self.start(), &options, subcommand).env("RUSTASSISTANT_SKIP", "1");
        self.asking(git, terms.prompt)
    }
}

impl Git {
    /// Runs to the end, whatever its status. Past the terms, it is killed with all it has started.
    ///
    /// # Errors
    /// If it cannot be started, or the terms are exceeded.
    pub fn converse(self, terms: &Terms<'_>) -> Result<Output> {
        self.converse_over(Vec::new(), terms)
    }

    /// As [`Git::converse`], with something on its standard input. Whatever waits for that is held
    /// to its bounds before it begins.
    ///
    /// # Errors
    /// As [`Git::converse`].
    pub fn converse_over(mut self, input: Vec<u8>, terms: &Terms<'_>) -> Result<Output> {
        if terms.prompt == Prompt::Never {
            // A group of its own can be ended as a whole; but only the terminal's own may ask.
            self.command().process_group(0);
        }
        let name = self.name().to_owned();
        let stdin = if input.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        };
        let mut child = self.stream(stdin)?.into_child();
        if let Some(mut stdin) = child.stdin.take() {
            // One that reads no more has ended or is ended soon, and its status tells why.
            std::thread::spawn(move || stdin.write_all(&input));
        }
        let mut conversation = Conversation::with(child, terms);
        let ended = conversation.listen();
        if ended.is_err() {
            conversation.end_all();
        }
        ended.context(Stopped(name))
    }
}

/// A `git` that was given up: the other side says nothing, or takes too long.
#[derive(Clone, Debug, thiserror::Error)]
#[error("git {0} was stopped")]
pub struct Stopped(String);

/// Which stream a piece of output came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    Out,
    Err,
}

struct Conversation<'t> {
    child: Child,
    heard: Receiver<(Voice, Vec<u8>)>,
    terms: &'t Terms<'t>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl<'t> Conversation<'t> {
    fn with(mut child: Child, terms: &'t Terms<'t>) -> Self {
        // Whoever floods us waits until it was read.
        let (sender, heard) = sync_channel(MOST_WAITING);
        if let Some(out) = child.stdout.take() {
            pass_on(out, Voice::Out, sender.clone());
        }
        if let Some(err) = child.stderr.take() {
            pass_on(err, Voice::Err, sender);
        }
        Self {
            child,
            heard,
            terms,
            stdout: Vec::new(),
            stderr: Vec::new(),
        }
    }

    fn listen(&mut self) -> Result<Output> {
        let mut last_word = Instant::now();
        let mut ended = None;
        loop {
            match self.heard.recv_timeout(GLANCE) {
                Ok((voice, bytes)) => {
                    last_word = Instant::now();
                    ended = None;
                    self.take_in(voice, &bytes);
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let has_ended = self.child.try_wait()?.is_some();
                    if has_ended && ended.get_or_insert_with(Instant::now).elapsed() >= ECHO {
                        break;
                    }
                }
            }
            if !self.terms.last() {
                bail!("timed out");
            }
            let silence = self.terms.silence;
            if self.terms.prompt == Prompt::Never && last_word.elapsed() > silence {
                bail!("no response for {} seconds", silence.as_secs());
            }
        }
        let status = self.child.wait().context("cannot wait for it")?;
        Ok(Output {
            status,
            stdout: std::mem::take(&mut self.stdout),
            stderr: without_progress(&self.stderr),
        })
    }

    fn take_in(&mut self, voice: Voice, bytes: &[u8]) {
        let kept = match voice {
            Voice::Out => &mut self.stdout,
            Voice::Err => &mut self.stderr,
        };
        let room = MOST_OUTPUT.saturating_sub(kept.len());
        kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if voice == Voice::Err {
            let text = String::from_utf8_lossy(bytes);
            let mut lines = text.split(['\r', '\n']).map(str::trim);
            // What it complains of is told when all is over: the next attempt may do better.
            let is_told = |line: &&str| {
                let complaint = ["error:", "fatal:", "hint:"];
                !line.is_empty() && !complaint.iter().any(|begin| line.starts_with(begin))
            };
            if let Some(line) = lines.rfind(is_told) {
                (self.terms.say)(line);
            }
        }
    }

    /// Kills the process and, where it has a group of its own, everything in it.
    fn end_all(&mut self) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        // Whatever cannot be killed has ended already.
        if let Some(id) = id.filter(|_| self.terms.prompt == Prompt::Never) {
            let _ = kill_process_group(id, Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What git complains of, without the lines that tell how far it has got.
fn without_progress(stderr: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(stderr);
    let lines = text.lines().map(|line| {
        let last = line.trim_end_matches('\r').rsplit('\r').next();
        last.unwrap_or_default().trim_end()
    });
    let is_progress = |line: &str| {
        line.contains("% (")
            || line.ends_with(", done.")
            || line.trim_start_matches("remote: ").starts_with("Total ")
            || line.starts_with("Delta compression using ")
    };
    let said: Vec<&str> = lines.filter(|line| !is_progress(line)).collect();
    let told = said.iter().filter(|line| !GENERAL.contains(line));
    let told: Vec<&str> = told.copied().collect();
    let kept = if told.iter().all(|line| line.is_empty()) {
        said
    } else {
        told
    };
    kept.join("\n").into_bytes()
}

/// Reads a stream in a thread of its own, which ends with the stream.
fn pass_on(mut from: impl Read + Send + 'static, voice: Voice, to: SyncSender<(Voice, Vec<u8>)>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 1 << 13];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if to.send((voice, buffer[..length].to_vec())).is_err() {
                break;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;

    fn terms(seconds: u64, say: &dyn Fn(&str)) -> Terms<'_> {
        Terms {
            until: Instant::now() + Duration::from_secs(seconds),
            silence: Duration::from_secs(seconds),
            prompt: Prompt::Never,
            say,
        }
    }

    #[test]
    fn a_process_that_hangs_is_ended_with_all_it_has_started() {
        let test = TestRepo::new();
        let mark = test.path.join("alive");
        let script = format!("!(sleep 3; touch '{}') & sleep 600", mark.display());
        test.config("alias.hang", &script);
        let git = Git::new(&test.path, "hang");
        let error = git.converse(&terms(1, &|_| {})).unwrap_err();
        assert!(
            format!("{error:#}").contains("git hang was stopped"),
            "{error:#}"
        );
        std::thread::sleep(Duration::from_secs(3));
        assert!(!mark.exists());
    }

    #[test]
    fn a_process_that_leaves_its_output_to_a_helper_is_not_waited_for() {
        let test = TestRepo::new();
        test.config("alias.leave", "!sleep 600 & echo said");
        let output = Git::new(&test.path, "leave").converse(&terms(60, &|_| {}));
        assert_eq!(output.unwrap().stdout, b"said\n");
    }

    #[test]
    fn a_complaint_is_told_apart_from_progress() {
        let said = b"Enumerating objects: 5, done.\nCounting:  50% (1/2)\rCounting: 100% (2/2), \
            done.\nDelta compression using up to 2 threads\nWriting objects:  50% (1/2)\rfatal: no \
            room\nTotal 2 (delta 0), reused 0\nremote: ask Ana        \n";
        assert_eq!(without_progress(said), b"fatal: no room\nremote: ask Ana");
        let general = GENERAL.join("\n");
        let said = format!("ssh: no such host\n{general}\n\n");
        assert_eq!(without_progress(said.as_bytes()), b"ssh: no such host\n");
        assert_eq!(without_progress(general.as_bytes()), general.as_bytes());
    }
}
