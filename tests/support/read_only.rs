//! A folder that nobody can write to, where this machine lets one be mounted so. Not what is tried
//! there.

use std::path::{Path, PathBuf};

use super::Repo;

/// A folder that cannot be written by anybody for as long as this lives.
pub struct ReadOnly<'a> {
    repo: &'a Repo,
    folder: PathBuf,
}

impl<'a> ReadOnly<'a> {
    /// `None` where nothing can be mounted.
    pub fn mount(repo: &'a Repo, folder: &Path) -> Option<Self> {
        let mount = |options: &[&str], places: &[&Path]| {
            let mut mount = repo.command("mount".as_ref());
            mount.args(options).args(places);
            mount.output().is_ok_and(|output| output.status.success())
        };
        let mounted = mount(&["--bind"], &[folder, folder]).then(|| Self {
            repo,
            folder: folder.to_owned(),
        })?;
        mount(&["-o", "remount,ro,bind"], &[folder]).then_some(mounted)
    }
}

impl Drop for ReadOnly<'_> {
    fn drop(&mut self) {
        let mut umount = self.repo.command("umount".as_ref());
        // What cannot be unmounted fails the test that made it where its folder is removed.
        let _ = umount.arg("-l").arg(&self.folder).output();
    }
}
