//! `hook run`: the program that git runs on push. Errors here never stop a push; findings do, if
//! `rustassistant.hook.failOn` is set.
//!
//! Uses two processes: git waits for one (`wait`), and the other does the work in the background
//! (`work`). So a bug here cannot delay a push for longer than the budget.

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

/// If set to anything except empty or 0, the hook does nothing. Our own pushes set it.
const SKIP: &str = "RUSTASSISTANT_SKIP";

/// Input limit: more than git writes for a hundred thousand refs.
const MOST_INPUT: u64 = 32 << 20;

/// Run as a git hook (internal)
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
    /// Do the background work of the hook
    #[arg(long, hide = true)]
    work: bool,

    /// The name and URL of the remote
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
            .note("git runs this command on push, and passes the refs on standard input");
        return Ok(Status::Done);
    }
    let mut read = move || {
        let mut lines = Vec::new();
        // A read error must not stop the push.
        let _ = stdin.by_ref().take(MOST_INPUT).read_to_end(&mut lines);
        lines
    };
    if event.work {
        return work::run(event, &read(), context);
    }
    // Start before reading: the caller may never close standard input.
    let watch = wait::Watch::begin(context);
    let lines = read();
    let told = framework::told(&context.environment).filter(|_| lines.is_empty());
    let (event, lines) = match &told {
        Some((event, line)) => (event, line),
        None => (event, &lines),
    };
    let watch = if !lines.is_empty() && lfs::has_work(context) {
        // Uploads have no time limit.
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

/// The files to analyze of a pushed commit.
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

/// The revision whose settings apply to a push: the remote's default branch as last seen, else the
/// commit of the pushed branch that the remote has.
fn judge(repo: &Repo, remote: &str, one: &Leaving) -> Option<Base> {
    let known = || Base::named(repo, &one.base?.to_string()).ok();
    Base::default_of(repo, remote).or_else(known)
}

/// A URL without parts that make no difference.
fn plain(url: &str) -> &str {
    url.trim_start_matches("file://").trim_end_matches('/')
}

/// The remote to publish analyses to on a push to `pushed`, a name or a URL: the same one, if it has a
/// name and settings do not name another.
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

/// The remote to publish analyses to when pushing these lines to `pushed`; `None` if there is none, or
/// if it has recently refused analyses.
fn published_to(
    (repo, settings): (&Repo, &Settings),
    pushed: &str,
    lines: &[u8],
    seconds: i64,
) -> Result<Option<Remote>> {
    // Do not move refs that git itself is about to push.
    let name = shared_through(repo, settings, pushed).filter(|_| !hook::names_own_refs(lines));
    let Some(name) = name else { return Ok(None) };
    let remote = sharing::remote(repo, settings, Some(&name))?;
    let has_refused = sync::refused(repo, &remote, seconds).is_some();
    Ok(Some(remote).filter(|_| !has_refused))
}
