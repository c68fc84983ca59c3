//! What a commit says of itself, read from its bytes (git's format: header lines, an empty line, the
//! message). Not its message.

use anyhow::{Context, Result};

use super::repo::Repo;
use crate::model::Oid;

/// The header of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    pub tree: Oid,
    pub parents: Vec<Oid>,
    /// `A U Thor <author@example.com>`, as bytes that somebody else chose.
    pub author: Vec<u8>,
    /// When it was committed, in seconds since 1970, by the committer's clock.
    pub seconds: i64,
}

impl Repo {
    /// The header of the commit `oid`.
    ///
    /// # Errors
    /// If it is missing, damaged, or no commit.
    pub fn commit_header(&self, oid: Oid) -> Result<Commit> {
        let bytes = self.commit(oid)?;
        parse(&bytes).with_context(|| format!("commit {oid} is damaged"))
    }
}

fn parse(bytes: &[u8]) -> Option<Commit> {
    let lines = || {
        bytes
            .split(|&b| b == b'\n')
            .take_while(|line| !line.is_empty())
    };
    let all = |name: &'static [u8]| lines().filter_map(move |line| line.strip_prefix(name));
    let person = |line: &[u8]| {
        let end = memchr::memrchr(b'>', line)?;
        Some((line[..=end].to_vec(), line[end + 1..].to_vec()))
    };
    let (author, _) = person(all(b"author ").next()?)?;
    let (_, time) = person(all(b"committer ").next()?)?;
    let time = String::from_utf8_lossy(&time).into_owned();
    Some(Commit {
        tree: Oid::from_hex(all(b"tree ").next()?)?,
        parents: all(b"parent ").map(Oid::from_hex).collect::<Option<_>>()?,
        author,
        seconds: time.split_whitespace().next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_tells_its_tree_its_parents_who_and_when() {
        let id = |digit: &str| digit.repeat(40);
        let text = format!(
            "tree {}\nparent {}\nparent {}\nauthor A <B> <a@b> 1 +0000\n\
             committer C <c@d> 1767268800 +0100\ngpgsig -----\n more\n\nparent of all\n",
            id("1"),
            id("2"),
            id("3")
        );
        let commit = parse(text.as_bytes()).unwrap();
        assert_eq!(commit.tree.to_string(), id("1"));
        assert_eq!(commit.parents.len(), 2);
        assert_eq!(commit.author, b"A <B> <a@b>");
        assert_eq!(commit.seconds, 1_767_268_800);
        for end in 0..text.find("committer").unwrap() {
            assert_eq!(parse(&text.as_bytes()[..end]), None);
        }
    }
}
