//! Locks between processes: on open files, so that the kernel drops them with their holder.
//! Not git's own `.lock` files.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

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
    /// Locks the file at `path`, which is made if need be. `None` if somebody else holds it and
    /// waiting was not wanted.
    ///
    /// # Errors
    /// If the file cannot be opened or made.
    pub fn take(path: &Path, turn: Turn) -> io::Result<Option<Self>> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)?;
        match turn {
            Turn::Wait => file.lock()?,
            Turn::Now => match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            },
        }
        Ok(Some(Self(file)))
    }

    /// The locked file itself.
    pub const fn file(&self) -> &File {
        &self.0
    }
}
