//! Our script in the hooks directory, and how to recognize it and other hooks by content. Changes
//! nothing.

use std::fs;
use std::io::ErrorKind::{NotADirectory, NotFound};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::advice::Tool;
use crate::git::{Links, read_file};

/// Size limit of a hook.
const MOST_BYTES: u64 = 256 << 20;

/// The text of our script.
pub const SHIM: &str = include_str!("../../hooks/pre-push");

const BEGIN: &[u8] = b"#!/bin/sh\n# >>> git-rustassistant pre-push ";
const END: &[u8] = b"# <<< git-rustassistant <<<\n";

/// The existing hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Present {
    Nothing,
    /// Ours, of this version.
    Current,
    /// Ours, of another version.
    Outdated,
    /// Ours, with lines added by others.
    Edited,
    /// Not ours; with the tool that wrote it, if known.
    Foreign(Option<Tool>),
    /// A directory, or something else that is not a script.
    NoFile,
}

/// Reads the hook `path`.
///
/// # Errors
/// If it exists and cannot be read.
pub fn present(path: &Path) -> Result<Present> {
    match fs::symlink_metadata(path) {
        // The hooks directory may be `/dev/null`, which disables hooks.
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

/// Would a hook behave differently under another name in the same directory? It may, if it uses its own
/// name, or is a link to a program with another name that many hooks share.
///
/// # Errors
/// If the hook cannot be read.
pub fn goes_by_its_name(path: &Path) -> Result<bool> {
    if fs::read_link(path).is_ok_and(|target| target.file_name() != path.file_name()) {
        return Ok(true);
    }
    let text = match read_file(path, Links::Followed, MOST_BYTES) {
        // Git ignores a dangling link.
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

/// How a shell script refers to itself only to find its directory, which stays the same.
const OWN_NAMES: [&str; 4] = [
    "\"$0\"",
    "\"${0}\"",
    "\"${BASH_SOURCE[0]}\"",
    "\"$BASH_SOURCE\"",
];

/// Texts in scripts that use their own name. Not a bare `$0`, which is a line in awk.
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

/// Where to keep the previous hook: in the same directory, since hooks refer to files next to them.
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
