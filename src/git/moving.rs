//! A mark that a ref, or the configuration, is about to be written, for whoever comes after a
//! process that was killed while it did: git's lock file then lies there still, and nobody else
//! would ever remove it. Never of refs that are not this program's own. Not git's lock file itself.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::lock::{Lock, Turn};
use super::own_refs::OURS;
use super::repo::Repo;

/// Git holds the lock of a ref for milliseconds. Where one of our processes is known to have died,
/// a lock that nobody touches for so long is that one's.
const STILL: Duration = Duration::from_secs(2);

/// A lock file older than this was left by a process that died, whoever it was.
const STALE: Duration = Duration::from_secs(600);

/// How often a lock is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// Locks that were removed here because their holders had died, and that nobody was told of yet.
static HEALED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The locks of git's that this process removed on its way, since this was asked last: whoever looks
/// at the repository later must not wonder where they went.
pub fn healed() -> Vec<PathBuf> {
    std::mem::take(&mut HEALED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Removes a lock that a process which died has left, and remembers it.
fn heal(lock: &Path) {
    if fs::remove_file(lock).is_ok() {
        let mut healed = HEALED.lock().unwrap_or_else(PoisonError::into_inner);
        healed.push(lock.to_owned());
    }
}

/// While it lives, and after it if its process is killed, a ref is being moved.
#[derive(Debug)]
pub struct Moving {
    /// The mark, locked. `None` if another process moves the same ref, or nothing can be written.
    mark: Option<(Lock, PathBuf)>,
}

impl Repo {
    /// Says that the ref `name` is about to be moved, and removes the lock of one that died over
    /// that.
    pub(super) fn moving(&self, name: &str) -> Moving {
        if !Path::new(name).starts_with(OURS) {
            return Moving { mark: None };
        }
        remove_if_stale(&self.lock_of(name));
        self.marked(name)
    }

    /// Says that the repository's configuration is about to be written, and removes the lock of one
    /// that is known to have died over that.
    pub(super) fn writing_config(&self) -> Moving {
        // Without the folder there is no mark, and a lock that stays is git's own affair.
        let _ = self.make_own_dir();
        self.marked("config")
    }

    /// Git's lock of a file in the common folder.
    fn lock_of(&self, name: &str) -> PathBuf {
        self.common_dir().join(format!("{name}.lock"))
    }

    fn marked(&self, name: &str) -> Moving {
        let place = self
            .own_dir()
            .join(format!("moving-{}", name.replace('/', "-")));
        let mark = Lock::take(&place, Turn::Now).ok().flatten();
        let died = mark.is_some() && fs::read(&place).is_ok_and(|held| held == name.as_bytes());
        if died {
            when_still(&self.lock_of(name), heal);
        }
        let mark = mark.filter(|mark| {
            let mut file = mark.file();
            let written = file
                .set_len(0)
                .and_then(|()| file.write_all(name.as_bytes()));
            written.is_ok()
        });
        Moving {
            mark: mark.map(|mark| (mark, place)),
        }
    }
}

impl Moving {
    /// For the standard output of a git that writes none: it then holds the mark, too, and whoever
    /// gets hold of the mark knows that this git has ended.
    pub fn held_by_child(&self) -> Option<Stdio> {
        let (lock, _) = self.mark.as_ref()?;
        Some(Stdio::from(lock.file().try_clone().ok()?))
    }

    /// Git has ended. If it did so by itself, well or not, it has unlocked what it locked.
    pub fn ended(self, status: ExitStatus) {
        if let Some((_lock, place)) = self.mark
            && status.code().is_some()
        {
            // One that stays only has others look for a lock.
            let _ = fs::remove_file(place);
        }
    }
}

/// Which file it is and when it was written: another one is the work of somebody alive.
fn identity(lock: &Path) -> Option<(u64, i64, i64)> {
    let lock = fs::metadata(lock).ok()?;
    Some((lock.ino(), lock.mtime(), lock.mtime_nsec()))
}

/// Removes a lock file of git's, unless it changes or goes while it is watched for a moment.
pub fn remove_if_still(lock: &Path) {
    when_still(lock, |lock| {
        let _ = fs::remove_file(lock);
    });
}

fn when_still(lock: &Path, remove: impl Fn(&Path)) {
    let since = Instant::now();
    let first = identity(lock);
    while first.is_some() && identity(lock) == first {
        if since.elapsed() > STILL {
            remove(lock);
            return;
        }
        std::thread::sleep(GLANCE);
    }
}

fn remove_if_stale(lock: &Path) {
    let written = fs::metadata(lock).and_then(|lock| lock.modified());
    let age = written.ok().and_then(|time| time.elapsed().ok());
    if age.is_some_and(|age| age > STALE) {
        // A clock that has jumped makes a lock look old whose holder is alive.
        when_still(lock, heal);
    }
}
