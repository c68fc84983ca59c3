//! This program's own folder in a repository, and the folders in it: opened step by step, no link
//! followed, and held open. What lies in one is reached from there by its name, and only if it is a
//! regular file. Not whose names are ours: that is for those who know what they wrote.

use std::fs::{File, Metadata, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::foreign::{Foreign, LINK, NO_FILE, NO_FOLDER, OTHERS, SEVERAL};
use super::repo::Repo;
use super::shared::{HANDS_ON_GROUP, group_mode};

/// Wherever something is opened: never what a link leads to, never waiting for somebody else.
const CAREFULLY: OFlags = OFlags::NOFOLLOW
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY);

/// Random letters at the end of a name that is not taken.
const LETTERS: usize = 6;

/// A folder that is held open.
#[derive(Clone, Debug)]
pub struct OwnFolder {
    handle: Arc<File>,
    path: PathBuf,
}

impl OwnFolder {
    /// The folder `name` in `around`, which is the repository's and is trusted as such.
    ///
    /// # Errors
    /// If it is not there, is [`Foreign`], or cannot be opened.
    pub fn open(around: &Path, name: &str) -> io::Result<Self> {
        Self::around(around)?.folder(name)
    }

    /// As [`OwnFolder::open`], made if need be.
    ///
    /// # Errors
    /// As [`OwnFolder::open`].
    pub fn make(around: &Path, name: &str) -> io::Result<Self> {
        Self::around(around)?.make_folder(name)
    }

    /// A folder that somebody has made for this process, wherever that is.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn around(path: &Path) -> io::Result<Self> {
        let handle = rustix::fs::open(path, FOLDER | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Self {
            handle: Arc::new(File::from(handle)),
            path: path.to_owned(),
        })
    }

    /// A folder in this one.
    ///
    /// # Errors
    /// As [`OwnFolder::open`].
    pub fn folder(&self, name: &str) -> io::Result<Self> {
        let path = self.path.join(name);
        let opened = rustix::fs::openat(&self.handle, name, FOLDER | CAREFULLY, Mode::empty());
        let handle = match opened {
            // Which of the two a link is depends on the system.
            Err(Errno::NOTDIR | Errno::LOOP) => {
                let what = if self.kind(name)? == FileType::Symlink {
                    LINK
                } else {
                    NO_FOLDER
                };
                return Err(Foreign::error(path, what));
            }
            opened => File::from(opened?),
        };
        if is_of_whom_we_trust(&handle.metadata()?, &self.handle.metadata()?) {
            Ok(Self {
                handle: Arc::new(handle),
                path,
            })
        } else {
            Err(Foreign::error(path, OTHERS))
        }
    }

    /// A folder in this one, made if need be, as open to others as this one.
    ///
    /// # Errors
    /// As [`OwnFolder::open`].
    pub fn make_folder(&self, name: &str) -> io::Result<Self> {
        match self.folder(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            opened => return opened,
        }
        match rustix::fs::mkdirat(&self.handle, name, Mode::from_raw_mode(0o777)) {
            Err(Errno::EXIST) => return self.folder(name),
            made => made?,
        }
        let made = self.folder(name)?;
        if let Some(mode) = group_mode(self.mode()?) {
            made.set_mode(mode)?;
        }
        Ok(made)
    }

    /// Where it was when it was opened: for messages, and for git.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn mode(&self) -> io::Result<u32> {
        Ok(self.handle.metadata()?.permissions().mode() & 0o7777)
    }

    pub(super) fn set_mode(&self, mode: u32) -> io::Result<()> {
        self.handle.set_permissions(Permissions::from_mode(mode))
    }

    /// Is there at least so much room on its disk, as far as anybody can tell?
    pub(super) fn has_room(&self, bytes: u64) -> bool {
        rustix::fs::fstatvfs(&self.handle).map_or(true, |disk| {
            disk.f_bavail.saturating_mul(disk.f_frsize) >= bytes
        })
    }

    /// The names of what lies in it, whatever that is.
    ///
    /// # Errors
    /// If it cannot be listed.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.handle)? {
            // No name of ours is anything but ASCII.
            let name = entry?.file_name().to_str().ok().map(str::to_owned);
            names.extend(name.filter(|name| !matches!(name.as_str(), "." | "..")));
        }
        Ok(names)
    }

    /// Opens a file to be read.
    ///
    /// # Errors
    /// If it is not there, is [`Foreign`], or cannot be opened.
    pub fn file(&self, name: &str) -> io::Result<File> {
        self.opened(name, OFlags::RDONLY)
    }

    /// What a file holds, if that is no more than `most` bytes.
    ///
    /// # Errors
    /// As [`OwnFolder::file`]; if it is longer.
    pub fn read(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        super::files::whole(self.file(name)?, most)
    }

    /// As [`OwnFolder::read`]; what is no text is none.
    ///
    /// # Errors
    /// As [`OwnFolder::read`].
    pub fn text(&self, name: &str, most: u64) -> io::Result<String> {
        String::from_utf8(self.read(name, most)?).map_err(io::Error::other)
    }

    /// Opens a file to be read and written, from its beginning; makes it if need be.
    ///
    /// # Errors
    /// As [`OwnFolder::file`].
    pub fn file_to_write(&self, name: &str) -> io::Result<File> {
        self.written(name, OFlags::RDWR | OFlags::CREATE)
    }

    /// As [`OwnFolder::file_to_write`], always at its end.
    ///
    /// # Errors
    /// As [`OwnFolder::file`].
    pub fn file_to_append(&self, name: &str) -> io::Result<File> {
        self.written(name, OFlags::RDWR | OFlags::CREATE | OFlags::APPEND)
    }

    /// Makes an empty file.
    ///
    /// # Errors
    /// If something of that name is there, or nothing can be written.
    pub fn make_file(&self, name: &str) -> io::Result<File> {
        self.written(name, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)
    }

    fn written(&self, name: &str, flags: OFlags) -> io::Result<File> {
        let file = self.opened(name, flags)?;
        // What is written here would be written there, too.
        if file.metadata()?.nlink() > 1 {
            return Err(Foreign::error(self.path.join(name), SEVERAL));
        }
        self.share(&file);
        Ok(file)
    }

    fn opened(&self, name: &str, flags: OFlags) -> io::Result<File> {
        let foreign = |what| Foreign::error(self.path.join(name), what);
        let mode = Mode::from_raw_mode(0o666);
        let file = match rustix::fs::openat(&self.handle, name, flags | CAREFULLY, mode) {
            Err(Errno::LOOP) => return Err(foreign(LINK)),
            Err(Errno::ISDIR | Errno::NXIO) => return Err(foreign(NO_FILE)),
            opened => File::from(opened?),
        };
        if file.metadata()?.is_file() {
            Ok(file)
        } else {
            Err(foreign(NO_FILE))
        }
    }

    /// Gives a file of ours the permissions of this folder, where a group shares that.
    fn share(&self, file: &File) {
        let Some(around) = self.mode().ok().and_then(group_mode) else {
            return;
        };
        let Ok(metadata) = file.metadata() else {
            return;
        };
        let mode = metadata.permissions().mode() & 0o7777;
        let wanted = mode & 0o700 | around & 0o066;
        if wanted != mode {
            // Another user's has them already, from that one.
            let _ = file.set_permissions(Permissions::from_mode(wanted));
        }
    }

    /// Writes a file whole or not at all, for its writer alone unless a group shares the folder.
    /// Until it is whole it is called `unfinished` and [`LETTERS`] random letters.
    ///
    /// # Errors
    /// If it cannot be written, or what is there instead is [`Foreign`].
    pub fn replace(&self, name: &str, unfinished: &str, parts: &[&[u8]]) -> io::Result<()> {
        match self.stat(name) {
            Ok(there) if !is_file(&there) => {
                return Err(Foreign::error(self.path.join(name), NO_FILE));
            }
            _ => {}
        }
        let (new, mut file) = self.new_file(unfinished)?;
        let mut write = || -> io::Result<()> {
            for part in parts {
                file.write_all(part)?;
            }
            self.share(&file);
            Ok(rustix::fs::renameat(
                &self.handle,
                new.as_str(),
                &self.handle,
                name,
            )?)
        };
        write().inspect_err(|_| drop(self.remove(&new)))
    }

    fn new_file(&self, unfinished: &str) -> io::Result<(String, File)> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | CAREFULLY;
        loop {
            let letters = std::iter::repeat_with(fastrand::alphanumeric).take(LETTERS);
            let name = format!("{unfinished}{}", letters.collect::<String>());
            match rustix::fs::openat(&self.handle, &*name, flags, Mode::from_raw_mode(0o600)) {
                Err(Errno::EXIST) => {}
                made => return Ok((name, File::from(made?))),
            }
        }
    }

    /// Is `name` what [`OwnFolder::replace`] calls a file that is not whole yet?
    pub fn is_unfinished(name: &str, unfinished: &str) -> bool {
        let letters = name.strip_prefix(unfinished);
        letters.is_some_and(|rest| {
            rest.len() == LETTERS && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    }

    /// Gives a file another name, in the place of whatever file has it.
    ///
    /// # Errors
    /// If one of the two is no regular file, or nothing can be written.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        for name in [from, to] {
            match self.stat(name) {
                Ok(there) if !is_file(&there) => {
                    return Err(Foreign::error(self.path.join(name), NO_FILE));
                }
                _ => {}
            }
        }
        Ok(rustix::fs::renameat(&self.handle, from, &self.handle, to)?)
    }

    /// Would git, which appends to it, write to a file of its own alone? One glance.
    ///
    /// # Errors
    /// If it is [`Foreign`].
    pub fn may_be_appended_to(&self, name: &str) -> io::Result<()> {
        let what = match self.stat(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
            Ok(there) if is_file(&there) && there.st_nlink == 1 => return Ok(()),
            Ok(there) if is_file(&there) => SEVERAL,
            Ok(there) if FileType::from_raw_mode(there.st_mode) == FileType::Symlink => LINK,
            Ok(_) => NO_FILE,
        };
        Err(Foreign::error(self.path.join(name), what))
    }

    /// Removes a file.
    ///
    /// # Errors
    /// If it is not there, is [`Foreign`], or cannot be removed.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        if is_file(&self.stat(name)?) {
            Ok(rustix::fs::unlinkat(&self.handle, name, AtFlags::empty())?)
        } else {
            Err(Foreign::error(self.path.join(name), NO_FILE))
        }
    }

    /// How long ago a regular file was written; `None` of all else.
    pub fn age(&self, name: &str) -> Option<Duration> {
        let (_, seconds, nanoseconds) = self.identity(name)?;
        let since = Duration::new(
            u64::try_from(seconds).ok()?,
            u32::try_from(nanoseconds).ok()?,
        );
        let written = SystemTime::UNIX_EPOCH.checked_add(since)?;
        Some(written.elapsed().unwrap_or_default())
    }

    /// Which regular file it is, and when it was written, in seconds and nanoseconds.
    pub(super) fn identity(&self, name: &str) -> Option<(i128, i128, i128)> {
        let stat = self.stat(name).ok().filter(is_file)?;
        let (seconds, nanoseconds) = (stat.st_mtime.into(), stat.st_mtime_nsec.into());
        Some((stat.st_ino.into(), seconds, nanoseconds))
    }

    /// Does `file` still bear this name?
    ///
    /// # Errors
    /// If nobody can tell.
    pub(super) fn is_named(&self, file: &File, name: &str) -> io::Result<bool> {
        let held = rustix::fs::fstat(file)?;
        match self.stat(name) {
            Ok(named) => Ok((named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Is there no folder of this name, or one that may be ours? One glance.
    ///
    /// # Errors
    /// If it is [`Foreign`].
    pub fn may_hold_folder(&self, name: &str) -> io::Result<()> {
        match self.kind(name) {
            Ok(FileType::Directory) => Ok(()),
            Ok(FileType::Symlink) => Err(Foreign::error(self.path.join(name), LINK)),
            Ok(_) => Err(Foreign::error(self.path.join(name), NO_FOLDER)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn kind(&self, name: &str) -> io::Result<FileType> {
        Ok(FileType::from_raw_mode(self.stat(name)?.st_mode))
    }

    fn stat(&self, name: &str) -> io::Result<Stat> {
        Ok(rustix::fs::statat(
            &self.handle,
            name,
            AtFlags::SYMLINK_NOFOLLOW,
        )?)
    }
}

impl Repo {
    /// Removes every file of this program's own folder, and of the folders in it.
    ///
    /// # Errors
    /// If something else is in its place, or a file cannot be removed.
    pub fn empty_own_folder(&self) -> io::Result<()> {
        let own = match self.own_folder() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            own => own?,
        };
        let inner = ["journal", "claims"].map(|name| own.folder(name));
        for folder in inner.into_iter().chain([Ok(own.clone())]) {
            let folder = match folder {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                folder => folder?,
            };
            for name in folder.names()? {
                if folder.kind(&name)? != FileType::Directory {
                    folder.remove(&name)?;
                }
            }
        }
        Ok(())
    }
}

fn is_file(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

/// Ours, or of whoever owns the folder around, whom git has found worth trusting; or of one of the
/// group that shares both.
fn is_of_whom_we_trust(folder: &Metadata, around: &Metadata) -> bool {
    let is_shared = |one: &Metadata| one.mode() & HANDS_ON_GROUP != 0;
    folder.uid() == rustix::process::geteuid().as_raw()
        || folder.uid() == around.uid()
        || (is_shared(folder) && is_shared(around) && folder.gid() == around.gid())
}
