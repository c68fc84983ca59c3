//! The tracked files that hold a team's settings and prompts: finding and reading them. Not what
//! they may say.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::git::{ConfigEntry, Repo, open_below, whole};
use crate::model::{Kind, Oid, RepoPath, ResultExt};
use crate::settings::TRACKED_FILE;

/// A file larger than this is no configuration.
const MAX_BYTES: u64 = 1 << 20;

/// The entries of the team's file: the work tree's, or the index's where a sparse checkout leaves
/// it out; in a bare repository that of HEAD.
///
/// # Errors
/// If it is there and cannot be read or parsed.
pub fn config(repo: &Repo) -> Result<Vec<ConfigEntry>> {
    match text(repo, TRACKED_FILE)? {
        Some(text) => repo.config_of(&text, TRACKED_FILE),
        None => Ok(Vec::new()),
    }
}

/// The prompts of those of `kinds` that are a team's own, read from the files that are named: the
/// work tree's, in a bare repository those of HEAD. An older revision is asked the question of today.
///
/// # Errors
/// With a hint, if one is missing, empty or not UTF-8, or lies outside of the repository.
pub fn prompts(
    repo: &Repo,
    named: &BTreeMap<Kind, String>,
    kinds: &[Kind],
) -> Result<BTreeMap<Kind, String>> {
    let prompt = |(kind, path): (&Kind, &String)| {
        let prompt =
            prompt(repo, path).with_context(|| format!("cannot ask for the kind '{kind}'"));
        let setting =
            format!("rustassistant-kind.{kind}.prompt names a tracked file, from the root");
        Ok((kind.clone(), prompt.hint(setting)?))
    };
    let asked = named.iter().filter(|(kind, _)| kinds.contains(kind));
    asked.map(prompt).collect()
}

fn prompt(repo: &Repo, path: &str) -> Result<String> {
    let inside = RepoPath::new(path.as_bytes()).within(b"");
    if inside.is_none_or(|inside| inside.as_bytes() != path.as_bytes()) {
        bail!("'{}' is no path in the repository", path.escape_debug());
    }
    let text = text(repo, path)?.with_context(|| format!("there is no file {path}"))?;
    let text = String::from_utf8(text).with_context(|| format!("{path} is not UTF-8"))?;
    match text.trim().is_empty() {
        true => bail!("{path} is empty"),
        false => Ok(text),
    }
}

fn text(repo: &Repo, path: &str) -> Result<Option<Vec<u8>>> {
    match repo.work_dir() {
        Some(root) => match read(root, path)? {
            None => left_out(repo, path),
            text => Ok(text),
        },
        None => committed(repo, path),
    }
}

/// No symbolic link is followed, wherever on the way it is, as git follows none to its own tracked
/// files: it could lead out of the repository.
fn read(root: &Path, name: &str) -> Result<Option<Vec<u8>>> {
    match root.join(name).symlink_metadata() {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => bail!("{name} is not a regular file"),
        Err(_) => return Ok(None),
    }
    let text = open_below(root, name.as_ref()).and_then(|file| whole(file, MAX_BYTES));
    text.map(Some)
        .with_context(|| format!("cannot read {name}"))
}

fn left_out(repo: &Repo, path: &str) -> Result<Option<Vec<u8>>> {
    match repo.left_out(path)? {
        Some(oid) => stored(repo, oid, path).map(Some),
        None => Ok(None),
    }
}

fn committed(repo: &Repo, path: &str) -> Result<Option<Vec<u8>>> {
    if !repo.has_commits() {
        return Ok(None);
    }
    let found = repo.file_at("HEAD", &RepoPath::from(path));
    match found.with_context(|| format!("cannot read {path}"))? {
        Some(oid) => stored(repo, oid, path).map(Some),
        None => Ok(None),
    }
}

fn stored(repo: &Repo, oid: Oid, path: &str) -> Result<Vec<u8>> {
    let what = || format!("cannot read {path}");
    repo.fetch_promised(std::iter::once(oid))
        .with_context(what)?;
    repo.blob(oid, usize::try_from(MAX_BYTES)?)
        .with_context(what)
}
