//! The script that stands for us in a folder of hooks, and what else may stand there. Decides by
//! content alone; changes nothing.

use std::fs;
use std::io::ErrorKind::{NotADirectory, NotFound};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::advice::Tool;
use crate::git::{Links, read_file};

/// Longer than any hook, programs included.
const MOST_BYTES: u64 = 256 << 20;

/// The script, as it is written.
pub const SHIM: &str = include_str!("../../hooks/pre-push");

const BEGIN: &[u8] = b"#!/bin/sh\n# >>> git-rustassistant pre-push ";
const END: &[u8] = b"# <<< git-rustassistant <<<\n";

/// What stands where our script would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Present {
    Nothing,
    /// Ours, as this program writes it.
    Current,
    /// Ours, by another version.
    Outdated,
    /// Ours, with something added by others.
    Edited,
    /// Somebody else's; a tool's, if one wrote it.
    Foreign(Option<Tool>),
    /// A folder, or something else that is no script.
    NoFile,
}

/// Looks at the hook `path`.
///
/// # Errors
/// If it is there and cannot be read.
pub fn present(path: &Path) -> Result<Present> {
    match fs::symlink_metadata(path) {
        // The folder may be no folder: `/dev/null` is how hooks are turned off.
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => {
            return Ok(Present::Nothing);
        }
        Err(error) => return Err(error).with_context(|| what(path)),
        Ok(metadata) if metadata.is_symlink() => return Ok(Present::Foreign(None)),
        Ok(metadata) if !metadata.is_file() => return Ok(Present::NoFile),
        Ok(_) => {}
    }
    let text = read_file(path, Links::Refused, MOST_BYTES).with_context(|| what(path))?;
    Ok(judge(&text))
}

/// Would a hook do something else if it were moved to another name in its folder? So it may be
/// where it goes by its own name, or is a link to something of another name that many hooks share.
///
/// # Errors
/// If it cannot be read.
pub fn goes_by_its_name(path: &Path) -> Result<bool> {
    if fs::read_link(path).is_ok_and(|target| target.file_name() != path.file_name()) {
        return Ok(true);
    }
    let text = match read_file(path, Links::Followed, MOST_BYTES) {
        // A link that leads nowhere is no hook to git.
        Err(error) if error.kind() == NotFound => return Ok(false),
        text => text.with_context(|| what(path))?,
    };
    let mut text = String::from_utf8_lossy(&text).into_owned();
    for folder in ["dirname", "dirname --"] {
        for name in OWN_NAMES {
            text = text.replace(&format!("{folder} {name}"), "");
        }
    }
    Ok(MARKS_OF_NAMES.iter().any(|mark| text.contains(mark)))
}

/// How a script of a shell names itself where only its folder is asked for: that stays.
const OWN_NAMES: [&str; 4] = [
    "\"$0\"",
    "\"${0}\"",
    "\"${BASH_SOURCE[0]}\"",
    "\"$BASH_SOURCE\"",
];

/// What stands in scripts that ask for their own name. Not a bare `$0`, which is a line to awk.
const MARKS_OF_NAMES: [&str; 7] = [
    "\"$0",
    "${0",
    "name $0",
    "$0.",
    "BASH_SOURCE",
    "argv[0]",
    "PROGRAM_NAME",
];

fn what(path: &Path) -> String {
    format!("cannot read the hook {}", path.display())
}

fn judge(text: &[u8]) -> Present {
    if text == SHIM.as_bytes() {
        Present::Current
    } else if !text.starts_with(BEGIN) {
        Present::Foreign(Tool::that_wrote(text))
    } else if text.ends_with(END) {
        Present::Outdated
    } else {
        Present::Edited
    }
}

/// Where the hook that was there before is kept: in the same folder, since hooks name files
/// beside them.
pub fn kept(hook: &Path) -> PathBuf {
    let mut name = hook.as_os_str().to_owned();
    name.push(".before-rustassistant");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_script_is_known_by_its_marks_and_what_is_added_to_it_is_seen() {
        assert_eq!(judge(SHIM.as_bytes()), Present::Current);
        let older = SHIM.replace("pre-push 3", "pre-push 2");
        assert_eq!(judge(older.as_bytes()), Present::Outdated);
        let longer = format!("{SHIM}make check\n");
        assert_eq!(judge(longer.as_bytes()), Present::Edited);
        assert_eq!(judge(b"#!/bin/sh\nmake check\n"), Present::Foreign(None));
        let lefthook = judge(b"#!/bin/sh\ncall_lefthook run \"pre-push\" \"$@\"\n");
        assert_eq!(lefthook, Present::Foreign(Some(Tool::Lefthook)));
    }

    #[test]
    fn a_hook_that_goes_by_its_own_name_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let hook = folder.path().join("pre-push");
        for (text, goes) in [
            ("for h in \"$0\".d/*; do \"$h\" \"$@\"; done", true),
            ("run-parts \"$(basename $0).d\"", true),
            ("case ${0##*/} in pre-push) make;; esac", true),
            ("#!/usr/bin/perl\nexec \"$0.d/all\"", true),
            ("import sys; print(sys.argv[0])", true),
            ("cd \"$(dirname \"$0\")/../..\" && make check", false),
            (". \"$(dirname -- \"${0}\")/lib.sh\"", false),
            ("git diff | awk '{ print $0 }'", false),
            ("git lfs pre-push \"$@\"", false),
        ] {
            fs::write(&hook, text).unwrap();
            assert_eq!(goes_by_its_name(&hook).unwrap(), goes, "{text}");
        }
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&hook, &link).unwrap();
        assert!(goes_by_its_name(&link).unwrap());
    }

    #[test]
    fn our_script_names_the_kept_hook_as_we_do() {
        let kept = kept(Path::new("$0"));
        assert!(SHIM.contains(kept.to_str().unwrap()));
    }
}
