//! Remotes, providers, disks and settings that fail or hang: the push goes on, after the budget at
//! the latest, and one line says what there is to say.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{push, said, settle, shared, team, write_executable};
use crate::support::model::{analysis, answer};
use crate::support::server::Server;
use crate::support::small_disk::SmallDisk;
use crate::support::{Repo, path};

const GOES_ON: &str =
    "rustassistant: continuing in the background; see 'git rustassistant hook status'";

#[test]
fn a_remote_that_refuses_analyses_takes_the_push_all_the_same() {
    let team = team(1);
    let repo = &team.clones[0];
    write_executable(
        &team.server().join("hooks/update"),
        "#!/bin/sh\ncase $1 in refs/rustassistant/*) echo 'ask Ana' >&2; exit 1;; esac\n",
    );
    repo.write("src/a.rs", "pub fn other() {}\n");
    repo.commit("other");
    let lines = said(&push(repo, &[]));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("1 still pending"), "{lines:?}");
    assert!(lines[0].contains("rejects analyses"), "{lines:?}");
    let here = repo.git(&["rev-parse", "main"]);
    assert_eq!(team.on_server(&["rev-parse", "main"]), here);
    assert_eq!(shared(&team), 0);
    fs::remove_file(team.server().join("hooks/update")).unwrap();
    // What was refused is not asked for at every push: see `costs`.
    assert_eq!(repo.run(&["push"]).silent(), "published 1\n");
}

#[test]
fn a_remote_that_is_slow_holds_the_push_for_the_budget_and_gets_the_rest_later() {
    let team = team(1);
    let repo = &team.clones[0];
    let release = repo.home().join("release");
    let slow = format!(
        "#!/bin/sh\ncase $1 in refs/rustassistant/*) \
         while [ ! -e {} ]; do sleep 0.1; done;; esac\n",
        release.display()
    );
    write_executable(&team.server().join("hooks/update"), &slow);
    repo.git(&["config", "rustassistant.hook.budget", "4s"]);
    repo.write("src/a.rs", "pub fn other() {}\n");
    repo.commit("other");
    let lines = said(&push(repo, &[]));
    assert_eq!(lines, [GOES_ON]);
    let status = repo.run(&["hook", "status"]).silent();
    assert!(status.contains("running now"), "{status}");
    fs::write(release, "").unwrap();
    settle(repo);
    assert_eq!(shared(&team), 1);
    let status = repo.run(&["hook", "status"]).silent();
    assert!(status.contains("analyzed 1, published 1"), "{status}");
}

#[test]
fn without_a_budget_all_is_left_to_the_background() {
    let team = team(1);
    let repo = &team.clones[0];
    repo.git(&["config", "rustassistant.hook.budget", "0"]);
    repo.write("src/a.rs", "pub fn other() {}\n");
    repo.commit("other");
    assert_eq!(said(&push(repo, &[])), [""; 0]);
    let until = Instant::now() + Duration::from_secs(60);
    while shared(&team) == 0 {
        assert!(Instant::now() < until, "nothing was published");
        std::thread::sleep(Duration::from_millis(50));
    }
    settle(repo);
}

#[test]
fn nothing_of_ours_that_is_broken_stops_a_push() {
    let mut team = team(1);
    let change = |repo: &Repo, text: &str| {
        repo.write("src/a.rs", text);
        repo.commit(text);
    };
    let repo = &team.clones[0];
    change(repo, "pub fn wrong_setting() {}\n");
    let output = repo.finish(repo.command(Path::new("git")).args([
        "-c",
        "rustassistant.hook.budget=soon",
        "push",
    ]));
    let lines = said(&output);
    assert!(lines[0].contains("rustassistant.hook.budget"), "{lines:?}");
    change(repo, "pub fn log_is_a_folder() {}\n");
    fs::create_dir_all(repo.path().join(".git/rustassistant/hook.log")).unwrap();
    assert_eq!(said(&push(repo, &[])).len(), 1);
    assert_eq!(shared(&team), 1);
    change(repo, "pub fn own_folder_is_a_file() {}\n");
    fs::remove_dir_all(repo.path().join(".git/rustassistant")).unwrap();
    fs::write(repo.path().join(".git/rustassistant"), "").unwrap();
    let lines = said(&push(repo, &[]));
    assert_eq!(lines.len(), 1, "{lines:?}");
    change(repo, "pub fn program_is_gone() {}\n");
    team.clones[0].set("PATH", &path());
    let repo = &team.clones[0];
    assert_eq!(said(&push(repo, &[])), [""; 0]);
    let here = repo.git(&["rev-parse", "main"]);
    assert_eq!(team.on_server(&["rev-parse", "main"]), here);
}

#[test]
fn standard_input_that_is_none_of_gits_is_nothing_to_do() {
    let repo = Repo::new();
    repo.commit("first");
    let zero = "0".repeat(40);
    let head = repo.git(&["rev-parse", "HEAD"]);
    let files: Vec<PathBuf> = [
        "",
        "garbage\n\0\u{1b}[2J",
        &format!("x {zero} refs/heads/a {head}"),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, text)| {
        let file = repo.home().join(number.to_string());
        fs::write(&file, text).unwrap();
        file
    })
    .collect();
    for file in files {
        let mut command = repo.program();
        command.args(["hook", "run", "pre-push", "origin", "/nowhere"]);
        command.stdin(fs::File::open(file).unwrap());
        assert_eq!(repo.finish(&mut command).silent(), "");
    }
    assert!(!repo.path().join(".git/rustassistant").exists());
}

#[test]
fn a_provider_that_does_not_answer_holds_the_push_for_the_budget_and_is_waited_for_behind_it() {
    let mut team = team(1);
    let answers = Arc::new(AtomicBool::new(false));
    let may_answer = Arc::clone(&answers);
    let server = Server::start(move |_| {
        while !may_answer.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(20));
        }
        answer("openai-chat", &analysis())
    });
    let repo = &mut team.clones[0];
    repo.ask(&server, "openai-chat");
    let repo = &team.clones[0];
    repo.git(&["config", "rustassistant.hook.budget", "3s"]);
    repo.write("src/a.rs", "pub fn other() {}\n");
    repo.commit("other");
    assert_eq!(said(&push(repo, &[])), [GOES_ON]);
    assert_eq!(shared(&team), 0);
    answers.store(true, Ordering::SeqCst);
    settle(repo);
    assert_eq!(shared(&team), 1);
}

/// A pair of ends, of which the hook gets the one that a terminal has: in a push git gives it
/// another, but people run hooks by hand.
#[test]
fn at_a_terminal_nothing_is_waited_for() {
    let team = team(1);
    let repo = &team.clones[0];
    if !Path::new("/usr/bin/script").exists() {
        eprintln!("skipped: there is no script(1) here");
        return;
    }
    let hook = repo.path().join(".git/hooks/pre-push");
    let at_terminal = |command: &str| {
        let mut script = repo.command(Path::new("script"));
        let script = script.args(["-qec", command, "/dev/null"]);
        super::twins::finish_in_time(repo, script)
    };
    let output = at_terminal("git-rustassistant hook run pre-push origin /nowhere");
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stdout.contains("git runs this"), "{output:?}");
    if hook.exists() {
        for other in [None, Some("#!/bin/sh\ncat\n")] {
            if let Some(other) = other {
                let mut kept = hook.clone().into_os_string();
                kept.push(".before-rustassistant");
                write_executable(&PathBuf::from(kept), other);
            }
            let output = at_terminal(&format!("{} origin /nowhere", hook.display()));
            assert_eq!(output.code, Some(0), "{output:?}");
        }
    }
}

#[test]
fn a_full_disk_costs_the_analyses_and_not_the_push() {
    let team = team(1);
    let repo = &team.clones[0];
    for free in [16, 40, 100] {
        let Some(disk) = SmallDisk::mount(repo, "1200k") else {
            eprintln!("skipped: cannot mount a small disk");
            return;
        };
        let server = team.server();
        let git = |arguments: &[&str]| repo.git(&[&["-C", "small/clone"], arguments].concat());
        repo.git(&[
            "clone",
            "-q",
            "--template=",
            server.to_str().unwrap(),
            "small/clone",
        ]);
        git(&["config", "rustassistant.hook.budget", "10m"]);
        repo.run_in("small/clone", &["hook", "install"]).silent();
        repo.write("small/clone/src/a.rs", format!("pub fn of_{free}() {{}}\n"));
        git(&["commit", "-q", "-am", "other"]);
        disk.fill(free);
        let mut push = repo.command(Path::new("git"));
        let output = repo.finish(push.args(["-C", "small/clone", "push"]));
        assert_eq!(said(&output).len(), 1, "{free}k free: {output:?}");
        assert_eq!(
            team.on_server(&["rev-parse", "main"]),
            git(&["rev-parse", "main"])
        );
        git(&["fsck", "--full", "--strict"]);
    }
}
