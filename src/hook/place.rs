//! Decides where to install the hook: in the configuration if git supports that, else in the hooks
//! directory, if it belongs to this repository alone. Changes nothing.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use super::advice::{Tool, instead};
use super::shim::{Present, goes_by_its_name, kept, present};
use crate::git::{HooksFolder, Repo, Scope, Version, version};
use crate::model::Hinted;

/// Where the hook is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// The repository's own configuration.
    Config,
    /// A script in the hooks directory.
    Script(PathBuf),
}

/// Where the installed git version can run the hook from.
///
/// # Errors
/// If the hooks directory must not be changed; the hint has the lines to add instead.
pub fn means(repo: &Repo) -> Result<Means> {
    if version()?.0 >= Version::CONFIG_HOOKS {
        return Ok(Means::Config);
    }
    let folder = repo.hooks_folder()?;
    if let Some((why, tool)) = folder_is_foreign(repo, &folder)? {
        return Err(refusal(repo, &why, tool));
    }
    let hook = folder.path.join("pre-push");
    let shown = hook.display();
    let (why, tool) = match present(&hook)? {
        Present::Nothing | Present::Current | Present::Outdated => return Ok(Means::Script(hook)),
        Present::Foreign(None) if kept(&hook).exists() => {
            let why = format!(
                "{shown} is not from this program, and {} already exists: move one of them",
                kept(&hook).display()
            );
            (why, None)
        }
        Present::Foreign(None) if goes_by_its_name(&hook)? => {
            let why = format!("{shown} depends on its own name, so it cannot be renamed");
            (why, None)
        }
        Present::Foreign(None) => return Ok(Means::Script(hook)),
        Present::Foreign(Some(tool)) => {
            (format!("{shown} is managed by {}", tool.name()), Some(tool))
        }
        Present::Edited => (
            format!("{shown} was edited: move the added lines elsewhere"),
            None,
        ),
        Present::NoFile => (format!("{shown} is not a file"), None),
    };
    Err(refusal(repo, &why, tool))
}

/// All paths where our script may be: in the current hooks directory, and in the default one.
///
/// # Errors
/// If git cannot tell its hooks directory.
pub fn scripts(repo: &Repo) -> Result<Vec<PathBuf>> {
    let folders = [repo.hooks_folder()?.path, repo.common_dir().join("hooks")];
    let mut hooks: Vec<PathBuf> = folders.iter().map(|f| f.join("pre-push")).collect();
    hooks.dedup_by_key(|hook| hook.canonicalize().unwrap_or_else(|_| hook.clone()));
    Ok(hooks)
}

fn folder_is_foreign(repo: &Repo, folder: &HooksFolder) -> Result<Option<(String, Option<Tool>)>> {
    let shown = folder.path.display();
    let why = match folder.set_by {
        Some(Scope::Local | Scope::Worktree) | None => None,
        Some(scope) => Some(format!(
            "core.hooksPath is set in the {} configuration, which other repositories use, too: {shown}",
            scope.name()
        )),
    };
    if let Some(why) = why {
        return Ok(Some((why, None)));
    }
    if folder.path.exists() && !folder.path.is_dir() {
        return Ok(Some((
            format!("hooks are disabled: {shown} is not a directory"),
            None,
        )));
    }
    let is_husky = |path: &Path| path.iter().any(|name| name == ".husky");
    if is_husky(&folder.path) {
        return Ok(Some((
            format!("{shown} belongs to husky"),
            Some(Tool::Husky),
        )));
    }
    if !is_of_clone(repo, &folder.path) {
        let why = format!("{shown} is outside this clone: others may use it");
        return Ok(Some((why, None)));
    }
    if repo.tracks_any_in(&folder.path)? {
        Ok(Some((format!("git tracks files in {shown}"), None)))
    } else {
        Ok(None)
    }
}

/// Is the directory inside this clone's work tree or git directory?
fn is_of_clone(repo: &Repo, folder: &Path) -> bool {
    let within = |root: &Path| match (folder.canonicalize(), root.canonicalize()) {
        (Ok(folder), Ok(root)) => folder.starts_with(root),
        // It is not there yet.
        _ => folder.starts_with(root),
    };
    within(repo.common_dir()) || repo.work_dir().is_some_and(within)
}

fn refusal(repo: &Repo, why: &str, tool: Option<Tool>) -> anyhow::Error {
    let error = anyhow!("{why}").context("cannot install the hook");
    Hinted::attach(error, instead(tool, repo.work_dir()))
}
