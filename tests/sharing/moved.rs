//! Remotes that have lost what they had, or hold what is none of ours: what a clone knows of it
//! goes back.

use crate::support::forged::MIRROR;
use crate::support::{Repo, SHARED, Team};

/// A team of two that shares two analyses.
fn team() -> Team {
    let team = Team::new(2);
    let (a, b) = (&team.clones[0], &team.clones[1]);
    assert_eq!(a.analyze(&[]).words(), "2 analyzed");
    assert_eq!(a.run(&["sync"]).silent(), "published 2\n");
    b.run(&["fetch"]).silent();
    team
}

#[track_caller]
fn knows_both(repo: &Repo) {
    assert_eq!(repo.analyze(&["--cached"]).words(), "2 cached");
}

#[test]
fn a_server_that_has_nothing_any_more_gets_what_it_had() {
    let team = team();
    let (a, b) = (&team.clones[0], &team.clones[1]);
    let before = team.on_server(&["rev-parse", SHARED]);
    team.on_server(&["update-ref", "-d", SHARED]);
    assert_eq!(b.run(&["push"]).silent(), "nothing to publish\n");
    assert_eq!(b.run(&["sync"]).silent(), "published 2\n");
    assert_eq!(team.on_server(&["rev-parse", SHARED]), before);
    let nothing = "nothing to publish, nothing to receive\n";
    assert_eq!(a.run(&["sync"]).silent(), nothing);
    knows_both(a);
}

#[test]
fn a_new_server_that_refuses_says_so_at_once_and_what_is_pending_stays() {
    let team = team();
    let a = &team.clones[0];
    a.write("later.rs", "pub fn later() {}\n");
    a.push_files("origin", &["later.rs"]);
    assert_eq!(
        a.analyze(&["later.rs", "--untracked"]).words(),
        "1 analyzed"
    );
    team.on_server(&["update-ref", "-d", SHARED]);
    team.on_server(&["config", "receive.hideRefs", "refs/rustassistant"]);
    for command in ["sync", "push"] {
        let refused = a.run(&[command, "--timeout", "60"]);
        assert_eq!(refused.code, Some(3), "{refused:?}");
        let why = "origin rejects analyses";
        assert!(refused.stderr.contains(why), "{refused:?}");
    }
    team.on_server(&["config", "--unset", "receive.hideRefs"]);
    assert_eq!(a.run(&["sync"]).silent(), "published 3\n");
}

#[test]
fn what_cannot_be_read_does_not_take_the_place_of_what_can() {
    let team = team();
    let b = &team.clones[1];
    let mirror = b.git(&["rev-parse", MIRROR]);
    let code = team.on_server(&["rev-parse", "main"]);
    team.on_server(&["update-ref", SHARED, &code]);
    let refused = b.run(&["sync"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert_eq!(b.git(&["rev-parse", MIRROR]), mirror);
    knows_both(b);
    // What is advised does it.
    let push = format!("git push origin +{MIRROR}:{SHARED}");
    assert!(refused.stderr.contains(&format!("'{push}'")), "{refused:?}");
    let words: Vec<&str> = push.split(' ').skip(1).collect();
    b.git(&[&words[..], &["-q", "--no-verify"]].concat());
    let nothing = "nothing to publish, nothing to receive\n";
    assert_eq!(b.run(&["sync"]).silent(), nothing);
    knows_both(b);
}

#[test]
fn what_a_clone_has_worked_out_itself_nobody_can_talk_away() {
    let (team, path) = Team::with_one_entry();
    let clone = &team.clones[1];
    let entry = team.on_server(&["show", &format!("{SHARED}:{path}")]);
    let sound = team.on_server(&["rev-parse", &format!("{SHARED}:{path}")]);
    // One that wins wherever the greater id does.
    let lies = (1..).map(|spaces| format!("{entry}{}", " ".repeat(spaces)));
    let mut forged = lies.map(|lie| team.object("blob", lie.as_bytes()));
    let forged = forged.find(|forged| *forged > sound).unwrap();
    team.publish(&path, 4, ("100644", &forged));
    clone.run(&["fetch"]).silent();
    let on_server = || team.on_server(&["rev-parse", &format!("{SHARED}:{path}")]);
    assert_eq!(on_server(), forged);
    clone.analyze(&["src/b.rs", "-k", "todos", "--refresh"]);
    assert_eq!(clone.run(&["sync"]).silent(), "published 1\n");
    assert_eq!(on_server(), sound);
}

#[test]
fn a_push_address_may_be_another_name_of_the_same_place_and_what_goes_elsewhere_stays_here() {
    let team = team();
    let a = &team.clones[0];
    let another = |text: &str| {
        a.write("later.rs", text);
        a.push_files("origin", &["later.rs"]);
        assert_eq!(
            a.analyze(&["later.rs", "--untracked"]).words(),
            "1 analyzed"
        );
    };
    let key = "remote.origin.pushurl";
    a.git(&[
        "config",
        key,
        &format!("file://{}", team.server().display()),
    ]);
    another("pub fn later() {}\n");
    assert_eq!(a.run(&["sync"]).silent(), "published 1\n");
    let fork = a.home().join("fork.git");
    let fork = fork.to_str().unwrap();
    a.git(&[
        "clone",
        "-q",
        "--mirror",
        team.server().to_str().unwrap(),
        fork,
    ]);
    a.git(&["config", key, fork]);
    another("pub fn much_later() {}\n");
    for _ in 0..2 {
        let told = a.run(&["sync"]);
        assert_eq!(told.code, Some(3), "{told:?}");
        assert!(
            told.stderr
                .contains("fetches from and pushes to different repositories"),
            "{told:?}"
        );
        let cached = a.analyze(&["later.rs", "--untracked", "--cached"]);
        assert_eq!(cached.words(), "1 cached");
        assert!(
            a.run(&["status"])
                .silent()
                .contains("1 to publish to origin")
        );
    }
    a.git(&["config", "--unset", key]);
    assert_eq!(a.run(&["sync"]).silent(), "published 1\n");
}

#[test]
fn what_the_team_drops_does_not_come_back_from_a_clone_that_keeps_its_own() {
    let team = team();
    let (a, b) = (&team.clones[0], &team.clones[1]);
    b.git(&["config", "rustassistant.trust", "none"]);
    assert_eq!(b.analyze(&["-k", "todos"]).words(), "2 analyzed");
    assert_eq!(b.run(&["sync"]).silent(), "published 2\n");
    let mine = b.run(&["sync"]).silent();
    assert_eq!(mine, "nothing to publish, nothing to receive\n");
    a.run(&["fetch"]).silent();
    assert_eq!(a.run(&["cache", "clear", "--publish"]).code, Some(0));
    let empty = "nothing to publish, nothing to receive\n";
    assert_eq!(b.run(&["sync"]).silent(), empty);
    assert_eq!(a.run(&["sync"]).silent(), empty);
    assert_eq!(b.run(&["analyze", "-k", "todos", "--cached"]).code, Some(3));
}

#[test]
fn what_was_shared_through_a_fork_goes_on_to_a_remote_that_is_named() {
    let team = Team::new(1);
    let a = &team.clones[0];
    let fork = a.home().join("fork.git");
    let fork = fork.to_str().unwrap();
    a.git(&[
        "clone",
        "-q",
        "--bare",
        team.server().to_str().unwrap(),
        fork,
    ]);
    a.git(&["remote", "add", "fork", fork]);
    a.git(&["fetch", "-q", "fork"]);
    a.git(&["config", "branch.topic.pushRemote", "fork"]);
    a.git(&["checkout", "-q", "-b", "topic"]);
    assert_eq!(a.analyze(&[]).words(), "2 analyzed");
    assert_eq!(a.run(&["sync"]).silent(), "published 2\n");
    a.git(&["checkout", "-q", "main"]);
    let nothing = "nothing to publish, nothing to receive\n";
    assert_eq!(a.run(&["sync"]).silent(), nothing);
    assert_eq!(a.run(&["sync", "origin"]).silent(), "published 2\n");
    assert_eq!(a.run(&["sync", "origin"]).silent(), nothing);
    assert_ne!(team.on_server(&["for-each-ref", SHARED]), "");
}
