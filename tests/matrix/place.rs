//! A server that has a history and what a teammate has published, and a repository that was made
//! from it in one way or another. Not what is done in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Output, Repo};

/// Are there files to look at?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    WorkTree,
    Bare,
}

/// What names objects here?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    TheSame,
    /// Ids of another format, of which only the places can be compared.
    Others,
}

/// A repository in a shape of its own. All lies in one folder: the server, the teammate's clone
/// (which is [`Place::machine`]) and this one, `here`.
#[derive(Debug)]
pub struct Place {
    pub machine: Repo,
    /// Where commands are run.
    pub folder: PathBuf,
    /// The root of the work tree.
    pub files: PathBuf,
    pub ground: Ground,
    pub ids: Ids,
    /// What commands find in their environment.
    pub variables: Vec<(&'static str, String)>,
    /// Words that stand before each command, such as those that make it run as somebody else.
    pub before: Vec<String>,
    /// Steps that say something else here, each with what they say.
    pub differs: Vec<(&'static str, &'static str)>,
}

impl Place {
    /// As `git clone` makes it.
    pub fn plain() -> Self {
        Self::cloned(world(&[]), &[])
    }

    /// As [`Place::plain`], cloned with these options.
    pub fn cloned(machine: Repo, options: &[&str]) -> Self {
        let place = Self::unmade(machine);
        let server = place.server();
        let clone = [&["clone", "-q"], options, &[&server, "../here"]].concat();
        place.machine.git(&clone);
        place
    }

    /// A name for what is yet to be made.
    pub fn unmade(machine: Repo) -> Self {
        let folder = machine.path().parent().unwrap().join("here");
        Self {
            machine,
            files: folder.clone(),
            folder,
            ground: Ground::WorkTree,
            ids: Ids::TheSame,
            variables: Vec::new(),
            before: Vec::new(),
            differs: Vec::new(),
        }
    }

    pub fn bare(self) -> Self {
        Self {
            ground: Ground::Bare,
            ..self
        }
    }

    /// The same in another folder, which has the files.
    pub fn at(self, folder: PathBuf) -> Self {
        Self {
            files: folder.clone(),
            folder,
            ..self
        }
    }

    pub fn with(mut self, name: &'static str, value: impl AsRef<Path>) -> Self {
        let value = value.as_ref().to_str().unwrap().to_owned();
        self.variables.push((name, value));
        self
    }

    pub fn differs(mut self, step: &'static str, words: &'static str) -> Self {
        self.differs.push((step, words));
        self
    }

    /// What lies beside the repository.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.machine.path().parent().unwrap().join(name)
    }

    /// The server's address: one by which git talks to it as to any other machine.
    pub fn server(&self) -> String {
        format!("file://{}", self.beside("server.git").display())
    }

    pub fn on_server(&self, arguments: &[&str]) -> String {
        let place = self.beside("server.git");
        let git_dir = format!("--git-dir={}", place.display());
        self.machine.git(&[&[git_dir.as_str()], arguments].concat())
    }

    /// Runs git here; what it printed.
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = self.try_git(arguments);
        assert_eq!(output.code, Some(0), "git {arguments:?}: {output:?}");
        output.stdout.trim_end_matches('\n').to_owned()
    }

    /// As [`Place::git`], whatever comes of it.
    pub fn try_git(&self, arguments: &[&str]) -> Output {
        let mut git = self.command(Path::new("git"));
        self.output(git.args(arguments))
    }

    /// Runs the program here.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
        let mut command = self.command(program);
        self.output(command.args(arguments))
    }

    /// A command that is started here.
    pub fn command(&self, program: &Path) -> Command {
        let words = self.before.iter().map(Path::new).chain([program]);
        let words: Vec<&Path> = words.collect();
        let mut command = self.machine.command(words[0]);
        command.args(&words[1..]).current_dir(&self.folder);
        let variables = self.variables.iter();
        command.envs(variables.map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end; places are shown by their names.
    pub fn output(&self, command: &mut Command) -> Output {
        let output = self.machine.finish(command);
        let named = |text: String| {
            let files = self.files.to_string_lossy();
            let root = self.beside("");
            let root = root.to_str().unwrap().trim_end_matches('/');
            text.replace(&*files, "$HERE").replace(root, "$ROOT")
        };
        Output {
            code: output.code,
            stdout: named(output.stdout),
            stderr: named(output.stderr),
        }
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let file = self.files.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Commits one file on top of HEAD.
    pub fn commit(&self, path: &str, text: &str) {
        if self.ground == Ground::WorkTree {
            self.write(path, text);
            self.git(&["add", "--sparse", path]);
            self.git(&["commit", "-q", "-m", path]);
            return;
        }
        let draft = self.beside("draft");
        fs::write(&draft, text).unwrap();
        let blob = self.git(&["hash-object", "-w", draft.to_str().unwrap()]);
        let index = self.beside("draft-index");
        let git = |arguments: &[&str]| {
            let mut git = self.command(Path::new("git"));
            git.env("GIT_INDEX_FILE", &index).args(arguments);
            let output = self.output(&mut git);
            assert_eq!(output.code, Some(0), "{arguments:?}: {output:?}");
            output.stdout.trim_end().to_owned()
        };
        git(&["read-tree", "HEAD"]);
        let line = format!("100644,{blob},{path}");
        git(&["update-index", "--add", "--cacheinfo", &line]);
        let tree = git(&["write-tree"]);
        let commit = git(&["commit-tree", "-p", "HEAD", "-m", path, &tree]);
        git(&["update-ref", "HEAD", &commit]);
    }
}

const UNWRAPS: &str = "pub fn a(text: &str) -> u8 {\n    text.parse().unwrap()\n}\n";

/// The teammate's clone, made with options of `git init`. Three commits and some analyses are on
/// the server.
pub fn world(options: &[&str]) -> Repo {
    let mut repo = Repo::init(options);
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let folder = program.parent().unwrap().display();
    repo.set("PATH", &format!("{folder}:{}", crate::support::path()));
    let server = [
        &["init", "-q", "--bare", "-b", "main"],
        options,
        &["../server.git"],
    ];
    repo.git(&server.concat());
    repo.write("src/a.rs", UNWRAPS);
    repo.write("src/deep/b.rs", "// TODO: more\npub fn b() {}\n");
    repo.write("lib/c.py", "def c():\n    return 1\n");
    repo.write("vendor/v.c", "int v;\n");
    repo.write(".gitattributes", "vendor/** linguist-vendored\n");
    repo.commit("first");
    repo.write("src/deep/b.rs", "// FIXME: less\npub fn b() {}\n");
    repo.write("lib/twin.py", "def c():\n    return 1\n");
    repo.commit("second");
    let more = UNWRAPS.replace("    text", "    let _ = text.len();\n    text");
    repo.write(
        "src/a.rs",
        format!("{more}{}", UNWRAPS.replace(" a(", " z(")),
    );
    repo.commit("third");
    for key in ["allowFilter", "allowAnySHA1InWant"] {
        let key = format!("uploadpack.{key}");
        repo.git(&["-C", "../server.git", "config", &key, "true"]);
    }
    let server = format!("file://{}/../server.git", repo.path().display());
    repo.git(&["remote", "add", "origin", &server]);
    repo.git(&["push", "-q", "-u", "origin", "main"]);
    assert_eq!(repo.analyze(&["-k", "todos", "src"]).words(), "2 analyzed");
    assert_eq!(repo.run(&["sync"]).silent(), "published 2\n");
    repo
}
