//! The ids that `git add` would give to files of the work tree, computed by git itself in a scratch
//! index: no single call of libgit2 or of `git hash-object` agrees with it on line ends, filters,
//! encodings and symlinks.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use anyhow::{Context, Result};

use super::files::{self, Links};
use super::listing::{Mode, records, staged};
use super::process::Git;
use super::repo::Repo;
use super::scratch::Scratch;
use crate::model::{Oid, RepoPath};

/// What hashing the work tree's changed files gave.
#[derive(Debug, Default)]
pub struct Hashed {
    /// The id and mode that `git add` would store, by path. Paths that are gone are absent.
    pub stored: HashMap<RepoPath, (Mode, Oid)>,
    /// What could not be read, and why.
    pub unreadable: Vec<(RepoPath, String)>,
    /// What was not read, because it is so large: how many bytes the work tree has of it.
    pub too_large: Vec<(RepoPath, u64)>,
}

/// By how much an encoding may shorten a file when it is stored: UTF-32 that is all ASCII.
const LONGER: u64 = 4;

impl Repo {
    /// The ids that `git add` would give to `paths`, with every filter and conversion the user
    /// configured. The objects are readable through this repository as long as it lives.
    ///
    /// A file that will have more than `most` bytes when it is stored may be left unread: git
    /// would hold all of it in memory.
    ///
    /// # Errors
    /// If the scratch index cannot be made; a file that cannot be read is reported, not an error.
    pub fn hash_files(&self, paths: &[RepoPath], most: u64) -> Result<Hashed> {
        let mut hashed = Hashed::default();
        let root = self
            .work_dir()
            .context("a bare repository has no work tree")?
            .to_owned();
        let (mut readable, mut large) = (Vec::new(), Vec::new());
        for path in paths {
            let place = root.join(OsStr::from_bytes(path.as_bytes()));
            let meta = place.symlink_metadata();
            let opened = match &meta {
                Ok(meta) if meta.is_file() => files::open(&place, Links::Refused).map(drop),
                Ok(_) => Ok(()),
                Err(_) => continue,
            };
            let bytes = meta
                .ok()
                .filter(std::fs::Metadata::is_file)
                .map(|meta| meta.len());
            match opened {
                Ok(()) if bytes.is_some_and(|bytes| bytes / LONGER > most) => {
                    large.push((path.clone(), bytes.unwrap_or_default()));
                }
                Ok(()) => readable.push(path.clone()),
                Err(error) => hashed.unreadable.push((path.clone(), error.to_string())),
            }
        }
        let filtered = self.filtered(&large)?;
        for (path, bytes) in large {
            if filtered.contains(&path) {
                readable.push(path)
            } else {
                hashed.too_large.push((path, bytes))
            }
        }
        if readable.is_empty() {
            return Ok(hashed);
        }
        let scratch = self.scratch_index(&readable)?;
        self.add_all(&scratch, &readable, &mut hashed.unreadable);
        let output = self
            .in_scratch(&scratch, "ls-files")
            .args(["-s", "-z"])
            .output()?;
        let mut wanted: HashSet<&RepoPath> = readable.iter().collect();
        // Of what was refused, the index still says what it was before.
        for (path, _) in &hashed.unreadable {
            wanted.remove(path);
        }
        for line in staged(&output) {
            let line = line?;
            if line.stage == 0 && wanted.contains(&line.path) {
                hashed.stored.insert(line.path, (line.mode, line.oid));
            }
        }
        self.add_scratch(scratch)?;
        Ok(hashed)
    }

    /// Those of the files that a filter may make into something else, of any length.
    fn filtered(&self, files: &[(RepoPath, u64)]) -> Result<HashSet<RepoPath>> {
        if files.is_empty() {
            return Ok(HashSet::new());
        }
        let paths = files.iter().map(|(path, _)| path);
        let list: Vec<u8> = paths
            .flat_map(|path| [path.as_bytes(), b"\0"].concat())
            .collect();
        let said = self
            .on_files(self.git_at_root("check-attr"))
            .args(["-z", "--stdin", "filter"])
            .feed(&list)
            .context("cannot read the attributes of large files")?;
        let said: Vec<&[u8]> = records(&said).collect();
        let filtered = said.chunks_exact(3).filter_map(|said| match said[2] {
            b"unspecified" | b"unset" => None,
            _ => Some(RepoPath::new(said[0])),
        });
        Ok(filtered.collect())
    }

    /// A fresh index that holds what the real one says of `paths` (git keeps line ends as they
    /// are stored) and of every attributes file (which count where the work tree lacks them).
    fn scratch_index(&self, paths: &[RepoPath]) -> Result<Scratch> {
        let scratch = Scratch::new(self.own_folder())?;
        let listing = self.git_at_root("ls-files").args(["-s", "-z"]).output()?;
        let wanted: HashSet<&RepoPath> = paths.iter().collect();
        let mut seed = Vec::new();
        for line in staged(&listing) {
            let line = line?;
            if wanted.contains(&line.path) || line.path.file_name() == b".gitattributes" {
                let head = format!("{:o} {} {}\t", line.mode.0, line.oid, line.stage);
                seed.extend_from_slice(head.as_bytes());
                seed.extend_from_slice(line.path.as_bytes());
                seed.push(0);
            }
        }
        self.in_scratch(&scratch, "update-index")
            .args(["-z", "--index-info"])
            .feed(&seed)
            .context("cannot create a temporary index")?;
        Ok(scratch)
    }

    /// Adds those of `paths` that git takes. One that it refuses (a required filter fails) fails
    /// a whole list, so a list that fails is halved until it is found.
    fn add_all(
        &self,
        scratch: &Scratch,
        paths: &[RepoPath],
        refused: &mut Vec<(RepoPath, String)>,
    ) {
        match (self.add_to(scratch, paths), paths) {
            (Ok(()), _) => {}
            (Err(error), [path]) => refused.push((path.clone(), format!("{error:#}"))),
            (Err(_), paths) => {
                let (first, second) = paths.split_at(paths.len() / 2);
                self.add_all(scratch, first, refused);
                self.add_all(scratch, second, refused);
            }
        }
    }

    fn add_to(&self, scratch: &Scratch, paths: &[RepoPath]) -> Result<()> {
        let list: Vec<u8> = paths
            .iter()
            .flat_map(|p| [p.as_bytes(), b"\0"].concat())
            .collect();
        self.in_scratch(scratch, "update-index")
            .args(["--add", "--remove", "-z", "--stdin"])
            .feed(&list)
            .map(drop)
    }

    fn in_scratch(&self, scratch: &Scratch, subcommand: &str) -> Git {
        let real = self.objects_dir();
        let real = real.canonicalize().unwrap_or_else(|_| real.to_owned());
        self.on_files(self.git_at_root(subcommand))
            .env("GIT_INDEX_FILE", scratch.path().join("index"))
            .env("GIT_OBJECT_DIRECTORY", scratch.objects())
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", real)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Pathspecs;
    use crate::git::testing::TestRepo;

    #[test]
    fn a_changed_file_gets_the_id_that_git_add_gives_it() {
        let test = TestRepo::new();
        test.config("core.autocrlf", "input");
        test.config("filter.upper.clean", "tr a-z A-Z");
        test.write(
            ".gitattributes",
            "*.up filter=upper\n*.u16 working-tree-encoding=UTF-16LE\n",
        );
        test.write("crlf.rs", "a\n");
        test.write("odd\nname.rs", "a\n");
        test.commit("base");
        test.write("crlf.rs", "b\r\nc\r\n");
        test.write("odd\nname.rs", "b\n");
        test.write("x.up", "shout\n");
        test.write("y.u16", [b'h', 0, b'i', 0]);
        let repo = test.open();
        let paths = ["crlf.rs", "odd\nname.rs", "x.up", "y.u16", "absent.rs"].map(RepoPath::from);
        let hashed = repo.hash_files(&paths, 100).unwrap();
        assert!(hashed.unreadable.is_empty());
        test.git(&["--all"], "add");
        let staged = repo.staged_files(&Pathspecs::default()).unwrap();
        for path in &paths[..4] {
            let expected = staged.iter().find(|f| f.path == *path).unwrap();
            assert_eq!(hashed.stored[path].1, expected.oid.unwrap(), "{path}");
        }
        assert_eq!(
            repo.blob(hashed.stored[&paths[2]].1, 100).unwrap(),
            b"SHOUT\n"
        );
        assert!(!hashed.stored.contains_key(&paths[4]));
    }

    #[test]
    fn a_file_that_a_required_filter_refuses_does_not_hide_the_others() {
        let test = TestRepo::new();
        test.config("filter.broken.clean", "false");
        test.config("filter.broken.required", "true");
        test.write(".gitattributes", "bad.rs filter=broken\n");
        test.write("bad.rs", "a\n");
        test.write("good.rs", "a\n");
        let repo = test.open();
        let hashed = repo
            .hash_files(&["bad.rs", "good.rs"].map(RepoPath::from), 100)
            .unwrap();
        assert_eq!(hashed.unreadable.len(), 1);
        assert!(hashed.stored.contains_key(&RepoPath::from("good.rs")));
    }

    #[test]
    fn a_file_that_is_far_too_large_is_not_read_unless_a_filter_makes_it_another() {
        let test = TestRepo::new();
        test.config("filter.short.clean", "head -c 3");
        test.write(".gitattributes", "short.rs filter=short\n");
        for name in ["long.rs", "short.rs"] {
            test.write(name, "x".repeat(1000));
        }
        let repo = test.open();
        let paths = ["long.rs", "short.rs"].map(RepoPath::from);
        let hashed = repo.hash_files(&paths, 100).unwrap();
        assert_eq!(hashed.too_large, [(paths[0].clone(), 1000)]);
        let short = Oid::of_blob(repo.format(), b"xxx");
        assert_eq!(hashed.stored[&paths[1]].1, short);
        assert_eq!(hashed.stored.len(), 1);
    }
}
