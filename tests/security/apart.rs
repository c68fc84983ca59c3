//! The process in which texts are parsed has a way to nothing. Not what it answers.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use crate::support::Repo;

#[test]
fn the_process_that_parses_is_closed_in_before_it_reads_a_text() {
    let repo = Repo::of_two_files();
    let mut program = repo.program();
    program.arg("analyze-apart");
    let mut child = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = "fn a() {}\n";
    let question = format!(
        "{{}}\n{{\"language\":\"rust\",\"kinds\":[\"todos\"],\"bytes\":{}}}\n{text}",
        text.len()
    );
    input.write_all(question.as_bytes()).unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut answer = String::new();
    output.read_line(&mut answer).unwrap();
    assert!(answer.starts_with("{\"Ok\":["), "{answer}");
    let status = fs::read_to_string(format!("/proc/{}/status", child.id()));
    drop(input);
    assert!(child.wait().unwrap().success());
    let is_there = fs::exists("/proc/sys/kernel/seccomp/actions_avail");
    match status.ok().filter(|_| is_there.unwrap_or_default()) {
        Some(status) => {
            let says = |line: &str| status.lines().any(|said| said == line);
            assert!(says("Seccomp:\t2") && says("NoNewPrivs:\t1"), "{status}");
        }
        None => eprintln!("skipped: this system has no seccomp, or does not tell"),
    }
}
