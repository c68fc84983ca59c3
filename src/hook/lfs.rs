//! Git LFS next to our hook. LFS uploads content with its own pre-push hook, which it does not install
//! if there is another one. If that one is ours, or contains our lines, this program runs LFS. `git`
//! detects whether LFS is used.

use std::path::PathBuf;

use anyhow::Result;

use super::advice::Tool;
use super::caller::{is_run, says};
use super::shim::{Present, kept, present};
use super::status::{Installed, Status};
use crate::git::Repo;

/// The command that uploads LFS content.
const UPLOAD: &[u8] = b"lfs pre-push";

/// What uploads LFS content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lfs {
    /// This clone does not use LFS.
    Unused,
    /// This hook, or a tool that reads this file.
    By(PathBuf),
    /// This program.
    Ours,
    /// Nothing uploads it.
    Stays,
}

/// Finds out what uploads LFS content in this clone, given the state of its hook.
///
/// # Errors
/// If a hook or the file of a tool cannot be read.
pub fn lfs(repo: &Repo, status: &Status) -> Result<Lfs> {
    if !repo.uses_lfs() {
        return Ok(Lfs::Unused);
    }
    if let Some(file) = uploader(repo)? {
        return Ok(Lfs::By(file));
    }
    Ok(match status.installed {
        Installed::Nowhere(_) => Lfs::Stays,
        _ if status.is_idle => Lfs::Stays,
        _ => Lfs::Ours,
    })
}

/// The file that makes git upload LFS content on push; `None` if there is none.
///
/// # Errors
/// If a hook or the file of a tool cannot be read.
pub fn uploader(repo: &Repo) -> Result<Option<PathBuf>> {
    let mut hook = repo.hooks_folder()?.path.join("pre-push");
    let mut tool = None;
    match present(&hook)? {
        Present::Foreign(of) => tool = of,
        Present::Current | Present::Outdated | Present::Edited => hook = kept(&hook),
        Present::Nothing | Present::NoFile => return Ok(None),
    }
    if !is_run(&hook) {
        return Ok(None);
    }
    let legacy = hook.with_extension("legacy");
    let of_tool = tool.map(Tool::files).unwrap_or_default();
    let root = repo.work_dir();
    let of_tool = of_tool.iter().filter_map(|name| Some(root?.join(name)));
    let files: Vec<PathBuf> = of_tool.collect();
    if tool == Some(Tool::Lefthook) {
        // It runs LFS by itself, unless told not to.
        let mut skips = false;
        for file in &files {
            skips |= says(file, &[b"skip_lfs: true", b"skip_lfs = true"])?;
        }
        if !skips {
            return Ok(Some(hook));
        }
    }
    for file in [hook, legacy].into_iter().chain(files) {
        if says(&file, &[UPLOAD])? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}
