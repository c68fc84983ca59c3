//! Finds out whether git runs the hook in a repository, and how it is installed.

use std::path::PathBuf;

use anyhow::Result;

use super::caller::caller;
use super::install::is_configured;
use super::place::{means, scripts};
use super::shim::{Present, kept, present};
use super::{EVENT, SECTION};
use crate::git::{Repo, Version, version};

/// How the hook is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Installed {
    /// With the reason, if it cannot be installed.
    Nowhere(Option<String>),
    /// Another file runs it.
    Called(PathBuf),
    /// In the repository's configuration.
    Config,
    /// As a script, with the hook that runs before it, if any.
    Script {
        hook: PathBuf,
        kept: Option<PathBuf>,
    },
}

/// The state of the hook in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub installed: Installed,
    /// Problems, and how to fix them.
    pub troubles: Vec<String>,
    /// Does git not run it at all?
    pub is_idle: bool,
}

/// Reads the state of the hook.
///
/// # Errors
/// If the configuration or a hook cannot be read.
pub fn status(repo: &Repo) -> Result<Status> {
    let mut troubles = Vec::new();
    let mut is_idle = false;
    let named = !repo.own_config(&format!("{SECTION}.command"))?.is_empty();
    if named {
        if version()?.0 < Version::CONFIG_HOOKS {
            is_idle = true;
            troubles.push(
                "this git version does not support hooks in the configuration: install again"
                    .to_owned(),
            );
        } else if !is_configured(repo)? {
            troubles.push("it was installed by another version: install again".to_owned());
        } else {
            let idle = idle(repo)?;
            is_idle = idle.is_some();
            troubles.extend(idle);
        }
        troubles.extend(caller(repo)?.map(|file| {
            let file = file.display();
            format!("{file} runs it, too; to keep only that one: git rustassistant hook uninstall")
        }));
        return Ok(Status {
            installed: Installed::Config,
            troubles,
            is_idle,
        });
    }
    let current = repo.hooks_folder()?.path.join("pre-push");
    for hook in scripts(repo)? {
        match present(&hook)? {
            Present::Current => {}
            Present::Outdated => {
                troubles.push("it was installed by another version: install again".to_owned());
            }
            Present::Edited => troubles.push("it was edited".to_owned()),
            Present::Nothing | Present::Foreign(_) | Present::NoFile => continue,
        }
        if hook != current {
            is_idle = true;
            troubles.push("git uses another hooks directory: see core.hooksPath".to_owned());
        }
        let kept = Some(kept(&hook)).filter(|kept| kept.exists());
        return Ok(Status {
            installed: Installed::Script { hook, kept },
            troubles,
            is_idle,
        });
    }
    let installed = match caller(repo)? {
        Some(file) => Installed::Called(file),
        None => Installed::Nowhere(means(repo).err().map(|why| why.root_cause().to_string())),
    };
    Ok(Status {
        installed,
        troubles,
        is_idle,
    })
}

/// Why git does not run the configured hook; `None` if it does.
fn idle(repo: &Repo) -> Result<Option<String>> {
    let name = SECTION.trim_start_matches("hook.");
    Ok(match repo.config_hook(name, EVENT)?.as_deref() {
        Some("") => None,
        Some("disabled") => Some(format!("{SECTION}.enabled is false")),
        Some("event-disabled") => Some(format!("hook.{EVENT}.enabled is false")),
        _ => Some(format!("git does not run it: see 'git hook list {EVENT}'")),
    })
}
