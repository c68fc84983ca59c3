//! A mark that a ref, or the configuration, is about to be written, for whoever comes after a
//! process that was killed while it did: git's lock file then lies there still, and nobody else
//! would ever remove it. Never of refs that are not this program's own. Not git's lock file itself.

use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use super::files;
use super::foreign::Foreign;
use super::hand::Hand;
use super::lock::{Lock, Turn};
use super::own_folder::OwnFolder;
use super::own_refs::OURS;
use super::repo::Repo;
use crate::model::{Hinted, ResultExt};

/// Git holds the lock of a ref for milliseconds. Where one of our processes is known to have died,
/// a lock that nobody touches for so long is that one's.
const STILL: Duration = Duration::from_secs(2);

/// A lock file older than this was left by a process that died, whoever it was.
const STALE: Duration = Duration::from_secs(600);

/// A ref's own file has no more, in bytes.
const MOST_REF: u64 = 4096;

/// A fetch of the user's is waited for so long: a push of theirs may wait for us.
const POLITE: Duration = Duration::from_secs(3);

/// A fetch that began earlier has brought nothing, or was killed.
const ABANDONED: Duration = Duration::from_secs(60);

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
fn heal(folder: &OwnFolder, lock: &str) {
    if folder.remove(lock).is_ok() {
        let mut healed = HEALED.lock().unwrap_or_else(PoisonError::into_inner);
        healed.push(folder.path().join(lock));
    }
}

/// While it lives, and after it if its process is killed, a ref is being moved.
#[derive(Debug)]
pub struct Moving {
    /// The mark, locked. `None` if another process moves the same ref, or nothing can be written.
    mark: Option<(Lock, OwnFolder, String)>,
}

impl Repo {
    /// Says that the ref `name` is about to be moved, and removes the lock of one that died over
    /// that.
    ///
    /// # Errors
    /// With a hint, if git would follow a link on its way to a ref of ours, or to its reflog, or if
    /// that is more than a file of its own.
    pub(super) fn moving(&self, name: &str) -> Result<Moving> {
        if !Path::new(name).starts_with(OURS) {
            return Ok(Moving { mark: None });
        }
        if let Some((folder, lock)) = unless_foreign(name, self.way(&lock_of(name)))? {
            remove_if_stale(&folder, &lock);
        }
        unless_foreign(name, self.may_log(name))?;
        Ok(self.marked(name))
    }

    /// Waits for a `git fetch` of the user's that is under way: it has looked where our mirrors are and
    /// fails as a whole if one has moved when it ends. While it fetches, its `FETCH_HEAD` is empty.
    fn after_fetches(&self) {
        let place = self.hand.git_dir().join("FETCH_HEAD");
        let since = Instant::now();
        let is_under_way = || {
            let there = place.symlink_metadata().ok()?;
            let age = there.modified().ok()?.elapsed().ok()?;
            Some(there.is_file() && there.len() == 0 && age < ABANDONED)
        };
        while is_under_way() == Some(true) && since.elapsed() < POLITE {
            std::thread::sleep(GLANCE);
        }
    }

    /// The same, for a git that follows a symbolic ref and would move what it leads to: fetch and push.
    ///
    /// # Errors
    /// As [`Repo::moving`], and with a hint if the ref is symbolic.
    pub(super) fn moving_over_network(&self, name: &str) -> Result<Moving> {
        if Path::new(name).starts_with(OURS) && self.is_symbolic(name) {
            let why = anyhow!("{name} is a symbolic ref, so updating it would move its target");
            let hint = format!(
                "this program did not create it; check it, then: git symbolic-ref --delete {name}"
            );
            return Err(Hinted::attach(why, hint));
        }
        self.after_fetches();
        self.moving(name)
    }

    fn is_symbolic(&self, name: &str) -> bool {
        let text = self
            .way(name)
            .and_then(|(folder, file)| folder.read(&file, MOST_REF));
        if let Ok(text) = text {
            return text.starts_with(b"ref:");
        }
        // A ref that lies in a table.
        let asks = matches!(self.hand, Hand::Git(_));
        asks && self.git("symbolic-ref").args(["-q", name]).output().is_ok()
    }

    /// Git appends to the reflog in place: what is written there must be written nowhere else.
    fn may_log(&self, name: &str) -> io::Result<()> {
        let (folder, log) = self.way(&format!("logs/{name}"))?;
        folder.may_be_appended_to(&log)
    }

    /// Says that the repository's configuration is about to be written, and removes the lock of one
    /// that is known to have died over that.
    pub(super) fn writing_config(&self) -> Moving {
        // Without the folder there is no mark, and a lock that stays is git's own affair.
        let _ = self.make_own_folder();
        self.marked("config")
    }

    fn marked(&self, name: &str) -> Moving {
        let nothing = Moving { mark: None };
        let place = format!("moving-{}", name.replace('/', "-"));
        let Ok(own) = self.own_folder() else {
            return nothing;
        };
        let Ok(Some(mark)) = Lock::take(&own, &place, Turn::Now) else {
            return nothing;
        };
        let held = files::whole(mark.file(), name.len() as u64);
        if held.is_ok_and(|held| held == name.as_bytes())
            && let Ok((folder, lock)) = self.way(&lock_of(name))
        {
            when_still(&folder, &lock, heal);
        }
        let write = |mut file: &std::fs::File| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(name.as_bytes())
        };
        match write(mark.file()) {
            Ok(()) => Moving {
                mark: Some((mark, own, place)),
            },
            Err(_) => nothing,
        }
    }

    /// The folder in which a file of git's lies, named from the common folder, and its name there.
    /// No link is followed on the way.
    ///
    /// # Errors
    /// If there is no such folder, or something else is in the way.
    pub(super) fn way(&self, name: &str) -> io::Result<(OwnFolder, String)> {
        let mut folder = OwnFolder::around(self.common_dir())?;
        let (way, last) = name.rsplit_once('/').unwrap_or(("", name));
        for step in way.split('/').filter(|step| !step.is_empty()) {
            folder = folder.folder(step)?;
        }
        Ok((folder, last.to_owned()))
    }
}

/// What came of a look on the way to the ref `name`. Only what is in the way is an error: git says
/// itself what else is wrong.
fn unless_foreign<T>(name: &str, looked: io::Result<T>) -> Result<Option<T>> {
    let hint = match &looked {
        Err(error) => Foreign::of(error).map(Foreign::hint),
        Ok(_) => None,
    };
    match hint {
        Some(hint) => looked
            .map(Some)
            .with_context(|| format!("cannot move ref {name}"))
            .hint(hint),
        None => Ok(looked.ok()),
    }
}

/// Git's lock of a file.
fn lock_of(name: &str) -> String {
    format!("{name}.lock")
}

impl Moving {
    /// For the standard output of a git that writes none: it then holds the mark, too, and whoever
    /// gets hold of the mark knows that this git has ended.
    pub fn held_by_child(&self) -> Option<Stdio> {
        let (lock, ..) = self.mark.as_ref()?;
        Some(Stdio::from(lock.file().try_clone().ok()?))
    }

    /// Git has ended. If it did so by itself, well or not, it has unlocked what it locked.
    pub fn ended(self, status: ExitStatus) {
        if let Some((_lock, folder, place)) = self.mark
            && status.code().is_some()
        {
            // One that stays only has others look for a lock.
            let _ = folder.remove(&place);
        }
    }
}

/// Removes a lock file of git's, unless it changes or goes while it is watched for a moment.
pub fn remove_if_still(lock: &Path) {
    let (Some(around), Some(name)) = (lock.parent(), lock.file_name()) else {
        return;
    };
    if let (Ok(folder), Some(name)) = (OwnFolder::around(around), name.to_str()) {
        when_still(&folder, name, |folder, name| drop(folder.remove(name)));
    }
}

fn when_still(folder: &OwnFolder, lock: &str, remove: impl Fn(&OwnFolder, &str)) {
    let since = Instant::now();
    // Another one, or one written anew, is the work of somebody alive.
    let first = folder.identity(lock);
    while first.is_some() && folder.identity(lock) == first {
        if since.elapsed() > STILL {
            remove(folder, lock);
            return;
        }
        std::thread::sleep(GLANCE);
    }
}

fn remove_if_stale(folder: &OwnFolder, lock: &str) {
    if folder.age(lock).is_some_and(|age| age > STALE) {
        // A clock that has jumped makes a lock look old whose holder is alive.
        when_still(folder, lock, heal);
    }
}
