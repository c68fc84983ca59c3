//! Revisions, as users write them, and the people who write commits.

use anyhow::{Context, Result};

use super::error::git_error;
use super::objects::from_git2;
use super::repo::Repo;
use crate::model::{Oid, RepoPath};

/// A name, an address and a time as a commit holds them: `A U Thor <a@example.com> 1 +0000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity(pub Vec<u8>);

impl Repo {
    /// The commit that `rev` names; `None` for a tree that no commit was named for.
    ///
    /// # Errors
    /// If nothing of that name exists.
    pub fn commit_named(&self, rev: &str) -> Result<Option<Oid>> {
        let object = self.revision(rev)?;
        match object.peel(git2::ObjectType::Commit) {
            Ok(commit) => from_git2(commit.id()).map(Some),
            Err(_) => Ok(None),
        }
    }

    /// The tree that `rev` names, through a commit or a tag where need be.
    ///
    /// # Errors
    /// If nothing of that name exists, or it is no tree.
    pub fn tree_named(&self, rev: &str) -> Result<Oid> {
        let object = self.revision(rev)?;
        let tree = object
            .peel(git2::ObjectType::Tree)
            .map_err(|_| another(rev, &object, "commit"))?;
        from_git2(tree.id())
    }

    /// The blob that `REV:PATH` or an object id names, and its path if one was given. The blob
    /// itself is not read.
    ///
    /// # Errors
    /// If nothing of that name exists, or it is no blob.
    pub fn blob_named(&self, name: &str) -> Result<(Oid, Option<RepoPath>)> {
        let no_file = || format!("'{}' is not a file", name.escape_debug());
        if let Some((rev, path)) = name.split_once(':').filter(|(rev, _)| !rev.is_empty()) {
            let written = RepoPath::from(path);
            let path = match path.starts_with("./") || path.starts_with("../") {
                true => written.within(&self.folder()).with_context(no_file)?,
                false => written,
            };
            let found = self.entry_at(self.tree_named(rev)?, &path)?;
            let (mode, oid) = found.with_context(|| format!("there is no '{path}' in '{rev}'"))?;
            anyhow::ensure!(mode.is_file(), no_file());
            return Ok((oid, Some(path)));
        }
        let object = self.revision(name)?;
        let blob = object.peel(git2::ObjectType::Blob);
        let blob = blob.map_err(|_| another(name, &object, "file"))?;
        Ok((from_git2(blob.id())?, None))
    }

    /// Has HEAD a commit? Not so in a repository just made.
    pub fn has_commits(&self) -> bool {
        self.inner.revparse_single("HEAD").is_ok()
    }

    /// The best common ancestor of `one` and `other`.
    ///
    /// # Errors
    /// If either names no commit, or the two share no history.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<Oid> {
        let (one_named, other_named) = (one.escape_debug(), other.escape_debug());
        let what = || format!("cannot find where {one_named} and {other_named} parted");
        let output = self
            .git("merge-base")
            .args(["--end-of-options", one, other])
            .output()
            .with_context(what)?;
        Oid::from_hex(output.trim_ascii()).with_context(what)
    }

    /// Who commits, with the time given where git's own is not to be had; a stand-in where no
    /// identity is configured, because the store must not depend on one.
    pub fn identity(&self, seconds: i64) -> Identity {
        let asked = self.git("var").arg("GIT_COMMITTER_IDENT").output();
        match asked {
            Ok(line) if line.contains(&b'<') => Identity(line.trim_ascii().to_vec()),
            _ => Identity(
                format!("git-rustassistant <rustassistant@localhost> {seconds} +0000").into(),
            ),
        }
    }

    fn revision(&self, rev: &str) -> Result<git2::Object<'_>> {
        self.inner
            .revparse_single(rev)
            .map_err(|e| match e.code() {
                // Of a path in a revision, libgit2 says which of the two is missing.
                git2::ErrorCode::NotFound if !rev.contains(':') => {
                    anyhow::anyhow!("nothing here has that name")
                }
                _ => git_error(&e),
            })
            .with_context(|| format!("cannot resolve '{}'", rev.escape_debug()))
    }
}

/// `'HEAD' is a commit, not a file`
fn another(rev: &str, object: &git2::Object<'_>, wanted: &str) -> anyhow::Error {
    let found = match object.kind() {
        Some(git2::ObjectType::Commit) => "a commit",
        Some(git2::ObjectType::Tree) => "a folder",
        Some(git2::ObjectType::Blob) => "a file",
        _ => "something else",
    };
    anyhow::anyhow!("'{}' is {found}, not a {wanted}", rev.escape_debug())
}
