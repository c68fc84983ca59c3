//! The process that git waits for: finds out whether there is anything to do, has it done in the
//! background, and waits for that as long as the budget allows. Writes nothing but the log.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anstream::ColorChoice;
use anyhow::{Context as _, Result};

use super::{PrePush, judge, published_to, selection};
use crate::cli::context::Context;
use crate::cli::error;
use crate::cli::printer::Printer;
use crate::cli::sharing;
use crate::cli::status::Status;
use crate::git::{Mirroring, Repo};
use crate::hook::{self, Log};
use crate::scan::{self, Policy, Reading};
use crate::session::{self, Session};
use crate::store::{self};

/// The budget as long as the settings are not read.
const UNTIL_TOLD: Duration = Duration::from_secs(10);

/// A budget below this is no time to look at anything: all is left to the background.
const LEAST: Duration = Duration::from_secs(1);

/// A run that has been at work for so many seconds publishes what is pending, if it can be published:
/// nobody waits for another one.
const LONG_AT_WORK: i64 = 5;

const NOT_LOOKED: &str = "rustassistant: the files were not looked at within the time that \
                          rustassistant.hook.budget allows; the push goes on without";

const NOT_DONE: &str =
    "rustassistant: goes on in the background; see 'git rustassistant hook status'";

/// Whatever goes wrong is told in one line, and the push goes on.
pub fn run(event: &PrePush, lines: &[u8], context: &Context, watch: Watch) -> Status {
    let updates = hook::updates(lines);
    let is_deletion =
        lines.starts_with(b"(delete) ") || memchr::memmem::find(lines, b"\n(delete) ").is_some();
    if updates.is_empty() && !is_deletion {
        return Status::Done;
    }
    let Watch { started, watch } = watch;
    std::panic::set_hook(Box::new(|_| {}));
    let hooked = AssertUnwindSafe(|| {
        let mut waiting = Waiting {
            event,
            lines,
            updates,
            context,
            started,
            watch,
        };
        waiting.run()
    });
    match catch_unwind(hooked) {
        Ok(Ok(status)) => status,
        Ok(Err(error)) => {
            let sentence = error::sentence(&error);
            context.printer.note(format!("rustassistant: {sentence}"));
            Status::Done
        }
        Err(_) => {
            context
                .printer
                .note("rustassistant: an internal error; the push goes on without");
            Status::Done
        }
    }
}

/// Ends the process in time, whatever hangs.
pub struct Watch {
    started: Instant,
    watch: Sender<Deadline>,
}

impl Watch {
    /// From now on the process lives no longer than the usual budget, until another is told.
    pub fn begin(context: &Context) -> Self {
        let started = Instant::now();
        Self {
            started,
            watch: watch(context, started + UNTIL_TOLD),
        }
    }
}

/// When the process ends at the latest, and what it says then.
type Deadline = (Instant, &'static str);

/// Ends the process with success at the deadline that was last sent, whatever else hangs.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing else ends a process whose main thread hangs"
)]
fn watch(context: &Context, until: Instant) -> Sender<Deadline> {
    let (sender, deadlines) = channel::<Deadline>();
    let printer = Printer::new(context.printer.verbosity(), ColorChoice::Auto);
    std::thread::spawn(move || {
        let (mut until, mut last_words) = (until, NOT_LOOKED);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match deadlines.recv_timeout(left) {
                Ok(deadline) => (until, last_words) = deadline,
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    printer.note(last_words);
                    std::process::exit(0);
                }
            }
        }
    });
    sender
}

struct Waiting<'a> {
    event: &'a PrePush,
    lines: &'a [u8],
    updates: Vec<hook::Update>,
    context: &'a Context,
    started: Instant,
    watch: Sender<Deadline>,
}

/// Is another run at work that will publish what is pending, if that can be done at all?
fn is_long_at_work(repo: &Repo, seconds: i64) -> bool {
    Log::of(repo).is_some_and(|log| log.is_held_since(seconds - LONG_AT_WORK))
}

impl Waiting<'_> {
    fn run(&mut self) -> Result<Status> {
        let session = Session::open(self.context, Vec::new());
        let of_hook = match &session {
            Ok(session) => session.settings.hook.clone(),
            Err(_) => session::personal(self.context, &Repo::open()?)?.hook,
        };
        if !of_hook.enabled {
            return Ok(Status::Done);
        }
        if session
            .as_ref()
            .is_ok_and(|session| self.removes_analyses(session))
        {
            self.context.printer.note(format!(
                "rustassistant: this push removes the analyses that {} shares; paid ones are kept in \
                 this clone and pending again",
                self.event.remote()
            ));
        }
        if self.updates.is_empty() {
            return Ok(Status::Done);
        }
        let waits = of_hook.budget >= LEAST;
        if waits {
            self.allow(of_hook.budget, NOT_LOOKED);
            // Where settings are wrong, there is that to tell, and something to publish, maybe.
            let finds = match &session {
                Ok(session) => self.finds_work(session)?,
                Err(_) => true,
            };
            if !finds {
                return Ok(Status::Done);
            }
        }
        let own = ["hook", "run", "pre-push", "--work", "--"].map(OsStr::new);
        let remote = self
            .event
            .remote
            .iter()
            .map(|argument| argument.as_os_str());
        let quiet = ["--progress", "never"].map(OsStr::new);
        let arguments = quiet.into_iter().chain(own).chain(remote);
        // A log that cannot be written, on a full disk, is done without.
        let log = match &session {
            Ok(session) => Log::make(&session.repo),
            Err(_) => Log::make(&Repo::open()?),
        };
        let log = log.and_then(|log| log.open()).ok();
        let mut child = hook::start(arguments, self.lines, log)
            .context("cannot start to analyse what is pushed")?;
        if !waits {
            return Ok(Status::Done);
        }
        self.allow(of_hook.budget, NOT_DONE);
        if let Some(said) = child.stdout.take() {
            for line in BufReader::new(said).split(b'\n') {
                let line = line.context("cannot read what the analysis says")?;
                self.context.printer.note(String::from_utf8_lossy(&line));
            }
        }
        let status = child.wait().context("cannot wait for the analysis")?;
        match status.code() {
            Some(0) => {}
            Some(1) => return Ok(Status::Findings),
            _ => self.context.printer.note(
                "rustassistant: the analysis ended early; see 'git rustassistant hook status'",
            ),
        }
        Ok(Status::Done)
    }

    /// Does this push remove what the remote shares? Of what it deletes because it mirrors, git tells
    /// a hook nothing.
    fn removes_analyses(&self, session: &Session<'_>) -> bool {
        let (repo, remote) = (&session.repo, self.event.remote());
        let shares = || store::mirror_tip(repo, &remote).is_ok_and(|(_, tip)| tip.is_some());
        hook::deletes(self.lines, &session.settings.shared_ref)
            || (repo.mirroring(&remote) == Some(Mirroring::Push) && shares())
    }

    /// From now on the process may live until `budget` is used up, and then says `last_words`.
    fn allow(&self, budget: Duration, last_words: &'static str) {
        // The other end lives as long as the process.
        let _ = self.watch.send((self.started + budget, last_words));
    }

    /// Is any file that leaves without an answer, or any answer unpublished? Reads only, asks no
    /// remote, and says nothing.
    fn finds_work(&self, session: &Session<'_>) -> Result<bool> {
        let remote = self.event.remote();
        let leaving = hook::leaving(&session.repo, &remote, &self.updates)?;
        let seconds = self.context.now().as_second();
        let (repo, settings) = (&session.repo, &session.settings);
        if let Some(to) = published_to((repo, settings), &remote, self.lines, seconds)?
            && store::pending(repo, Some(&to.name), settings.publish, seconds)
                .is_ok_and(|some| some > 0)
            && !is_long_at_work(repo, seconds)
        {
            // Drafts may wait for ever: they are no work.
            let given = leaving.iter().map(|one| one.tip).collect();
            let publishable = sharing::publishable(repo, settings, &to.name, given)?;
            let filter = publishable.filter(session.settings.publish);
            if store::has_any(&session.repo, &to.name, &filter, seconds)? {
                return Ok(true);
            }
        }
        if self.updates.len() > hook::MOST_TIPS {
            // Some will not be looked at, which is to be told.
            return Ok(true);
        }
        for one in leaving {
            let judge = judge(&session.repo, &remote, &one);
            let judges = judge.map(|base| base.may_be_gate(&session.repo));
            if session.settings.hook.fail_on.is_some() || judges.transpose()?.unwrap_or(false) {
                return Ok(true);
            }
            let selection = selection(session, &one)?;
            let selected = session.select(&selection, None)?;
            let store = session.store_unheard();
            let wanted = session.wanted(Reading::Nothing);
            let lookup = scan::look_up(&store, &selected.targets, &session.questions, wanted)?;
            let plan = scan::plan(selected, &session.questions, lookup, Policy::Analyze);
            if !plan.units.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
