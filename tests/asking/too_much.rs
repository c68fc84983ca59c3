//! Answers that are longer than what is stored: what was paid for is kept as far as it goes, and
//! never asked for again at every run.

use serde_json::{Value, json};

use crate::support::model::{answer, body};
use crate::support::server::{Canned, Received, Server};
use crate::support::{Repo, Report};

const CHAT: &str = "openai-chat";

/// A repository with a file that is asked about in several parts.
fn in_parts(server: &Server) -> Repo {
    let mut repo = Repo::new();
    repo.ask(server, CHAT);
    let window = "rustassistant-model.test-model.contextWindow";
    repo.git(&["config", "--global", window, "10000"]);
    let item = |n: u32| format!("pub fn item_{n}() -> u32 {{\n    {n} + 1\n}}\n\n");
    repo.write("a.rs", (0..600).map(item).collect::<String>());
    repo.commit("items");
    repo
}

/// What a model says of a part, with so many findings on its first item.
fn said(received: &Received, findings: usize, summary: &str, document: &Value) -> String {
    let text = received.body["messages"][1]["content"].as_str().unwrap();
    let quote = text.lines().find(|line| line.contains("fn item_"));
    let quote = &quote.unwrap()[quote.unwrap().find("pub").unwrap()..];
    let finding = |n: usize| {
        let level =
            ["note", "warning", "error"][usize::from(n.is_multiple_of(50)) + usize::from(n == 0)];
        json!({"rule": "other", "level": level, "quote": quote, "title": format!("T{n}"),
            "message": "m".repeat(900)})
    };
    let findings: Vec<Value> = (0..findings).map(finding).collect();
    json!({"summary": summary, "findings": findings, "document": document}).to_string()
}

#[test]
fn what_is_stored_of_several_parts_is_believed_afterwards() {
    let long = "word ".repeat(12_000);
    let server =
        Server::start(move |received| answer(CHAT, &said(received, 0, &long, &Value::Null)));
    let repo = in_parts(&server);
    let told = repo.run(&["analyze", "--output", "json"]);
    assert_eq!(Report::of(&told).words(), "1 analyzed");
    let asked = server.received().len();
    assert!(asked > 1);
    assert_eq!(repo.analyze(&[]).words(), "1 cached");
    assert_eq!(server.received().len(), asked);
}

#[test]
fn what_is_too_long_for_an_entry_is_kept_but_for_what_matters_least() {
    let server = Server::start(|received| {
        let mut body = body(CHAT, &said(received, 950, "Long.", &Value::Null));
        body["usage"]["x"] = "y".repeat(3_000).into();
        Canned::json(200, &body)
    });
    let repo = in_parts(&server);
    let told = repo.run(&["analyze", "--output", "json"]);
    let report = Report::of(&told);
    assert_eq!(report.words(), "1 analyzed");
    let asked = server.received().len();
    assert!(asked > 1);
    let findings = report.0["findings"].as_array().unwrap();
    let of = |level: &str| findings.iter().filter(|f| f["level"] == level).count();
    assert_eq!((of("error"), of("warning")), (asked, asked * 18));
    assert!(
        of("note") > 100 && of("note") < asked * 931,
        "{}",
        of("note")
    );
    let again = repo.analyze(&[]);
    assert_eq!(again.words(), "1 cached");
    assert_eq!(again.0["findings"], report.0["findings"]);
    assert_eq!(server.received().len(), asked);
    let summary = again.0["files"][0]["summary"].as_str().unwrap();
    assert!(summary.contains("More than can be stored: "), "{summary}");
}

#[test]
fn an_answer_that_no_entry_can_hold_is_not_paid_for_at_every_run() {
    let document = json!("d".repeat(600_000));
    let server =
        Server::start(move |received| answer(CHAT, &said(received, 0, "Long.", &document)));
    let repo = in_parts(&server);
    let ask = || repo.run(&["analyze", "-k", "docs", "--output", "json"]);
    let failed = ask();
    assert_eq!(failed.code, Some(3), "{}", failed.stderr);
    assert!(
        failed.stdout.contains("analysis too large: "),
        "{}",
        failed.stdout
    );
    assert_eq!(ask().code, Some(3));
    let asked = server.received().len();
    assert_eq!(ask().code, Some(3));
    assert_eq!(server.received().len(), asked);
}
