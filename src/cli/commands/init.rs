//! `init`: prepares this clone to share. Nothing that works needs it.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::error;
use crate::cli::sharing;
use crate::cli::status::Status;
use crate::git::{Overrides, Repo};
use crate::hook::{self, Doing};
use crate::store::{LOCAL_REF, refspec};

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
    #[arg(long, value_name = "REMOTE")]
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

/// One value of one key of the repository's own configuration.
struct Line {
    key: String,
    value: String,
    /// Is it in force already, in whichever file?
    is_set: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    let settings = context.settings(&repo, Vec::new())?;
    let remote = match &arguments.remote {
        Some(name) => Some(sharing::remote(&repo, &settings, Some(name))?),
        None => sharing::home(&repo, &settings),
    };
    let (key, value) = DECORATION;
    let mut wanted = vec![(key.to_owned(), value.to_owned())];
    if let Some(remote) = &remote {
        let refspec = refspec(&remote.name, &remote.shared_ref)?;
        wanted.insert(0, (format!("remote.{}.fetch", remote.name), refspec));
    }
    if let Some(named) = &arguments.remote {
        wanted.insert(0, ("rustassistant.remote".to_owned(), named.clone()));
    }
    let lines = lines(&repo, context.environment.overrides(), wanted)?;
    let mut said = Vec::new();
    for line in &lines {
        said.push(change(&repo, line, arguments)?);
    }
    said.extend(change_hook(&repo, context, arguments)?);
    said.push(match (&remote, arguments.undo) {
        (_, true) => format!("analyses stay in this clone, under {LOCAL_REF}"),
        (None, _) => format!("analyses are kept in this clone, under {LOCAL_REF}: there is no remote"),
        (Some(remote), _) => {
            let url = repo.remote_url(&remote.name).unwrap_or_default();
            let (name, shared) = (&remote.name, &remote.shared_ref);
            format!("analyses are shared through {name} ({url}), under {shared}: 'sync' sends and fetches them")
        }
    });
    context.printer.data(|out| {
        for line in said {
            writeln!(out, "{line}")?;
        }
        Ok(Status::Done)
    })
}

fn lines(repo: &Repo, overrides: Overrides, wanted: Vec<(String, String)>) -> Result<Vec<Line>> {
    let config = repo.config(overrides)?;
    let lines = wanted.into_iter().map(|(key, value)| Line {
        is_set: config.iter().any(|entry| {
            entry.name.eq_ignore_ascii_case(&key) && entry.value.as_ref() == Some(&value)
        }),
        key,
        value,
    });
    Ok(lines.collect())
}

/// Makes one change, or takes it back; what was done.
fn change(repo: &Repo, line: &Line, arguments: &Arguments) -> Result<String> {
    let Line { key, value, is_set } = line;
    let text = format!("{key} = {value}");
    Ok(match (arguments.undo, is_set, arguments.dry_run) {
        (false, true, _) => format!("unchanged: {text}"),
        (false, false, true) => format!("would set {text}"),
        (false, false, false) => {
            repo.add_config(key, value)?;
            format!("set {text}")
        }
        (true, ..) if !repo.own_config(key)?.contains(value) => format!("not set here: {text}"),
        (true, _, true) => format!("would unset {text}"),
        (true, _, false) => {
            repo.remove_config(key, value)?;
            format!("unset {text}")
        }
    })
}

/// Installs the hook, or takes it out; what was done. Where it cannot be installed, sharing works
/// all the same: why, and what helps, is said.
fn change_hook(repo: &Repo, context: &Context, arguments: &Arguments) -> Result<Vec<String>> {
    let doing = match arguments.dry_run {
        true => Doing::Preview,
        false => Doing::Change,
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
    Ok(match (changes.is_empty(), arguments.undo) {
        (true, false) => vec!["unchanged: the hook is installed".to_owned()],
        _ => changes,
    })
}
