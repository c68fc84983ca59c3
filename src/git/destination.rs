//! Where a file that a user names really lies: whether a link on the way there came with somebody's
//! repository, and would have the file written elsewhere. Not the writing.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use super::process::Git;
use crate::model::ResultExt;

/// More links than a system follows.
const MOST_LINKS: usize = 40;

/// The real place of `file`, which is to be written and need not be there: every link on the way is
/// followed, the last one if it leads anywhere.
///
/// # Errors
/// With a hint, if a repository tracks one of the links, or the place is inside of a `.git`.
pub fn destination(file: &Path) -> Result<PathBuf> {
    let what = || format!("cannot write {}", file.display());
    let written = std::path::absolute(file).with_context(what)?;
    let mut rest: VecDeque<OsString> = parts(&written);
    let mut place = PathBuf::from("/");
    let mut links = 0;
    while let Some(part) = rest.pop_front() {
        if part == ".." {
            place.pop();
            continue;
        }
        let next = place.join(&part);
        let Ok(target) = next.read_link() else {
            place = next;
            continue;
        };
        if is_tracked(&place, &part) {
            let shown = next.display();
            return Err(anyhow!("a repository tracks the symbolic link {shown}: whoever made it chose what is written to"))
                .with_context(what)
                .hint(format!("name another file; or, if the link is not wanted: rm '{shown}'"));
        }
        links += 1;
        if links > MOST_LINKS {
            return Err(anyhow!("too many symbolic links lead there")).with_context(what);
        }
        if rest.is_empty() && next.metadata().is_err() {
            // A link that leads nowhere gives way to the file.
            place = next;
            continue;
        }
        if target.is_absolute() {
            place = PathBuf::from("/");
        }
        for part in parts(&target).into_iter().rev() {
            rest.push_front(part);
        }
    }
    if place.iter().any(|part| part.eq_ignore_ascii_case(".git")) {
        return Err(anyhow!("it lies inside of a repository's .git"))
            .with_context(what)
            .hint(
                "name a file elsewhere: git rustassistant analyze --output json=/tmp/report.json",
            );
    }
    Ok(place)
}

fn parts(path: &Path) -> VecDeque<OsString> {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    });
    parts.collect()
}

/// Does the repository whose work tree `folder` lies in track `name` there? Where nobody can tell,
/// it may.
fn is_tracked(folder: &Path, name: &OsStr) -> bool {
    // Nothing below these is in any work tree: `/dev/stdout` is a link to a link.
    if folder.starts_with("/dev") || folder.starts_with("/proc") {
        return false;
    }
    let is_inside = folder
        .ancestors()
        .any(|above| above.join(".git").symlink_metadata().is_ok());
    let spec = [b":(literal)", name.as_bytes()].concat();
    // By the folder alone, whatever the environment names.
    let asked = GITS_OWN
        .iter()
        .fold(Git::new(folder, "ls-files"), |git, name| git.without(name));
    let listed = asked
        .args(["-z", "--"])
        .arg(OsStr::from_bytes(&spec))
        .output();
    listed.map_or(is_inside, |listed| !listed.is_empty()) || is_tracked_by_named(folder, &spec)
}

/// Variables by which git is told which repository is meant.
const GITS_OWN: [&str; 4] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
];

/// The same, of the repository that the environment names.
fn is_tracked_by_named(folder: &Path, spec: &[u8]) -> bool {
    let asked = Git::new(folder, "ls-files").args(["-z", "--"]);
    let listed = asked.arg(OsStr::from_bytes(spec)).output();
    listed.is_ok_and(|listed| !listed.is_empty())
}
