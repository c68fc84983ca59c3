//! Which files are meant, as the command line says it. Nothing is looked up here but the list
//! that `--files-from` names, and the revision that is compared with.

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

/// No list of files is longer: two million paths.
const MOST_BYTES: u64 = 256 << 20;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Selection options")]
pub struct SelectionOptions {
    /// Files and folders to look at, as git's pathspecs
    ///
    /// Without any, the current folder is meant. ':/' is the whole repository, '*.rs' every Rust
    /// file below the current folder, ':!vendor' leaves a folder out; see gitglossary(7) under
    /// "pathspec".
    #[arg(value_name = "PATHSPEC", help_heading = None::<&str>)]
    pub pathspecs: Vec<OsString>,

    /// Look at the files of a commit instead of the work tree
    ///
    /// Any revision that git understands: a branch, a tag, HEAD~3, a commit's id. Nothing is
    /// checked out; a bare repository needs this option.
    #[arg(long, value_name = "REV", conflicts_with_all = ["staged", "untracked"])]
    pub rev: Option<String>,

    /// Look at what is staged for the next commit
    #[arg(long, conflicts_with = "untracked")]
    pub staged: bool,

    /// Only files that differ from BASE
    ///
    /// Without BASE, from where the current branch left its upstream. A path that follows this
    /// option belongs after '--': it would be taken for BASE.
    #[arg(long, value_name = "BASE", num_args = 0..=1)]
    pub changed: Option<Option<String>>,

    /// Also files that git does not track, unless they are ignored
    #[arg(long)]
    pub untracked: bool,

    /// Exactly the files that FILE lists, one a line; '-' is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pathspecs", "changed"])]
    pub files_from: Option<FileList>,

    /// Paths in the list end with a NUL byte instead of a line feed
    #[arg(short = 'z', requires = "files_from")]
    pub nul: bool,
}

impl SelectionOptions {
    /// These files of the work tree.
    pub fn of(files: &[OsString]) -> Self {
        Self {
            pathspecs: files.to_vec(),
            ..Self::default()
        }
    }

    /// What they mean in the repository of `session`.
    ///
    /// # Errors
    /// If a list of files cannot be read, or what to compare with does not exist.
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

    /// The paths that `--files-from` lists, as they stand there; `None` without that option.
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

/// Where a list of files is read from.
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
        .hint("a list is as long as that of all files: git ls-files")
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
