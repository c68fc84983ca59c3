//! Deletes everything that earlier runs left in this clone. For CI: a reused folder may come from an
//! untrusted build, and `git clean` keeps refs and configuration.

use anyhow::{Result, anyhow, bail};

use super::context::Context;
use crate::git::Repo;
use crate::model::Hinted;

/// CI services set this variable.
const BUILD: &str = "CI";

/// Deletes all refs, local files and repository settings of this program. Unpublished analyses are
/// lost.
///
/// # Errors
/// If this is not CI, or something cannot be deleted: then nothing here may be published.
pub fn forget(context: &Context, repo: &Repo) -> Result<()> {
    let is_build = context.environment.get(BUILD);
    if is_build.is_none_or(|value| value.is_empty() || value == "false") {
        let why = anyhow!("--fresh deletes unpublished analyses, and is only for CI");
        return Err(Hinted::attach(
            why,
            "to delete them anyway: CI=true git rustassistant fetch --fresh",
        ));
    }
    repo.empty_own_folder()?;
    for name in repo.own_refs() {
        repo.drop_own_ref(&name)?;
        repo.forget_past(&name)?;
    }
    if let Some(left) = repo.own_refs().first() {
        bail!("cannot delete {left}");
    }
    repo.forget_own_settings()
}
