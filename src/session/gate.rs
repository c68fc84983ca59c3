//! By whose settings a run judges: where it can fail, by those of what it compares with, so that
//! no change loosens the gate that it has to pass. Not the judging itself.

use anyhow::Result;

use super::host::Host;
use super::settle::{self, Origins};
use super::tracked::{self, Place};
use crate::git::Repo;
use crate::model::{Level, Oid, ResultExt};
use crate::settings::{Field, Flag, Resolution, Settings, TRACKED_FILE};

/// A tree whose settings, attributes and prompts count, and what people call it.
#[derive(Clone, Debug)]
pub struct Base {
    pub tree: Oid,
    pub name: String,
}

/// What a run can stop.
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

/// The base that a command line names.
#[derive(Clone, Debug)]
pub enum Against {
    /// None: that is the default branch of the remote, if it is known.
    Nothing,
    /// What is compared with: it counts if the run is a gate by what it says.
    Compared(Base),
    /// `--settings-from`: it counts in any case.
    Named(Base),
}

/// The settings that count.
#[derive(Debug)]
pub struct Weighed {
    pub settings: Settings,
    /// Whose they are, if not those that lie here.
    pub base: Option<Base>,
    /// Those that lie here, where others count and these can be read.
    pub here: Option<Settings>,
}

impl Base {
    /// # Errors
    /// With a hint, if there is no such revision.
    pub fn named(repo: &Repo, rev: &str) -> Result<Self> {
        let tree = repo.tree_named(rev);
        Ok(Self {
            tree: tree.hint_if_none("name a branch, a tag or a commit: git log --all --oneline")?,
            name: rev.parse().map_or(rev.to_owned(), |oid: Oid| oid.short()),
        })
    }

    /// The default branch of a remote, as it was last seen.
    pub fn default_of(repo: &Repo, remote: &str) -> Option<Self> {
        let name = format!("refs/remotes/{remote}/HEAD");
        let commit = repo.resolve_ref(&name).ok().flatten()?;
        Some(Self {
            tree: repo.tree_named(&commit.to_string()).ok()?,
            name: format!("{remote}/HEAD"),
        })
    }

    /// Could it be a gate where the settings that lie here are none?
    ///
    /// # Errors
    /// If its settings cannot be read.
    pub fn may_be_gate(&self, repo: &Repo) -> Result<bool> {
        let text = tracked::text(repo, Place::Tree(self.tree))?;
        let mentions = |text: &[u8]| text.to_ascii_lowercase().windows(6).any(|w| w == b"failon");
        Ok(text.is_some_and(|text| mentions(&text)))
    }
}

/// Weighs the settings that lie here against those of the base, and says which count.
///
/// # Errors
/// If those that count cannot be read, or hold a wrong value.
pub fn weigh(
    host: &dyn Host,
    repo: &Repo,
    flags: &[Flag],
    gate: Gate,
    against: Against,
) -> Result<Weighed> {
    let resolve = |text: Option<&[u8]>| {
        let entries = tracked::entries(repo, text)?;
        settle::resolve(host, repo, entries, flags.to_vec(), Origins::Unwanted)
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
                "judged by the {TRACKED_FILE} that lies here; --settings-from REV takes that of a \
                 revision"
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
            let what = format!("cannot judge by the settings of {}", base.name);
            return Err(error.context(what)).hint("name others: --settings-from HEAD");
        }
        // They are no gate that anybody has asked for.
        Err(_) => return by_those_here(host, text, here, None),
    };
    if gate.level(&there.settings).is_none() && !is_named {
        return by_those_here(host, text, here, None);
    }
    settle::tell_ignored(host, &there);
    if !is_named {
        host.warning(format!(
            "judged by the {TRACKED_FILE} of {}, from which the one that lies here differs",
            base.name
        ));
        let way_out = "hint: who may decide that judges by another: --settings-from HEAD";
        host.note(way_out);
    }
    Ok(Weighed {
        settings: there.settings,
        base: Some(base),
        here: text.and(here).ok().map(|here| here.settings),
    })
}

/// The settings that lie here count, or those of the base are the same.
fn by_those_here(
    host: &dyn Host,
    text: Result<Option<Vec<u8>>>,
    here: Result<Resolution>,
    base: Option<Base>,
) -> Result<Weighed> {
    let here = text.and(here)?;
    settle::tell_ignored(host, &here);
    Ok(Weighed {
        settings: here.settings,
        base,
        here: None,
    })
}

/// Was the gate asked for on the command line, while a tracked file says what passes it?
fn is_asked_for(gate: Gate, flags: &[Flag], here: &Resolution) -> bool {
    let asked = |flag: &Flag| flag.field == Field::FailOn && !flag.values.is_empty();
    let is_tracked = here.effective.iter().any(|one| {
        one.place.is_tracked() && !matches!(one.key.field, Field::FailOn | Field::HookFailOn)
    });
    gate.level(&here.settings).is_some() && flags.iter().any(asked) && is_tracked
}
