//! The files of the index, the work tree and trees, as git lists them; and the ids that `git add`
//! would give to what is not stored yet, computed by git itself in a scratch index.
//!
//! The user's index is never written.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;

use anyhow::{Context, Result};

use super::listing::{Listed, Mode, Staged, changed, records, staged};
use super::objects::Scratch;
use super::pathspec::Pathspecs;
use super::process::Git;
use super::repo::Repo;
use crate::model::{Oid, RepoPath, ResultExt};

/// What hashing the work tree's changed files gave.
#[derive(Debug, Default)]
pub struct Hashed {
    /// The id and mode that `git add` would store, by path. Paths that are gone are absent.
    pub stored: HashMap<RepoPath, (Mode, Oid)>,
    /// What could not be read, and why.
    pub unreadable: Vec<(RepoPath, String)>,
}

impl Repo {
    /// The files of the index that `pathspecs` mean.
    ///
    /// # Errors
    /// If a pathspec matches nothing, or git cannot read the index.
    pub fn staged_files(&self, pathspecs: &Pathspecs) -> Result<Vec<Listed>> {
        let output = self.ls_files(&["-t", "-s"], pathspecs)?;
        let mut files: Vec<Listed> = Vec::new();
        for line in staged(&output) {
            let line = line?;
            // In a conflict, "ours" stands for the file, as it does for git's attributes.
            let seen = files.last().is_some_and(|last| last.path == line.path);
            if line.stage < 3 && !(seen && line.stage < 2) {
                if seen {
                    files.pop();
                }
                files.push(listed(line, Some));
            }
        }
        Ok(files)
    }

    /// The tracked files of the work tree that `pathspecs` mean, with the index's ids for those
    /// that are as the index says, and none for those that changed. Deleted files are left out.
    ///
    /// # Errors
    /// As [`Repo::staged_files`].
    pub fn work_files(&self, pathspecs: &Pathspecs) -> Result<Vec<Listed>> {
        // Tags: H as in the index, C changed or deleted, R deleted, S absent by a sparse checkout.
        let output = self.ls_files(&["-t", "-s", "-m", "-d"], pathspecs)?;
        let mut files: Vec<Listed> = Vec::new();
        let mut deleted = false;
        for line in staged(&output) {
            let line = line?;
            let same = files.last().is_some_and(|last| last.path == line.path);
            match line.tag {
                b'R' => {
                    if same {
                        files.pop();
                    }
                    deleted = true;
                }
                b'C' if same => {
                    if let Some(last) = files.last_mut() {
                        last.oid = None;
                    }
                }
                b'C' if deleted => {}
                _ if same => {}
                _ => {
                    deleted = false;
                    let conflicted = line.stage > 0;
                    files.push(listed(line, |oid| (!conflicted).then_some(oid)));
                }
            }
        }
        Ok(files)
    }

    /// Files of the work tree that git neither tracks nor ignores.
    ///
    /// # Errors
    /// If git cannot list them.
    pub fn untracked_files(&self, pathspecs: &Pathspecs) -> Result<Vec<Listed>> {
        let output = self
            .git("ls-files")
            .args(["-z", "--full-name", "--others", "--exclude-standard", "--"])
            .args(&pathspecs.written)
            .output()
            .context("cannot list the untracked files")?;
        let file = |path: &[u8]| Listed {
            path: RepoPath::new(path),
            mode: Mode::FILE,
            oid: None,
        };
        // A nested repository is listed as a folder: it is not ours to look into.
        let files = records(&output).filter(|path| path.last() != Some(&b'/'));
        Ok(files.map(file).collect())
    }

    /// What the work tree or the index (`--cached`) holds differently from `base`.
    ///
    /// # Errors
    /// If git cannot compare them.
    pub fn changed_files(&self, base: Oid, cached: bool, specs: &Pathspecs) -> Result<Vec<Listed>> {
        let output = self
            .git("diff-index")
            .args([
                "-z",
                "--raw",
                "--no-renames",
                "--no-abbrev",
                "--ignore-submodules=all",
            ])
            .args(cached.then_some("--cached"))
            .args([&base.to_string(), "--"])
            .args(self.or_here(specs))
            .output()
            .with_context(|| format!("cannot compare with {}", base.short()))?;
        changed(&output)
    }

    /// What `tree` holds differently from `base`, by git's own pathspec rules.
    ///
    /// # Errors
    /// If git cannot compare them.
    pub fn changed_between(&self, base: Oid, tree: Oid, specs: &Pathspecs) -> Result<Vec<Listed>> {
        let output = self
            .git("diff-tree")
            .args(["-r", "-z", "--raw", "--no-renames", "--no-abbrev"])
            .args([&base.to_string(), &tree.to_string(), "--"])
            .args(self.or_here(specs))
            .output()
            .context("cannot compare two trees")?;
        changed(&output)
    }

    /// The ids that `git add` would give to `paths`, with every filter and conversion the user
    /// configured. The objects are readable through this repository as long as it lives.
    ///
    /// # Errors
    /// If the scratch index cannot be made; a file that cannot be read is reported, not an error.
    pub fn hash_files(&mut self, paths: &[RepoPath]) -> Result<Hashed> {
        let mut hashed = Hashed::default();
        let root = self
            .work_dir()
            .context("a bare repository has no work tree")?
            .to_owned();
        let mut readable = Vec::new();
        for path in paths {
            let place = root.join(OsStr::from_bytes(path.as_bytes()));
            let meta = place.symlink_metadata();
            let opened = match &meta {
                Ok(meta) if meta.is_file() => File::open(&place).map(drop),
                Ok(_) => Ok(()),
                Err(_) => continue,
            };
            match opened {
                Ok(()) => readable.push(path.clone()),
                Err(error) => hashed.unreadable.push((path.clone(), error.to_string())),
            }
        }
        if readable.is_empty() {
            return Ok(hashed);
        }
        let scratch = self.scratch_index(&readable)?;
        if let Err(error) = self.add_to(&scratch, &readable) {
            // One file that git refuses (a required filter fails) fails the whole list.
            readable.retain(
                |path| match self.add_to(&scratch, std::slice::from_ref(path)) {
                    Ok(()) => true,
                    Err(error) => {
                        hashed.unreadable.push((path.clone(), format!("{error:#}")));
                        false
                    }
                },
            );
            if hashed.unreadable.is_empty() {
                return Err(error);
            }
        }
        let output = self
            .in_scratch(&scratch, "ls-files")
            .args(["-t", "-s", "-z", "--full-name", ":/"])
            .output()?;
        let wanted: std::collections::HashSet<&RepoPath> = readable.iter().collect();
        for line in staged(&output) {
            let line = line?;
            if line.stage == 0 && wanted.contains(&line.path) {
                hashed.stored.insert(line.path, (line.mode, line.oid));
            }
        }
        self.add_scratch(scratch)?;
        Ok(hashed)
    }

    /// A fresh index that holds what the real one says of `paths` (git keeps line ends as they
    /// are stored) and of every attributes file (which count where the work tree lacks them).
    fn scratch_index(&self, paths: &[RepoPath]) -> Result<Scratch> {
        let own = self.own_dir();
        let folder = std::fs::create_dir_all(&own)
            .and_then(|()| tempfile::Builder::new().prefix("scratch-").tempdir_in(&own))
            // A read-only repository can still be analysed.
            .or_else(|_| tempfile::Builder::new().prefix("rustassistant-").tempdir())
            .context("cannot make a temporary folder")?;
        std::fs::create_dir_all(folder.path().join("objects"))
            .context("cannot make a temporary folder")?;
        let folder = folder.path().canonicalize().map(|_| folder)?;
        let scratch = Scratch::new(folder);
        let listing = self
            .git("ls-files")
            .args(["-t", "-s", "-z", "--full-name", ":/"])
            .output()?;
        let wanted: std::collections::HashSet<&RepoPath> = paths.iter().collect();
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
            .context("cannot make a scratch index")?;
        Ok(scratch)
    }

    fn add_to(&self, scratch: &Scratch, paths: &[RepoPath]) -> Result<()> {
        // The folder in which git reads the list is the root: paths are from there.
        let root = self
            .work_dir()
            .context("a bare repository has no work tree")?;
        let list: Vec<u8> = paths
            .iter()
            .flat_map(|p| [p.as_bytes(), b"\0"].concat())
            .collect();
        self.scratch_env(scratch, Git::new(root, "update-index"))
            .args(["--add", "--remove", "-z", "--stdin"])
            .feed(&list)
            .map(drop)
    }

    fn in_scratch(&self, scratch: &Scratch, subcommand: &str) -> Git {
        self.scratch_env(scratch, self.git(subcommand))
    }

    fn scratch_env(&self, scratch: &Scratch, git: Git) -> Git {
        let real = self.objects_dir();
        let real = real.canonicalize().unwrap_or(real);
        git.env("GIT_INDEX_FILE", scratch.path().join("index"))
            .env("GIT_OBJECT_DIRECTORY", scratch.objects())
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", real)
    }

    fn ls_files(&self, options: &[&str], pathspecs: &Pathspecs) -> Result<Vec<u8>> {
        let git = self
            .git("ls-files")
            .args(["-z", "--full-name"])
            .args(options);
        let git = match pathspecs.written.is_empty() {
            true => git,
            false => git
                .arg("--error-unmatch")
                .arg("--")
                .args(&pathspecs.written),
        };
        let listed = git.output().context("cannot list the files");
        listed.hint("pathspecs are relative to the current folder; ':/' means the whole repository")
    }

    /// The pathspecs, or the folder where the user stands if there are none: git's comparing
    /// commands would take the whole tree.
    fn or_here(&self, specs: &Pathspecs) -> Vec<std::ffi::OsString> {
        match (specs.written.is_empty(), specs.folder.is_empty()) {
            (false, _) => specs.written.clone(),
            (true, true) => Vec::new(),
            (true, false) => vec![".".into()],
        }
    }
}

fn listed(line: Staged, oid: impl FnOnce(Oid) -> Option<Oid>) -> Listed {
    Listed {
        path: line.path,
        mode: line.mode,
        oid: oid(line.oid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;

    fn listing(files: &[Listed]) -> Vec<(String, bool)> {
        files
            .iter()
            .map(|f| (f.path.to_string(), f.oid.is_some()))
            .collect()
    }

    #[test]
    fn the_work_tree_is_the_index_but_for_what_changed() {
        let test = TestRepo::new();
        for name in ["clean.rs", "dirty.rs", "gone.rs"] {
            test.write(name, "fn a() {}\n");
        }
        test.commit("three");
        test.write("dirty.rs", "fn b() {}\n");
        test.write("new.rs", "fn c() {}\n");
        std::fs::remove_file(test.path.join("gone.rs")).unwrap();
        let repo = test.open();
        let here = Pathspecs::default();
        let files = repo.work_files(&here).unwrap();
        assert_eq!(
            listing(&files),
            [("clean.rs".into(), true), ("dirty.rs".into(), false)]
        );
        assert_eq!(repo.staged_files(&here).unwrap().len(), 3);
        assert_eq!(
            listing(&repo.untracked_files(&here).unwrap()),
            [("new.rs".into(), false)]
        );
    }

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
        let mut repo = test.open();
        let paths = ["crlf.rs", "odd\nname.rs", "x.up", "y.u16", "absent.rs"].map(RepoPath::from);
        let hashed = repo.hash_files(&paths).unwrap();
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
        let mut repo = test.open();
        let hashed = repo
            .hash_files(&["bad.rs", "good.rs"].map(RepoPath::from))
            .unwrap();
        assert_eq!(hashed.unreadable.len(), 1);
        assert!(hashed.stored.contains_key(&RepoPath::from("good.rs")));
    }

    #[test]
    fn in_a_conflict_the_file_is_what_the_work_tree_holds() {
        let test = TestRepo::new();
        test.write("a.rs", "one\n");
        test.commit("base");
        test.git(&["-q", "-b", "other"], "checkout");
        test.write("a.rs", "two\n");
        test.commit("two");
        test.git(&["-q", "main"], "checkout");
        test.write("a.rs", "three\n");
        test.commit("three");
        let merge = Git::new(&test.path, "merge")
            .arg("other")
            .finish(b"")
            .unwrap();
        assert!(!merge.status.success());
        let files = test.open().work_files(&Pathspecs::default()).unwrap();
        assert_eq!(listing(&files), [("a.rs".into(), false)]);
        assert_eq!(
            test.open()
                .staged_files(&Pathspecs::default())
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn a_pathspec_that_matches_nothing_is_an_error() {
        let test = TestRepo::new();
        test.write("a.rs", "a\n");
        test.commit("base");
        let specs = Pathspecs {
            written: vec!["absent".into()],
            folder: Vec::new(),
        };
        let error = test.open().work_files(&specs).unwrap_err();
        assert!(format!("{error:#}").contains("absent"), "{error:#}");
    }
}
