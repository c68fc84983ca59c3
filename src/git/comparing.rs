//! What one place holds differently from another. The user's index is never written. Not here: the
//! ids of what git has not stored yet.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::bounds::Bounds;
use super::files::{self, Links};
use super::listing::{Listed, changed};
use super::pathspec::Pathspecs;
use super::repo::Repo;
use super::scratch::Scratch;
use crate::model::Oid;

/// What a commit is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Now {
    WorkTree,
    Index,
}

/// Which of two compared sides is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    Base,
    Now,
}

impl Repo {
    /// What the work tree or the index holds differently from `base`; or of `base`, what they hold
    /// differently.
    ///
    /// # Errors
    /// If git cannot compare them.
    pub fn changed_files(
        &self,
        base: Oid,
        now: Now,
        listing: Listing,
        specs: &Pathspecs,
    ) -> Result<Vec<Listed>> {
        // Unlike diff-index, diff does not take a file for changed that was only touched; but it
        // writes what it found into the index, which must not be the user's.
        let scratch = Scratch::new(self.own_folder())?;
        let index = self.copy_of_index(&scratch)?;
        let diff = || {
            self.git_on_files("diff")
                .within(Bounds::COMPARING)
                .env("GIT_INDEX_FILE", &index)
                .args([
                    "-z",
                    "--raw",
                    "--no-renames",
                    "--no-abbrev",
                    "--no-relative",
                    "--no-ext-diff",
                    "-O/dev/null",
                    "--ignore-submodules=all",
                ])
                .args((now == Now::Index).then_some("--cached"))
                .args((listing == Listing::Base).then_some("-R"))
                .args([&base.to_string(), "--"])
                .args(self.or_here(specs))
        };
        let output = self
            .with_promised(diff)
            .with_context(|| format!("cannot compare with {}", base.short()))?;
        changed(&output)
    }

    /// A copy of the index in `scratch`; where there is no index, the name of none.
    fn copy_of_index(&self, scratch: &Scratch) -> Result<PathBuf> {
        let what = || "cannot find the index";
        let asked = self.git("rev-parse").args(["--git-path", "index"]).output();
        let asked = asked.with_context(what)?;
        let name = asked.strip_suffix(b"\n").unwrap_or(&asked);
        let index = self.start().join(OsStr::from_bytes(name));
        let copy = scratch.path().join("index");
        match copy_as_old(&index, &copy) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot copy {}", index.display()))
            }
            _ => Ok(copy),
        }
    }

    /// What `tree` holds differently from `base`, by git's own pathspec rules.
    ///
    /// # Errors
    /// If git cannot compare them.
    pub fn changed_between(&self, base: Oid, tree: Oid, specs: &Pathspecs) -> Result<Vec<Listed>> {
        let diff = || {
            self.git("diff-tree")
                .within(Bounds::COMPARING)
                .args(["-r", "-z", "--raw", "--no-renames", "--no-abbrev"])
                .args([&base.to_string(), &tree.to_string(), "--"])
                .args(self.or_here(specs))
        };
        let output = self
            .with_promised(diff)
            .context("cannot compare two trees")?;
        changed(&output)
    }
}

/// Copies a file with its date: a file of the work tree that is not older than the index may have
/// been edited since, and git looks into it. With a younger index it would not.
#[expect(
    clippy::disallowed_methods,
    reason = "the copy lies in a scratch folder of this process"
)]
fn copy_as_old(index: &Path, copy: &Path) -> io::Result<()> {
    let mut index = files::open(index, Links::Followed)?;
    // Not with its permissions: one that nobody may write to is compared all the same.
    let mut copy = File::create(copy)?;
    io::copy(&mut index, &mut copy)?;
    copy.set_modified(index.metadata()?.modified()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;

    fn listing(files: &[Listed]) -> Vec<(String, bool)> {
        let line = |file: &Listed| (file.path.to_string(), file.oid.is_some());
        files.iter().map(line).collect()
    }

    #[test]
    fn of_two_sides_that_differ_either_is_listed() {
        let test = TestRepo::new();
        for name in ["edited.rs", "gone.rs", "same.rs"] {
            test.write(name, "fn a() {}\n");
        }
        test.commit("three");
        test.write("edited.rs", "fn b() {}\n");
        std::fs::remove_file(test.path.join("gone.rs")).unwrap();
        test.write("new.rs", "fn c() {}\n");
        test.git(&["-N", "new.rs"], "add");
        let repo = test.open();
        let base = repo.commit_named("HEAD").unwrap().unwrap();
        let here = Pathspecs::default();
        let of = |side| {
            repo.changed_files(base, Now::WorkTree, side, &here)
                .unwrap()
        };
        assert_eq!(
            listing(&of(Listing::Now)),
            [("edited.rs".into(), false), ("new.rs".into(), false)]
        );
        assert_eq!(
            listing(&of(Listing::Base)),
            [("edited.rs".into(), true), ("gone.rs".into(), true)]
        );
    }

    #[test]
    fn an_edit_right_after_git_add_is_seen_though_it_changes_no_length() {
        let test = TestRepo::new();
        let file = test.write("a.rs", "one\n");
        test.commit("base");
        let added = file.metadata().unwrap().modified().unwrap();
        test.write("a.rs", "two\n");
        for file in [file, test.path.join(".git/index")] {
            let file = File::options().write(true).open(file).unwrap();
            file.set_modified(added).unwrap();
        }
        let repo = test.open();
        let base = repo.commit_named("HEAD").unwrap().unwrap();
        let here = Pathspecs::default();
        let files = repo.changed_files(base, Now::WorkTree, Listing::Now, &here);
        assert_eq!(files.unwrap().len(), 1);
    }

    #[test]
    fn comparing_leaves_the_index_as_it_is_even_for_a_file_that_was_only_touched() {
        let test = TestRepo::new();
        let file = test.write("a.rs", "a\n");
        test.commit("base");
        let file = std::fs::File::options().write(true).open(file).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
        let index = || std::fs::read(test.path.join(".git/index")).unwrap();
        let before = index();
        let repo = test.open();
        let base = repo.commit_named("HEAD").unwrap().unwrap();
        let here = Pathspecs::default();
        let files = repo.changed_files(base, Now::WorkTree, Listing::Now, &here);
        assert_eq!(files.unwrap(), []);
        assert_eq!(index(), before);
    }
}
