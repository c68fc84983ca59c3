//! What lies in the place of a file or folder of ours and is left alone: an archive may have brought
//! it. Not the looking.

use std::io;
use std::path::PathBuf;

pub const LINK: &str = "is a symbolic link, which is not followed";
pub const NO_FOLDER: &str = "is not a directory";
pub const NO_FILE: &str = "is not a regular file";
pub const SEVERAL: &str = "has other names (a hard link)";
pub const OTHERS: &str = "belongs to another user";

/// Something that this program did not make.
#[derive(Debug, thiserror::Error)]
#[error("{} {what}", place.display())]
pub struct Foreign {
    place: PathBuf,
    what: &'static str,
}

impl Foreign {
    pub(super) fn error(place: PathBuf, what: &'static str) -> io::Error {
        io::Error::other(Self { place, what })
    }

    /// Did `error` come of this?
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// What the user can do about it.
    pub fn hint(&self) -> String {
        let place = self.place.display();
        match self.what {
            OTHERS => {
                format!("if you trust its owner: chown -R \"$(id -u)\" '{place}'")
            }
            _ => format!("this program did not create it; check it, then: rm '{place}'"),
        }
    }
}
