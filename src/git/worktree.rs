//! The files of the index, the work tree and trees, as git lists them. The user's index is never
//! written. Not here: the ids of what git has not stored yet.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::bounds::Bounds;
use super::listing::{Difference, Listed, Mode, Staged, differences, records, staged};
use super::pathspec::Pathspecs;
use super::repo::Repo;
use crate::model::{Oid, RepoPath, ResultExt};

/// Where a pathspec has to match something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    Tracked,
    /// Also what git neither tracks nor ignores.
    TrackedAndNew,
}

const PATHSPECS: &str =
    "pathspecs are relative to the current folder; ':/' means the whole repository";

impl Repo {
    /// The files of the index that `pathspecs` mean.
    ///
    /// # Errors
    /// If git does not understand a pathspec, or cannot read the index.
    pub fn staged_files(&self, pathspecs: &Pathspecs) -> Result<Vec<Listed>> {
        let output = self.ls_files(pathspecs)?;
        let mut files: Vec<Listed> = Vec::new();
        for line in staged(&output) {
            let line = line?;
            // In a conflict, "ours" stands for the file, as it does for git's attributes.
            let seen = files.last().is_some_and(|last| last.path == line.path);
            if line.stage < 3 && !(seen && line.stage < 2) {
                if seen {
                    files.pop();
                }
                files.push(listed(line));
            }
        }
        Ok(files)
    }

    /// The tracked files of the work tree that `pathspecs` mean, with the index's ids for those
    /// that are as the index says, and none for those that changed. Deleted files are left out.
    ///
    /// # Errors
    /// As [`Repo::staged_files`].
    pub fn work_files(&self, pathspecs: &Pathspecs) -> Result<Vec<Listed>> {
        // Two processes at once: one looks at every file, the other only reads the index.
        let differing = self
            .git_on_files("diff-files")
            .args([
                "-z",
                "--raw",
                "--no-renames",
                "--no-abbrev",
                "--ignore-submodules=all",
                "--",
            ])
            .args(self.or_here(pathspecs));
        let (differing, staged) = std::thread::scope(|scope| -> Result<_> {
            let beside = std::thread::Builder::new();
            let differing = beside.spawn_scoped(scope, || differing.output())?;
            let staged = self.staged_files(pathspecs);
            Ok((differing.join(), staged))
        })?;
        let mut files = staged?;
        let differing = differing.map_err(|_| anyhow::anyhow!("a thread has ended early"))?;
        let differing = differing.context("cannot compare the work tree with the index")?;
        let mut differing = differences(&differing)?;
        // A conflicted path is listed twice.
        differing.sort_by(|a, b| a.path.cmp(&b.path));
        let mut next = differing.into_iter().peekable();
        files.retain_mut(|file| {
            let mut stays = true;
            while let Some(difference) = next.next_if(|d| d.path <= file.path) {
                if difference.path == file.path {
                    file.oid = None;
                    stays &= difference.status != b'D';
                }
            }
            stays
        });
        Ok(files)
    }

    /// How the work tree differs from `base`, a tree: the file that is there instead, or none. A
    /// file without an id is not stored yet.
    ///
    /// # Errors
    /// If git cannot compare them.
    pub fn work_differences(
        &self,
        base: Oid,
        pathspecs: &Pathspecs,
    ) -> Result<BTreeMap<RepoPath, Option<Listed>>> {
        const RAW: [&str; 5] = [
            "-z",
            "--raw",
            "--no-renames",
            "--no-abbrev",
            "--ignore-submodules=all",
        ];
        let specs = self.or_here(pathspecs);
        // Two processes at once: one looks at every file, the other at what is staged.
        let unstaged = self
            .git_on_files("diff-files")
            .args(RAW)
            .arg("--")
            .args(&specs);
        let staged = || {
            self.git_on_files("diff-index")
                .within(Bounds::COMPARING)
                .args(RAW)
                .args(["--cached", &base.to_string(), "--"])
                .args(&specs)
        };
        let (unstaged, staged) = std::thread::scope(|scope| -> Result<_> {
            let beside = std::thread::Builder::new();
            let unstaged = beside.spawn_scoped(scope, || unstaged.output())?;
            let staged = self.with_promised(staged);
            Ok((unstaged.join(), staged))
        })?;
        let unstaged = unstaged.map_err(|_| anyhow::anyhow!("a thread has ended early"))?;
        let what = || "cannot compare the work tree with the last commit";
        let mut all = BTreeMap::new();
        for difference in differences(&staged.with_context(what)?)? {
            all.insert(difference.path.clone(), present(difference));
        }
        for difference in differences(&unstaged.with_context(what)?)? {
            let path = difference.path.clone();
            all.insert(
                path,
                present(difference).map(|file| Listed { oid: None, ..file }),
            );
        }
        Ok(all)
    }

    /// Files of the work tree that git neither tracks nor ignores.
    ///
    /// # Errors
    /// If git cannot list them.
    pub fn untracked_files(&self, pathspecs: &Pathspecs) -> Result<Vec<Listed>> {
        let output = self
            .git_on_files("ls-files")
            .args(["-z", "--full-name", "--others", "--exclude-standard", "--"])
            .args(&pathspecs.written)
            .output()
            .context("cannot list the untracked files")?;
        let file = |path: &[u8]| Listed {
            path: RepoPath::new(path),
            mode: Mode::FILE,
            oid: None,
        };
        // A nested repository is listed as a folder: it is not ours to look into.
        let files = records(&output).filter(|path| path.last() != Some(&b'/'));
        Ok(files.map(file).collect())
    }

    /// Is the work tree one that lacks files on purpose?
    pub(super) fn is_sparse(&self) -> bool {
        self.hand.git_dir().join("info/sparse-checkout").exists()
    }

    /// What the index has of a file that a sparse checkout leaves out of the work tree; `path` is
    /// from the root.
    ///
    /// # Errors
    /// If git cannot read the index.
    pub fn left_out(&self, path: &str) -> Result<Option<Oid>> {
        if !self.is_sparse() {
            return Ok(None);
        }
        let spec = format!(":(top,literal){path}");
        let git = self
            .git_on_files("ls-files")
            .args(["-z", "-t", "-s", "--", &spec]);
        let listed = git.output().context("cannot list the files")?;
        let Some(skipped) = listed.strip_prefix(b"S ") else {
            return Ok(None);
        };
        let line = staged(skipped).next().transpose()?;
        Ok(line.filter(|line| line.mode.is_file()).map(|line| line.oid))
    }

    /// Insists on a file for each of `pathspecs`. A question of its own: asked together with a
    /// list, git leaves out all but the first line of a file that is named exactly, and so "ours"
    /// in a conflict.
    ///
    /// # Errors
    /// With a hint, if one matches nothing.
    pub fn expect_matches(&self, pathspecs: &Pathspecs, among: Among) -> Result<()> {
        let others: &[&str] = match among {
            Among::Tracked => &[],
            Among::TrackedAndNew => &["--others", "--exclude-standard"],
        };
        let git = self
            .git_on_files("ls-files")
            .args(["-z", "--cached"])
            .args(others);
        let git = git.args(["--error-unmatch", "--"]).args(&pathspecs.written);
        let matched = git.output().map(drop).context("cannot list the files");
        matched.hint(PATHSPECS)
    }

    pub(super) fn ls_files(&self, pathspecs: &Pathspecs) -> Result<Vec<u8>> {
        let git = self
            .git_on_files("ls-files")
            .args(["-z", "--full-name", "-s"]);
        let git = git.arg("--").args(&pathspecs.written);
        let listed = git.output().context("cannot list the files");
        listed.hint(PATHSPECS)
    }

    /// The pathspecs, or the folder where the user stands if there are none: git's comparing
    /// commands would take the whole tree.
    pub(super) fn or_here(&self, specs: &Pathspecs) -> Vec<std::ffi::OsString> {
        match (specs.written.is_empty(), specs.folder.is_empty()) {
            (false, _) => specs.written.clone(),
            (true, true) => Vec::new(),
            (true, false) => vec![".".into()],
        }
    }
}

fn present(difference: Difference) -> Option<Listed> {
    (difference.status != b'D').then_some(Listed {
        path: difference.path,
        mode: difference.mode,
        oid: Some(difference.oid).filter(|oid| !oid.is_zero()),
    })
}

fn listed(line: Staged) -> Listed {
    Listed {
        path: line.path,
        mode: line.mode,
        oid: Some(line.oid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::process::Git;
    use crate::git::testing::TestRepo;

    fn listing(files: &[Listed]) -> Vec<(String, bool)> {
        files
            .iter()
            .map(|f| (f.path.to_string(), f.oid.is_some()))
            .collect()
    }

    #[test]
    fn the_work_tree_is_the_index_but_for_what_changed() {
        let test = TestRepo::new();
        for name in ["clean.rs", "dirty.rs", "gone.rs"] {
            test.write(name, "fn a() {}\n");
        }
        test.commit("three");
        test.write("dirty.rs", "fn b() {}\n");
        test.write("new.rs", "fn c() {}\n");
        std::fs::remove_file(test.path.join("gone.rs")).unwrap();
        let repo = test.open();
        let here = Pathspecs::default();
        let files = repo.work_files(&here).unwrap();
        assert_eq!(
            listing(&files),
            [("clean.rs".into(), true), ("dirty.rs".into(), false)]
        );
        assert_eq!(repo.staged_files(&here).unwrap().len(), 3);
        assert_eq!(
            listing(&repo.untracked_files(&here).unwrap()),
            [("new.rs".into(), false)]
        );
    }

    #[test]
    fn in_a_conflict_the_file_is_what_the_work_tree_holds() {
        let test = TestRepo::new();
        test.write("a.rs", "one\n");
        test.commit("base");
        test.git(&["-q", "-b", "other"], "checkout");
        test.write("a.rs", "two\n");
        test.commit("two");
        test.git(&["-q", "main"], "checkout");
        test.write("a.rs", "three\n");
        test.commit("three");
        let merge = Git::new(&test.path, "merge")
            .arg("other")
            .finish(b"")
            .unwrap();
        assert!(!merge.status.success());
        let files = test.open().work_files(&Pathspecs::default()).unwrap();
        assert_eq!(listing(&files), [("a.rs".into(), false)]);
        assert_eq!(
            test.open()
                .staged_files(&Pathspecs::default())
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn a_pathspec_that_matches_nothing_is_an_error() {
        let test = TestRepo::new();
        test.write("a.rs", "a\n");
        test.commit("base");
        let specs = Pathspecs {
            written: vec!["absent".into()],
            folder: Vec::new(),
        };
        let error = test.open().expect_matches(&specs, Among::Tracked);
        let error = format!("{:#}", error.unwrap_err());
        assert!(error.contains("absent"), "{error}");
    }

    #[test]
    fn a_changed_file_is_seen_as_changed_even_if_it_is_named() {
        let test = TestRepo::new();
        test.write("a.rs", "a\n");
        test.commit("base");
        test.write("a.rs", "changed\n");
        let specs = Pathspecs {
            written: vec!["a.rs".into()],
            folder: Vec::new(),
        };
        let files = test.open().work_files(&specs).unwrap();
        assert_eq!(listing(&files), [("a.rs".into(), false)]);
    }
}
