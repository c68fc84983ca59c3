//! Resolves the settings of a repository from git's configuration, the environment, flags and the tracked
//! file, and chooses whose apply: a run that can fail uses those of the revision it compares with, so that
//! a change cannot loosen its own gate.

use anyhow::Result;

use super::host::Host;
use super::tracked::{self, Place};
use crate::git::{ConfigEntry, Foreign, Repo, withhold};
use crate::model::{Level, Oid, ResultExt};
use crate::report::count;
use crate::settings::{self, Flag, Resolution, Settings, Sources, TRACKED_FILE};

/// Number of ignored settings to name.
const MOST_IGNORED: usize = 20;

/// Whether the file of each configuration value is needed. Finding out starts a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origins {
    Wanted,
    Unwanted,
}

/// The settings without the tracked file, for commands that it must not affect. Warns about ignored
/// values.
///
/// # Errors
/// If the configuration cannot be read, or a value is not allowed.
pub fn personal(host: &dyn Host, repo: &Repo) -> Result<Settings> {
    let resolution = resolve(host, repo, Vec::new(), Vec::new(), Origins::Unwanted)?;
    tell_ignored(host, &resolution);
    tell_foreign(host, repo);
    Ok(resolution.settings)
}

/// Warns about ignored settings, but only the first ones: a tracked file may contain any number.
pub fn tell_ignored(host: &dyn Host, resolution: &Resolution) {
    let warnings = &resolution.warnings;
    for warning in warnings.iter().take(MOST_IGNORED) {
        host.warning(warning);
    }
    if let Some(rest @ 1..) = warnings.len().checked_sub(MOST_IGNORED) {
        host.warning(format!("ignoring {}", count(rest as u64, "more setting")));
    }
}

/// Warns if something that is not ours is in the place of our folder: then nothing is read or written
/// there.
fn tell_foreign(host: &dyn Host, repo: &Repo) {
    let Err(error) = repo.check_own_folder() else {
        return;
    };
    host.warning(format!("cannot store local state: {error}"));
    if let Some(foreign) = Foreign::of(&error) {
        host.note(format!("hint: {}", foreign.hint()));
    }
}

/// The settings of `repo` with these entries of the tracked file, and their sources. Prints nothing.
pub fn resolve(
    host: &dyn Host,
    repo: &Repo,
    tracked: Vec<ConfigEntry>,
    flags: Vec<Flag>,
    origins: Origins,
) -> Result<Resolution> {
    let mut config = match origins {
        Origins::Wanted => repo.config_with_origins()?,
        Origins::Unwanted => repo.config(host.environment().overrides())?,
    };
    // Before anything else is started.
    let variables = settings::key_variables(&config);
    variables.iter().for_each(|name| withhold(name));
    config.extend(tracked);
    settings::resolve(&Sources {
        config,
        environment: host.environment().settings(),
        flags,
    })
}

/// A tree whose settings, attributes and prompts apply, and its name for messages.
#[derive(Clone, Debug)]
pub struct Base {
    pub tree: Oid,
    pub name: String,
}

/// What findings can stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// `failOn`: the process, by its exit status.
    Run,
    /// `hook.failOn`: a push.
    Push,
}

impl Gate {
    fn level(self, settings: &Settings) -> Option<Level> {
        match self {
            Self::Run => settings.fail_on,
            Self::Push => settings.hook.fail_on,
        }
    }
}

/// The base chosen on the command line.
#[derive(Clone, Debug)]
pub enum Against {
    /// None: use the default branch of the remote, if known.
    Nothing,
    /// The revision to compare with: applies if its settings make the run a gate.
    Compared(Base),
    /// `--settings-from`: always applies.
    Named(Base),
}

/// The settings that apply.
#[derive(Debug)]
pub struct Weighed {
    pub settings: Settings,
    /// The base they come from; `None` means the local ones.
    pub base: Option<Base>,
    /// The local settings, if others apply and these are readable.
    pub here: Option<Settings>,
}

impl Base {
    /// # Errors
    /// With a hint, if there is no such revision.
    pub fn named(repo: &Repo, rev: &str) -> Result<Self> {
        let tree = repo.tree_named(rev);
        Ok(Self {
            tree: tree.hint_if_none("expected a branch, tag or commit: git log --all --oneline")?,
            name: rev.parse().map_or(rev.to_owned(), |oid: Oid| oid.short()),
        })
    }

    /// The default branch of a remote, as last fetched.
    pub fn default_of(repo: &Repo, remote: &str) -> Option<Self> {
        let name = format!("refs/remotes/{remote}/HEAD");
        let commit = repo.resolve_ref(&name).ok().flatten()?;
        Some(Self {
            tree: repo.tree_named(&commit.to_string()).ok()?,
            name: format!("{remote}/HEAD"),
        })
    }

    /// Could this base make a run a gate?
    ///
    /// # Errors
    /// If its settings cannot be read.
    pub fn may_be_gate(&self, repo: &Repo) -> Result<bool> {
        let text = tracked::text(repo, Place::Tree(self.tree))?;
        let mentions = |text: &[u8]| text.to_ascii_lowercase().windows(6).any(|w| w == b"failon");
        Ok(text.is_some_and(|text| mentions(&text)))
    }
}

/// Chooses between local settings and those of the base.
///
/// # Errors
/// If the chosen ones cannot be read, or are invalid.
pub fn weigh(
    host: &dyn Host,
    repo: &Repo,
    flags: &[Flag],
    gate: Gate,
    against: Against,
) -> Result<Weighed> {
    let resolve = |text: Option<&[u8]>| {
        let entries = tracked::entries(repo, text)?;
        resolve(host, repo, entries, flags.to_vec(), Origins::Unwanted)
    };
    let text = tracked::text(repo, Place::Here);
    let here = match &text {
        Ok(text) => resolve(text.as_deref()),
        Err(_) => resolve(None),
    };
    let base = match &against {
        Against::Compared(base) | Against::Named(base) => Some(base.clone()),
        // Whatever lies here: a change could have taken the gate away.
        Against::Nothing => {
            let remote = here
                .as_ref()
                .ok()
                .and_then(|here| here.settings.remote.as_deref());
            Base::default_of(repo, remote.unwrap_or("origin"))
        }
    };
    let Some(base) = base else {
        if here
            .as_ref()
            .is_ok_and(|here| is_asked_for(gate, flags, here))
        {
            host.note(format!(
                "using the local {TRACKED_FILE}; to use that of a revision: --settings-from REV"
            ));
        }
        return by_those_here(host, text, here, None);
    };
    let is_named = matches!(against, Against::Named(_));
    let counts = is_named
        || here
            .as_ref()
            .is_ok_and(|here| gate.level(&here.settings).is_some());
    let there = tracked::text(repo, Place::Tree(base.tree));
    let there = there.and_then(|there| match &text {
        Ok(text) if *text == there => Ok(None),
        _ => resolve(there.as_deref()).map(Some),
    });
    let there = match there {
        Ok(Some(there)) => there,
        Ok(None) => return by_those_here(host, text, here, Some(base).filter(|_| counts)),
        Err(error) if counts => {
            let what = format!("cannot use the settings of {}", base.name);
            return Err(error.context(what)).hint("use other settings: --settings-from HEAD");
        }
        // They are no gate that anybody has asked for.
        Err(_) => return by_those_here(host, text, here, None),
    };
    if gate.level(&there.settings).is_none() && !is_named {
        return by_those_here(host, text, here, None);
    }
    tell_ignored(host, &there);
    if !is_named {
        host.warning(format!(
            "using the {TRACKED_FILE} of {}; the local one differs",
            base.name
        ));
        let way_out = "hint: to use your own settings instead: --settings-from HEAD";
        host.note(way_out);
    }
    Ok(Weighed {
        settings: there.settings,
        base: Some(base),
        here: text.and(here).ok().map(|here| here.settings),
    })
}

/// The local settings apply, or those of the base are equal.
fn by_those_here(
    host: &dyn Host,
    text: Result<Option<Vec<u8>>>,
    here: Result<Resolution>,
    base: Option<Base>,
) -> Result<Weighed> {
    let here = text.and(here)?;
    tell_ignored(host, &here);
    Ok(Weighed {
        settings: here.settings,
        base,
        here: None,
    })
}

/// Does the command line ask for a gate while a tracked file affects what passes it?
fn is_asked_for(gate: Gate, flags: &[Flag], here: &Resolution) -> bool {
    let asked = |flag: &Flag| flag.key == "failOn" && !flag.values.is_empty();
    let is_tracked = here
        .effective
        .iter()
        .any(|one| one.place.is_tracked() && !matches!(one.key.name, "failOn" | "hook.failOn"));
    gate.level(&here.settings).is_some() && flags.iter().any(asked) && is_tracked
}
