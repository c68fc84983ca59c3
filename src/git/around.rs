//! The repositories around a folder: whether one of them tracks what lies there, and which folders
//! are git's own. Each is named to git, never looked for: a folder of committed files that looks like
//! a bare repository would answer in its place. Not what comes of it.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use super::files::{self, Links};
use super::network::{Prompt, Terms};
use super::opening;
use super::process::{Git, failed};

/// A file that names a folder is no longer.
const MAX_NAME: u64 = 1 << 16;

/// The files of a large repository are listed in a part of a second.
const LONG: Duration = Duration::from_secs(15);

/// Variables by which git is told which repository is meant.
const GITS_OWN: [&str; 4] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
];

/// Belt and braces: git is told which repository is meant.
const NAMED_ALONE: [&str; 2] = ["-c", "safe.bareRepository=explicit"];

/// One of the repositories that may track a file.
struct Around {
    /// Its git directory, or the file that names it.
    git: PathBuf,
    /// The environment names it, and perhaps an index.
    is_named: bool,
}

/// Does a repository around `folder`, or the one that the environment names, track `name` there: in
/// its index or its latest commit, in whatever case? A file system may take all spellings for one.
///
/// # Errors
/// If git cannot tell.
pub fn tracks(folder: &Path, name: &OsStr) -> Result<bool> {
    let file = folder.join(name);
    for above in enclosing(folder) {
        let around = Around {
            git: above.join(".git"),
            is_named: false,
        };
        if around.tracks(&file, vec![above, opening::work_tree().unwrap_or_default()])? {
            return Ok(true);
        }
    }
    let Some(git) = opening::named() else {
        return Ok(false);
    };
    let around = Around {
        git: std::path::absolute(git)?,
        is_named: true,
    };
    let top = opening::work_tree().unwrap_or_else(|| PathBuf::from("."));
    around.tracks(&file, vec![top])
}

impl Around {
    /// Is `file` tracked, whichever of `tops` is the root of the work tree, or the one that its own
    /// configuration names?
    fn tracks(&self, file: &Path, mut tops: Vec<PathBuf>) -> Result<bool> {
        tops.extend(self.configured_top()?);
        let mut tops: Vec<PathBuf> = tops
            .iter()
            .filter_map(|top| top.canonicalize().ok())
            .collect();
        tops.dedup();
        for top in tops {
            if let Ok(path) = file.strip_prefix(&top)
                && self.tracks_below(&top, path)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn tracks_below(&self, top: &Path, path: &Path) -> Result<bool> {
        let spec = [b":(literal,icase)", path.as_os_str().as_bytes()].concat();
        let list = |more: &[&str]| -> Result<Vec<u8>> {
            let git = self.git(top, "ls-files").env("GIT_WORK_TREE", top);
            let git = git.args(["-z", "--cached"]).args(more).arg("--");
            let output = ask(git.arg(OsStr::from_bytes(&spec)))?;
            if output.status.success() {
                Ok(output.stdout)
            } else {
                Err(failed("ls-files".to_owned(), &output).into())
            }
        };
        let listed = match list(&["--with-tree=HEAD"]) {
            Err(_) if self.has_no_commit(top)? => list(&[])?,
            listed => listed?,
        };
        Ok(!listed.is_empty())
    }

    fn has_no_commit(&self, top: &Path) -> Result<bool> {
        let git = self.git(top, "rev-parse").args(["--verify", "--quiet"]);
        Ok(ask(git.arg("HEAD"))?.status.code() == Some(1))
    }

    /// `core.worktree`.
    fn configured_top(&self) -> Result<Option<PathBuf>> {
        let git = self.git(Path::new("/"), "config");
        let mut output = ask(git.args(["--null", "--type=path", "--get", "core.worktree"]))?;
        match output.status.code() {
            Some(0) => {
                output.stdout.pop();
                let top = std::ffi::OsString::from_vec(output.stdout);
                Ok(git_folder(&self.git).map(|git| git.join(top)))
            }
            Some(1) => Ok(None),
            _ => Err(failed("config".to_owned(), &output).into()),
        }
    }

    /// `git <subcommand>` in `top`, of this repository alone, whatever the environment names.
    fn git(&self, top: &Path, subcommand: &str) -> Git {
        let mut git = Git::with(top, &NAMED_ALONE, subcommand);
        if !self.is_named {
            git = GITS_OWN.iter().fold(git, |git, name| git.without(name));
        }
        git.env("GIT_DIR", &self.git)
    }
}

/// Its configuration may include a pipe, into which nobody writes.
fn ask(git: Git) -> Result<Output> {
    git.converse(&Terms {
        until: Instant::now() + LONG,
        silence: LONG,
        prompt: Prompt::Never,
        say: &|_| {},
    })
}

/// The folders from `folder` up that have a `.git`, of whatever kind.
fn enclosing(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let has_one = |above: &&Path| above.join(".git").symlink_metadata().is_ok();
    folder.ancestors().filter(has_one).map(Path::to_owned)
}

/// The git directory in which `place` lies, or which it is, if any: by its name, by its looks, or
/// because it is that of a repository around `place` or around where the user stands.
///
/// # Errors
/// If nobody can tell where the user stands.
pub fn git_folder_around(place: &Path) -> Result<Option<PathBuf>> {
    let here = std::path::absolute(".").map_err(|error| anyhow!(error))?;
    let named = opening::named().map(|git| here.join(git));
    let known = enclosing(place).chain(enclosing(&here));
    let known = known.map(|above| above.join(".git")).chain(named);
    let known = known.filter_map(|git| git_folder(&git));
    let known = known.flat_map(|git| [common_of(&git), Some(git)]).flatten();
    // By what they are: one folder has many names where case does not count.
    let known: Vec<(u64, u64)> = known.filter_map(|git| identity(&git)).collect();
    let is_gits = |folder: &&Path| {
        let name = folder.file_name().unwrap_or_default();
        name.eq_ignore_ascii_case(".git")
            || looks_like_git(folder)
            || identity(folder).is_some_and(|folder| known.contains(&folder))
    };
    Ok(place.ancestors().find(is_gits).map(Path::to_owned))
}

/// The folder that a `.git` is, or names.
pub(super) fn git_folder(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_owned());
    }
    let name = files::read(git, Links::Followed, MAX_NAME).ok()?;
    Some(git.parent()?.join(name_in(name.strip_prefix(b"gitdir: ")?)))
}

/// What a linked work tree shares with the others.
fn common_of(git: &Path) -> Option<PathBuf> {
    let name = files::read(&git.join("commondir"), Links::Followed, MAX_NAME).ok()?;
    Some(git.join(name_in(&name)))
}

fn name_in(line: &[u8]) -> &Path {
    let end = line.iter().rposition(|byte| !b"\r\n".contains(byte));
    let name = line.get(..end.map_or(0, |end| end + 1));
    Path::new(OsStr::from_bytes(name.unwrap_or_default()))
}

fn looks_like_git(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).symlink_metadata().is_ok();
    has("HEAD") && (has("commondir") || (has("objects") && has("refs")))
}

fn identity(folder: &Path) -> Option<(u64, u64)> {
    let folder = folder.metadata().ok()?;
    Some((folder.dev(), folder.ino()))
}
