//! Installs and updates the hook. Existing hooks keep running.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};

use super::place::{Means, means, scripts};
use super::shim::{Present, SHIM, kept, present};
use super::status::{Installed, status};
use super::uninstall::{remove_config, remove_script};
use super::{COMMAND, EVENT, SECTION};
use crate::git::Repo;

/// Whether to make changes, or only list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    Change,
    Preview,
}

impl Doing {
    /// `wrote` for a change, `would write` for a preview.
    pub(super) fn word(self, past: &str, infinitive: &str) -> String {
        match self {
            Self::Change => past.to_owned(),
            Self::Preview => format!("would {infinitive}"),
        }
    }
}

/// Installs the hook for this repository and all its work trees. Returns one line per change; empty if
/// nothing had to change.
///
/// # Errors
/// If the hooks of this repository must not be changed; the hint has the lines to add instead. If
/// something cannot be written.
pub fn install(repo: &Repo, doing: Doing) -> Result<Vec<String>> {
    let mut changes = Vec::new();
    if let Installed::Called(_) = status(repo)?.installed {
        // Another file already runs the hook.
        return Ok(changes);
    }
    match means(repo)? {
        Means::Config => {
            if !is_configured(repo)? {
                let set = doing.word("set", "set");
                changes.push(format!("{set} {SECTION}.command and {SECTION}.event"));
                if doing == Doing::Change {
                    // In this order: an event without a command ends every git command.
                    repo.set_config(&format!("{SECTION}.command"), COMMAND)?;
                    repo.set_config(&format!("{SECTION}.event"), EVENT)?;
                }
            }
            for script in scripts(repo)? {
                changes.extend(remove_script(&script, doing)?);
            }
        }
        Means::Script(hook) => {
            changes.extend(install_script(&hook, doing)?);
            // A newer git, which may be used here, too, would run both.
            changes.extend(remove_config(repo, doing)?);
        }
    }
    Ok(changes)
}

/// Is the hook configured as this version does it?
///
/// # Errors
/// If it cannot be read.
pub fn is_configured(repo: &Repo) -> Result<bool> {
    Ok(repo.own_config(&format!("{SECTION}.command"))? == [COMMAND]
        && repo.own_config(&format!("{SECTION}.event"))? == [EVENT])
}

#[expect(
    clippy::disallowed_methods,
    reason = "git's hooks directory; a link itself is moved"
)]
fn install_script(hook: &Path, doing: Doing) -> Result<Vec<String>> {
    let mut changes = Vec::new();
    let shown = hook.display();
    match present(hook)? {
        Present::Current => return Ok(changes),
        Present::Foreign(_) => {
            let kept = kept(hook);
            let moved = doing.word("moved", "move");
            changes.push(format!(
                "{moved} {shown} to {} (it still runs)",
                kept.display()
            ));
            if doing == Doing::Change {
                fs::rename(hook, kept).with_context(|| format!("cannot move {shown}"))?;
            }
        }
        _ => {}
    }
    changes.push(format!("{} {shown}", doing.word("wrote", "write")));
    if doing == Doing::Change {
        write(hook).with_context(|| format!("cannot write {shown}"))?;
    }
    Ok(changes)
}

/// Writes atomically: a push may run at any time.
#[expect(
    clippy::disallowed_methods,
    reason = "git's hooks directory, which was checked before"
)]
fn write(hook: &Path) -> Result<()> {
    let folder = hook.parent().context("a hook lies in a folder")?;
    fs::create_dir_all(folder)?;
    let mut new = tempfile::Builder::new()
        .prefix(".rustassistant-")
        .permissions(Permissions::from_mode(0o755))
        .tempfile_in(folder)?;
    new.write_all(SHIM.as_bytes())?;
    new.persist(hook)?;
    Ok(())
}
