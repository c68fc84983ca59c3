//! Remotes that do not want, or cannot: a clear word within the time given, everything still
//! pending, and the next sync heals it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::host::Host;
use crate::support::server::Canned;
use crate::support::{Repo, Report, Team};

/// A team of one with two analyses to publish.
fn team() -> (Team, std::path::PathBuf) {
    let team = Team::new(1);
    assert_eq!(team.clones[0].analyze(&[]).words(), "2 analyzed");
    let folder = team.server().parent().unwrap().to_owned();
    (team, folder)
}

/// The command ends as one that is not complete, says all of `words`, and loses nothing.
#[track_caller]
fn is_refused(repo: &Repo, command: &[&str], words: &[&str]) {
    let output = repo.run(command);
    assert_eq!(output.code, Some(3), "{output:?}");
    for word in words.iter().chain(&["hint: nothing is lost"]) {
        assert!(output.stderr.contains(word), "{word}: {output:?}");
    }
    let status = repo.run(&["status"]).silent();
    assert!(status.contains("2 to publish to origin"), "{status}");
    // The program is useful all the same.
    assert_eq!(repo.analyze(&["--cached"]).words(), "2 cached");
}

#[track_caller]
fn heals(repo: &Repo) {
    assert_eq!(repo.run(&["sync"]).silent(), "published 2\n");
}

#[test]
fn a_remote_that_refuses_the_namespace() {
    let (team, _) = team();
    let repo = &team.clones[0];
    team.on_server(&["config", "receive.hideRefs", "refs/rustassistant"]);
    is_refused(repo, &["sync"], &["origin rejects analyses", "hidden ref"]);
    team.on_server(&["config", "--unset", "receive.hideRefs"]);
    heals(repo);
}

#[test]
fn a_remote_where_one_may_only_read() {
    let (team, folder) = team();
    let repo = &team.clones[0];
    let host = Host::web_behind(&folder, |received, answer| {
        if received.path.contains("git-receive-pack") {
            Canned::new(403, "ask Ana")
        } else {
            answer()
        }
    });
    host.serves(repo, "server.git");
    is_refused(repo, &["sync"], &["cannot publish to origin", "403"]);
    assert_eq!(repo.run(&["fetch"]).silent(), "nothing to receive\n");
    let host = Host::web(&folder);
    host.serves(repo, "server.git");
    // Another address is taken over by whoever fetches from it by name.
    assert_eq!(repo.run(&["fetch"]).silent(), "nothing to receive\n");
    heals(repo);
}

#[test]
fn a_remote_that_wants_a_password_where_nobody_can_be_asked() {
    let (team, folder) = team();
    let repo = &team.clones[0];
    let host = Host::web_behind(&folder, |received, answer| {
        match received.header("authorization") {
            Some(_) => answer(),
            None => {
                let reply = Canned::new(401, "who are you?");
                reply.header("www-authenticate", "Basic realm=\"team\"")
            }
        }
    });
    host.serves(repo, "server.git");
    is_refused(repo, &["sync"], &["could not read Username"]);
    let helper = "!f() { echo username=ana; echo password=secret; }; f";
    repo.git(&["config", "credential.helper", helper]);
    heals(repo);
}

#[test]
fn a_remote_that_hangs() {
    let (team, folder) = team();
    let repo = &team.clones[0];
    let host = Host::web_behind(&folder, |_, _| Canned::silence());
    host.serves(repo, "server.git");
    let push = ["push", "--timeout", "1"];
    is_refused(repo, &push, &["git ls-remote was stopped"]);
    let output = repo.run(&["fetch", "--timeout", "1"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    let host = Host::web(&folder);
    host.serves(repo, "server.git");
    heals(repo);
}

#[test]
fn a_remote_that_goes_away_in_the_middle() {
    let (team, folder) = team();
    let repo = &team.clones[0];
    for asked in ["info/refs?service=git-receive-pack", "/git-receive-pack"] {
        let host = Host::web_behind(&folder, move |received, answer| {
            if received.path.ends_with(asked) {
                Canned::new(200, vec![b'x'; 100]).cut_after(5)
            } else {
                answer()
            }
        });
        host.serves(repo, "server.git");
        is_refused(repo, &["sync"], &["cannot publish to origin"]);
    }
    let host = Host::web(&folder);
    host.serves(repo, "server.git");
    heals(repo);
}

#[test]
fn a_remote_whose_answer_is_lost_has_taken_it() {
    let (team, folder) = team();
    let repo = &team.clones[0];
    let broken = Arc::new(AtomicBool::new(true));
    let is_broken = Arc::clone(&broken);
    let host = Host::web_behind(&folder, move |received, answer| {
        let reply = answer();
        let is_push = received.path.ends_with("/git-receive-pack");
        if is_push && is_broken.load(Ordering::SeqCst) {
            reply.cut_after(3)
        } else {
            reply
        }
    });
    host.serves(repo, "server.git");
    is_refused(repo, &["push"], &["cannot publish to origin"]);
    broken.store(false, Ordering::SeqCst);
    assert_eq!(repo.run(&["sync"]).silent(), "received 2 (1 author)\n");
    assert_eq!(repo.run(&["push"]).silent(), "nothing to publish\n");
}

#[test]
fn a_remote_that_is_full() {
    let (team, _) = team();
    let repo = &team.clones[0];
    // No file may grow there.
    let full = "ulimit -f 0; git-receive-pack";
    repo.git(&["config", "remote.origin.receivepack", full]);
    is_refused(repo, &["sync"], &["origin"]);
    repo.git(&["config", "--unset", "remote.origin.receivepack"]);
    team.on_server(&["fsck", "--strict"]);
    heals(repo);
}

#[test]
fn a_run_that_shares_is_none_the_worse_for_a_remote_that_is_away() {
    let (team, _) = team();
    let repo = &team.clones[0];
    repo.git(&["remote", "set-url", "origin", "/nowhere/at/all"]);
    let output = repo.run(&["analyze", "--sync", "--output", "json"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(Report::of(&output).words(), "2 cached");
    assert!(
        output.stderr.contains("cannot fetch analyses from origin"),
        "{output:?}"
    );
}
