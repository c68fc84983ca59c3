//! Families of local files that are derived and disposable: each written whole or not at all, and
//! only so many kept. Not what is in them.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::git::OwnFolder;

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
