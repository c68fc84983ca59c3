//! Which objects anything in this repository still leads to. Not which are here: in a shallow or
//! partial clone the two have little to do with each other.

use std::collections::HashSet;

use anyhow::Result;

use super::repo::Repo;
use crate::model::Oid;

impl Repo {
    /// Every object that a ref, a reflog or the index leads to, but for refs that match the pattern
    /// `but`. `None` in a shallow or partial clone, which cannot tell.
    ///
    /// # Errors
    /// If git cannot walk the repository.
    pub fn reachable(&self, but: &str) -> Result<Option<HashSet<Oid>>> {
        if self.is_shallow() || self.promisor()?.is_some() {
            return Ok(None);
        }
        let listed = self
            .git("rev-list")
            .args(["--objects", "--no-object-names", "--indexed-objects"])
            .args([&format!("--exclude={but}"), "--all", "--reflog"])
            .output()?;
        let lines = listed.split(|&b| b == b'\n');
        Ok(Some(lines.filter_map(Oid::from_hex).collect()))
    }

    /// Every object that `tips` lead to: those that are here, and whether others are not. With
    /// [`Depth::One`], only what the very commits hold. A tip that is not here leads to nothing.
    ///
    /// # Errors
    /// If git cannot walk them.
    pub fn objects_below(&self, tips: &[Oid], depth: Depth) -> Result<(Vec<Oid>, Lack)> {
        let lines: String = tips.iter().map(|tip| format!("{tip}\n")).collect();
        if lines.is_empty() {
            return Ok((Vec::new(), Lack::Nothing));
        }
        let mut walk = self
            .git("rev-list")
            .args(["--objects", "--no-object-names", "--missing=print"])
            .args(["--ignore-missing", "--stdin"]);
        if depth == Depth::One {
            walk = walk.arg("--no-walk");
        }
        let listed = walk.feed(lines.as_bytes())?;
        let (mut here, mut lack) = (Vec::new(), Lack::Nothing);
        for line in listed.split(|&b| b == b'\n') {
            match Oid::from_hex(line) {
                Some(oid) => here.push(oid),
                None if line.starts_with(b"?") => lack = Lack::Some,
                None => {}
            }
        }
        Ok((here, lack))
    }
}

/// How far to go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    One,
    All,
}

/// Is anything missing of what was looked for, as in a partial clone?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    Nothing,
    Some,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;

    #[test]
    fn branches_reflogs_and_the_index_reach_and_what_is_excluded_does_not() {
        let test = TestRepo::new();
        let mut blobs = Vec::new();
        for name in ["committed", "dropped", "staged", "ours"] {
            let file = test.write(name, name);
            let args = ["-w", file.to_str().unwrap()];
            let blob = test.git(&args, "hash-object");
            blobs.push(Oid::from_hex(blob.as_bytes()).unwrap());
            std::fs::remove_file(file).unwrap();
        }
        test.write("f", "committed");
        test.commit("one");
        test.write("f", "dropped");
        test.commit("two");
        test.git(&["-q", "--hard", "HEAD~1"], "reset");
        test.write("f", "staged");
        test.git(&["f"], "add");
        test.git(
            &["refs/rustassistant/x", &blobs[3].to_string()],
            "update-ref",
        );
        let reached = test.open().reachable("refs/rustassistant/*").unwrap();
        let reached = reached.unwrap();
        let reached: Vec<bool> = blobs.iter().map(|blob| reached.contains(blob)).collect();
        assert_eq!(reached, [true, true, true, false]);
    }
}
