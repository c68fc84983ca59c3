//! How files are opened that are not ours: of the user, of git, of the work tree. Only regular ones,
//! only so much of each, and never waiting for whoever would fill a pipe. Not which they are.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// Whether a link in the place of a file is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// The file is the user's or git's own, and may lie where they like.
    Followed,
    /// The file is one of the work tree: a link could lead out of it.
    Refused,
}

/// Opens a regular file to be read.
///
/// # Errors
/// If it is not there, is something else, or cannot be read.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that opens files to read them"
)]
pub fn open(path: &Path, links: Links) -> io::Result<File> {
    let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    if links == Links::Refused {
        flags |= OFlags::NOFOLLOW;
    }
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags.bits().cast_signed());
    regular(options.open(path)?)
}

/// Opens a regular file of a work tree, without following any link on the way from its root. `path`
/// has no part that goes up.
///
/// # Errors
/// As [`open`].
pub fn open_below(root: &Path, path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut folder = rustix::fs::open(root, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    for step in path.parent().into_iter().flat_map(Path::iter) {
        folder = rustix::fs::openat(&folder, step, flags | OFlags::DIRECTORY, Mode::empty())?;
    }
    let name = path.file_name().unwrap_or_default();
    let file = rustix::fs::openat(&folder, name, flags | OFlags::NONBLOCK, Mode::empty())?;
    regular(File::from(file))
}

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        ))
    }
}

/// What a regular file holds, if that is no more than `most` bytes.
///
/// # Errors
/// As [`open`]; if it is longer.
pub fn read(path: &Path, links: Links, most: u64) -> io::Result<Vec<u8>> {
    whole(open(path, links)?, most)
}

/// All that is left to be read, if that is no more than `most` bytes.
///
/// # Errors
/// If it is longer, or cannot be read.
pub fn whole(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is larger than {most} bytes"),
        ))
    } else {
        Ok(bytes)
    }
}

/// Would whoever reads this to its end wait for somebody, or for ever? `/dev/null` ends at once.
pub fn is_endless(file: &Metadata) -> bool {
    let kind = file.file_type();
    let is_null = || {
        Path::new("/dev/null")
            .metadata()
            .is_ok_and(|null| null.rdev() == file.rdev())
    };
    kind.is_fifo() || kind.is_block_device() || (kind.is_char_device() && !is_null())
}
