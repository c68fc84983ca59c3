//! Options that select files. Reads only the list that `--files-from` names, and resolves the
//! revision to compare with.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::git::whole;
use crate::model::ResultExt;
use crate::scan::{Other, Place, Selection};
use crate::session::{Session, base_of};

/// Size limit of a list of files: about two million paths.
const MOST_BYTES: u64 = 256 << 20;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Selection options")]
pub struct SelectionOptions {
    /// Files and folders to select, as git pathspecs [default: the current directory]
    ///
    /// ':/' selects the whole repository, '*.rs' every Rust file below the current directory, and
    /// ':!vendor' excludes a folder. See "pathspec" in gitglossary(7).
    #[arg(value_name = "PATHSPEC", help_heading = None::<&str>)]
    pub pathspecs: Vec<OsString>,

    /// Select files of a commit instead of the work tree
    ///
    /// REV is any revision that git understands: a branch, a tag, HEAD~3, a commit id. Nothing is
    /// checked out. Required in a bare repository.
    #[arg(long, value_name = "REV", conflicts_with_all = ["staged", "untracked"])]
    pub rev: Option<String>,

    /// Select the staged contents
    #[arg(long, conflicts_with = "untracked")]
    pub staged: bool,

    /// Select only files that differ from BASE
    ///
    /// BASE defaults to the merge base with the upstream branch. Put paths that follow this option
    /// after '--'; otherwise the first one is taken as BASE.
    #[arg(long, value_name = "BASE", num_args = 0..=1)]
    pub changed: Option<Option<String>>,

    /// Include untracked files, except ignored ones
    #[arg(long)]
    pub untracked: bool,

    /// Select the files listed in FILE, one per line; '-' reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pathspecs", "changed"])]
    pub files_from: Option<FileList>,

    /// Paths in the list end with NUL, not with a newline
    #[arg(short = 'z', requires = "files_from")]
    pub nul: bool,
}

impl SelectionOptions {
    /// Selects these files of the work tree.
    pub fn of(files: &[OsString]) -> Self {
        Self {
            pathspecs: files.to_vec(),
            ..Self::default()
        }
    }

    /// The selection these options describe, in the repository of `session`.
    ///
    /// # Errors
    /// If the list of files cannot be read, or the revision to compare with does not exist.
    pub fn resolve(&self, session: &Session<'_>) -> Result<Selection> {
        let place = match (&self.rev, self.staged, self.untracked) {
            (Some(rev), ..) => Place::Rev(rev.clone()),
            (_, true, _) => Place::Index,
            (_, _, true) => Place::WithUntracked,
            _ => Place::WorkTree,
        };
        let base = self.changed.as_ref();
        let base = base.map(|base| base_of(&session.repo, base.as_deref()));
        let files = self.listed()?;
        let files = files.map(|files| session.listed_here(&files));
        Ok(Selection {
            place,
            pathspecs: session.pathspecs(self.pathspecs.clone()),
            files: files.transpose()?,
            differs_from: base.transpose()?.map(Other::Tree),
        })
    }

    /// The paths that `--files-from` lists, unchanged; `None` without that option.
    ///
    /// # Errors
    /// If the list cannot be read.
    fn listed(&self) -> Result<Option<Vec<OsString>>> {
        let Some(list) = &self.files_from else {
            return Ok(None);
        };
        let end = if self.nul { b'\0' } else { b'\n' };
        Ok(Some(split(&list.read()?, end)))
    }
}

/// Where to read a list of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileList {
    StandardInput,
    File(PathBuf),
}

impl From<OsString> for FileList {
    fn from(name: OsString) -> Self {
        if name == "-" {
            Self::StandardInput
        } else {
            Self::File(name.into())
        }
    }
}

impl FileList {
    #[expect(
        clippy::disallowed_methods,
        reason = "the user names it, and it may be the pipe of a shell"
    )]
    fn read(&self) -> Result<Vec<u8>> {
        match self {
            Self::StandardInput => whole(io::stdin().lock(), MOST_BYTES)
                .context("cannot read the list of files from standard input"),
            Self::File(path) => File::open(path)
                .and_then(|list| whole(list, MOST_BYTES))
                .with_context(|| format!("cannot read the list of files '{}'", path.display())),
        }
        .hint("expected a list like the output of: git ls-files")
    }
}

fn split(list: &[u8], end: u8) -> Vec<OsString> {
    list.split(|&byte| byte == end)
        .map(|path| match end {
            b'\n' => path.strip_suffix(b"\r").unwrap_or(path),
            _ => path,
        })
        .filter(|path| !path.is_empty())
        .map(|path| OsString::from_vec(path.to_vec()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_a_path_a_line_or_a_path_before_each_nul() {
        assert_eq!(split(b"a b\r\n\nc", b'\n'), ["a b", "c"]);
        assert_eq!(split(b"a\nb\0c\r\0", b'\0'), ["a\nb", "c\r"]);
        assert!(split(b"", b'\n').is_empty());
    }
}
