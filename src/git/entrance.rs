//! Looks at a repository's own files before anybody opens them: an archive may have put a pipe in the
//! place of one, which whoever reads it waits for, or have the repository be a part of another. Not how
//! it is opened.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::DirEntry;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use super::files::{self, Links};
use super::hand::Hand;
use super::process::endless;
use super::{around, opening};
use crate::model::{Hinted, ResultExt};

/// Of a small file that names a folder or a ref, so much is read, in bytes.
const SMALL: u64 = 64 << 10;

/// Of a configuration, in bytes.
const CONFIG: u64 = 4 << 20;

/// A configuration may include so many others. Git counts how deep they lie.
const MOST_INCLUDED: usize = 100;

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
    // Of the repository's folder only what git itself reads under a name that nobody knows before.
    for (folder, begin) in [
        (&git, "sharedindex."),
        (&common.join("objects/pack"), "pack-"),
    ] {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let is_pipe = |entry: &DirEntry| {
            let name = entry.file_name();
            name.as_bytes().starts_with(begin.as_bytes())
                && entry.file_type().is_ok_and(|kind| kind.is_fifo())
        };
        if let Some(pipe) = entries.into_iter().find(is_pipe) {
            return Err(endless(&pipe.path()));
        }
    }
    if let Some(name) = text(&git.join("HEAD")).strip_prefix(b"ref: ") {
        regular(&common.join(OsStr::from_bytes(name.trim_ascii())))?;
    }
    let mut seen = BTreeSet::new();
    includes(&common.join("config"), &mut seen)?;
    includes(&git.join("config.worktree"), &mut seen)
}

/// Refuses a repository whose folder says that it is a part of one elsewhere: git makes such parts only
/// inside of it. And one that is put together by links. `is_vouched` tells whether the
/// user has named it in `safe.directory`.
///
/// # Errors
/// With a hint, if so.
pub fn belongs(hand: &Hand, is_vouched: impl Fn() -> bool) -> Result<()> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let refused = |why: String| {
        let hint = "if you trust that repository: git config --global --add \
                    safe.directory \"$(git rev-parse --absolute-git-dir)\"";
        Err(Hinted::attach(anyhow!(why), hint))
    };
    let (git, common) = (hand.git_dir(), hand.common_dir());
    let is_part = git == common || real(git).starts_with(real(common));
    if !is_part && !is_vouched() {
        return refused(format!(
            "{} claims to be part of {}, which is elsewhere",
            git.display(),
            common.display()
        ));
    }
    if git != common
        && let Some(top) = hand.work_dir()
        && opening::work_tree().is_none()
        && around::git_folder(&top.join(".git")).is_none_or(|there| real(&there) != real(git))
        && !is_vouched()
    {
        return Err(Hinted::attach(
            anyhow!(
                "{} claims {} as its work tree, which does not belong to it",
                git.display(),
                top.display()
            ),
            "if the directory was moved: git worktree repair",
        ));
    }
    if let Some(link) = leads_away(git, common)
        && !is_vouched()
    {
        return refused(format!(
            "{} contains the symbolic link {}, which leads out of it",
            git.display(),
            link.display()
        ));
    }
    Ok(())
}

/// A link of a repository's own that leads into another one: to its refs, where objects are borrowed as
/// well, or to a file that is written as a whole. What may be published, and as whose, would be said by
/// strangers.
fn leads_away(git: &Path, common: &Path) -> Option<PathBuf> {
    let is_link = |place: &PathBuf| {
        let there = place.symlink_metadata();
        there.is_ok_and(|there| there.is_symlink())
    };
    // A link within is how git once wrote HEAD.
    let leads_out = |place: &PathBuf| {
        let inside = common.canonicalize().ok();
        let there = place.canonicalize().ok();
        is_link(place) && !matches!((&inside, &there), (Some(a), Some(b)) if b.starts_with(a))
    };
    let own = ["config", "packed-refs", "HEAD", "reftable"].map(|name| common.join(name));
    let of_this_tree = ["HEAD", "index"].map(|name| git.join(name));
    let mut all = own.into_iter().chain(of_this_tree);
    if let Some(link) = all.find(leads_out) {
        return Some(link);
    }
    let objects = common.join("objects");
    let borrows = objects.join("info/alternates").exists()
        || is_link(&objects)
        || std::fs::read_dir(&objects)
            .into_iter()
            .flatten()
            .flatten()
            .any(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
    if !borrows {
        return None;
    }
    let folders = ["refs", "worktrees"].map(|name| common.join(name));
    let mut folders = folders.into_iter();
    let found = folders.find(|folder| has_links(folder));
    // Whatever lies beside them is a ref by its name: a symbolic one may lead to `X_HEAD`, or `x/y`.
    let mut beside = [git, common].into_iter().flat_map(|folder| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path())
    });
    found.or_else(|| beside.find(leads_out))
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
fn includes(config: &Path, seen: &mut BTreeSet<PathBuf>) -> Result<()> {
    regular(config)?;
    if !seen.insert(config.to_owned()) {
        return Ok(());
    }
    let read = files::read(config, Links::Followed, CONFIG);
    let is_too_long = matches!(&read, Err(error) if error.kind() == ErrorKind::FileTooLarge);
    let text = read.unwrap_or_default();
    if is_too_long || seen.len() > MOST_INCLUDED {
        let why = anyhow!("{} is too large or has too many includes", config.display());
        return Err(Hinted::attach(why, "check it: git config --local --edit"));
    }
    let lower = text.to_ascii_lowercase();
    if memchr::memmem::find(&lower, b"[include").is_none() {
        return Ok(());
    }
    let around = config.parent().unwrap_or(config);
    for at in memchr::memmem::find_iter(&lower, b"path") {
        let rest = text.get(at + 4..).unwrap_or_default().trim_ascii_start();
        let Some(value) = rest.strip_prefix(b"=") else {
            continue;
        };
        let value = value_of(value);
        let path = match (value.strip_prefix(b"~/"), std::env::home_dir()) {
            (Some(below), Some(home)) => home.join(OsStr::from_bytes(below)),
            _ => around.join(OsStr::from_bytes(&value)),
        };
        includes(&path, seen).hint("remove it: git config --local --edit")?;
    }
    Ok(())
}

/// A value as git reads it: quotes, escapes, comments, and lines that go on (git-config(1), "Syntax").
fn value_of(text: &[u8]) -> Vec<u8> {
    let (mut value, mut length, mut is_quoted) = (Vec::new(), 0, false);
    let mut bytes = text.trim_ascii_start().iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' => break,
            b'#' | b';' if !is_quoted => break,
            b'"' => is_quoted = !is_quoted,
            b'\\' => match bytes.next() {
                Some(b'\n') | None => {}
                Some(b't') => value.push(b'\t'),
                Some(b'n') => value.push(b'\n'),
                Some(b'b') => value.push(8),
                Some(other) => value.push(other),
            },
            _ => value.push(byte),
        }
        if is_quoted || !byte.is_ascii_whitespace() {
            length = value.len();
        }
    }
    value.truncate(length);
    value
}

/// Is anything below a folder a symbolic link, or the folder itself?
pub(super) fn has_links(folder: &Path) -> bool {
    let is_link = folder
        .symlink_metadata()
        .is_ok_and(|there| there.is_symlink());
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_symlink() => return true,
                Ok(kind) if kind.is_dir() => left.push(entry.path()),
                _ => {}
            }
        }
    }
    is_link
}

#[cfg(test)]
mod tests {
    use super::value_of;

    #[test]
    fn a_value_is_read_as_git_reads_it() {
        let read = |text: &str| String::from_utf8(value_of(text.as_bytes())).unwrap();
        for text in [
            " ff\n",
            "ff # c\n",
            "\"ff\";c\n",
            "\"f\"f\r\n",
            " f\\\nf\nmore",
            "ff",
        ] {
            assert_eq!(read(text), "ff", "{text:?}");
        }
        assert_eq!(read("\"a;b \"  # c\n"), "a;b ");
        assert_eq!(read("a\\\\b\\\"\n"), "a\\b\"");
    }
}
