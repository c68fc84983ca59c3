//! Ollama's own chat. It is the protocol that can set the context window, without which Ollama
//! cuts a long question short and says nothing.
//! Source: Ollama's docs/api and openai/openai.go, 2026-08-21.

use serde_json::{Map, Value, json};

use super::ending::{Ending, Said};
use super::usage::{count, kept};
use super::{Manner, turns};
use crate::provider::{Protocol, Request, Structured, Tokens};

/// A question that comes so near to the window was probably cut to fit it, in tokens.
const MARGIN: u64 = 16;

pub(super) fn body(request: &Request, manner: Manner) -> Value {
    // A schema that is only in `format` binds the words but does not explain them.
    let messages = turns::messages(request, &turns::with_schema(request), manner);
    let mut body = json!({
        "model": request.model,
        "messages": messages,
        "stream": false,
        "truncate": false,
        "options": {
            "num_ctx": window(request),
            "num_predict": request.max_output_tokens,
        },
    });
    match manner.structured {
        Structured::Schema => body["format"] = Value::clone(&request.schema),
        Structured::Object => body["format"] = json!("json"),
        Structured::Tool | Structured::Prompt => {}
    }
    body
}

/// Nothing if the body has no message in it.
pub(super) fn read(body: &Value, request: &Request) -> Option<Said> {
    let message = body.get("message").filter(|message| message.is_object())?;
    let content = message.get("content").and_then(Value::as_str);
    let tokens = Tokens {
        input: count(body, "/prompt_eval_count").unwrap_or(0),
        output: count(body, "/eval_count").unwrap_or(0),
        ..Tokens::default()
    };
    Some(Said {
        text: content.unwrap_or_default().to_owned(),
        ending: ending(body, tokens, window(request)),
        tokens,
        cost: None,
        raw: kept(&counts(body)),
    })
}

fn ending(body: &Value, tokens: Tokens, window: u64) -> Ending {
    let both = tokens.input.saturating_add(tokens.output);
    match body.get("done_reason").and_then(Value::as_str) {
        _ if tokens.input.saturating_add(MARGIN) >= window => Ending::ContextFull,
        Some("length") if both.saturating_add(MARGIN) >= window => Ending::ContextFull,
        Some("length") => Ending::Cut,
        None => Ending::Whole,
        Some(word) => Ending::of(word),
    }
}

fn window(request: &Request) -> u64 {
    let usual = || Protocol::Ollama.usual_window();
    request.context_window.or_else(usual).unwrap_or(u64::MAX)
}

/// Counts and durations stand beside the message. Null if there are none.
fn counts(body: &Value) -> Value {
    let named = body.as_object().into_iter().flatten();
    let counts: Map<String, Value> = named
        .filter(|(name, _)| name.ends_with("_count") || name.ends_with("_duration"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if counts.is_empty() {
        Value::Null
    } else {
        Value::Object(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asked, heard, request};
    use super::*;
    use crate::provider::{Class, Protocol};

    const OLLAMA: Protocol = Protocol::Ollama;

    fn sample() -> Value {
        json!({
            "model": "m-1", "created_at": "2026-11-22T21:00:00Z",
            "message": {"role": "assistant", "content": "{}"},
            "done": true, "done_reason": "stop",
            "total_duration": 5_191_566_416_u64, "load_duration": 2_154_458,
            "prompt_eval_count": 100, "prompt_eval_duration": 383_809_000,
            "eval_count": 20, "eval_duration": 4_799_921_000_u64,
        })
    }

    #[test]
    fn a_body_sets_the_window_and_forbids_cutting() {
        let known = Request {
            context_window: Some(32_768),
            ..request()
        };
        let body = asked(OLLAMA, &known, Structured::Schema);
        insta::assert_snapshot!(format!("{body:#}"), @r#"
        {
          "format": {
            "additionalProperties": false,
            "properties": {},
            "required": [],
            "type": "object"
          },
          "messages": [
            {
              "content": "You review code.\n\nAnswer with one JSON object that fills this JSON schema, and with nothing else:\n{\"additionalProperties\":false,\"properties\":{},\"required\":[],\"type\":\"object\"}",
              "role": "system"
            },
            {
              "content": "fn main() {}",
              "role": "user"
            }
          ],
          "model": "m-1",
          "options": {
            "num_ctx": 32768,
            "num_predict": 4096
          },
          "stream": false,
          "truncate": false
        }
        "#);
        let body = asked(OLLAMA, &request(), Structured::Object);
        assert_eq!(body["options"]["num_ctx"], 16_384);
        assert_eq!(body["format"], "json");
    }

    #[test]
    fn an_answer_is_read_with_its_counts() {
        let reply = heard(OLLAMA, &sample()).unwrap();
        assert_eq!(reply.text, "{}");
        assert_eq!((reply.tokens.input, reply.tokens.output), (100, 20));
        assert_eq!(reply.raw["eval_duration"], 4_799_921_000_u64);
        assert!(reply.raw.get("message").is_none());
    }

    #[test]
    fn a_question_that_was_cut_in_silence_has_no_answer() {
        let ending = |field: &str, count: u64, reason: &str| {
            let mut body = sample();
            body[field] = json!(count);
            body["done_reason"] = json!(reason);
            heard(OLLAMA, &body).map_err(|failure| failure.class)
        };
        assert!(ending("prompt_eval_count", 16_000, "stop").is_ok());
        let near = ending("prompt_eval_count", 16_384 - MARGIN, "stop");
        assert_eq!(near, Err(Class::Context));
        let beyond = ending("prompt_eval_count", 20_000, "stop");
        assert_eq!(beyond, Err(Class::Context));
        let cut = ending("eval_count", 4096, "length");
        assert_eq!(cut, Err(Class::Truncated));
        let full = ending("eval_count", 16_280, "length");
        assert_eq!(full, Err(Class::Context));
        assert_eq!(ending("eval_count", 0, "load"), Err(Class::Protocol));
    }
}
