//! Does an answer hold what looks like a secret? Asked before it goes to others. Where secrets are in
//! a text is for `secrets`.

use serde_json::Value;

use super::secrets;
use crate::model::Entry;

/// Does a text of the answer look as if it held a secret, alone or because one of `source`, the text
/// that it is about, is in it?
pub fn quotes_secret(entry: &Entry, _source: Option<&[u8]>) -> bool {
    let analysis = serde_json::to_value(&entry.analysis);
    // What cannot be looked through is not let go.
    analysis.map_or(true, |analysis| {
        any_text(&analysis, &|text| secrets::first(text.as_bytes()).is_some())
    })
}

fn any_text(value: &Value, is_one: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is_one(text),
        Value::Array(all) => all.iter().any(|value| any_text(value, is_one)),
        Value::Object(all) => all
            .iter()
            .any(|(name, value)| is_one(name) || any_text(value, is_one)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
