//! What a partial clone has left with its remote: blobs, asked for in one go and never one by one,
//! and trees, each with all that is below it.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::config::Overrides;
use super::network::{Prompt, Terms};
use super::process::{Git, failed};
use super::repo::Repo;
use crate::model::Oid;

/// How long a remote has to give what it has promised: with a slow line, all files of a release.
const PATIENCE: Duration = Duration::from_secs(3600);

/// How long it may say nothing meanwhile.
const SILENCE: Duration = Duration::from_secs(60);

/// So few blobs are looked for without a process.
const FEW: usize = 32;

impl Repo {
    /// Fetches those of `blobs` that this partial clone lacks, in one request; how many there
    /// were. Of a clone that is whole nothing is asked.
    ///
    /// # Errors
    /// If git cannot tell which are missing, or the remote does not give them.
    pub fn fetch_promised(&self, blobs: impl Iterator<Item = Oid>) -> Result<usize> {
        let lent = self.lent.borrow();
        let mut blobs: Vec<Oid> = blobs.filter(|blob| !lent.contains_key(blob)).collect();
        blobs.sort_unstable();
        blobs.dedup();
        if blobs.len() <= FEW && self.has_all(&blobs)? {
            return Ok(0);
        }
        let Some(remote) = self.promisor()? else {
            return Ok(0);
        };
        let missing = self.missing(&blobs)?;
        if missing.is_empty() {
            return Ok(0);
        }
        self.fetch_from(&remote, &missing).with_context(|| {
            let count = missing.len();
            format!("cannot fetch {count} files missing in this partial clone from '{remote}'")
        })?;
        Ok(missing.len())
    }

    /// Is this a partial clone that lacks the object?
    pub fn is_promised(&self, oid: Oid) -> bool {
        matches!(self.header(oid), Ok(None)) && matches!(self.promisor(), Ok(Some(_)))
    }

    /// Fetches the tree `oid`, and with it all that is below it but the contents of files, if this
    /// clone is partial. Did that?
    ///
    /// # Errors
    /// If the remote does not give it.
    pub(super) fn fetch_promised_tree(&self, oid: Oid) -> Result<bool> {
        let Some(remote) = self.promisor()? else {
            return Ok(false);
        };
        self.fetch_from(&remote, &[oid]).with_context(|| {
            format!("cannot fetch a directory missing in this partial clone from '{remote}'")
        })?;
        Ok(true)
    }

    /// As git itself asks for what was promised: nothing is negotiated, and nothing else comes.
    fn fetch_from(&self, remote: &str, missing: &[Oid]) -> Result<()> {
        self.may_fetch_promised()?;
        let prompt = Prompt::of_process();
        self.fetch_on(&promised(PATIENCE, SILENCE, prompt), remote, missing)
    }

    fn fetch_on(&self, terms: &Terms<'_>, remote: &str, missing: &[Oid]) -> Result<()> {
        let list: String = missing.iter().map(|oid| format!("{oid}\n")).collect();
        // Whoever is heard while it works can be told from somebody who hangs.
        let git = self.asking(self.git("fetch"), terms.prompt)?;
        let output = git
            .args(["--progress", "--no-tags", "--no-write-fetch-head"])
            .args(["--recurse-submodules=no", "--no-auto-maintenance"])
            .args(["--refmap=", "--filter=blob:none", "--stdin"])
            .args(["--", remote])
            .converse_over(list.into_bytes(), terms)?;
        if !output.status.success() {
            return Err(failed("fetch".to_owned(), &output).into());
        }
        self.refresh_objects()
    }

    /// What git answers; if it fails in a clone that lacks something, what it answers when it may
    /// fetch that, one by one.
    ///
    /// # Errors
    /// What git says, or why nothing may be fetched.
    pub(super) fn with_promised(&self, git: impl Fn() -> Git) -> Result<Vec<u8>> {
        let said = git().output();
        if said.is_ok() || !self.lacks_something()? {
            return said;
        }
        self.may_fetch_promised()?;
        git().fetching().output()
    }

    /// Is something not here that a remote has promised? Where it is, no configuration is read.
    pub(super) fn lacks_something(&self) -> Result<bool> {
        let packs = std::fs::read_dir(self.objects_dir().join("pack"));
        let mut packs = packs.into_iter().flatten().flatten();
        let is_in_part =
            packs.any(|file| Path::new(&file.file_name()).extension() == Some("promisor".as_ref()));
        Ok(is_in_part && self.promisor()?.is_some())
    }

    /// The remote that holds what this clone lacks.
    pub(super) fn promisor(&self) -> Result<Option<String>> {
        let is_true =
            |value: Option<&str>| !matches!(value, Some("false" | "no" | "off" | "0" | ""));
        let entries = self.config(Overrides::Absent)?;
        let found = entries.iter().rev().find_map(|entry| {
            let remote = match entry.name.strip_suffix(".promisor") {
                Some(section) if is_true(entry.value.as_deref()) => section.strip_prefix("remote."),
                _ if entry.name == "extensions.partialclone" => entry.value.as_deref(),
                _ => None,
            };
            remote
                .filter(|remote| !remote.starts_with('-'))
                .map(str::to_owned)
        });
        Ok(found)
    }

    /// Are all of these here? Asked one by one, of which each that is not here costs much.
    fn has_all(&self, blobs: &[Oid]) -> Result<bool> {
        for oid in blobs {
            if self.header(*oid)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Those of `blobs` that are not here.
    fn missing(&self, blobs: &[Oid]) -> Result<Vec<Oid>> {
        let list: String = blobs.iter().map(|oid| format!("{oid}\n")).collect();
        let output = self
            .git("cat-file")
            .args(["--batch-check=%(objectname)", "--buffer"])
            .feed(list.as_bytes());
        let Ok(output) = output else {
            return self.not_among_all(blobs);
        };
        let said = output.split(|&byte| byte == b'\n');
        let gone = said.filter_map(|line| Oid::from_hex(line.strip_suffix(b" missing")?));
        Ok(gone.collect())
    }

    /// The same for a git that ends where it would have to fetch: 2.39 does.
    fn not_among_all(&self, blobs: &[Oid]) -> Result<Vec<Oid>> {
        let listed = self
            .git("cat-file")
            .args(["--batch-check=%(objectname)", "--buffer"])
            .args(["--batch-all-objects", "--unordered"])
            .output()
            .context("cannot look for the files of a partial clone")?;
        let lines = listed.split(|&byte| byte == b'\n');
        let here: HashSet<Oid> = lines.filter_map(Oid::from_hex).collect();
        let gone = blobs.iter().filter(|oid| !here.contains(oid));
        Ok(gone.copied().collect())
    }
}

/// The terms on which promised objects are asked for: nobody is told of the progress.
fn promised(patience: Duration, silence: Duration, prompt: Prompt) -> Terms<'static> {
    Terms {
        until: Instant::now() + patience,
        silence,
        prompt,
        say: &|_| {},
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_remote_that_hangs_over_what_it_has_promised_is_given_up() {
        let test = TestRepo::new();
        test.git(&["add", "origin", "/nowhere"], "remote");
        test.config("remote.origin.promisor", "true");
        let repo = test.open();
        let unknown = [Oid::of_blob(repo.format(), b"unknown")];
        let second = Duration::from_secs(1);
        for (says, patience, silence, why) in [
            ("", second * 600, second, "no response for"),
            (
                "while sleep 0.1; do echo >&2 .; done; ",
                second,
                second * 600,
                "timed out",
            ),
        ] {
            test.config("remote.origin.uploadpack", &format!("{says}sleep 600; :"));
            let terms = promised(patience, silence, Prompt::Never);
            let error = repo.fetch_on(&terms, "origin", &unknown).unwrap_err();
            assert!(format!("{error:#}").contains(why), "{error:#}");
        }
    }

    use super::*;
    use crate::git::testing::TestRepo;

    #[test]
    fn what_a_partial_clone_lacks_comes_in_one_request_and_changes_no_configuration() {
        let server = TestRepo::new();
        server.config("uploadpack.allowFilter", "true");
        server.config("uploadpack.allowAnySHA1InWant", "true");
        for number in 0..20 {
            server.write(&format!("f{number}.rs"), format!("fn f{number}() {{}}\n"));
        }
        server.commit("many");
        let test = TestRepo::new();
        let url = format!("file://{}", server.path.display());
        test.git(
            &["-q", "--bare", "--filter=blob:none", &url, "clone.git"],
            "clone",
        );
        let repo = Repo::open_at(&test.path.join("clone.git")).unwrap();
        let config = std::fs::read(test.path.join("clone.git/config")).unwrap();
        let blobs: Vec<Oid> = (0..20)
            .map(|number| server.git(&[&format!("HEAD:f{number}.rs")], "rev-parse"))
            .map(|oid| oid.parse().unwrap())
            .collect();
        assert!(repo.header(blobs[0]).unwrap().is_none());
        assert_eq!(repo.fetch_promised(blobs.iter().copied()).unwrap(), 20);
        assert_eq!(repo.blob(blobs[7], 100).unwrap(), b"fn f7() {}\n");
        assert_eq!(repo.fetch_promised(blobs.iter().copied()).unwrap(), 0);
        let packs = std::fs::read_dir(test.path.join("clone.git/objects/pack")).unwrap();
        let packs = packs.filter(|file| {
            let name = file.as_ref().unwrap().file_name();
            name.as_encoded_bytes().ends_with(b".pack")
        });
        assert_eq!(
            packs.count(),
            2,
            "one for the clone, one for all that it lacked"
        );
        assert_eq!(
            std::fs::read(test.path.join("clone.git/config")).unwrap(),
            config
        );
        // The remote is gone: what is missing is told, and nothing hangs.
        drop(server);
        let unknown = Oid::of_blob(repo.format(), b"unknown");
        let error = repo.fetch_promised([unknown].into_iter()).unwrap_err();
        assert!(error.to_string().contains("partial clone"), "{error:#}");
        assert_eq!(
            test.open().fetch_promised([unknown].into_iter()).unwrap(),
            0
        );
    }
}
