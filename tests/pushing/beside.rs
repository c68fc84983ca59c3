//! Hooks of others beside ours, and folders of hooks that are not ours: each behaves as if we were
//! not there.

use std::fs;
use std::path::Path;

use super::twins::Twins;
use super::write_executable;
use crate::support::host::Host;
use crate::support::{Repo, path};

/// Hooks that write down what they get, and end as `$HOME/status` says.
const OTHERS: [&str; 3] = [
    "#!/bin/sh\n{ echo \"$*\"; cat; } >>\"$HOME/record\"\necho said\necho complained >&2\n\
     exit \"$(cat \"$HOME/status\")\"\n",
    "#!/bin/sh\nexec sh -c '{ echo \"$*\"; cat; } >>\"$HOME/record\"; \
     exit \"$(cat \"$HOME/status\")\"' 0 \"$@\"\n",
    "#!/usr/bin/env python3\nimport os, sys\nhome = os.environ['HOME']\n\
     with open(home + '/record', 'a') as record:\n    \
     record.write(' '.join(sys.argv[1:]) + '\\n' + sys.stdin.read())\n\
     sys.exit(int(open(home + '/status').read()))\n",
];

fn twins() -> Twins {
    Twins::new(|folder| Some(Host::folder(folder))).unwrap()
}

fn change(twins: &Twins, text: &str) {
    twins.both(|repo| {
        repo.write("src/a.rs", text);
        repo.commit("change");
    });
}

fn ends_with(twins: &Twins, status: &str) {
    twins.both(|repo| fs::write(repo.home().join("status"), status).unwrap());
}

fn write_hook(repo: &Repo, folder: &str, text: &str) {
    let folder = repo.path().join(folder);
    fs::create_dir_all(&folder).unwrap();
    write_executable(&folder.join("pre-push"), text);
}

#[test]
fn a_hook_of_others_gets_what_it_got_before_and_has_the_last_word() {
    let python = Path::new("/usr/bin/python3").exists();
    for other in OTHERS
        .iter()
        .filter(|other| python || !other.contains("python3"))
    {
        let mut twins = twins();
        twins.both(|repo| write_hook(repo, ".git/hooks", other));
        twins.install().silent();
        change(&twins, "pub fn one() {}\n");
        ends_with(&twins, "7");
        // Git runs hooks of the configuration before the one in the folder.
        let is_first = twins.repo().runs_config_hooks();
        let seen: &[&str] = if is_first { &["main:src/a.rs"] } else { &[] };
        let said = twins.push("", &[], seen);
        assert_eq!(said.len(), seen.len(), "{other}: {said:?}");
        assert!(twins.recorded().contains("refs/heads/main"), "{other}");
        ends_with(&twins, "0");
        let said = twins.push("", &[], &["main:src/a.rs"]);
        assert_eq!(said.len(), usize::from(!is_first), "{other}: {said:?}");
        assert_eq!(twins.recorded().lines().count(), 4, "{other}");
        twins.uninstall();
    }
}

#[test]
fn a_folder_of_hooks_of_this_clone_is_used_wherever_it_is() {
    let mut twins = twins();
    twins.both(|repo| {
        repo.git(&["config", "core.hooksPath", ".git/mine"]);
        write_hook(repo, ".git/mine", OTHERS[0]);
    });
    ends_with(&twins, "0");
    twins.install().silent();
    change(&twins, "pub fn one() {}\n");
    let said = twins.push_hooked("", &[], &["main:src/a.rs"]);
    assert_eq!(said, ["rustassistant: analyzed 1, published 1"]);
    assert_eq!(twins.recorded().lines().count(), 2);
    twins.uninstall();
}

/// The lines that we print for a script, as they are printed.
fn advised(hint: &str) -> String {
    let from = hint
        .find("git-rustassistant hook run")
        .and_then(|at| hint[..at].rfind(":\n"));
    let lines = &hint[from.unwrap() + 2..];
    lines[..lines.find("\nfi\n").unwrap() + 4].to_owned()
}

#[test]
fn in_a_folder_of_hooks_that_is_not_ours_the_lines_that_we_print_do_it() {
    for folder in ["tools/hooks", "$HOME/hooks"] {
        let mut twins = twins();
        // What it reads it reads as before.
        let hook = "echo \"$*\" >>\"$HOME/record\"\nread -r from rest\necho \"$from\" >>\"$HOME/record\"\nexit 0\n";
        let place = |repo: &Repo| folder.replace("$HOME", repo.home().to_str().unwrap());
        twins.both(|repo| {
            repo.write("tools/hooks/pre-commit", "#!/bin/sh\n");
            repo.commit("tracked hooks");
            fs::write(
                repo.path().join(".git/info/exclude"),
                "tools/hooks/pre-push\n",
            )
            .unwrap();
            let scope = if folder.contains("HOME") {
                "--global"
            } else {
                "--local"
            };
            repo.git(&["config", scope, "core.hooksPath", &place(repo)]);
            write_hook(repo, &place(repo), &format!("#!/bin/sh\n{hook}"));
        });
        let output = twins.install();
        if !twins.repo().runs_config_hooks() {
            assert_eq!(output.code, Some(2), "{output:?}");
            let status = || twins.repo().run(&["hook", "status"]).silent();
            assert!(status().starts_with("not installed: "));
            let text = format!("#!/bin/sh\n{}{hook}", advised(&output.stderr));
            write_hook(twins.repo(), &place(twins.repo()), &text);
            assert!(status().starts_with("run by "), "{}", status());
        }
        change(&twins, "pub fn one() {}\n");
        let said = twins.push_hooked("", &[], &["main:src/a.rs"]);
        assert_eq!(said, ["rustassistant: analyzed 1, published 1"]);
        assert_eq!(
            twins.recorded(),
            "origin $HOST/server.git\nrefs/heads/main\n"
        );
        twins.uninstall();
    }
}

#[test]
fn the_lines_that_we_print_stop_a_push_for_a_gate_alone_and_leave_the_rest_its_input() {
    let repo = Repo::new();
    repo.git(&["config", "--global", "core.hooksPath", "/nowhere"]);
    // A git that runs hooks from its configuration needs no lines.
    if repo.runs_config_hooks() {
        return;
    }
    let refused = repo.run(&["hook", "install"]);
    let text = format!("#!/bin/sh\n{}cat\n", advised(&refused.stderr));
    let place = repo.home();
    write_executable(&place.join("script"), &text);
    fs::write(place.join("lines"), "refs/heads/a 1 refs/heads/b 2\nmore\n").unwrap();
    fs::write(place.join("nothing"), "").unwrap();
    for (ends, status) in [
        ("cat >/dev/null; exit 0", 0),
        ("exit 0", 0),
        ("exit 1", 1),
        ("exit 2", 0),
        ("kill -SEGV $$", 0),
    ] {
        write_executable(
            &place.join("git-rustassistant"),
            &format!("#!/bin/sh\n{ends}\n"),
        );
        for input in ["lines", "nothing"] {
            for options in [&[][..], &["-e"]] {
                let mut shell = repo.command("sh".as_ref());
                shell.args(options).arg(place.join("script"));
                shell.env("PATH", format!("{}:{}", place.display(), path()));
                shell.stdin(fs::File::open(place.join(input)).unwrap());
                let output = repo.finish(&mut shell);
                assert_eq!(output.code, Some(status), "{ends} {options:?}: {output:?}");
                let rest = fs::read_to_string(place.join(input)).unwrap();
                let seen = if status == 0 { rest.as_str() } else { "" };
                assert_eq!(output.stdout, seen, "{ends} {options:?}");
            }
        }
    }
}

#[test]
fn where_hooks_are_turned_off_only_those_of_the_configuration_run() {
    let mut twins = twins();
    twins.both(|repo| {
        write_hook(repo, ".git/hooks", OTHERS[0]);
        repo.git(&["config", "core.hooksPath", "/dev/null"]);
    });
    let output = twins.install();
    let runs = twins.repo().runs_config_hooks();
    assert_eq!(output.code, Some(if runs { 0 } else { 2 }), "{output:?}");
    change(&twins, "pub fn one() {}\n");
    let seen: &[&str] = if runs { &["main:src/a.rs"] } else { &[] };
    let said = twins.push("", &[], seen);
    assert_eq!(said.len(), seen.len(), "{said:?}");
    assert_eq!(twins.recorded(), "");
    twins.uninstall();
}

#[test]
fn a_framework_that_reads_the_lines_itself_tells_us_by_variables() {
    let twins = twins();
    let repo = twins.repo();
    let told = |from: Option<&str>, to: &str| {
        repo.write("src/a.rs", format!("pub fn {to}() {{}}\n"));
        repo.commit(to);
        let mut program = repo.program();
        program
            .args(["hook", "run", "pre-push"])
            .env("PRE_COMMIT_REMOTE_NAME", "origin");
        program.env(
            "PRE_COMMIT_REMOTE_URL",
            repo.git(&["remote", "get-url", "origin"]),
        );
        program.env("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main");
        program.env("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/main");
        if let Some(from) = from {
            program.env("PRE_COMMIT_FROM_REF", repo.git(&["rev-parse", from]));
            program.env("PRE_COMMIT_TO_REF", repo.git(&["rev-parse", "main"]));
        }
        repo.finish(&mut program).stderr
    };
    let one = "rustassistant: analyzed 1, published 1\n";
    assert_eq!(told(Some("origin/main"), "update"), one);
    assert_eq!(told(Some("main~1"), "new_branch"), one);
    // A first push of everything: no ids are told. What the remote is known to have is left out.
    assert_eq!(told(None, "first_push"), one);
}
