//! What is published to a remote, and what is not: an answer quotes the text that it is about, and
//! goes only where that text is.

use crate::support::model::{analysis, answer};
use crate::support::server::Server;
use crate::support::{Repo, SHARED, Team, path};

/// Text that no file of a team has but those that a test writes.
const QUOTE: &str = "ask Ana about the merger";

fn todo(about: &str) -> String {
    format!("// TODO: {about}\npub fn a() {{}}\n")
}

/// Everything that the server publishes, one after the other.
fn published(team: &Team) -> String {
    if team.on_server(&["for-each-ref", SHARED]).is_empty() {
        return String::new();
    }
    let files = team.on_server(&["ls-tree", "-r", SHARED]);
    let blobs = files.lines().map(|line| {
        let blob = line.split_whitespace().nth(2).unwrap();
        team.on_server(&["cat-file", "blob", blob])
    });
    blobs.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn withholds(repo: &Repo, command: &[&str]) {
    let told = repo.run(command);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.stdout.contains("1 withheld"), "{told:?}");
    assert!(told.stderr.contains("hint: "), "{told:?}");
}

/// A clone of a team with an analyzed file that has `QUOTE` in it.
fn with_draft(analyze: &[&str]) -> Team {
    let team = Team::new(2);
    let a = &team.clones[0];
    a.write("draft.rs", todo(QUOTE));
    let args = [&["-k", "todos"], analyze].concat();
    assert_eq!(a.analyze(&args).words(), "1 analyzed");
    team
}

#[test]
fn a_text_that_was_never_committed_is_not_published() {
    let team = with_draft(&["draft.rs", "--untracked"]);
    let a = &team.clones[0];
    withholds(a, &["sync"]);
    std::fs::remove_file(a.path().join("draft.rs")).unwrap();
    a.commit("something else");
    a.git(&["push", "-q", "origin", "main"]);
    withholds(a, &["push"]);
    assert!(!published(&team).contains(QUOTE));
    // Nor where it is staged, which git has stored.
    a.write("staged.rs", todo(QUOTE));
    a.git(&["add", "staged.rs"]);
    a.analyze(&["-k", "todos", "--staged"]);
    withholds(a, &["sync"]);
    assert!(!published(&team).contains(QUOTE));
}

#[test]
fn an_edit_is_published_when_it_is_pushed_and_not_before() {
    let team = Team::new(2);
    let (a, b) = (&team.clones[0], &team.clones[1]);
    a.write("src/a.rs", todo(QUOTE));
    assert_eq!(
        a.analyze(&["-k", "todos", "src/a.rs"]).words(),
        "1 analyzed"
    );
    withholds(a, &["push"]);
    a.commit("edited");
    withholds(a, &["push"]);
    a.git(&["push", "-q", "origin", "main"]);
    assert_eq!(a.run(&["push"]).silent(), "published 1\n");
    assert!(published(&team).contains(QUOTE));
    b.git(&["pull", "-q"]);
    b.run(&["fetch"]).silent();
    assert_eq!(b.analyze(&["-k", "todos", "src/a.rs"]).words(), "1 cached");
}

#[test]
fn a_private_branch_is_not_published_by_the_push_of_another() {
    let team = Team::new(2);
    let a = &team.clones[0];
    a.git(&["checkout", "-q", "-b", "private"]);
    a.write("draft.rs", todo(QUOTE));
    a.commit("private");
    a.analyze(&["-k", "todos"]);
    a.git(&["checkout", "-q", "main"]);
    a.write("c.rs", todo("tidy up"));
    a.commit("public");
    a.analyze(&["-k", "todos"]);
    a.git(&["push", "-q", "origin", "main"]);
    let told = a.run(&["sync"]);
    assert_eq!(told.stdout, "published 3, 1 withheld\n", "{told:?}");
    let shared = published(&team);
    assert!(shared.contains("tidy up") && !shared.contains(QUOTE));
    // With the branch, its answers go.
    a.git(&["push", "-q", "origin", "private"]);
    assert_eq!(a.run(&["sync"]).silent(), "published 1\n");
    assert!(published(&team).contains(QUOTE));
}

#[test]
fn what_lies_only_in_history_is_published_when_the_remote_has_it() {
    let team = Team::new(2);
    let a = &team.clones[0];
    a.write("draft.rs", todo(QUOTE));
    a.commit("old");
    a.git(&["tag", "v1"]);
    a.git(&["rm", "-q", "draft.rs"]);
    a.commit("new");
    let draft = ["-k", "todos", "--rev", "v1", "draft.rs"];
    assert_eq!(a.analyze(&draft).words(), "1 analyzed");
    withholds(a, &["push"]);
    a.git(&["push", "-q", "origin", "main", "v1"]);
    assert_eq!(a.run(&["push"]).silent(), "published 1\n");
    // And where everything was pushed long before it was analyzed.
    let b = &team.clones[1];
    b.git(&["pull", "-q"]);
    b.git(&["fetch", "-q", "--tags"]);
    let docs = ["-k", "docs", "--rev", "v1", "draft.rs"];
    assert_eq!(b.analyze(&docs).words(), "1 analyzed");
    let told = b.run(&["push"]).silent();
    assert!(told.starts_with("published 1,"), "{told}");
}

#[test]
fn a_file_that_an_attribute_keeps_here_is_not_published_wherever_that_is_said() {
    for place in [
        ".gitattributes",
        "src/.gitattributes",
        ".git/info/attributes",
    ] {
        let team = Team::new(1);
        let a = &team.clones[0];
        a.write("src/draft.rs", todo(QUOTE));
        let pattern = if place.starts_with("src") {
            "draft.rs"
        } else {
            "src/draft.rs"
        };
        a.write(place, format!("{pattern} rustassistant=local\n"));
        a.commit("kept here");
        a.git(&["push", "-q", "origin", "main"]);
        assert_eq!(
            a.analyze(&["-k", "todos", "src/draft.rs"]).words(),
            "1 analyzed"
        );
        withholds(a, &["push"]);
        withholds(a, &["push"]);
        assert!(!published(&team).contains(QUOTE), "{place}");
        // Once nobody keeps it here any more, it goes.
        a.write(place, "");
        a.commit("not kept any more");
        a.git(&["push", "-q", "origin", "main"]);
        assert_eq!(a.run(&["push"]).silent(), "published 1\n", "{place}");
    }
}

#[test]
fn an_answer_that_quotes_a_secret_is_not_published_though_its_file_is() {
    let key = ["AK", "IA", "Q7RK2VBX5MTZ4LWP"].concat();
    let team = Team::new(1);
    let a = &team.clones[0];
    a.write("draft.rs", todo(&format!("rotate {key}")));
    a.commit("with a key");
    a.git(&["push", "-q", "origin", "main"]);
    assert_eq!(
        a.analyze(&["-k", "todos", "draft.rs"]).words(),
        "1 analyzed"
    );
    withholds(a, &["push"]);
    assert!(!published(&team).contains(&key));
}

#[test]
fn the_hook_publishes_what_is_being_pushed_and_nothing_else() {
    let mut team = Team::new(1);
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let folder = program.parent().unwrap().display();
    team.clones[0].set("PATH", &format!("{folder}:{}", path()));
    let a = &team.clones[0];
    a.git(&["config", "rustassistant.kinds", "todos"]);
    a.git(&["config", "rustassistant.hook.budget", "10m"]);
    a.run(&["hook", "install"]).silent();
    let new = a.home().join("new.git");
    let new = new.to_str().unwrap();
    a.git(&["init", "-q", "--bare", new]);
    a.git(&["remote", "add", "new", new]);
    a.write("draft.rs", todo(QUOTE));
    assert_eq!(
        a.analyze(&["draft.rs", "--untracked"]).words(),
        "1 analyzed"
    );
    std::fs::remove_file(a.path().join("draft.rs")).unwrap();
    a.write("c.rs", todo("tidy up"));
    a.commit("c");
    // To a remote that has an older state, and to one of which nothing is known.
    a.git(&["push", "-q", "origin", "main"]);
    let shared = published(&team);
    assert!(
        shared.contains("tidy up") && !shared.contains(QUOTE),
        "{shared}"
    );
    a.git(&["push", "-q", "new", "main"]);
    // It has all files now; of them `src/a.rs` and `src/b.rs` were pending.
    let there = a.git(&["--git-dir", new, "ls-tree", "-r", "--name-only", SHARED]);
    let entries = there.lines().filter(|line| line.starts_with("entries/"));
    assert_eq!(entries.count(), 2, "{there}");
}

#[test]
fn a_remote_that_holds_analyses_alone_is_told_about_what_the_code_s_home_has() {
    let team = with_draft(&["draft.rs", "--untracked"]);
    let a = &team.clones[0];
    let cache = a.home().join("cache.git");
    let cache = cache.to_str().unwrap();
    a.git(&["init", "-q", "--bare", cache]);
    a.git(&["remote", "add", "cache", cache]);
    a.git(&["config", "rustassistant.remote", "cache"]);
    assert_eq!(a.analyze(&["-k", "todos", "src"]).words(), "2 analyzed");
    let told = a.run(&["sync"]);
    assert_eq!(told.stdout, "published 2, 1 withheld\n", "{told:?}");
    a.git(&["add", "draft.rs"]);
    a.git(&["commit", "-q", "-m", "draft"]);
    withholds(a, &["sync"]);
    a.git(&["push", "-q", "origin", "main"]);
    assert_eq!(a.run(&["sync"]).silent(), "published 1\n");
}

#[test]
fn a_file_of_analyses_holds_nothing_that_would_not_be_published() {
    let team = with_draft(&["draft.rs", "--untracked"]);
    let a = &team.clones[0];
    assert_eq!(a.analyze(&["-k", "todos", "src"]).words(), "2 analyzed");
    let file = a.home().join("analyses.bundle");
    let file = file.to_str().unwrap();
    let told = a.run(&["cache", "export", file]);
    assert!(told.stdout.starts_with("exported 2 entries"), "{told:?}");
    // Where there is no remote: what was committed.
    a.git(&["remote", "remove", "origin"]);
    let told = a.run(&["cache", "export", file]);
    assert!(told.stdout.starts_with("exported 2 entries"), "{told:?}");
    a.commit("draft");
    let told = a.run(&["cache", "export", file]);
    assert!(told.stdout.starts_with("exported 3 entries"), "{told:?}");
}

#[test]
fn what_a_checkout_of_a_build_has_fetched_is_what_the_remote_has() {
    let team = Team::new(1);
    let a = &team.clones[0];
    let build = a.home().join("build");
    let build = build.to_str().unwrap();
    a.git(&["init", "-q", build]);
    let server = team.server();
    let there = ["-C", build];
    a.git(
        &[
            &there[..],
            &["remote", "add", "origin", server.to_str().unwrap()],
        ]
        .concat(),
    );
    a.git(
        &[
            &there[..],
            &[
                "fetch",
                "-q",
                "--depth=1",
                "origin",
                "+refs/heads/main:refs/pipelines/1",
            ],
        ]
        .concat(),
    );
    a.git(
        &[
            &there[..],
            &["checkout", "-q", "--detach", "refs/pipelines/1"],
        ]
        .concat(),
    );
    let run = |arguments: &[&str]| {
        let mut program = a.program();
        program.current_dir(build);
        a.finish(program.args(arguments))
    };
    assert!(run(&["analyze"]).stdout.contains("2 analyzed"));
    assert_eq!(run(&["push"]).silent(), "published 2\n");
}

#[test]
fn what_is_published_is_for_a_person_to_say_and_for_no_tracked_file() {
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let mut team = Team::new(1);
    team.clones[0].ask(&server, "openai-chat");
    let a = &team.clones[0];
    a.git(&[
        "config",
        "--global",
        "rustassistant-kind.todos.provider",
        "local",
    ]);
    assert_eq!(a.analyze(&["-k", "refactor,todos"]).words(), "4 analyzed");
    a.git(&["config", "rustassistant.publish", "none"]);
    a.write(".rustassistantconfig", "[rustassistant]\npublish = all\n");
    let told = a.run(&["sync"]);
    assert_eq!(
        told.stdout, "nothing to publish, nothing to receive\n",
        "{told:?}"
    );
    a.git(&["config", "rustassistant.publish", "paid"]);
    let told = a.run(&["sync"]);
    assert_eq!(told.stdout, "published 2\n", "{told:?}");
    let told = a.run(&["sync"]);
    assert_eq!(
        told.stdout, "nothing to publish, nothing to receive\n",
        "{told:?}"
    );
    let entries = team.on_server(&["ls-tree", "-r", "--name-only", SHARED, "entries/"]);
    assert!(
        entries
            .lines()
            .all(|entry| entry.starts_with("entries/refactor/")),
        "{entries}"
    );
    a.git(&["config", "rustassistant.publish", "all"]);
    assert_eq!(a.run(&["sync"]).silent(), "published 2\n");
}

#[test]
fn a_remote_of_which_nothing_is_known_is_given_nothing_of_another() {
    let team = Team::new(1);
    let a = &team.clones[0];
    a.write("draft.rs", todo(QUOTE));
    a.commit("on origin alone");
    a.git(&["push", "-q", "origin", "main"]);
    assert_eq!(
        a.analyze(&["-k", "todos", "draft.rs"]).words(),
        "1 analyzed"
    );
    let public = a.home().join("public.git");
    let public = public.to_str().unwrap();
    a.git(&["init", "-q", "--bare", public]);
    a.git(&["remote", "add", "public", public]);
    withholds(a, &["push", "public"]);
    assert_eq!(a.run(&["sync"]).silent(), "published 1\n");
    let told = a.run(&["sync", "public"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert_eq!(a.git(&["--git-dir", public, "for-each-ref", SHARED]), "");
}

#[test]
fn a_remote_that_leads_elsewhere_than_before_is_given_nothing_unasked() {
    let team = Team::new(1);
    let a = &team.clones[0];
    a.write("draft.rs", todo(QUOTE));
    a.commit("on the old server alone");
    a.git(&["push", "-q", "origin", "main"]);
    assert_eq!(a.analyze(&["-k", "todos"]).words(), "3 analyzed");
    a.run(&["sync"]).silent();
    a.write("src/a.rs", todo("more"));
    a.commit("more");
    a.git(&["push", "-q", "origin", "main"]);
    assert_eq!(a.analyze(&["-k", "todos"]).words(), "2 cached, 1 analyzed");
    let public = a.home().join("public.git");
    let public = public.to_str().unwrap();
    a.git(&["init", "-q", "--bare", public]);
    a.git(&["remote", "set-url", "origin", public]);
    for command in ["push", "sync"] {
        let told = a.run(&[command]);
        assert_eq!(told.code, Some(3), "{told:?}");
        assert!(
            told.stderr.contains("nothing published: the URL of"),
            "{told:?}"
        );
        assert_eq!(a.git(&["--git-dir", public, "for-each-ref", SHARED]), "");
    }
}

#[test]
fn branches_and_tags_of_a_persons_own_are_not_the_remotes() {
    let team = Team::new(1);
    let a = &team.clones[0];
    a.git(&[
        "config",
        "--add",
        "remote.origin.fetch",
        "+refs/tags/*:refs/tags/*",
    ]);
    a.git(&["remote", "add", "origin/private", "/nowhere"]);
    a.git(&["checkout", "-q", "-b", "private"]);
    a.write("draft.rs", todo(QUOTE));
    a.commit("private");
    a.git(&["tag", "mine"]);
    a.git(&["update-ref", "refs/remotes/origin/private/main", "HEAD"]);
    assert_eq!(
        a.analyze(&["-k", "todos", "draft.rs"]).words(),
        "1 analyzed"
    );
    withholds(a, &["push"]);
    assert!(!published(&team).contains(QUOTE));
}

#[test]
fn an_attribute_counts_wherever_the_remote_has_the_file() {
    let team = Team::new(1);
    let a = &team.clones[0];
    a.write("d/draft.rs", todo(QUOTE));
    a.commit("without");
    for number in 0..6 {
        a.git(&[
            "push",
            "-q",
            "origin",
            &format!("HEAD:refs/heads/stale{number}"),
        ]);
        a.git(&["commit", "-q", "--allow-empty", "-m", "another"]);
    }
    a.git(&["checkout", "-q", "-b", "stale"]);
    a.git(&["checkout", "-q", "main"]);
    a.write(".gitattributes", "d/draft.rs rustassistant=local\n");
    a.commit("kept here");
    a.git(&["push", "-q", "origin", "main"]);
    a.git(&["checkout", "-q", "stale"]);
    assert_eq!(a.analyze(&["-k", "todos", "d"]).words(), "1 analyzed");
    withholds(a, &["push"]);
    assert!(!published(&team).contains(QUOTE));
}

#[test]
fn what_was_edited_again_before_it_was_pushed_is_published_with_its_history() {
    let team = Team::new(1);
    let a = &team.clones[0];
    a.write("c.rs", todo("first"));
    a.commit("first");
    assert_eq!(a.analyze(&["-k", "todos", "c.rs"]).words(), "1 analyzed");
    a.write("c.rs", todo("second"));
    a.commit("second");
    a.git(&["push", "-q", "origin", "main"]);
    assert_eq!(a.run(&["sync"]).silent(), "published 1\n");
}

#[test]
fn what_was_fetched_from_one_place_is_not_published_to_another_that_is_pushed_to() {
    let team = Team::new(1);
    let a = &team.clones[0];
    a.write("src/own.rs", todo(QUOTE));
    a.commit("for the team");
    a.git(&["push", "-q", "origin", "main"]);
    a.analyze(&["-k", "todos"]);
    let public = a.home().join("public.git");
    a.git(&["init", "-q", "--bare", public.to_str().unwrap()]);
    let published = || {
        let files = a.git(&[
            "ls-remote",
            public.to_str().unwrap(),
            "refs/rustassistant/*",
        ]);
        !files.is_empty()
    };
    let fetched = a.git(&["config", "remote.origin.url"]);
    let ways = [
        ("remote.origin.pushurl", public.to_str().unwrap()),
        (
            &format!("url.{}.pushInsteadOf", public.display()),
            fetched.trim(),
        ),
    ];
    for (key, value) in ways {
        a.git(&["config", key, value]);
        let told = a.run(&["push"]);
        assert_eq!(told.code, Some(3), "{key}: {told:?}");
        let why = "origin fetches from and pushes to different repositories";
        assert!(told.stderr.contains(why), "{key}: {told:?}");
        a.git(&["push", "-q", "origin", "main"]);
        assert!(!published(), "{key}");
        a.git(&["config", "--unset", key]);
    }
    // Another way to the same place is none of these.
    a.git(&[
        "config",
        "remote.origin.pushurl",
        &format!("file://{}", fetched.trim()),
    ]);
    assert!(a.run(&["push"]).stdout.starts_with("published "));
}
