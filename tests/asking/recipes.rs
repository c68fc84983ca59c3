//! What shapes an answer makes a new question, and what does not is a hit.

use crate::support::model::{analysis, answer};
use crate::support::server::Server;
use crate::support::{Repo, Report};

fn asking() -> (Repo, Server) {
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let mut repo = Repo::new();
    repo.ask(&server, "openai-chat");
    repo.write("a.rs", "fn a() {}\n");
    repo.write(
        "prompts/security.md",
        "Look for what an attacker could use.\n",
    );
    repo.write(
        ".rustassistantconfig",
        "[rustassistant-kind \"security\"]\n\tprompt = prompts/security.md\n",
    );
    repo.commit("one");
    assert_eq!(repo.analyze(&["a.rs"]).words(), "1 analyzed");
    (repo, server)
}

#[test]
fn what_does_not_shape_an_answer_is_a_hit() {
    let (mut repo, _server) = asking();
    let other = Server::start(|_| answer("openai-chat", &analysis()));
    let set = |key: &str, value: &str| {
        let key = format!("rustassistant-provider.test.{key}");
        repo.git(&["config", "--global", &key, value]);
    };
    set("url", &format!("{}/v1", other.url()));
    set("maxConcurrency", "1");
    set("timeout", "5m");
    set("keyEnv", "OTHER_KEY");
    repo.set("OTHER_KEY", "sk-another");
    repo.price();
    assert_eq!(
        repo.analyze(&["a.rs", "--max-requests", "1"]).words(),
        "1 cached"
    );
    assert!(other.received().is_empty());
}

#[test]
fn what_shapes_an_answer_is_a_miss_that_says_so() {
    let (mut repo, server) = asking();
    for (variable, value, why) in [
        ("RUSTASSISTANT_MODEL", "other-model", "model"),
        ("RUSTASSISTANT_TEMPERATURE", "0.5", "temperature"),
        ("RUSTASSISTANT_SEED", "7", "seed"),
        ("RUSTASSISTANT_EFFORT", "low", "effort"),
    ] {
        repo.set(variable, value);
        let row = |report: Report| report.rows()[0]["reason"].as_str().unwrap_or("").to_owned();
        let reason = row(Report::of(
            &repo.run(&["analyze", "a.rs", "-n", "--output", "json"]),
        ));
        assert!(reason.contains(why), "{variable}: {reason}");
        assert_eq!(repo.analyze(&["a.rs"]).words(), "1 analyzed", "{variable}");
        assert_eq!(repo.analyze(&["a.rs"]).words(), "1 cached", "{variable}");
    }
    let last = server.received().pop().unwrap().body;
    assert_eq!(last["model"], "other-model");
    assert_eq!(last["seed"], 7);
    assert_eq!(last["temperature"], 0.5);
}

#[test]
fn a_prompt_of_a_teams_own_is_a_kind_and_its_text_the_question() {
    let (repo, server) = asking();
    let asked = server.received().len();
    assert_eq!(
        repo.analyze(&["a.rs", "-k", "security"]).words(),
        "1 analyzed"
    );
    let body = server.received().pop().unwrap().body.to_string();
    assert!(body.contains("what an attacker could use"), "{body}");
    assert_eq!(
        repo.analyze(&["a.rs", "-k", "security"]).words(),
        "1 cached"
    );
    repo.write("prompts/security.md", "Look for keys.\n");
    repo.git(&["add", "prompts/security.md"]);
    assert_eq!(
        repo.analyze(&["a.rs", "-k", "security"]).words(),
        "1 analyzed"
    );
    assert_eq!(repo.analyze(&["a.rs"]).words(), "1 cached");
    assert_eq!(server.received().len(), asked + 2);
    let local = repo.run(&["analyze", "-k", "security", "--provider", "local"]);
    assert_eq!(local.code, Some(2));
    assert!(
        local.stderr.contains("requires a language model"),
        "{}",
        local.stderr
    );
    repo.git(&["rm", "-q", "-f", "prompts/security.md"]);
    let gone = repo.run(&["analyze", "-k", "security"]);
    assert_eq!(gone.code, Some(2));
    assert!(
        gone.stderr.contains("no file prompts/security.md"),
        "{}",
        gone.stderr
    );
    // No other kind is the worse for it.
    assert_eq!(repo.analyze(&["a.rs"]).words(), "1 cached");
    for command in [&["status"][..], &["show", "a.rs"], &["doctor"]] {
        let output = repo.run(command);
        let all = format!("{}{}", output.stdout, output.stderr);
        assert!(!all.contains("no file prompts"), "{command:?}: {all}");
    }
}
