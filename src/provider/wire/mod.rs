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
mod turns;
mod usage;

use std::collections::BTreeMap;

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::model::Parameter;

use super::{Class, Dialect, Failure, Protocol, Reply, Request};
use ending::Said;
pub(super) use manner::Manner;

/// A server's answer: whole, at most as long as is ever read.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
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
    let body = whole(answer, &request.parameters)?;
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
        format!("what the protocol does not know: {line}")
    };
    Failure::new(Class::Protocol, &format!("the server answered {what}"))
}

#[cfg(test)]
pub(super) mod testing;
