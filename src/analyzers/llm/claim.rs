//! The parts of an answer, read leniently: a finding and a suggestion as models write them. Not how
//! they are found: that is `reply`.

use serde_json::Value;

use crate::model::{Confidence, Level, MAX_TEXT_BYTES};

/// The longest string of an answer, in bytes.
pub const MAX_STRING: usize = MAX_TEXT_BYTES;

/// A finding, as far as a model says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub rule: String,
    pub level: Level,
    pub quote: String,
    pub line: Option<i64>,
    pub item: Option<String>,
    pub title: String,
    pub message: String,
    pub suggestion: Option<String>,
    pub confidence: Option<Confidence>,
}

/// What the text as a whole would gain from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub title: String,
    pub detail: String,
    pub effort_minutes: Option<i64>,
}

impl Claim {
    /// Nothing without a quote, or where nothing is said. Title and message stand in for each other.
    pub fn of(value: &Value) -> Option<Self> {
        let quote = words(value, "quote")?;
        let (title, message) = (words(value, "title"), words(value, "message"));
        let said = title.or(message)?;
        Some(Self {
            rule: words(value, "rule").unwrap_or_default().to_owned(),
            level: level(&value["level"]),
            quote: quote.to_owned(),
            line: whole_number(&value["line"]),
            item: words(value, "item").map(str::to_owned),
            title: title.unwrap_or(said).to_owned(),
            message: message.unwrap_or(said).to_owned(),
            suggestion: words(value, "suggestion").map(str::to_owned),
            confidence: confidence(&value["confidence"]),
        })
    }
}

impl Proposal {
    pub fn of(value: &Value) -> Option<Self> {
        Some(Self {
            title: words(value, "title")?.to_owned(),
            detail: words(value, "detail").unwrap_or_default().to_owned(),
            effort_minutes: whole_number(&value["effort_minutes"]),
        })
    }
}

/// A text that says something and is not too long.
fn words<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    let text = value.get(name)?.as_str()?;
    let fits = !text.trim().is_empty() && text.len() <= MAX_STRING;
    fits.then_some(text)
}

/// A number, also one in quotes or with a point.
fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_i64().or_else(|| {
            let text = number.as_f64()?.to_string();
            text.parse().ok()
        }),
    }
}

/// A level in the words of other tools and tongues of models; numbers as editors count them
/// (Language Server Protocol): 1 is an error, 2 a warning. What nobody knows is a note.
fn level(value: &Value) -> Level {
    let word = match value {
        Value::String(word) => word.trim().to_ascii_lowercase(),
        other => other.to_string(),
    };
    let begins = |beginnings: &[&str]| beginnings.iter().any(|one| word.starts_with(one));
    if word == "1" || begins(&["err", "crit", "high", "sever", "fatal", "block", "bug"]) {
        Level::Error
    } else if word == "2" || begins(&["warn", "med", "mod", "major", "import"]) {
        Level::Warning
    } else {
        Level::Note
    }
}

fn confidence(value: &Value) -> Option<Confidence> {
    match value.as_str()?.trim().to_ascii_lowercase().as_str() {
        "high" => Some(Confidence::High),
        "medium" => Some(Confidence::Medium),
        "low" => Some(Confidence::Low),
        _ => None,
    }
}
