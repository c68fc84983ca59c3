//! One run after the other: what is asked, stored and counted, in every protocol.

use crate::support::model::{KEY, PROTOCOLS, analysis, answer, finding};
use crate::support::server::Server;
use crate::support::{Repo, Report};

#[test]
fn every_protocol_answers_and_what_was_answered_is_a_hit() {
    for protocol in PROTOCOLS {
        let quoted = finding("fn odd() -> u8 { 7 }");
        let server = Server::start(move |_| answer(protocol, &quoted));
        let mut repo = Repo::new();
        repo.ask(&server, protocol);
        repo.write("a.rs", "//! A.\n\nfn odd() -> u8 { 7 }\n");
        repo.write("b.rs", "//! B.\n\nfn odd() -> u8 { 7 }\n// more\n");
        repo.commit("two");
        let report = repo.analyze(&[]);
        assert_eq!(report.words(), "2 analyzed", "{protocol}");
        assert_eq!(report.count("requests"), 2);
        let tokens = &report.0["summary"]["tokens"];
        let cached = if protocol == "ollama" { 0 } else { 400 };
        assert_eq!(tokens["input"], 2000, "{protocol}");
        assert_eq!(tokens["cached_input"], cached, "{protocol}");
        assert_eq!(tokens["output"], 100, "{protocol}");
        assert_eq!(report.0["summary"]["cost_usd"], serde_json::Value::Null);
        assert_eq!(report.0["findings"][0]["start_line"], 3);
        assert_eq!(report.0["findings"][0]["origin"], "llm");
        assert_eq!(report.rows()[0]["analyzer"], "test/test-model");
        let again = repo.analyze(&[]);
        assert_eq!(again.words(), "2 cached");
        assert_eq!(server.received().len(), 2, "{protocol}");
        let headers = |received: &crate::support::server::Received| {
            let values = received.headers.iter().map(|(_, value)| value.clone());
            values.filter(|value| value.contains(KEY)).count()
        };
        assert!(
            server
                .received()
                .iter()
                .all(|received| headers(received) == 1)
        );
    }
}

#[test]
fn several_kinds_are_several_requests_and_a_price_makes_a_cost() {
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let mut repo = Repo::new();
    repo.ask(&server, "openai-chat");
    repo.price();
    repo.write("a.rs", "fn a() {}\n");
    repo.commit("one");
    let report = repo.analyze(&["-k", "refactor,analysis"]);
    assert_eq!(report.words(), "2 analyzed");
    assert_eq!(report.0["summary"]["cost_usd"], "0.0046");
    let again = repo.analyze(&["-k", "refactor,analysis"]);
    assert_eq!(again.0["summary"]["cost_usd"], "0");
    assert_eq!(again.0["summary"]["saved_usd"], "0.0046");
    assert_eq!(
        Report::of(&repo.run(&["show", "a.rs", "--output", "json"])).words(),
        "2 cached"
    );
}
