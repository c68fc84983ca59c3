//! How many requests are under way, and what advice is given where a run ends early.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use crate::support::model::{analysis, answer};
use crate::support::server::{Canned, Server};
use crate::support::{Repo, Report};

const CHAT: &str = "openai-chat";

fn files(count: u32, server: &Server) -> Repo {
    let mut repo = Repo::new();
    repo.ask(server, CHAT);
    for number in 0..count {
        let text = format!("fn f{number}() {{}}\n");
        repo.write(&format!("f{number:03}.rs"), text);
    }
    repo.commit("files");
    repo
}

/// Answers, and counts how many are asked for at a time at most.
fn counting() -> (Server, Arc<AtomicUsize>) {
    let (now, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&most);
    let server = Server::start(move |_| {
        let count = now.fetch_add(1, Ordering::SeqCst) + 1;
        counted.fetch_max(count, Ordering::SeqCst);
        sleep(Duration::from_millis(40));
        now.fetch_sub(1, Ordering::SeqCst);
        answer(CHAT, &analysis())
    });
    (server, most)
}

#[test]
fn requests_are_as_many_at_a_time_as_the_user_allows() {
    for (arguments, most) in [(&["-j", "2"][..], 2), (&["-j", "64"], 8), (&[], 8)] {
        let (server, counted) = counting();
        let repo = files(40, &server);
        let report = repo.analyze(&[&["--progress=never"], arguments].concat());
        assert_eq!(report.words(), "40 analyzed");
        assert_eq!(counted.load(Ordering::SeqCst), most, "{arguments:?}");
    }
}

#[test]
fn a_wrong_key_costs_one_request_however_many_files_there_are() {
    let body = json!({"error": {"message": "no", "code": "invalid_api_key"}});
    let server = Server::start(move |_| Canned::json(401, &body).after(Duration::from_millis(50)));
    let repo = files(40, &server);
    let output = repo.run(&["analyze", "--provider", "test"]);
    assert_eq!(output.code, Some(3));
    assert_eq!(server.received().len(), 1);
    // The same again would fail again.
    assert!(!output.stdout.contains("hint: "), "{}", output.stdout);
}

#[test]
fn a_budget_that_ends_a_run_does_not_hide_what_went_wrong_before() {
    let body = json!({"error": {"message": "closed for today"}});
    let server = Server::start(move |_| Canned::json(503, &body));
    let repo = files(1, &server);
    let output = repo.run(&["analyze", "--output", "json", "--max-requests", "2"]);
    assert_eq!(output.code, Some(4), "{}", output.stderr);
    let row = Report::of(&output).lines().remove(0);
    assert!(row.contains("the budget of 2 requests is used up"), "{row}");
    assert!(
        row.contains("; before that: ") && row.contains("closed for today"),
        "{row}"
    );
    let shown = repo.run(&["show", "f000.rs", "--model", "m", "-k", "refactor"]);
    let hint = "hint: `analyze -k refactor --model m` analyzes what is missing";
    assert!(shown.stdout.contains(hint), "{}", shown.stdout);
}

#[test]
fn a_file_that_is_asked_of_another_says_who_it_was() {
    let server = Server::start(|_| answer(CHAT, &analysis()));
    let repo = files(1, &server);
    assert_eq!(repo.analyze(&["--provider", "local"]).words(), "1 analyzed");
    let row = repo.run(&["analyze", "-n", "--output", "json"]);
    assert_eq!(
        Report::of(&row).lines(),
        ["f000.rs: missing: another analyzer: local/1 → test/test-model"]
    );
}
