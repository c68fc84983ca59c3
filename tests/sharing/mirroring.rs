//! Refs of ours that git takes away: by a push or a fetch that mirrors, by a server that lost them, by
//! a history that is rewritten. What was paid for is asked for once, and what a team has dropped stays
//! dropped.

use crate::support::model::{analysis, answer};
use crate::support::server::Server;
use crate::support::{Repo, SHARED, Team};

const LOCAL: &str = "refs/rustassistant/local/v1";
const MIRROR: &str = "refs/rustassistant/remotes/origin/v1";
const KINDS: &str = "rustassistant.kinds";

/// A team whose clones ask a model, and the model.
fn team(clones: usize) -> (Team, Server) {
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let mut team = Team::new(clones);
    for clone in &mut team.clones {
        clone.ask(&server, "openai-chat");
        clone.git(&["config", KINDS, "refactor"]);
    }
    (team, server)
}

/// Analyzes, and publishes to where nothing is yet.
fn publish(repo: &Repo) {
    let analyzed = repo.run(&["analyze"]);
    assert_eq!(analyzed.code, Some(0), "{analyzed:?}");
    assert_eq!(repo.run(&["sync"]).stdout, "published 2\n");
}

/// All of it is known still, for nothing, waits to be published, and arrives.
#[track_caller]
fn is_kept(repo: &Repo, server: &Server, asked: usize) {
    let analyzed = repo.run(&["analyze"]);
    assert_eq!(analyzed.code, Some(0), "{analyzed:?}");
    assert!(
        analyzed.stderr.contains("recovered 2 paid answers"),
        "{analyzed:?}"
    );
    assert_eq!(server.received().len(), asked);
    let status = repo.run(&["status"]).silent();
    assert!(status.contains("2 to publish to origin"), "{status}");
}

fn shared(team: &Team) -> usize {
    if team.on_server(&["for-each-ref", SHARED]).is_empty() {
        0
    } else {
        let files = team.on_server(&["ls-tree", "-r", "--name-only", SHARED, "entries"]);
        files.lines().count()
    }
}

#[test]
fn a_push_that_mirrors_costs_no_answer_twice() {
    let (team, server) = team(1);
    let repo = &team.clones[0];
    repo.git(&["config", "remote.origin.mirror", "true"]);
    let told = repo.run(&["init", "--no-hook"]).silent();
    assert!(told.contains("mirrors every ref"), "{told}");
    assert_eq!(repo.run(&["analyze"]).code, Some(0));
    for is_first in [true, false] {
        let told = repo.run(&["sync"]);
        assert_eq!(told.stdout, "published 2\n", "{told:?}");
        assert_eq!(
            told.stderr.contains("mirrors every ref"),
            is_first,
            "{told:?}"
        );
        assert_eq!(shared(&team), 2);
        repo.git(&["push", "-q"]);
        assert_eq!(shared(&team), 0);
        is_kept(repo, &server, 2);
    }
    let told = repo.run(&["doctor"]).stdout;
    assert!(told.contains("wrong  remote"), "{told}");
}

#[test]
fn a_fetch_that_mirrors_and_prunes_costs_no_answer_twice() {
    let (team, server) = team(1);
    let repo = &team.clones[0];
    let prune = || {
        let all = "+refs/rustassistant/*:refs/rustassistant/*";
        repo.git(&["fetch", "-q", "--prune", "origin", all]);
        assert_eq!(repo.git(&["for-each-ref", LOCAL]), "");
    };
    assert_eq!(repo.run(&["analyze"]).code, Some(0));
    // What was not published, and what was.
    prune();
    is_kept(repo, &server, 2);
    assert_eq!(repo.run(&["sync"]).stdout, "published 2\n");
    team.on_server(&["update-ref", "-d", SHARED]);
    prune();
    is_kept(repo, &server, 2);
}

#[test]
fn a_rewritten_history_costs_no_answer_twice() {
    let (team, server) = team(1);
    let repo = &team.clones[0];
    publish(repo);
    team.on_server(&["update-ref", "-d", SHARED]);
    for name in [LOCAL, MIRROR] {
        repo.git(&["update-ref", "-d", name]);
    }
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    repo.git(&["repack", "-q", "-ad"]);
    is_kept(repo, &server, 2);
    assert_eq!(repo.run(&["sync"]).stdout, "published 2\n");
    assert_eq!(shared(&team), 2);
}

#[test]
fn a_server_that_lost_the_ref_gets_paid_answers_back_from_a_clone_that_has_no_mirror_any_more() {
    let (team, server) = team(1);
    let repo = &team.clones[0];
    repo.run(&["init", "--no-hook"]).silent();
    publish(repo);
    team.on_server(&["update-ref", "-d", SHARED]);
    repo.git(&["fetch", "-q", "--prune"]);
    assert_eq!(repo.git(&["for-each-ref", MIRROR]), "");
    is_kept(repo, &server, 2);
    assert_eq!(repo.run(&["sync"]).stdout, "published 2\n");
}

#[test]
fn what_a_team_dropped_while_a_clone_was_offline_stays_dropped() {
    for is_git_first in [false, true] {
        let (team, server) = team(2);
        let (ana, ben) = (&team.clones[0], &team.clones[1]);
        publish(ben);
        ben.run(&["init", "--no-hook"]).silent();
        ana.run(&["fetch"]).silent();
        ana.run(&["cache", "clear", "--yes", "--publish"]).silent();
        for _ in 0..2 {
            ana.run(&["cache", "compact", "--now"]).silent();
        }
        assert_eq!(shared(&team), 0);
        if is_git_first {
            ben.git(&["fetch", "-q"]);
        }
        let told = ben.run(&["sync"]);
        assert!(!told.stdout.contains("published"), "{told:?}");
        assert_eq!((told.code, shared(&team)), (Some(0), 0), "{told:?}");
        assert_eq!(server.received().len(), 2);
        let status = ben.run(&["status"]).silent();
        assert!(!status.contains("to publish"), "{status}");
    }
}

#[test]
fn what_is_restored_and_was_dropped_by_the_team_meanwhile_is_not_published_again() {
    let (team, _server) = team(2);
    let (ana, ben) = (&team.clones[0], &team.clones[1]);
    publish(ben);
    ana.run(&["fetch"]).silent();
    ana.run(&["cache", "clear", "--yes", "--publish"]).silent();
    // Gone here, and not there.
    ben.git(&["update-ref", "-d", MIRROR]);
    let analyzed = ben.run(&["analyze"]);
    assert!(
        analyzed.stderr.contains("recovered 2 paid answers"),
        "{analyzed:?}"
    );
    let told = ben.run(&["sync"]);
    assert!(!told.stdout.contains("published"), "{told:?}");
    assert_eq!(shared(&team), 0);
}

#[test]
fn what_is_cleared_here_is_not_brought_back() {
    let (team, server) = team(1);
    let repo = &team.clones[0];
    assert_eq!(repo.run(&["analyze"]).code, Some(0));
    repo.run(&["cache", "clear", "--yes"]).silent();
    repo.git(&["update-ref", "-d", LOCAL]);
    assert_eq!(repo.run(&["analyze"]).code, Some(0));
    assert_eq!(server.received().len(), 4);
    let anchor = repo.path().join(".git/rustassistant/anchor/paid");
    assert!(anchor.exists());
    drop(team);
}

/// A server that was restored from a backup, or a ref that somebody has written over: nobody has
/// dropped anything.
#[test]
fn a_shared_ref_that_goes_back_costs_no_answer_twice() {
    for is_older in [true, false] {
        for command in [&["sync"][..], &["fetch"], &["analyze", "--sync"]] {
            let (team, server) = team(1);
            let repo = &team.clones[0];
            publish(repo);
            let older = team.on_server(&["rev-parse", SHARED]);
            repo.write("src/c.rs", "pub fn c() {}\n");
            repo.commit("more");
            repo.git(&["push", "-q", "origin", "main"]);
            assert_eq!(repo.run(&["analyze"]).code, Some(0));
            assert_eq!(repo.run(&["sync"]).stdout, "published 1\n");
            let asked = server.received().len();
            let back = if is_older {
                older.trim().to_owned()
            } else {
                let tree = team.on_server(&["rev-parse", &format!("{}^{{tree}}", older.trim())]);
                team.on_server(&[
                    "-c",
                    "user.name=x",
                    "-c",
                    "user.email=x@y",
                    "commit-tree",
                    "-m",
                    "x",
                    tree.trim(),
                ])
            };
            team.on_server(&["update-ref", SHARED, back.trim()]);
            let told = repo.run(command);
            assert_eq!(told.code, Some(0), "{command:?} {told:?}");
            assert_eq!(repo.run(&["analyze"]).code, Some(0));
            assert_eq!(
                server.received().len(),
                asked,
                "{is_older} {command:?} {told:?}"
            );
            let told = repo.run(&["sync"]);
            assert_eq!(told.code, Some(0), "{told:?}");
            assert_eq!(shared(&team), 3, "{is_older} {command:?}");
        }
    }
}

/// What lies in the place of an answer is no reason to buy it again: nobody can read it, or only a
/// newer program can, whose work is not ours to replace.
#[test]
fn an_answer_that_somebody_overwrites_with_nonsense_is_not_bought_again() {
    for (text, left) in [
        ("nonsense", 1),
        ("{\"format\": 4000000000}", 4_000_000_000_u32),
    ] {
        let (team, server) = team(2);
        let [repo, other] = [&team.clones[0], &team.clones[1]];
        publish(repo);
        other.git(&["fetch", "-q", "origin", SHARED]);
        other.git(&["checkout", "-q", "--detach", "FETCH_HEAD"]);
        for path in other.git(&["ls-files", "entries/*/*"]).lines() {
            other.write(path, text);
        }
        other.git(&["commit", "-qam", "better now"]);
        other.git(&["push", "-q", "origin", &format!("HEAD:{SHARED}")]);

        let told = repo.run(&["fetch"]);
        assert!(told.stderr.contains("recovered 2 paid answers"), "{told:?}");
        let analyzed = repo.run(&["analyze", "--output", "summary"]);
        assert_eq!(analyzed.code, Some(0), "{analyzed:?}");
        assert_eq!(server.received().len(), 2);
        // From one who can read them the others get them back.
        assert_eq!(repo.run(&["sync"]).code, Some(0));
        let pattern = "nonsense|\"format\": [0-9]+";
        let there = ["grep", "-hoE", pattern, SHARED, "--", "entries/*/*"];
        let there = team.on_server(&there);
        assert_eq!(there, format!("\"format\": {left}\n\"format\": {left}"));
        assert_eq!(repo.run(&["sync"]).code, Some(0));
        assert_eq!(repo.analyze(&["--cached"]).count("cached"), 2);
    }
}

/// What somebody makes of a file of the shared store, by its path.
type Change<'c> = &'c dyn Fn(&Repo, &str);

/// The second clone publishes what `change` makes of the shared store's files.
fn overwrite(team: &Team, change: Change<'_>) {
    let other = &team.clones[1];
    other.git(&["fetch", "-q", "origin", SHARED]);
    other.git(&["checkout", "-q", "--detach", "FETCH_HEAD"]);
    for path in other.git(&["ls-files", "entries/*/*"]).lines() {
        change(other, path);
    }
    other.git(&["add", "--all"]);
    other.git(&["commit", "-qm", "changed"]);
    other.git(&["push", "-q", "origin", &format!("HEAD:{SHARED}")]);
}

#[test]
fn an_answer_that_somebody_dates_ahead_or_hides_behind_other_files_is_not_bought_again() {
    let dated = |other: &Repo, path: &str| {
        let text = std::fs::read_to_string(other.path().join(path)).unwrap();
        let (head, rest) = text.split_once("\"created\": \"").unwrap();
        let (_, rest) = rest.split_once('"').unwrap();
        other.write(
            path,
            format!("{head}\"created\": \"2099-01-01T00:00:00Z\"{rest}"),
        );
    };
    // Where the entries of a question were, there is a file.
    let hidden = |other: &Repo, path: &str| {
        let place = other.path().join(path);
        let folder = place.parent().unwrap();
        if folder.is_dir() {
            std::fs::remove_dir_all(folder).unwrap();
            std::fs::write(folder, "a file").unwrap();
        }
    };
    // Beside them lies what no store has there.
    let odd = |other: &Repo, path: &str| {
        std::fs::remove_file(other.path().join(path)).unwrap();
        let folder = path.rsplit_once('/').unwrap().0;
        other.write(&format!("{folder}/odd"), "odd");
    };
    // Nobody can tell what the whole store holds.
    let unreadable = |other: &Repo, _: &str| other.write("format", "99\n");
    let ways: [Change<'_>; 4] = [&dated, &hidden, &odd, &unreadable];
    for (number, way) in ways.into_iter().enumerate() {
        let (team, server) = team(2);
        let repo = &team.clones[0];
        publish(repo);
        assert_eq!(repo.run(&["init", "--no-hook"]).code, Some(0));
        overwrite(&team, way);
        repo.git(&["fetch", "-q", "origin"]);
        for _ in 0..2 {
            let analyzed = repo.run(&["analyze", "--output", "json"]);
            let report = crate::support::Report::of(&analyzed);
            assert_eq!(report.count("cached"), 2, "{number}: {}", analyzed.stderr);
            assert_eq!(server.received().len(), 2, "{number}");
        }
    }
}

#[test]
fn a_mirror_that_comes_back_takes_no_answer_that_it_never_had() {
    let (team, server) = team(1);
    let repo = &team.clones[0];
    publish(repo);
    repo.write("src/c.rs", "pub fn c() {}\n");
    repo.commit("c");
    assert_eq!(repo.run(&["analyze"]).code, Some(0));
    assert_eq!(server.received().len(), 3);
    for name in [LOCAL, MIRROR] {
        repo.git(&["update-ref", "-d", name]);
    }
    let recovered = repo.run(&["analyze"]);
    assert!(
        recovered.stderr.contains("recovered 3 paid answers"),
        "{recovered:?}"
    );
    repo.git(&["push", "-q", "origin", "HEAD"]);
    assert_eq!(repo.run(&["fetch"]).code, Some(0));
    let status = repo.run(&["status"]).silent();
    assert!(status.contains("1 to publish to origin"), "{status}");
    let told = repo.run(&["sync"]);
    assert_eq!(told.stdout, "published 1\n", "{told:?}");
    assert_eq!(repo.run(&["analyze"]).code, Some(0));
    assert_eq!(server.received().len(), 3);
    assert_eq!(shared(&team), 3);
}

#[test]
fn an_earlier_state_of_our_own_ref_that_somebody_puts_back_costs_no_answer_twice() {
    let (team, server) = team(1);
    let repo = &team.clones[0];
    repo.run(&["analyze", "src/a.rs"]).silent();
    let earlier = repo.git(&["rev-parse", LOCAL]);
    repo.run(&["analyze", "src/b.rs"]).silent();
    let place = repo.path().to_path_buf();
    let back = format!("+{earlier}:{LOCAL}");
    repo.git(&["push", "-q", place.to_str().unwrap(), &back]);
    let analyzed = repo.run(&["analyze"]);
    assert!(
        analyzed.stderr.contains("recovered 1 paid answer"),
        "{analyzed:?}"
    );
    assert_eq!(server.received().len(), 2);
    assert_eq!(repo.run(&["sync"]).stdout, "published 2\n");
}

#[test]
fn a_fetch_that_writes_over_our_own_ref_costs_no_answer_twice() {
    let (team, server) = team(2);
    let (repo, other) = (&team.clones[0], &team.clones[1]);
    assert_eq!(repo.run(&["analyze"]).code, Some(0));
    other.write("src/other.rs", "pub fn other() {}\n");
    other.git(&["add", "src/other.rs"]);
    other.run(&["analyze", "src/other.rs"]).silent();
    other.git(&["push", "-q", "origin", &format!("+{LOCAL}:{LOCAL}")]);
    repo.git(&["fetch", "-q", "origin", &format!("+{LOCAL}:{LOCAL}")]);
    is_kept(repo, &server, 3);
}
