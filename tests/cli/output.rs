//! Reports as they leave the program: formats, files, pipes, colors. What a format looks like is
//! tested beside its renderer.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use rustassistant::report::Format;
use serde_json::Value;

use crate::support::{Repo, Report, Team, rust_source};

/// Files that are analyzed, skipped and missing, and findings.
fn repo() -> Repo {
    let repo = Repo::new();
    for seed in 0..4 {
        repo.write(&format!("src/m{seed}.rs"), rust_source(seed, 6));
    }
    repo.write("copy.rs", rust_source(0, 6));
    repo.write("binary.rs", b"\0");
    repo.write("tool.py", "# FIXME: now\n");
    repo.commit("files");
    repo
}

#[track_caller]
fn is_valid(report: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas/report-v1.schema.json");
    let schema: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(report)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

/// The counts of a summary are those of its rows and findings.
#[track_caller]
fn adds_up(report: &Report) {
    let mut sum = 0;
    for status in ["cached", "analyzed", "skipped", "failed", "missing"] {
        let rows = report.rows().iter().filter(|row| row["status"] == status);
        assert_eq!(report.count(status), rows.count() as u64, "{status}");
        sum += report.count(status);
    }
    assert_eq!(sum, report.rows().len() as u64);
    assert_eq!(sum, report.count("rows"));
    let findings = report.0["findings"].as_array().unwrap();
    for level in ["error", "warning", "note"] {
        let there = findings.iter().filter(|finding| finding["level"] == level);
        let counted = &report.0["summary"]["findings"][level];
        assert_eq!(counted, there.count(), "{level}");
    }
}

#[test]
fn the_json_report_is_valid_and_adds_up_in_every_state() {
    let repo = repo();
    assert_eq!(
        repo.analyze(&["-k", "todos", "src/m1.rs"]).words(),
        "1 analyzed"
    );
    for (arguments, words) in [
        (&["-n", "-k", "all"][..], "1 cached, 4 skipped, 23 missing"),
        (
            &["--cached", "-k", "all"],
            "1 cached, 4 skipped, 23 missing",
        ),
        (&["-k", "all"], "1 cached, 23 analyzed, 4 skipped"),
        (&["-k", "all"], "24 cached, 4 skipped"),
        (&["-k", "all", "--no-cache"], "24 analyzed, 4 skipped"),
        (&["-k", "all", "--refresh"], "24 analyzed, 4 skipped"),
        (&["-k", "all", "--rev", "HEAD"], "24 cached, 4 skipped"),
        (&["-k", "docs", "--staged", "src"], "4 cached"),
        (&["--changed", "HEAD"], "nothing"),
    ] {
        let report = repo.analyze(arguments);
        assert_eq!(report.words(), words, "{arguments:?}");
        is_valid(&report.0);
        adds_up(&report);
    }
}

#[test]
fn a_copy_has_the_findings_of_its_twin() {
    let report = repo().analyze(&["-k", "todos"]);
    let of = |path: &str| {
        let findings = report.0["findings"].as_array().unwrap().iter();
        findings.filter(|finding| finding["path"] == path).count()
    };
    assert_eq!(of("copy.rs"), 6);
    assert_eq!(of("copy.rs"), of("src/m0.rs"));
}

#[test]
fn jsonl_ends_with_one_complete_event_and_every_line_is_json() {
    let repo = repo();
    for arguments in [
        &["-k", "all"][..],
        &["-k", "all"],
        &["-n"],
        &["--changed", "HEAD"],
    ] {
        let all = [&["analyze", "--output", "jsonl"], arguments].concat();
        let printed = repo.run(&all).silent();
        let events: Vec<String> = printed
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .map(|event| event["event"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(
            events.first().map(String::as_str),
            Some("start"),
            "{arguments:?}"
        );
        assert_eq!(
            events.last().map(String::as_str),
            Some("complete"),
            "{arguments:?}"
        );
        let ends = events
            .iter()
            .filter(|event| *event == "complete" || *event == "error");
        assert_eq!(ends.count(), 1, "{arguments:?}");
    }
}

#[test]
fn several_reports_are_written_at_once_each_to_its_place() {
    let repo = repo();
    let output = repo.run(&[
        "analyze",
        "-k",
        "todos",
        "--output=json=../report.json",
        "--output=concise",
        "--output=sarif=../report.sarif",
        "--output=summary",
    ]);
    let printed = output.silent();
    assert!(printed.contains("tool.py:1:"), "{printed}");
    assert!(
        printed.contains("7 files: 6 analyzed, 1 skipped"),
        "{printed}"
    );
    let written = |name: &str| fs::read(repo.path().join("..").join(name)).unwrap();
    let report = Report(serde_json::from_slice(&written("report.json")).unwrap());
    assert_eq!(report.words(), "6 analyzed, 1 skipped");
    let sarif: Value = serde_json::from_slice(&written("report.sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let left: Vec<_> = fs::read_dir(repo.path().join("..")).unwrap().collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_that_names_it_and_the_answers_are_kept() {
    let repo = repo();
    let output = repo.run(&["analyze", "--output=json=nowhere/report.json"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("nowhere/report.json"), "{output:?}");
    assert_eq!(repo.analyze(&[]).count("analyzed"), 0);
}

#[test]
fn paths_are_relative_to_the_folder_in_text_and_to_the_root_in_machine_formats() {
    let repo = repo();
    let run =
        |format: &str| repo.run_in("src", &["analyze", ":/", "-k", "todos", "--output", format]);
    let text = run("concise").silent();
    assert!(
        text.contains("\nm1.rs:5:") && text.contains("../tool.py:1:"),
        "{text}"
    );
    let json = run("json");
    let lines = Report::of(&json).lines();
    assert!(lines.contains(&"src/m1.rs: cached".to_owned()), "{lines:?}");
}

#[test]
fn a_reader_that_leaves_ends_every_format_quietly() {
    let repo = repo();
    for format in Format::ALL.map(Format::name) {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut program = repo.program();
        program.args(["analyze", "-k", "all", "--output", format]);
        let output = repo.finish(program.stdout(writer));
        assert_eq!(
            (output.code, output.stderr.as_str()),
            (Some(141), ""),
            "{format}"
        );
    }
    // More than a pipe holds.
    repo.write("long.rs", rust_source(9, 300));
    let mut program = repo.program();
    program.args(["analyze", "-k", "todos", "--untracked", "--output=json"]);
    let mut process = program
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut some = [0; 10];
    process
        .stdout
        .take()
        .unwrap()
        .read_exact(&mut some)
        .unwrap();
    let output = repo.output_of(&process.wait_with_output().unwrap());
    assert_eq!((output.code, output.stderr.as_str()), (Some(141), ""));
}

#[test]
fn a_terminal_gets_colors_unless_they_are_not_wanted_and_a_pipe_gets_none() {
    let repo = repo();
    let on_terminal = |variables: &[(&str, &str)]| {
        let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
        let line = format!("{} analyze -k todos tool.py", program.display());
        let mut script = repo.command("script".as_ref());
        script
            .args(["-qec", &line, "/dev/null"])
            .env("TERM", "xterm-256color");
        script.envs(variables.iter().copied());
        script
            .output()
            .ok()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(colored) = on_terminal(&[]) else {
        eprintln!("skipped: no terminal can be made here");
        return;
    };
    assert!(colored.contains("\x1b["), "{colored:?}");
    for plain in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let printed = on_terminal(&[plain]).unwrap();
        assert!(printed.contains("tool.py"), "{printed:?}");
        assert!(!printed.contains('\x1b'), "{plain:?}: {printed:?}");
    }
    let piped = repo.run(&["analyze", "-k", "todos", "tool.py"]).silent();
    assert!(!piped.contains('\x1b'), "{piped:?}");
}

#[test]
fn a_changed_file_that_is_skipped_is_no_blob_that_anybody_knows() {
    let repo = Repo::of_two_files();
    repo.write("notes.unheard", "one\n");
    repo.commit("notes");
    let blob = || {
        let report = repo.analyze(&["notes.unheard"]);
        assert_eq!(report.words(), "1 skipped");
        is_valid(&report.0);
        report.rows()[0]["blob"].clone()
    };
    assert_eq!(blob(), repo.git(&["rev-parse", "HEAD:notes.unheard"]));
    repo.write("notes.unheard", "two\n");
    assert_eq!(blob(), Value::Null);
}

/// A second output that shows everything has every entry held whole.
#[test]
fn text_says_the_same_whether_or_not_more_is_held_than_it_shows() {
    let team = Team::new(2);
    let [one, other] = &team.clones[..] else {
        unreachable!("two clones")
    };
    one.write("src/m1.rs", rust_source(1, 6));
    one.write("src/m2.rs", "pub fn clean() {}\n");
    one.write("tool.py", "# FIXME: now\n");
    one.write("binary.rs", b"\0");
    one.commit("files");
    one.git(&["push", "-q", "origin", "main"]);
    other.git(&["pull", "-q", "origin", "main"]);
    let shared = one.run(&[
        "analyze", "-k", "all", "src", "--sync", "--output", "summary",
    ]);
    let fetched = other.run(&["fetch"]);
    assert_eq!(
        (shared.code, fetched.code),
        (Some(0), Some(0)),
        "{shared:?}"
    );
    let everything = other.path().join("../everything.json");
    let everything = format!("json={}", everything.display());
    for kinds in [&["-k", "all"][..], &["-k", "docs"], &["-k", "todos,docs"]] {
        for format in ["text", "concise", "github", "gitlab", "rdjsonl"] {
            let run = |more: &[&str]| {
                let arguments = [&["analyze", "--cached", "--output", format], kinds, more];
                other.run(&arguments.concat()).stdout
            };
            let shown = run(&[]);
            assert_eq!(shown, run(&["--output", &everything]), "{kinds:?} {format}");
            assert_eq!(shown.contains("from origin"), format == "text", "{shown}");
        }
    }
}

#[test]
fn each_step_is_told_where_somebody_asks_for_it_and_nowhere_else() {
    let mut repo = Repo::of_two_files();
    let steps = |repo: &Repo, arguments: &[&str]| {
        let output = repo.run(arguments);
        assert_eq!(output.code, Some(0), "{output:?}");
        let lines = output.stderr.lines().map(str::to_owned);
        lines
            .filter(|line| line.contains("DEBUG"))
            .collect::<Vec<_>>()
    };
    assert_eq!(steps(&repo, &["analyze", "-v"]), [""; 0]);
    let told = steps(&repo, &["analyze", "-vv", "--refresh"]);
    for step in ["git starts", "selected", "planned", "stored", "done"] {
        assert!(
            told.iter().any(|line| line.contains(step)),
            "{step}: {told:#?}"
        );
    }
    repo.set("RUSTASSISTANT_LOG", "rustassistant::git=debug,h2=trace");
    let told = steps(&repo, &["analyze", "--refresh"]);
    assert!(!told.is_empty());
    assert!(
        told.iter().all(|line| line.contains("rustassistant::git")),
        "{told:#?}"
    );
    // What cannot be read is no reason to stop.
    repo.set("RUSTASSISTANT_LOG", "=,=");
    assert_eq!(steps(&repo, &["analyze"]), [""; 0]);
}
