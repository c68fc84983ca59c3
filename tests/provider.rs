//! Whole exchanges of the provider room with a server that answers from a script: what is sent,
//! what is bounded, what is kept secret. What the bytes mean is tested in src/provider/wire.

use std::sync::Arc;
use std::time::Duration;

use rustassistant::provider::{Class, Client, Endpoint, Failure, Key, Protocol, Reply, Request};
use serde_json::{Value, json};

use crate::support::server::{Canned, Server};

const KEY: &str = "xai-0123456789abcdef";

fn request() -> Request {
    Request {
        model: "m-1".to_owned(),
        system: "You review code.".to_owned(),
        user: "fn main() {}".to_owned(),
        schema: Arc::new(json!({"type": "object"})),
        schema_name: "findings".to_owned(),
        max_output_tokens: 4096,
        context_window: None,
        parameters: Default::default(),
        repair: None,
    }
}

fn client(server: &Server, protocol: Protocol) -> Client {
    let mut endpoint = Endpoint::new("team", &format!("{}/v1/", server.url()), protocol);
    endpoint.timeout = Duration::from_secs(60);
    Client::new(endpoint, Some(Key::new(KEY))).unwrap()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

fn ask(server: &Server, protocol: Protocol) -> Result<Reply, Failure> {
    wait(client(server, protocol).ask(&request()))
}

/// An answer of the least that each protocol says.
fn answer(protocol: Protocol) -> Value {
    match protocol {
        Protocol::Chat => json!({"choices": [{"message": {"content": "{}"}}]}),
        Protocol::Responses => json!({"status": "completed", "output": [
            {"type": "message", "content": [{"type": "output_text", "text": "{}"}]}]}),
        Protocol::Anthropic => json!({"content": [{"type": "text", "text": "{}"}]}),
        Protocol::Ollama => json!({"message": {"content": "{}"}}),
    }
}

#[test]
fn every_protocol_asks_at_its_own_place_and_shows_the_key_once() {
    let places = [
        "/v1/chat/completions",
        "/v1/responses",
        "/v1/messages",
        "/v1/api/chat",
    ];
    for (protocol, place) in Protocol::ALL.into_iter().zip(places) {
        let server = Server::in_turn(vec![Canned::json(200, &answer(protocol))]);
        assert_eq!(ask(&server, protocol).unwrap().text, "{}");
        let received = server.received();
        let [only] = received.as_slice() else {
            panic!("{received:?}")
        };
        assert_eq!((only.method.as_str(), only.path.as_str()), ("POST", place));
        assert_eq!(only.body["model"], "m-1");
        let agent = only.header("user-agent").unwrap();
        assert!(agent.starts_with("git-rustassistant/"), "{agent}");
        let (key, version) = (only.header("x-api-key"), only.header("anthropic-version"));
        match protocol {
            Protocol::Anthropic => assert_eq!((key, version), (Some(KEY), Some("2023-06-01"))),
            _ => {
                let bearer = format!("Bearer {KEY}");
                assert_eq!(only.header("authorization"), Some(bearer.as_str()));
            }
        }
        assert!(!only.body.to_string().contains(KEY));
    }
}

#[test]
fn the_key_is_taken_out_of_whatever_a_server_echoes() {
    let echo = json!({"error": {"message": format!("bad key {KEY}"), "code": KEY}});
    let server = Server::in_turn(vec![
        Canned::json(401, &echo),
        Canned::json(
            200,
            &json!({"choices": [{"message": {"content": KEY}}], "usage": {KEY: KEY}}),
        )
        .header("x-request-id", KEY),
    ]);
    let client = client(&server, Protocol::Chat);
    let failure = wait(client.ask(&request())).unwrap_err();
    assert_eq!(failure.message, "HTTP 401: bad key [key]");
    let reply = wait(client.ask(&request())).unwrap();
    let shown = format!("{failure:?} {reply:?} {client:?}");
    assert!(!shown.contains(KEY), "{shown}");
    assert_eq!(reply.text, "[key]");
    // An answer is JSON in JSON: escaped within, it is no key before it is read.
    let escaped: String = KEY
        .chars()
        .map(|c| format!("\\u{:04x}", u32::from(c)))
        .collect();
    let inner = format!(r#"{{"summary":"\\n{escaped}"}}"#);
    let body = json!({"choices": [{"message": {"content": inner}}]});
    let server = Server::in_turn(vec![Canned::json(200, &body)]);
    let reply = ask(&server, Protocol::Chat).unwrap();
    assert_eq!(reply.text, r#"{"summary":"\\n[key]"}"#);
}

#[test]
fn a_redirect_is_not_followed() {
    let other = Server::in_turn(vec![Canned::json(200, &answer(Protocol::Chat))]);
    let location = format!("{}/v1/chat/completions", other.url());
    let server = Server::in_turn(vec![Canned::new(307, "").header("location", &location)]);
    let failure = ask(&server, Protocol::Chat).unwrap_err();
    assert_eq!(failure.class, Class::Request);
    insta::assert_snapshot!(failure.message, @"HTTP 307: a redirect, which is not followed: the key stays with its host");
    assert!(other.received().is_empty());
}

#[test]
fn a_server_without_schemas_is_told_once() {
    let unknown = json!({"error": {"message": "response_format json_schema is not supported"}});
    let server = Server::in_turn(vec![
        Canned::json(400, &unknown),
        Canned::json(200, &answer(Protocol::Chat)),
    ]);
    let client = client(&server, Protocol::Chat);
    for _ in 0..2 {
        wait(client.ask(&request())).unwrap();
    }
    let formats = server.received();
    let formats: Vec<&Value> = formats
        .iter()
        .map(|received| &received.body["response_format"]["type"])
        .collect();
    assert_eq!(formats, ["json_schema", "json_object", "json_object"]);
}

#[test]
fn what_breaks_on_the_way_has_its_class() {
    let whole = Canned::json(200, &answer(Protocol::Chat));
    let server = Server::in_turn(vec![whole.cut_after(9)]);
    assert_eq!(
        ask(&server, Protocol::Chat).unwrap_err().class,
        Class::Overload
    );

    let nobody = Server::in_turn(vec![Canned::silence()]);
    let endpoint = Endpoint::new("team", &nobody.url(), Protocol::Chat);
    drop(nobody);
    let nobody = Client::new(endpoint, None).unwrap();
    let failure = wait(nobody.ask(&request())).unwrap_err();
    assert_eq!(failure.class, Class::Overload, "{failure}");
}

#[test]
fn waiting_has_an_end_for_silence_and_for_drips() {
    let drip = Canned::json(200, &answer(Protocol::Chat)).dripping(Duration::from_millis(200));
    let late = Canned::json(200, &answer(Protocol::Chat)).after(Duration::from_secs(30));
    for slow in [Canned::silence(), drip, late] {
        let server = Server::in_turn(vec![slow]);
        let mut endpoint = Endpoint::new("team", &server.url(), Protocol::Chat);
        endpoint.timeout = Duration::from_millis(300);
        let client = Client::new(endpoint, None).unwrap();
        let failure = wait(client.ask(&request())).unwrap_err();
        assert_eq!(failure.class, Class::Timeout, "{failure}");
    }
}

#[test]
fn an_answer_without_end_is_not_read_to_its_end() {
    let server = Server::in_turn(vec![Canned::new(200, vec![b' '; 9 * 1024 * 1024])]);
    let failure = ask(&server, Protocol::Chat).unwrap_err();
    assert_eq!(failure.class, Class::Refused);
    assert!(!failure.class.is_passing());
    insta::assert_snapshot!(failure.message, @"the answer is longer than 2097152 bytes");
}

/// Its usage alone took more than a gigabyte.
#[test]
fn an_answer_in_parts_without_end_is_not_taken_apart() {
    for part in ["{\"a\":0}", "[]", "0"] {
        let parts = vec![part; 2_000_000 / (part.len() + 1)].join(",");
        let body = format!("{{\"choices\":[],\"usage\":{{\"x\":[{parts}]}}}}");
        let server = Server::in_turn(vec![Canned::new(200, body)]);
        let failure = ask(&server, Protocol::Chat).unwrap_err();
        assert_eq!(failure.class, Class::Refused, "{part}");
    }
    let text = "{\"a\":[1,2]},".repeat(100_000);
    let mut long = answer(Protocol::Chat);
    long["choices"][0]["message"]["content"] = text.clone().into();
    let server = Server::in_turn(vec![Canned::json(200, &long)]);
    assert_eq!(ask(&server, Protocol::Chat).unwrap().text, text);
}

#[test]
fn models_are_listed_by_name() {
    let listed = json!({"object": "list", "data": [{"id": "models/b"}, {"id": "a"}]});
    let server = Server::in_turn(vec![Canned::json(200, &listed)]);
    assert_eq!(
        wait(client(&server, Protocol::Chat).models()).unwrap(),
        ["a", "b"]
    );
    assert_eq!(server.received()[0].path, "/v1/models");
    let tags = json!({"models": [{"name": "qwen3-coder:30b", "digest": "06c1"}]});
    let server = Server::in_turn(vec![Canned::json(200, &tags)]);
    let models = wait(client(&server, Protocol::Ollama).models());
    assert_eq!(models.unwrap(), ["qwen3-coder:30b"]);
    assert_eq!(server.received()[0].path, "/v1/api/tags");
}

#[test]
fn an_address_that_would_show_code_to_others_is_refused() {
    let refused = |url: &str| {
        let endpoint = Endpoint::new("team", url, Protocol::Chat);
        Client::new(endpoint, None).err().map(|error| error.message)
    };
    for url in [
        "http://localhost:11434",
        "http://127.8.0.1",
        "http://[::1]:9/v1",
    ] {
        assert_eq!(refused(url), None, "{url}");
    }
    for url in [
        "http://api.x.ai/v1",
        "http://localhost.example.com",
        "http://192.168.0.7:11434",
        "ftp://localhost",
        "file:///etc/passwd",
        "https://user:secret@api.x.ai",
        "api.x.ai",
        "",
    ] {
        let message = refused(url).unwrap();
        assert!(!message.contains("secret"), "{message}");
    }
    let endpoint = Endpoint::new("team", "http://localhost", Protocol::Chat);
    assert!(Client::new(endpoint, Some(Key::new("a\nb"))).is_err());
}
