//! Families of local files that are derived and disposable: each written whole or not at all, and
//! only so many kept. Not what is in them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::git::share;

/// Nobody writes a file for this long.
const LONG_DEAD: Duration = Duration::from_secs(3600);

const UNFINISHED: &str = "new-";

/// A family of files in one folder, told by how their names begin.
#[derive(Clone, Copy, Debug)]
pub struct Shelf {
    pub prefix: &'static str,
    /// How many are kept: those written last.
    pub most: usize,
}

impl Shelf {
    /// The file of this name.
    pub fn path(&self, folder: &Path, name: &str) -> PathBuf {
        folder.join(format!("{}{name}", self.prefix))
    }

    /// Writes a file at once, and removes those that are too many. The folder is not made: who
    /// only reads leaves no traces in a repository that knows nothing of us.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path, parts: &[&[u8]]) -> Result<()> {
        let what = || format!("cannot write {}", path.display());
        let folder = path.parent().unwrap_or(Path::new("."));
        self.tidy(folder);
        let new = tempfile::Builder::new()
            .prefix(&format!("{UNFINISHED}{}", self.prefix))
            .tempfile_in(folder);
        let mut new = new.with_context(what)?;
        for part in parts {
            new.write_all(part).with_context(what)?;
        }
        share(new.as_file(), path);
        new.persist(path).with_context(what)?;
        Ok(())
    }

    /// Removes the files written longest ago, and what a process left that died over one.
    fn tidy(&self, folder: &Path) {
        let mut files = aged(folder, self.prefix);
        files.sort();
        let old = files.into_iter().skip(self.most.saturating_sub(1));
        let unfinished = aged(folder, &format!("{UNFINISHED}{}", self.prefix));
        let left = unfinished.into_iter().filter(|(age, _)| *age > LONG_DEAD);
        for (_, path) in old.chain(left) {
            // One that cannot be removed only costs room.
            let _ = fs::remove_file(path);
        }
    }
}

/// The files of a folder whose names begin with `prefix`, and how long ago each was written.
fn aged(folder: &Path, prefix: &str) -> Vec<(Duration, PathBuf)> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let age = |file: &fs::DirEntry| {
        let written = file.metadata().ok()?.modified().ok()?;
        Some(written.elapsed().unwrap_or_default())
    };
    files
        .filter(|file| {
            file.file_name()
                .as_encoded_bytes()
                .starts_with(prefix.as_bytes())
        })
        .filter_map(|file| Some((age(&file)?, file.path())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_files_of_a_family_are_kept_and_no_other_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf {
            prefix: "memo-",
            most: 3,
        };
        fs::write(folder.path().join("journal"), "kept").unwrap();
        for number in 0..9 {
            let path = shelf.path(folder.path(), &number.to_string());
            shelf.write(&path, &[b"a", b"b"]).unwrap();
            assert_eq!(fs::read(path).unwrap(), b"ab");
        }
        assert_eq!(aged(folder.path(), "memo-").len(), 3);
        assert!(folder.path().join("journal").exists());
    }

    #[test]
    fn a_folder_that_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf {
            prefix: "memo-",
            most: 3,
        };
        let absent = folder.path().join("absent");
        assert!(shelf.write(&shelf.path(&absent, "1"), &[b"a"]).is_err());
        assert!(!absent.exists());
    }
}
