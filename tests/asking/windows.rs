//! Texts that are longer than a model takes at once. What is known of windows beforehand is for
//! the tests of `analyzers`.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::model::{analysis, answer, finding};
use crate::support::server::{Canned, Received, Server};
use crate::support::{Repo, Report};

const CHAT: &str = "openai-chat";

#[test]
fn a_text_that_is_longer_than_the_model_takes_is_parted_between_items() {
    let server = Server::start(|received: &Received| {
        let text = received.body["messages"][1]["content"].as_str().unwrap();
        // The first item of each part.
        let item = |line: &&str| line.contains("fn item_");
        let quote = text.lines().find(item).unwrap_or_default();
        let quote = &quote[quote.find("pub").unwrap_or(0)..];
        match text.matches("fn item_").count() {
            0..=3 => answer(CHAT, &finding(quote)),
            _ => Canned::json(
                400,
                &json!({"error": {"code": "context_length_exceeded", "message": "too long"}}),
            ),
        }
    });
    let mut repo = Repo::new();
    repo.ask(&server, CHAT);
    let item = |number: u32| format!("pub fn item_{number}() -> u32 {{\n    {number} + 1\n}}\n\n");
    let text: String = (0..10).map(item).collect();
    repo.write("a.rs", &text);
    repo.commit("ten items");
    let report = repo.analyze(&[]);
    assert_eq!(report.words(), "1 analyzed");
    let findings = report.0["findings"].as_array().unwrap();
    assert!(findings.len() >= 4, "{findings:?}");
    for finding in findings {
        let line = finding["start_line"].as_u64().unwrap();
        let shown = text
            .lines()
            .nth(usize::try_from(line).unwrap() - 1)
            .unwrap();
        assert!(shown.starts_with("pub fn item_"), "{line}: {shown}");
    }
    // All were asked about, each once.
    let lines: BTreeSet<u64> = findings
        .iter()
        .filter_map(|f| f["start_line"].as_u64())
        .collect();
    assert_eq!(lines.len(), findings.len());
}

#[test]
fn a_function_that_is_longer_than_a_window_fails_its_file_and_is_named_by_its_line() {
    let server = Server::start(|_| answer(CHAT, &analysis()));
    let mut repo = Repo::new();
    repo.ask(&server, CHAT);
    repo.git(&[
        "config",
        "--global",
        "rustassistant-model.test-model.contextWindow",
        "4000",
    ]);
    let body = "    let _ = 1 + 1;\n".repeat(500);
    repo.write(
        "long.rs",
        format!("//! Long.\n\npub fn long() {{\n{body}}}\n"),
    );
    repo.write("short.rs", "pub fn short() {}\n");
    repo.commit("one too long");
    let output = repo.run(&["analyze", "--output", "json"]);
    assert_eq!(output.code, Some(3), "{}", output.stderr);
    let report = Report::of(&output);
    assert_eq!(report.words(), "1 analyzed, 1 failed");
    let lines = report.lines();
    assert!(
        lines
            .iter()
            .any(|line| line.contains("the item on line 3 has ")),
        "{lines:?}"
    );
    assert_eq!(server.received().len(), 1);
}

/// What a server says of its limits, if the request asks for too much.
fn stating(limit: u64, message: &'static str) -> Server {
    Server::start(move |received: &Received| {
        let asked = received.body["max_tokens"].as_u64().unwrap();
        if asked > limit {
            Canned::json(400, &json!({"error": {"message": message, "code": 400}}))
        } else {
            answer(CHAT, &analysis())
        }
    })
}

#[test]
fn a_limit_that_a_server_states_is_taken_over_once_told_and_remembered() {
    for (limit, setting, message) in [
        (
            8192 - 1500,
            "rustassistant-model.test-model.contextWindow",
            "max_tokens is too large: 16384. This model's maximum context length is 8192 tokens \
             and your request has 1500 input tokens (16384 > 8192 - 1500).",
        ),
        (
            8192,
            "rustassistant.maxOutputTokens",
            "`max_tokens` must be less than or equal to `8192`, the maximum value for \
             `max_tokens` is less than the `context_window` for this model",
        ),
        (
            8192,
            "rustassistant.maxOutputTokens",
            "max_tokens: 16384 > 8192, which is the maximum allowed number of output tokens for \
             test-model",
        ),
    ] {
        let server = stating(limit, message);
        let mut repo = Repo::new();
        repo.ask(&server, CHAT);
        for number in 0..4 {
            repo.write(&format!("{number}.rs"), format!("fn f{number}() {{}}\n"));
        }
        repo.commit("files");
        let output = repo.run(&["analyze", "--output", "json"]);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        assert_eq!(Report::of(&output).words(), "4 analyzed");
        assert_eq!(
            output.stderr.matches(setting).count(),
            1,
            "{}",
            output.stderr
        );
        assert!(output.stderr.contains("8192"), "{}", output.stderr);
        // The first goes alone: nobody else asks for too much.
        assert_eq!(server.received().len(), 5, "{message}");
        // The next run knows it, and says nothing.
        assert_eq!(repo.analyze(&["--refresh"]).words(), "4 analyzed");
        assert_eq!(server.received().len(), 9, "{message}");
    }
}

#[test]
fn an_answer_that_the_stated_limit_is_too_short_for_names_the_setting() {
    let server = Server::start(|received: &Received| {
        let mut cut = crate::support::model::body(CHAT, "{");
        cut["choices"][0]["finish_reason"] = json!("length");
        if received.body["max_tokens"].as_u64().unwrap() > 16_384 {
            Canned::json(
                400,
                &json!({"error": {"message":
                "max_tokens is too large: 32768. This model supports at most 16384 completion tokens"}}),
            )
        } else {
            Canned::json(200, &cut)
        }
    });
    let mut repo = Repo::new();
    repo.ask(&server, CHAT);
    repo.write("a.rs", "fn f() {}\n");
    repo.commit("one");
    let output = repo.run(&["analyze", "--output", "json"]);
    let row = Report::of(&output).lines().remove(0);
    assert!(row.contains("failed: ") && row.contains("cut off"), "{row}");
    assert_eq!(server.received().len(), 2);
}

/// So many functions, each a few lines long.
fn functions(number: u32) -> String {
    let function = |n: u32| format!("pub fn item_{n}() -> u32 {{\n    {n} + 1\n}}\n\n");
    (0..number).map(function).collect()
}

#[test]
fn a_window_that_a_server_states_is_kept_to_by_the_next_run_from_its_first_request() {
    let server = Server::start(|received: &Received| {
        if received.bytes.len() > 25_000 {
            Canned::json(
                400,
                &json!({"error": {"message": "This model's maximum context length is 8192 tokens. \
                              However, you requested 90000 tokens."}}),
            )
        } else {
            answer(CHAT, &analysis())
        }
    });
    let mut repo = Repo::new();
    repo.ask(&server, CHAT);
    repo.write("a.rs", functions(5000));
    repo.commit("one");
    let told = repo.run(&["analyze", "--output", "json"]);
    assert_eq!(Report::of(&told).words(), "1 analyzed");
    let first = server.received();
    assert!(first[0].bytes.len() > 200_000);
    repo.write("b.rs", functions(4900));
    repo.commit("another");
    let again = repo.run(&["analyze", "--output", "json"]);
    assert_eq!(Report::of(&again).words(), "1 cached, 1 analyzed");
    assert!(!again.stderr.contains("contextWindow"), "{}", again.stderr);
    let second = server.received().split_off(first.len());
    let longest = second.iter().map(|received| received.bytes.len()).max();
    assert!(longest < Some(25_000), "{longest:?}");
}

#[test]
fn limits_that_shrink_without_end_are_followed_a_few_times_only() {
    for (by, most) in [(1, 2), (5000, 4)] {
        let server = Server::start(move |received: &Received| {
            let asked = received.body["max_tokens"].as_u64().unwrap();
            let limit = asked.saturating_sub(by).max(16);
            let message = format!("max_tokens: {asked} > {limit}, which is the maximum");
            Canned::json(400, &json!({"error": {"message": message, "code": 400}}))
        });
        let mut repo = Repo::new();
        repo.ask(&server, CHAT);
        repo.write("a.rs", "fn f() {}\n");
        repo.commit("one");
        let output = repo.run(&["analyze", "--output", "json"]);
        assert_eq!(output.code, Some(3), "{}", output.stderr);
        let told = output.stderr.matches("HTTP 400: max_tokens: ").count();
        assert_eq!(told, 1, "{}", output.stderr);
        assert_eq!(server.received().len(), most);
    }
}

/// One answer to a question must not shorten all those of a month.
#[test]
fn a_limit_that_no_model_has_holds_for_the_run_and_one_that_is_outgrown_no_longer() {
    let server = Server::start(|received: &Received| {
        let asked = received.body["max_tokens"].as_u64().unwrap();
        let message = |limit| {
            let message = format!("`max_tokens` must be less than or equal to `{limit}`");
            Canned::json(400, &json!({"error": {"message": message, "code": 400}}))
        };
        let mut cut = crate::support::model::body(CHAT, "{");
        cut["choices"][0]["finish_reason"] = json!("length");
        match received.nth {
            0 => message(16),
            2 => message(2000),
            4 if asked == 2000 => Canned::json(200, &cut),
            _ => answer(CHAT, &analysis()),
        }
    });
    let mut repo = Repo::new();
    repo.ask(&server, CHAT);
    repo.write("a.rs", "fn f() {}\n");
    repo.commit("one");
    for _ in 0..4 {
        let output = repo.run(&["analyze", "--refresh", "--output", "json"]);
        assert_eq!(Report::of(&output).words(), "1 analyzed");
    }
    let most = |received: &Received| received.body["max_tokens"].as_u64().unwrap();
    let asked: Vec<u64> = server.received().iter().map(most).collect();
    assert_eq!(asked, [16_384, 16, 16_384, 2000, 2000, 4000, 16_384]);
}
