//! Kinds that somebody else answers: each question goes to whom its user chose, and to nobody else.

use crate::support::model::{KEY, analysis, answer};
use crate::support::server::{Canned, Received, Server};
use crate::support::{Repo, Report};

const CHAT: &str = "openai-chat";

fn server() -> Server {
    Server::start(|_| answer(CHAT, &analysis()))
}

fn global(repo: &Repo, key: &str, value: &str) {
    repo.git(&["config", "--global", key, value]);
}

/// `test` answers with `server`, `other` with `second`; who answers what is not said yet.
fn two_providers(server: &Server, second: &Server) -> Repo {
    let mut repo = Repo::new();
    repo.ask(server, CHAT);
    global(&repo, "rustassistant.provider", "local");
    for (key, value) in [
        ("url", format!("{}/v1", second.url())),
        ("keyEnv", "OTHER_API_KEY".to_owned()),
        ("model", "other-model".to_owned()),
        ("retryDelay", "20ms".to_owned()),
    ] {
        let key = format!("rustassistant-provider.other.{key}");
        global(&repo, &key, &value);
    }
    repo.set("OTHER_API_KEY", "sk-other-0123456789abcdefghij");
    repo.write("a.rs", "//! A.\n\nfn a() {}\n");
    repo.write("prompts/security.md", "Look for holes.\n");
    repo.write(
        ".rustassistantconfig",
        "[rustassistant-kind \"security\"]\n\tprompt = prompts/security.md\n",
    );
    repo.commit("one");
    repo
}

fn by_kind(report: &Report) -> Vec<String> {
    let row = |row: &serde_json::Value| {
        let word = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
        format!("{}: {} {}", word("kind"), word("status"), word("analyzer"))
    };
    let mut rows: Vec<String> = report.rows().iter().map(row).collect();
    rows.sort();
    rows
}

#[test]
fn each_kind_is_answered_by_whom_its_user_chose() {
    let (server, second) = (server(), server());
    let repo = two_providers(&server, &second);
    global(&repo, "rustassistant-kind.security.provider", "test");
    global(&repo, "rustassistant-kind.security.model", "careful-model");
    global(&repo, "rustassistant-kind.analysis.provider", "other");
    let kinds = ["a.rs", "-k", "refactor,analysis,security"];
    let report = repo.analyze(&kinds);
    assert_eq!(
        by_kind(&report),
        [
            "analysis: analyzed other/other-model",
            "refactor: analyzed local/1",
            "security: analyzed test/careful-model",
        ]
    );
    assert_eq!(report.count("requests"), 2);
    assert_eq!(report.0["summary"]["tokens"]["input"], 2000);
    let asked = |server: &Server| -> Received { server.received().remove(0) };
    assert_eq!(asked(&server).body["model"], "careful-model");
    let bearer = format!("Bearer {KEY}");
    assert_eq!(
        asked(&server).header("authorization"),
        Some(bearer.as_str())
    );
    let other = asked(&second);
    assert_eq!(other.body["model"], "other-model");
    assert_eq!(
        other.header("authorization"),
        Some("Bearer sk-other-0123456789abcdefghij")
    );
    assert!(!other.bytes.windows(5).any(|bytes| bytes == b"holes"));
    assert_eq!(repo.analyze(&kinds).words(), "3 cached");
    assert_eq!((server.received().len(), second.received().len()), (1, 1));
}

#[test]
fn what_is_said_for_this_once_holds_for_every_kind() {
    let (server, second) = (server(), server());
    let mut repo = two_providers(&server, &second);
    global(&repo, "rustassistant-kind.analysis.provider", "other");
    global(&repo, "rustassistant-kind.refactor.provider", "test");
    let flag = repo.analyze(&["a.rs", "-k", "refactor,analysis", "--provider", "test"]);
    assert_eq!(
        by_kind(&flag),
        [
            "analysis: analyzed test/test-model",
            "refactor: analyzed test/test-model"
        ]
    );
    assert!(second.received().is_empty());
    let model = repo.analyze(&["a.rs", "-k", "analysis", "--model", "big"]);
    assert_eq!(by_kind(&model), ["analysis: analyzed other/big"]);
    repo.set("RUSTASSISTANT_PROVIDER", "local");
    let variable = repo.analyze(&["a.rs", "-k", "refactor,analysis"]);
    assert_eq!(
        by_kind(&variable),
        ["analysis: analyzed local/1", "refactor: analyzed local/1"]
    );
}

#[test]
fn the_model_of_the_usual_provider_does_not_follow_a_kind_to_another() {
    let (server, second) = (server(), server());
    let repo = two_providers(&server, &second);
    global(&repo, "rustassistant.provider", "test");
    global(&repo, "rustassistant.model", "test-large");
    global(&repo, "rustassistant-kind.analysis.provider", "other");
    let report = repo.analyze(&["a.rs", "-k", "refactor,analysis"]);
    assert_eq!(
        by_kind(&report),
        [
            "analysis: analyzed other/other-model",
            "refactor: analyzed test/test-large"
        ]
    );
}

#[test]
fn a_repository_does_not_choose_who_answers_a_kind() {
    let (server, second) = (server(), server());
    let repo = two_providers(&server, &second);
    repo.git(&["config", "rustassistant-kind.analysis.provider", "other"]);
    repo.write(
        ".rustassistantconfig",
        "[rustassistant-kind \"refactor\"]\n\tprovider = other\n\tmodel = dear\n",
    );
    let output = repo.run(&[
        "analyze",
        "a.rs",
        "-k",
        "refactor,analysis",
        "--output",
        "json",
    ]);
    assert_eq!(Report::of(&output).words(), "2 analyzed");
    assert!(second.received().is_empty() && server.received().is_empty());
    for name in [
        "rustassistant-kind.analysis.provider (local",
        "rustassistant-kind.refactor.provider (tracked",
        "rustassistant-kind.refactor.model (tracked",
    ] {
        let warned = format!("ignoring {name}");
        assert!(output.stderr.contains(&warned), "{name}: {}", output.stderr);
    }
}

#[test]
fn a_file_that_stays_here_is_asked_of_those_who_answer_here() {
    let (server, second) = (server(), server());
    let repo = two_providers(&server, &second);
    repo.write(".gitattributes", "a.rs rustassistant=local\n");
    global(&repo, "rustassistant-kind.analysis.provider", "other");
    let report = repo.analyze(&["a.rs", "-k", "refactor,analysis"]);
    assert_eq!(
        by_kind(&report),
        ["analysis: skipped -", "refactor: analyzed local/1"]
    );
    let skipped = "a.rs: skipped: excluded by the attribute rustassistant=local".to_owned();
    assert!(report.lines().contains(&skipped), "{:?}", report.lines());
    let explained = repo.run(&["cache", "explain", "a.rs", "-k", "refactor,analysis"]);
    assert!(
        explained.stdout.contains("skip  a.rs  analysis"),
        "{explained:?}"
    );
    assert!(explained.stdout.contains("hit   a.rs  refactor"));
    assert!(second.received().is_empty());
}

#[test]
fn each_provider_is_agreed_to_and_nothing_is_sent_before_all_are() {
    let (server, second) = (server(), server());
    let mut repo = two_providers(&server, &second);
    global(&repo, "rustassistant-kind.analysis.provider", "other");
    global(&repo, "rustassistant-kind.security.provider", "test");
    repo.set("RUSTASSISTANT_YES", "0");
    let refused = repo.run(&["analyze", "a.rs", "-k", "analysis,security"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("nothing sent"), "{refused:?}");
    // What is answered here waits for nobody's word.
    let kinds = ["-k", "refactor,analysis,security"];
    let refused = repo.run(&[&["analyze", "a.rs", "--output", "json"], &kinds[..]].concat());
    assert_eq!(refused.code, Some(3), "{refused:?}");
    let said = "error: nothing sent to 127.0.0.1";
    assert_eq!(refused.stderr.matches(said).count(), 1, "{refused:?}");
    let report = Report::of(&refused);
    assert_eq!(
        by_kind(&report),
        [
            "analysis: missing -",
            "refactor: analyzed local/1",
            "security: missing -",
        ]
    );
    assert!(report.0.to_string().contains("you have not agreed to that"));
    let foreseen = repo.run(&[&["analyze", "a.rs", "-n"], &kinds[..]].concat());
    for model in ["other-model", "test-model"] {
        let line = format!("for {model}: 1 request;");
        assert!(foreseen.stderr.contains(&line), "{}", foreseen.stderr);
    }
    assert!(server.received().is_empty() && second.received().is_empty());
}

#[test]
fn a_provider_that_refuses_keeps_nobody_else_from_answering() {
    let refuses = || {
        let body = serde_json::json!({"error": {"message": "no", "code": "invalid_api_key"}});
        Canned::json(401, &body)
    };
    let (bad, good) = (Server::start(move |_| refuses()), server());
    let repo = two_providers(&bad, &good);
    global(&repo, "rustassistant-kind.security.provider", "test");
    global(&repo, "rustassistant-kind.analysis.provider", "other");
    let output = repo.run(&[
        "analyze",
        "a.rs",
        "-k",
        "security,analysis,refactor",
        "--output",
        "json",
    ]);
    assert_eq!(output.code, Some(3), "{}", output.stderr);
    let report = Report::of(&output);
    assert_eq!(
        by_kind(&report),
        [
            "analysis: analyzed other/other-model",
            "refactor: analyzed local/1",
            "security: missing -",
        ]
    );
    assert!(output.stderr.contains("error: test: "), "{}", output.stderr);
    let hint = output
        .stderr
        .lines()
        .find(|line| line.starts_with("hint: "));
    assert!(hint.is_some_and(|hint| hint.ends_with(": git rustassistant doctor --ask")));
    assert!(report.0.to_string().contains("TEST_API_KEY"));
    assert!(!report.0.to_string().contains("OTHER_API_KEY"));
}

#[test]
fn one_budget_holds_for_all_together() {
    let (server, second) = (server(), server());
    let repo = two_providers(&server, &second);
    global(&repo, "rustassistant-kind.security.provider", "test");
    global(&repo, "rustassistant-kind.analysis.provider", "other");
    let all = [
        "analyze",
        "a.rs",
        "-k",
        "security,analysis",
        "--output",
        "json",
    ];
    let output = repo.run(&[&all[..], &["--max-requests", "1"]].concat());
    assert_eq!(output.code, Some(4), "{}", output.stderr);
    assert_eq!(Report::of(&output).words(), "1 analyzed, 1 missing");
    assert_eq!(server.received().len() + second.received().len(), 1);
    // The price of one model is known, that of the other is not.
    repo.price();
    let refused = repo.run(&[&all[..], &["--refresh", "--max-cost", "1"]].concat());
    assert_eq!(refused.code, Some(2));
    assert!(
        refused
            .stderr
            .contains("the price of other-model is unknown"),
        "{refused:?}"
    );
    assert_eq!(server.received().len() + second.received().len(), 1);
}

#[test]
fn doctor_looks_at_everybody_who_may_be_asked() {
    let models = || {
        let body = serde_json::json!({"object": "list", "data": [{"id": "test-model"}]});
        Server::start(move |_| Canned::json(200, &body))
    };
    let (server, second) = (models(), models());
    let mut repo = two_providers(&server, &second);
    global(&repo, "rustassistant-kind.analysis.provider", "other");
    global(&repo, "rustassistant-kind.security.provider", "test");
    let output = repo.run(&["doctor"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    for line in [
        "local, the embedded",
        "other at 127.0.0.1",
        "test at 127.0.0.1",
    ] {
        assert!(output.stdout.contains(line), "{}", output.stdout);
    }
    repo.set("OTHER_API_KEY", "");
    let output = repo.run(&["doctor"]);
    assert_eq!(output.code, Some(3));
    assert!(output.stdout.contains("OTHER_API_KEY"), "{}", output.stdout);
}
