//! Git LFS beside the hook: its content leaves with every push, whichever of the two came first. With
//! the real program where it is installed, and with one that writes down what it is asked.

use std::fs;
use std::path::Path;

use super::{push, said, team, write_executable};
use crate::support::{Repo, Team, path};

fn is_installed() -> bool {
    let repo = Repo::new();
    let mut git = repo.command(Path::new("git"));
    let installed = repo.finish(git.args(["lfs", "version"])).code == Some(0);
    if !installed {
        eprintln!("git-lfs is not installed: not tried with it");
    }
    installed
}

/// The files that the server has of LFS.
fn contents(team: &Team) -> usize {
    let mut folders = vec![team.server().join("lfs/objects")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path())
            } else {
                files += 1
            }
        }
    }
    files
}

fn add_content(repo: &Repo, text: &str) {
    repo.git(&["lfs", "track", "*.bin"]);
    repo.write("a.bin", text);
    repo.commit("content");
}

#[test]
fn content_leaves_where_our_hook_was_first() {
    if !is_installed() {
        return;
    }
    let team = team(1);
    let repo = &team.clones[0];
    repo.git(&["lfs", "install", "--skip-repo"]);
    add_content(repo, "one");
    said(&push(repo, &[]));
    assert_eq!(contents(&team), 1);
    // Nothing of ours keeps it here.
    for (number, how) in ["skipped", "turned off", "without the program"]
        .into_iter()
        .enumerate()
    {
        add_content(repo, how);
        let mut command = repo.command(Path::new("git"));
        match number {
            0 => command.env("RUSTASSISTANT_SKIP", "1"),
            1 => command.args(["-c", "rustassistant.hook.enabled=false"]),
            _ => command.env("PATH", path()),
        };
        if number == 2 && repo.runs_config_hooks() {
            continue;
        }
        let output = repo.finish(command.arg("push"));
        assert_eq!(output.code, Some(0), "{how}: {output:?}");
        assert_eq!(contents(&team), 2 + number, "{how}: {output:?}");
    }
}

#[test]
fn content_leaves_once_where_lfs_was_first() {
    if !is_installed() {
        return;
    }
    let team = team(1);
    let repo = &team.clones[0];
    repo.run(&["hook", "uninstall"]).silent();
    repo.git(&["lfs", "install"]);
    repo.run(&["hook", "install"]).silent();
    add_content(repo, "one");
    let mut command = repo.command(Path::new("git"));
    let output = repo.finish(command.env("GIT_TRACE", "1").arg("push"));
    assert_eq!(contents(&team), 1);
    let runs = |line: &&str| line.contains("git-lfs pre-push") && line.contains("exec");
    assert_eq!(output.stderr.lines().filter(runs).count(), 1, "{output:?}");
    let told = repo.run(&["hook", "status"]).silent();
    assert!(told.contains("LFS content is uploaded by $REPO/"), "{told}");
}

/// A program that writes down what it is asked, and ends as `$HOME/status` says.
fn stand_in(team: &mut Team) {
    let folder = team.clones[0].outside().join("programs");
    fs::create_dir_all(&folder).unwrap();
    let text = "#!/bin/sh\n[ \"$1\" = pre-push ] || exit 0\n{ echo \"$*\"; cat; } >>\"$HOME/record\"\n\
                exit \"$(cat \"$HOME/status\")\"\n";
    write_executable(&folder.join("git-lfs"), text);
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let programs = program.parent().unwrap().display();
    let all = format!("{}:{programs}:{}", folder.display(), path());
    team.clones[0].set("PATH", &all);
    fs::write(team.clones[0].home().join("status"), "0").unwrap();
    team.clones[0].write(".gitattributes", "*.bin filter=lfs\n");
}

fn recorded(repo: &Repo) -> Vec<String> {
    let record = repo.home().join("record");
    let text = fs::read_to_string(&record).unwrap_or_default();
    let _ = fs::remove_file(record);
    text.lines().map(str::to_owned).collect()
}

#[test]
fn lfs_gets_what_git_says_and_what_fails_there_stops_the_push() {
    let mut team = team(1);
    stand_in(&mut team);
    let repo = &team.clones[0];
    repo.commit("one");
    said(&push(repo, &[]));
    let record = recorded(repo);
    assert_eq!(record.len(), 2, "{record:?}");
    assert!(record[0].starts_with("pre-push origin "), "{record:?}");
    assert!(record[1].starts_with("refs/heads/main "), "{record:?}");
    fs::write(repo.home().join("status"), "2").unwrap();
    repo.write("src/a.rs", "pub fn failed() {}\n");
    repo.commit("two");
    let before = team.on_server(&["rev-parse", "main"]);
    let output = push(repo, &[]);
    assert_ne!(output.code, Some(0), "{output:?}");
    assert!(output.stderr.contains("git push --no-verify"), "{output:?}");
    assert_eq!(team.on_server(&["rev-parse", "main"]), before);
}

#[test]
fn lfs_runs_once_whoever_runs_us() {
    let mut team = team(1);
    stand_in(&mut team);
    let repo = &team.clones[0];
    repo.run(&["hook", "uninstall"]).silent();
    let hook = repo.path().join(".git/hooks/pre-push");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let ours = "refs=$(cat)\nprintf '%s\\n' \"$refs\" | git-rustassistant hook run pre-push \"$@\" ||\n  \
                [ $? -ne 1 ] || exit 1\n";
    let theirs = "printf '%s\\n' \"$refs\" | git lfs pre-push \"$@\"\n";
    for (number, lines) in [ours.to_owned(), format!("{ours}{theirs}")]
        .iter()
        .enumerate()
    {
        write_executable(&hook, &format!("#!/bin/sh\n{lines}"));
        repo.write("src/a.rs", format!("pub fn number_{number}() {{}}\n"));
        repo.commit("change");
        said(&push(repo, &[]));
        let record = recorded(repo);
        assert_eq!(record.len(), 2, "{lines}: {record:?}");
        let told = repo.run(&["hook", "status"]).silent();
        let by = [
            "it also uploads Git LFS content",
            "Git LFS content is uploaded by $REPO/",
        ];
        assert!(told.contains(by[number]), "{told}");
    }
    fs::remove_file(&hook).unwrap();
    let told = repo.run(&["doctor"]).stdout;
    assert!(told.contains("wrong  lfs"), "{told}");
}
