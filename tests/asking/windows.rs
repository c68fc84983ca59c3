//! Texts that are longer than a model takes at once. What is known of windows beforehand is for
//! the tests of `analyzers`.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::Repo;
use crate::support::model::{answer, finding};
use crate::support::server::{Canned, Received, Server};

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
