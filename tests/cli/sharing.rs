//! `init`, `fetch`, `push`, `sync`, and `analyze --sync`: two clones and what they share.

use crate::support::{Repo, Report, SHARED, Team};

fn pair() -> (Team, usize, usize) {
    (Team::new(2), 0, 1)
}

fn printed(repo: &Repo, arguments: &[&str]) -> String {
    repo.run(arguments).silent()
}

#[test]
fn without_init_everything_works_with_our_own_commands() {
    let (team, a, b) = pair();
    let (a, b) = (&team.clones[a], &team.clones[b]);
    let output = a.run(&["analyze", "--sync", "--output", "json"]);
    assert_eq!(Report::of(&output).words(), "2 analyzed");
    assert_eq!(output.stderr, "published 2\n");
    assert_eq!(printed(b, &["fetch"]), "received 2 (1 author)\n");
    assert_eq!(b.analyze(&["--cached"]).words(), "2 cached");
    let output = b.run(&["analyze", "--sync", "-v", "--output", "json"]);
    assert_eq!(Report::of(&output).words(), "2 cached");
    assert!(output.stderr.contains("nothing to receive"), "{output:?}");
}

#[test]
fn init_says_what_it_sets_and_again_changes_nothing_and_can_be_undone() {
    let team = Team::new(1);
    let repo = &team.clones[0];
    let config = || std::fs::read_to_string(repo.path().join(".git/config")).unwrap();
    let before = config();
    let run = |arguments: &[&str]| team.shown(repo.run(arguments)).silent();
    insta::assert_snapshot!(run(&["init", "--no-hook", "-n"]), @r"
    would set remote.origin.fetch = +refs/rustassistant/shared/*:refs/rustassistant/remotes/origin/*
    would set remote.origin.fetch = ^refs/rustassistant/shared/v1/*
    would set log.excludeDecoration = refs/rustassistant/*
    analyses are shared through origin ($SERVER), under refs/rustassistant/shared/v1; to sync now: git rustassistant sync
    ");
    assert_eq!(config(), before);
    let first = run(&["init", "--no-hook"]);
    assert!(first.contains("set remote.origin.fetch"), "{first}");
    let set = config();
    insta::assert_snapshot!(run(&["cache", "init", "--no-hook"]), @r"
    unchanged: remote.origin.fetch = +refs/rustassistant/shared/*:refs/rustassistant/remotes/origin/*
    unchanged: remote.origin.fetch = ^refs/rustassistant/shared/v1/*
    unchanged: log.excludeDecoration = refs/rustassistant/*
    analyses are shared through origin ($SERVER), under refs/rustassistant/shared/v1; to sync now: git rustassistant sync
    ");
    assert_eq!(config(), set);
    repo.git(&["fetch"]);
    insta::assert_snapshot!(run(&["init", "--undo"]), @"
    unset remote.origin.fetch = +refs/rustassistant/shared/*:refs/rustassistant/remotes/origin/*
    unset remote.origin.fetch = ^refs/rustassistant/shared/v1/*
    unset log.excludeDecoration = refs/rustassistant/*
    analyses stay in this clone, under refs/rustassistant/local/v1
    ");
    let left: Vec<String> = config().lines().map(str::to_owned).collect();
    assert!(
        left.iter().all(|line| !line.contains("rustassistant")),
        "{left:?}"
    );
    assert_eq!(
        repo.git(&["config", "--get-all", "remote.origin.fetch"])
            .lines()
            .count(),
        1
    );
}

#[test]
fn what_a_user_had_set_before_init_is_there_after_its_undoing() {
    let team = Team::new(1);
    let repo = &team.clones[0];
    repo.git(&["config", "rustassistant.remote", "origin"]);
    repo.git(&["config", "log.excludeDecoration", "refs/rustassistant/*"]);
    let config = || std::fs::read_to_string(repo.path().join(".git/config")).unwrap();
    let before = config();
    let first = printed(repo, &["init", "--no-hook", "--remote", "origin"]);
    assert!(first.contains("unchanged: rustassistant.remote"), "{first}");
    assert_ne!(config(), before);
    let undone = printed(repo, &["init", "--undo"]);
    assert!(undone.starts_with("unset remote.origin.fetch"), "{undone}");
    assert_eq!(config(), before);
    let refspec = "+refs/rustassistant/shared/*:refs/rustassistant/remotes/origin/*";
    repo.git(&["config", "--add", "remote.origin.fetch", refspec]);
    let before = config();
    printed(repo, &["init", "--no-hook"]);
    printed(repo, &["init", "--undo"]);
    assert_eq!(config(), before, "nothing was left for init to set");
}

#[test]
fn init_is_undone_whatever_a_teams_file_says() {
    let team = Team::new(1);
    let repo = &team.clones[0];
    printed(repo, &["init", "--no-hook"]);
    repo.write(
        ".rustassistantconfig",
        "[rustassistant]\n\ttrust = nonsense\n\tkinds = x y\n",
    );
    let undone = printed(repo, &["init", "--undo"]);
    assert!(undone.starts_with("unset remote.origin.fetch"), "{undone}");
}

#[test]
fn init_for_another_remote_leaves_nothing_of_the_first_and_is_undone_whole() {
    let team = Team::new(1);
    let repo = &team.clones[0];
    for name in ["team", "fork"] {
        repo.git(&["remote", "add", name, team.server().to_str().unwrap()]);
    }
    let run = |arguments: &[&str]| team.shown(repo.run(arguments)).silent();
    run(&["init", "--no-hook", "--remote", "team"]);
    insta::assert_snapshot!(run(&["init", "--no-hook", "--remote", "fork"]), @r"
    unset rustassistant.remote = team
    set rustassistant.remote = fork
    set remote.fork.fetch = +refs/rustassistant/shared/*:refs/rustassistant/remotes/fork/*
    set remote.fork.fetch = ^refs/rustassistant/shared/v1/*
    unchanged: log.excludeDecoration = refs/rustassistant/*
    analyses are shared through fork ($SERVER), under refs/rustassistant/shared/v1; to sync now: git rustassistant sync
    ");
    assert_eq!(
        repo.git(&["config", "--get-all", "rustassistant.remote"]),
        "fork"
    );
    run(&["init", "--no-hook", "--remote", "team"]);
    assert_eq!(
        repo.git(&["config", "--get-all", "rustassistant.remote"]),
        "team"
    );
    insta::assert_snapshot!(run(&["init", "--undo", "-n"]), @"
    would unset rustassistant.remote = team
    would unset remote.fork.fetch = +refs/rustassistant/shared/*:refs/rustassistant/remotes/fork/*
    would unset remote.fork.fetch = ^refs/rustassistant/shared/v1/*
    would unset remote.team.fetch = +refs/rustassistant/shared/*:refs/rustassistant/remotes/team/*
    would unset remote.team.fetch = ^refs/rustassistant/shared/v1/*
    would unset log.excludeDecoration = refs/rustassistant/*
    analyses stay in this clone, under refs/rustassistant/local/v1
    ");
    run(&["init", "--undo"]);
    let config = std::fs::read_to_string(repo.path().join(".git/config")).unwrap();
    assert!(!config.contains("rustassistant"), "{config}");
}

#[test]
fn init_after_a_remote_was_renamed_fills_the_mirror_of_its_new_name_only() {
    let team = Team::new(1);
    let repo = &team.clones[0];
    printed(repo, &["init", "--no-hook"]);
    repo.git(&["remote", "rename", "origin", "upstream"]);
    insta::assert_snapshot!(team.shown(repo.run(&["init", "--no-hook"])).silent(), @r"
    unset remote.upstream.fetch = +refs/rustassistant/shared/*:refs/rustassistant/remotes/origin/*
    set remote.upstream.fetch = +refs/rustassistant/shared/*:refs/rustassistant/remotes/upstream/*
    unchanged: remote.upstream.fetch = ^refs/rustassistant/shared/v1/*
    unchanged: log.excludeDecoration = refs/rustassistant/*
    analyses are shared through upstream ($SERVER), under refs/rustassistant/shared/v1; to sync now: git rustassistant sync
    ");
    let _ = repo.analyze(&[]);
    printed(repo, &["sync"]);
    repo.git(&["fetch", "-q", "upstream"]);
    let mirrors = [
        "for-each-ref",
        "--format=%(refname)",
        "refs/rustassistant/remotes",
    ];
    assert_eq!(repo.git(&mirrors), "refs/rustassistant/remotes/upstream/v1");
}

#[test]
fn init_for_a_remote_that_is_gone_is_wrong_usage_and_writes_nothing() {
    let team = Team::new(1);
    let repo = &team.clones[0];
    repo.git(&["config", "rustassistant.remote", "team"]);
    let config = || std::fs::read_to_string(repo.path().join(".git/config")).unwrap();
    let before = config();
    let output = repo.run(&["init", "--no-hook"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("unknown remote 'team'"),
        "{output:?}"
    );
    assert!(
        output
            .stderr
            .contains("hint: rustassistant.remote names it; known remotes: origin"),
        "{output:?}"
    );
    assert_eq!(config(), before);
}

#[test]
fn a_second_remote_gets_a_copy_of_all_that_is_known() {
    let team = Team::new(2);
    let (a, b) = (&team.clones[0], &team.clones[1]);
    let second = team.server().with_file_name("second.git");
    let second = second.to_str().unwrap();
    team.on_server(&["init", "-q", "--bare", second]);
    assert_eq!(a.analyze(&[]).words(), "2 analyzed");
    printed(a, &["sync"]);
    printed(b, &["fetch"]);
    b.write("later.rs", "pub fn later() {}\n");
    assert_eq!(b.analyze(&["--untracked"]).words(), "2 cached, 1 analyzed");
    b.git(&["remote", "add", "second", second]);
    b.push_files("origin", &["later.rs"]);
    b.push_files("second", &["later.rs", "src/a.rs", "src/b.rs"]);
    assert_eq!(printed(b, &["push", "second"]), "published 3\n");
    assert_eq!(printed(b, &["push", "second"]), "nothing to publish\n");
    // It belongs to home all the same.
    assert_eq!(printed(b, &["sync"]), "published 1\n");
    let tree = |place: &str| {
        b.git(&[
            "--git-dir",
            place,
            "rev-parse",
            &format!("{SHARED}^{{tree}}"),
        ])
    };
    assert_eq!(tree(second), tree(team.server().to_str().unwrap()));
}

#[test]
fn before_anybody_has_published_there_is_nothing_to_fetch_and_git_fetch_works() {
    let team = Team::new(1);
    let repo = &team.clones[0];
    assert_eq!(printed(repo, &["fetch"]), "nothing to receive\n");
    printed(repo, &["init"]);
    repo.git(&["fetch"]);
    repo.git(&["pull", "-q"]);
    assert_eq!(printed(repo, &["push"]), "nothing to publish\n");
}

#[test]
fn status_counts_what_is_not_published_yet() {
    let team = Team::new(1);
    let repo = &team.clones[0];
    let _ = repo.analyze(&["-k", "todos"]);
    insta::assert_snapshot!(printed(repo, &["status", "-k", "todos"]), @"
    todos     2 of 2 files analyzed
    pending   2 to publish to origin
    ");
    printed(repo, &["sync"]);
    insta::assert_snapshot!(printed(repo, &["status", "-k", "todos"]), @"todos     2 of 2 files analyzed");
}

#[test]
fn a_remote_that_is_not_there_costs_nothing_but_a_message() {
    let team = Team::new(1);
    let repo = &team.clones[0];
    repo.git(&["remote", "set-url", "origin", "/nowhere/at/all"]);
    let _ = repo.analyze(&[]);
    for command in ["fetch", "push", "sync"] {
        let output = repo.run(&[command]);
        assert_eq!(output.code, Some(3), "{output:?}");
        assert!(output.stderr.contains("/nowhere/at/all"), "{output:?}");
        assert!(
            output.stderr.contains("hint: nothing is lost"),
            "{output:?}"
        );
    }
    let output = repo.run(&["analyze", "--sync", "--output", "summary"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(output.stdout.lines().next(), Some("2 files: 2 cached"));
    repo.git(&[
        "remote",
        "set-url",
        "origin",
        team.server().to_str().unwrap(),
    ]);
    assert_eq!(printed(repo, &["sync"]), "published 2\n");
}

#[test]
fn a_remote_that_is_not_configured_is_wrong_usage() {
    let alone = Repo::new();
    let output = alone.run(&["sync"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output
            .stderr
            .contains("hint: add one with 'git remote add'"),
        "{output:?}"
    );
    let team = Team::new(1);
    for command in ["fetch", "push", "sync"] {
        let output = team.clones[0].run(&[command, "orign"]);
        assert_eq!(output.code, Some(2));
        insta::allow_duplicates! {
            insta::assert_snapshot!(output.stderr, @r"
            error: unknown remote 'orign'
            hint: known remotes: origin
            ");
        }
    }
}

#[test]
fn analyses_may_go_to_another_place_than_the_code() {
    let team = Team::new(2);
    let cache = team.server().with_file_name("cache.git");
    let cache = cache.to_str().unwrap();
    team.on_server(&["init", "-q", "--bare", cache]);
    for clone in &team.clones {
        clone.git(&["remote", "add", "team", cache]);
        printed(clone, &["init", "--remote", "team"]);
    }
    let (a, b) = (&team.clones[0], &team.clones[1]);
    let _ = a.analyze(&[]);
    assert_eq!(printed(a, &["sync"]), "published 2\n");
    assert_eq!(team.on_server(&["for-each-ref", SHARED]), "");
    assert_eq!(printed(b, &["sync"]), "received 2 (1 author)\n");
}

#[test]
fn a_host_that_takes_branches_only_is_given_one() {
    let team = Team::new(2);
    for clone in &team.clones {
        clone.git(&[
            "config",
            "rustassistant.sharedRef",
            "refs/heads/rustassistant/v1",
        ]);
        printed(clone, &["init"]);
    }
    let (a, b) = (&team.clones[0], &team.clones[1]);
    b.git(&["fetch"]);
    let _ = a.analyze(&[]);
    printed(a, &["sync"]);
    assert_eq!(team.on_server(&["for-each-ref", SHARED]), "");
    b.git(&["fetch"]);
    assert_eq!(b.analyze(&["--cached"]).words(), "2 cached");
}

#[test]
fn only_our_own_refs_move_whatever_the_user_has_configured() {
    let team = Team::new(2);
    let (a, b) = (&team.clones[0], &team.clones[1]);
    for (key, value) in [
        ("push.pushOption", "ci.skip"),
        ("push.followTags", "true"),
        ("push.gpgSign", "if-asked"),
        ("push.recurseSubmodules", "check"),
        ("fetch.prune", "true"),
        ("fetch.pruneTags", "true"),
        ("fetch.recurseSubmodules", "true"),
        ("fetch.writeCommitGraph", "true"),
        ("core.logAllRefUpdates", "always"),
        ("remote.origin.mirror", "true"),
    ] {
        a.git(&["config", key, value]);
    }
    a.git(&["tag", "-a", "-m", "a tag", "v1"]);
    b.git(&["commit", "-q", "--allow-empty", "-m", "of b"]);
    b.git(&["push", "-q", "origin", "main"]);
    let _ = a.analyze(&[]);
    let refs = |name: &str| a.git(&["for-each-ref", "--format=%(refname) %(objectname)", name]);
    let before = [refs("refs/heads"), refs("refs/remotes"), refs("refs/tags")];
    let told = a.run(&["sync"]);
    assert_eq!(told.stdout, "published 2\n", "{told:?}");
    assert!(
        told.stderr
            .starts_with("'git push origin' mirrors every ref"),
        "{told:?}"
    );
    assert_eq!(
        printed(a, &["sync"]),
        "nothing to publish, nothing to receive\n"
    );
    assert_eq!(
        before,
        [refs("refs/heads"), refs("refs/remotes"), refs("refs/tags")]
    );
    let names = team.on_server(&["for-each-ref", "--format=%(refname)"]);
    assert_eq!(names, format!("refs/heads/main\n{SHARED}"));
    assert!(!a.path().join(".git/FETCH_HEAD").exists());
}
