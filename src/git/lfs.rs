//! Git LFS, which keeps the content of some files apart: whether this clone uses it, and its part in
//! a push. Not what LFS does.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::config::{Overrides, last_of};
use super::files::{self, Links};
use super::process::Git;
use super::repo::Repo;

/// No file of attributes that a person writes is as long.
const MOST_BYTES: u64 = 1 << 20;

const FILTER: &[u8] = b"filter=lfs";

impl Repo {
    /// Does this clone keep files with Git LFS? So it does where LFS has put anything, or where
    /// attributes name it and it is installed.
    pub fn uses_lfs(&self) -> bool {
        self.common_dir().join("lfs").is_dir()
            || self.names_lfs_storage()
            || (self.attributes_name_lfs() && is_installed())
    }

    fn names_lfs_storage(&self) -> bool {
        let config = self.config(Overrides::of_process()).unwrap_or_default();
        last_of(&config, "lfs.storage").is_some_and(|storage| !storage.is_empty())
    }

    fn attributes_name_lfs(&self) -> bool {
        let of_root = self.work_dir().map(|root| root.join(".gitattributes"));
        let files = of_root
            .into_iter()
            .chain([self.common_dir().join("info/attributes")]);
        files.into_iter().any(|file: PathBuf| {
            let text = files::read(&file, Links::Followed, MOST_BYTES);
            text.is_ok_and(|text| memchr::memmem::find(&text, FILTER).is_some())
        })
    }
}

fn is_installed() -> bool {
    // Outside of any repository: one could call anything `lfs`.
    let git = Git::new(Path::new("/"), "lfs")
        .without("GIT_DIR")
        .without("GIT_WORK_TREE")
        .without("GIT_COMMON_DIR");
    let said = git.arg("version").finish(b"");
    said.is_ok_and(|said| said.status.success())
}

/// Has LFS upload what it keeps apart of what is pushed: `git lfs pre-push` as git would run it,
/// with the same arguments and lines. It says what it likes, asks for what it needs and takes as
/// long as it takes. Whether all of it arrived.
///
/// # Errors
/// If git cannot be started.
pub fn lfs_pre_push(
    arguments: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>,
    lines: &[u8],
) -> Result<bool> {
    let git = Git::of_user("lfs").arg("pre-push").args(arguments);
    Ok(git.finish(lines)?.status.success())
}
