//! Which repository is meant, and which of the two hands reads it. Not how either reads.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::embedded;
use super::entrance;
use super::error::git_error;
use super::hand::Hand;
use super::plumbing::Plumbing;
use super::windows;
use crate::model::Hinted;

/// The repository that git itself would use here: the environment's, else the one that the
/// current folder lies in.
///
/// # Errors
/// With a hint, if there is none that git would touch.
pub fn here() -> Result<Hand> {
    let (start, place) = (Path::new("."), "the current folder");
    let hand = choose((start, named()), place, || match work_tree() {
        Some(tree) if tree.is_relative() => open_with_work_tree(&tree),
        named => {
            let repo = git2::Repository::open_from_env()?;
            // For whoever serves a repository: git's own commands look at refs as they are.
            repo.remove_namespace()?;
            // `core.bare` says that there is none, which git does not heed then.
            if let Some(tree) = named.filter(|_| repo.is_bare()) {
                repo.set_workdir(&tree, false)?;
            }
            Ok(repo)
        }
    })?;
    if named().is_some() {
        Ok(hand)
    } else {
        welcome(hand, start, place)
    }
}

/// Unless it is one that nobody means to open.
fn welcome(hand: Hand, start: &Path, place: &str) -> Result<Hand> {
    let refused = embedded::refuse(&hand, start);
    refused.with_context(|| format!("cannot open a git repository at {place}"))?;
    Ok(hand)
}

/// The repository that `folder` lies in.
///
/// # Errors
/// As [`here`].
pub fn at(folder: &Path) -> Result<Hand> {
    let place = folder.display().to_string();
    let hand = choose((folder, None), &place, || {
        let nothing: [&Path; 0] = [];
        let flags = git2::RepositoryOpenFlags::empty();
        git2::Repository::open_ext(folder, flags, nothing)
    })?;
    welcome(hand, folder, &place)
}

/// libgit2 if it can, else git, which knows more and trusts owners by more than files.
fn choose(
    (start, named): (&Path, Option<PathBuf>),
    place: &str,
    open: impl FnOnce() -> Result<git2::Repository, git2::Error>,
) -> Result<Hand> {
    let ends = entrance::check(start, named.as_deref());
    ends.with_context(|| format!("cannot open a git repository at {place}"))?;
    // Of whatever lies in git's objects libgit2 need not compute each id: see `object`.
    git2::opts::strict_hash_verification(false);
    // Nothing is read twice: its cache of objects would only cost time and memory.
    git2::opts::enable_caching(false);
    windows::bound();
    match open() {
        Ok(repo) if !process_is_wanted() && !quotes_folders() => Ok(Hand::Libgit2(repo)),
        opened => match Plumbing::open(start) {
            Ok(git) => Ok(Hand::Git(Box::new(git))),
            Err(refused) => Err(explain(opened.err().as_ref(), &refused, place)),
        },
    }
}

/// `RUSTASSISTANT_GIT=process`: for those who doubt libgit2, and for the tests of the other hand.
#[expect(
    clippy::disallowed_methods,
    reason = "it decides how this room works, before any setting can be read"
)]
fn process_is_wanted() -> bool {
    std::env::var_os("RUSTASSISTANT_GIT").is_some_and(|hand| hand == "process")
}

/// `GIT_DIR`: which repository is meant.
#[expect(
    clippy::disallowed_methods,
    reason = "one of git's own variables, as those that libgit2 reads here"
)]
pub fn named() -> Option<PathBuf> {
    let git = PathBuf::from(std::env::var_os("GIT_DIR")?);
    (!git.as_os_str().is_empty()).then_some(git)
}

/// `GIT_ALTERNATE_OBJECT_DIRECTORIES` with quotes, which libgit2 takes for parts of names.
#[expect(
    clippy::disallowed_methods,
    reason = "libgit2 reads git's own variables here, and this one wrongly"
)]
fn quotes_folders() -> bool {
    let list = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES");
    list.is_some_and(|list| list.as_encoded_bytes().contains(&b'"'))
}

/// `GIT_WORK_TREE`. If it is relative, git takes it from the current folder, libgit2 from `.git`.
#[expect(
    clippy::disallowed_methods,
    reason = "libgit2 reads git's own variables here, and this one wrongly"
)]
pub fn work_tree() -> Option<PathBuf> {
    let tree = PathBuf::from(std::env::var_os("GIT_WORK_TREE")?);
    (!tree.as_os_str().is_empty()).then_some(tree)
}

/// `GIT_OBJECT_DIRECTORY`: libgit2 follows it, but does not tell.
#[expect(
    clippy::disallowed_methods,
    reason = "one of git's own variables, as those that libgit2 reads here"
)]
pub fn objects_elsewhere() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("GIT_OBJECT_DIRECTORY")?);
    (!folder.as_os_str().is_empty()).then_some(folder)
}

/// As `open_from_env`, for a work tree that is relative to the current folder.
#[expect(
    clippy::disallowed_methods,
    reason = "libgit2 would read it, but for the work tree"
)]
fn open_with_work_tree(tree: &Path) -> Result<git2::Repository, git2::Error> {
    use git2::RepositoryOpenFlags as Flags;
    let nothing: [&Path; 0] = [];
    let repo = match std::env::var_os("GIT_DIR") {
        Some(git) => git2::Repository::open_ext(git, Flags::NO_SEARCH | Flags::NO_DOTGIT, nothing)?,
        None => git2::Repository::open_ext(".", Flags::empty(), nothing)?,
    };
    let tree = tree.canonicalize().unwrap_or_else(|_| tree.to_owned());
    repo.set_workdir(&tree, false)?;
    Ok(repo)
}

fn explain(error: Option<&git2::Error>, refused: &anyhow::Error, place: &str) -> anyhow::Error {
    let (why, hint) = match error.map(|error| (error, error.code())) {
        Some((error, git2::ErrorCode::NotFound)) => (
            git_error(error),
            "run this inside a git repository, or create one with 'git init'",
        ),
        Some((error, git2::ErrorCode::Owner)) => (
            git_error(error),
            "if you trust its owner: git config --global --add safe.directory PATH",
        ),
        _ => (
            anyhow::anyhow!("{refused:#}"),
            "for details, run there: git status",
        ),
    };
    Hinted::attach(
        why.context(format!("cannot open a git repository at {place}")),
        hint,
    )
}
