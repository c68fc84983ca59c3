//! Anthropic's Messages, version 2023-06-01. The system's part is marked for the cache: it is the
//! same for every text of a recipe.
//! Source: anthropic-sdk-python, 2026-08-07.

use serde_json::{Value, json};

use super::ending::{Ending, Said};
use super::usage::{count, kept};
use super::{Manner, turns};
use crate::provider::{Request, Structured, Tokens};

pub(super) fn body(request: &Request, manner: Manner) -> Value {
    let mut body = json!({
        "model": request.model,
        "max_tokens": request.max_output_tokens,
        "system": [{
            "type": "text",
            "text": turns::system(request, manner),
            "cache_control": {"type": "ephemeral"},
        }],
        "messages": turns::dialogue(request),
    });
    match manner.structured {
        Structured::Schema => {
            body["output_config"] =
                json!({"format": {"type": "json_schema", "schema": *request.schema}});
        }
        Structured::Tool => {
            body["tools"] = json!([{
                "name": request.schema_name,
                "description": "Takes the answer.",
                "input_schema": *request.schema,
            }]);
            body["tool_choice"] = json!({"type": "tool", "name": request.schema_name});
        }
        Structured::Object | Structured::Prompt => {}
    }
    body
}

/// Nothing if the body is no message.
pub(super) fn read(body: &Value) -> Option<Said> {
    let content = body.get("content")?.as_array()?;
    let usage = body.get("usage").unwrap_or(&Value::Null);
    Some(Said {
        text: content.iter().filter_map(text).collect(),
        ending: ending(body),
        tokens: tokens(usage),
        cost: None,
        raw: kept(usage),
    })
}

/// The words of a block, or what it gives to a tool. Thinking is neither.
fn text(block: &Value) -> Option<String> {
    match block.get("type")?.as_str()? {
        "text" => block.get("text")?.as_str().map(str::to_owned),
        "tool_use" => Some(block.get("input")?.to_string()),
        _ => None,
    }
}

fn ending(body: &Value) -> Ending {
    match body.get("stop_reason").and_then(Value::as_str) {
        None => Ending::Whole,
        Some("refusal") => {
            let detail = |name| body.get("stop_details")?.get(name)?.as_str();
            let why = detail("explanation").or_else(|| detail("category"));
            Ending::Refused(why.unwrap_or_default().to_owned())
        }
        Some(word) => Ending::of(word),
    }
}

/// Anthropic counts what came from the cache and went into it apart from the input.
fn tokens(usage: &Value) -> Tokens {
    let of = |pointer| count(usage, pointer).unwrap_or(0);
    let cached_input = of("/cache_read_input_tokens");
    let cache_write = of("/cache_creation_input_tokens");
    Tokens {
        input: of("/input_tokens")
            .saturating_add(cached_input)
            .saturating_add(cache_write),
        cached_input,
        cache_write,
        output: of("/output_tokens"),
        reasoning: of("/output_tokens_details/thinking_tokens"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asked, heard, repair, request};
    use super::*;
    use crate::provider::{Class, Protocol};

    const ANTHROPIC: Protocol = Protocol::Anthropic;

    fn sample() -> Value {
        json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m-1",
            "content": [{"type": "thinking", "thinking": "hm", "signature": "s"},
                        {"type": "text", "text": "{}"}],
            "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 30, "cache_creation_input_tokens": 6,
                      "cache_read_input_tokens": 64, "output_tokens": 20,
                      "output_tokens_details": {"thinking_tokens": 12}, "service_tier": "standard"},
        })
    }

    #[test]
    fn a_body_marks_what_is_the_same_for_all_texts() {
        let body = asked(ANTHROPIC, &request(), Structured::Schema);
        insta::assert_snapshot!(format!("{body:#}"), @r#"
        {
          "max_tokens": 4096,
          "messages": [
            {
              "content": "fn main() {}",
              "role": "user"
            }
          ],
          "model": "m-1",
          "output_config": {
            "format": {
              "schema": {
                "additionalProperties": false,
                "properties": {},
                "required": [],
                "type": "object"
              },
              "type": "json_schema"
            }
          },
          "system": [
            {
              "cache_control": {
                "type": "ephemeral"
              },
              "text": "You review code.",
              "type": "text"
            }
          ]
        }
        "#);
    }

    #[test]
    fn an_older_model_must_call_a_tool_and_its_input_is_the_answer() {
        let body = asked(ANTHROPIC, &request(), Structured::Tool);
        assert_eq!(
            body["tool_choice"],
            json!({"type": "tool", "name": "findings"})
        );
        assert_eq!(body["tools"][0]["input_schema"], *request().schema);
        assert!(body.get("output_config").is_none());
        let mut answer = sample();
        answer["content"] = json!([{"type": "tool_use", "id": "t", "name": "findings",
                                    "input": {"findings": []}}]);
        answer["stop_reason"] = json!("tool_use");
        let reply = heard(ANTHROPIC, &answer).unwrap();
        assert_eq!(reply.text, r#"{"findings":[]}"#);
    }

    #[test]
    fn no_turn_is_empty() {
        let roles = |request: &Request| {
            let body = asked(ANTHROPIC, request, Structured::Schema);
            let messages = body["messages"].as_array().unwrap().clone();
            assert!(messages.iter().all(|turn| turn["content"] != ""));
            messages.len()
        };
        assert_eq!(roles(&request()), 1);
        assert_eq!(roles(&repair("{")), 3);
        assert_eq!(roles(&repair("\n")), 1);
    }

    #[test]
    fn what_came_from_the_cache_is_input_too() {
        let reply = heard(ANTHROPIC, &sample()).unwrap();
        assert_eq!(reply.text, "{}");
        let tokens = Tokens {
            input: 100,
            cached_input: 64,
            cache_write: 6,
            output: 20,
            reasoning: 12,
        };
        assert_eq!(reply.tokens, tokens);
    }

    #[test]
    fn every_ending_has_its_class() {
        let cases = [
            (json!({"stop_reason": "max_tokens"}), Class::Truncated),
            (
                json!({"stop_reason": "model_context_window_exceeded"}),
                Class::Context,
            ),
            (json!({"stop_reason": "pause_turn"}), Class::Protocol),
            (
                json!({"stop_reason": "refusal",
                    "stop_details": {"category": "cyber", "explanation": "No."}}),
                Class::Refused,
            ),
        ];
        for (given, class) in cases {
            let mut body = sample();
            let fields = body.as_object_mut().unwrap();
            fields.extend(given.as_object().unwrap().clone());
            let failure = heard(ANTHROPIC, &body).unwrap_err();
            assert_eq!(failure.class, class, "{given}");
            assert_eq!(failure.spent.unwrap().tokens.output, 20);
        }
    }
}
