//! A clone, the server it shares through, and what lies in them: to be broken and put back again
//! and again. Not what breaks them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Repo, SHARED, Team, rust_source};

pub const LOCAL: &str = "refs/rustassistant/local/v1";
pub const MIRROR: &str = "refs/rustassistant/remotes/origin/v1";

/// A clone with a server, and a copy of both as they were when all was prepared.
pub struct World {
    pub team: Team,
    saved: TempDir,
}

/// The trees of our refs: where equal sets of entries lie, they are equal.
pub type Trees = [Option<String>; 3];

impl World {
    /// `files` source files, pushed; nothing analyzed.
    pub fn of(files: usize) -> Self {
        let team = Team::new(1);
        let clone = &team.clones[0];
        for seed in 0..files {
            clone.write(&format!("src/m{seed}.rs"), rust_source(seed, 3));
        }
        clone.commit("files");
        clone.git(&["push", "-q", "origin", "main"]);
        let world = Self {
            team,
            saved: tempfile::tempdir().unwrap(),
        };
        world.clone().git(&["gc", "-q"]);
        world
    }

    pub fn clone(&self) -> &Repo {
        &self.team.clones[0]
    }

    /// A run of the program that must end well, as part of the preparation.
    #[track_caller]
    pub fn prepare(&self, arguments: &[&str]) {
        let output = self.clone().run(arguments);
        assert_eq!(output.code, Some(0), "{arguments:?}: {output:?}");
    }

    /// Both repositories, and where their copies lie. Work trees are never written to.
    fn places(&self) -> [(PathBuf, PathBuf); 2] {
        let saved = self.saved.path();
        [
            (self.clone().path().join(".git"), saved.join("clone")),
            (self.team.server(), saved.join("server")),
        ]
    }

    pub fn save(&self) {
        for (place, saved) in self.places() {
            self.copy(&place, &saved);
        }
    }

    pub fn restore(&self) {
        for (place, saved) in self.places() {
            self.copy(&saved, &place);
        }
    }

    fn copy(&self, from: &Path, to: &Path) {
        if to.exists() {
            fs::remove_dir_all(to).unwrap();
        }
        let mut cp = self.outside("cp");
        let status = cp.arg("-a").arg(from).arg(to).status().unwrap();
        assert!(status.success());
    }

    /// A command that stands where nothing is removed under it.
    fn outside(&self, program: &str) -> Command {
        let mut command = self.clone().command(Path::new(program));
        command.current_dir(self.saved.path());
        command
    }

    /// What git itself makes of a repository: nothing, if it is sound.
    pub fn complaints(&self) -> String {
        let mut said = String::new();
        for (place, _) in self.places() {
            let mut git = self.outside("git");
            git.arg("-C").arg(place);
            let output = git.args(["fsck", "--full", "--strict", "--no-dangling"]);
            let output = output.output().unwrap();
            said += &String::from_utf8_lossy(&output.stdout);
            said += &String::from_utf8_lossy(&output.stderr);
            if !output.status.success() {
                said += "fsck fails\n";
            }
        }
        said
    }

    pub fn trees(&self) -> Trees {
        [(0, LOCAL), (0, MIRROR), (1, SHARED)].map(|(place, name)| {
            let tree = self.asked(
                place,
                &["rev-parse", "-q", "--verify", &format!("{name}^{{tree}}")],
            );
            Some(tree).filter(|tree| !tree.is_empty())
        })
    }

    /// The keys of all entries, wherever they lie, and whether in journals.
    pub fn keys(&self) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for (place, name) in [(0, LOCAL), (0, MIRROR), (1, SHARED)] {
            let listed = self.asked(place, &["ls-tree", "-r", "--name-only", name]);
            let key = |path: &str| Some(path.strip_prefix("entries/")?.replace('/', ""));
            keys.extend(listed.lines().filter_map(key));
        }
        keys
    }

    /// What git prints; nothing if it fails.
    fn asked(&self, place: usize, arguments: &[&str]) -> String {
        let mut git = self.outside("git");
        git.arg("-C").arg(&self.places()[place].0).args(arguments);
        let output = git.output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() {
            printed
        } else {
            String::new()
        }
    }

    /// What is left by a server's own git that was hit, and by the user's own `git push`, is theirs
    /// to remove. The configuration is written by us alone.
    pub fn remove_locks_of_others(&self) {
        let mut found = self.leftovers();
        found.retain(|file| !file.contains("/rustassistant/") && !file.ends_with("/config.lock"));
        find(&self.team.server(), &mut found);
        for file in found.iter().filter(|file| file.ends_with(".lock")) {
            fs::remove_file(file).unwrap();
        }
    }

    /// Locks and keep files of the clone's: what blocks, or costs room, as long as it lies there.
    pub fn leftovers(&self) -> Vec<String> {
        let mut found = Vec::new();
        find(&self.clone().path().join(".git"), &mut found);
        found
    }
}

fn find(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            find(&path, found);
        } else if path
            .extension()
            .is_some_and(|end| end == "lock" || end == "keep")
        {
            found.push(path.display().to_string());
        }
    }
}
