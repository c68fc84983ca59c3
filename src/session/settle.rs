//! Resolves the settings of a repository from git's configuration, the environment, flags and the tracked
//! file. `gate` chooses whose tracked settings apply.

use anyhow::Result;

use super::host::Host;
use crate::git::{ConfigEntry, Foreign, Repo, withhold};
use crate::report::count;
use crate::settings::{self, Flag, Resolution, Settings, Sources};

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
