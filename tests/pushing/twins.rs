//! Two teams that do the same, one with the hook and one without: files, names and dates are equal,
//! so every id is, and whatever differs is the hook's doing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::write_executable;
use crate::support::host::Host;
use crate::support::{Output, Repo, SHARED, Team, path};

/// No push of a few files takes that long, unless something waits for itself.
const DEADLINE: Duration = Duration::from_secs(120);

pub struct Twins {
    with: World,
    without: World,
    /// Ids of what must have been analyzed by now.
    expected: BTreeSet<String>,
    pushes: usize,
}

struct World {
    team: Team,
    host: Host,
}

impl Twins {
    /// Two teams of one, each reached in the same way; the hook is in neither yet.
    pub fn new(serve: impl Fn(&Path) -> Option<Host>) -> Option<Self> {
        let world = || {
            let mut team = Team::new(1);
            let host = serve(team.server().parent().unwrap())?;
            let repo = &mut team.clones[0];
            host.serves(repo, "server.git");
            repo.git(&["config", "rustassistant.hook.budget", "10m"]);
            let bin = repo.home().join("bin");
            fs::create_dir(&bin).unwrap();
            repo.set("PATH", &format!("{}:{}", bin.display(), path()));
            Some(World { team, host })
        };
        let twins = Self {
            with: world()?,
            without: world()?,
            expected: BTreeSet::new(),
            pushes: 0,
        };
        // One that counts: however the hook is reached, it is seen here.
        let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
        let counting = format!(
            "#!/bin/sh\necho \"$*\" >>\"$HOME/runs\"\nexec {} \"$@\"\n",
            program.display()
        );
        write_executable(
            &twins.repo().home().join("bin/git-rustassistant"),
            &counting,
        );
        Some(twins)
    }

    /// The one that has the hook, or gets it.
    pub fn repo(&self) -> &Repo {
        self.with.repo()
    }

    /// Does the same in both.
    pub fn both(&self, work: impl Fn(&Repo)) {
        work(self.with.repo());
        work(self.without.repo());
    }

    /// Puts the hook into one; what there was before is kept for [`Twins::uninstall`].
    pub fn install(&self) -> Output {
        self.copy_state("before");
        self.repo().run(&["hook", "install"])
    }

    /// Takes the hook out: hooks and configuration are as they were.
    #[track_caller]
    pub fn uninstall(&self) {
        self.repo().run(&["hook", "uninstall"]).silent();
        self.copy_state("after");
        let home = self.repo().home();
        let mut diff = self.repo().command(Path::new("git"));
        diff.current_dir(&home);
        diff.args(["diff", "--no-index", "before", "after"]);
        let output = self.repo().finish(&mut diff);
        assert_eq!((output.code, output.stdout.as_str()), (Some(0), ""));
    }

    fn copy_state(&self, name: &str) {
        let state = self.repo().home().join(name);
        let _ = fs::remove_dir_all(&state);
        fs::create_dir(&state).unwrap();
        let git = self.repo().path().join(".git");
        fs::copy(git.join("config"), state.join("config")).unwrap();
        for hooks in ["hooks", "mine"].map(|name| git.join(name)) {
            let copied = self
                .repo()
                .command(Path::new("cp"))
                .args(["-a"])
                .arg(&hooks)
                .arg(&state)
                .output();
            assert!(!hooks.exists() || copied.unwrap().status.success());
        }
    }

    /// Pushes in both, from this folder. The push and what it did to the server are the same, the
    /// hook has run as often as there was a push, and of files exactly those named by `analyzed`
    /// (and those of earlier pushes) have answers on the server. What our hook said.
    #[track_caller]
    pub fn push(&mut self, folder: &str, arguments: &[&str], analyzed: &[&str]) -> Vec<String> {
        let (with, without) = (
            self.with.push(folder, arguments),
            self.without.push(folder, arguments),
        );
        let ours = |line: &&str| line.starts_with("rustassistant: ");
        let (said, others): (Vec<&str>, Vec<&str>) = with.stderr.lines().partition(ours);
        assert_eq!(others.join("\n"), without.stderr.trim_end(), "{with:?}");
        assert_eq!(
            (with.code, &with.stdout),
            (without.code, &without.stdout),
            "{with:?}"
        );
        assert_eq!(self.with.refs(), self.without.refs());
        for file in analyzed {
            let id = self.repo().git(&["rev-parse", file]);
            self.expected.insert(id);
        }
        assert_eq!(self.with.analyzed(), self.expected, "{with:?}");
        assert_eq!(self.without.analyzed(), BTreeSet::new());
        said.into_iter().map(str::to_owned).collect()
    }

    /// As [`Twins::push`], where the hook must run, and must run once.
    #[track_caller]
    pub fn push_hooked(
        &mut self,
        folder: &str,
        arguments: &[&str],
        analyzed: &[&str],
    ) -> Vec<String> {
        let said = self.push(folder, arguments, analyzed);
        self.pushes += 1;
        let runs = fs::read_to_string(self.repo().home().join("runs")).unwrap_or_default();
        let of_hook = |line: &&str| line.starts_with("hook run pre-push");
        assert_eq!(runs.lines().filter(of_hook).count(), self.pushes, "{runs}");
        said
    }

    /// What a hook of others has written into `$HOME/record`: the same in both.
    #[track_caller]
    pub fn recorded(&self) -> String {
        let (with, without) = (self.with.recorded(), self.without.recorded());
        assert_eq!(with, without);
        with
    }
}

impl World {
    fn repo(&self) -> &Repo {
        &self.team.clones[0]
    }

    fn push(&self, folder: &str, arguments: &[&str]) -> Output {
        let url = format!("{}/server.git", self.host.address);
        let mut git = self.repo().command(Path::new("git"));
        git.current_dir(self.repo().path().join(folder)).arg("push");
        git.args(
            arguments
                .iter()
                .map(|argument| argument.replace("$URL", &url)),
        );
        let output = finish_in_time(self.repo(), &mut git);
        let shown = |text: String| text.replace(&self.host.address, "$HOST");
        Output {
            code: output.code,
            stdout: shown(output.stdout),
            stderr: shown(output.stderr),
        }
    }

    /// All of the server's refs but those of analyses.
    fn refs(&self) -> String {
        let refs = self.team.on_server(&["show-ref"]);
        let others = refs.lines().filter(|line| !line.ends_with(SHARED));
        others.collect::<Vec<_>>().join("\n")
    }

    /// The ids of the files that have answers on the server.
    fn analyzed(&self) -> BTreeSet<String> {
        if self.team.on_server(&["for-each-ref", SHARED]).is_empty() {
            return BTreeSet::new();
        }
        let names = self
            .team
            .on_server(&["ls-tree", "-r", "--name-only", SHARED, "entries"]);
        let id = |name: &str| name.splitn(4, '/').nth(3).unwrap().replace('/', "");
        names.lines().map(id).collect()
    }

    fn recorded(&self) -> String {
        let record = self.repo().home().join("record");
        let text = fs::read_to_string(record).unwrap_or_default();
        text.replace(&self.host.address, "$HOST")
    }
}

/// Runs to the end, or fails: what waits for itself would never tell.
pub fn finish_in_time(repo: &Repo, command: &mut Command) -> Output {
    let files = ["stdout", "stderr"].map(|name| repo.home().join(name));
    let [stdout, stderr] = files
        .each_ref()
        .map(|file: &PathBuf| fs::File::create(file).unwrap());
    let mut child = command
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(stderr)
        .spawn()
        .unwrap();
    let until = Instant::now() + DEADLINE;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        let is_late = Instant::now() > until;
        if is_late {
            child.kill().unwrap();
        }
        assert!(!is_late, "{command:?} does not end");
        std::thread::sleep(Duration::from_millis(20));
    };
    let [stdout, stderr] = files.map(|file| fs::read(file).unwrap());
    repo.output_of(&std::process::Output {
        status,
        stdout,
        stderr,
    })
}
