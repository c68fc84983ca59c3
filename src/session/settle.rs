//! The settings in force in a repository: git's configuration, the environment, flags, and what a
//! tracked file says. Whose settings judge is for `gate`.

use anyhow::Result;

use super::host::Host;
use crate::git::{ConfigEntry, Foreign, Repo, withhold};
use crate::report::count;
use crate::settings::{self, Flag, Resolution, Settings, Sources};

/// So many settings that are ignored are named.
const MOST_IGNORED: usize = 20;

/// Must it be known which file each value of the configuration stands in? Asking costs a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origins {
    Wanted,
    Unwanted,
}

/// The settings of the user alone, for commands in whose settings a tracked file has no say:
/// whatever stands there, they do what they are told. What was ignored is told.
///
/// # Errors
/// If the configuration cannot be read, or a value is not allowed.
pub fn personal(host: &dyn Host, repo: &Repo) -> Result<Settings> {
    let resolution = resolve(host, repo, Vec::new(), Vec::new(), Origins::Unwanted)?;
    tell_ignored(host, &resolution);
    tell_foreign(host, repo);
    Ok(resolution.settings)
}

/// Tells which settings were ignored: of many the first, since a tracked file may hold any number.
pub fn tell_ignored(host: &dyn Host, resolution: &Resolution) {
    let warnings = &resolution.warnings;
    for warning in warnings.iter().take(MOST_IGNORED) {
        host.warning(warning);
    }
    if let Some(rest @ 1..) = warnings.len().checked_sub(MOST_IGNORED) {
        host.warning(format!("ignoring {}", count(rest as u64, "more setting")));
    }
}

/// Tells what is in the place of a folder of ours, if it is none: nothing is read or written there.
fn tell_foreign(host: &dyn Host, repo: &Repo) {
    let Err(error) = repo.check_own_folder() else {
        return;
    };
    host.warning(format!("nothing is remembered here: {error}"));
    if let Some(foreign) = Foreign::of(&error) {
        host.note(format!("hint: {}", foreign.hint()));
    }
}

/// The settings in force in `repo` where these are the entries of the tracked file, with where
/// everything came from; tells nothing.
///
/// # Errors
/// As [`personal`].
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
