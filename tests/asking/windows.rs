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
            .any(|line| line.contains("the item on line 3, of ")),
        "{lines:?}"
    );
    assert_eq!(server.received().len(), 1);
}
