//! Questions and answers for the tests of the protocols. Not the samples: each file has its own,
//! taken from the providers' and shortened.

use std::sync::Arc;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::*;
use crate::provider::{Limit, Repair, Structured};

pub(crate) fn headers(given: &[(&str, &str)]) -> HeaderMap {
    let header = |(name, value): &(&str, &str)| {
        let name: HeaderName = name.parse().unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    };
    given.iter().map(header).collect()
}

pub(crate) fn answer(status: u16, given: &[(&str, &str)], body: &Value) -> Answer {
    Answer {
        status,
        headers: headers(given),
        body: body.to_string().into_bytes(),
    }
}

pub(crate) fn request() -> Request {
    Request {
        model: "m-1".to_owned(),
        system: "You review code.".to_owned(),
        user: "fn main() {}".to_owned(),
        schema: Arc::new(json!({"type": "object", "properties": {}, "required": [],
                                "additionalProperties": false})),
        schema_name: "findings".to_owned(),
        max_output_tokens: 4096,
        context_window: None,
        parameters: Default::default(),
        repair: None,
    }
}

/// A second attempt.
pub(crate) fn repair(answer: &str) -> Request {
    Request {
        repair: Some(Repair {
            answer: answer.to_owned(),
            complaint: "It is not JSON.".to_owned(),
        }),
        ..request()
    }
}

pub(crate) fn asked(protocol: Protocol, request: &Request, structured: Structured) -> Value {
    let manner = Manner {
        structured,
        limit: Limit::MaxTokens,
        is_folded: false,
        streams: false,
        types_turns: false,
    };
    body(protocol, request, manner).unwrap()
}

/// The answer of the usual server to the usual question.
pub(crate) fn heard(protocol: Protocol, body: &Value) -> Result<Reply, Failure> {
    let answer = answer(200, &[("x-request-id", "req_1")], body);
    read(protocol, Dialect::USUAL, &request(), &answer).map_err(|failure| *failure)
}
