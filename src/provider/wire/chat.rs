//! OpenAI's Chat Completions and what is compatible with it.
//! Source: OpenAI's API specification as in openai-python, 2026-08-21.

use serde_json::{Value, json};

use super::ending::{Ending, Said};
use super::usage::{Names, bill, kept, tokens};
use super::{Manner, turns};
use crate::provider::{Dialect, Limit, Request, Structured};

const NAMES: Names = Names {
    input: "/prompt_tokens",
    // The second is DeepSeek's.
    cached_input: &[
        "/prompt_tokens_details/cached_tokens",
        "/prompt_cache_hit_tokens",
    ],
    cache_write: "/prompt_tokens_details/cache_write_tokens",
    output: "/completion_tokens",
    reasoning: "/completion_tokens_details/reasoning_tokens",
};

pub(super) fn body(request: &Request, manner: Manner) -> Value {
    let messages = turns::messages(request, &turns::system(request, manner), manner);
    let limit = match manner.limit {
        Limit::MaxCompletionTokens => "max_completion_tokens",
        Limit::MaxTokens => "max_tokens",
    };
    let mut body = json!({"model": request.model, "messages": messages});
    body[limit] = json!(request.max_output_tokens);
    match manner.structured {
        Structured::Schema => {
            body["response_format"] = json!({"type": "json_schema", "json_schema": {
                "name": request.schema_name,
                "strict": true,
                "schema": *request.schema,
            }});
        }
        Structured::Object => body["response_format"] = json!({"type": "json_object"}),
        Structured::Tool | Structured::Prompt => {}
    }
    body
}

/// Nothing if the body has no message in it.
pub(super) fn read(body: &Value, dialect: Dialect) -> Option<Said> {
    let choice = body.pointer("/choices/0")?;
    let message = choice
        .get("message")
        .filter(|message| message.is_object())?;
    let usage = body.get("usage").unwrap_or(&Value::Null);
    Some(Said {
        text: words(message),
        ending: ending(choice, message),
        tokens: tokens(usage, &NAMES, dialect),
        cost: bill(usage, dialect),
        raw: kept(usage),
    })
}

fn ending(choice: &Value, message: &Value) -> Ending {
    if let Some(refusal) = message.get("refusal").and_then(Value::as_str) {
        return Ending::Refused(refusal.to_owned());
    }
    match choice.get("finish_reason").and_then(Value::as_str) {
        None => Ending::Whole,
        Some(word) => Ending::of(word),
    }
}

/// What the model wrote, else what it gave to a tool.
fn words(message: &Value) -> String {
    let text = text(message.get("content"));
    if !text.trim().is_empty() {
        return text;
    }
    let places = [
        "/tool_calls/0/function/arguments",
        "/function_call/arguments",
    ];
    let given = places.iter().find_map(|at| message.pointer(at)?.as_str());
    given.map_or(text, str::to_owned)
}

/// A string, or parts of which those of text count: Mistral's thinking models.
fn text(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .filter(|part| part.get("type").and_then(Value::as_str) == Some("text"))
            .filter_map(|part| part.get("text")?.as_str())
            .collect(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{answer, asked, heard, repair, request};
    use super::*;
    use crate::provider::{Class, Protocol, Reasoning, Tokens};
    use async_openai::types::chat::CreateChatCompletionRequest;

    const CHAT: Protocol = Protocol::Chat;

    fn sample() -> Value {
        json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1_795_330_813, "model": "m-1",
            "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null,
                         "message": {"role": "assistant", "content": "{}", "refusal": null}}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
                      "prompt_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 8},
                      "completion_tokens_details": {"reasoning_tokens": 12}},
        })
    }

    #[test]
    fn a_body_is_what_openais_types_say() {
        for structured in [Structured::Schema, Structured::Object, Structured::Prompt] {
            for request in [request(), repair("{"), repair(" ")] {
                let body = asked(CHAT, &request, structured);
                let typed: CreateChatCompletionRequest = serde_json::from_value(body).unwrap();
                assert_eq!(typed.model, "m-1");
            }
        }
        insta::assert_snapshot!(format!("{:#}", asked(CHAT, &repair("{"), Structured::Schema)), @r#"
        {
          "max_tokens": 4096,
          "messages": [
            {
              "content": "You review code.",
              "role": "system"
            },
            {
              "content": "fn main() {}",
              "role": "user"
            },
            {
              "content": "{",
              "role": "assistant"
            },
            {
              "content": "It is not JSON.",
              "role": "user"
            }
          ],
          "model": "m-1",
          "response_format": {
            "json_schema": {
              "name": "findings",
              "schema": {
                "additionalProperties": false,
                "properties": {},
                "required": [],
                "type": "object"
              },
              "strict": true
            },
            "type": "json_schema"
          }
        }
        "#);
    }

    #[test]
    fn without_a_schema_the_prompt_says_it() {
        let body = asked(CHAT, &request(), Structured::Object);
        assert_eq!(body["response_format"], json!({"type": "json_object"}));
        let system = body["messages"][0]["content"].as_str().unwrap();
        assert!(system.ends_with(&request().schema.to_string()), "{system}");
    }

    #[test]
    fn an_answer_is_read_with_all_its_tokens() {
        let reply = heard(CHAT, &sample()).unwrap();
        assert_eq!(reply.text, "{}");
        assert_eq!(reply.request_id.as_deref(), Some("req_1"));
        assert_eq!(reply.raw, sample()["usage"]);
        let tokens = Tokens {
            input: 100,
            cached_input: 64,
            cache_write: 8,
            output: 20,
            reasoning: 12,
        };
        assert_eq!(reply.tokens, tokens);
    }

    /// Sub2api issue 5771: a bill that only fits if reasoning is output.
    #[test]
    fn xais_reasoning_is_output_though_it_stands_beside_it() {
        let mut usage = json!({"prompt_tokens": 10_120, "completion_tokens": 1499,
            "total_tokens": 14_428, "completion_tokens_details": {"reasoning_tokens": 2809},
            "cost_in_usd_ticks": 232_856_000});
        let dialect = Dialect {
            reasoning: Reasoning::Beside,
            ..Dialect::USUAL
        };
        let read = |usage: &Value| {
            let mut body = sample();
            body["usage"] = usage.clone();
            super::read(&body, dialect).unwrap()
        };
        let said = read(&usage);
        assert_eq!((said.tokens.output, said.tokens.reasoning), (4308, 2809));
        assert_eq!(said.cost.unwrap().to_string(), "0.0232856");
        usage.as_object_mut().unwrap().remove("total_tokens");
        assert_eq!(read(&usage).tokens.output, 4308);
    }

    #[test]
    fn counts_that_contradict_each_other_do_not_overflow() {
        let mut body = sample();
        body["usage"] = json!({"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 3});
        assert_eq!(heard(CHAT, &body).unwrap().tokens.output, 7);
        body["usage"] = json!({"prompt_tokens": -5, "completion_tokens": "x"});
        assert_eq!(heard(CHAT, &body).unwrap().tokens, Tokens::default());
        body.as_object_mut().unwrap().remove("usage");
        assert_eq!(heard(CHAT, &body).unwrap().raw, Value::Null);
    }

    #[test]
    fn every_ending_has_its_class() {
        let cases = [
            (json!({"finish_reason": "length"}), Class::Truncated),
            (json!({"finish_reason": "content_filter"}), Class::Refused),
            (
                json!({"finish_reason": "content_filter: SAFETY"}),
                Class::Refused,
            ),
            (json!({"finish_reason": "model_length"}), Class::Context),
            (
                json!({"finish_reason": "insufficient_system_resource"}),
                Class::Overload,
            ),
            (json!({"finish_reason": "MAX_TOKENS"}), Class::Truncated),
            (json!({"finish_reason": "error"}), Class::Protocol),
            // A refusal counts before the ending.
            (
                json!({"finish_reason": "length", "message": {"refusal": "I can't"}}),
                Class::Refused,
            ),
        ];
        for (given, class) in cases {
            let mut body = sample();
            let choice = body["choices"][0].as_object_mut().unwrap();
            choice.extend(given.as_object().unwrap().clone());
            let failure = heard(CHAT, &body).unwrap_err();
            assert_eq!(failure.class, class, "{given}");
            assert_eq!(failure.spent.unwrap().tokens.input, 100, "{given}");
        }
    }

    #[test]
    fn whatever_a_server_calls_the_end_the_text_speaks_for_itself() {
        for (word, odd) in [
            (json!("eos_token"), None),
            (json!("tool_calls"), None),
            (json!("STOP"), None),
            (Value::Null, None),
            (json!(7), None),
            (json!("done\n"), Some("done")),
        ] {
            let mut body = sample();
            body["choices"][0]["finish_reason"] = word.clone();
            let reply = heard(CHAT, &body).unwrap();
            assert_eq!(
                (reply.text.as_str(), reply.odd_end.as_deref()),
                ("{}", odd),
                "{word}"
            );
        }
        let mut body = sample();
        let call = json!({"id": "1", "function": {"name": "findings", "arguments": "{\"a\":1}"}});
        body["choices"][0]["message"] = json!({"content": null, "tool_calls": [call]});
        assert_eq!(heard(CHAT, &body).unwrap().text, "{\"a\":1}");
    }

    #[test]
    fn parts_of_text_are_an_answer_and_thoughts_are_not() {
        let mut body = sample();
        body["choices"][0]["message"]["content"] = json!([
            {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
            {"type": "text", "text": "{\"a\":"}, {"type": "text", "text": "1}"}]);
        assert_eq!(heard(CHAT, &body).unwrap().text, "{\"a\":1}");
        body["choices"][0]["message"]["content"] = Value::Null;
        assert_eq!(heard(CHAT, &body).unwrap().text, "");
    }

    #[test]
    fn what_is_no_answer_is_said_to_be_none() {
        for body in [
            json!({}),
            json!([]),
            json!({"choices": []}),
            json!("<html>"),
        ] {
            assert_eq!(
                heard(CHAT, &body).unwrap_err().class,
                Class::Protocol,
                "{body}"
            );
        }
        let mut html = answer(200, &[], &json!(null));
        html.body = b"<html>\x1b[2J\xff busy</html>".to_vec();
        let usual = Dialect::USUAL;
        let failure = super::super::read(CHAT, usual, &request(), &html).unwrap_err();
        insta::assert_snapshot!(failure.message, @"the server sent an unexpected answer: <html> [2J� busy</html>");
    }
}
