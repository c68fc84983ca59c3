//! Hermetic repositories and runs of the built program: nothing of the machine's own settings,
//! names, dates or paths shows. Not part of the product.

pub mod forged;
pub mod host;
pub mod model;
mod programs;
pub mod read_only;
mod report;
pub mod server;
pub mod small_disk;
mod source;
mod team;
pub mod tls;
mod unprivileged;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub use programs::path;
pub use report::Report;
pub use source::rust_source;
pub use team::{SHARED, Team};

/// The date of every commit, in seconds: 2026-01-01, noon.
const DATE: &str = "1767268800 +0000";

/// A repository in a temporary folder, with a home of its own beside it.
#[derive(Debug)]
pub struct Repo {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// The object format of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objects {
    Sha1,
    Sha256,
}

/// What a run of the program left.
#[must_use = "a run that nobody looks at proves nothing"]
#[derive(Debug)]
pub struct Output {
    pub code: Option<i32>,
    /// The repository's path is shown as `$REPO`, its home as `$HOME`.
    pub stdout: String,
    /// As `stdout`.
    pub stderr: String,
}

impl Output {
    /// What was said on standard error beside that a lock was removed which a killed git had left.
    pub fn beside_healing(&self) -> String {
        let lines = self.stderr.lines();
        let told = |line: &&str| !line.ends_with(", left by a killed git process");
        lines.filter(told).map(|line| format!("{line}\n")).collect()
    }
}

impl Repo {
    /// An empty repository, in the formats that the suite runs in.
    pub fn new() -> Self {
        Self::init(&[])
    }

    /// `src/a.rs` and `b.rs`, committed.
    pub fn of_two_files() -> Self {
        let repo = Self::new();
        repo.write("src/a.rs", "pub fn a() {}\n");
        repo.write("b.rs", "pub fn b() {}\n");
        repo.commit("two files");
        repo
    }

    /// An empty repository of this object format.
    pub fn with(objects: Objects) -> Self {
        Self::init(&[match objects {
            Objects::Sha1 => "--object-format=sha1",
            Objects::Sha256 => "--object-format=sha256",
        }])
    }

    /// An empty repository, made with options of `git init`.
    pub fn init(options: &[&str]) -> Self {
        let repo = Self {
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        };
        fs::create_dir(repo.path()).unwrap();
        fs::create_dir(repo.home()).unwrap();
        repo.git(&[&["init", "-q", "-b", "main"], options].concat());
        repo
    }

    pub fn path(&self) -> PathBuf {
        self.root().join("repo")
    }

    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// Sets a variable for what is run from now on.
    pub fn set(&mut self, variable: &str, value: &str) {
        self.variables.push((variable.to_owned(), value.to_owned()));
    }

    /// Runs git in the repository; what it printed, without the last line feed.
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = self.command(Path::new("git")).args(arguments).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {said}");
        let printed = String::from_utf8_lossy(&output.stdout);
        printed.trim_end_matches('\n').to_owned()
    }

    /// Has git tidy up beside writers. Where refs are reftables, `git gc` and `git reflog expire` fail
    /// beside any writer, `git update-ref` too, because the stack of tables is locked or has changed:
    /// there, that is not our doing.
    #[track_caller]
    pub fn tidy(&self, arguments: &[&str]) {
        let output = self.finish(self.command(Path::new("git")).args(arguments));
        assert!(
            output.code == Some(0) || !self.has_refs_in_files(),
            "{output:?}"
        );
    }

    /// Writes a file of the work tree, and the folders it lies in.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let place = self.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    /// Commits the whole work tree.
    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// Gives a remote files of the work tree on a branch of their own: no branch of this clone, and
    /// not its index, knows of it.
    pub fn push_files(&self, remote: &str, files: &[&str]) {
        let index = self.root().join("index");
        let git = |arguments: &[&str]| {
            let mut git = self.command(Path::new("git"));
            let output = self.finish(git.env("GIT_INDEX_FILE", &index).args(arguments));
            assert_eq!(output.code, Some(0), "{output:?}");
            output.stdout.trim().to_owned()
        };
        git(&[&["add", "--force"], files].concat());
        let tree = git(&["write-tree"]);
        fs::remove_file(&index).unwrap();
        let commit = git(&["commit-tree", "-m", "files", &tree]);
        let to = format!("{commit}:refs/heads/files-{commit}");
        let push = [
            "push",
            "-q",
            "--no-verify",
            "--receive-pack=git-receive-pack",
        ];
        git(&[&push[..], &[remote, &to]].concat());
    }

    /// Runs `git-rustassistant` in the repository.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.run_in("", arguments)
    }

    /// As [`Repo::run`], in a folder of the repository.
    pub fn run_in(&self, folder: &str, arguments: &[&str]) -> Output {
        let mut command = self.program();
        command.current_dir(self.path().join(folder));
        self.finish(command.args(arguments))
    }

    /// `git-rustassistant`, ready to be given arguments.
    pub fn program(&self) -> Command {
        self.command(assert_cmd::cargo::cargo_bin!("git-rustassistant"))
    }

    /// Runs a command to its end.
    pub fn finish(&self, command: &mut Command) -> Output {
        self.output_of(&command.output().unwrap())
    }

    /// What a process left that was started otherwise.
    pub fn output_of(&self, output: &std::process::Output) -> Output {
        Output {
            code: output.status.code(),
            stdout: self.filtered(&output.stdout),
            stderr: self.filtered(&output.stderr),
        }
    }

    /// Does this git know reftables? If not, the test says that it is left out.
    pub fn knows_reftables(&self) -> bool {
        let usage = self.finish(self.command(Path::new("git")).args(["init", "-h"]));
        let known = usage.whole().contains("--ref-format");
        if !known {
            eprintln!("skipped: this git has no reftables");
        }
        known
    }

    /// Is every ref a file that a test can put something into? If not, the test says that it is
    /// left out.
    pub fn has_refs_in_files(&self) -> bool {
        let in_files = !self.path().join(".git/reftable").exists();
        if !in_files {
            eprintln!("skipped: refs are no files here");
        }
        in_files
    }

    /// Is this git 2.54 or later, which runs hooks that the configuration names? The folder of hooks
    /// does not matter then.
    pub fn runs_config_hooks(&self) -> bool {
        self.git_version() >= (2, 54)
    }

    /// `git version 2.47.3` is (2, 47).
    pub fn git_version(&self) -> (u32, u32) {
        let version = self.git(&["version"]);
        let mut numbers = version.split_whitespace().nth(2).unwrap().split('.');
        let mut number = || numbers.next().unwrap().parse::<u32>().unwrap();
        (number(), number())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that runs things for tests"
    )]
    /// A command in the repository that sees nothing of the machine but its programs.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", path())
            .env("HOME", self.home())
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("GIT_CONFIG_GLOBAL", self.home().join(".gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CEILING_DIRECTORIES", self.root())
            .env("GIT_AUTHOR_NAME", "A U Thor")
            .env("GIT_AUTHOR_EMAIL", "author@example.com")
            .env("GIT_AUTHOR_DATE", DATE)
            .env("GIT_COMMITTER_NAME", "C O Mitter")
            .env("GIT_COMMITTER_EMAIL", "committer@example.com")
            .env("GIT_COMMITTER_DATE", DATE)
            .envs(shape())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Journals, claims, scratch folders, locks of refs and keep files: what must be gone when no
    /// process is at work.
    pub fn leftovers(&self) -> Vec<String> {
        let git = self.path().join(".git");
        let mut found = Vec::new();
        for folder in [
            "rustassistant",
            "rustassistant/journal",
            "rustassistant/claims",
        ] {
            found.extend(names(&git.join(folder)).into_iter().filter(|name| {
                // What a killed process has half written of a file that is only derived goes when
                // one is written an hour later.
                let name = name.strip_prefix("new-").unwrap_or(name);
                !["journal", "claims", "gate", "lock", "hook.log", "init"].contains(&name)
                    && ![
                        "anchor",
                        "own-commits",
                        "packs",
                        "refused",
                        "told-mirroring",
                    ]
                    .contains(&name)
                    && !name.starts_with("memo-")
                    && ![
                        "index-",
                        "tokens-",
                        "limits-",
                        "failed-",
                        "usage",
                        "seen-",
                        "address-",
                        "revisions",
                    ]
                    .iter()
                    .any(|known| name.starts_with(known))
            }));
        }
        let packs = names(&git.join("objects/pack")).into_iter();
        // Half a pack of a git that was cut short is swept away by `git gc`.
        found.extend(packs.filter(|name| name.ends_with(".keep")));
        let locks = names(&git.join("refs/rustassistant/local")).into_iter();
        found.extend(locks.filter(|name| name.ends_with(".lock")));
        found
    }

    /// A folder that is in no repository.
    pub fn outside(&self) -> PathBuf {
        self.home()
    }

    fn filtered(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes)
            .replace(self.path().to_str().unwrap(), "$REPO")
            .replace(self.home().to_str().unwrap(), "$HOME")
    }
}

/// Whatever a test did, the repository is sound after it.
impl Drop for Repo {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.path().join(".git").is_dir() {
            self.git(&["fsck", "--full", "--strict", "--no-dangling"]);
        }
    }
}

/// The names in a folder; none if it is not there.
fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).into_iter().flatten();
    files
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

impl Output {
    /// What it printed, if it ended well and said nothing.
    #[track_caller]
    pub fn silent(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{self:?}");
        self.stdout
    }

    /// The whole of it, for a snapshot.
    pub fn whole(&self) -> String {
        let code = self
            .code
            .map_or("killed".to_owned(), |code| code.to_string());
        format!(
            "status {code}\n--- stdout\n{}--- stderr\n{}",
            self.stdout, self.stderr
        )
    }
}

/// By which hand repositories are read, and in which formats they are made: the whole suite runs
/// in each combination (docs/contributing.md).
#[expect(
    clippy::disallowed_methods,
    reason = "the suite's own environment, where all else is cleared"
)]
fn shape() -> impl Iterator<Item = (&'static str, std::ffi::OsString)> {
    let names = [
        "RUSTASSISTANT_GIT",
        "GIT_DEFAULT_HASH",
        "GIT_DEFAULT_REF_FORMAT",
    ];
    names
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)))
}
