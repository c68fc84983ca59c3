//! A team whose remote lies: stores of any objects and trees, as no program of ours writes them. Not
//! what is made of them.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use super::{Output, SHARED, Team};

pub const MIRROR: &str = "refs/rustassistant/remotes/origin/v1";

/// More than any command here needs of memory of its own, in kilobytes.
const MEMORY: &str = "400000";

impl Team {
    /// A team of two in which one has published the analysis of `src/b.rs`; the path of that entry.
    pub fn with_one_entry() -> (Self, String) {
        let team = Self::new(2);
        let first = &team.clones[0];
        first
            .run(&["analyze", "src/b.rs", "-k", "todos", "--output=summary"])
            .silent();
        assert_eq!(first.run(&["sync"]).code, Some(0));
        let path = team.on_server(&["ls-tree", "-r", "--name-only", SHARED, "entries/"]);
        (team, path)
    }

    /// Runs git in the server's repository, with `input`.
    pub fn feed(&self, arguments: &[&str], input: &[u8]) -> String {
        let place = self.server();
        let mut git = self.clones[0].command("git".as_ref());
        git.arg("-C").arg(place).args(arguments);
        git.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = git.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub fn object(&self, kind: &str, bytes: &[u8]) -> String {
        let arguments = ["hash-object", "-w", "--stdin", "--literally", "-t", kind];
        self.feed(&arguments, bytes)
    }

    /// A tree of these lines, as git stores it, whatever they say.
    pub fn tree(&self, lines: &[(&str, &str, &str)]) -> String {
        let mut bytes = Vec::new();
        for (mode, name, oid) in lines {
            bytes.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            let digit = |place: usize| u8::from_str_radix(&oid[place..place + 2], 16).unwrap();
            bytes.extend((0..oid.len()).step_by(2).map(digit));
        }
        self.object("tree", &bytes)
    }

    /// Publishes a store in which `node` (a mode and an object) lies where `path` says, `depth`
    /// folders deep.
    pub fn publish(&self, path: &str, depth: usize, (mode, node): (&str, &str)) {
        let format = self.object("blob", b"1\n");
        let mut folder = (mode, node.to_owned());
        for name in path.split('/').take(depth).collect::<Vec<_>>().iter().rev() {
            let tree = match *name {
                "entries" => {
                    self.tree(&[(folder.0, name, &folder.1), ("100644", "format", &format)])
                }
                _ => self.tree(&[(folder.0, name, &folder.1)]),
            };
            folder = ("40000", tree);
        }
        let commit = self.on_server(&["commit-tree", "-m", "forged", &folder.1]);
        self.on_server(&["update-ref", SHARED, &commit]);
    }

    /// What the second clone says of `src/b.rs`, held to an amount of memory.
    pub fn looked_up(&self) -> Output {
        let clone = &self.clones[1];
        let mut command = clone.command(Path::new("sh"));
        let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
        command
            .args(["-c", &format!("ulimit -d {MEMORY} && exec \"$0\" \"$@\"")])
            .arg(program)
            .args(["analyze", "src/b.rs", "-k", "todos", "--cached"])
            .args(["--output", "json"]);
        clone.finish(&mut command)
    }

    /// The second clone forgets what it fetched, so that its objects can be checked.
    pub fn forget(&self) {
        let clone = &self.clones[1];
        clone.git(&["update-ref", "-d", MIRROR]);
        clone.git(&["reflog", "expire", "--expire=now", "--all"]);
        clone.git(&["gc", "-q", "--prune=now"]);
    }
}
