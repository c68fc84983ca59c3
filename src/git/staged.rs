//! One file at exactly one path: as the index has it, and as it lies in the work tree. Neither
//! follows a symbolic link, of whichever folder on the way. Not lists of files: those are
//! `worktree.rs`.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use rustix::io::Errno;

use super::files::open_below;
use super::hand::Hand;
use super::listing::{Mode, staged};
use super::repo::Repo;
use crate::model::{Oid, RepoPath};

impl Repo {
    /// The file that the index has at `path`, from the root; `None` if it has none there, or one
    /// that is in conflict. Starts nothing where libgit2 understands the index.
    ///
    /// # Errors
    /// If it is no regular file, or the index cannot be read.
    pub fn staged_file(&self, path: &RepoPath) -> Result<Option<Oid>> {
        let found = match self.staged_by_libgit2(path) {
            Some(found) => found,
            None => self.staged_by_git(path)?,
        };
        let Some((mode, oid)) = found else {
            return Ok(None);
        };
        ensure!(mode.is_file(), "{path} is not a regular file");
        Ok(Some(oid))
    }

    /// `None` if libgit2 cannot tell: it knows neither sparse indexes nor those in two parts.
    fn staged_by_libgit2(&self, path: &RepoPath) -> Option<Option<(Mode, Oid)>> {
        let Hand::Libgit2(repo) = &self.hand else {
            return None;
        };
        if is_elsewhere() {
            return None;
        }
        let index = repo.index().ok()?;
        let place = Path::new(OsStr::from_bytes(path.as_bytes()));
        let found = index.get_path(place, 0);
        // Where case is ignored, it finds others, too.
        let found = found.filter(|entry| entry.path == path.as_bytes());
        let entry = |entry: git2::IndexEntry| {
            let oid = Oid::from_raw(entry.id.as_bytes())?;
            Some((Mode(entry.mode), oid))
        };
        match found {
            Some(found) => entry(found).map(Some),
            None => Some(None),
        }
    }

    fn staged_by_git(&self, path: &RepoPath) -> Result<Option<(Mode, Oid)>> {
        let mut spec = b":(top,literal)".to_vec();
        spec.extend_from_slice(path.as_bytes());
        let git = self.git("ls-files").args(["-z", "--full-name", "-s", "--"]);
        let listed = git.arg(OsStr::from_bytes(&spec)).output();
        let listed = listed.context("cannot read the index")?;
        for line in staged(&listed) {
            let line = line?;
            // The name of a folder matches what is below it.
            if line.stage == 0 && line.path == *path {
                return Ok(Some((line.mode, line.oid)));
            }
        }
        Ok(None)
    }

    /// The first `limit` bytes of the regular file that lies at `path` in the work tree; `None` if
    /// nothing is there, or there is no work tree.
    ///
    /// # Errors
    /// If it is something else, lies behind a symbolic link, or cannot be read.
    pub fn work_file(&self, path: &RepoPath, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(root) = self.work_dir() else {
            return Ok(None);
        };
        let place = Path::new(OsStr::from_bytes(path.as_bytes()));
        match open_below(root, place) {
            Ok(file) => {
                let mut text = Vec::new();
                file.take(limit).read_to_end(&mut text)?;
                Ok(Some(text))
            }
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
                _ if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
                    Err(io::Error::other("it is not a regular file"))
                }
                _ => Err(error),
            },
        }
    }
}

/// `GIT_INDEX_FILE`, which git sets for hooks.
#[expect(
    clippy::disallowed_methods,
    reason = "one of git's own variables, which libgit2 does not read everywhere"
)]
fn is_elsewhere() -> bool {
    std::env::var_os("GIT_INDEX_FILE").is_some()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::git::testing::TestRepo;

    #[test]
    fn the_index_is_asked_for_one_path_and_nothing_near_it() {
        let test = TestRepo::new();
        test.write("ask.md", "staged\n");
        test.write("folder/ask.md", "below\n");
        symlink("ask.md", test.path.join("link.md")).unwrap();
        test.commit("base");
        test.write("ask.md", "edited\n");
        test.write("new.md", "new\n");
        test.config("core.ignoreCase", "true");
        let repo = test.open();
        let staged = Oid::of_blob(repo.format(), b"staged\n");
        for by_git in [false, true] {
            let of = |path: &str| {
                let path = RepoPath::from(path);
                if by_git {
                    repo.staged_by_git(&path).unwrap()
                } else {
                    repo.staged_by_libgit2(&path).unwrap()
                }
            };
            assert_eq!(of("ask.md"), Some((Mode::FILE, staged)));
            let link = of("link.md").map(|(mode, _)| mode.is_symlink());
            assert_eq!(link, Some(true));
            for none in ["ASK.md", "folder", "new.md", "*.md", ":/ask.md", "ask.m"] {
                assert_eq!(of(none), None, "{none}");
            }
        }
        let refused = repo.staged_file(&RepoPath::from("link.md")).unwrap_err();
        assert_eq!(refused.to_string(), "link.md is not a regular file");
    }

    #[test]
    fn no_way_to_a_file_of_the_work_tree_leads_over_a_link() {
        let test = TestRepo::new();
        test.write("real/a.md", "text\n");
        symlink("real", test.path.join("linked")).unwrap();
        symlink("real/a.md", test.path.join("link.md")).unwrap();
        let repo = test.open();
        let of = |path: &str| repo.work_file(&RepoPath::from(path), 3);
        assert_eq!(of("real/a.md").unwrap().unwrap(), b"tex");
        assert!(of("real/none.md").unwrap().is_none());
        assert!(of("link.md").is_err() && of("real").is_err());
        // A folder that is a link is none.
        assert!(!matches!(of("linked/a.md"), Ok(Some(_))));
    }
}
