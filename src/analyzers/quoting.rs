//! Does an answer hold what looks like a secret? Asked before it goes to others. Where secrets are in
//! a text is for `secrets`.

use aho_corasick::AhoCorasick;
use serde_json::Value;

use super::secrets::spans;
use crate::model::Entry;

/// Shorter values are parts of many words, in bytes.
const SHORTEST: usize = 6;

/// Does a text of the answer look as if it held a secret, alone or because one of `source`, the text
/// that it is about, is in it? Without its name beside it a value may have no look of its own.
///
/// Takes a time that is in proportion to both, however many secrets there are.
pub fn quotes_secret(entry: &Entry, source: Option<&[u8]>) -> bool {
    let Ok(analysis) = serde_json::to_value(&entry.analysis) else {
        // What cannot be looked through is not let go.
        return true;
    };
    let source = source.unwrap_or_default();
    let values = spans(source)
        .into_iter()
        .filter_map(|span| source.get(span));
    let values: Vec<&[u8]> = values.filter(|value| value.len() >= SHORTEST).collect();
    let known = match values.as_slice() {
        [] => None,
        values => match AhoCorasick::new(values) {
            Ok(known) => Some(known),
            Err(_) => return true,
        },
    };
    let is_one = |text: &str| {
        known.as_ref().is_some_and(|known| known.is_match(text))
            || !spans(text.as_bytes()).is_empty()
    };
    any_text(&analysis, &is_one)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Analysis, FORMAT, Fingerprint, Kind, ObjectFormat, Oid};

    fn says(summary: &str) -> Entry {
        let oid = Oid::of_blob(ObjectFormat::Sha1, b"");
        Entry {
            format: FORMAT,
            blob: oid,
            fingerprint: Fingerprint(oid),
            kind: Kind::Todos,
            analyzer: "local/1".to_owned(),
            created: None,
            duration_ms: None,
            usage: None,
            analysis: Analysis {
                summary: summary.to_owned(),
                ..Analysis::default()
            },
        }
    }

    #[test]
    fn a_value_is_known_again_without_the_name_that_made_it_a_secret() {
        let value = ["q7Rk2VbX", "9mTz4LwP"].concat();
        let source = format!("let api_key = \"{value}\";\n");
        let quoting = says(&format!("the word {value} is odd"));
        assert!(quotes_secret(&quoting, Some(source.as_bytes())));
        assert!(!quotes_secret(
            &says("the key is written in the code"),
            Some(source.as_bytes())
        ));
    }

    #[test]
    fn a_text_that_looks_like_a_secret_needs_no_source() {
        let quoting = says(&format!(
            "rotate {}",
            ["AK", "IA", "Q7RK2VBX5MTZ4LWP"].concat()
        ));
        assert!(quotes_secret(&quoting, None));
        assert!(!quotes_secret(&says("a small file"), None));
    }
}
