//! `init`: prepares this clone to share. Nothing that works needs it.

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

/// What `git log` should not decorate commits with.
const DECORATION: (&str, &str) = ("log.excludeDecoration", "refs/rustassistant/*");

/// Prepare this clone to share analyses, and say where they will go
///
/// Lets plain 'git fetch' and 'git pull' bring the analyses that a remote publishes, has 'git push'
/// analyse what it sends and publish that (the hook), and keeps 'git log' from naming our refs
/// beside commits. Every other command works without this one; running it again changes nothing.
/// Nothing is sent or fetched now.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Share through this remote; without it, through the one the branch is pushed to
    #[arg(long, value_name = "REMOTE", conflicts_with = "undo")]
    remote: Option<String>,

    /// Leave the hooks of this repository alone
    #[arg(long)]
    no_hook: bool,

    /// Install the hook: so it is without this option, too
    #[arg(long, hide = true, overrides_with = "no_hook")]
    hook: bool,

    /// Say what would be changed, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Take back what an earlier 'init' has set
    #[arg(long)]
    undo: bool,
}

/// Through which remote this clone shares, if not the usual one.
const NAMED: &str = "rustassistant.remote";

/// One value of one key of the repository's own configuration.
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
    // What a team's file says, be it wrong, keeps nobody from taking back what is this clone's own.
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
        (None, _) => format!("analyses are kept in this clone, under {LOCAL_REF}: there is no remote"),
        (Some(remote), _) => {
            let url = repo.remote_url(&remote.name).unwrap_or_default();
            let (name, shared) = (&remote.name, &remote.shared_ref);
            format!("analyses are shared through {name} ({url}), under {shared}: 'git rustassistant sync' sends and fetches them")
        }
    });
    if let Some(remote) = remote.as_ref().filter(|_| !arguments.undo) {
        if !fetches_code(&repo, &remote.name) {
            said.push(format!(
                "plain 'git fetch' of {} follows no refspec here and is left as it is: 'git rustassistant \
                 fetch' brings analyses",
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
    // A setting may name one that is gone: that is to be known before it is written about.
    if named.is_some() || sharing::home(repo, &settings).is_some() {
        sharing::remote(repo, &settings, named).map(Some)
    } else {
        Ok(None)
    }
}

/// What `init` sets.
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

/// Does plain `git fetch` of the remote follow a refspec for code? Where it follows none, as in a bare
/// clone with work trees, git fetches what the branch names, which one of ours would end: `git pull`
/// would have nothing to merge, and FETCH_HEAD would name the analyses.
fn fetches_code(repo: &Repo, remote: &str) -> bool {
    repo.fetches(remote, |refspec| {
        !is_ours(refspec) && !refspec.starts_with('^')
    })
}

/// Does our refspec stand before that for code? FETCH_HEAD, whose first line `git reset --hard
/// FETCH_HEAD` takes, would name the analyses.
fn stands_first(values: &[String]) -> bool {
    values.len() > 1 && values.first().is_some_and(|value| is_ours(value))
}

/// What earlier runs have set, for whichever remotes.
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

/// What earlier runs have set and would be wrong from now on: the name of another remote, and, in a
/// remote that was renamed, the refspec that fills the mirror of its earlier name.
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

/// Which file of ours says what `init` has set here, and not its user.
const DONE: &str = "init";

/// No such file is longer.
const MAX_DONE: u64 = 1 << 20;

/// What `init` has set: lines in the repository's own folder, if it has one.
struct Done(Option<OwnFolder>);

impl Done {
    fn of(repo: &Repo) -> Self {
        Self(repo.own_folder().ok())
    }

    /// Where nothing is recorded, all counts as set by `init`. A remote may be called otherwise by
    /// now, and its keys with it: the value decides.
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

/// Sets one value, unless it is in force already, in whichever file; what was done.
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

/// Takes one value out of the repository's own configuration; what was done.
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

/// Installs the hook, or takes it out; what was done. Where it cannot be installed, sharing works
/// all the same: why, and what helps, is said.
fn change_hook(repo: &Repo, context: &Context, arguments: &Arguments) -> Result<Vec<String>> {
    let doing = if arguments.dry_run {
        Doing::Preview
    } else {
        Doing::Change
    };
    let changes = match (arguments.undo, arguments.no_hook) {
        (_, true) => return Ok(Vec::new()),
        (true, _) => hook::uninstall(repo, doing)?,
        // Nobody pushes from where others push to.
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
        // By which means depends on the version of git.
        ([_], false, Doing::Change) => vec!["installed the pre-push hook".to_owned()],
        ([_], false, Doing::Preview) => vec!["would install the pre-push hook".to_owned()],
        _ => changes,
    })
}
