//! Answers that fill the schema in spite of what is said about them, and failures that are not paid
//! for again and again.

use serde_json::{Value, json};

use crate::support::model::{PROTOCOLS, analysis, answer, body, finding};
use crate::support::server::{Canned, Server};
use crate::support::{Repo, Report};

const CHAT: &str = "openai-chat";

fn files(count: u32, server: &Server) -> Repo {
    let mut repo = Repo::new();
    repo.ask(server, CHAT);
    for number in 0..count {
        repo.write(
            &format!("f{number:03}.rs"),
            format!("fn odd{number}() {{}}\n"),
        );
    }
    repo.commit("files");
    repo
}

#[test]
fn what_fills_the_schema_is_an_answer_whatever_the_server_calls_its_end() {
    let ended = |protocol: &str, word: Value| {
        let mut body = body(protocol, &analysis());
        match protocol {
            "anthropic" => body["stop_reason"] = word,
            "ollama" => body["done_reason"] = word,
            "openai-responses" => {
                body["status"] = json!("incomplete");
                body["incomplete_details"] = json!({"reason": word});
            }
            _ => body["choices"][0]["finish_reason"] = word,
        }
        Canned::json(200, &body)
    };
    for protocol in PROTOCOLS {
        for word in ["eos_token", "tool_calls", "STOP", "finished", ""] {
            let reply = ended(protocol, json!(word));
            let server = Server::start(move |_| reply.clone());
            let mut repo = Repo::new();
            repo.ask(&server, protocol);
            repo.write("a.rs", "fn odd() {}\n");
            repo.commit("one");
            assert_eq!(repo.analyze(&[]).words(), "1 analyzed", "{protocol} {word}");
            assert_eq!(server.received().len(), 1, "{protocol} {word}");
        }
    }
}

#[test]
fn half_an_answer_is_none_whatever_the_server_calls_its_end() {
    let whole = finding("fn odd0() {}");
    let half = whole[..whole.len() - 1].to_owned();
    for word in [
        json!("stop"),
        json!("eos_token"),
        json!("what"),
        Value::Null,
        json!("length"),
    ] {
        let mut body = body(CHAT, &half);
        body["choices"][0]["finish_reason"] = word.clone();
        let reply = Canned::json(200, &body);
        let server = Server::start(move |_| reply.clone());
        let repo = files(1, &server);
        let output = repo.run(&["analyze", "--output", "json"]);
        assert_eq!(Report::of(&output).words(), "1 failed", "{word}");
        assert_eq!(server.received().len(), 2, "{word}");
        assert_eq!(
            Report::of(&repo.run(&["analyze", "--cached", "--output", "json"])).words(),
            "1 missing"
        );
    }
}

#[test]
fn a_bad_finding_costs_itself_and_levels_are_read_in_all_words() {
    for (level, shown) in [
        (json!("info"), "note"),
        (json!("Warning"), "warning"),
        (json!("medium"), "warning"),
        (json!("high"), "error"),
        (json!("critical"), "error"),
        (json!(1), "error"),
        (json!(null), "note"),
    ] {
        let mut text: Value = serde_json::from_str(&finding("fn odd0() {}")).unwrap();
        text["findings"][0]["level"] = level.clone();
        let bad = json!({"rule": "other", "level": "error"});
        text["findings"].as_array_mut().unwrap().push(bad);
        let server = Server::start(move |_| answer(CHAT, &text.to_string()));
        let repo = files(1, &server);
        let report = repo.analyze(&[]);
        assert_eq!(
            (report.words().as_str(), server.received().len()),
            ("1 analyzed", 1)
        );
        let findings = report.0["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1, "{level}");
        assert_eq!(findings[0]["level"], shown, "{level}");
    }
}

#[test]
fn what_is_nearly_json_is_mended_and_not_asked_for_again() {
    let good = analysis();
    let comma = good.replace("\"suggestions\":[]", "\"suggestions\":[], /* none */");
    for text in [
        format!("```json\n{comma}\n```"),
        format!("<think>{{\"summary\": \"no\"}}</think>\n{good}"),
        good.replace('"', "'"),
        good.replace("A small file.", "A small\nfile.") + "\nHope that helps.",
        good.replace("null", "None"),
    ] {
        let reply = answer(CHAT, &text);
        let server = Server::start(move |_| reply.clone());
        let repo = files(1, &server);
        assert_eq!(repo.analyze(&[]).words(), "1 analyzed", "{text}");
        assert_eq!(server.received().len(), 1, "{text}");
    }
}

#[test]
fn what_failed_twice_in_the_same_way_is_not_paid_for_again_unless_it_is_asked_for() {
    let server = Server::start(|received| {
        if received.bytes.windows(7).any(|w| w == b"fn odd1") {
            answer(CHAT, "{}")
        } else {
            answer(CHAT, &analysis())
        }
    });
    let repo = files(2, &server);
    let run = |arguments: &[&str]| {
        let before = server.received().len();
        let output = repo.run(&[&["analyze", "--output", "json"], arguments].concat());
        let report = Report::of(&output);
        (report, server.received().len() - before, output)
    };
    let sent = |arguments: &[&str]| run(arguments).1;
    assert_eq!((sent(&[]), sent(&[])), (3, 2));
    let (report, requests, output) = run(&[]);
    assert_eq!((requests, output.code), (0, Some(3)));
    assert_eq!(report.words(), "1 cached, 1 failed");
    let line = report.lines().pop().unwrap();
    assert!(line.contains("failed twice in the same way"), "{line}");
    assert!(
        line.contains("invalid answer") && line.contains("--refresh"),
        "{line}"
    );
    // A dry run foresees it, and needs no key.
    let foreseen = repo.run(&["analyze", "-n"]);
    assert!(
        !foreseen.stderr.contains("1 request"),
        "{}",
        foreseen.stderr
    );
    // A list that a program makes is no wish.
    repo.write("list", "f001.rs\n");
    assert_eq!(sent(&["--files-from", "list"]), 0);
    assert_eq!(sent(&["f001.rs"]), 2);
    assert_eq!(sent(&["--refresh"]), 3);
    assert_eq!(sent(&["--no-cache"]), 3);
    // Another question, and another text.
    assert_eq!(sent(&["-k", "todos", "f000.rs", "f001.rs"]), 3);
    repo.write("f001.rs", "fn other() {}\n");
    assert_eq!(run(&[]).0.words(), "1 cached, 1 analyzed");
}

#[test]
fn a_few_failures_of_the_same_kind_in_a_row_end_the_run() {
    let closed = json!({"error": {"message": "closed for today"}});
    let mut declined = body(CHAT, "");
    declined["choices"][0]["message"]["refusal"] = json!("I will not.");
    for (reply, why, most) in [
        (answer(CHAT, "{}"), "invalid answer", 40),
        // Those under way have their attempts: 200 it would be.
        (Canned::json(503, &closed), "closed for today", 100),
        (Canned::json(200, &declined), "I will not.", 20),
    ] {
        let server = Server::start(move |_| reply.clone());
        let repo = files(40, &server);
        let output = repo.run(&["analyze", "--output", "json"]);
        assert_eq!(output.code, Some(3), "{}", output.stderr);
        assert!(
            output
                .stderr
                .contains("5 requests in a row failed in the same way"),
            "{}",
            output.stderr
        );
        assert!(output.stderr.contains(why), "{}", output.stderr);
        let asked = server.received().len();
        assert!(asked <= most, "{why}: {asked}");
        assert!(Report::of(&output).count("missing") >= 25, "{why}");
    }
    // One answer in between, and it is no row.
    let server = Server::start(|received| match received.nth % 6 {
        0 => answer(CHAT, &analysis()),
        _ => answer(CHAT, "{}"),
    });
    let repo = files(12, &server);
    let output = repo.run(&["analyze", "-j", "1", "--output", "json"]);
    assert_eq!(Report::of(&output).count("missing"), 0, "{}", output.stderr);
}
