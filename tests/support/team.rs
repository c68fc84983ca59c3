//! Clones of one bare repository, as a team has them. Not how the server is reached: that is
//! `server.rs`.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{Output, Repo};

/// A bare repository, and clones of it.
#[derive(Debug)]
pub struct Team {
    folder: TempDir,
    pub clones: Vec<Repo>,
}

/// The ref that the server publishes.
pub const SHARED: &str = "refs/rustassistant/shared/v1";

impl Team {
    /// As many clones as wanted, on branch `main` with one commit: two source files. Each has
    /// `origin`; nothing else is prepared.
    pub fn new(clones: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let team = Self {
            clones: (0..clones).map(|_| Repo::new()).collect(),
            folder,
        };
        fs::create_dir(team.server()).unwrap();
        team.on_server(&["init", "-q", "--bare", "-b", "main"]);
        let place = team.server().to_str().unwrap().to_owned();
        for (number, clone) in team.clones.iter().enumerate() {
            clone.git(&["remote", "add", "origin", &place]);
            if number == 0 {
                clone.write("src/a.rs", "pub fn a() {}\n");
                clone.write("src/b.rs", "// TODO: more\npub fn b() {}\n");
                clone.commit("two files");
                clone.git(&["push", "-q", "-u", "origin", "main"]);
            } else {
                clone.git(&["pull", "-q", "origin", "main"]);
                clone.git(&["branch", "-q", "--set-upstream-to=origin/main"]);
            }
        }
        team
    }

    pub fn server(&self) -> PathBuf {
        self.folder
            .path()
            .canonicalize()
            .unwrap()
            .join("server.git")
    }

    /// Runs git in the server's repository; what it printed.
    pub fn on_server(&self, arguments: &[&str]) -> String {
        let place = self.server();
        let place = ["-C", place.to_str().unwrap()];
        let first = self.clones.first().expect("a team has clones");
        first.git(&[&place, arguments].concat())
    }

    /// The server's address, shown as `$SERVER`.
    pub fn shown(&self, output: Output) -> Output {
        let server = self.server();
        let shown = |text: String| text.replace(server.to_str().unwrap(), "$SERVER");
        Output {
            code: output.code,
            stdout: shown(output.stdout),
            stderr: shown(output.stderr),
        }
    }
}
