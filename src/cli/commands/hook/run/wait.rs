//! The process that git waits for: checks whether there is anything to do, starts the background
//! process, and waits for it as long as the budget allows. Writes only the log.

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

/// The budget until settings are read.
const UNTIL_TOLD: Duration = Duration::from_secs(10);

/// With a budget below this, do everything in the background.
const LEAST: Duration = Duration::from_secs(1);

/// A background run older than this publishes what is pending, if possible: do not wait for another
/// one. In seconds.
const LONG_AT_WORK: i64 = 5;

const NOT_LOOKED: &str = "rustassistant: no time to check files within rustassistant.hook.budget; \
                          the push continues";

const NOT_DONE: &str =
    "rustassistant: continuing in the background; see 'git rustassistant hook status'";

/// Reports any error in one line, and lets the push continue.
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
                .note("rustassistant: internal error; the push continues");
            Status::Done
        }
    }
}

/// Ends the process in time, even if something hangs.
pub struct Watch {
    started: Instant,
    watch: Sender<Deadline>,
}

impl Watch {
    /// Limits the process to the default budget from now on, until a deadline is set.
    pub fn begin(context: &Context) -> Self {
        let started = Instant::now();
        Self {
            started,
            watch: watch(context, started + UNTIL_TOLD),
        }
    }
}

/// When the process must end, and the message to print then.
type Deadline = (Instant, &'static str);

/// Exits with success at the deadline sent last, even if something else hangs.
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
                "rustassistant: this push removes the shared analyses from {}; this clone keeps paid \
                 ones as pending",
                self.event.remote()
            ));
        }
        if self.updates.is_empty() {
            return Ok(Status::Done);
        }
        let waits = of_hook.budget >= LEAST;
        if waits {
            self.allow(of_hook.budget, NOT_LOOKED);
            // With invalid settings, there is an error to report, and perhaps something to publish.
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
        // If the log cannot be written, as on a full disk, go on without it.
        let log = match &session {
            Ok(session) => Log::make(&session.repo),
            Err(_) => Log::make(&Repo::open()?),
        };
        let log = log.and_then(|log| log.open()).ok();
        let mut child = hook::start(arguments, self.lines, log)
            .context("cannot start the analysis of the pushed files")?;
        if !waits {
            return Ok(Status::Done);
        }
        self.allow(of_hook.budget, NOT_DONE);
        if let Some(said) = child.stdout.take() {
            for line in BufReader::new(said).split(b'\n') {
                let line = line.context("cannot read the output of the analysis")?;
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

    /// Does this push remove the shared analyses from the remote? Git does not tell hooks about refs
    /// that a mirror push deletes.
    fn removes_analyses(&self, session: &Session<'_>) -> bool {
        let (repo, remote) = (&session.repo, self.event.remote());
        let shares = || store::mirror_tip(repo, &remote).is_ok_and(|(_, tip)| tip.is_some());
        hook::deletes(self.lines, &session.settings.shared_ref)
            || (repo.mirroring(&remote) == Some(Mirroring::Push) && shares())
    }

    /// Lets the process run until `budget` is used up, and print `last_words` then.
    fn allow(&self, budget: Duration, last_words: &'static str) {
        // The other end lives as long as the process.
        let _ = self.watch.send((self.started + budget, last_words));
    }

    /// Is there any pushed file without an answer, or any unpublished answer? Only reads, without
    /// network or output.
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
            // Analyses of drafts may stay pending forever: they are not work.
            let given = leaving.iter().map(|one| one.tip).collect();
            let publishable = sharing::publishable(repo, settings, &to.name, given)?;
            let filter = publishable.filter(session.settings.publish);
            if store::has_any(&session.repo, &to.name, &filter, seconds)? {
                return Ok(true);
            }
        }
        if self.updates.len() > hook::MOST_TIPS {
            // Some refs will be skipped; the background process reports that.
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
