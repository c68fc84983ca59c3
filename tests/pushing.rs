//! The hook through a real `git push`: what is analysed, what arrives at the remote, and that the
//! push itself is as it was. How the hook gets in and out: see `cli::hook`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::support::{Output, Repo, SHARED, Team};

/// A team of which the first has the hook installed, and all the time in the world.
fn team(clones: usize) -> Team {
    let mut team = Team::new(clones);
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let folder = program.parent().unwrap().display();
    team.clones[0].set("PATH", &format!("{folder}:{}", env!("PATH")));
    let repo = &team.clones[0];
    repo.git(&["config", "rustassistant.hook.budget", "10m"]);
    repo.run(&["hook", "install"]).silent();
    team
}

fn push(repo: &Repo, arguments: &[&str]) -> Output {
    push_in(repo, &repo.path(), arguments)
}

fn push_in(repo: &Repo, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = repo.command(Path::new("git"));
    command.current_dir(folder);
    repo.finish(command.arg("push").args(arguments))
}

/// What the hook said during a push that went well.
#[track_caller]
fn said(output: &Output) -> Vec<String> {
    assert_eq!(output.code, Some(0), "{output:?}");
    let lines = output.stderr.lines().map(str::to_owned);
    lines
        .filter(|line| line.contains("rustassistant: "))
        .collect()
}

/// How many analyses the server has.
fn shared(team: &Team) -> usize {
    let refs = team.on_server(&["for-each-ref", SHARED]);
    if refs.is_empty() {
        return 0;
    }
    let files = team.on_server(&["ls-tree", "-r", "--name-only", SHARED, "entries"]);
    files.lines().count()
}

fn write_executable(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Waits for what goes on in the background.
fn settle(repo: &Repo) {
    let until = Instant::now() + Duration::from_secs(60);
    while repo.run(&["hook", "status"]).silent().contains("at work") {
        assert!(Instant::now() < until, "it works for ever");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn each_way_to_push_analyses_what_leaves_and_nothing_else() {
    let team = team(1);
    let repo = &team.clones[0];
    let server = team.server();
    let server = server.to_str().unwrap();
    let change = |file: &str, text: &str| {
        repo.write(file, text);
        repo.commit(file);
    };
    let one = "rustassistant: analyzed 1, published 1";
    assert_eq!(said(&push(repo, &[])), [""; 0], "everything up to date");
    change("src/a.rs", "pub fn a() -> u8 { 1 }\n");
    assert_eq!(said(&push(repo, &[])), [one], "an update");
    assert_eq!(said(&push(repo, &[])), [""; 0], "up to date again");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    change("src/c.rs", "pub fn c() {}\n");
    change("src/c.rs", "pub fn c() -> u8 { 2 }\n");
    assert_eq!(
        said(&push(repo, &["origin", "topic"])),
        [one],
        "a new branch: of its last commit"
    );
    repo.git(&["commit", "-q", "--amend", "-m", "again"]);
    change("src/d.rs", "pub fn d() {}\n");
    assert_eq!(
        said(&push(repo, &["--force", "origin", "topic"])),
        [one],
        "a force push"
    );
    repo.git(&["tag", "-a", "-m", "v1", "v1"]);
    let tag = push(repo, &["origin", "v1"]);
    assert_eq!(said(&tag), [""; 0], "a tag of what is there");
    change("src/e.rs", "pub fn e() {}\n");
    repo.git(&["tag", "v2"]);
    assert_eq!(
        said(&push(repo, &["origin", "v2"])),
        [one],
        "a tag of what is not there"
    );
    let gone = push(repo, &["origin", "--delete", "v1", "topic"]);
    assert_eq!(said(&gone), [""; 0], "deletions");
    for branch in ["one", "two"] {
        repo.git(&["checkout", "-q", "-b", branch, "main"]);
        change("src/f.rs", &format!("pub fn {branch}() {{}}\n"));
    }
    assert_eq!(
        said(&push(repo, &["origin", "one", "two"])),
        ["rustassistant: analyzed 2, published 2"],
        "two branches at once"
    );
    change("src/g.rs", "pub fn g() {}\n");
    assert_eq!(said(&push(repo, &[server, "two"])), [one], "an address");
    change("docs/h.rs", "pub fn h() {}\n");
    let below = repo.path().join("docs");
    assert_eq!(
        said(&push_in(repo, &below, &["origin", "two"])),
        [one],
        "from a folder below"
    );
    change("src/i.rs", "pub fn i() {}\n");
    let dry = push(repo, &["--dry-run", "origin", "two"]);
    assert_eq!(said(&dry), [one], "git tells a hook nothing of --dry-run");
    repo.git(&["worktree", "add", "-q", "../linked", "-b", "linked", "main"]);
    let linked = repo.path().parent().unwrap().join("linked");
    fs::write(linked.join("src/j.rs"), "pub fn j() {}\n").unwrap();
    let here = linked.to_str().unwrap();
    repo.git(&["-C", here, "add", "--all"]);
    repo.git(&["-C", here, "commit", "-q", "-m", "linked"]);
    assert_eq!(
        said(&push_in(repo, &linked, &["origin", "linked"])),
        [one],
        "from a linked work tree"
    );
    assert_eq!(shared(&team), 10);
}

#[test]
fn a_teammate_has_the_analyses_of_what_was_pushed_after_a_plain_git_pull() {
    let team = team(2);
    let (ana, ben) = (&team.clones[0], &team.clones[1]);
    ben.run(&["init"]).silent();
    ana.write("src/c.rs", "pub fn c() {}\n");
    ana.commit("c");
    said(&push(ana, &[]));
    let missing = ben.run(&["analyze", "--cached", "src/b.rs"]);
    assert_eq!(missing.code, Some(3), "{missing:?}");
    ben.git(&["pull", "-q"]);
    let told = ben.run(&["analyze", "--cached", "src/c.rs"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.stdout.contains("from origin"), "{told:?}");
}

#[test]
fn the_hook_runs_once_a_push_and_is_skipped_where_it_is_told_to_be() {
    let team = team(1);
    let repo = &team.clones[0];
    let counter = repo.home().join("counted");
    let other = format!("#!/bin/sh\necho \"$1\" >>{}\ncat\n", counter.display());
    let kept = repo.path().join(".git/hooks/pre-push.before-rustassistant");
    let is_script = repo.path().join(".git/hooks/pre-push").exists();
    let place = match is_script {
        true => kept,
        false => repo.path().join(".git/hooks/pre-push"),
    };
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    write_executable(&place, &other);
    let counted = || fs::read_to_string(&counter).unwrap_or_default();
    let change = |text: &str| {
        repo.write("src/a.rs", text);
        repo.commit("change");
    };
    change("pub fn one() {}\n");
    assert_eq!(said(&push(repo, &[])).len(), 1);
    assert_eq!(counted(), "origin\n");
    let ways: [(&[&str], &[&str]); 3] = [
        (&["-c", "rustassistant.hook.enabled=false"], &[]),
        (&[], &["--no-verify"]),
        (&[], &[]),
    ];
    for (number, (settings, options)) in ways.into_iter().enumerate() {
        change(&format!("pub fn skipped_{number}() {{}}\n"));
        let mut command = repo.command(Path::new("git"));
        if number == 2 {
            command.env("RUSTASSISTANT_SKIP", "1");
        }
        command.args(settings).arg("push").args(options);
        let output = repo.finish(&mut command);
        assert_eq!(said(&output), [""; 0], "{number}");
    }
    assert_eq!(shared(&team), 1);
}

#[test]
fn another_hook_that_refuses_has_the_last_word() {
    let team = team(1);
    let repo = &team.clones[0];
    repo.run(&["hook", "uninstall"]).silent();
    let hook = repo.path().join(".git/hooks/pre-push");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    write_executable(&hook, "#!/bin/sh\necho never >&2\nexec false\n");
    repo.run(&["hook", "install"]).silent();
    repo.write("src/a.rs", "pub fn other() {}\n");
    repo.commit("other");
    let before = team.on_server(&["rev-parse", "main"]);
    let output = push(repo, &[]);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.starts_with("never\n"), "{output:?}");
    assert_eq!(team.on_server(&["rev-parse", "main"]), before);
}

#[test]
fn a_gate_stops_new_findings_and_says_how_to_pass() {
    let team = team(1);
    let repo = &team.clones[0];
    let with_finding =
        |name: &str| format!("pub fn {name}(text: &str) -> u8 {{\n    text.parse().unwrap()\n}}\n");
    repo.write("src/old.rs", with_finding("f"));
    repo.commit("before there was a gate");
    said(&push(repo, &[]));
    repo.git(&["config", "rustassistant.hook.failOn", "note"]);
    repo.git(&["mv", "src/old.rs", "src/moved.rs"]);
    repo.commit("moved");
    said(&push(repo, &[]));
    repo.write("src/new.rs", with_finding("g"));
    repo.commit("new");
    let before = team.on_server(&["rev-parse", "main"]);
    let stopped = push(repo, &[]);
    assert_eq!(stopped.code, Some(1), "{stopped:?}");
    for words in ["src/new.rs:2:", "new finding", "--no-verify"] {
        assert!(stopped.stderr.contains(words), "{words}: {stopped:?}");
    }
    assert_eq!(team.on_server(&["rev-parse", "main"]), before);
    said(&push(repo, &["--no-verify"]));
    assert_ne!(team.on_server(&["rev-parse", "main"]), before);
}

#[test]
fn a_remote_that_refuses_analyses_takes_the_push_all_the_same() {
    let team = team(1);
    let repo = &team.clones[0];
    write_executable(
        &team.server().join("hooks/update"),
        "#!/bin/sh\ncase $1 in refs/rustassistant/*) echo 'ask Ana' >&2; exit 1;; esac\n",
    );
    repo.write("src/a.rs", "pub fn other() {}\n");
    repo.commit("other");
    let lines = said(&push(repo, &[]));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("1 still pending"), "{lines:?}");
    assert!(lines[0].contains("does not take analyses"), "{lines:?}");
    let here = repo.git(&["rev-parse", "main"]);
    assert_eq!(team.on_server(&["rev-parse", "main"]), here);
    assert_eq!(shared(&team), 0);
    fs::remove_file(team.server().join("hooks/update")).unwrap();
    repo.commit("nothing new but what is pending");
    let lines = said(&push(repo, &[]));
    assert_eq!(lines, ["rustassistant: published 1"]);
}

#[test]
fn a_remote_that_is_slow_holds_the_push_for_the_budget_and_gets_the_rest_later() {
    let team = team(1);
    let repo = &team.clones[0];
    let release = repo.home().join("release");
    let slow = format!(
        "#!/bin/sh\ncase $1 in refs/rustassistant/*) \
         while [ ! -e {} ]; do sleep 0.1; done;; esac\n",
        release.display()
    );
    write_executable(&team.server().join("hooks/update"), &slow);
    repo.git(&["config", "rustassistant.hook.budget", "4s"]);
    repo.write("src/a.rs", "pub fn other() {}\n");
    repo.commit("other");
    let lines = said(&push(repo, &[]));
    assert_eq!(
        lines,
        ["rustassistant: goes on in the background; see 'git rustassistant hook status'"]
    );
    let status = repo.run(&["hook", "status"]).silent();
    assert!(status.contains("at work now"), "{status}");
    fs::write(release, "").unwrap();
    settle(repo);
    assert_eq!(shared(&team), 1);
    let status = repo.run(&["hook", "status"]).silent();
    assert!(status.contains("analyzed 1, published 1"), "{status}");
}

#[test]
fn without_a_budget_all_is_left_to_the_background() {
    let team = team(1);
    let repo = &team.clones[0];
    repo.git(&["config", "rustassistant.hook.budget", "0"]);
    repo.write("src/a.rs", "pub fn other() {}\n");
    repo.commit("other");
    assert_eq!(said(&push(repo, &[])), [""; 0]);
    let until = Instant::now() + Duration::from_secs(60);
    while shared(&team) == 0 {
        assert!(Instant::now() < until, "nothing was published");
        std::thread::sleep(Duration::from_millis(50));
    }
    settle(repo);
}

#[test]
fn nothing_of_ours_that_is_broken_stops_a_push() {
    let mut team = team(1);
    let change = |repo: &Repo, text: &str| {
        repo.write("src/a.rs", text);
        repo.commit(text);
    };
    let repo = &team.clones[0];
    change(repo, "pub fn wrong_setting() {}\n");
    let output = repo.finish(repo.command(Path::new("git")).args([
        "-c",
        "rustassistant.hook.budget=soon",
        "push",
    ]));
    let lines = said(&output);
    assert!(lines[0].contains("rustassistant.hook.budget"), "{lines:?}");
    change(repo, "pub fn log_is_a_folder() {}\n");
    fs::create_dir_all(repo.path().join(".git/rustassistant/hook.log")).unwrap();
    assert_eq!(said(&push(repo, &[])).len(), 1);
    assert_eq!(shared(&team), 1);
    change(repo, "pub fn own_folder_is_a_file() {}\n");
    fs::remove_dir_all(repo.path().join(".git/rustassistant")).unwrap();
    fs::write(repo.path().join(".git/rustassistant"), "").unwrap();
    let lines = said(&push(repo, &[]));
    assert_eq!(lines.len(), 1, "{lines:?}");
    change(repo, "pub fn program_is_gone() {}\n");
    team.clones[0].set("PATH", env!("PATH"));
    let repo = &team.clones[0];
    assert_eq!(said(&push(repo, &[])), [""; 0]);
    let here = repo.git(&["rev-parse", "main"]);
    assert_eq!(team.on_server(&["rev-parse", "main"]), here);
}

#[test]
fn standard_input_that_is_none_of_gits_is_nothing_to_do() {
    let repo = Repo::new();
    repo.commit("first");
    let zero = "0".repeat(40);
    let head = repo.git(&["rev-parse", "HEAD"]);
    let files: Vec<PathBuf> = [
        "",
        "garbage\n\0\u{1b}[2J",
        &format!("x {zero} refs/heads/a {head}"),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, text)| {
        let file = repo.home().join(number.to_string());
        fs::write(&file, text).unwrap();
        file
    })
    .collect();
    for file in files {
        let mut command = repo.program();
        command.args(["hook", "run", "pre-push", "origin", "/nowhere"]);
        command.stdin(fs::File::open(file).unwrap());
        assert_eq!(repo.finish(&mut command).silent(), "");
    }
    assert!(!repo.path().join(".git/rustassistant").exists());
}
