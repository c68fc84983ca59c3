//! Who says what in a question: the same for all protocols. Not how it is written.

use serde_json::{Value, json};

use super::Manner;
use crate::provider::{Request, Structured};

/// The system's part, with the schema in words where the server is not given it as such.
pub(super) fn system(request: &Request, manner: Manner) -> String {
    match manner.structured {
        Structured::Schema | Structured::Tool => request.system.clone(),
        Structured::Object | Structured::Prompt => with_schema(request),
    }
}

/// The system's part with the schema in words in any case.
pub(super) fn with_schema(request: &Request) -> String {
    format!(
        "{}\n\nAnswer with one JSON object that fills this JSON schema, and with nothing else:\n{}",
        request.system.trim_end(),
        request.schema
    )
}

/// The system's part as a message of its own, or at the head of the user's turn, and what follows.
pub(super) fn messages(request: &Request, system: &str, manner: Manner) -> Vec<Value> {
    let mut messages = dialogue(request);
    if let Some(first) = messages.first_mut().filter(|_| manner.is_folded) {
        let user = first["content"].as_str().unwrap_or_default();
        first["content"] = format!("{}\n\n{user}", system.trim_end()).into();
        return messages;
    }
    messages.insert(0, json!({"role": "system", "content": system}));
    messages
}

/// What follows the system's part: the text, and on a second attempt the answer that could not be
/// used and why. An empty answer is no turn: Anthropic refuses one.
pub(super) fn dialogue(request: &Request) -> Vec<Value> {
    let turn = |role: &str, content: &str| json!({"role": role, "content": content});
    match &request.repair {
        None => vec![turn("user", &request.user)],
        Some(repair) if repair.answer.trim().is_empty() => {
            let both = format!("{}\n\n{}", request.user, repair.complaint);
            vec![turn("user", &both)]
        }
        Some(repair) => vec![
            turn("user", &request.user),
            turn("assistant", repair.answer.trim_end()),
            turn("user", &repair.complaint),
        ],
    }
}
