//! The log of the hook, `rustassistant/hook.log` in the common git directory. It has a size limit, and
//! is locked during a run, so that others can tell whether one is in progress.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use crate::git::{OwnFolder, Repo};

/// File name in our folder.
const NAME: &str = "hook.log";

/// The first line of a run in the log, after the time.
const BEGIN: &str = "pushing to ";

/// Size limit in bytes; a larger log is truncated.
const MOST: u64 = 256 << 10;

/// How much of the end to keep then.
const KEPT: u64 = 64 << 10;

/// The log of a repository, shared by all its work trees.
#[derive(Clone, Debug)]
pub struct Log(OwnFolder);

impl Log {
    /// The log of `repo`, if it has one.
    pub fn of(repo: &Repo) -> Option<Self> {
        repo.own_folder().ok().map(Self)
    }

    /// Same as [`Log::of`], for writing: creates the directory if needed.
    ///
    /// # Errors
    /// If the directory cannot be created.
    pub fn make(repo: &Repo) -> io::Result<Self> {
        repo.make_own_folder().map(Self)
    }

    pub fn path(&self) -> PathBuf {
        self.0.path().join(NAME)
    }

    /// Opens the log for appending.
    ///
    /// # Errors
    /// If it cannot be created or opened.
    pub fn open(&self) -> io::Result<File> {
        self.0.file_to_append(NAME)
    }

    /// Marks a run as in progress until the returned value is dropped. Truncates the log if no other run
    /// is in progress.
    ///
    /// # Errors
    /// If the log cannot be opened, locked or truncated.
    pub fn hold(&self) -> io::Result<File> {
        let mut file = self.open()?;
        match file.try_lock() {
            Ok(()) => cut(&mut file)?,
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        file.lock_shared()?;
        Ok(file)
    }

    /// Is a run of the hook in progress?
    pub fn is_held(&self) -> bool {
        let file = self.0.file(NAME);
        file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Is a run in progress that began at or before this time, in seconds?
    pub fn is_held_since(&self, seconds: i64) -> bool {
        let since = |line: &String| line.split(' ').next()?.parse::<jiff::Timestamp>().ok();
        let last = self.last().first().and_then(since);
        self.is_held() && last.is_some_and(|began| began.as_second() <= seconds)
    }

    /// The first line of a run to `remote`.
    pub fn beginning(remote: &str) -> String {
        format!("{BEGIN}{remote}")
    }

    /// The lines of the last run; empty if there is none.
    pub fn last(&self) -> Vec<String> {
        let mut text = Vec::new();
        if let Ok(mut file) = self.0.file(NAME) {
            let end = file.seek(SeekFrom::End(0)).unwrap_or(0);
            let _ = file.seek(SeekFrom::Start(end.saturating_sub(KEPT)));
            let _ = file.take(KEPT).read_to_end(&mut text);
        }
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let begins = |line: &&str| {
            let said = line.split_once(' ');
            said.is_some_and(|(_, said)| said.starts_with(BEGIN))
        };
        let from = lines.iter().rposition(begins);
        let last = lines.get(from.unwrap_or(lines.len())..).unwrap_or_default();
        last.iter().map(|&line| line.to_owned()).collect()
    }
}

fn cut(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    if length <= MOST {
        return Ok(());
    }
    let mut end = Vec::new();
    file.seek(SeekFrom::Start(length - KEPT))?;
    file.read_to_end(&mut end)?;
    let whole = memchr::memchr(b'\n', &end).map_or(0, |at| at + 1);
    file.set_len(0)?;
    file.write_all(end.get(whole..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(folder: &std::path::Path) -> Log {
        Log(OwnFolder::make(folder, "rustassistant").unwrap())
    }

    #[test]
    fn a_run_is_under_way_while_it_holds_the_log_and_several_may() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path());
        assert!(!log.is_held() && log.last().is_empty());
        let (one, other) = (log.hold().unwrap(), log.hold().unwrap());
        assert!(log.is_held());
        drop(one);
        assert!(log.is_held());
        drop(other);
        // A child that another test starts has all that is open here until it becomes a program.
        let mut looks = (0..400).map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(5));
            log.is_held()
        });
        assert!(looks.any(|is_held| !is_held));
    }

    #[test]
    fn the_last_run_is_told_and_a_long_log_is_cut_at_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path());
        let mut file = log.open().unwrap();
        writeln!(file, "2026 {}", Log::beginning("origin")).unwrap();
        writeln!(file, "2026 analyzed 3").unwrap();
        writeln!(file, "2027 {}", Log::beginning("fork")).unwrap();
        writeln!(file, "warning: slow").unwrap();
        assert_eq!(log.last(), ["2027 pushing to fork", "warning: slow"]);
        let noise = "x".repeat(99);
        for _ in 0..MOST / 100 + 1 {
            writeln!(file, "{noise}").unwrap();
        }
        drop(log.hold().unwrap());
        let text = std::fs::read_to_string(log.path()).unwrap();
        assert!(text.len() as u64 <= KEPT && text.len() as u64 > KEPT - 200);
        assert!(text.lines().all(|line| line == noise));
    }
}
