//! `hook run`: what git starts when it pushes. Whatever happens here, the push goes on, unless a
//! gate was asked for.
//!
//! Two processes: one that git waits for (`wait`), and one in the background that does the work
//! (`work`), so that no fault of ours can hold a push for longer than the budget.

mod framework;
mod lfs;
mod wait;
mod work;

use std::ffi::OsString;
use std::io::{IsTerminal, Read};

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::sharing;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::hook::{self, Leaving};
use crate::scan::{Other, Place, Selection};
use crate::session::{Base, Session};
use crate::settings::Settings;
use crate::sync::{self, Remote};

/// Set to anything but nothing or 0, the hook does nothing. Our own pushes set it.
const SKIP: &str = "RUSTASSISTANT_SKIP";

/// More than git says of a hundred thousand refs.
const MOST_INPUT: u64 = 32 << 20;

/// Run as the hook of an event; git does this
#[derive(Debug, Args)]
#[command(hide = true, subcommand_required = true)]
pub struct Arguments {
    #[command(subcommand)]
    event: Event,
}

#[derive(Debug, Subcommand)]
enum Event {
    PrePush(PrePush),
}

/// Run as git's pre-push hook, with the refs on standard input
#[derive(Debug, Args)]
struct PrePush {
    /// Do the work that the hook leaves to the background
    #[arg(long, hide = true)]
    work: bool,

    /// The name of the remote and its address
    #[arg(value_name = "REMOTE")]
    remote: Vec<OsString>,
}

impl PrePush {
    /// The name of the remote; its address where it has no name.
    fn remote(&self) -> String {
        let name = self.remote.first().map(|name| name.to_string_lossy());
        name.unwrap_or_default().into_owned()
    }
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let Event::PrePush(event) = &arguments.event;
    let mut stdin = std::io::stdin().lock();
    if stdin.is_terminal() {
        context
            .printer
            .note("git runs this when it pushes, and says on standard input what");
        return Ok(Status::Done);
    }
    let mut read = move || {
        let mut lines = Vec::new();
        // What cannot be read is no reason to stop a push.
        let _ = stdin.by_ref().take(MOST_INPUT).read_to_end(&mut lines);
        lines
    };
    if event.work {
        return work::run(event, &read(), context);
    }
    // Before anything is read: whoever runs us may never close what we read.
    let watch = wait::Watch::begin(context);
    let lines = read();
    let told = framework::told(&context.environment).filter(|_| lines.is_empty());
    let (event, lines) = match &told {
        Some((event, line)) => (event, line),
        None => (event, &lines),
    };
    let watch = if !lines.is_empty() && lfs::has_work(context) {
        // It takes as long as it takes.
        drop(watch);
        if lfs::run(event, lines, context) == Status::Findings {
            return Ok(Status::Findings);
        }
        wait::Watch::begin(context)
    } else {
        watch
    };
    let skips = context.environment.get(SKIP);
    if skips.is_some_and(|value| !value.is_empty() && value != "0") {
        return Ok(Status::Done);
    }
    Ok(wait::run(event, lines, context, watch))
}

/// What is looked at of a commit that leaves.
fn selection(session: &Session<'_>, one: &Leaving) -> Result<Selection> {
    let base = one
        .base
        .map(|base| session.repo.tree_named(&base.to_string()));
    Ok(Selection {
        place: Place::Rev(one.tip.to_string()),
        pathspecs: session.pathspecs(vec![":/".into()]),
        files: None,
        differs_from: base.transpose()?.map(Other::Tree),
    })
}

/// Who judges what leaves: the remote's default branch as it was last seen, else what the remote has
/// of it. What leaves has been pushed before, piece by piece, by whoever pushes it.
fn judge(repo: &Repo, remote: &str, one: &Leaving) -> Option<Base> {
    let known = || Base::named(repo, &one.base?.to_string()).ok();
    Base::default_of(repo, remote).or_else(known)
}

/// An address without what makes no difference.
fn plain(url: &str) -> &str {
    url.trim_start_matches("file://").trim_end_matches('/')
}

/// The remote that analyses go to when `pushed`, a name or an address, is pushed to: the same, if
/// it has a name, and no setting says that only another one gets them.
fn shared_through(repo: &Repo, settings: &Settings, pushed: &str) -> Option<String> {
    let remotes = repo.remotes();
    let is_at = |name: &&String| {
        let url = repo.remote_url(name);
        url.is_some_and(|url| plain(&url) == plain(pushed))
    };
    let named = remotes.iter().find(|name| *name == pushed);
    let name = named.or_else(|| remotes.iter().find(is_at))?;
    let only = settings.remote.as_ref();
    only.is_none_or(|only| only == name).then(|| name.clone())
}

/// The remote that analyses are published to in a push of these lines to `pushed`; `None` where it
/// gets none: one that has refused them lately is not asked at every push.
fn published_to(
    (repo, settings): (&Repo, &Settings),
    pushed: &str,
    lines: &[u8],
    seconds: i64,
) -> Result<Option<Remote>> {
    // What git is about to push itself must not move meanwhile.
    let name = shared_through(repo, settings, pushed).filter(|_| !hook::names_own_refs(lines));
    let Some(name) = name else { return Ok(None) };
    let remote = sharing::remote(repo, settings, Some(&name))?;
    let has_refused = sync::refused(repo, &remote, seconds).is_some();
    Ok(Some(remote).filter(|_| !has_refused))
}
