//! Servers that are reached or asked in a manner of their own: names, headers, addresses, roles.

use serde_json::json;

use crate::support::Repo;
use crate::support::model::{KEY, analysis, answer};
use crate::support::server::{Canned, Received, Server};

const CHAT: &str = "openai-chat";

fn one(server: &Server, protocol: &str) -> Repo {
    let mut repo = Repo::new();
    repo.ask(server, protocol);
    repo.write("a.rs", "fn odd() {}\n");
    repo.commit("one");
    repo
}

fn server() -> Server {
    Server::start(|_| answer(CHAT, &analysis()))
}

fn global(repo: &Repo, key: &str, value: &str) {
    repo.git(&["config", "--global", "--add", key, value]);
}

#[test]
fn names_of_providers_have_capitals_and_underscores() {
    let server = server();
    let repo = one(&server, CHAT);
    for name in ["LiteLLM", "my_proxy"] {
        let url = format!("{}/v1", server.url());
        global(&repo, &format!("rustassistant-provider.{name}.url"), &url);
        global(&repo, &format!("rustassistant-provider.{name}.keyEnv"), "");
        let report = repo.analyze(&["--provider", name, "--model", "m"]);
        assert_eq!(report.words(), "1 analyzed");
        let again = repo.analyze(&["--provider", name, "--model", "m"]);
        assert_eq!(again.words(), "1 cached");
        assert_eq!(again.rows()[0]["analyzer"], format!("{name}/m"));
    }
}

#[test]
fn a_provider_that_is_wrong_disables_nothing_but_itself() {
    let server = server();
    let repo = one(&server, CHAT);
    for (key, value) in [
        ("rustassistant-provider.a b.url", "https://x.example"),
        ("rustassistant-provider.half.model", "m"),
        ("rustassistant-provider.slow.timeout", "soon"),
        ("rustassistant-provider.slow.url", "https://x.example"),
        ("rustassistant-model.dear.inputPrice", "much"),
    ] {
        global(&repo, key, value);
    }
    let output = repo.run(&["todos", "--provider", "local"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    for named in [
        "'https://x.example' as rustassistant-provider.a b.url",
        "slow.timeout",
        "dear.inputPrice",
    ] {
        assert!(output.stderr.contains(named), "{named}: {}", output.stderr);
    }
    assert_eq!(repo.run(&["analyze"]).code, Some(0));
    for (arguments, why) in [
        (&["--provider", "a b"][..], "invalid provider name"),
        (&["--provider", "half"], "has no url"),
        (&["--provider", "slow", "--model", "m"], "slow.timeout"),
        (&["--model", "dear"], "dear.inputPrice"),
    ] {
        let output = repo.run(&[&["analyze"], arguments].concat());
        assert_eq!(output.code, Some(2), "{arguments:?} {output:?}");
        assert!(output.stderr.contains(why), "{why}: {}", output.stderr);
        assert!(output.stderr.contains("hint: "), "{}", output.stderr);
    }
}

#[test]
fn an_open_line_is_for_private_networks_and_for_who_says_so() {
    let server = server();
    let repo = one(&server, CHAT);
    let run = |url: &str| {
        repo.git(&["config", "--global", "rustassistant-provider.test.url", url]);
        repo.git(&[
            "config",
            "--global",
            "rustassistant-provider.test.timeout",
            "1ms",
        ]);
        repo.run(&["analyze"])
    };
    for url in [
        "http://ollama:11434",
        "http://10.1.2.3/v1",
        "http://172.20.0.1/v1",
        "http://192.168.1.9:8080/v1",
        "http://100.64.0.7/v1",
        "http://[fd00::1]/v1",
        "http://box.local/v1",
    ] {
        let refused = run(url);
        assert_eq!(refused.code, Some(2), "{url}");
        let hint = "git config --global rustassistant-provider.test.allowHttp true";
        assert!(refused.stderr.contains(hint), "{url}: {}", refused.stderr);
    }
    // The repository does not open the line.
    repo.git(&["config", "rustassistant-provider.test.allowHttp", "true"]);
    repo.write(
        ".rustassistantconfig",
        "[rustassistant-provider \"test\"]\n\tallowHttp = true\n",
    );
    assert_eq!(run("http://10.1.2.3/v1").code, Some(2));
    repo.git(&["config", "--unset", "rustassistant-provider.test.allowHttp"]);
    global(&repo, "rustassistant-provider.test.allowHttp", "true");
    for url in [
        "http://8.8.8.8/v1",
        "http://llm.example.com/v1",
        "http://172.32.0.1/v1",
        "http://100.128.0.1/v1",
        "http://169.254.169.254/v1",
    ] {
        let refused = run(url);
        assert_eq!(refused.code, Some(2), "{url}");
        assert!(!refused.stderr.contains("allowHttp true"), "{url}");
    }
}

#[test]
fn own_headers_are_sent_and_what_their_variables_hold_is_not_shown() {
    const TOKEN: &str = "team-0123456789-secret";
    let server = Server::start(|received: &Received| {
        let echo = received.header("x-team").unwrap_or_default();
        Canned::json(500, &json!({"error": {"message": format!("no: {echo}")}}))
    });
    let mut repo = one(&server, CHAT);
    global(
        &repo,
        "rustassistant-provider.test.header",
        "X-Dropped: yes",
    );
    global(&repo, "rustassistant-provider.test.header", "");
    global(
        &repo,
        "rustassistant-provider.test.header",
        "X-Team: a-${TEAM_TOKEN}-b",
    );
    global(
        &repo,
        "rustassistant-provider.test.header",
        "X-Plain: costs $$5",
    );
    repo.git(&[
        "config",
        "--local",
        "rustassistant-provider.test.header",
        "X-Evil: 1",
    ]);
    let missing = repo.run(&["analyze"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
    assert!(
        missing.stderr.contains("TEAM_TOKEN is not set"),
        "{}",
        missing.stderr
    );
    repo.set("TEAM_TOKEN", TOKEN);
    let output = repo.run(&["analyze", "-v", "--output", "json"]);
    let received = server.received().remove(0);
    assert_eq!(
        received.header("x-team"),
        Some("a-team-0123456789-secret-b")
    );
    assert_eq!(received.header("x-plain"), Some("costs $5"));
    assert_eq!(
        (received.header("x-dropped"), received.header("x-evil")),
        (None, None)
    );
    let bearer = format!("Bearer {KEY}");
    assert_eq!(received.header("authorization"), Some(bearer.as_str()));
    assert!(!format!("{output:?}").contains(TOKEN), "{output:?}");
    // What the connection says itself is nobody's to change.
    global(
        &repo,
        "rustassistant-provider.test.header",
        "Host: evil.example",
    );
    assert_eq!(repo.run(&["analyze"]).code, Some(2));
}

#[test]
fn azures_documented_address_and_header_work() {
    let server = server();
    let repo = one(&server, CHAT);
    let place = "/openai/deployments/gpt/chat/completions?api-version=2024-10-21";
    for url in [
        format!("{}{place}", server.url()),
        format!(
            "{}/openai/deployments/gpt?api-version=2024-10-21",
            server.url()
        ),
    ] {
        repo.git(&[
            "config",
            "--global",
            "rustassistant-provider.test.url",
            &url,
        ]);
        repo.git(&[
            "config",
            "--global",
            "rustassistant-provider.test.keyHeader",
            "api-key",
        ]);
        assert_eq!(repo.analyze(&["--refresh"]).words(), "1 analyzed");
        let received = server.received().pop().unwrap();
        assert_eq!(received.path, place);
        assert_eq!(received.header("api-key"), Some(KEY));
        assert_eq!(received.header("authorization"), None);
    }
}

#[test]
fn a_model_without_a_systems_part_is_told_in_the_users_turn() {
    for (protocol, status) in [(CHAT, 400), (CHAT, 500), ("ollama", 400)] {
        let server = Server::start(move |received: &Received| {
            if received.body["messages"][0]["role"] == "system" {
                Canned::json(
                    status,
                    &json!({"error": {"message": "System role not supported"}}),
                )
            } else {
                answer(protocol, &analysis())
            }
        });
        let repo = one(&server, protocol);
        repo.write("b.rs", "fn even() {}\n");
        repo.commit("two");
        assert_eq!(
            repo.analyze(&[]).words(),
            "2 analyzed",
            "{protocol} {status}"
        );
        let received = server.received();
        assert!(received.len() <= 4, "{protocol}: {}", received.len());
        let last = &received.last().unwrap().body["messages"];
        assert_eq!(last.as_array().unwrap().len(), 1);
        let said = last[0]["content"].as_str().unwrap();
        assert!(
            said.contains("## The text is data") && said.contains("fn "),
            "{said}"
        );
    }
}

/// A server with a list of models that refuses what `refuses` finds in a question, and streams if it
/// is to.
fn picky(refuses: fn(&serde_json::Value) -> Option<&'static str>) -> Server {
    Server::start(move |received: &Received| {
        if received.method == "GET" {
            return Canned::json(200, &json!({"data": [{"id": "test-model"}]}));
        }
        if let Some(why) = refuses(&received.body) {
            return Canned::json(400, &json!({"error": {"message": why}}));
        }
        if received.body["stream"] == true {
            let event = json!({"choices": [{"index": 0, "delta": {"content": analysis()}}]});
            let usage =
                json!({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 5}});
            let body = format!("data: {event}\n\ndata: {usage}\n\ndata: [DONE]\n\n");
            return Canned::new(200, body).header("content-type", "text/event-stream");
        }
        answer(CHAT, &analysis())
    })
}

fn without_system(body: &serde_json::Value) -> Option<&'static str> {
    (body["messages"][0]["role"] == "system").then_some("System role not supported")
}

fn streaming(body: &serde_json::Value) -> Option<&'static str> {
    (body["stream"] != true).then_some("Stream must be set to true")
}

fn without_schema(body: &serde_json::Value) -> Option<&'static str> {
    (body["response_format"]["type"] == "json_schema")
        .then_some("response_format json_schema is not supported")
}

fn questions(server: &Server) -> usize {
    let received = server.received();
    received
        .iter()
        .filter(|received| received.method == "POST")
        .count()
}

#[test]
fn what_a_server_does_not_know_is_refused_once_and_not_once_a_run() {
    for refuses in [without_system, streaming, without_schema] {
        let server = picky(refuses);
        let mut repo = one(&server, CHAT);
        for (asked, name) in [(2, "a.rs"), (3, "b.rs"), (4, "c.rs")] {
            repo.write(name, format!("fn of_{}() {{}}\n", name.len() + asked));
            repo.git(&["add", "--all"]);
            assert_eq!(repo.analyze(&[name]).words(), "1 analyzed");
            assert_eq!(questions(&server), asked);
        }
        let doctor = repo.run(&["doctor"]);
        assert_eq!(doctor.code, Some(0), "{doctor:?}");
        assert_eq!(questions(&server), 4, "nothing is asked without a word");
        assert!(
            ["no system role", "streaming only", "no schema"]
                .iter()
                .any(|lacks| doctor.stdout.contains(lacks)),
            "{doctor:?}"
        );
        // Another server of that name knows nothing of it.
        let other = picky(|_| None);
        repo.ask(&other, CHAT);
        repo.write("d.rs", "fn d() {}\n");
        repo.git(&["add", "--all"]);
        assert_eq!(repo.analyze(&["d.rs"]).words(), "1 analyzed");
        let body = &other.received()[0].body;
        assert_eq!(body["messages"][0]["role"], "system");
        assert_eq!(body["response_format"]["type"], "json_schema");
        assert_ne!(body["stream"], true);
    }
}

#[test]
fn doctor_asks_as_a_run_would_if_it_is_told_to_and_says_what_it_finds() {
    for (refuses, lacks) in [
        (
            without_system as fn(&serde_json::Value) -> _,
            "; no system role: the instructions",
        ),
        (streaming, "; streaming only"),
        (without_schema, "; no schema: asked for any JSON object"),
    ] {
        let server = picky(refuses);
        let repo = one(&server, CHAT);
        let without = repo.run(&["doctor"]);
        assert_eq!(
            (without.code, questions(&server)),
            (Some(0), 0),
            "{without:?}"
        );
        let doctor = repo.run(&["doctor", "--ask"]);
        assert_eq!(doctor.code, Some(0), "{doctor:?}");
        let line = doctor.stdout.lines().last().unwrap();
        assert!(
            line.starts_with("ok     question  valid answer"),
            "{doctor:?}"
        );
        assert!(line.contains(lacks), "{doctor:?}");
        let asked = server.received().pop().unwrap();
        assert!(asked.body["max_tokens"].as_u64() <= Some(128), "{asked:?}");
        assert!(asked.body.to_string().len() < 4_000, "{asked:?}");
        assert!(
            !asked.body.to_string().contains("odd"),
            "no code of the repository"
        );
        // A run knows it by then.
        assert_eq!(repo.analyze(&[]).words(), "1 analyzed");
        assert_eq!(questions(&server), 3);
    }
}

#[test]
fn doctor_says_why_a_run_would_have_no_answer() {
    let refusing = picky(|_| Some("this model is not for chat"));
    let repo = one(&refusing, CHAT);
    let doctor = repo.run(&["doctor", "--ask"]);
    assert_eq!(doctor.code, Some(3), "{doctor:?}");
    assert!(doctor.stdout.contains("ok     endpoint"), "{doctor:?}");
    assert!(doctor.stdout.contains("wrong  question  "), "{doctor:?}");
    assert!(
        doctor.stdout.contains("this model is not for chat"),
        "{doctor:?}"
    );
    let chatting = Server::start(|received| match received.method.as_str() {
        "GET" => Canned::json(200, &json!({"data": [{"id": "test-model"}]})),
        _ => answer(CHAT, "How can I help you?"),
    });
    let repo = one(&chatting, CHAT);
    let doctor = repo.run(&["doctor", "--ask"]);
    assert_eq!(doctor.code, Some(3), "{doctor:?}");
    assert!(doctor.stdout.contains("answer is invalid"), "{doctor:?}");
    assert!(
        doctor.stdout.contains("git rustassistant models"),
        "{doctor:?}"
    );
}

#[test]
fn a_repair_turn_of_responses_is_an_item_of_its_type() {
    const RESPONSES: &str = "openai-responses";
    let server = Server::start(|received: &Received| {
        let input = &received.body["input"];
        match (
            input.as_array().unwrap().len(),
            input[1]["type"] == "message",
        ) {
            (1, _) => answer(RESPONSES, "{}"),
            (_, true) => answer(RESPONSES, &analysis()),
            (_, false) => {
                let message = "Cannot determine type of 'item'";
                Canned::json(400, &json!({"error": {"message": message, "code": 400}}))
            }
        }
    });
    let repo = one(&server, RESPONSES);
    assert_eq!(repo.analyze(&[]).words(), "1 analyzed");
    assert_eq!(server.received().len(), 3);
    let input = &server.received()[2].body["input"];
    assert_eq!(
        input[1],
        json!({"type": "message", "role": "assistant",
            "content": [{"type": "output_text", "text": "{}"}]})
    );
}

#[test]
fn a_server_that_only_streams_is_asked_for_a_stream() {
    let server = Server::start(|received: &Received| {
        if received.body["stream"] != true {
            return Canned::json(
                400,
                &json!({"error": {"message": "Stream must be set to true"}}),
            );
        }
        let text = analysis();
        let (first, second) = text.split_at(text.len() / 2);
        let event = |delta: &str| json!({"choices": [{"index": 0, "delta": {"content": delta}}]});
        let last =
            json!({"choices": [], "usage": {"prompt_tokens": 1000, "completion_tokens": 50}});
        let body = format!(
            "data: {}\n\ndata: {}\n\ndata: {last}\n\ndata: [DONE]\n\n",
            event(first),
            event(second)
        );
        Canned::new(200, body).header("content-type", "text/event-stream")
    });
    let repo = one(&server, CHAT);
    let report = repo.analyze(&[]);
    assert_eq!(report.words(), "1 analyzed");
    assert_eq!(report.0["summary"]["tokens"]["output"], 50);
    assert_eq!(server.received().len(), 2);
    assert_eq!(
        server.received()[1].body["stream_options"]["include_usage"],
        true
    );
}

#[test]
fn gits_proxy_and_certificates_are_used_where_the_user_sets_them() {
    let proxy = Server::start(|_| Canned::new(502, "no way"));
    let repo = one(&proxy, CHAT);
    global(
        &repo,
        "rustassistant-provider.far.url",
        "https://llm.example/v1",
    );
    global(&repo, "rustassistant-provider.far.keyEnv", "TEST_API_KEY");
    global(&repo, "rustassistant-provider.far.model", "m");
    global(&repo, "rustassistant-provider.far.retryDelay", "1ms");
    global(&repo, "rustassistant-provider.far.timeout", "2s");
    let asked = |repo: &Repo| {
        let before = proxy.received().len();
        let output = repo.run(&["analyze", "--provider", "far"]);
        assert!(!format!("{output:?}").contains("s3cret"), "{output:?}");
        let received = proxy.received();
        received
            .get(before)
            .map(|received| format!("{} {}", received.method, received.path))
    };
    let address = proxy.url().replace("http://", "http://me:s3cret@");
    repo.git(&["config", "--local", "http.proxy", &address]);
    assert_eq!(asked(&repo), None, "a repository chooses no proxy");
    repo.git(&["config", "--local", "--unset", "http.proxy"]);
    global(&repo, "http.https://llm.example.proxy", &address);
    assert_eq!(asked(&repo).as_deref(), Some("CONNECT llm.example:443"));
    global(&repo, "http.sslCAInfo", "/none/ca.pem");
    let output = repo.run(&["analyze", "--provider", "far"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("cannot read /none/ca.pem"),
        "{}",
        output.stderr
    );
    // This machine is asked without either.
    assert_eq!(repo.run(&["analyze", "-n"]).code, Some(0));
}
