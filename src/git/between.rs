//! What one tree holds differently from another: only folders that differ are read, and nothing is
//! started. Not the work tree and not the index: those are compared in `comparing.rs`.

use std::collections::HashMap;

use anyhow::Result;

use super::listing::Mode;
use super::repo::Repo;
use super::trees::{TreeEntries, Visit};
use crate::model::{Oid, RepoPath};

/// What lies in a folder, by name.
type Lines = HashMap<Vec<u8>, (Mode, Oid)>;

impl Repo {
    /// Walks the files below `starts` in `tree` that `base` does not hold in the same way, in the
    /// order of their paths. A file that both hold alike is shown as one above what was asked for,
    /// if its folder was read.
    ///
    /// # Errors
    /// If a tree cannot be read, or there is no end of them.
    pub fn walk_changes(
        &self,
        base: Oid,
        tree: Oid,
        starts: &[RepoPath],
        mut visit: impl FnMut(Visit<'_>),
    ) -> Result<()> {
        // Of each folder that is open, what the other side has there.
        let mut open: Vec<Lines> = Vec::new();
        let mut failed = None;
        self.walk_trees(tree, starts, |step| {
            match step {
                Visit::Enter(oid, path) => {
                    let lines = self
                        .held(base, path, open.last())
                        .and_then(|held| match held {
                            Some((mode, same)) if mode.is_tree() && same == oid => Ok(None),
                            Some((mode, other)) if mode.is_tree() => self.lines(other).map(Some),
                            _ => Ok(Some(Lines::new())),
                        });
                    match lines {
                        Ok(Some(lines)) => open.push(lines),
                        Ok(None) => return false,
                        Err(error) => {
                            failed.get_or_insert(error);
                            return false;
                        }
                    }
                }
                Visit::Leave => drop(open.pop()),
                Visit::File(path, mode, oid) => match self.held(base, path, open.last()) {
                    Ok(held) if held == Some((mode, oid)) => visit(Visit::Above(name(path), oid)),
                    Ok(_) => visit(Visit::File(path, mode, oid)),
                    Err(error) => drop(failed.get_or_insert(error)),
                },
                Visit::Above(..) => visit(step),
            }
            true
        })?;
        failed.map_or(Ok(()), Err)
    }

    /// What `base` has at `path`, whose folder, if it is open, has these lines there.
    fn held(&self, base: Oid, path: &[u8], folder: Option<&Lines>) -> Result<Option<(Mode, Oid)>> {
        match folder {
            Some(lines) => Ok(lines.get(name(path)).copied()),
            None => self.entry_at(base, &RepoPath::new(path)),
        }
    }

    fn lines(&self, tree: Oid) -> Result<Lines> {
        let bytes = self.tree_of_scan(tree)?;
        let lines = TreeEntries::new(&bytes, self.format());
        lines
            .map(|line| line.map(|line| (line.name.to_vec(), (line.mode, line.oid))))
            .collect()
    }
}

fn name(path: &[u8]) -> &[u8] {
    let start = memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1);
    &path[start..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Pathspecs;
    use crate::git::testing::TestRepo;

    fn walked(repo: &Repo, base: Oid, tree: Oid, starts: &[&str]) -> Vec<(RepoPath, Mode, Oid)> {
        let starts: Vec<RepoPath> = starts.iter().map(|&start| start.into()).collect();
        let mut files = Vec::new();
        repo.walk_changes(base, tree, &starts, |visit| {
            if let Visit::File(path, mode, oid) = visit {
                files.push((RepoPath::new(path), mode, oid));
            }
        })
        .unwrap();
        files
    }

    #[test]
    fn two_trees_differ_as_git_says() {
        let test = TestRepo::new();
        let commit = |name: &str| {
            test.commit(name);
            test.open().tree_named("HEAD").unwrap()
        };
        for name in ["a.rs", "d/b.rs", "d/e/c.rs", "file", "folder/f", "same/g"] {
            test.write(name, name);
        }
        let before = commit("before");
        test.write("d/e/c.rs", "edited");
        test.write("d.rs", "beside a folder of that name");
        test.write("new/deep/h.rs", "");
        std::fs::remove_file(test.path.join("d/b.rs")).unwrap();
        for (gone, instead) in [("file", "file/now/a/folder"), ("folder/f", "folder")] {
            std::fs::remove_file(test.path.join(gone)).unwrap();
            let _ = std::fs::remove_dir(test.path.join("folder"));
            test.write(instead, "x");
        }
        let script = test.write("a.rs", "a.rs");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(script, executable).unwrap();
        let after = commit("after");
        let repo = test.open();
        let nothing = Oid::of(repo.format(), crate::model::ObjectType::Tree, b"");
        for starts in [&[""][..], &["d", "new"], &["d/e/c.rs", "file/now", "a.rs"]] {
            for (base, tree) in [(before, after), (after, before), (nothing, after)] {
                let specs = Pathspecs {
                    written: starts.iter().map(|at| format!(":/{at}").into()).collect(),
                    folder: Vec::new(),
                };
                let by_git = repo.changed_between(base, tree, &specs).unwrap();
                let by_git: Vec<_> = by_git
                    .into_iter()
                    .map(|file| (file.path, file.mode, file.oid.unwrap()))
                    .collect();
                assert_eq!(walked(&repo, base, tree, starts), by_git, "{starts:?}");
            }
        }
        assert_eq!(walked(&repo, after, after, &[""]), []);
    }

    #[test]
    fn what_cannot_be_read_of_the_other_side_is_an_error() {
        let test = TestRepo::new();
        test.write("d/a.rs", "");
        test.commit("one");
        let repo = test.open();
        let tree = repo.tree_named("HEAD").unwrap();
        let absent = Oid::of_blob(repo.format(), b"nowhere");
        let starts = [RepoPath::from("")];
        assert!(repo.walk_changes(absent, tree, &starts, |_| {}).is_err());
    }
}
