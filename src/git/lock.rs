//! Locks between processes: on open files, so that the kernel drops them with their holder.
//! Not git's own `.lock` files.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use super::shared::share;

/// An exclusive lock on a file, held until dropped.
#[derive(Debug)]
pub struct Lock(File);

/// Whether to wait for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Wait,
    /// Only if nobody holds it.
    Now,
}

/// How a file of this program's own folder is opened to be written, and made if need be. No
/// symbolic link is followed: an archive that brings one must not choose what is written to.
pub fn own_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    let flags = rustix::fs::OFlags::NOFOLLOW.bits();
    options.create(true).truncate(false).read(true);
    options.custom_flags(flags.cast_signed());
    options
}

impl Lock {
    /// Locks the file at `path`, which is made if need be. `None` if somebody else holds it and
    /// waiting was not wanted.
    ///
    /// # Errors
    /// If the file cannot be opened or made.
    pub fn take(path: &Path, turn: Turn) -> io::Result<Option<Self>> {
        loop {
            let file = own_file().write(true).open(path)?;
            share(&file, path);
            match turn {
                Turn::Wait => file.lock()?,
                Turn::Now => match file.try_lock() {
                    Ok(()) => {}
                    Err(TryLockError::WouldBlock) => return Ok(None),
                    Err(TryLockError::Error(error)) => return Err(error),
                },
            }
            let lock = Self(file);
            if lock.is_at(path)? {
                return Ok(Some(lock));
            }
        }
    }

    /// Is the locked file still the one of this name? Whoever held the lock before may have
    /// removed the file between our opening and our locking it.
    fn is_at(&self, path: &Path) -> io::Result<bool> {
        let held = self.0.metadata()?;
        match fs::metadata(path) {
            Ok(named) => Ok((named.dev(), named.ino()) == (held.dev(), held.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The locked file itself.
    pub const fn file(&self) -> &File {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbolic_link_in_the_place_of_an_own_file_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (folder.path().join("lock"), folder.path().join("profile"));
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert!(Lock::take(&path, Turn::Now).is_err());
        assert!(own_file().append(true).open(&path).is_err());
        assert!(!elsewhere.exists());
    }

    #[test]
    fn a_lock_on_a_file_that_was_removed_meanwhile_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        for _ in 0..50 {
            let first = Lock::take(&path, Turn::Wait).unwrap().unwrap();
            std::thread::scope(|scope| {
                let waiting = scope.spawn(|| Lock::take(&path, Turn::Wait).unwrap().unwrap());
                std::thread::yield_now();
                fs::remove_file(&path).unwrap();
                drop(first);
                let second = waiting.join().unwrap();
                assert!(second.is_at(&path).unwrap());
                assert!(Lock::take(&path, Turn::Now).unwrap().is_none());
            });
        }
    }
}
