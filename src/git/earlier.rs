//! Every content that a path has or had: in the work tree, the index, and whatever history this clone
//! knows, reflogs too. Not where else the same content lies.

use std::collections::BTreeSet;
use std::iter::once;

use anyhow::{Context, Result};

use super::listing::{differences, staged};
use super::own_refs::OURS;
use super::pathspec::Pathspecs;
use super::repo::Repo;
use crate::model::{Oid, RepoPath};

impl Repo {
    /// The blobs that lie or lay at `pathspecs`. A file of the work tree that will have more than
    /// `most` bytes when it is stored may be left out.
    ///
    /// # Errors
    /// If git does not understand a pathspec, or cannot list what it has.
    pub fn ever_at(&self, pathspecs: &Pathspecs, most: u64) -> Result<BTreeSet<Oid>> {
        let mut blobs = self.committed_at(pathspecs)?;
        // In a conflict all sides count.
        for line in staged(&self.ls_files(pathspecs)?) {
            blobs.insert(line?.oid);
        }
        if self.work_dir().is_some() {
            let tracked = self.work_files(pathspecs)?.into_iter();
            let others = self.untracked_files(pathspecs)?.into_iter();
            let changed = tracked.chain(others).filter(|file| file.oid.is_none());
            let changed: Vec<RepoPath> = changed.map(|file| file.path).collect();
            let hashed = self.hash_files(&changed, most)?;
            blobs.extend(hashed.stored.values().map(|(_, oid)| *oid));
        }
        Ok(blobs)
    }

    /// What any commit has put there that a ref, a reflog or `HEAD` leads to.
    fn committed_at(&self, pathspecs: &Pathspecs) -> Result<BTreeSet<Oid>> {
        let what = "cannot list the history of a path";
        let specs = || once("--".into()).chain(self.or_here(pathspecs));
        let but = format!("--exclude={OURS}/*");
        // Without simplifying, for what lay on a side branch alone is found, too.
        let commits = self
            .git("rev-list")
            .args(["--full-history", &but, "--all", "--reflog"])
            .args(specs())
            .output();
        let raw = self
            .git("diff-tree")
            .args(["--stdin", "--no-commit-id", "--root", "-m", "-r", "-z"])
            .args(["--raw", "--no-renames", "--no-abbrev", "--no-ext-diff"])
            .args(specs())
            .feed(&commits.context(what)?);
        let there = differences(&raw.context(what)?)?.into_iter();
        let blobs = there.map(|difference| difference.oid);
        Ok(blobs.filter(|oid| !oid.is_zero()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;

    #[test]
    fn every_content_of_a_path_is_found_on_side_branches_and_in_reflogs_too() {
        let test = TestRepo::new();
        let mut expected = BTreeSet::new();
        let mut put = |text: &str| {
            test.write("f", text);
            expected.insert(Oid::of_blob(test.open().format(), text.as_bytes()));
        };
        put("first");
        test.write("other", "another file");
        test.commit("first");
        test.git(&["-q", "-b", "side"], "checkout");
        put("side");
        test.commit("side");
        put("amended away");
        test.commit("amended away");
        test.git(&["-q", "--hard", "HEAD~1"], "reset");
        test.git(&["-q", "main"], "checkout");
        // A merge after which nothing of the side branch is left.
        test.git(&["-q", "-s", "ours", "-m", "both", "side"], "merge");
        test.git(&["-D", "-q", "side"], "branch");
        put("staged");
        test.git(&["f"], "add");
        put("of the work tree");
        let specs = |spec: &str| Pathspecs {
            written: vec![spec.into()],
            folder: Vec::new(),
        };
        let found = test.open().ever_at(&specs("f"), 1 << 20).unwrap();
        assert_eq!(found, expected);
        let found = test.open().ever_at(&specs("nothing"), 1 << 20).unwrap();
        assert_eq!(found, BTreeSet::new());
    }
}
