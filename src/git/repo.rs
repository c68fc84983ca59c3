//! One opened repository: where it lies, what names its objects, where its user stands.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::error::git_error;
use super::scratch::Scratch;
use crate::model::{ObjectFormat, RepoPath, ResultExt};

/// A repository, as seen from one folder. Can be sent to a thread, not shared: a thread that
/// reads opens its own with [`Repo::reopen`].
pub struct Repo {
    pub(super) inner: git2::Repository,
    start: PathBuf,
    objects: PathBuf,
    pub(super) scratch: Vec<Scratch>,
}

impl std::fmt::Debug for Repo {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Repo({})", self.inner.path().display())
    }
}

impl Repo {
    /// Opens the repository that git itself would use here: the environment's, else the one that
    /// the current folder lies in.
    ///
    /// # Errors
    /// With a hint, if there is none, or libgit2 cannot read it.
    pub fn open() -> Result<Self> {
        let opened = match relative_work_tree() {
            Some(tree) => open_with_work_tree(&tree),
            None => git2::Repository::open_from_env(),
        };
        let inner = opened.map_err(|error| explain(&error, "the current folder"))?;
        let mut repo = Self::new(inner, PathBuf::from("."));
        if let Some(elsewhere) = objects_elsewhere() {
            repo.objects = elsewhere;
        }
        Ok(repo)
    }

    /// Opens the repository that `folder` lies in, whatever the environment says.
    ///
    /// # Errors
    /// As [`Repo::open`].
    pub fn open_at(folder: &Path) -> Result<Self> {
        let nothing: [&Path; 0] = [];
        let flags = git2::RepositoryOpenFlags::empty();
        let inner = git2::Repository::open_ext(folder, flags, nothing)
            .map_err(|error| explain(&error, &folder.display().to_string()))?;
        Ok(Self::new(inner, folder.to_owned()))
    }

    fn new(inner: git2::Repository, start: PathBuf) -> Self {
        // Of whatever lies in git's objects libgit2 need not compute each id: see `object`.
        git2::opts::strict_hash_verification(false);
        // Nothing is read twice: its cache of objects would only cost time and memory.
        git2::opts::enable_caching(false);
        Self {
            objects: inner.commondir().join("objects"),
            inner,
            start,
            scratch: Vec::new(),
        }
    }

    /// The same repository once more, for another thread, with the same scratch objects.
    ///
    /// # Errors
    /// If it has gone away since.
    pub fn reopen(&self) -> Result<Self> {
        let mut again = match self.start == Path::new(".") {
            true => Self::open()?,
            false => Self::open_at(&self.start)?,
        };
        for scratch in &self.scratch {
            again.add_scratch(scratch.clone())?;
        }
        Ok(again)
    }

    pub fn format(&self) -> ObjectFormat {
        match self.inner.object_format() {
            git2::ObjectFormat::Sha1 => ObjectFormat::Sha1,
            git2::ObjectFormat::Sha256 => ObjectFormat::Sha256,
        }
    }

    /// The folder that all linked work trees share: refs, objects, and our own files.
    pub fn common_dir(&self) -> &Path {
        self.inner.commondir()
    }

    /// Where this program keeps its local files, all of them derived or disposable.
    pub fn own_dir(&self) -> PathBuf {
        self.common_dir().join("rustassistant")
    }

    /// Where git stores objects.
    pub(super) fn objects_dir(&self) -> &Path {
        &self.objects
    }

    /// The root of the work tree; `None` in a bare repository.
    pub fn work_dir(&self) -> Option<&Path> {
        self.inner.workdir()
    }

    /// The folder git processes are started in.
    pub(super) fn start(&self) -> &Path {
        &self.start
    }

    /// The names of the remotes that are configured.
    pub fn remotes(&self) -> Vec<String> {
        let names = self.inner.remotes().ok();
        let names = names.iter().flat_map(|names| names.iter());
        names
            .filter_map(|name| Some(name.ok()??.to_owned()))
            .collect()
    }

    /// What an absolute path means, from the root of the work tree; `None` outside of it, and in a
    /// bare repository.
    pub fn from_root(&self, path: &Path) -> Option<RepoPath> {
        let root = self.work_dir()?;
        let real_root = root.canonicalize().ok()?;
        // The way to a file may lead through symlinks; the file itself may be one.
        let real_folder = || {
            path.parent()?
                .canonicalize()
                .ok()?
                .strip_prefix(&real_root)
                .ok()
                .map(Path::to_owned)
        };
        let real = || Some(real_folder()?.join(path.file_name()?));
        let below = path
            .strip_prefix(root)
            .ok()
            .map(Path::to_owned)
            .or_else(real)?;
        RepoPath::new(below.as_os_str().as_bytes()).within(b"")
    }

    /// Where the user stands, relative to the root of the work tree; empty at the root, outside of
    /// it, and inside of `.git`.
    pub fn folder(&self) -> Vec<u8> {
        let inside = || {
            let root = self.work_dir()?.canonicalize().ok()?;
            let here = self.start.canonicalize().ok()?;
            let inside_of_git = self
                .inner
                .path()
                .canonicalize()
                .is_ok_and(|git| here.starts_with(git));
            if inside_of_git {
                return None;
            }
            Some(
                here.strip_prefix(root)
                    .ok()?
                    .as_os_str()
                    .as_bytes()
                    .to_vec(),
            )
        };
        inside().unwrap_or_default()
    }
}

/// `GIT_WORK_TREE`, if it is relative: git takes it from the current folder, libgit2 from `.git`.
#[expect(
    clippy::disallowed_methods,
    reason = "libgit2 reads git's own variables here, and this one wrongly"
)]
fn relative_work_tree() -> Option<PathBuf> {
    let tree = PathBuf::from(std::env::var_os("GIT_WORK_TREE")?);
    (tree.is_relative() && !tree.as_os_str().is_empty()).then_some(tree)
}

/// `GIT_OBJECT_DIRECTORY`: libgit2 follows it, but does not tell.
#[expect(
    clippy::disallowed_methods,
    reason = "one of git's own variables, as those that libgit2 reads here"
)]
fn objects_elsewhere() -> Option<PathBuf> {
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

fn explain(error: &git2::Error, place: &str) -> anyhow::Error {
    let hint = match error.code() {
        git2::ErrorCode::NotFound => {
            "run this inside a git repository, or make one with 'git init'".to_owned()
        }
        git2::ErrorCode::Owner => {
            "if you trust its owner, say so: git config --global --add safe.directory PATH"
                .to_owned()
        }
        _ => "this repository uses something that libgit2 cannot read".to_owned(),
    };
    let result: Result<()> = Err(git_error(error));
    let opened = result.with_context(|| format!("cannot open a git repository at {place}"));
    match opened.hint(hint) {
        Err(error) => error,
        Ok(()) => git_error(error),
    }
}
