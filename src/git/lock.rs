//! Locks between processes: on open files, so that the kernel drops them with their holder.
//! Not git's own `.lock` files.

use std::fs::{File, TryLockError};
use std::io;

use super::own_folder::OwnFolder;

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

impl Lock {
    /// Locks the file `name` of `folder`, which is made if need be. `None` if somebody else holds it
    /// and waiting was not wanted.
    ///
    /// # Errors
    /// If the file cannot be opened or made.
    pub fn take(folder: &OwnFolder, name: &str, turn: Turn) -> io::Result<Option<Self>> {
        loop {
            let file = folder.file_to_write(name)?;
            match turn {
                Turn::Wait => file.lock()?,
                Turn::Now => match file.try_lock() {
                    Ok(()) => {}
                    Err(TryLockError::WouldBlock) => return Ok(None),
                    Err(TryLockError::Error(error)) => return Err(error),
                },
            }
            // Whoever held the lock before may have removed the file between our opening and our
            // locking it.
            if folder.is_named(&file, name)? {
                return Ok(Some(Self(file)));
            }
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
        let own = OwnFolder::around(folder.path()).unwrap();
        assert!(Lock::take(&own, "lock", Turn::Now).is_err());
        assert!(own.file_to_append("lock").is_err());
        assert!(!elsewhere.exists());
    }

    #[test]
    fn a_lock_on_a_file_that_was_removed_meanwhile_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        for _ in 0..50 {
            let first = Lock::take(&own, "lock", Turn::Wait).unwrap().unwrap();
            std::thread::scope(|scope| {
                let waiting =
                    scope.spawn(|| Lock::take(&own, "lock", Turn::Wait).unwrap().unwrap());
                std::thread::yield_now();
                own.remove("lock").unwrap();
                drop(first);
                let second = waiting.join().unwrap();
                assert!(own.is_named(second.file(), "lock").unwrap());
                assert!(Lock::take(&own, "lock", Turn::Now).unwrap().is_none());
            });
        }
    }
}
