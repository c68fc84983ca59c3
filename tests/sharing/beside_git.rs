//! What git's own commands do to what is shared: docs/sync.md has the table that these tests prove.

use crate::support::{Repo, SHARED, Team};

/// Two clones that share; the first has two published analyses, and `later.rs` is pending.
fn team() -> Team {
    let team = Team::new(2);
    for clone in &team.clones {
        clone.run(&["init"]).silent();
    }
    let a = &team.clones[0];
    assert_eq!(a.analyze(&[]).words(), "2 analyzed");
    a.run(&["sync"]).silent();
    a.write("later.rs", "pub fn later() {}\n");
    a.commit("later");
    a.push_files("origin", &["later.rs"]);
    assert_eq!(a.analyze(&[]).words(), "2 cached, 1 analyzed");
    team
}

#[track_caller]
fn knows_all(repo: &Repo) {
    assert_eq!(repo.analyze(&["--cached"]).words(), "3 cached");
}

#[track_caller]
fn has_one_pending(repo: &Repo, remote: &str) {
    let status = repo.run(&["status"]).silent();
    let line = format!("1 to publish to {remote}\n");
    assert!(status.ends_with(&line), "{status}");
}

#[test]
fn cleaning_up_keeps_everything() {
    let team = team();
    let a = &team.clones[0];
    let commands: [&[&str]; 5] = [
        &["gc", "-q", "--prune=now"],
        &["reflog", "expire", "--expire=now", "--all"],
        &["gc", "-q", "--aggressive", "--prune=now"],
        &["maintenance", "run", "--quiet"],
        &["fetch", "-q", "--prune", "--prune-tags"],
    ];
    for command in commands {
        a.git(command);
        knows_all(a);
        has_one_pending(a, "origin");
    }
    assert_eq!(a.run(&["sync"]).silent(), "published 1\n");
}

#[test]
fn a_pruning_fetch_forgets_a_mirror_that_the_remote_has_dropped_and_nothing_pending() {
    let team = team();
    let a = &team.clones[0];
    team.on_server(&["update-ref", "-d", SHARED]);
    a.git(&["fetch", "-q"]);
    knows_all(a);
    a.git(&["fetch", "-q", "--prune"]);
    assert_eq!(a.analyze(&["--cached"]).words(), "1 cached, 2 missing");
    has_one_pending(a, "origin");
    assert_eq!(a.run(&["sync"]).silent(), "published 1\n");
}

#[test]
fn a_remote_may_be_renamed_and_removed() {
    let team = team();
    let a = &team.clones[0];
    a.git(&["remote", "rename", "origin", "upstream"]);
    assert_eq!(a.analyze(&["--cached"]).words(), "1 cached, 2 missing");
    has_one_pending(a, "upstream");
    let printed = a.run(&["sync"]).silent();
    assert_eq!(printed, "published 1, received 2 (1 author)\n");
    knows_all(a);
    a.git(&["fetch", "-q", "upstream"]);
    a.run(&["init"]).silent();
    a.git(&["fetch", "-q", "upstream"]);
    knows_all(a);

    a.write("more.rs", "pub fn more() {}\n");
    a.commit("more");
    assert_eq!(a.analyze(&[]).words(), "3 cached, 1 analyzed");
    a.git(&["remote", "remove", "upstream"]);
    assert_eq!(a.analyze(&["--cached"]).words(), "1 cached, 3 missing");
    let place = team.server();
    a.git(&["remote", "add", "origin", place.to_str().unwrap()]);
    a.push_files("origin", &["more.rs"]);
    // The mirror of that name was still there.
    assert_eq!(a.run(&["sync"]).silent(), "published 1\n");
    assert_eq!(a.analyze(&["--cached"]).words(), "4 cached");
}

#[test]
fn a_push_of_branches_and_tags_carries_no_analyses() {
    let team = team();
    let a = &team.clones[0];
    let ours = ["for-each-ref", "refs/rustassistant"];
    let before = team.on_server(&ours);
    a.git(&["tag", "-a", "-m", "a tag", "v1"]);
    for what in ["--all", "--tags", "--follow-tags"] {
        a.git(&["push", "-q", what, "origin"]);
    }
    assert_eq!(team.on_server(&ours), before);
    has_one_pending(a, "origin");
}

#[test]
fn a_mirroring_push_carries_every_ref_and_drops_what_the_team_shares() {
    let team = team();
    let (a, b) = (&team.clones[0], &team.clones[1]);
    b.git(&["fetch", "-q"]);
    a.git(&["push", "-q", "--mirror", "origin"]);
    assert_eq!(team.on_server(&["for-each-ref", SHARED]), "");
    let local = "refs/rustassistant/local/v1";
    assert_ne!(team.on_server(&["for-each-ref", local]), "");
    // Git drops the mirror in this clone with it; what is pending stays.
    assert_eq!(a.analyze(&["--cached"]).words(), "1 cached, 2 missing");
    has_one_pending(a, "origin");
    // Another clone that publishes puts back what it has.
    b.git(&["pull", "-q"]);
    assert_eq!(b.analyze(&[]).words(), "2 cached, 1 analyzed");
    assert_eq!(b.run(&["push"]).silent(), "published 1\n");
    a.run(&["sync"]).silent();
    knows_all(a);
}

#[test]
fn a_mirroring_clone_has_what_the_team_shares() {
    let team = team();
    let a = &team.clones[0];
    a.run(&["sync"]).silent();
    let (from, to) = (team.server(), a.home().join("copy.git"));
    let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
    a.git(&["clone", "-q", "--mirror", from, to]);
    let mut there = a.program();
    there.current_dir(to);
    let printed = a
        .finish(there.args(["analyze", "--rev", "HEAD", "--cached"]))
        .silent();
    assert!(printed.contains("2 cached"), "{printed}");
}

#[test]
fn nothing_of_ours_shows_among_branches_logs_and_changes() {
    let team = team();
    let a = &team.clones[0];
    a.run(&["sync"]).silent();
    for command in [
        &["branch", "-a"][..],
        &["log", "--oneline", "--decorate"],
        &["status"],
        &["tag"],
        &["stash", "list"],
        // What gitk and editors list.
        &["for-each-ref", "refs/heads", "refs/remotes", "refs/tags"],
        &[
            "log",
            "--oneline",
            "--exclude=refs/rustassistant/*",
            "--all",
        ],
    ] {
        let printed = a.git(command);
        assert!(!printed.contains("rustassistant"), "{command:?}: {printed}");
        assert!(!printed.contains("analys"), "{command:?}: {printed}");
    }
}

#[test]
fn a_shallow_clone_stays_as_shallow_as_it_is_and_a_full_one_full() {
    let team = team();
    let a = &team.clones[0];
    a.run(&["sync"]).silent();
    a.git(&["push", "-q", "origin", "main"]);
    let b = &team.clones[1];
    b.git(&["pull", "-q"]);
    b.run(&["fetch"]).silent();
    assert_eq!(b.git(&["rev-parse", "--is-shallow-repository"]), "false");
    let to = a.home().join("shallow");
    let url = format!("file://{}", team.server().display());
    a.git(&["clone", "-q", "--depth=1", &url, to.to_str().unwrap()]);
    let run = |arguments: &[&str]| {
        let mut program = a.program();
        program.current_dir(&to);
        a.finish(program.args(arguments))
    };
    assert_eq!(run(&["fetch"]).silent(), "received 3 (1 author)\n");
    let printed = run(&["analyze", "--cached"]).silent();
    assert!(printed.contains("3 cached"), "{printed}");
    std::fs::write(to.join("new.rs"), "pub fn new() {}\n").unwrap();
    for command in [
        &["add", "new.rs"][..],
        &["commit", "-q", "-m", "new"],
        &["push", "-q", "origin", "main"],
    ] {
        a.git(&[&["-C", to.to_str().unwrap()], command].concat());
    }
    let _ = run(&["analyze"]);
    assert_eq!(run(&["push"]).silent(), "published 1\n");
}

/// Both bring the same ref, and git gives up all of a fetch if one of its refs has moved meanwhile.
#[test]
fn a_fetch_that_is_under_way_does_not_fail_because_of_what_is_shared_beside_it() {
    let team = team();
    let (a, b) = (&team.clones[0], &team.clones[1]);
    let slow = a.home().join("slow");
    std::fs::write(
        &slow,
        "#!/bin/sh\nmkdir \"$0.once\" 2>/dev/null && sleep 1\nexec \"$@\"\n",
    )
    .unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&slow, mode).unwrap();
    let hook = "uploadpack.packObjectsHook";
    a.git(&["config", "--global", hook, slow.to_str().unwrap()]);
    for round in 0..3 {
        // Each has something that the other has not.
        b.git(&["pull", "-q", "--rebase"]);
        for (name, clone) in [("a", a), ("b", b)] {
            let file = format!("{name}{round}.rs");
            clone.write(&file, format!("pub fn {name}{round}() {{}}\n"));
            clone.push_files("origin", &[&file]);
            clone.analyze(&[&file, "--untracked"]);
        }
        b.run(&["sync"]).silent();
        // The first to fetch is slow, and begins first.
        let _ = std::fs::remove_dir(slow.with_extension("once"));
        std::thread::scope(|scope| {
            let fetching = scope.spawn(|| {
                let mut git = a.command("git".as_ref());
                a.finish(git.args(["fetch", "-q", "origin"]))
            });
            std::thread::sleep(std::time::Duration::from_millis(400));
            a.run(&["sync"]).silent();
            let fetched = fetching.join().unwrap();
            assert_eq!(
                (fetched.code, fetched.stderr.as_str()),
                (Some(0), ""),
                "{round}"
            );
        });
    }
}

/// How often git has packed everything anew in the clones of a team, after so many rounds of two people
/// who push and pull.
fn packed_anew(team: &Team, rounds: usize) -> usize {
    let [one, two] = &team.clones[..] else {
        unreachable!()
    };
    let trace = one.home().join("trace");
    let git = |clone: &Repo, arguments: &[&str]| {
        let mut git = clone.command("git".as_ref());
        let git = git.args(["-c", "gc.autoDetach=false", "-c", "pull.rebase=true"]);
        let output = clone.finish(git.args(arguments).env("GIT_TRACE2_EVENT", &trace));
        assert_eq!(output.code, Some(0), "{output:?}");
    };
    for round in 0..rounds {
        for (number, clone) in [one, two].into_iter().enumerate() {
            git(clone, &["pull", "-q"]);
            let file = format!("src/r{round}_{number}.rs");
            clone.write(&file, crate::support::rust_source(round * 2 + number, 1));
            clone.commit(&file);
            git(clone, &["push", "-q", "origin", "main"]);
            git(clone, &["fetch", "-q"]);
        }
    }
    let traced = std::fs::read_to_string(trace).unwrap();
    let is_repack =
        |line: &&str| line.contains(r#""event":"start""#) && line.contains(r#""repack""#);
    traced.lines().filter(is_repack).count()
}

#[test]
#[ignore = "takes minutes: sixty rounds of two people, with and without analyses"]
fn git_packs_everything_anew_no_oftener_than_the_code_alone_makes_it() {
    let (with, without) = (Team::new(2), Team::new(2));
    for clone in &with.clones {
        clone.run(&["init"]).silent();
    }
    let (with, without) = (packed_anew(&with, 60), packed_anew(&without, 60));
    eprintln!("packed anew {with} times with analyses, {without} times without");
    assert!(with <= without, "{with} {without}");
}
