//! The script that stands for us in a folder of hooks, and what else may stand there. Decides by
//! content alone; changes nothing.

use std::fs;
use std::io::ErrorKind::{NotADirectory, NotFound};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::advice::Tool;

/// The script, as it is written.
pub const SHIM: &str = include_str!("../../hooks/pre-push");

const BEGIN: &[u8] = b"#!/bin/sh\n# >>> git-rustassistant pre-push ";
/// No script or list of hooks that a person writes is as long.
const MOST_BYTES: u64 = 1 << 20;
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
    let text = fs::read(path).with_context(|| what(path))?;
    Ok(judge(&text))
}

/// Does a file of somebody else's run us? None that is no file, or a large one.
///
/// # Errors
/// If it is there and cannot be read.
pub fn calls_us(path: &Path) -> Result<bool> {
    let is_read = |metadata: fs::Metadata| metadata.is_file() && metadata.len() < MOST_BYTES;
    if !fs::metadata(path).is_ok_and(is_read) {
        return Ok(false);
    }
    let text = fs::read(path).with_context(|| what(path))?;
    Ok(memchr::memmem::find(&text, b"rustassistant hook run pre-push").is_some())
}

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
        let older = SHIM.replace("pre-push 2", "pre-push 1");
        assert_eq!(judge(older.as_bytes()), Present::Outdated);
        let longer = format!("{SHIM}make check\n");
        assert_eq!(judge(longer.as_bytes()), Present::Edited);
        assert_eq!(judge(b"#!/bin/sh\nmake check\n"), Present::Foreign(None));
        let lefthook = judge(b"#!/bin/sh\ncall_lefthook run \"pre-push\" \"$@\"\n");
        assert_eq!(lefthook, Present::Foreign(Some(Tool::Lefthook)));
    }

    #[test]
    fn our_script_names_the_kept_hook_as_we_do() {
        let kept = kept(Path::new("$0"));
        assert!(SHIM.contains(kept.to_str().unwrap()));
    }
}
