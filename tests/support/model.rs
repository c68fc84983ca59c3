//! What a provider of models says on the wire, in each of the four protocols, and a repository
//! that asks one on this machine. Not the server: that is `server`.

use serde_json::{Value, json};

use super::Repo;
use super::server::{Canned, Server};

/// The key of the tests: it must be seen nowhere but in one header.
pub const KEY: &str = "sk-test-0123456789abcdefghij";

/// The protocols, by the names of the setting.
pub const PROTOCOLS: [&str; 4] = ["openai-chat", "openai-responses", "anthropic", "ollama"];

impl Repo {
    /// Lets `server` answer as the provider `test` with the model `test-model`; agreed to, and
    /// with a key.
    pub fn ask(&mut self, server: &Server, protocol: &str) {
        self.ask_at(&server.url(), protocol);
    }

    /// As [`Repo::ask`], of any server.
    pub fn ask_at(&mut self, server: &str, protocol: &str) {
        let url = match protocol {
            "ollama" => server.to_owned(),
            _ => format!("{server}/v1"),
        };
        for (key, value) in [
            ("rustassistant.provider", "test"),
            ("rustassistant-provider.test.url", &url),
            ("rustassistant-provider.test.api", protocol),
            ("rustassistant-provider.test.keyEnv", "TEST_API_KEY"),
            ("rustassistant-provider.test.model", "test-model"),
            ("rustassistant-provider.test.retryDelay", "20ms"),
        ] {
            self.git(&["config", "--global", key, value]);
        }
        self.set("TEST_API_KEY", KEY);
        self.set("RUSTASSISTANT_YES", "1");
    }

    /// Says what the model costs: $2 and $6 for a million tokens.
    pub fn price(&self) {
        let set = |key: &str, price| {
            let key = format!("rustassistant-model.test-model.{key}");
            self.git(&["config", "--global", &key, price]);
        };
        set("inputPrice", "2");
        set("outputPrice", "6");
    }
}

/// A usable answer without findings.
pub fn analysis() -> String {
    finding("")
}

/// A usable answer; with a finding on the line that is quoted, if any is.
pub fn finding(quote: &str) -> String {
    let found = json!({
        "rule": "other", "level": "warning", "quote": quote, "line": null, "item": null,
        "title": "Something is odd", "message": "It is odd because the test says so.",
        "suggestion": null, "confidence": "high",
    });
    let findings = if quote.is_empty() {
        json!([])
    } else {
        json!([found])
    };
    json!({
        "summary": "A small file.", "findings": findings, "suggestions": [], "document": null,
    })
    .to_string()
}

/// A whole answer of the protocol: 1,000 tokens in, of which 200 were cached, 50 out, of which 20
/// were reasoning, as far as the protocol can say so.
pub fn answer(protocol: &str, text: &str) -> Canned {
    Canned::json(200, &body(protocol, text))
}

pub fn body(protocol: &str, text: &str) -> Value {
    match protocol {
        "openai-chat" => json!({
            "id": "c1", "object": "chat.completion", "created": 1, "model": "test-model",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {
                "role": "assistant", "content": text, "refusal": null}}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050,
                "prompt_tokens_details": {"cached_tokens": 200},
                "completion_tokens_details": {"reasoning_tokens": 20}},
        }),
        "openai-responses" => json!({
            "id": "r1", "object": "response", "status": "completed", "model": "test-model",
            "output": [
                {"type": "reasoning", "id": "x", "summary": []},
                {"type": "message", "id": "m", "role": "assistant", "status": "completed",
                    "content": [{"type": "output_text", "text": text, "annotations": []}]}],
            "usage": {"input_tokens": 1000, "input_tokens_details": {"cached_tokens": 200},
                "output_tokens": 50, "output_tokens_details": {"reasoning_tokens": 20},
                "total_tokens": 1050},
        }),
        "anthropic" => json!({
            "id": "m1", "type": "message", "role": "assistant", "model": "test-model",
            "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
            "usage": {"input_tokens": 800, "cache_read_input_tokens": 200,
                "cache_creation_input_tokens": 0, "output_tokens": 50,
                "output_tokens_details": {"thinking_tokens": 20}},
        }),
        _ => json!({
            "model": "test-model", "created_at": "2026-01-01T00:00:00Z", "done": true,
            "done_reason": "stop", "message": {"role": "assistant", "content": text},
            "prompt_eval_count": 1000, "eval_count": 50, "total_duration": 1,
        }),
    }
}
