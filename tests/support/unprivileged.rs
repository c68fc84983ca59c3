//! Runs of the program by somebody whom permissions stop, also where the tests run as root.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use super::Repo;

/// The user that is nobody, everywhere.
const NOBODY: &str = "65534";

/// A number that no user of a machine has, nor any group.
const OTHER: &str = "64321";

impl Repo {
    /// `git-rustassistant`, run by somebody who owns this repository and is not root; `None` if
    /// that cannot be had here.
    pub fn unprivileged(&self) -> Option<Command> {
        if fs::metadata(self.path()).unwrap().uid() != 0 {
            return Some(self.program());
        }
        let root = self.root();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        self.git(&["config", "--global", "safe.directory", "*"]);
        let mut chown = self.command(Path::new("chown"));
        chown.args(["-R", &format!("{NOBODY}:{NOBODY}")]).arg(&root);
        let owned = chown.status().is_ok_and(|status| status.success());
        let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
        let drop = |program: &Path| {
            let mut command = self.command(Path::new("setpriv"));
            command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
            command.arg(program);
            command
        };
        let works = drop(program).arg("--version").output();
        let works = works.is_ok_and(|output| output.status.success());
        (owned && works).then(|| drop(program))
    }

    /// What has `git-rustassistant` run by one of two users of a group who share this repository as
    /// git-config(1) says, each with a mask that lets nobody else write; `None` if that cannot be had
    /// here.
    pub fn by_two_users(&self) -> Option<impl Fn(usize) -> Command> {
        if fs::metadata(self.path()).unwrap().uid() != 0 {
            return None;
        }
        let root = self.root();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        self.git(&["config", "--global", "safe.directory", "*"]);
        self.git(&["config", "core.sharedRepository", "group"]);
        let share = format!("chown -R {NOBODY}:{OTHER} . && chmod -R g+rwX,g+s .");
        let mut sh = self.command(Path::new("sh"));
        let shared = sh.args(["-c", &share]).status().unwrap().success();
        let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
        let run = move |user: usize| {
            let mut command = self.command(Path::new("setpriv"));
            let user = [NOBODY, OTHER][user];
            command.args(["--reuid", user, "--regid", OTHER, "--clear-groups"]);
            command.args(["sh", "-c", "umask 022; exec \"$0\" \"$@\""]);
            command.arg(program);
            command
        };
        let works = run(1).arg("--version").output();
        let works = works.is_ok_and(|output| output.status.success());
        (shared && works).then_some(run)
    }
}
