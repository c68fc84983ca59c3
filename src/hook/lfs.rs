//! Git LFS beside our hook. LFS uploads content by a pre-push hook of its own, and installs none where
//! another stands: where that one is ours, or has our lines, LFS's part in a push is done by us. Not
//! whether LFS is used: that is for `git`.

use std::path::PathBuf;

use anyhow::Result;

use super::advice::Tool;
use super::caller::{is_run, says};
use super::shim::{Present, kept, present};
use super::status::{Installed, Status};
use crate::git::Repo;

/// What uploads the content that LFS keeps apart, wherever it stands.
const UPLOAD: &[u8] = b"lfs pre-push";

/// By what the content leaves that LFS keeps apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lfs {
    /// This clone keeps nothing with LFS.
    Unused,
    /// By this hook, or by a tool that reads this file.
    By(PathBuf),
    /// By us.
    Ours,
    /// It stays here.
    Stays,
}

/// By what the content of LFS leaves this clone, whose hook is as `status` says.
///
/// # Errors
/// If a hook or a file of a tool is there and cannot be read.
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

/// The file by which LFS uploads its content when git pushes; `None` if there is none.
///
/// # Errors
/// If a hook or a file of a tool is there and cannot be read.
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
        // It runs LFS by itself, unless it is told not to.
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
