//! The four protocols as pure functions: a question into a body, an answer's bytes into a reply
//! or the reason why there is none. Not the connection. What each rule follows is
//! docs/providers.md.

mod anthropic;
mod chat;
mod class;
mod complaint;
mod ending;
mod manner;
mod ollama;
mod parameters;
mod responses;
mod retry_after;
mod stated;
mod stream;
mod turns;
mod usage;

use std::collections::BTreeMap;

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::model::Parameter;

use super::{Class, Dialect, Failure, Protocol, Reply, Request};
use ending::Said;
pub use manner::Manner;

/// A server's answer: whole, at most as long as is ever read.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Option<Value> {
        let whole = serde_json::from_slice(&self.body).ok();
        whole.or_else(|| stream::whole(&self.body))
    }

    /// OpenAI's and xAI's name for it, then Anthropic's.
    fn request_id(&self) -> Option<String> {
        let id = ["x-request-id", "request-id"]
            .iter()
            .find_map(|name| self.headers.get(*name)?.to_str().ok())?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        (id.len() <= 128 && id.bytes().all(plain)).then(|| id.to_owned())
    }
}

/// Where questions go, after the endpoint's address.
pub(super) const fn path(protocol: Protocol) -> &'static [&'static str] {
    match protocol {
        Protocol::Chat => &["chat", "completions"],
        Protocol::Responses => &["responses"],
        Protocol::Anthropic => &["messages"],
        Protocol::Ollama => &["api", "chat"],
    }
}

/// Where the models are listed, after the endpoint's address.
pub(super) const fn models_path(protocol: Protocol) -> &'static [&'static str] {
    match protocol {
        Protocol::Ollama => &["api", "tags"],
        _ => &["models"],
    }
}

/// What is sent.
///
/// # Errors
/// When the protocol has no word for what the user set, or a value is none.
pub(super) fn body(
    protocol: Protocol,
    request: &Request,
    manner: Manner,
) -> Result<Value, Box<Failure>> {
    let mut body = match protocol {
        Protocol::Chat => chat::body(request, manner),
        Protocol::Responses => responses::body(request, manner),
        Protocol::Anthropic => anthropic::body(request, manner),
        Protocol::Ollama => ollama::body(request, manner),
    };
    parameters::apply(protocol, &request.parameters, &mut body)?;
    if manner.streams {
        body["stream"] = Value::Bool(true);
        if protocol == Protocol::Chat {
            // The tokens come at its end, or not at all.
            body["stream_options"] = serde_json::json!({"include_usage": true});
        }
    }
    Ok(body)
}

/// What came back: error before refusal before ending before content.
///
/// # Errors
/// Whatever keeps the answer from being whole.
pub(super) fn read(
    protocol: Protocol,
    dialect: Dialect,
    request: &Request,
    answer: &Answer,
) -> Result<Reply, Box<Failure>> {
    let body = whole(answer, &request.parameters).map_err(|mut failure| {
        failure.stated = stated::of(answer, request.max_output_tokens.into());
        failure
    })?;
    let said = match protocol {
        Protocol::Chat => chat::read(&body, dialect),
        Protocol::Responses => responses::read(&body, dialect),
        Protocol::Anthropic => anthropic::read(&body),
        Protocol::Ollama => ollama::read(&body, request),
    };
    said.map_or_else(
        || Err(Box::new(strange(answer))),
        |said: Said| said.decide(answer.request_id()),
    )
}

/// What an answer of these bytes means, to the usual dialect of a protocol: what [`super::Client`]
/// makes of it, without a connection.
///
/// # Errors
/// As [`super::Client::ask`].
pub fn understand(
    protocol: Protocol,
    request: &Request,
    status: u16,
    body: Vec<u8>,
) -> Result<Reply, Box<Failure>> {
    let headers = HeaderMap::new();
    let answer = Answer {
        status,
        headers,
        body,
    };
    read(protocol, Dialect::USUAL, request, &answer)
}

/// The models that a server lists, sorted.
///
/// # Errors
/// As [`read`].
pub(super) fn read_models(answer: &Answer) -> Result<Vec<String>, Box<Failure>> {
    let body = whole(answer, &BTreeMap::new())?;
    let listed = body.get("data").or_else(|| body.get("models"));
    let Some(listed) = listed.and_then(Value::as_array) else {
        return Err(Box::new(strange(answer)));
    };
    let name = |model: &Value| {
        let name = model.get("id").or_else(|| model.get("name"))?.as_str()?;
        // Gemini's way of writing them in lists.
        Some(name.strip_prefix("models/").unwrap_or(name).to_owned())
    };
    let mut names: Vec<String> = listed.iter().filter_map(name).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// The body of an answer that is no error, neither by its status nor by what it says.
fn whole(answer: &Answer, set: &BTreeMap<String, Parameter>) -> Result<Value, Box<Failure>> {
    if !(200..300).contains(&answer.status) {
        return Err(Box::new(complaint::failure(answer, set)));
    }
    let Some(body) = answer.json() else {
        return Err(Box::new(strange(answer)));
    };
    // OpenRouter's place for an error of the provider behind it is the choice.
    let errors = [body.get("error"), body.pointer("/choices/0/error")];
    if errors.into_iter().flatten().any(|error| !error.is_null()) {
        return Err(Box::new(complaint::failure(answer, set)));
    }
    Ok(body)
}

fn strange(answer: &Answer) -> Failure {
    let what = if answer.body.is_empty() {
        "nothing".to_owned()
    } else {
        let beginning: Vec<u8> = answer.body.iter().take(400).copied().collect();
        let line = Failure::line(&String::from_utf8_lossy(&beginning));
        format!("an unexpected answer: {line}")
    };
    Failure::new(Class::Protocol, &format!("the server sent {what}"))
}

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::testing::{headers, request};
    use super::*;

    /// Names that the protocols give a meaning to.
    const NAMES: &str = "choices|message|content|refusal|finish_reason|usage|prompt_tokens|\
        total_tokens|completion_tokens|cost_in_usd_ticks|cost|output|status|incomplete_details|\
        reason|type|text|stop_reason|stop_details|input|error|code|param|data|models|id|name|\
        done_reason|prompt_eval_count|eval_count|input_tokens|output_tokens|0";

    /// Words and numbers that mean something, or too much.
    fn leaf() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "message|text|length|failed|refusal|tool_use|completed|5[0-9]{2}|\\PC{0,9}"
                .prop_map(Value::from),
        ]
    }

    fn anything() -> impl Strategy<Value = Value> {
        leaf().prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(NAMES, inner, 0..7)
                    .prop_map(|fields| fields.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_a_server_says_is_a_reply_or_a_plain_failure(
            status in prop_oneof![Just(200_u16), 100..600_u16],
            body in prop_oneof![
                anything().prop_map(|body| body.to_string().into_bytes()),
                prop::collection::vec(any::<u8>(), 0..60),
            ],
        ) {
            let answer = Answer { status, headers: headers(&[("retry-after", "1")]), body };
            for protocol in Protocol::ALL {
                let models = read_models(&answer).err();
                let reply = read(protocol, Dialect::USUAL, &request(), &answer).err();
                for failure in models.into_iter().chain(reply) {
                    prop_assert!(!failure.message.is_empty());
                    prop_assert!(!failure.message.contains(char::is_control));
                    prop_assert!(failure.message.chars().count() <= 400);
                }
                let _ = Manner::from(Dialect::USUAL).after(&answer, protocol);
            }
        }
    }

    #[test]
    fn an_error_behind_a_choice_is_an_error() {
        let body = json!({"choices": [{"error": {"code": 502, "message": "upstream"}}]});
        let failure = testing::heard(Protocol::Chat, &body).unwrap_err();
        assert_eq!(failure.class, Class::Overload);
    }
}
