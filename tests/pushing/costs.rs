//! What a push may cost: connections, time, and nobody's patience.

use std::fs;
use std::time::{Duration, Instant};

use super::{push, said, shared, team, write_executable};
use crate::support::server::{Canned, Server};
use crate::support::{Repo, Team};

/// A team of one that reaches its server by an `ssh` that counts.
fn counting() -> Team {
    let mut team = team(1);
    let ssh = team.clones[0].outside().join("bin/ssh");
    fs::create_dir_all(ssh.parent().unwrap()).unwrap();
    let text =
        "#!/bin/sh\necho one >>\"$HOME/logins\"\nfor last; do :; done\nexec sh -c \"$last\"\n";
    write_executable(&ssh, text);
    let server = team.server();
    let repo = &mut team.clones[0];
    repo.set("GIT_SSH_COMMAND", ssh.to_str().unwrap());
    let url = format!("ssh://host{}", server.display());
    repo.git(&["remote", "set-url", "origin", &url]);
    team
}

/// How often somebody has logged in since this was asked last.
fn logins(repo: &Repo) -> usize {
    let file = repo.home().join("logins");
    let text = fs::read_to_string(&file).unwrap_or_default();
    let _ = fs::remove_file(file);
    text.lines().count()
}

fn refuses(team: &Team) -> std::path::PathBuf {
    let hook = team.server().join("hooks/update");
    let text = "#!/bin/sh\ncase $1 in refs/rustassistant/*) echo 'ask Ana' >&2; exit 1;; esac\n";
    write_executable(&hook, text);
    hook
}

fn change(repo: &Repo, name: &str) {
    repo.write("src/a.rs", format!("pub fn {name}() {{}}\n"));
    repo.commit(name);
}

#[test]
fn what_is_new_costs_one_login_and_what_is_not_none() {
    let team = counting();
    let repo = &team.clones[0];
    for name in ["one", "two"] {
        change(repo, name);
        assert_eq!(said(&push(repo, &[])).len(), 1);
        assert_eq!(logins(repo), 2, "{name}: git's own, and ours");
        repo.git(&["commit", "-q", "--allow-empty", "-m", "nothing"]);
        assert_eq!(said(&push(repo, &[])), [""; 0]);
        assert_eq!(logins(repo), 1, "{name}: git's own");
    }
    assert_eq!(shared(&team), 2);
}

#[test]
fn a_refusal_costs_one_attempt_and_is_told_once_with_what_helps() {
    let team = counting();
    let repo = &team.clones[0];
    let hook = refuses(&team);
    change(repo, "one");
    let lines = said(&push(repo, &[]));
    for word in [
        "ask Ana",
        "rustassistant.sharedRef",
        "init --remote",
        "rustassistant.hook.enabled",
    ] {
        assert!(lines.len() == 1 && lines[0].contains(word), "{lines:?}");
    }
    assert_eq!(logins(repo), 2);
    for name in ["", "two"] {
        match name {
            "" => drop(repo.git(&["commit", "-q", "--allow-empty", "-m", "nothing"])),
            name => change(repo, name),
        }
        let lines = said(&push(repo, &[]));
        assert!(
            lines.iter().all(|line| !line.contains("does not take")),
            "{lines:?}"
        );
        assert_eq!(logins(repo), 1, "{lines:?}");
    }
    let told = repo.run(&["doctor"]).stdout;
    assert!(
        told.contains("wrong  remote") && told.contains("rustassistant.sharedRef"),
        "{told}"
    );
    // Who asks for it is told anew, and from then on all is well.
    let told = repo.run(&["push"]);
    assert!(told.stderr.contains("rustassistant.sharedRef"), "{told:?}");
    fs::remove_file(hook).unwrap();
    assert_eq!(repo.run(&["push"]).code, Some(0));
    change(repo, "three");
    logins(repo);
    assert_eq!(
        said(&push(repo, &[])),
        ["rustassistant: analyzed 1, published 1"]
    );
    assert_eq!(logins(repo), 2);
}

#[test]
fn a_refusal_counts_for_its_address_and_its_ref_alone() {
    let team = team(1);
    let repo = &team.clones[0];
    refuses(&team);
    change(repo, "one");
    assert!(said(&push(repo, &[]))[0].contains("rejects analyses"));
    repo.git(&[
        "config",
        "rustassistant.sharedRef",
        "refs/heads/rustassistant/v1",
    ]);
    repo.git(&["commit", "-q", "--allow-empty", "-m", "nothing"]);
    assert_eq!(said(&push(repo, &[])), ["rustassistant: published 1"]);
}

#[test]
fn a_remote_that_hangs_holds_one_push() {
    let team = team(1);
    let repo = &team.clones[0];
    let slow = "#!/bin/sh\ncase $1 in refs/rustassistant/*) sleep 30;; esac\n";
    write_executable(&team.server().join("hooks/update"), slow);
    repo.git(&["config", "rustassistant.hook.budget", "6s"]);
    change(repo, "one");
    assert!(said(&push(repo, &[]))[0].contains("continuing in the background"));
    let begun = Instant::now();
    repo.git(&["commit", "-q", "--allow-empty", "-m", "nothing"]);
    assert_eq!(said(&push(repo, &[])), [""; 0]);
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn nobody_is_asked_for_a_password_in_any_way() {
    let team = team(1);
    let repo = &team.clones[0];
    let server =
        Server::start(|_| Canned::new(401, "").header("WWW-Authenticate", "Basic realm=x"));
    let ask = repo.outside().join("ask");
    write_executable(
        &ask,
        "#!/bin/sh\necho \"$*\" >>\"$HOME/asked\"\necho secret\n",
    );
    let ask = ask.to_str().unwrap();
    repo.git(&[
        "remote",
        "set-url",
        "origin",
        &format!("{}/x.git", server.url()),
    ]);
    repo.git(&["config", "core.askPass", ask]);
    change(repo, "one");
    for arguments in [&["analyze"][..], &["sync"], &["push"]] {
        let mut command = repo.program();
        for name in ["GIT_ASKPASS", "SSH_ASKPASS"] {
            command.env(name, ask);
        }
        command
            .env("SSH_ASKPASS_REQUIRE", "force")
            .env("DISPLAY", ":0");
        let _ = repo.finish(command.args(arguments));
    }
    assert!(!server.received().is_empty());
    assert!(!repo.home().join("asked").exists());
}

#[test]
fn a_program_that_signs_is_not_waited_for_without_end() {
    let team = team(1);
    let repo = &team.clones[0];
    let gpg = repo.outside().join("gpg");
    write_executable(&gpg, "#!/bin/sh\nsleep 600\n");
    repo.git(&["config", "gpg.program", gpg.to_str().unwrap()]);
    repo.git(&["config", "rustassistant.sign", "true"]);
    assert_eq!(repo.run(&["analyze"]).code, Some(0));
    let begun = Instant::now();
    let told = repo.run(&["push"]);
    assert_eq!(told.code, Some(3), "{told:?}");
    assert!(told.stderr.contains("cannot sign"), "{told:?}");
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn commits_of_ours_are_authored_by_the_program_and_as_a_server_wants_them() {
    let team = team(1);
    let repo = &team.clones[0];
    change(repo, "one");
    said(&push(repo, &[]));
    let log = |format: &str| {
        team.on_server(&[
            "log",
            "-1",
            &format!("--format={format}"),
            crate::support::SHARED,
        ])
    };
    assert_eq!(log("%an %cn"), "git-rustassistant C O Mitter");
    let people = repo.git(&["shortlog", "-sn", "--all"]);
    assert!(people.contains("git-rustassistant"), "{people}");
    repo.git(&["config", "rustassistant.publishMessage", "chore: analyses"]);
    repo.git(&[
        "config",
        "rustassistant.publishAuthor",
        "Bot <bot@example.com>",
    ]);
    change(repo, "two");
    said(&push(repo, &[]));
    assert_eq!(log("%an <%ae> %s"), "Bot <bot@example.com> chore: analyses");
    assert!(log("%b").contains("Published-by: C O Mitter <committer@example.com>"));
    let shown = repo.run(&["show", "src/a.rs", "--output", "json"]).stdout;
    assert!(
        shown.contains("C O Mitter <committer@example.com>"),
        "{shown}"
    );
}
