//! `init`: sets this clone up for sharing. No other command requires it.

use std::fmt::{self, Display, Formatter};
use std::io::Write;

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::error;
use crate::cli::sharing;
use crate::cli::status::Status;
use crate::git::{OwnFolder, Repo};
use crate::hook::{self, Doing};
use crate::session;
use crate::store::{LOCAL_REF, MIRRORS, left_out, refspec};
use crate::sync::Remote;

/// Keeps `git log` from decorating commits with our refs.
const DECORATION: (&str, &str) = ("log.excludeDecoration", "refs/rustassistant/*");

/// Set up this clone to share analyses
///
/// Configures 'git fetch' and 'git pull' to fetch shared analyses, installs a pre-push hook that
/// analyzes what you push and publishes the analyses, and hides refs/rustassistant from 'git log'.
/// Prints every change, and where analyses will go. Other commands work without 'init', and running
/// it again changes nothing. Sends and fetches nothing itself.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The remote to share through [default: the branch's push remote]
    #[arg(long, value_name = "REMOTE", conflicts_with = "undo")]
    remote: Option<String>,

    /// Do not install the hook
    #[arg(long)]
    no_hook: bool,

    /// Install the hook (the default)
    #[arg(long, hide = true, overrides_with = "no_hook")]
    hook: bool,

    /// Show what would change, without changing it
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Undo the changes of an earlier 'init'
    #[arg(long)]
    undo: bool,
}

/// The setting that names the remote to share through, if not the usual one.
const NAMED: &str = "rustassistant.remote";

/// One value of one key in the repository's own configuration.
#[derive(PartialEq, Eq)]
struct Line {
    key: String,
    value: String,
}

impl Line {
    fn new(key: &str, value: &str) -> Self {
        Self {
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }
}

impl Display for Line {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{} = {}", self.key, self.value)
    }
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    // An invalid tracked file must not prevent undoing local changes.
    let remote = if arguments.undo {
        None
    } else {
        shared_through(&repo, context, arguments)?
    };
    let mut said = Vec::new();
    if arguments.undo {
        let done = Done::of(&repo);
        for line in ours(&repo)?.iter().filter(|line| done.has(line)) {
            said.push(take_back(&repo, line, arguments)?);
        }
        if !arguments.dry_run {
            done.forget();
        }
    } else {
        let left_over = left_over(&repo, arguments, remote.as_ref())?;
        for line in &left_over {
            said.push(take_back(&repo, line, arguments)?);
        }
        if !arguments.dry_run {
            Done::begin(&repo);
        }
        for line in wanted(&repo, arguments, remote.as_ref())? {
            let is_moved = left_over.contains(&line);
            said.push(set(&repo, context, (&line, is_moved), arguments)?);
        }
    }
    said.extend(change_hook(&repo, context, arguments)?);
    said.push(match (&remote, arguments.undo) {
        (_, true) => format!("analyses stay in this clone, under {LOCAL_REF}"),
        (None, _) => format!("no remote: analyses stay in this clone, under {LOCAL_REF}"),
        (Some(remote), _) => {
            let url = repo.remote_url(&remote.name).unwrap_or_default();
            let (name, shared) = (&remote.name, &remote.shared_ref);
            format!("analyses are shared through {name} ({url}), under {shared}; to sync now: git rustassistant sync")
        }
    });
    if let Some(remote) = remote.as_ref().filter(|_| !arguments.undo) {
        if !fetches_code(&repo, &remote.name) {
            said.push(format!(
                "remote {} has no fetch refspec, so 'git fetch' stays as it is; to fetch analyses: git \
                 rustassistant fetch",
                remote.name
            ));
        }
        said.extend(sharing::mirroring(&repo, &remote.name));
    }
    context.printer.data(|out| {
        for line in said {
            writeln!(out, "{line}")?;
        }
        Ok(Status::Done)
    })
}

/// The remote to share through, if there is one.
fn shared_through(repo: &Repo, context: &Context, arguments: &Arguments) -> Result<Option<Remote>> {
    let settings = session::personal(context, repo)?;
    let named = arguments.remote.as_deref();
    // The setting may name a remote that no longer exists: check before writing.
    if named.is_some() || sharing::home(repo, &settings).is_some() {
        sharing::remote(repo, &settings, named).map(Some)
    } else {
        Ok(None)
    }
}

/// The configuration that `init` sets.
fn wanted(repo: &Repo, arguments: &Arguments, remote: Option<&Remote>) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    if let Some(named) = &arguments.remote {
        lines.push(Line::new(NAMED, named));
    }
    if let Some(remote) = remote.filter(|remote| fetches_code(repo, &remote.name)) {
        let refspec = refspec(&remote.name, &remote.shared_ref)?;
        let key = fetch_key(&remote.name);
        lines.push(Line::new(&key, &refspec));
        lines.push(Line::new(&key, &left_out(&remote.shared_ref)));
    }
    let (key, value) = DECORATION;
    lines.push(Line::new(key, value));
    Ok(lines)
}

/// Does plain `git fetch` of the remote use a refspec for code? Without one, as in a bare clone with
/// work trees, git fetches the branch's upstream. Our refspec would stop that: `git pull` would have
/// nothing to merge, and FETCH_HEAD would name the analyses.
fn fetches_code(repo: &Repo, remote: &str) -> bool {
    repo.fetches(remote, |refspec| {
        !is_ours(refspec) && !refspec.starts_with('^')
    })
}

/// Is our refspec the first one? Then FETCH_HEAD, whose first line `git reset --hard FETCH_HEAD` uses,
/// would name the analyses.
fn stands_first(values: &[String]) -> bool {
    values.len() > 1 && values.first().is_some_and(|value| is_ours(value))
}

/// What earlier runs of `init` set, for all remotes.
fn ours(repo: &Repo) -> Result<Vec<Line>> {
    let named = repo.own_config(NAMED)?;
    let mut lines: Vec<Line> = named.iter().map(|value| Line::new(NAMED, value)).collect();
    for remote in repo.remotes() {
        let key = fetch_key(&remote);
        let values = repo.own_config(&key)?.into_iter();
        let values = values.filter(|value| is_ours(value));
        lines.extend(values.map(|value| Line::new(&key, &value)));
    }
    let (key, value) = DECORATION;
    lines.push(Line::new(key, value));
    Ok(lines)
}

/// What earlier runs of `init` set and is outdated now: the name of another remote, or the refspec of a
/// renamed remote that still writes to the mirror of its old name.
fn left_over(repo: &Repo, arguments: &Arguments, remote: Option<&Remote>) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    if let Some(wanted) = &arguments.remote {
        let named = repo.own_config(NAMED)?.into_iter();
        let others = named.filter(|named| named != wanted);
        lines.extend(others.map(|other| Line::new(NAMED, &other)));
    }
    if let Some(remote) = remote {
        let key = fetch_key(&remote.name);
        let wanted = [
            refspec(&remote.name, &remote.shared_ref)?,
            left_out(&remote.shared_ref),
        ];
        let values = repo.own_config(&key)?;
        let is_wanted = fetches_code(repo, &remote.name) && !stands_first(&values);
        let values = values.into_iter();
        let others =
            values.filter(|value| is_ours(value) && (!is_wanted || !wanted.contains(value)));
        lines.extend(others.map(|other| Line::new(&key, &other)));
    }
    Ok(lines)
}

/// The file that records what `init` itself has set here.
const DONE: &str = "init";

/// Size limit of that file.
const MAX_DONE: u64 = 1 << 20;

/// The record of what `init` has set, in our folder of the repository, if there is one.
struct Done(Option<OwnFolder>);

impl Done {
    fn of(repo: &Repo) -> Self {
        Self(repo.own_folder().ok())
    }

    /// Without a record, everything counts as set by `init`. Compares values, as renaming a remote
    /// renames its keys.
    fn has(&self, line: &Line) -> bool {
        let is_it = |known: &str| {
            let known = known.split_once(" = ");
            known.is_some_and(|(_, value)| value == line.value)
        };
        let recorded = self.0.as_ref();
        let recorded = recorded.and_then(|own| own.text(DONE, MAX_DONE).ok());
        recorded.is_none_or(|text| text.lines().any(is_it))
    }

    /// From now on what is not recorded is the user's. A folder that cannot be written only makes
    /// `--undo` take more back.
    fn begin(repo: &Repo) {
        let _ = repo
            .make_own_folder()
            .and_then(|own| own.file_to_append(DONE));
    }

    fn add(&self, line: &Line) {
        let file = self
            .0
            .as_ref()
            .and_then(|own| own.file_to_append(DONE).ok());
        let _ = file.map(|mut file| writeln!(file, "{line}"));
    }

    fn forget(&self) {
        let _ = self.0.as_ref().map(|own| own.remove(DONE));
    }
}

fn fetch_key(remote: &str) -> String {
    format!("remote.{remote}.fetch")
}

/// Is this a refspec by which `git fetch` writes mirrors of ours, or what it leaves out of that?
fn is_ours(refspec: &str) -> bool {
    match refspec.strip_prefix('^') {
        Some(left_out) => left_out.ends_with("/v1/*"),
        None => {
            let to = refspec.split_once(':');
            to.is_some_and(|(_, to)| to.starts_with(MIRRORS))
        }
    }
}

/// Sets one value, unless it is already effective. Returns what it did.
fn set(
    repo: &Repo,
    context: &Context,
    (line, is_moved): (&Line, bool),
    arguments: &Arguments,
) -> Result<String> {
    let config = repo.config(context.environment.overrides())?;
    let is_set = !is_moved
        && config.iter().any(|entry| {
            entry.name.eq_ignore_ascii_case(&line.key) && entry.value.as_ref() == Some(&line.value)
        });
    Ok(match (is_set, arguments.dry_run) {
        (true, _) => format!("unchanged: {line}"),
        (_, true) => format!("would set {line}"),
        _ => {
            repo.add_config(&line.key, &line.value)?;
            Done::of(repo).add(line);
            format!("set {line}")
        }
    })
}

/// Removes one value from the repository's own configuration. Returns what it did.
fn take_back(repo: &Repo, line: &Line, arguments: &Arguments) -> Result<String> {
    let is_set = repo.own_config(&line.key)?.contains(&line.value);
    Ok(match (is_set, arguments.dry_run) {
        (false, _) => format!("not set here: {line}"),
        (_, true) => format!("would unset {line}"),
        _ => {
            repo.remove_config(&line.key, &line.value)?;
            format!("unset {line}")
        }
    })
}

/// Installs or uninstalls the hook. Returns what it did. Sharing works without the hook, so if it
/// cannot be installed, this only warns.
fn change_hook(repo: &Repo, context: &Context, arguments: &Arguments) -> Result<Vec<String>> {
    let doing = if arguments.dry_run {
        Doing::Preview
    } else {
        Doing::Change
    };
    let changes = match (arguments.undo, arguments.no_hook) {
        (_, true) => return Ok(Vec::new()),
        (true, _) => hook::uninstall(repo, doing)?,
        // Bare repositories receive pushes; nobody pushes from there.
        (false, _) if repo.work_dir().is_none() => return Ok(Vec::new()),
        (false, _) => match hook::install(repo, doing) {
            Ok(changes) => changes,
            Err(refused) => {
                let printer = &context.printer;
                printer.warning(error::sentence(&refused));
                error::hints(&refused)
                    .into_iter()
                    .for_each(|hint| printer.note(hint));
                return Ok(Vec::new());
            }
        },
    };
    Ok(match (changes.as_slice(), arguments.undo, doing) {
        ([], true, _) => Vec::new(),
        ([], false, _) => vec!["unchanged: the pre-push hook is installed".to_owned()],
        // How it is installed depends on the git version.
        ([_], false, Doing::Change) => vec!["installed the pre-push hook".to_owned()],
        ([_], false, Doing::Preview) => vec!["would install the pre-push hook".to_owned()],
        _ => changes,
    })
}
