//! Forgets what earlier runs have left in this clone. For builds: a folder that is used again may have
//! been another build's, which nobody trusts, and `git clean` keeps refs and configuration.

use anyhow::{Result, anyhow, bail};

use super::context::Context;
use crate::git::Repo;
use crate::model::Hinted;

/// Set by the build services themselves.
const BUILD: &str = "CI";

/// Drops every ref of ours, all local files of ours, and what the repository's own configuration
/// says to this program. What was made here and not published is lost.
///
/// # Errors
/// If this is no build, or something of it stays: then nothing here may be published.
pub fn forget(context: &Context, repo: &Repo) -> Result<()> {
    let is_build = context.environment.get(BUILD);
    if is_build.is_none_or(|value| value.is_empty() || value == "false") {
        let why = anyhow!("--fresh drops what this clone has made: it is for builds");
        return Err(Hinted::attach(
            why,
            "to drop it all the same: CI=true git rustassistant fetch --fresh",
        ));
    }
    repo.empty_own_folder()?;
    for name in repo.own_refs() {
        repo.drop_own_ref(&name)?;
        repo.forget_past(&name)?;
    }
    if let Some(left) = repo.own_refs().first() {
        bail!("{left} cannot be dropped");
    }
    repo.forget_own_settings()
}
