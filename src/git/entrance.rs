//! Looks at a repository's own files before anybody opens them: an archive may have put a pipe in the
//! place of one, which whoever reads it waits for, or have the repository be a part of another. Not how
//! it is opened.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use super::files::{self, Links};
use super::hand::Hand;
use super::process::endless;
use crate::model::{Hinted, ResultExt};

/// Of a small file that names a folder or a ref, so much is read, in bytes.
const SMALL: u64 = 64 << 10;

/// Of a configuration, in bytes.
const CONFIG: u64 = 4 << 20;

/// Configurations may include others so often.
const DEEPEST: usize = 10;

/// Files of a work tree's own part of a repository.
const OWN: [&str; 4] = ["HEAD", "index", "config.worktree", "gitdir"];

/// Files that all work trees share.
const SHARED: [&str; 12] = [
    "config",
    "packed-refs",
    "shallow",
    "info/grafts",
    "info/exclude",
    "objects/info/alternates",
    "objects/info/commit-graph",
    "objects/info/commit-graphs/commit-graph-chain",
    "objects/pack/multi-pack-index",
    "refs/rustassistant/local/v1",
    "refs/rustassistant/shared/v1",
    "refs/rustassistant/imported/v1",
];

/// Refuses the repository that lies around `start`, or is `named`, if reading it would not end.
///
/// # Errors
/// With a hint, if so.
pub fn check(start: &Path, named: Option<&Path>) -> Result<()> {
    let Some(git) = find(start, named)? else {
        return Ok(());
    };
    let common = common(&git)?;
    for (folder, names) in [(&git, &OWN[..]), (&common, &SHARED[..])] {
        for name in names {
            regular(&folder.join(name))?;
        }
    }
    if let Some(name) = text(&git.join("HEAD")).strip_prefix(b"ref: ") {
        regular(&common.join(OsStr::from_bytes(name.trim_ascii())))?;
    }
    includes(&common.join("config"), DEEPEST)?;
    includes(&git.join("config.worktree"), DEEPEST)
}

/// Refuses a repository whose folder says that it is a part of one elsewhere: git makes such parts only
/// inside of it. And one whose refs are links, where it borrows objects. `is_vouched` tells whether the
/// user has named it in `safe.directory`.
///
/// # Errors
/// With a hint, if so.
pub fn belongs(hand: &Hand, is_vouched: impl Fn() -> bool) -> Result<()> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let refused = |why: String| {
        let hint = "if you trust what lies there, name it: git config --global --add \
                    safe.directory \"$(git rev-parse --absolute-git-dir)\"";
        Err(Hinted::attach(anyhow!(why), hint))
    };
    let (git, common) = (hand.git_dir(), hand.common_dir());
    let is_part = git == common || real(git).starts_with(real(common));
    if !is_part && !is_vouched() {
        return refused(format!(
            "{} says that it is a part of {}, which lies elsewhere",
            git.display(),
            common.display()
        ));
    }
    let alternates = common.join("objects/info/alternates");
    if alternates.exists() && has_links(&common.join("refs"), DEEPEST) && !is_vouched() {
        return refused(format!(
            "{} reads the objects of another repository, and its refs are symbolic links",
            git.display()
        ));
    }
    Ok(())
}

/// The folder of git's own that lies around `start`, or is named.
fn find(start: &Path, named: Option<&Path>) -> Result<Option<PathBuf>> {
    if let Some(git) = named {
        return Ok(Some(git.to_owned()));
    }
    let Ok(start) = start.canonicalize() else {
        return Ok(None);
    };
    for folder in start.ancestors() {
        let entry = folder.join(".git");
        match entry.metadata() {
            Ok(there) if there.is_dir() => return Ok(Some(entry)),
            Ok(_) => {
                regular(&entry)?;
                let text = text(&entry);
                if let Some(path) = text.strip_prefix(b"gitdir: ") {
                    return Ok(Some(folder.join(OsStr::from_bytes(path.trim_ascii()))));
                }
            }
            Err(_) => {}
        }
        let is_git = ["objects", "refs"].map(|name| folder.join(name).is_dir()) == [true; 2];
        if is_git && folder.join("HEAD").symlink_metadata().is_ok() {
            return Ok(Some(folder.to_owned()));
        }
    }
    Ok(None)
}

/// The folder that a linked work tree shares with the others.
fn common(git: &Path) -> Result<PathBuf> {
    let file = git.join("commondir");
    regular(&file)?;
    let text = text(&file);
    Ok(match text.trim_ascii() {
        [] => git.to_owned(),
        path => git.join(OsStr::from_bytes(path)),
    })
}

/// Refuses what whoever opens it waits for.
fn regular(file: &Path) -> Result<()> {
    match file.metadata() {
        Ok(there) if files::is_endless(&there) => Err(endless(file)),
        _ => Ok(()),
    }
}

fn text(file: &Path) -> Vec<u8> {
    files::read(file, Links::Followed, SMALL).unwrap_or_default()
}

/// The files that a configuration includes, whatever the condition.
fn includes(config: &Path, deepest: usize) -> Result<()> {
    regular(config)?;
    let text = files::read(config, Links::Followed, CONFIG).unwrap_or_default();
    let lower = text.to_ascii_lowercase();
    if deepest == 0 || memchr::memmem::find(&lower, b"[include").is_none() {
        return Ok(());
    }
    let around = config.parent().unwrap_or(config);
    for line in text.split(|&byte| byte == b'\n') {
        let Some(at) = memchr::memchr(b'=', line) else {
            continue;
        };
        let (name, value) = (&line[..at], &line[at + 1..]);
        let name = name.rsplit(|&byte| byte == b']').next().unwrap_or(name);
        if !name.trim_ascii().eq_ignore_ascii_case(b"path") {
            continue;
        }
        let value = value.trim_ascii();
        let value = value.strip_prefix(b"\"").unwrap_or(value);
        let value = value.strip_suffix(b"\"").unwrap_or(value);
        let path = match (value.strip_prefix(b"~/"), std::env::home_dir()) {
            (Some(below), Some(home)) => home.join(OsStr::from_bytes(below)),
            _ => around.join(OsStr::from_bytes(value)),
        };
        includes(&path, deepest - 1).hint("take it out: git config --local --edit")?;
    }
    Ok(())
}

/// Is anything below a folder a symbolic link, or the folder itself?
pub(super) fn has_links(folder: &Path, deepest: usize) -> bool {
    let Ok(there) = folder.symlink_metadata() else {
        return false;
    };
    if there.is_symlink() || deepest == 0 {
        return true;
    }
    if !there.is_dir() {
        return false;
    }
    let inside = std::fs::read_dir(folder).into_iter().flatten().flatten();
    inside
        .into_iter()
        .any(|entry| has_links(&entry.path(), deepest - 1))
}
