//! Bare repositories that came with the files of another one: a folder of tracked files that git
//! takes for a repository, with a configuration that somebody committed. Not how any is opened.

use std::path::Path;

use anyhow::{Result, anyhow};

use super::around::tracks;
use super::hand::Hand;
use crate::model::ResultExt;

/// Refuses a repository that was found only because `start` lies inside of it, if another one
/// tracks its files, or the user has git open no such repository at all.
///
/// # Errors
/// With a hint, if it is refused.
pub fn refuse(hand: &Hand, start: &Path) -> Result<()> {
    match why_not(hand, start) {
        Some(why) => Err(anyhow!("{why}"))
            .hint("if you trust that repository: git --git-dir=. rustassistant …"),
        None => Ok(()),
    }
}

fn why_not(hand: &Hand, start: &Path) -> Option<&'static str> {
    let (git, start) = (
        hand.git_dir().canonicalize().ok()?,
        start.canonicalize().ok()?,
    );
    // As git has it: nobody can commit a folder of this name.
    let is_gits_own = git.components().any(|part| part.as_os_str() == ".git");
    if is_gits_own || !start.starts_with(&git) {
        return None;
    }
    if wants_names() {
        return Some("safe.bareRepository is 'explicit', and nothing names this bare repository");
    }
    let outside = git.parent()?;
    let is_inside = outside
        .ancestors()
        .any(|folder| folder.join(".git").exists());
    (is_inside && tracks(outside, git.file_name()?).unwrap_or(true)).then_some(
        "this bare repository is made of files that another repository tracks: its configuration \
         is whatever somebody committed",
    )
}

/// `safe.bareRepository`, which counts where a repository cannot set it (git-config(1)).
fn wants_names() -> bool {
    let config = git2::Config::open_default().and_then(|mut config| config.snapshot());
    let setting = config.and_then(|config| config.get_string("safe.bareRepository"));
    setting.is_ok_and(|setting| setting == "explicit")
}
