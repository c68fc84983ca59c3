//! Uninstalls the hook. Restores the configuration, the hooks directory and other hooks byte for byte.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};

use super::SECTION;
use super::install::Doing;
use super::place::scripts;
use super::shim::{Present, kept, present};
use crate::git::Repo;
use crate::model::Hinted;

/// Undoes [`super::install`]. Returns one line per change; empty if the hook was not installed.
///
/// # Errors
/// If someone has added lines to our script; if something cannot be written.
pub fn uninstall(repo: &Repo, doing: Doing) -> Result<Vec<String>> {
    let mut changes = remove_config(repo, doing)?;
    for script in scripts(repo)? {
        changes.extend(remove_script(&script, doing)?);
    }
    Ok(changes)
}

/// Removes the hook from the configuration.
pub fn remove_config(repo: &Repo, doing: Doing) -> Result<Vec<String>> {
    let mut changes = Vec::new();
    // In this order: an event without a command ends every git command.
    for key in ["event", "command"].map(|key| format!("{SECTION}.{key}")) {
        if !repo.own_config(&key)?.is_empty() {
            if doing == Doing::Change {
                repo.unset_config(&key)?;
            }
            changes.push(format!("{} {key}", doing.word("removed", "remove")));
        }
    }
    Ok(changes)
}

/// Removes `hook` if it is our script, and restores the previous hook.
#[expect(
    clippy::disallowed_methods,
    reason = "git's hooks directory; a link itself is replaced"
)]
pub fn remove_script(hook: &Path, doing: Doing) -> Result<Vec<String>> {
    let (shown, kept) = (hook.display(), kept(hook));
    let mut changes = Vec::new();
    match present(hook)? {
        Present::Current | Present::Outdated => {
            changes.push(format!("{} {shown}", doing.word("removed", "remove")));
        }
        Present::Edited => return Err(edited(hook)),
        Present::Nothing if fs::symlink_metadata(&kept).is_ok() => {}
        Present::Nothing | Present::Foreign(_) | Present::NoFile => return Ok(changes),
    }
    let was_another = fs::symlink_metadata(&kept).is_ok();
    if was_another {
        let moved = doing.word("moved", "move");
        changes.push(format!("{moved} {} back to {shown}", kept.display()));
    }
    if doing == Doing::Change {
        if was_another {
            // Replace ours in one step.
            fs::rename(&kept, hook)
        } else {
            fs::remove_file(hook)
        }
        .with_context(|| format!("cannot remove {shown}"))?;
    }
    Ok(changes)
}

fn edited(hook: &Path) -> anyhow::Error {
    let shown = hook.display();
    let error = anyhow!("it was edited").context(format!("cannot remove {shown}"));
    Hinted::attach(
        error,
        "move the added lines to another hook, then run this again",
    )
}
