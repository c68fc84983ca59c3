//! Runs two commands in turns and prints the ratio of their medians.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Where commands run, and how often.
pub struct Bench {
    pub folder: PathBuf,
    pub pairs: usize,
    /// Ours.
    pub program: PathBuf,
    /// What our program reads on standard input, if anything.
    pub input: Option<PathBuf>,
}

impl Bench {
    /// Our program once, not measured.
    pub fn ours(&self, arguments: &[&str]) -> Duration {
        run(
            &self.program,
            arguments,
            &self.folder,
            self.input.as_deref(),
        )
    }

    /// The same in another repository.
    pub fn in_folder(&self, folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            pairs: self.pairs,
            program: self.program.clone(),
            input: None,
        }
    }

    fn git(&self, arguments: &[&str]) -> Duration {
        run(&git_program(), arguments, &self.folder, None)
    }

    /// Our program against git, in turns, after one run of each that does not count.
    pub fn compare(&self, name: &str, work: &str, ours: &[&str], git: &[&str]) {
        self.ours(ours);
        self.git(git);
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for _ in 0..self.pairs {
            a.push(self.ours(ours));
            b.push(self.git(git));
        }
        row(
            name,
            work,
            &format!("`git {}`", git.join(" ")),
            &mut a,
            &mut b,
        );
    }
}

/// Where git is, in full: a program that is to be searched for is started by a fork of this whole
/// process, which costs more than all that it does, and ours is not.
#[expect(clippy::disallowed_methods, reason = "what is measured are processes")]
fn git_program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let mut found = std::env::split_paths(&path).map(|folder| folder.join("git"));
    found.find(|git| git.is_file()).unwrap()
}

/// One line of the table.
pub fn row(name: &str, work: &str, against: &str, ours: &mut [Duration], theirs: &mut [Duration]) {
    let (ours, theirs) = (median(ours), median(theirs));
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "| {name} | {work} | {against} | {ratio:.2} | {:.1} | {:.1} |",
        ms(ours),
        ms(theirs)
    );
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[expect(clippy::disallowed_methods, reason = "what is measured are processes")]
fn run(program: &Path, arguments: &[&str], folder: &Path, input: Option<&Path>) -> Duration {
    let input = input.map_or_else(Stdio::null, |file| File::open(file).unwrap().into());
    let own = Path::new(env!("CARGO_BIN_EXE_git-rustassistant")).parent();
    let folders = std::env::var_os("PATH").unwrap();
    let folders = std::env::split_paths(&folders);
    let path = std::env::join_paths(own.map(Path::to_owned).into_iter().chain(folders));
    let started = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("PATH", path.unwrap())
        .stdin(input)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .status();
    let elapsed = started.elapsed();
    assert!(
        status.unwrap().code().is_some_and(|code| code != 2),
        "{arguments:?}"
    );
    elapsed
}
