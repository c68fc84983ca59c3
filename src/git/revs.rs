//! Revisions, as users write them, and the people who write commits.

use anyhow::{Context, Error, Result, anyhow};

use super::cut_off::Need;
use super::error::GitFailed;
use super::files::{self, Links};
use super::hand::{Hand, UNKNOWN};
use super::repo::Repo;
use crate::model::{Hinted, ObjectType, Oid, RepoPath};

/// So git says of any text that it is no revision.
const NONE: &str = "Needed a single revision";

/// A name, an address and a time as a commit holds them: `A U Thor <a@example.com> 1 +0000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity(pub Vec<u8>);

impl Repo {
    /// The commit that `rev` names; `None` for a tree that no commit was named for.
    ///
    /// # Errors
    /// If nothing of that name exists.
    pub fn commit_named(&self, rev: &str) -> Result<Option<Oid>> {
        self.peeled(rev, ObjectType::Commit)
    }

    /// The tree that `rev` names, through a commit or a tag where need be.
    ///
    /// # Errors
    /// If nothing of that name exists, or it is no tree.
    pub fn tree_named(&self, rev: &str) -> Result<Oid> {
        if let Some(tree) = self.peeled(rev, ObjectType::Tree)? {
            return Ok(tree);
        }
        // A partial clone may know the tree's name alone.
        match self.commit_named(rev)? {
            Some(commit) => self.tree_of(commit),
            None => Err(self.another(rev, "commit")),
        }
    }

    /// The file that lies at `path`, from the root, in the tree that `rev` names; `None` if there
    /// is nothing.
    ///
    /// # Errors
    /// If it is no regular file, or the tree cannot be read.
    pub fn file_at(&self, rev: &str, path: &RepoPath) -> Result<Option<Oid>> {
        let Some((mode, oid)) = self.entry_at(self.tree_named(rev)?, path)? else {
            return Ok(None);
        };
        anyhow::ensure!(mode.is_file(), "{path} is not a regular file");
        Ok(Some(oid))
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
            let path = if path.starts_with("./") || path.starts_with("../") {
                written.within(&self.folder()).with_context(no_file)?
            } else {
                written
            };
            let found = self.entry_at(self.tree_named(rev)?, &path)?;
            let (mode, oid) =
                found.with_context(|| format!("path '{path}' does not exist in '{rev}'"))?;
            anyhow::ensure!(mode.is_file(), no_file());
            return Ok((oid, Some(path)));
        }
        let blob = self.peeled(name, ObjectType::Blob)?;
        Ok((
            blob.map_or_else(|| Err(self.another(name, "file")), Ok)?,
            None,
        ))
    }

    /// The branch that HEAD is on, as `main`; `None` if it is on none.
    pub fn branch(&self) -> Option<String> {
        let name = match &self.hand {
            Hand::Libgit2(repo) => {
                let head = repo.find_reference("HEAD").ok()?;
                head.symbolic_target().ok().flatten()?.to_owned()
            }
            Hand::Git(_) => {
                let output = self
                    .git("symbolic-ref")
                    .args(["-q", "HEAD"])
                    .output()
                    .ok()?;
                String::from_utf8_lossy(&output).trim().to_owned()
            }
        };
        name.strip_prefix("refs/heads/").map(str::to_owned)
    }

    /// Has HEAD a commit? Not so in a repository just made.
    pub fn has_commits(&self) -> bool {
        matches!(self.hand.resolve_ref("HEAD"), Ok(Some(_)))
    }

    /// The best common ancestor of `one` and `other`.
    ///
    /// # Errors
    /// If either names no commit, or the two share no history.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<Oid> {
        let (one_named, other_named) = (one.escape_debug(), other.escape_debug());
        let what = || format!("cannot find the merge base of {one_named} and {other_named}");
        let asked = self
            .git("merge-base")
            .args(["--end-of-options", one, other])
            .output();
        let failed = |error: &Error| error.downcast_ref::<GitFailed>()?.code;
        let output = match asked {
            // So git says that there is none, without a word.
            Err(error) if failed(&error) == Some(1) => {
                let (why, hint) = if self.is_shallow() {
                    let why = "this clone is shallow, and what is here of their histories has no \
                               commit in common";
                    (why, self.how_to_deepen())
                } else {
                    let hint = "a revision without dots is compared as it is: git rustassistant \
                                diff REV";
                    ("they have no commit in common", hint.to_owned())
                };
                Err(Hinted::attach(anyhow!(why), hint))
            }
            Err(error) if self.is_shallow() => {
                let found = |rev| self.found(rev, ObjectType::Commit, Need::History);
                let missing = [one, other].into_iter().find_map(|rev| found(rev).err());
                Err(missing.unwrap_or(error))
            }
            asked => asked,
        };
        Oid::from_hex(output.with_context(what)?.trim_ascii()).with_context(what)
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

    fn peeled(&self, rev: &str, kind: ObjectType) -> Result<Option<Oid>> {
        self.found(rev, kind, Need::Commit)
    }

    fn found(&self, rev: &str, kind: ObjectType, need: Need) -> Result<Option<Oid>> {
        let peeled = self.hand.peeled(rev, kind);
        let peeled = peeled.or_else(|error| match self.hand.resolve_ref(rev) {
            Ok(Some(oid)) => Err(self.lost(oid)),
            _ => match self.named_by_git(rev)? {
                Some(oid) => self.hand.peeled(&oid.to_string(), kind).or(Err(error)),
                None => Err(error),
            },
        });
        let peeled = peeled.map_err(|error| self.if_cut_off(error, rev, need));
        peeled.map_err(|error| {
            let shown = rev.escape_debug();
            if error.to_string() == UNKNOWN {
                anyhow!("{UNKNOWN} '{shown}'")
            } else {
                error.context(format!("cannot resolve '{shown}'"))
            }
        })
    }

    /// What git itself makes of a revision: libgit2 has not learnt all of them, such as `@{push}`
    /// and `:/!-text`. `None` if git has no more to say than that it is none.
    fn named_by_git(&self, rev: &str) -> Result<Option<Oid>> {
        let asked = self.git("rev-parse");
        let asked = asked.args(["--verify", "--end-of-options", rev]).output();
        match asked {
            Ok(oid) => Ok(Oid::from_hex(oid.trim_ascii())),
            Err(error) => match error.downcast::<GitFailed>() {
                Ok(failed) if !failed.message.ends_with(NONE) => Err(anyhow!(failed.message)),
                _ => Ok(None),
            },
        }
    }

    /// Why an object that a ref names is not here, as far as can be seen.
    fn lost(&self, oid: Oid) -> anyhow::Error {
        let list = self.objects_dir().join("info/alternates");
        let list = files::read(&list, Links::Followed, 1 << 20).unwrap_or_default();
        let list = String::from_utf8_lossy(&list);
        let gone = list
            .lines()
            .find(|line| !self.objects_dir().join(line).exists());
        match gone {
            Some(folder) => anyhow::anyhow!(
                "object {oid} is missing, and objects/info/alternates names a missing directory: {}",
                folder.escape_debug()
            ),
            None => anyhow::anyhow!("object {oid} is missing"),
        }
    }

    /// `'HEAD' is a commit, not a file`
    fn another(&self, rev: &str, wanted: &str) -> anyhow::Error {
        let named = self.hand.named(rev).or_else(|error| {
            let oid = self.named_by_git(rev)?.ok_or(error)?;
            self.hand.named(&oid.to_string())
        });
        let found = match named {
            Ok((_, ObjectType::Commit)) => "a commit",
            Ok((_, ObjectType::Tree)) => "a directory",
            Ok((_, ObjectType::Blob)) => "a file",
            _ => "something else",
        };
        anyhow::anyhow!("'{}' is {found}, not a {wanted}", rev.escape_debug())
    }
}

#[cfg(test)]
mod tests {
    use crate::git::testing::TestRepo;

    #[test]
    fn a_revision_that_only_git_knows_is_known() {
        let test = TestRepo::new();
        test.write("a.rs", "");
        test.commit("one");
        let one = test.open().commit_named("HEAD").unwrap();
        for (key, value) in [
            ("remote.origin.url", "elsewhere"),
            ("remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"),
            ("branch.main.remote", "origin"),
            ("branch.main.merge", "refs/heads/main"),
        ] {
            test.config(key, value);
        }
        test.git(&["refs/remotes/origin/main", "HEAD"], "update-ref");
        test.write("a.rs", "fn a() {}");
        test.commit("two");
        let repo = test.open();
        for rev in ["@{push}", ":/!-two", "HEAD^{/!-two}"] {
            assert_eq!(repo.commit_named(rev).unwrap(), one, "{rev}");
        }
        let (blob, _) = repo.blob_named(":0:a.rs").unwrap();
        assert_eq!(blob, repo.blob_named("HEAD:a.rs").unwrap().0);
        let refused = repo.tree_named(":a.rs").unwrap_err();
        assert_eq!(refused.to_string(), "':a.rs' is a file, not a commit");
    }

    #[test]
    fn what_git_does_not_know_either_is_refused_in_plain_words() {
        let test = TestRepo::new();
        test.write("a.rs", "");
        test.commit("one");
        let repo = test.open();
        for rev in [
            ":/!-one", "HEAD^{x}", "a..b", "", "-x", "^HEAD", "HEAD^!", ":b.rs",
        ] {
            let said = format!("{:#}", repo.commit_named(rev).unwrap_err());
            assert_eq!(said, format!("unknown revision '{rev}'"));
        }
        let said = format!("{:#}", repo.commit_named("@{push}").unwrap_err());
        assert!(said.starts_with("cannot resolve '@{push}': no "), "{said}");
    }
}
