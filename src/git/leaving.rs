//! How far a remote is known to have come, without asking it: what a push adds is measured from
//! there. Not what differs: that is `comparing.rs`.

use anyhow::{Context, Result};

use super::error::GitFailed;
use super::repo::Repo;
use crate::model::Oid;

/// Remote-tracking branches that are looked at: those with the latest commits.
const MOST_BRANCHES: &str = "--count=500";

impl Repo {
    /// The last commit in the history of `tip` that `remote` is known to have, as the
    /// remote-tracking branches tell; `None` if nothing is known. Of a remote that has no name,
    /// only an address, the branches of all remotes are taken.
    ///
    /// # Errors
    /// If git cannot tell.
    pub fn last_known_to(&self, remote: &str, tip: Oid) -> Result<Option<Oid>> {
        let what = || format!("cannot tell what '{}' has", remote.escape_debug());
        let below = match self.remotes().iter().any(|name| name == remote) {
            true => format!("refs/remotes/{remote}/"),
            false => "refs/remotes/".to_owned(),
        };
        let listed = self
            .git("for-each-ref")
            .args(["--format=%(objectname)", "--sort=-committerdate"])
            .args([MOST_BRANCHES, &below])
            .output()
            .with_context(what)?;
        let listed = String::from_utf8_lossy(&listed);
        let branches: Vec<&str> = listed.lines().collect();
        if branches.is_empty() {
            return Ok(None);
        }
        // Of several, git takes a commit that merges them all: the best ancestor of any.
        let asked = self
            .git("merge-base")
            .arg(tip.to_string())
            .args(branches)
            .output();
        match asked {
            Ok(said) => Ok(Oid::from_hex(said.trim_ascii())),
            Err(error) => match error.downcast_ref::<GitFailed>() {
                Some(failed) if failed.code == Some(1) => Ok(None),
                _ => Err(error).with_context(what),
            },
        }
    }
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
    }
}
