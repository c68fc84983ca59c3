//! What a purge takes: what is told of some blobs, or what holds a text. Only the judging, of one
//! stored text at a time; not where it is looked for.

use std::borrow::Cow;
use std::collections::BTreeSet;

use memchr::memmem;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use serde::Deserialize;
use serde_json::Value;

use super::journal::{Record, Tag};
use super::layout::FORMAT_TEXT;
use crate::model::Oid;

/// What must be found nowhere any more.
#[derive(Debug)]
pub enum Doomed {
    /// Entries about these blobs.
    About(BTreeSet<Oid>),
    /// Entries, recipes and all else that holds this text.
    Holding(Needle),
}

/// A text to be looked for in whatever way it may have been written down.
pub struct Needle {
    /// Byte for byte: as it is, and as others write it.
    forms: Vec<Vec<u8>>,
    /// White space folded: quotes of a text with several lines are kept so.
    folded: String,
}

/// It is a secret: nothing shows it.
impl std::fmt::Debug for Needle {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Needle")
    }
}

/// The parts of an entry that are ids, and no text of anybody. Whatever the entry's format.
#[derive(Deserialize)]
struct Ids<'a> {
    #[serde(borrow)]
    blob: Option<Cow<'a, str>>,
    #[serde(borrow)]
    fingerprint: Option<Cow<'a, str>>,
}

impl Needle {
    /// `None` if there is nothing but white space in `text`.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let quoted = |text: &str| {
            let json = Value::from(text).to_string();
            let inner = json
                .strip_prefix('"')
                .and_then(|json| json.strip_suffix('"'));
            inner.unwrap_or_default().to_owned()
        };
        let (json, escaped) = (quoted(text), text.escape_debug().to_string());
        let encoded = percent_encode(text.as_bytes(), NON_ALPHANUMERIC).to_string();
        // A message that quotes JSON is written down once more.
        let twice = [quoted(&json), json.escape_debug().to_string()];
        let forms = [text.to_owned(), json, escaped, encoded].into_iter();
        let forms: BTreeSet<Vec<u8>> = forms.chain(twice).map(String::into_bytes).collect();
        Some(Self {
            forms: forms.into_iter().collect(),
            folded: fold(text),
        })
    }

    /// Is it in there, as it is or as files of ours write it?
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms
            .iter()
            .any(|form| memmem::find(bytes, form).is_some())
    }

    /// Is it in a stored text, which is JSON, however that writes it?
    fn is_in_json(&self, text: &[u8]) -> bool {
        let ids = serde_json::from_slice::<Ids<'_>>(text).ok();
        let ids = ids.iter().flat_map(|ids| [&ids.blob, &ids.fingerprint]);
        let ids = ids
            .flatten()
            .filter(|id| Oid::from_hex(id.as_bytes()).is_some());
        // A short text of hexadecimal digits is in many an id.
        let without = ids.fold(Cow::Borrowed(text), |text, id| without(text, id.as_bytes()));
        self.is_in(&without)
            || serde_json::from_slice(&without).is_ok_and(|value: Value| self.is_in_value(&value))
    }

    fn is_in_value(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => fold(text).contains(&self.folded),
            Value::Array(values) => values.iter().any(|value| self.is_in_value(value)),
            Value::Object(fields) => fields
                .iter()
                .any(|(name, value)| fold(name).contains(&self.folded) || self.is_in_value(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn without<'a>(text: Cow<'a, [u8]>, part: &[u8]) -> Cow<'a, [u8]> {
    let Some(at) = memmem::find(&text, part) else {
        return text;
    };
    let rest = without(Cow::Borrowed(&text[at + part.len()..]), part);
    Cow::Owned([&text[..at], &rest].concat())
}

impl Doomed {
    /// Must this go, the text of an entry or a recipe?
    pub fn takes(&self, text: &[u8]) -> bool {
        match self {
            // What every store begins with is not theirs who wrote an entry.
            _ if text == FORMAT_TEXT => false,
            Self::About(blobs) => {
                let ids: Option<Ids<'_>> = serde_json::from_slice(text).ok();
                let blob = ids.and_then(|ids| Oid::from_hex(ids.blob?.as_bytes()));
                blob.is_some_and(|blob| blobs.contains(&blob))
            }
            Self::Holding(needle) => needle.is_in_json(text),
        }
    }

    /// As [`Doomed::takes`], of what lies in a journal.
    pub(super) fn takes_record(&self, record: &Record) -> bool {
        match self {
            Self::About(_) if record.tag == Tag::Recipe => false,
            _ => self.takes(&record.text),
        }
    }

    /// Must what is told of this blob go?
    pub(super) fn takes_all_about(&self, blob: Oid) -> bool {
        match self {
            Self::About(blobs) => blobs.contains(&blob),
            Self::Holding(_) => false,
        }
    }

    /// Is this the name of a file, or the message of a commit, that must go?
    pub(super) fn is_in_name(&self, name: &[u8]) -> bool {
        match self {
            Self::About(_) => false,
            Self::Holding(needle) => !name.iter().all(u8::is_ascii_hexdigit) && needle.is_in(name),
        }
    }

    /// Must this go, a line of a file of ours, or all of the file?
    pub(super) fn is_in_line(&self, line: &[u8]) -> bool {
        match self {
            Self::About(blobs) => blobs
                .iter()
                .any(|blob| memmem::find(line, &blob.hex()).is_some()),
            Self::Holding(needle) => needle.is_in(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(needle: &str, text: &str) -> bool {
        Doomed::Holding(Needle::new(needle).unwrap()).takes(text.as_bytes())
    }

    #[test]
    fn a_text_is_found_however_json_writes_it() {
        for (needle, text) in [
            ("pass\"word", r#"{"a":["x pass\"word y"]}"#),
            ("tür", r#"{"a":"x t\u00fcr"}"#),
            ("a/b", r#"{"a":{"a\/b":1}}"#),
            ("BEGIN\n  KEY\n", r#"{"anchor":"-- BEGIN KEY --"}"#),
            ("BEGIN KEY", r#"{"document":"BEGIN\n\n\tKEY"}"#),
            ("c\\d", r#"{"a":"c\\d"}"#),
            // Cut short, twice the same field, not JSON, a number.
            ("hunter2", r#"{"a":"hunter2"#),
            ("hunter2", r#"{"a":"hunter2","a":"x"}"#),
            ("hunter2", "hunter2"),
            ("123456", r#"{"metrics":{"a":123456}}"#),
        ] {
            assert!(takes(needle, text), "{needle} in {text}");
        }
        assert!(!takes("hunter2", r#"{"a":"hunter 2"}"#));
        assert!(Needle::new(" \n").is_none());
    }

    #[test]
    fn an_id_is_no_text() {
        let id = "cafe".repeat(10);
        let text = format!(r#"{{"blob":"{id}","fingerprint":"{id}","summary":"x"}}"#);
        assert!(!takes("cafe", &text));
        assert!(takes("cafe", &text.replace('x', "cafe")));
        assert!(takes("cafe", r#"{"blob":"cafe au lait"}"#));
    }

    #[test]
    fn what_is_told_of_a_blob_is_known_in_whatever_format() {
        let id = "cafe".repeat(10);
        let blobs = BTreeSet::from([Oid::from_hex(id.as_bytes()).unwrap()]);
        let doomed = Doomed::About(blobs);
        assert!(doomed.takes(format!(r#"{{"blob":"{id}","format":99,"new":[]}}"#).as_bytes()));
        assert!(!doomed.takes(format!(r#"{{"summary":"{id}"}}"#).as_bytes()));
    }

    #[test]
    fn a_needle_shows_itself_to_nobody() {
        let needle = Needle::new("hunter2").unwrap();
        assert!(!format!("{:?}", Doomed::Holding(needle)).contains("hunter2"));
    }
}
