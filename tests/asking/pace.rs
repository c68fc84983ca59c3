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
    let hint = "hint: to analyze what is missing, use `analyze -k refactor --model m`";
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

/// Refuses the first so many requests, then answers.
fn refusing(first: usize, refusal: Canned) -> Server {
    Server::start(move |received| {
        if received.nth < first {
            refusal.clone()
        } else {
            answer(CHAT, &analysis())
        }
    })
}

#[test]
fn a_quota_that_comes_back_is_waited_for_wherever_a_server_says_how_long() {
    let quota = "You exceeded your current quota, please check your plan and billing details.";
    let gemini = |delay: &str| {
        json!([{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED",
            "message": format!("{quota} For more information on this error, head to: https://a.example/limits."),
            "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]}}])
    };
    let words = |words: &str| json!({"error": {"message": words, "code": "rate_limit_exceeded"}});
    let plain = || Canned::json(429, &words("slow down"));
    for refusal in [
        Canned::json(429, &gemini("1.2s")),
        Canned::json(
            429,
            &json!({"error": {"message": format!("{quota} Please retry in 1.2s."), "code": 429}}),
        ),
        Canned::json(
            429,
            &words("Rate limit reached. Please try again in 1200ms."),
        ),
        plain().header("x-ratelimit-reset-requests", "1.2s"),
        plain()
            .header("x-ratelimit-reset-tokens", "1200ms")
            .header("x-ratelimit-remaining-tokens", "0"),
        plain()
            .header("anthropic-ratelimit-requests-reset", "2026-01-01T00:00:02Z")
            .header("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
        plain()
            .header("x-ratelimit-reset", "1767225602")
            .header("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ] {
        let shown = format!("{refusal:?}");
        let server = refusing(1, refusal);
        let repo = files(2, &server);
        let begun = std::time::Instant::now();
        let output = repo.run(&["analyze", "--output", "json"]);
        assert_eq!(
            Report::of(&output).words(),
            "2 analyzed",
            "{shown}: {}",
            output.stderr
        );
        assert!(begun.elapsed() > Duration::from_millis(1100), "{shown}");
        assert_eq!(server.received().len(), 3, "{shown}");
    }
}

#[test]
fn an_empty_account_is_still_one() {
    let quota = "You exceeded your current quota, please check your plan and billing details.";
    for code in ["insufficient_quota", "billing_hard_limit_reached"] {
        let body =
            json!({"error": {"message": format!("{quota} Please retry in 1s."), "code": code}});
        let server = Server::start(move |_| Canned::json(429, &body));
        let output = files(3, &server).run(&["analyze"]);
        assert_eq!((output.code, server.received().len()), (Some(3), 1));
    }
}
