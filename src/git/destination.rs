//! Where a file that a user names really lies: whether a link on the way there came with somebody's
//! repository, and would have the file written elsewhere. Not the writing.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use super::around::{git_folder_around, tracks};
use crate::model::ResultExt;

/// More links than a system follows.
const MOST_LINKS: usize = 40;

/// The real place of `file`, which is to be written and need not be there: every link on the way is
/// followed, the last one if it leads anywhere.
///
/// # Errors
/// With a hint, if a repository tracks one of the links or may, or the place is inside of a git
/// directory.
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
        refuse_tracked(&place, &part).with_context(what)?;
        links += 1;
        if links > MOST_LINKS {
            return Err(anyhow!("too many levels of symbolic links")).with_context(what);
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
    if let Some(git) = git_folder_around(&place)? {
        let shown = git.display();
        return Err(anyhow!(
            "it is inside {shown}, a repository's git directory"
        ))
        .with_context(what)
        .hint("choose another path: git rustassistant analyze --output json=/tmp/report.json");
    }
    Ok(place)
}

/// Refuses the link `name` in `folder` if a repository tracks it, or may.
fn refuse_tracked(folder: &Path, name: &OsStr) -> Result<()> {
    // Nothing below these is in any work tree: `/dev/stdout` is a link to a link.
    if folder.starts_with("/dev") || folder.starts_with("/proc") {
        return Ok(());
    }
    let link = folder.join(name);
    let shown = link.display();
    let refused = match tracks(folder, name) {
        Ok(false) => return Ok(()),
        Ok(true) => anyhow!(
            "a repository tracks the symbolic link {shown}, so its author would choose the target"
        ),
        Err(error) => error.context(format!(
            "cannot determine whether a repository tracks the symbolic link {shown}"
        )),
    };
    Err(refused).hint(format!(
        "choose another file, or remove the link: rm '{shown}'"
    ))
}

fn parts(path: &Path) -> VecDeque<OsString> {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    });
    parts.collect()
}
