//! One opened repository: where it lies, what names its objects, where its user stands.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;

use super::entrance;
use super::hand::Hand;
use super::opening;
use super::own_folder::OwnFolder;
use super::scratch::Scratch;
use crate::model::{ObjectFormat, Oid, RepoPath};

/// A repository, as seen from one folder. Can be sent to a thread, not shared: a thread that
/// reads opens its own with [`Repo::reopen`].
pub struct Repo {
    pub(super) hand: Hand,
    start: PathBuf,
    objects: PathBuf,
    /// Our own folder, once somebody has needed it.
    own: RefCell<Option<OwnFolder>>,
    pub(super) scratch: RefCell<Vec<Scratch>>,
    /// Texts that are in no object database, by the ids that git would give them.
    pub(super) lent: RefCell<HashMap<Oid, Arc<[u8]>>>,
    /// The user has had it talk to a remote: whatever git does over that is asked for.
    pub(super) talks: Cell<bool>,
}

impl std::fmt::Debug for Repo {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Repo({})", self.hand.git_dir().display())
    }
}

impl Repo {
    /// Opens the repository that git itself would use here: the environment's, else the one that
    /// the current folder lies in.
    ///
    /// # Errors
    /// With a hint, if there is none, or libgit2 cannot read it.
    pub fn open() -> Result<Self> {
        let mut repo = Self::new(opening::here()?, PathBuf::from("."));
        if let Some(elsewhere) = opening::objects_elsewhere() {
            repo.objects = elsewhere;
        }
        repo.belongs()?;
        Ok(repo)
    }

    /// Opens the repository that `folder` lies in, whatever the environment says.
    ///
    /// # Errors
    /// As [`Repo::open`].
    pub fn open_at(folder: &Path) -> Result<Self> {
        let repo = Self::new(opening::at(folder)?, folder.to_owned());
        repo.belongs()?;
        Ok(repo)
    }

    fn belongs(&self) -> Result<()> {
        entrance::belongs(&self.hand, || self.is_vouched())
    }

    fn new(hand: Hand, start: PathBuf) -> Self {
        Self {
            objects: hand.common_dir().join("objects"),
            hand,
            start,
            own: RefCell::default(),
            scratch: RefCell::default(),
            lent: RefCell::default(),
            talks: Cell::new(false),
        }
    }

    /// The same repository once more, for another thread, with the same scratch objects
    /// and the same lent texts.
    ///
    /// # Errors
    /// If it has gone away since.
    pub fn reopen(&self) -> Result<Self> {
        let mut again = if self.start == Path::new(".") {
            Self::open()?
        } else {
            Self::open_at(&self.start)?
        };
        again.talks.set(self.talks.get());
        again.lent.clone_from(&self.lent);
        for scratch in &*self.scratch.borrow() {
            again.add_scratch(scratch.clone())?;
        }
        Ok(again)
    }

    pub fn format(&self) -> ObjectFormat {
        self.hand.format()
    }

    /// The folder that all linked work trees share: refs, objects, and our own files.
    pub fn common_dir(&self) -> &Path {
        self.hand.common_dir()
    }

    pub(super) const OWN_FOLDER: &str = "rustassistant";

    /// Where this program keeps its local files, all of them derived or disposable: for messages.
    /// What lies there is reached through [`Repo::own_folder`].
    pub fn own_dir(&self) -> PathBuf {
        self.common_dir().join(Self::OWN_FOLDER)
    }

    /// The folder of this program's local files, if there is one.
    ///
    /// # Errors
    /// If there is none, or something else is in its place.
    pub fn own_folder(&self) -> io::Result<OwnFolder> {
        if let Some(folder) = &*self.own.borrow() {
            return Ok(folder.clone());
        }
        let folder = OwnFolder::open(self.common_dir(), Self::OWN_FOLDER)?;
        self.holds_own_folder(&folder);
        Ok(folder)
    }

    pub(super) fn holds_own_folder(&self, folder: &OwnFolder) {
        self.own.replace(Some(folder.clone()));
    }

    /// Is something else in the place of our folder, or of one in it? Looked at, not touched.
    ///
    /// # Errors
    /// If so.
    pub fn check_own_folder(&self) -> io::Result<()> {
        match self.own_folder() {
            Ok(own) => ["journal", "claims"]
                .into_iter()
                .try_for_each(|name| own.may_hold_folder(name)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Where git stores objects.
    pub(super) fn objects_dir(&self) -> &Path {
        &self.objects
    }

    /// The root of the work tree; `None` in a bare repository.
    pub fn work_dir(&self) -> Option<&Path> {
        self.hand.work_dir()
    }

    /// The folder git processes are started in.
    pub(super) fn start(&self) -> &Path {
        &self.start
    }

    /// The names of the remotes that are configured.
    pub fn remotes(&self) -> Vec<String> {
        match &self.hand {
            Hand::Libgit2(repo) => {
                let names = repo.remotes().ok();
                let names = names.iter().flat_map(|names| names.iter());
                names
                    .filter_map(|name| Some(name.ok()??.to_owned()))
                    .collect()
            }
            Hand::Git(_) => {
                let names = self.git("remote").output().unwrap_or_default();
                let names = String::from_utf8_lossy(&names);
                names.lines().map(str::to_owned).collect()
            }
        }
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
                .hand
                .git_dir()
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
