//! Several processes at once: no entry is lost, nothing is analyzed twice, the repository stays
//! sound.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};

use crate::support::{Repo, Report, rust_source};

fn repo_of(files: usize) -> Repo {
    let repo = Repo::new();
    for seed in 0..files {
        repo.write(&format!("src/m{seed}.rs"), rust_source(seed, 4));
    }
    repo.commit("files");
    repo
}

/// Starts `analyze` and leaves it to itself.
fn start(repo: &Repo, arguments: &[&str]) -> Child {
    let mut program = repo.program();
    program
        .args(["analyze", "--output", "json"])
        .args(arguments);
    program.stdout(Stdio::piped()).stderr(Stdio::piped());
    program.spawn().unwrap()
}

/// Waits for a process; its report, if it ended well.
#[track_caller]
fn end(repo: &Repo, process: Child) -> Report {
    let output = repo.output_of(&process.wait_with_output().unwrap());
    assert_eq!(
        (output.code, output.stderr.as_str()),
        (Some(0), ""),
        "{output:?}"
    );
    Report::of(&output)
}

/// Runs all of `arguments` at the same time; how many files they analyzed, together.
#[track_caller]
fn together(repo: &Repo, arguments: &[Vec<String>]) -> u64 {
    let start = |arguments: &Vec<String>| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        start(repo, &arguments)
    };
    let processes: Vec<Child> = arguments.iter().map(start).collect();
    let reports = processes.into_iter().map(|process| end(repo, process));
    reports.map(|report| report.count("analyzed")).sum()
}

fn stored(repo: &Repo) -> BTreeSet<String> {
    let listed = repo.run(&["cache", "list"]).silent();
    listed.lines().map(str::to_owned).collect()
}

#[track_caller]
fn is_sound(repo: &Repo) {
    repo.git(&["fsck", "--full", "--strict"]);
    assert_eq!(repo.leftovers(), Vec::<String>::new());
}

fn the_same_files(processes: usize, files: usize) {
    let repo = repo_of(files);
    let all = vec![vec!["-k".to_owned(), "all".to_owned()]; processes];
    let units = 4 * files as u64;
    assert_eq!(together(&repo, &all), units);
    assert_eq!(stored(&repo).len() as u64, units);
    assert_eq!(repo.analyze(&["-k", "all"]).count("cached"), units);
    is_sound(&repo);
}

fn a_file_each(processes: usize) {
    let repo = repo_of(processes);
    let each = |seed| vec![format!("src/m{seed}.rs")];
    let each: Vec<Vec<String>> = (0..processes).map(each).collect();
    assert_eq!(together(&repo, &each), processes as u64);
    assert_eq!(stored(&repo).len(), processes);
    is_sound(&repo);
}

#[test]
fn two_processes_share_the_work_and_do_nothing_twice() {
    the_same_files(2, 100);
}

#[test]
fn twenty_processes_that_analyze_a_file_each_lose_nothing() {
    a_file_each(20);
}

#[test]
fn an_edit_in_two_work_trees_at_once_is_analyzed_once() {
    let repo = repo_of(30);
    repo.git(&["worktree", "add", "-q", "../linked", "--detach"]);
    for seed in 0..30 {
        for root in ["", "../linked/"] {
            repo.write(&format!("{root}src/m{seed}.rs"), rust_source(seed + 100, 4));
        }
    }
    let linked = repo.path().join("../linked");
    let mut there = repo.program();
    there
        .current_dir(linked)
        .args(["analyze", "--output", "json"]);
    there.stdout(Stdio::piped()).stderr(Stdio::piped());
    let there = there.spawn().unwrap();
    let here = end(&repo, start(&repo, &[])).count("analyzed");
    assert_eq!(here + end(&repo, there).count("analyzed"), 30);
    assert_eq!(stored(&repo).len(), 30);
    is_sound(&repo);
}

#[test]
fn a_run_beside_the_collection_of_garbage_loses_nothing() {
    let repo = repo_of(60);
    let run = start(&repo, &["-k", "all"]);
    for _ in 0..4 {
        repo.tidy(&["gc", "-q", "--prune=now"]);
    }
    assert_eq!(end(&repo, run).count("analyzed"), 240);
    repo.git(&["gc", "-q", "--prune=now"]);
    assert_eq!(repo.analyze(&["-k", "all"]).count("cached"), 240);
    is_sound(&repo);
}

#[test]
#[ignore = "takes minutes: many processes, many times"]
fn many_processes_many_times() {
    for _ in 0..5 {
        the_same_files(8, 300);
        a_file_each(40);
    }
}
