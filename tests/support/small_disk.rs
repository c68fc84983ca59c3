//! A disk that is soon full, where this machine lets one be mounted. Not what is tried on it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use super::Repo;

/// A small disk, mounted inside of a repository for as long as this lives.
pub struct SmallDisk<'a> {
    repo: &'a Repo,
}

impl<'a> SmallDisk<'a> {
    /// `None` where disks cannot be mounted.
    pub fn mount(repo: &'a Repo, size: &str) -> Option<Self> {
        let folder = repo.path().join("small");
        fs::create_dir_all(&folder).unwrap();
        let mut mount = repo.command("mount".as_ref());
        mount
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(&folder);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then_some(Self { repo })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.repo.path().join("small").join(name)
    }

    /// Fills it but for so many kilobytes.
    pub fn fill(&self, free: usize) {
        let reserve = self.path("reserve");
        fs::write(&reserve, vec![1; free << 10]).unwrap();
        let mut filler = fs::File::create(self.path("filler")).unwrap();
        while filler.write_all(&[1; 4096]).is_ok() {}
        drop(filler);
        fs::remove_file(reserve).unwrap();
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let mut umount = self.repo.command("umount".as_ref());
        // What cannot be unmounted fails the test that made it where its folder is removed.
        let _ = umount.arg("-l").arg(self.path("")).output();
    }
}
