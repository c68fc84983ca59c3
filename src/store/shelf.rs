//! Families of local files that are derived and disposable: each written whole or not at all, and
//! only so many kept. Not what is in them.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::git::OwnFolder;
use crate::model::ObjectFormat;

/// A line that is remembered is no longer, with its head, in bytes.
const MOST_LINE: u64 = 4096;

/// What is remembered of others who may change counts for so long, in seconds.
const MONTH: i64 = 30 * 24 * 60 * 60;

/// Nobody writes a file for this long.
const LONG_DEAD: Duration = Duration::from_secs(3600);

/// A family of files in one folder, told by their names: how they begin, and that all the rest is
/// a number in hexadecimal digits.
#[derive(Clone, Copy, Debug)]
pub struct Shelf {
    pub prefix: &'static str,
    /// How many are kept: those written last.
    pub most: usize,
}

impl Shelf {
    /// The file of this number.
    pub fn name(&self, number: &str) -> String {
        format!("{}{number}", self.prefix)
    }

    /// The file of this text, which is not in it.
    pub fn name_of(&self, key: &str) -> String {
        self.name(&ObjectFormat::Sha256.hash(&[key.as_bytes()]).short())
    }

    /// Remembers a line under `key`. A folder that cannot be written remembers nothing.
    pub fn remember(&self, folder: &OwnFolder, key: &str, line: &str) {
        let name = self.name_of(key);
        let text = format!("{}{line}\n", self.head(&name));
        let _ = self.write(folder, &name, &[text.as_bytes()]);
    }

    /// The line that was remembered under `key`. What cannot be read is nothing.
    pub fn recall(&self, folder: &OwnFolder, key: &str) -> Option<String> {
        let name = self.name_of(key);
        let text = folder.text(&name, MOST_LINE).ok()?;
        let line = text.strip_prefix(&self.head(&name))?;
        Some(line.trim_end().to_owned())
    }

    /// As [`Shelf::remember`], for a month from `now`, in seconds since 1970.
    pub fn remember_for_a_month(&self, folder: &OwnFolder, key: &str, line: &str, now: i64) {
        self.remember(folder, key, &format!("{now} {line}"));
    }

    /// What was remembered so, if that is no longer ago than a month.
    pub fn recall_of_a_month(&self, folder: &OwnFolder, key: &str, now: i64) -> Option<String> {
        let line = self.recall(folder, key)?;
        let (at, line) = line.split_once(' ')?;
        let is_recent = (now - MONTH..=now).contains(&at.parse().ok()?);
        is_recent.then(|| line.to_owned())
    }

    fn head(&self, name: &str) -> String {
        format!("rustassistant {}1\n{name}\n", self.prefix)
    }

    /// Writes a file at once, and removes those that are too many. The folder is not made: who
    /// only reads leaves no traces in a repository that knows nothing of us.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, folder: &OwnFolder, name: &str, parts: &[&[u8]]) -> Result<()> {
        self.tidy(folder);
        let written = folder.replace(name, &self.unfinished(), parts);
        written.with_context(|| format!("cannot write {}", folder.path().join(name).display()))
    }

    fn unfinished(&self) -> String {
        format!("new-{}", self.prefix)
    }

    /// Removes the files written longest ago, and what a process left that died over one.
    fn tidy(&self, folder: &OwnFolder) {
        let names = folder.names().unwrap_or_default();
        let aged = |name: &String| Some((folder.age(name)?, name.clone()));
        let mut files: Vec<_> = names
            .iter()
            .filter(|name| self.is_one(name))
            .filter_map(aged)
            .collect();
        files.sort();
        let old = files.into_iter().skip(self.most.saturating_sub(1));
        let unfinished = self.unfinished();
        let left = names
            .iter()
            .filter(|name| OwnFolder::is_unfinished(name, &unfinished))
            .filter_map(aged)
            .filter(|(age, _)| *age > LONG_DEAD);
        for (_, name) in old.chain(left) {
            // One that cannot be removed only costs room.
            let _ = folder.remove(&name);
        }
    }

    fn is_one(&self, name: &str) -> bool {
        let number = name.strip_prefix(self.prefix);
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn only_so_many_files_of_a_family_are_kept_and_no_other_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        let shelf = Shelf {
            prefix: "memo-",
            most: 3,
        };
        for name in ["journal", "memo-to-myself"] {
            fs::write(folder.path().join(name), "kept").unwrap();
        }
        for number in 0..9 {
            let name = shelf.name(&number.to_string());
            shelf.write(&own, &name, &[b"a", b"b"]).unwrap();
            assert_eq!(fs::read(folder.path().join(name)).unwrap(), b"ab");
        }
        let names = own.names().unwrap();
        assert_eq!(names.iter().filter(|name| shelf.is_one(name)).count(), 3);
        assert!(folder.path().join("journal").exists());
        assert!(folder.path().join("memo-to-myself").exists());
    }

    #[test]
    fn what_is_remembered_is_a_line_of_one_key_for_a_month() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        let shelf = Shelf {
            prefix: "memo-",
            most: 3,
        };
        shelf.remember(&own, "a", "1 2");
        assert_eq!(shelf.recall(&own, "a").as_deref(), Some("1 2"));
        assert_eq!(shelf.recall(&own, "b"), None);
        let at = 1_800_000_000;
        shelf.remember_for_a_month(&own, "a", "words", at);
        let known = |now| shelf.recall_of_a_month(&own, "a", now);
        assert_eq!(known(at + MONTH).as_deref(), Some("words"));
        assert_eq!(known(at + MONTH + 1), None);
        // A clock that went back.
        assert_eq!(known(at - 1), None);
        for text in ["", "noise", "rustassistant memo-1\n"] {
            fs::write(folder.path().join(shelf.name_of("a")), text).unwrap();
            assert_eq!(shelf.recall(&own, "a"), None, "{text}");
        }
    }

    #[test]
    fn in_a_folder_that_is_gone_nothing_is_written_and_it_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf {
            prefix: "memo-",
            most: 3,
        };
        let absent = folder.path().join("absent");
        fs::create_dir(&absent).unwrap();
        let own = OwnFolder::around(&absent).unwrap();
        fs::remove_dir(&absent).unwrap();
        assert!(shelf.write(&own, &shelf.name("1"), &[b"a"]).is_err());
        assert!(!absent.exists());
    }
}
