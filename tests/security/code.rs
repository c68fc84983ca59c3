//! No code runs because of what a repository holds; and which repositories are opened at all.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{COMMANDS, assert_untouched, order};
use crate::support::{Objects, Repo};

/// Everything in git's configuration that names a command, and none that `git status` would run.
fn commands(order: &str) -> String {
    format!(
        "[core]\n\tfsmonitor = {order}\n\tsshCommand = {order}\n\tgitProxy = {order}\n\
         \tpager = {order}\n\teditor = {order}\n\taskPass = {order}\n\thooksPath = evil-hooks\n\
         \talternateRefsCommand = {order}\n\
         [credential]\n\thelper = !{order}\n[diff]\n\texternal = {order}\n\
         [diff \"evil\"]\n\tcommand = {order}\n\ttextconv = {order}\n\
         [merge \"evil\"]\n\tdriver = {order}\n[gpg]\n\tprogram = {order}\n\
         [gpg \"ssh\"]\n\tprogram = {order}\n\tdefaultKeyCommand = {order}\n\
         [sequence]\n\teditor = {order}\n[uploadpack]\n\tpackObjectsHook = {order}\n\
         [gc]\n\trecentObjectsHook = {order}\n[trailer \"x\"]\n\tcommand = {order}\n\
         [hook \"evil\"]\n\tcommand = {order}\n\tevent = reference-transaction\n\
         \tevent = post-index-change\n\tevent = pre-push\n\
         [alias]\n\tls-files = !{order}\n\tdiff-files = !{order}\n"
    )
}

pub(super) fn executable(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A repository whose tracked files hold all that somebody might run, a bare repository among them.
fn hostile() -> Repo {
    let repo = Repo::with(Objects::Sha1);
    let order = order(&repo);
    repo.write("a.rs", "fn a() {}\n");
    repo.write(
        ".gitattributes",
        "*.rs filter=evil diff=evil merge=evil text eol=lf\n",
    );
    repo.write(
        ".gitmodules",
        format!(
            "[submodule \"x\"]\n\tpath = x\n\turl = ext::sh -c {order}\n\tupdate = !{order}\n\
         [submodule \"--upload-pack={order}\"]\n\tpath = y\n\turl = -u{order}\n"
        ),
    );
    repo.write(
        ".lfsconfig",
        format!("[lfs \"customtransfer.x\"]\n\tpath = {order}\n"),
    );
    repo.write(".gitconfig", commands(&order));
    executable(&repo.path().join("git"), &format!("#!/bin/sh\n{order}\n"));
    executable(
        &repo.path().join("evil-hooks/post-index-change"),
        &format!("#!/bin/sh\n{order}\n"),
    );
    repo.git(&["clone", "-q", "--bare", ".", "vendor/x.git"]);
    let filter = format!("[filter \"evil\"]\n\tclean = {order}\n\tsmudge = {order}\n\trequired\n");
    let bare = repo.path().join("vendor/x.git");
    let tree = "[core]\n\tbare = false\n\tworktree = ../..\n\trepositoryformatversion = 0\n";
    fs::write(
        bare.join("config"),
        format!("{tree}{}{filter}", commands(&order)),
    )
    .unwrap();
    fs::write(bare.join("refs/.keep"), "").unwrap();
    for hook in [
        "post-index-change",
        "reference-transaction",
        "pre-push",
        "fsmonitor-watchman",
    ] {
        executable(
            &bare.join("hooks").join(hook),
            &format!("#!/bin/sh\n{order}\n"),
        );
    }
    // What git itself would not let through is what this repository is made of.
    for check in ["gitmodulesUrl", "gitmodulesUpdate", "gitmodulesName"] {
        repo.git(&["config", &format!("fsck.{check}"), "ignore"]);
    }
    repo.git(&["-c", "filter.evil.clean=cat", "add", "--all", "--force"]);
    repo.git(&["commit", "-q", "-m", "hostile"]);
    repo.write("a.rs", "fn a() { changed(); }\n");
    repo
}

#[test]
fn nothing_that_is_tracked_is_run() {
    let repo = hostile();
    for command in COMMANDS {
        let output = repo.run(command);
        assert!(
            matches!(output.code, Some(0 | 1 | 3)),
            "{command:?}: {output:?}"
        );
        assert_untouched(&repo, &format!("{command:?}"));
    }
}

#[test]
fn a_bare_repository_that_another_one_tracks_is_not_opened_unless_it_is_named() {
    let repo = hostile();
    for folder in ["vendor/x.git", "vendor/x.git/refs"] {
        for command in COMMANDS
            .iter()
            .filter(|command| !matches!(command[0], "models" | "doctor"))
        {
            let output = repo.run_in(folder, command);
            assert_eq!(output.code, Some(2), "{command:?}: {output:?}");
            assert!(
                output.stderr.contains("another repository tracks"),
                "{output:?}"
            );
            assert!(output.stderr.contains("--git-dir"), "{output:?}");
            assert_untouched(&repo, &format!("{command:?}"));
        }
    }
    // What somebody names is meant; git's own folder can be in no commit.
    let mut named = repo.program();
    named.current_dir(repo.path().join("vendor/x.git"));
    let named = repo.finish(named.env("GIT_DIR", ".").args(["cache", "status"]));
    assert_eq!(named.code, Some(0), "{named:?}");
    let plain = Repo::of_two_files();
    assert_eq!(plain.run_in(".git", &["cache", "status"]).code, Some(0));
    plain.git(&["clone", "-q", "--bare", ".", "mine.git"]);
    assert_eq!(
        plain.run_in("mine.git", &["analyze", "--rev", "HEAD"]).code,
        Some(0)
    );
    // Whom git itself would refuse is refused.
    plain.git(&["config", "--global", "safe.bareRepository", "explicit"]);
    let output = plain.run_in("mine.git", &["analyze", "--rev", "HEAD"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert_eq!(plain.run_in(".git", &["cache", "status"]).code, Some(0));
}

#[test]
fn a_bare_repository_within_another_one_is_no_less_tracked() {
    let repo = hostile();
    repo.write("vendor/HEAD", "ref: refs/heads/main\n");
    repo.write("vendor/refs/keep", "");
    repo.write("vendor/objects/keep", "");
    repo.git(&["add", "-A", "-f"]);
    repo.git(&["commit", "-q", "-m", "more"]);
    let output = repo.run_in("vendor/x.git", &["cache", "status"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("another repository tracks"),
        "{output:?}"
    );
}

/// An archive can bring a configuration. What `git status` runs is run here, too, where git cannot
/// tell that a file is unchanged: its clean filter, without which no id would be the one that
/// `git add` gives.
#[test]
fn of_a_repositorys_own_configuration_nothing_is_run_but_what_git_add_would() {
    let repo = Repo::with(Objects::Sha1);
    let order = order(&repo);
    repo.write("a.rs", "fn a() {}\n");
    repo.write(".gitattributes", "*.rs filter=evil diff=evil merge=evil\n");
    // A file that is as young as the index may have changed since, for all that git knows.
    let file = fs::File::options()
        .append(true)
        .open(repo.path().join("a.rs"))
        .unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    repo.commit("one");
    let config = repo.path().join(".git/config");
    let own = fs::read_to_string(&config).unwrap();
    let filter = format!("[filter \"evil\"]\n\tclean = {order}; cat\n\tsmudge = {order}; cat\n");
    fs::write(&config, own + &commands(&order) + &filter).unwrap();
    for command in COMMANDS {
        let output = repo.run(command);
        assert!(
            matches!(output.code, Some(0 | 1 | 3)),
            "{command:?}: {output:?}"
        );
        assert_untouched(&repo, &format!("{command:?}"));
    }
    repo.write("a.rs", "fn a() { changed(); }\n");
    for place in [&["--rev", "HEAD"][..], &["--staged"]] {
        repo.run(&[&["analyze", "--refresh"], place].concat())
            .silent();
        assert_untouched(&repo, &format!("{place:?}"));
    }
    repo.run(&["analyze"]).silent();
    assert!(
        repo.home().join("owned").exists(),
        "git add would have run the filter"
    );
}

/// The programs that a run has started, by what strace saw; `None`, with a word, where it is not.
fn started(repo: &Repo, arguments: &[&str]) -> Option<Vec<String>> {
    let log = repo.home().join("strace.log");
    let mut strace = repo.command("strace".as_ref());
    strace
        .args(["-f", "-qq", "-e", "trace=execve", "-s", "4096", "-o"])
        .arg(&log);
    strace
        .arg(assert_cmd::cargo::cargo_bin!("git-rustassistant"))
        .args(arguments);
    let Ok(ended) = strace.output() else {
        eprintln!("skipped: there is no strace here");
        return None;
    };
    assert!(
        ended.status.code().is_some_and(|code| code < 5),
        "{arguments:?}: {ended:?}"
    );
    let log = fs::read_to_string(log).unwrap();
    let path = |line: &str| {
        let (_, call) = line.split_once("execve(\"")?;
        // A try at a folder of PATH that has no such program starts nothing.
        let (path, rest) = call.split_once('"')?;
        (!rest.contains("ENOENT")).then(|| path.to_owned())
    };
    Some(log.lines().filter_map(path).collect())
}

#[test]
fn no_program_is_started_but_git() {
    let repo = hostile();
    for command in COMMANDS {
        let Some(started) = started(&repo, command) else {
            return;
        };
        for program in started.iter().skip(1) {
            let path = Path::new(program);
            let name = path.file_name().unwrap().to_str().unwrap();
            let is_git = name == "git" || name.starts_with("git-");
            assert!(path.is_absolute() && is_git, "{command:?}: {program}");
            assert!(!path.starts_with(repo.path()), "{command:?}: {program}");
        }
    }
}
