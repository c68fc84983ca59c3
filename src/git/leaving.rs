//! How far a remote is known to have come, without asking it: what a push adds is measured from
//! there. Not what differs: that is `comparing.rs`.

use anyhow::{Context, Result};

use super::error::GitFailed;
use super::repo::Repo;
use crate::model::Oid;

/// Remote-tracking branches that are looked at: those with the latest commits.
const MOST_BRANCHES: &str = "--count=500";

/// Where many branches were merged, a few of them tell enough.
const MOST_BASES: usize = 4;

impl Repo {
    /// The last commit in the history of `tip` that `remote` is known to have, as the
    /// remote-tracking branches tell; `None` if nothing is known. Of a remote that has no name,
    /// only an address, the branches of all remotes are taken.
    ///
    /// # Errors
    /// If git cannot tell.
    pub fn last_known_to(&self, remote: &str, tip: Oid) -> Result<Option<Oid>> {
        let below = if self.is_remote(remote) {
            format!("refs/remotes/{remote}/")
        } else {
            "refs/remotes/".to_owned()
        };
        let branches = self.branches_below(remote, &below)?;
        // Of several, git takes a commit that merges them all: the best ancestor of any.
        Ok(self.parted(tip, &branches, &[], remote)?.first().copied())
    }

    /// Commits whose files `remote`, if it has a name, is known to have, and that come nearest to
    /// `tip`: the last ones in its history, else the branch that was committed to last. None if
    /// nothing is known.
    ///
    /// # Errors
    /// As [`Repo::last_known_to`].
    pub fn known_to(&self, remote: &str, tip: Oid) -> Result<Vec<Oid>> {
        if !self.is_remote(remote) {
            return Ok(Vec::new());
        }
        let branches = self.branches_below(remote, &format!("refs/remotes/{remote}/"))?;
        let mut known = self.parted(tip, &branches, &["--all"], remote)?;
        if known.is_empty() {
            known.extend(
                branches
                    .first()
                    .and_then(|last| Oid::from_hex(last.as_bytes())),
            );
        }
        known.truncate(MOST_BASES);
        Ok(known)
    }

    fn is_remote(&self, name: &str) -> bool {
        self.remotes().iter().any(|remote| remote == name)
    }

    /// The tips of remote-tracking branches, the latest first.
    fn branches_below(&self, remote: &str, below: &str) -> Result<Vec<String>> {
        let listed = self
            .git("for-each-ref")
            .args(["--format=%(objectname)", "--sort=-committerdate"])
            .args([MOST_BRANCHES, below])
            .output()
            .with_context(|| what(remote))?;
        let listed = String::from_utf8_lossy(&listed);
        Ok(listed.lines().map(str::to_owned).collect())
    }

    /// The best common ancestors of `tip` and a commit that merges all `branches`.
    fn parted(
        &self,
        tip: Oid,
        branches: &[String],
        options: &[&str],
        remote: &str,
    ) -> Result<Vec<Oid>> {
        if branches.is_empty() {
            return Ok(Vec::new());
        }
        let asked = self
            .git("merge-base")
            .args(options)
            .arg(tip.to_string())
            .args(branches)
            .output();
        match asked {
            Ok(said) => Ok(said
                .split(|&b| b == b'\n')
                .filter_map(Oid::from_hex)
                .collect()),
            Err(error) => match error.downcast_ref::<GitFailed>() {
                Some(failed) if failed.code == Some(1) => Ok(Vec::new()),
                _ => Err(error).with_context(|| what(remote)),
            },
        }
    }
}

fn what(remote: &str) -> String {
    format!("cannot determine what '{}' has", remote.escape_debug())
}

#[cfg(test)]
mod tests {
    use crate::git::testing::TestRepo;

    #[test]
    fn what_a_remote_has_is_told_by_its_branches_and_by_those_of_no_other() {
        let test = TestRepo::new();
        let commit = |name: &str| {
            test.write(name, name);
            test.commit(name);
            test.open().commit_named("HEAD").unwrap().unwrap()
        };
        let first = commit("a");
        let second = commit("b");
        let tip = commit("c");
        for remote in ["origin", "fork"] {
            test.git(&["add", remote, "/nowhere"], "remote");
        }
        let known = |remote| test.open().last_known_to(remote, tip).unwrap();
        assert_eq!(known("origin"), None);
        let branch = |name: &str, at| {
            let name = format!("refs/remotes/{name}");
            test.git(&[&name, &format!("{at}")], "update-ref");
        };
        branch("origin/old", first);
        branch("origin/topic", second);
        branch("fork/main", tip);
        assert_eq!(known("origin"), Some(second));
        assert_eq!(known("fork"), Some(tip));
        assert_eq!(known("/some/address"), Some(tip));
        test.git(&["-q", "--orphan", "other"], "checkout");
        let alone = commit("d");
        let known = test.open().last_known_to("origin", alone).unwrap();
        assert_eq!(known, None);
        let all = |remote| test.open().known_to(remote, alone).unwrap();
        assert_eq!(all("fork"), [tip]);
        assert_eq!(all("/some/address"), []);
        test.git(&["-q", &tip.to_string()], "checkout");
        test.git(
            &[
                "-q",
                "-m",
                "both",
                "--allow-unrelated-histories",
                &alone.to_string(),
            ],
            "merge",
        );
        let merge = test.open().commit_named("HEAD").unwrap().unwrap();
        branch("fork/other", alone);
        let mut both = test.open().known_to("fork", merge).unwrap();
        both.sort_unstable();
        let mut expected = [tip, alone];
        expected.sort_unstable();
        assert_eq!(both, expected);
    }
}
