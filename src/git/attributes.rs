//! Which attributes git gives to paths: those by which users and hosts keep files out.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use anyhow::{Context, Result};

use super::error::GitFailed;
use super::files::{self, Links, is_endless};
use super::hand::Hand;
use super::listing::records;
use super::pathspec::Pathspecs;
use super::process::{Git, endless};
use super::repo::Repo;
use super::scratch::Scratch;
use crate::model::{Oid, RepoPath};

/// The attributes that matter here.
const NAMES: [&str; 5] = [
    "rustassistant",
    "rustassistant-role",
    "linguist-generated",
    "linguist-vendored",
    "export-subst",
];

/// Git passes over a larger file of attributes.
const MAX_BYTES: u64 = 100 << 20;

/// The largest file of attributes that is read from the object database.
const MAX_STORED: usize = 1 << 20;

/// What attributes say of some paths; paths they say nothing of are absent.
#[derive(Clone, Debug, Default)]
pub struct Attributes(HashMap<RepoPath, Vec<(&'static str, Vec<u8>)>>);

impl Attributes {
    /// The value of `name` for `path`: `set`, `unset` or the text it was given; `None` if nothing
    /// was said.
    pub fn get(&self, path: &RepoPath, name: &str) -> Option<&[u8]> {
        let said = self.0.get(path)?;
        said.iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| value.as_slice())
    }
}

/// Could a file of attributes say anything of ours? A macro that does must spell the name out, so
/// looking for the names is enough.
pub fn mentions_ours(text: &[u8]) -> bool {
    NAMES
        .iter()
        .any(|name| text.windows(name.len()).any(|w| w == name.as_bytes()))
}

impl Repo {
    /// The attributes of `paths`, by the attribute files of `tree` if one is given, else of the
    /// work tree.
    ///
    /// # Errors
    /// If git cannot tell.
    pub fn attributes(&self, paths: &[&RepoPath], tree: Option<Oid>) -> Result<Attributes> {
        let list: Vec<u8> = paths
            .iter()
            .flat_map(|p| [p.as_bytes(), b"\0"].concat())
            .collect();
        if list.is_empty() {
            return Ok(Attributes::default());
        }
        // Paths are read from where the process stands: at the root they mean themselves.
        let fetches = match tree {
            Some(tree) => self.fetches_attributes(tree)?,
            None => false,
        };
        let ask = |git: Git| {
            let git = if fetches { git.fetching() } else { git };
            git.args(["-z", "--stdin"]).args(NAMES).feed(&list)
        };
        let source = tree.map(|oid| format!("--source={oid}"));
        let asked = ask(self.on_files(self.git_at_root("check-attr")).args(source));
        let output = match (asked, tree) {
            (Err(error), Some(tree)) if is_usage(&error) => self.attributes_by_index(tree, ask),
            (asked, _) => asked,
        };
        let output = output.context("cannot read the attributes of the selected files")?;
        let mut said: HashMap<RepoPath, Vec<_>> = HashMap::new();
        let mut fields = records(&output);
        while let (Some(path), Some(name), Some(value)) =
            (fields.next(), fields.next(), fields.next())
        {
            let name = NAMES.into_iter().find(|known| known.as_bytes() == name);
            if let (Some(name), true) = (name, value != b"unspecified") {
                said.entry(RepoPath::new(path))
                    .or_default()
                    .push((name, value.to_vec()));
            }
        }
        Ok(Attributes(said))
    }

    /// Is git to fetch what this clone lacks of the attribute files of `tree`? What it does not find
    /// it takes for empty.
    fn fetches_attributes(&self, tree: Oid) -> Result<bool> {
        if !self.lacks_something()? {
            return Ok(false);
        }
        let Err(refused) = self.may_fetch_promised() else {
            return Ok(true);
        };
        let listed = self.git("ls-tree").args(["-r", "-z", "--full-tree"]);
        let Ok(listed) = listed.arg(tree.to_string()).output() else {
            return Err(refused);
        };
        let is_here = |line: &[u8]| {
            let (head, path) = line.split_at(memchr::memchr(b'\t', line)?);
            let oid = Oid::from_hex(head.rsplit(|&b| b == b' ').next()?)?;
            let counts = RepoPath::new(&path[1..]).file_name() == b".gitattributes";
            Some(!counts || matches!(self.header(oid), Ok(Some(_))))
        };
        if records(&listed).all(|line| is_here(line).unwrap_or(true)) {
            Ok(false)
        } else {
            Err(refused)
        }
    }

    /// For a git before 2.40, which takes attributes from an index, but not from a tree.
    fn attributes_by_index(
        &self,
        tree: Oid,
        ask: impl FnOnce(Git) -> Result<Vec<u8>>,
    ) -> Result<Vec<u8>> {
        let scratch = Scratch::new(self.own_folder())?;
        let index = scratch.path().join("index");
        let git = |subcommand| self.git_at_root(subcommand).env("GIT_INDEX_FILE", &index);
        self.with_promised(|| git("read-tree").arg(tree.to_string()))?;
        ask(git("check-attr").arg("--cached"))
    }

    /// Do any attribute files outside of trees (`info/attributes`, the user's own), or in the
    /// `folders` of the work tree, mention an attribute of ours? Asking git about every path of a
    /// large repository costs more than all the rest of a run.
    ///
    /// # Errors
    /// With a hint, if git would read one of them without end.
    pub fn may_have_attributes<'a>(&self, folders: impl Iterator<Item = &'a [u8]>) -> Result<bool> {
        let mut found = self.outside_attributes()?;
        let Some(root) = self.work_dir() else {
            return Ok(found);
        };
        for folder in folders {
            let path = root.join(OsStr::from_bytes(folder)).join(".gitattributes");
            // Git follows no symlink there either: it could lead to what has no end.
            found |= mentions(&path, Links::Refused)?;
        }
        Ok(found)
    }

    /// Does a file of attributes that a sparse checkout leaves out of the work tree mention an
    /// attribute of ours? Git reads it from the index.
    ///
    /// # Errors
    /// If the index or such a file cannot be read.
    pub fn left_out_attributes(&self) -> Result<bool> {
        let Some(root) = self.work_dir().filter(|_| self.is_sparse()) else {
            return Ok(false);
        };
        let everywhere = Pathspecs {
            written: vec![":(top,glob)**/.gitattributes".into()],
            folder: Vec::new(),
        };
        let files = self.staged_files(&everywhere)?.into_iter();
        let gone = files.filter(|file| {
            let place = root.join(OsStr::from_bytes(file.path.as_bytes()));
            file.mode.is_file() && !place.exists()
        });
        let blobs: Vec<Oid> = gone.filter_map(|file| file.oid).collect();
        self.any_mentions_ours(&blobs)
    }

    /// Does any of these files of attributes mention one of ours?
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn any_mentions_ours(&self, files: &[Oid]) -> Result<bool> {
        let what = "cannot read a .gitattributes file";
        self.fetch_promised(files.iter().copied()).context(what)?;
        for oid in files {
            if mentions_ours(&self.blob(*oid, MAX_STORED).context(what)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The part of [`Repo::may_have_attributes`] that does not depend on a tree.
    ///
    /// # Errors
    /// As that.
    pub fn outside_attributes(&self) -> Result<bool> {
        let configured = match &self.hand {
            Hand::Libgit2(repo) => repo
                .config()
                .and_then(|mut config| config.snapshot())
                .and_then(|config| config.get_path("core.attributesFile"))
                .ok(),
            Hand::Git(_) => self.configured_path("core.attributesFile"),
        };
        let beside_config = git2::Config::find_xdg().map(|path| path.with_file_name("attributes"));
        let at_home = std::env::home_dir().map(|home| home.join(".config/git/attributes"));
        let user = [configured, beside_config.ok(), at_home];
        let others = [
            "/etc/gitattributes".into(),
            self.common_dir().join("info/attributes"),
        ];
        let mut found = false;
        for path in user.into_iter().flatten().chain(others) {
            found |= mentions(&path, Links::Followed)?;
        }
        Ok(found)
    }
}

/// Did git not understand what it was asked?
fn is_usage(error: &anyhow::Error) -> bool {
    let failed = error.downcast_ref::<GitFailed>();
    failed.is_some_and(|failed| failed.code == Some(GitFailed::USAGE))
}

/// Does the file at `path`, if it is one, mention an attribute of ours?
fn mentions(path: &Path, links: Links) -> Result<bool> {
    let kind = match links {
        Links::Followed => path.metadata(),
        Links::Refused => path.symlink_metadata(),
    };
    match kind {
        Ok(kind) if kind.is_file() => {}
        Ok(kind) if is_endless(&kind) => return Err(endless(path)),
        _ => return Ok(false),
    }
    // One that nobody may read says nothing, and git passes over a larger one.
    let text = files::read(path, links, MAX_BYTES);
    Ok(text.is_ok_and(|text| mentions_ours(&text)))
}

#[cfg(test)]
mod tests {
    use crate::git::testing::TestRepo;

    #[test]
    fn a_file_of_attributes_counts_where_git_reads_it_and_a_symlink_does_not() {
        let test = TestRepo::new();
        let asked = || {
            let folders = [b"".as_slice(), b"linked", b"odd", b"plain"];
            folders.map(|folder| {
                let asked = test.open().may_have_attributes([folder].into_iter());
                asked.unwrap()
            })
        };
        let said = test.write("plain/.gitattributes", "*.rs -rustassistant\n");
        test.write("linked/a.rs", "");
        std::os::unix::fs::symlink(said, test.path.join("linked/.gitattributes")).unwrap();
        test.write("odd/.gitattributes/a.rs", "");
        assert_eq!(asked(), [false, false, false, true]);
    }
}
