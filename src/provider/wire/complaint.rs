//! A server's error in all the forms that servers have for it, and as a failure. What can be done
//! about it is decided in `class`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Answer, parameters, retry_after};
use crate::model::Parameter;
use crate::provider::{Class, Failure};

/// An error in no server's form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Complaint {
    pub message: String,
    /// `type`, or Gemini's `status`.
    pub kind: String,
    pub code: String,
    /// The part of the request that is wrong.
    pub param: String,
}

/// The failure that an error is. The status may say success: some servers then write the real
/// one, or a code, into the body.
pub(super) fn failure(answer: &Answer, set: &BTreeMap<String, Parameter>) -> Failure {
    let complaint = Complaint::of(answer);
    let status = match answer.status {
        200..=299 => complaint.code.parse().unwrap_or(answer.status),
        status => status,
    };
    let told = retry_after::retry_after(&answer.headers);
    let told = told.or_else(|| {
        let body = answer.json().unwrap_or_default();
        retry_after::told(&body, &complaint.message)
    });
    let class = complaint.class(status, told.is_some());
    let mut failure = Failure::new(class, &complaint.said(status));
    let named = |word: &str| complaint.names(word);
    if class == Class::Request
        && let Some(setting) = parameters::setting(set, named)
    {
        failure.message += &format!(" (remove the setting `{setting}`)");
    }
    let reset = || retry_after::reset(&answer.headers);
    failure.retry_after = match class {
        Class::RateLimit => told.or_else(reset),
        Class::Overload | Class::Timeout => told,
        _ => None,
    };
    failure
}

impl Complaint {
    /// Reads every form that is known: OpenAI's and Anthropic's object, xAI's and Ollama's text,
    /// Gemini's list, Mistral's bare object and its list of details.
    pub(super) fn of(answer: &Answer) -> Self {
        let Some(body) = answer.json() else {
            return Self::default();
        };
        let body = body.get(0).unwrap_or(&body);
        let places = [body.get("error"), body.pointer("/choices/0/error")];
        let error = places.into_iter().flatten().find(|error| !error.is_null());
        let error = error.unwrap_or(body);
        let field = |name: &str| {
            let found = error.get(name).or_else(|| body.get(name));
            found.map(text).unwrap_or_default()
        };
        let message = match error {
            Value::String(message) => message.clone(),
            _ => ["message", "detail"]
                .map(field)
                .into_iter()
                .find(|message| !message.is_empty())
                .unwrap_or_default(),
        };
        let kind = match field("type") {
            // Anthropic's envelope says only that it is one.
            kind if kind.is_empty() || kind == "error" => field("status"),
            kind => kind,
        };
        Self {
            message,
            kind,
            code: field("code"),
            param: field("param"),
        }
    }

    /// Does the error speak of this part of a request, as a whole word?
    pub(super) fn names(&self, word: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let in_text = |text: &str| {
            text.match_indices(word).any(|(start, found)| {
                let before = text.get(..start).and_then(|t| t.chars().next_back());
                let after = text
                    .get(start + found.len()..)
                    .and_then(|t| t.chars().next());
                !before.is_some_and(is_part) && !after.is_some_and(is_part)
            })
        };
        in_text(&self.param) || in_text(&self.message)
    }

    /// The server's words, with what they leave out.
    fn said(&self, status: u16) -> String {
        let redirected = (300..400).contains(&status);
        let words = match self.message.trim() {
            "" if redirected => "a redirect, which is not followed: the key stays with its host",
            "" => "no reason given",
            words => words,
        };
        let param = match self.param.as_str() {
            "" => String::new(),
            param if words.contains(param) => String::new(),
            param => format!(" ({param})"),
        };
        match status {
            200..=299 => format!("the server says: {words}{param}"),
            _ => format!("HTTP {status}: {words}{param}"),
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::answer;
    use super::*;
    use serde_json::json;

    #[test]
    fn the_setting_that_a_model_refuses_is_named() {
        let body = json!({"error": {"message": "`temperature` is deprecated for this model.",
                                    "type": "invalid_request_error"}});
        let temperature = Parameter::Text("0.2".to_owned());
        let warm = BTreeMap::from([("temperature".to_owned(), temperature)]);
        let named = failure(&answer(400, &[], &body), &warm).message;
        insta::assert_snapshot!(named, @"HTTP 400: `temperature` is deprecated for this model. (remove the setting `temperature`)");
        let unset = failure(&answer(400, &[], &body), &BTreeMap::new()).message;
        insta::assert_snapshot!(unset, @"HTTP 400: `temperature` is deprecated for this model.");
    }

    #[test]
    fn what_is_asked_to_wait_is_told() {
        let limited = answer(429, &[("retry-after", "3")], &json!({}));
        let failure = failure(&limited, &BTreeMap::new());
        assert_eq!(failure.retry_after, Some(std::time::Duration::from_secs(3)));
        insta::assert_snapshot!(failure.message, @"HTTP 429: no reason given");
    }
}
