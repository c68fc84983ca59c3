//! OpenAI's and xAI's Responses. Nothing is stored at the provider: `store` is always false.
//! Source: OpenAI's API specification as in openai-python, 2026-08-21.

use serde_json::{Value, json};

use super::ending::{Ending, Said};
use super::usage::{Names, bill, kept, tokens};
use super::{Manner, turns};
use crate::provider::{Dialect, Request, Structured};

const NAMES: Names = Names {
    input: "/input_tokens",
    cached_input: &["/input_tokens_details/cached_tokens"],
    cache_write: "/input_tokens_details/cache_write_tokens",
    output: "/output_tokens",
    reasoning: "/output_tokens_details/reasoning_tokens",
};

pub(super) fn body(request: &Request, manner: Manner) -> Value {
    let mut body = json!({
        "model": request.model,
        "instructions": turns::system(request, manner),
        "input": input(request, manner),
        "max_output_tokens": request.max_output_tokens,
        "store": false,
    });
    match manner.structured {
        Structured::Schema => {
            body["text"] = json!({"format": {
                "type": "json_schema",
                "name": request.schema_name,
                "strict": true,
                "schema": *request.schema,
            }});
        }
        Structured::Object => body["text"] = json!({"format": {"type": "json_object"}}),
        Structured::Tool | Structured::Prompt => {}
    }
    body
}

fn input(request: &Request, manner: Manner) -> Vec<Value> {
    let turns = turns::dialogue(request).into_iter();
    let item = |turn: Value| {
        if manner.types_turns && turn["role"] == "assistant" {
            json!({
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": turn["content"]}],
            })
        } else {
            turn
        }
    };
    turns.map(item).collect()
}

/// Nothing if the body is no response.
pub(super) fn read(body: &Value, dialect: Dialect) -> Option<Said> {
    let status = body.get("status").and_then(Value::as_str);
    let output = body.get("output").and_then(Value::as_array);
    if status.is_none() && output.is_none() {
        return None;
    }
    // Reasoning, searches and more come before the message.
    let parts: Vec<&Value> = output
        .into_iter()
        .flatten()
        .filter(|item| item.get("type").and_then(Value::as_str) == Some("message"))
        .filter_map(|item| item.get("content")?.as_array())
        .flatten()
        .collect();
    let refusal = parts.iter().find_map(|part| part.get("refusal")?.as_str());
    let ending = match refusal {
        Some(why) => Ending::Refused(why.to_owned()),
        None => ending(status, body),
    };
    let usage = body.get("usage").unwrap_or(&Value::Null);
    Some(Said {
        text: parts
            .iter()
            .filter_map(|part| part.get("text")?.as_str())
            .collect(),
        ending,
        tokens: tokens(usage, &NAMES, dialect),
        cost: bill(usage, dialect),
        raw: kept(usage),
    })
}

/// A response that failed has an `error` and is no matter of this function.
fn ending(status: Option<&str>, body: &Value) -> Ending {
    let reason = body.pointer("/incomplete_details/reason");
    match (status, reason.and_then(Value::as_str)) {
        (None, _) => Ending::Whole,
        (Some("incomplete"), Some(word)) => Ending::of(word),
        (Some(word), _) => Ending::of(word),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asked, heard, repair, request};
    use super::*;
    use crate::provider::{Class, Protocol, Tokens};
    use async_openai::types::responses::CreateResponse;

    const RESPONSES: Protocol = Protocol::Responses;

    fn sample() -> Value {
        json!({
            "id": "resp_1", "object": "response", "status": "completed", "error": null,
            "incomplete_details": null, "model": "m-1",
            "output": [
                {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]},
                {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                 "content": [{"type": "output_text", "text": "{}", "annotations": []}]}],
            "usage": {"input_tokens": 100, "input_tokens_details": {"cached_tokens": 64},
                      "output_tokens": 20, "output_tokens_details": {"reasoning_tokens": 12},
                      "total_tokens": 120, "cost_in_usd_ticks": 5000},
        })
    }

    #[test]
    fn a_body_is_what_openais_types_say() {
        for structured in [Structured::Schema, Structured::Object, Structured::Prompt] {
            for request in [request(), repair("{")] {
                let body = asked(RESPONSES, &request, structured);
                let typed: CreateResponse = serde_json::from_value(body).unwrap();
                assert_eq!(typed.store, Some(false), "nothing is kept at the provider");
            }
        }
        insta::assert_snapshot!(format!("{:#}", asked(RESPONSES, &request(), Structured::Schema)), @r#"
        {
          "input": [
            {
              "content": "fn main() {}",
              "role": "user"
            }
          ],
          "instructions": "You review code.",
          "max_output_tokens": 4096,
          "model": "m-1",
          "store": false,
          "text": {
            "format": {
              "name": "findings",
              "schema": {
                "additionalProperties": false,
                "properties": {},
                "required": [],
                "type": "object"
              },
              "strict": true,
              "type": "json_schema"
            }
          }
        }
        "#);
    }

    #[test]
    fn the_message_is_found_behind_the_reasoning() {
        let reply = heard(RESPONSES, &sample()).unwrap();
        assert_eq!(reply.text, "{}");
        assert_eq!(reply.cost.unwrap().0, 5000);
        let tokens = Tokens {
            input: 100,
            cached_input: 64,
            cache_write: 0,
            output: 20,
            reasoning: 12,
        };
        assert_eq!(reply.tokens, tokens);
    }

    #[test]
    fn every_ending_has_its_class() {
        let cut = |reason: &str| json!({"status": "incomplete", "incomplete_details": {"reason": reason}});
        let failed = |code: &str| json!({"status": "failed", "output": [], "error": {"code": code, "message": "no"}});
        let refusal = json!({"type": "refusal", "refusal": "I can't"});
        let refused = json!({"output": [{"type": "message", "content": [refusal]}]});
        let cases = [
            (cut("max_output_tokens"), Class::Truncated),
            (cut("content_filter"), Class::Refused),
            (failed("server_error"), Class::Overload),
            (failed("rate_limit_exceeded"), Class::RateLimit),
            (failed("invalid_prompt"), Class::Refused),
            (json!({"status": "cancelled"}), Class::Protocol),
            (json!({"status": "in_progress"}), Class::Protocol),
            (refused, Class::Refused),
        ];
        for (given, class) in cases {
            let mut body = sample();
            let fields = body.as_object_mut().unwrap();
            fields.extend(given.as_object().unwrap().clone());
            let failure = heard(RESPONSES, &body).unwrap_err();
            assert_eq!(failure.class, class, "{given}: {failure}");
        }
        let strange = heard(RESPONSES, &json!({"object": "list"})).unwrap_err();
        assert_eq!(strange.class, Class::Protocol);
    }
}
