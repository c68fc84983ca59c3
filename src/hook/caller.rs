//! Finds other files that run this program: a user's hook, or the configuration of a hook manager, with
//! the lines from `advice`. Changes nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::advice::Tool;
use super::shim::{Present, present};
use crate::git::{Links, Repo, read_file};

/// Size limit of such a file.
const MOST_BYTES: u64 = 1 << 20;

/// The command that runs this program.
const CALL: &[u8] = b"rustassistant hook run pre-push";

/// The id of this program in the pre-commit framework.
const PRE_COMMIT: &[u8] = b"id: rustassistant";

/// The file, not written by this program, that makes git run it; `None` if there is none, or git does
/// not run it.
///
/// # Errors
/// If such a file cannot be read.
pub fn caller(repo: &Repo) -> Result<Option<PathBuf>> {
    let hook = repo.hooks_folder()?.path.join("pre-push");
    let tool = match present(&hook)? {
        Present::Foreign(tool) if is_run(&hook) => tool,
        _ => return Ok(None),
    };
    if says(&hook, &[CALL])? {
        return Ok(Some(hook));
    }
    let (Some(tool), Some(root)) = (tool, repo.work_dir()) else {
        return Ok(None);
    };
    let marks = match tool {
        Tool::PreCommit => &[CALL, PRE_COMMIT][..],
        _ => &[CALL],
    };
    for file in tool.files().iter().map(|name| root.join(name)) {
        if says(&file, marks)? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// Does git run it?
pub(super) fn is_run(hook: &Path) -> bool {
    fs::metadata(hook).is_ok_and(|hook| hook.is_file() && hook.permissions().mode() & 0o111 != 0)
}

/// Does the file contain one of these, outside comments?
pub(super) fn says(file: &Path, marks: &[&[u8]]) -> Result<bool> {
    let is_read = |metadata: fs::Metadata| metadata.is_file() && metadata.len() < MOST_BYTES;
    if !fs::metadata(file).is_ok_and(is_read) {
        return Ok(false);
    }
    let text = read_file(file, Links::Followed, MOST_BYTES);
    let text = text.with_context(|| format!("cannot read {}", file.display()))?;
    let mut lines = text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
    let is_one = |line: &[u8]| {
        let holds = |mark: &&[u8]| memchr::memmem::find(line, mark).is_some();
        !line.starts_with(b"#") && !line.starts_with(b"//") && marks.iter().any(holds)
    };
    Ok(lines.any(is_one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_runs_us_counts_and_a_comment_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hook");
        for (text, counts) in [
            ("git-rustassistant hook run pre-push \"$@\"\n", true),
            ("#!/bin/sh\n  git rustassistant hook run pre-push\n", true),
            ("# was: git-rustassistant hook run pre-push\n", false),
            ("make check\n", false),
        ] {
            fs::write(&file, text).unwrap();
            assert_eq!(says(&file, &[CALL]).unwrap(), counts, "{text}");
        }
        assert!(!says(&folder.path().join("none"), &[CALL]).unwrap());
    }
}
