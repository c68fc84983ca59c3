//! The tracked file that holds a team's settings: finding and reading it. Not what it may say.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::git::{ConfigEntry, Repo};
use crate::settings::TRACKED_FILE;

/// A file larger than this is no configuration.
const MAX_BYTES: u64 = 1 << 20;

/// The entries of the team's file: the work tree's, in a bare repository that of HEAD.
///
/// # Errors
/// If it is there and cannot be read or parsed.
pub fn config(repo: &Repo) -> Result<Vec<ConfigEntry>> {
    let text = match repo.work_dir() {
        Some(root) => read(&root.join(TRACKED_FILE))?,
        None => committed(repo),
    };
    match text {
        Some(text) => repo.config_of(&text, TRACKED_FILE),
        None => Ok(Vec::new()),
    }
}

/// A symbolic link is not followed, as git follows none to its own tracked files: it could lead
/// out of the repository.
fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => bail!("{TRACKED_FILE} is not a regular file"),
        Err(_) => return Ok(None),
    }
    let mut text = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut text))
        .with_context(|| format!("cannot read {TRACKED_FILE}"))?;
    if text.len() as u64 > MAX_BYTES {
        bail!("{TRACKED_FILE} is larger than {MAX_BYTES} bytes");
    }
    Ok(Some(text))
}

fn committed(repo: &Repo) -> Option<Vec<u8>> {
    let (oid, _) = repo.blob_named(&format!("HEAD:{TRACKED_FILE}")).ok()?;
    repo.blob(oid, usize::try_from(MAX_BYTES).ok()?).ok()
}
