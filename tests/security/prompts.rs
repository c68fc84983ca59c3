//! A prompt that a repository names is one that git has stored there, whatever else the name could
//! lead to; and whoever agrees to it sees what they agree to.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::Repo;
use crate::support::model::{KEY, analysis, answer};
use crate::support::server::Server;

/// What must not leave.
const SECRET: &str = "what-only-this-machine-knows";

fn server() -> Server {
    Server::start(|_| answer("openai-chat", &analysis()))
}

/// A victim: has a provider, a key, files at home, and has agreed to everything.
fn victim(server: &Server) -> Repo {
    let mut repo = Repo::of_two_files();
    fs::create_dir(repo.home().join(".ssh")).unwrap();
    fs::write(repo.home().join(".ssh/id"), SECRET).unwrap();
    repo.ask(server, "openai-chat");
    repo.git(&["config", "user.nickname", SECRET]);
    repo
}

fn names(repo: &Repo, path: &str) {
    let text = format!(
        "[rustassistant]\n\tkinds = style\n[rustassistant-kind \"style\"]\n\tprompt = \"{path}\"\n"
    );
    repo.write(".rustassistantconfig", text);
}

/// Nothing of what the victim knows was sent, said or stored.
#[track_caller]
fn nothing_left(repo: &Repo, server: &Server, said: &str, what: &str) {
    let secrets = [SECRET, KEY];
    for received in server.received() {
        let text = String::from_utf8_lossy(&received.bytes).into_owned();
        assert!(
            secrets.iter().all(|one| !text.contains(one)),
            "{what}: {text}"
        );
    }
    let stored = if repo
        .git(&["for-each-ref", "refs/rustassistant/"])
        .is_empty()
    {
        String::new()
    } else {
        repo.git(&["log", "-p", "--glob=refs/rustassistant/*"])
    };
    for text in [said, &stored] {
        assert!(
            secrets.iter().all(|one| !text.contains(one)),
            "{what}: {text}"
        );
    }
}

type Lay = fn(&Repo);

/// Ways to a file that the repository does not hold.
const WAYS: [(&str, &str, Lay); 19] = [
    ("a folder that is a link", "me/environ", |repo| {
        symlink("/proc/self", repo.path().join("me")).unwrap();
    }),
    ("a link out of the repository", "up/.ssh/id", |repo| {
        symlink("../home", repo.path().join("up")).unwrap();
    }),
    ("a link to a link", "a/b/id", |repo| {
        fs::create_dir(repo.path().join("a")).unwrap();
        symlink("../c", repo.path().join("a/b")).unwrap();
        symlink("../home/.ssh", repo.path().join("c")).unwrap();
    }),
    ("a link in the index", "ask.md", |repo| {
        symlink("../home/.ssh/id", repo.path().join("ask.md")).unwrap();
    }),
    ("a link within", "ask.md", |repo| {
        symlink(".git/config", repo.path().join("ask.md")).unwrap();
    }),
    ("an ignored file", ".env", |repo| {
        repo.write(".gitignore", ".env\n");
        repo.write(".env", SECRET);
    }),
    ("git's own folder", ".git/config", |_| {}),
    ("in other letters", ".GIT/config", |_| {}),
    (
        "with letters that are not seen",
        ".g\u{200c}it/config",
        |_| {},
    ),
    ("by a detour", "src/../.git/config", |_| {}),
    ("by another", "./.git/config", |_| {}),
    ("upwards", "../home/.ssh/id", |_| {}),
    ("from the root of the machine", "/proc/self/environ", |_| {}),
    ("a file of a submodule", "module/secret.md", |repo| {
        repo.git(&["clone", "-q", ".", "module"]);
        repo.write("module/secret.md", SECRET);
    }),
    ("a whole submodule", "module", |repo| {
        repo.git(&["clone", "-q", ".", "module"]);
    }),
    ("with magic", ":(top).git/config", |_| {}),
    ("by a pattern", ".git/conf*", |_| {}),
    ("what only git would expand", "~/.ssh/id", |_| {}),
    ("a pipe", "pipe.md", |repo| {
        repo.write(".gitignore", "pipe.md\n");
        let made = repo.command("mkfifo".as_ref()).arg("pipe.md").status();
        assert!(made.unwrap().success());
    }),
];

#[test]
fn a_prompt_is_a_file_that_git_has_stored_and_no_other() {
    for (what, path, lay) in WAYS {
        let server = server();
        let repo = victim(&server);
        lay(&repo);
        names(&repo, path);
        repo.commit("a kind of our own");
        for command in [
            &["analyze", "b.rs"][..],
            &["analyze", "--rev", "HEAD", "b.rs"],
            &["analyze", "-n", "b.rs"],
            &["doctor"],
        ] {
            let output = repo.run(command);
            assert_eq!(output.code, Some(2), "{what} {command:?}: {output:?}");
            assert!(
                output.stderr.contains("cannot run kind 'style'"),
                "{what}: {output:?}"
            );
            nothing_left(&repo, &server, &output.whole(), what);
        }
        assert!(server.received().is_empty(), "{what}");
    }
}

#[test]
fn a_prompt_that_was_only_named_or_put_beside_is_asked_for_with_advice() {
    let server = server();
    let repo = victim(&server);
    names(&repo, "ask.md");
    repo.commit("a kind");
    repo.write("ask.md", format!("Look for {SECRET}.\n"));
    let refused = repo.run(&["analyze", "b.rs"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("no file ask.md that git tracks"),
        "{refused:?}"
    );
    assert!(
        refused.stderr.contains("hint: git add ask.md"),
        "{refused:?}"
    );
    repo.git(&["add", "-N", "ask.md"]);
    let named = repo.run(&["analyze", "b.rs"]);
    assert_eq!(named.code, Some(2), "{named:?}");
    assert!(named.stderr.contains("hint: git add ask.md"), "{named:?}");
    nothing_left(&repo, &server, &named.whole(), "intent to add");
    assert!(server.received().is_empty());
}

#[test]
fn what_a_stored_prompt_was_replaced_by_is_not_asked() {
    let replace: [(&str, Lay); 4] = [
        ("an edit", |repo| {
            repo.write("ask/ask.md", format!("Send {SECRET}.\n"))
        }),
        ("a link", |repo| {
            fs::remove_file(repo.path().join("ask/ask.md")).unwrap();
            symlink("../../home/.ssh/id", repo.path().join("ask/ask.md")).unwrap();
        }),
        ("a folder that is a link", |repo| {
            fs::remove_dir_all(repo.path().join("ask")).unwrap();
            fs::write(repo.home().join("ask.md"), SECRET).unwrap();
            symlink("../home", repo.path().join("ask")).unwrap();
        }),
        ("nothing", |repo| {
            fs::remove_file(repo.path().join("ask/ask.md")).unwrap()
        }),
    ];
    for (what, replace) in replace {
        let server = server();
        let repo = victim(&server);
        repo.write("ask/ask.md", "Is it in good style?\n");
        names(&repo, "ask/ask.md");
        repo.commit("a kind");
        replace(&repo);
        let output = repo.run(&["analyze", "b.rs"]);
        assert_eq!(output.code, Some(0), "{what}: {output:?}");
        nothing_left(&repo, &server, &output.whole(), what);
        let asked = server.received();
        let asked = String::from_utf8_lossy(&asked[0].bytes).into_owned();
        assert!(asked.contains("Is it in good style?"), "{what}: {asked}");
        let warns = output
            .stderr
            .contains("ask/ask.md has unstaged changes; the staged version");
        assert_eq!(warns, what == "an edit", "{what}: {output:?}");
    }
}

#[test]
fn a_prompt_that_looks_like_it_holds_a_secret_is_not_sent() {
    let server = server();
    let repo = victim(&server);
    let key = format!("ghp_{}", "x7Qp2LmZ9vRt4KcW8sYb3NfH6jDg1TaE5uXo");
    repo.write("ask.md", format!("Is it safe?\n\nOur token is {key}\n"));
    names(&repo, "ask.md");
    repo.commit("a kind");
    for command in [
        &["analyze", "b.rs"][..],
        &["analyze", "-n", "b.rs"],
        &["doctor"],
    ] {
        let output = repo.run(command);
        let said = output.whole();
        assert!(
            said.contains("line 3 of ask.md looks like a secret"),
            "{command:?}: {said}"
        );
        assert!(!said.contains(&key), "{said}");
    }
    assert_eq!(repo.run(&["analyze", "b.rs"]).code, Some(2));
    assert!(
        server
            .received()
            .iter()
            .all(|received| received.method != "POST")
    );
}

#[test]
fn whoever_is_asked_to_agree_sees_which_prompt_and_how_it_begins() {
    let server = server();
    let mut repo = victim(&server);
    repo.set("RUSTASSISTANT_YES", "0");
    let mut text = "# Style\n\x1b[2J::warning::evil\n".to_owned();
    text.extend((0..20).map(|n| format!("{n} {}\n", "long ".repeat(100))));
    repo.write("ask.md", text);
    names(&repo, "ask.md");
    repo.commit("a kind");
    for command in [
        &["analyze", "b.rs"][..],
        &["analyze", "-n", "b.rs"],
        &["doctor"],
    ] {
        let said = repo.run(command).whole();
        assert!(said.contains("ask.md"), "{command:?}: {said}");
    }
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let line = format!("{} analyze b.rs", program.display());
    let Some(said) = super::terminal::at_a_terminal(&repo, &line, "n\n") else {
        return;
    };
    assert!(said.contains("style (ask.md, prompt "), "{said}");
    let shown: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("    | "))
        .collect();
    assert_eq!(shown.len(), 6, "{said}");
    assert_eq!(shown[0].trim_end(), "    | # Style");
    assert!(shown[1].contains("\\u{1b}[2J"), "{said}");
    assert!(
        shown
            .iter()
            .all(|line| line.trim_end().chars().count() < 80),
        "{said}"
    );
    assert!(shown[5].contains("… and 17 more lines"), "{said}");
    assert!(
        server
            .received()
            .iter()
            .all(|received| received.method != "POST")
    );
}

#[test]
fn files_of_a_folder_that_only_an_archive_names_are_not_sent() {
    let server = server();
    let repo = victim(&server);
    let notes = repo.home().join("notes");
    fs::create_dir(&notes).unwrap();
    fs::write(
        notes.join("a.rs"),
        format!("// {SECRET}\npub fn a() {{}}\n"),
    )
    .unwrap();
    repo.write("a.rs", "pub fn a() {}\n");
    repo.commit("a file of that name");
    repo.git(&["config", "core.worktree", notes.to_str().unwrap()]);
    let asked = ["analyze", "-k", "analysis", "--yes", ":/a.rs"];
    let refused = repo.run(&asked);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("core.worktree"), "{refused:?}");
    nothing_left(&repo, &server, &refused.stderr, "core.worktree");
    assert_eq!(server.received().len(), 0);
    // What was committed is asked about, and so is a folder that the user vouches for.
    let committed = repo.run(&[
        "analyze", "-k", "analysis", "--yes", "--rev", "HEAD", ":/a.rs",
    ]);
    assert_eq!(committed.code, Some(0), "{committed:?}");
    let git = repo.git(&["rev-parse", "--absolute-git-dir"]);
    repo.git(&["config", "--global", "--add", "safe.directory", git.trim()]);
    assert_eq!(repo.run(&asked).code, Some(0));
}
