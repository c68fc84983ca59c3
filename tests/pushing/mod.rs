//! The hook through a real `git push`: what is analyzed, what arrives at the remote, and that the
//! push itself is as it was. How the hook gets in and out: see `cli::hook`.

/// Hooks of others, and folders of hooks that are not ours.
mod beside;
/// Connections and time.
mod costs;
/// Whatever fails or hangs.
mod faults;
/// Pushes that new findings stop, and those that they do not.
mod gate;
/// Git LFS, which has a hook of its own.
mod lfs;
/// Two teams that do the same, one with the hook.
mod twins;
/// Every way to push, over every way to reach a remote.
mod variants;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::{Output, Repo, SHARED, Team, path};

/// A team of which the first has the hook installed, and all the time in the world.
fn team(clones: usize) -> Team {
    let mut team = Team::new(clones);
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let folder = program.parent().unwrap().display();
    team.clones[0].set("PATH", &format!("{folder}:{}", path()));
    let repo = &team.clones[0];
    repo.git(&["config", "rustassistant.hook.budget", "10m"]);
    repo.run(&["hook", "install"]).silent();
    team
}

fn push(repo: &Repo, arguments: &[&str]) -> Output {
    let mut command = repo.command(Path::new("git"));
    repo.finish(command.arg("push").args(arguments))
}

/// What the hook said during a push that went well.
#[track_caller]
fn said(output: &Output) -> Vec<String> {
    assert_eq!(output.code, Some(0), "{output:?}");
    let lines = output.stderr.lines().map(str::to_owned);
    lines
        .filter(|line| line.contains("rustassistant: "))
        .collect()
}

/// How many analyses the server has.
fn shared(team: &Team) -> usize {
    let refs = team.on_server(&["for-each-ref", SHARED]);
    if refs.is_empty() {
        return 0;
    }
    let files = team.on_server(&["ls-tree", "-r", "--name-only", SHARED, "entries"]);
    files.lines().count()
}

fn write_executable(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Waits for what goes on in the background.
fn settle(repo: &Repo) {
    let until = Instant::now() + Duration::from_secs(60);
    while repo
        .run(&["hook", "status"])
        .silent()
        .contains("running now")
    {
        assert!(Instant::now() < until, "it works for ever");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_teammate_has_the_analyses_of_what_was_pushed_after_a_plain_git_pull() {
    let team = team(2);
    let (ana, ben) = (&team.clones[0], &team.clones[1]);
    ben.run(&["init"]).silent();
    ana.write("src/c.rs", "pub fn c() {}\n");
    ana.commit("c");
    said(&push(ana, &[]));
    let missing = ben.run(&["analyze", "--cached", "src/b.rs"]);
    assert_eq!(missing.code, Some(3), "{missing:?}");
    ben.git(&["pull", "-q"]);
    let told = ben.run(&["analyze", "--cached", "src/c.rs"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.stdout.contains("from origin"), "{told:?}");
}

#[test]
fn the_hook_runs_once_a_push_and_is_skipped_where_it_is_told_to_be() {
    let team = team(1);
    let repo = &team.clones[0];
    let counter = repo.home().join("counted");
    let other = format!("#!/bin/sh\necho \"$1\" >>{}\ncat\n", counter.display());
    let kept = repo.path().join(".git/hooks/pre-push.before-rustassistant");
    let is_script = repo.path().join(".git/hooks/pre-push").exists();
    let place = if is_script {
        kept
    } else {
        repo.path().join(".git/hooks/pre-push")
    };
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    write_executable(&place, &other);
    let counted = || fs::read_to_string(&counter).unwrap_or_default();
    let change = |text: &str| {
        repo.write("src/a.rs", text);
        repo.commit("change");
    };
    change("pub fn one() {}\n");
    assert_eq!(said(&push(repo, &[])).len(), 1);
    assert_eq!(counted(), "origin\n");
    let ways: [(&[&str], &[&str]); 3] = [
        (&["-c", "rustassistant.hook.enabled=false"], &[]),
        (&[], &["--no-verify"]),
        (&[], &[]),
    ];
    for (number, (settings, options)) in ways.into_iter().enumerate() {
        change(&format!("pub fn skipped_{number}() {{}}\n"));
        let mut command = repo.command(Path::new("git"));
        if number == 2 {
            command.env("RUSTASSISTANT_SKIP", "1");
        }
        command.args(settings).arg("push").args(options);
        let output = repo.finish(&mut command);
        assert_eq!(said(&output), [""; 0], "{number}");
    }
    assert_eq!(shared(&team), 1);
}

#[test]
fn a_push_that_carries_the_analyses_itself_is_not_gone_before() {
    let team = team(1);
    let repo = &team.clones[0];
    repo.write("src/a.rs", "pub fn one() {}\n");
    repo.commit("one");
    said(&push(repo, &[]));
    repo.write("src/a.rs", "pub fn two() {}\n");
    repo.commit("two");
    assert_eq!(
        said(&push(repo, &["--mirror"])),
        ["rustassistant: analyzed 1"]
    );
    let here = repo.git(&["rev-parse", "main"]);
    assert_eq!(team.on_server(&["rev-parse", "main"]), here);
}

#[test]
fn a_push_that_removes_the_analyses_of_the_remote_says_so() {
    for is_mirror in [true, false] {
        let team = team(1);
        let repo = &team.clones[0];
        repo.write("src/a.rs", "pub fn one() {}\n");
        repo.commit("one");
        said(&push(repo, &[]));
        assert_eq!(shared(&team), 1);
        repo.git(&["commit", "-q", "--allow-empty", "-m", "nothing"]);
        let deletion = format!(":{SHARED}");
        let lines = if is_mirror {
            repo.git(&["config", "remote.origin.mirror", "true"]);
            said(&push(repo, &[]))
        } else {
            said(&push(repo, &["origin", &deletion]))
        };
        assert_eq!(shared(&team), 0);
        assert!(
            lines
                .iter()
                .any(|line| line.contains("removes the shared analyses")),
            "{lines:?}"
        );
    }
}

#[test]
fn of_very_many_refs_those_that_are_not_looked_at_are_counted() {
    let team = team(1);
    let repo = &team.clones[0];
    for number in 0..70 {
        repo.git(&["commit", "-q", "--allow-empty", "-m", &number.to_string()]);
        repo.git(&["branch", &format!("b{number:02}")]);
    }
    let lines = said(&push(repo, &["origin", "refs/heads/*:refs/heads/*"]));
    assert_eq!(lines.len(), 1, "{lines:?}");
    // The 71st is main, which is the last of them.
    assert!(lines[0].contains("7 more refs skipped"), "{lines:?}");
}
