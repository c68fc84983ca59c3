//! Real repositories for the tests of this room and those above it. Not part of the product.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::process::Git;
use super::repo::Repo;

/// A repository in a temporary folder.
#[derive(Debug)]
pub struct TestRepo {
    _folder: TempDir,
    pub path: PathBuf,
}

impl Default for TestRepo {
    fn default() -> Self {
        Self::new()
    }
}

impl TestRepo {
    /// In the format that the environment asks for.
    pub fn new() -> Self {
        Self::init(&[])
    }

    /// For tests that spell out ids.
    pub fn with_sha1() -> Self {
        Self::init(&["--object-format=sha1"])
    }

    fn init(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        let repo = Self {
            _folder: folder,
            path,
        };
        repo.git(&[options, &["-q", "-b", "main"]].concat(), "init");
        repo.config("user.name", "A U Thor");
        repo.config("user.email", "author@example.com");
        repo
    }

    pub fn open(&self) -> Repo {
        Repo::open_at(&self.path).unwrap()
    }

    /// Runs git here; what it printed.
    pub fn git(&self, args: &[&str], subcommand: &str) -> String {
        let output = Git::new(&self.path, subcommand)
            .fetching()
            .args(args)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output).trim_end().to_owned()
    }

    pub fn config(&self, key: &str, value: &str) {
        self.git(&[key, value], "config");
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let place = self.path.join(path);
        std::fs::create_dir_all(place.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(&place, text).unwrap();
        place
    }

    /// Commits everything.
    pub fn commit(&self, message: &str) {
        self.git(&["--all"], "add");
        self.git(&["-q", "--allow-empty", "-m", message], "commit");
    }

    /// The repository must be sound after whatever a test did to it.
    pub fn fsck(&self) {
        let output = Git::new(&self.path, "fsck")
            .args(["--full", "--strict", "--no-dangling"])
            .finish(b"")
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let bad = said
            .lines()
            .filter(|line| !line.starts_with("notice:"))
            .count();
        assert!(output.status.success() && bad == 0, "{said}");
    }
}
