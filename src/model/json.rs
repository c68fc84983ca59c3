//! JSON as this program stores it: one text for one value. Not a parser.

use serde::Serialize;
use serde_json::{Map, Value};

/// The one compact text of a value: sorted keys, no insignificant space, one newline at the end.
pub fn canonical<T: Serialize>(value: &T) -> serde_json::Result<String> {
    let value = sorted(serde_json::to_value(value)?);
    Ok(format!("{value}\n"))
}

/// The one text for people: sorted keys, two spaces of indent, one newline at the end.
pub fn pretty<T: Serialize>(value: &T) -> serde_json::Result<String> {
    let value = sorted(serde_json::to_value(value)?);
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

/// Keys in order, whichever map `serde_json` was built with.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<(String, Value)> = map.into_iter().collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(
                pairs
                    .into_iter()
                    .map(|(k, v)| (k, sorted(v)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// How deeply brackets nest in a JSON text, strings aside. Counted before parsing, because a
/// parser may follow ignored fields to any depth.
pub fn nesting_depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for &byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_one_text() {
        let value: Value = serde_json::from_str(r#"{"b":[{"z":1,"a":2}],"a":null}"#).unwrap();
        assert_eq!(
            canonical(&value).unwrap(),
            "{\"a\":null,\"b\":[{\"a\":2,\"z\":1}]}\n"
        );
    }

    #[test]
    fn brackets_in_strings_do_not_nest() {
        assert_eq!(nesting_depth(br#"{"a":"[[[\"[","b":[1]}"#), 2);
        assert_eq!(nesting_depth(b"[[["), 3);
    }
}
