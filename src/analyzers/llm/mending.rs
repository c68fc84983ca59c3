//! What is nearly JSON as JSON: the slips of models that no schema binds. Not what it says.
//!
//! Libraries that repair JSON also close what was cut off, which must never pass for whole, and
//! readers of JSON5 know neither raw line feeds in strings nor Python's words.

use std::iter::Peekable;
use std::str::CharIndices;

type Chars<'a> = Peekable<CharIndices<'a>>;

/// The object that `text` begins with, as JSON, and its own text. Nothing if it does not end:
/// what was cut off stays so.
///
/// Comments and commas too many are left out; words become strings, Python's become JSON's; strings
/// may stand in single or typographic quotes, and hold raw line feeds, quotes and backslashes.
///
/// No more than `left` bytes are read, and what was read is taken from it: whoever looks at many
/// places would read a long text as often.
pub fn mend<'a>(text: &'a str, left: &mut usize) -> Option<(String, &'a str)> {
    let text = text.get(..text.floor_char_boundary(*left))?;
    let mut chars = text.char_indices().peekable();
    let mended = object(&mut chars, text);
    *left -= chars.peek().map_or(text.len(), |(at, _)| *at);
    mended
}

fn object<'a>(chars: &mut Chars<'_>, text: &'a str) -> Option<(String, &'a str)> {
    let (mut json, mut open) = (String::new(), Vec::new());
    while let Some((at, c)) = chars.next() {
        match c {
            '{' | '[' => {
                open.push(if c == '{' { '}' } else { ']' });
                json.push(c);
            }
            '}' | ']' => {
                if open.pop()? != c {
                    return None;
                }
                let kept = json.trim_end().trim_end_matches(',').len();
                json.truncate(kept);
                json.push(c);
                if open.is_empty() {
                    return Some((json, text.get(..=at)?));
                }
            }
            ',' if json.trim_end().ends_with(',') => {}
            ',' | ':' => json.push(c),
            '"' | '\'' => string(chars, &[c], text, &mut json)?,
            '“' | '”' | '„' => string(chars, &['”', '“'], text, &mut json)?,
            '/' => comment(chars)?,
            // One parts words as well as many, which would be read again at every comma.
            _ if c.is_whitespace() && json.ends_with(' ') => {}
            _ if c.is_whitespace() => json.push(' '),
            _ if is_of_a_word(c) => word(at, chars, text, &mut json),
            _ => return None,
        }
    }
    None
}

fn comment(chars: &mut Chars<'_>) -> Option<()> {
    match chars.next()?.1 {
        '/' => chars.find(|(_, c)| *c == '\n').map(drop),
        '*' => {
            let mut before = ' ';
            let mut ends = |c| std::mem::replace(&mut before, c) == '*' && c == '/';
            chars.find(|(_, c)| ends(*c)).map(drop)
        }
        _ => None,
    }
}

/// A name, a number or a literal.
fn word(start: usize, chars: &mut Chars<'_>, text: &str, json: &mut String) {
    while chars.next_if(|(_, c)| is_of_a_word(*c)).is_some() {}
    let end = chars.peek().map_or(text.len(), |(at, _)| *at);
    let word = text.get(start..end).unwrap_or_default();
    match word {
        "True" => json.push_str("true"),
        "False" => json.push_str("false"),
        "None" | "undefined" | "NaN" => json.push_str("null"),
        _ if serde_json::from_str::<serde_json::Value>(word).is_ok() => json.push_str(word),
        _ => json.push_str(&serde_json::Value::from(word).to_string()),
    }
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '+' | '.')
}

/// The rest of a string that ends with one of `quotes`.
fn string(chars: &mut Chars<'_>, quotes: &[char], text: &str, json: &mut String) -> Option<()> {
    json.push('"');
    loop {
        let (at, c) = chars.next()?;
        match c {
            _ if quotes.contains(&c) && ends_here(text.get(at + c.len_utf8()..)?) => break,
            '\\' => match chars.next()?.1 {
                escaped @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') => {
                    json.extend(['\\', escaped]);
                }
                '\'' => json.push('\''),
                '\n' => json.push_str("\\n"),
                // A pattern or a path that was not escaped.
                other => {
                    json.push_str("\\\\");
                    json.push(other);
                }
            },
            '"' => json.push_str("\\\""),
            _ if c.is_control() => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => json.push(c),
        }
    }
    json.push('"');
    Some(())
}

/// A quote within a string is followed by words, one at its end by what may follow a string.
fn ends_here(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty()
        || rest.starts_with([',', ':', '}', ']'])
        || rest.starts_with("//")
        || rest.starts_with("/*")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn mended(text: &str) -> Option<Value> {
        serde_json::from_str(&whole(text)?.0).ok()
    }

    fn whole(text: &str) -> Option<(String, &str)> {
        mend(text, &mut { usize::MAX })
    }

    #[test]
    fn slips_are_mended() {
        for (text, expected) in [
            (r#"{"a":[1,2,],}"#, json!({"a": [1, 2]})),
            (
                r#"{"a": [1, , 2], /* x */, "b": ","}"#,
                json!({"a": [1, 2], "b": ","}),
            ),
            (
                "{\"a\": 1, // one\n /* two */ \"b\": 2}",
                json!({"a": 1, "b": 2}),
            ),
            (
                "{'a': 'it\\'s \"so\"', b: None, c: True}",
                json!({"a": "it's \"so\"", "b": null, "c": true}),
            ),
            (
                "{\"a\": \"one\ntwo\tthree\"}",
                json!({"a": "one\ntwo\tthree"}),
            ),
            (
                r#"{"a": "say "yes" now", "b": 2}"#,
                json!({"a": "say \"yes\" now", "b": 2}),
            ),
            (
                r#"{"a": "\d+\.\w C:\new \u0041"}"#,
                json!({"a": "\\d+\\.\\w C:\new A"}),
            ),
            ("{“a”: “b”, “c”: -1.5e3}", json!({"a": "b", "c": -1500.0})),
            (
                r#"{"url": "https://a.example // no comment", "b": []}"#,
                json!({"url": "https://a.example // no comment", "b": []}),
            ),
        ] {
            assert_eq!(mended(text), Some(expected), "{text}");
        }
        assert_eq!(whole("{a: 1} and more").unwrap().1, "{a: 1}");
    }

    #[test]
    fn what_was_cut_off_is_not_closed() {
        let text = "{'a': [{'b': \"c\"}, 2], // x\n d: 'e',}";
        assert!(mended(text).is_some());
        for (end, _) in text.char_indices() {
            assert_eq!(whole(&text[..end]), None, "{}", &text[..end]);
            assert_eq!(mend(text, &mut { end }), None, "{end}");
        }
        assert_eq!(whole("{\"a\": [1}"), None);
    }

    #[test]
    fn what_is_read_is_counted() {
        for (text, read) in [("{a: 1} and more", 6), ("{a: ] and more", 5), ("{ö", 3)] {
            let mut left = 100;
            let _ = mend(text, &mut left);
            assert_eq!(left, 100 - read, "{text}");
        }
    }

    proptest! {
        #[test]
        fn json_stays_what_it_is(keys in "[a-z\"'\\\\\n/{}:,“ö ]{0,12}", number in any::<i64>()) {
            let value = json!({"k": keys.clone(), "n": [number, {"x": null}], "b": true});
            let text = value.to_string();
            let (_, own) = whole(&text).unwrap_or_default();
            // Where a string holds what ends one, it is read strictly before it is ever mended.
            if own == text {
                prop_assert!(mended(&text).is_none_or(|mended| mended["n"] == value["n"]));
            }
        }

        #[test]
        fn no_text_breaks_it(text in "(\\PC|[{}\\[\\]\"':,\n\\\\/*]){0,200}") {
            let _ = whole(&format!("{{{text}"));
        }
    }
}
