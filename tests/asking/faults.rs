//! Everything that can go wrong between a question and its answer: the right status, reason, exit
//! code and number of requests, and nothing in the store that is no answer.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::model::{PROTOCOLS, analysis, answer, body, finding};
use crate::support::server::{Canned, Received, Server};
use crate::support::{Repo, Report};

const CHAT: &str = "openai-chat";

/// What a run over one file leaves.
struct Ran {
    code: Option<i32>,
    /// The one row: `status` or `status: reason`.
    row: String,
    said: String,
    received: Vec<Received>,
    report: Report,
}

/// Asks about one file; the server replies in turn, the last reply for ever.
fn ran(protocol: &str, replies: Vec<Canned>) -> Ran {
    let server = Server::in_turn(replies);
    let mut repo = Repo::new();
    repo.ask(&server, protocol);
    repo.git(&[
        "config",
        "--global",
        "rustassistant-provider.test.timeout",
        "1500ms",
    ]);
    repo.write("a.rs", "//! A.\n\nfn odd() -> u8 { 7 }\n");
    repo.commit("one");
    let output = repo.run(&["analyze", "--output", "json"]);
    let report = Report::of(&output);
    let row = report.lines().remove(0).replace("a.rs: ", "");
    let kept = repo.run(&["analyze", "--cached", "--output", "json"]);
    let is_kept = Report::of(&kept).words() == "1 cached";
    assert_eq!(
        is_kept,
        row == "analyzed",
        "what is no answer is not stored: {row}"
    );
    assert!(
        repo.leftovers().is_empty() || !is_kept,
        "{:?}",
        repo.leftovers()
    );
    Ran {
        code: output.code,
        row,
        said: output.stderr,
        received: server.received(),
        report,
    }
}

fn ok(protocol: &str) -> Canned {
    answer(protocol, &analysis())
}

fn error(status: u16, body: Value) -> Canned {
    Canned::json(status, &body)
}

#[test]
fn a_key_or_a_purse_that_is_refused_ends_the_run_at_once_and_names_the_variable() {
    let openai = |kind: &str, code: &str| json!({"error": {"message": "no", "type": kind, "param": null, "code": code}});
    let xai = |text: &str| json!({"code": "The caller may not", "error": text});
    let anthropic = |kind: &str| json!({"type": "error", "error": {"type": kind, "message": "no"}});
    for (protocol, reply) in [
        (
            CHAT,
            error(401, openai("invalid_request_error", "invalid_api_key")),
        ),
        (CHAT, error(400, xai("Incorrect API key provided: sk-***."))),
        (
            CHAT,
            error(403, xai("Your team has used all available credits.")),
        ),
        (
            CHAT,
            error(429, openai("insufficient_quota", "insufficient_quota")),
        ),
        ("anthropic", error(401, anthropic("authentication_error"))),
        ("anthropic", error(402, anthropic("billing_error"))),
        ("openai-responses", error(403, xai("no permission"))),
        (
            "openai-responses",
            error(400, xai("Incorrect API key provided: sk-***.")),
        ),
        (
            "openai-responses",
            error(429, xai("Your team has used all available credits.")),
        ),
        (
            "openai-responses",
            error(401, openai("invalid_request_error", "invalid_api_key")),
        ),
        ("ollama", error(401, json!({"error": "unauthorized"}))),
    ] {
        let shown = format!("{reply:?}");
        let ran = ran(protocol, vec![reply]);
        assert_eq!(ran.received.len(), 1, "{shown}");
        assert_eq!(ran.code, Some(3), "{shown}");
        assert!(ran.row.starts_with("missing: "), "{}", ran.row);
        assert!(ran.row.contains("TEST_API_KEY"), "{}", ran.row);
        assert!(ran.said.contains("TEST_API_KEY"), "{}", ran.said);
        assert!(ran.report.0["summary"]["stopped"].is_string());
    }
}

/// An error as the protocol's servers write it.
fn trouble(protocol: &str, kind: &str, text: &str) -> Value {
    match protocol {
        "anthropic" => json!({"type": "error", "error": {"type": kind, "message": text}}),
        "ollama" => json!({"error": text}),
        _ => json!({"error": {"message": text, "type": kind, "code": kind}}),
    }
}

#[test]
fn what_passes_is_waited_for_and_asked_again_in_every_protocol() {
    for protocol in PROTOCOLS {
        let busy = |name: &str, value: &str| {
            let body = trouble(protocol, "rate_limit_error", "slow down");
            error(429, body).header(name, value)
        };
        let long_ago = busy("retry-after", "Thu, 01 Jan 2026 00:00:01 GMT");
        let down = trouble(protocol, "server_error", "oops");
        for (name, reply) in [
            ("milliseconds", busy("retry-after-ms", "30")),
            ("seconds", busy("retry-after", "1")),
            (
                "a date",
                long_ago.header("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ),
            ("no advice", busy("x-other", "1")),
            ("500", error(500, down.clone())),
            ("500 in HTML", Canned::new(500, "<html>oops</html>")),
            (
                "529",
                error(529, trouble(protocol, "overloaded_error", "busy")),
            ),
            ("reset", ok(protocol).cut_after(40)),
            ("no answer", Canned::silence()),
            ("drip", ok(protocol).dripping(Duration::from_secs(2))),
            ("no JSON", Canned::new(200, "<html>hello</html>")),
            ("half JSON", Canned::new(200, "{\"choices\": [")),
        ] {
            let ran = ran(protocol, vec![reply, ok(protocol)]);
            let name = format!("{protocol}, {name}: {}", ran.said);
            assert_eq!(
                (ran.code, ran.row.as_str()),
                (Some(0), "analyzed"),
                "{name}"
            );
            assert_eq!(ran.received.len(), 2, "{name}");
            assert_eq!(ran.report.count("requests"), 2, "{name}");
            assert_eq!(ran.report.0["summary"]["tokens"]["input"], 1000, "{name}");
        }
    }
}

#[test]
fn what_does_not_pass_is_asked_five_times_and_then_failed() {
    let ran = ran(
        CHAT,
        vec![error(
            503,
            json!({"error": {"message": "closed for today"}}),
        )],
    );
    assert_eq!((ran.code, ran.received.len()), (Some(3), 5));
    assert!(
        ran.row.contains("failed: ") && ran.row.contains("closed for today"),
        "{}",
        ran.row
    );
    assert!(ran.row.contains("5 times"), "{}", ran.row);
}

#[test]
fn a_provider_that_asks_for_an_hour_is_not_waited_for() {
    let reply = error(429, json!({"error": {"message": "later"}})).header("retry-after", "3600");
    let ran = ran(CHAT, vec![reply]);
    assert_eq!((ran.code, ran.received.len()), (Some(3), 1));
    assert!(ran.row.contains("3600 seconds"), "{}", ran.row);
}

#[test]
fn an_answer_that_cannot_be_used_is_repaired_once() {
    let texts = [
        "",
        "   \n",
        "{\"summary\": 1}",
        "I would rather not say.",
        "null",
    ];
    let each = PROTOCOLS.into_iter().map(|protocol| (protocol, texts[2]));
    let chat = texts.into_iter().map(|text| (CHAT, text));
    for (protocol, text) in each.chain(chat) {
        let ran = ran(protocol, vec![answer(protocol, text), ok(protocol)]);
        let name = format!("{protocol}, {text:?}");
        assert_eq!(
            (ran.code, ran.row.as_str()),
            (Some(0), "analyzed"),
            "{name}"
        );
        assert_eq!(ran.received.len(), 2, "{name}");
        assert_ne!(ran.received[0].body, ran.received[1].body, "{name}");
        // Both were paid for.
        assert_eq!(
            ran.report.rows()[0]["usage"]["tokens"]["input"],
            2000,
            "{name}"
        );
    }
    let ran = ran(CHAT, vec![answer(CHAT, "{}")]);
    assert_eq!((ran.code, ran.received.len()), (Some(3), 2));
    assert!(ran.row.contains("invalid answer"), "{}", ran.row);
}

#[test]
fn prose_around_an_answer_is_no_fault() {
    let text = format!(
        "Here you are:\n```json\n{}\n```\nAnything else?",
        analysis()
    );
    for protocol in PROTOCOLS {
        let ran = ran(protocol, vec![answer(protocol, &text)]);
        assert_eq!((ran.row.as_str(), ran.received.len()), ("analyzed", 1));
    }
}

#[test]
fn a_refusal_is_a_failure_and_what_it_took_is_counted() {
    let mut refused = body(CHAT, "");
    refused["choices"][0]["message"]["refusal"] = json!("I will not.");
    let mut filtered = body(CHAT, "{");
    filtered["choices"][0]["finish_reason"] = json!("content_filter");
    let mut declined = body("anthropic", "");
    declined["stop_reason"] = json!("refusal");
    const RESPONSES: &str = "openai-responses";
    let mut unwilling = body(RESPONSES, "");
    unwilling["output"][1]["content"][0] = json!({"type": "refusal", "refusal": "I will not."});
    let mut withheld = body(RESPONSES, "{");
    withheld["status"] = json!("incomplete");
    withheld["incomplete_details"] = json!({"reason": "content_filter"});
    let policy = json!({"error": {"message": "no", "code": "content_policy_violation"}});
    for (protocol, reply, tokens) in [
        (CHAT, error(200, refused), 1000),
        (CHAT, error(200, filtered), 1000),
        ("anthropic", error(200, declined), 1000),
        (RESPONSES, error(200, unwilling), 1000),
        (RESPONSES, error(200, withheld), 1000),
        (CHAT, error(400, policy), 0),
    ] {
        let ran = ran(protocol, vec![reply]);
        assert_eq!((ran.code, ran.received.len()), (Some(3), 1), "{}", ran.row);
        assert!(ran.row.starts_with("failed: "), "{}", ran.row);
        assert_eq!(
            ran.report.0["summary"]["tokens"]["input"], tokens,
            "{}",
            ran.row
        );
    }
}

#[test]
fn an_answer_that_was_cut_off_is_asked_for_once_more_with_twice_the_room() {
    let cut = |protocol: &str| {
        let mut cut = body(protocol, "{\"summ");
        match protocol {
            "anthropic" => cut["stop_reason"] = json!("max_tokens"),
            "ollama" => cut["done_reason"] = json!("length"),
            "openai-responses" => {
                cut["status"] = json!("incomplete");
                cut["incomplete_details"] = json!({"reason": "max_output_tokens"});
            }
            _ => cut["choices"][0]["finish_reason"] = json!("length"),
        }
        error(200, cut)
    };
    for protocol in PROTOCOLS {
        let ran = ran(protocol, vec![cut(protocol), ok(protocol)]);
        assert_eq!(
            (ran.code, ran.received.len()),
            (Some(0), 2),
            "{protocol}: {}",
            ran.row
        );
        let room = |number: usize| {
            let body = &ran.received[number].body;
            let names = ["max_tokens", "max_output_tokens", "max_completion_tokens"];
            let top = names.iter().find_map(|name| body[name].as_u64());
            top.or(body["options"]["num_predict"].as_u64()).unwrap()
        };
        assert_eq!(room(1), 2 * room(0), "{protocol}");
    }
    let ran = ran(CHAT, vec![cut(CHAT)]);
    assert_eq!((ran.code, ran.received.len()), (Some(3), 2));
    assert!(ran.row.starts_with("failed: "), "{}", ran.row);
}

#[test]
fn a_question_that_is_too_long_and_cannot_be_parted_is_not_asked_again() {
    let openai = json!({"error": {"message": "too long", "type": "invalid_request_error",
        "param": "messages", "code": "context_length_exceeded"}});
    let anthropic = "prompt is too long: 210000 tokens > 200000 maximum";
    let ollama = "the input length exceeds the context length";
    for (protocol, body) in [
        (CHAT, openai.clone()),
        ("openai-responses", openai),
        (
            "anthropic",
            trouble("anthropic", "invalid_request_error", anthropic),
        ),
        ("ollama", trouble("ollama", "", ollama)),
    ] {
        let ran = ran(protocol, vec![error(400, body)]);
        assert_eq!((ran.code, ran.received.len()), (Some(3), 1), "{protocol}");
        assert!(ran.row.starts_with("failed: "), "{protocol}: {}", ran.row);
    }
}

#[test]
fn a_line_that_is_not_in_the_file_is_no_finding() {
    let ran = ran(CHAT, vec![answer(CHAT, &finding("fn invented() {}"))]);
    assert_eq!((ran.code, ran.row.as_str()), (Some(0), "analyzed"));
    assert_eq!(ran.report.0["findings"], json!([]));
}

#[test]
fn what_a_model_says_gives_no_orders_to_a_terminal_or_a_build() {
    let text = finding("fn odd() -> u8 { 7 }").replace(
        "It is odd because",
        "\\u001b[2J\\n::error file=a.rs::owned\\n##[error]x \\u202e",
    );
    let server = Server::start(move |_| answer(CHAT, &text));
    let mut repo = Repo::new();
    repo.ask(&server, CHAT);
    repo.write("a.rs", "fn odd() -> u8 { 7 }\n");
    repo.commit("one");
    for format in ["text", "concise", "markdown", "github", "json"] {
        let output = repo.run(&["analyze", "--output", format]);
        let shown = output.stdout + &output.stderr;
        assert!(shown.contains("odd"), "{shown}");
        assert!(
            !shown.contains(['\u{1b}', '\u{202e}']),
            "{format}: {shown:?}"
        );
        let orders = shown
            .lines()
            .filter(|line| line.contains("::error file=a.rs::owned"));
        assert!(
            orders
                .clone()
                .all(|line| !line.trim_start().starts_with("::error file=a.rs::owned")),
            "{format}: {shown}"
        );
    }
}

/// It fills the schema, and says that there is nothing to find.
#[test]
fn a_refusal_in_the_words_of_an_answer_is_none() {
    let refusal = analysis().replace(
        "A small file.",
        "I\u{2019}m sorry, but I can\u{2019}t assist with that request.",
    );
    let server = Server::start(move |_| answer("openai-chat", &refusal));
    let mut repo = Repo::new();
    repo.ask(&server, "openai-chat");
    repo.write("a.rs", "fn f() {}\n");
    repo.commit("one");
    for nth in 1..=2 {
        let output = repo.run(&["analyze", "--output", "json"]);
        assert_eq!(output.code, Some(3), "{}", output.stderr);
        let row = Report::of(&output).lines().remove(0);
        assert!(row.contains("The model declines: "), "{row}");
        assert_eq!(server.received().len(), nth);
    }
}
