//! The repository that is measured: one that the caller names, copied, or one made of many small
//! files in many folders.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A repository to measure in; gone when dropped.
pub struct Subject {
    _folder: TempDir,
    pub path: PathBuf,
    pub files: usize,
}

impl Subject {
    /// A copy of `source`, or a repository of `files` made files.
    pub fn prepare(source: Option<PathBuf>, files: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("repo");
        match source {
            Some(source) => {
                let target = path.to_str().unwrap();
                git(
                    folder.path(),
                    &["clone", "-q", source.to_str().unwrap(), target],
                    b"",
                );
            }
            None => make(&path, files),
        }
        for (key, value) in [("user.name", "bench"), ("user.email", "bench@localhost")] {
            git(&path, &["config", key, value], b"");
        }
        let files = git(&path, &["ls-files"], b"").lines().count();
        Self {
            _folder: folder,
            path,
            files,
        }
    }

    /// The path of some file that is analyzed.
    pub fn a_file(&self) -> String {
        let files = git(&self.path, &["ls-files", "*.rs", "*.c", "*.py"], b"");
        let all: Vec<&str> = files.lines().collect();
        all[all.len() / 2].to_owned()
    }

    /// Commits a change of `count` files.
    pub fn change(&self, count: usize) {
        let files = git(&self.path, &["ls-files", "*.rs", "*.c", "*.py"], b"");
        let all: Vec<&str> = files.lines().collect();
        for name in all.iter().step_by(all.len() / count).take(count) {
            let mut file = std::fs::OpenOptions::new()
                .append(true)
                .open(self.path.join(name))
                .unwrap();
            file.write_all(b"\n").unwrap();
        }
        git(&self.path, &["commit", "-qam", "change"], b"");
    }

    /// The script that git starts when it pushes. As after a push, the remote has all that this
    /// clone has made.
    pub fn hook(&self) -> PathBuf {
        if git(&self.path, &["remote"], b"").is_empty() {
            git(&self.path, &["remote", "add", "origin", "/nowhere"], b"");
        }
        let (ours, mirror) = ["local", "remotes/origin"]
            .map(|place| format!("refs/rustassistant/{place}/v1"))
            .into();
        git(&self.path, &["update-ref", &mirror, &ours], b"");
        let hook = self.path.join(".git/hooks/pre-push");
        std::fs::create_dir_all(self.path.join(".git/hooks")).unwrap();
        std::fs::write(&hook, include_str!("../../hooks/pre-push")).unwrap();
        std::fs::set_permissions(&hook, Permissions::from_mode(0o755)).unwrap();
        hook
    }

    /// What git tells a hook when the last commit is pushed.
    pub fn pushed(&self) -> String {
        let commits = git(&self.path, &["rev-parse", "HEAD", "HEAD~1"], b"");
        let (new, old) = commits.trim().split_once('\n').unwrap();
        format!("refs/heads/main {new} refs/heads/main {old}\n")
    }
}

/// Removes what a program derived and would derive again.
pub fn forget(folder: &Path) {
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if file.file_name().to_string_lossy().starts_with("memo") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
}

fn make(path: &Path, files: usize) {
    std::fs::create_dir(path).unwrap();
    git(path, &["init", "-q", "-b", "main"], b"");
    let mut stream =
        b"commit refs/heads/main\ncommitter b <b@localhost> 1 +0000\ndata 4\nmany".to_vec();
    for number in 0..files {
        let text = source(number);
        let name = format!("d{}/d{}/f{number}.rs", number / 1000, number / 25 % 40);
        stream.extend(format!("M 644 inline {name}\ndata {}\n{text}\n", text.len()).bytes());
    }
    git(path, &["fast-import", "--quiet", "--depth=0"], &stream);
    git(path, &["reset", "-q", "--hard"], b"");
}

fn source(number: usize) -> String {
    let mut text = format!("//! Number {number}.\n\n");
    for line in 0..20 + number % 40 {
        text += &format!(
            "pub fn f{line}(a: u32) -> u32 {{\n    a.wrapping_mul({})\n}}\n",
            number + line
        );
    }
    text
}

#[expect(clippy::disallowed_methods, reason = "what is measured are processes")]
pub fn git(folder: &Path, arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "git {arguments:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
