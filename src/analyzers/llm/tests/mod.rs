//! The analyzer as a whole: what is asked, what is made of answers, and of hostile ones. Here: what
//! these tests share.

mod asking;
mod hostile;
mod reading;

use serde_json::{Value, json};

use super::{Asked, Complaint, Llm};
use crate::analyzers::Source;
use crate::model::{Analysis, Kind, Language};

pub const TEXT: &str = "\
//! A store.
pub struct Store;

impl Store {
    pub fn open(path: &str) -> Self {
        let text = read(path).unwrap();
        Self
    }

    fn read(path: &str) {
        let text = read(path).unwrap();
    }
}
";

pub fn source(text: &str) -> Source<'_> {
    Source {
        text: text.as_bytes(),
        language: Language::Rust,
    }
}

pub fn llm() -> Llm {
    Llm::new(Asked::new("xai", "grok-4.7"))
}

pub fn claim(rule: &str, quote: &str, line: Value) -> Value {
    json!({
        "rule": rule, "level": "warning", "quote": quote, "line": line, "item": null,
        "title": "It panics.", "message": "A missing file\u{1b} ends it.", "suggestion": null,
        "confidence": "high",
    })
}

pub fn answer(findings: &[Value]) -> String {
    let answer = json!({
        "summary": "A store\nof files.", "findings": findings, "suggestions": [], "document": null,
    });
    answer.to_string()
}

/// What is made of an answer about a text that fits one request.
pub fn read(text: &str, kind: &Kind, written: &str) -> Result<Analysis, Complaint> {
    let pieces = llm().ask(source(text), kind).unwrap();
    assert_eq!(pieces.len(), 1);
    llm().read(source(text), kind, &pieces[0], written)
}
