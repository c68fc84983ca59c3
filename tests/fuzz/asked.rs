//! Source texts and what is answered about them: one law for each reader.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use rustassistant::analyzers::llm::Asked;
use rustassistant::analyzers::{Llm, Local, Source, secrets};
use rustassistant::model::{Analysis, Entry, Kind, Language, ObjectFormat, Oid, Recipe, Skip};
use rustassistant::provider::{Protocol, Request, understand};
use rustassistant::store;

fn request() -> Request {
    Request {
        model: "m".to_owned(),
        system: String::new(),
        user: "text".to_owned(),
        schema: Arc::new(serde_json::Value::Null),
        schema_name: "s".to_owned(),
        max_output_tokens: 9,
        context_window: None,
        parameters: BTreeMap::new(),
        repair: None,
    }
}

/// Whatever a server says is a reply, or a failure in one plain line.
pub fn reply(bytes: &[u8]) {
    let Some((&first, body)) = bytes.split_first() else {
        return;
    };
    let protocol = Protocol::ALL[usize::from(first) % Protocol::ALL.len()];
    let status = [200, 200, 429, 500][usize::from(first >> 2) % 4];
    if let Err(failure) = understand(protocol, &request(), status, body.to_vec()) {
        assert!(!failure.message.is_empty() && failure.message.chars().count() <= 400);
        assert!(!failure.message.contains(char::is_control));
    }
}

const TEXT: &str = "fn f(a: u8) -> u8 {\n    g(a).unwrap()\n}\n\n// caf\u{e9}\nfn g() {}\n";

static LLM: LazyLock<Llm> = LazyLock::new(|| Llm::new(Asked::new("xai", "m")));

/// Whatever a model writes, what is kept of it lies in the text that it was asked about and can be
/// stored.
pub fn answer(bytes: &[u8]) {
    let source = Source {
        text: TEXT.as_bytes(),
        language: Language::Rust,
    };
    let written = String::from_utf8_lossy(bytes);
    for kind in Kind::BUILT_IN {
        let pieces = LLM.ask(source, &kind).expect("the text can be asked about");
        let Ok(analysis) = LLM.read(source, &kind, &pieces[0], &written) else {
            continue;
        };
        let recipe = LLM.recipe(&kind, Language::Rust).expect("it has a prompt");
        kept(source.text, kind, &recipe, analysis);
    }
}

/// A text that is sent holds nothing that the net for secrets would have caught in any of its
/// lines. What it catches lies in the text, each apart from the others, without white space.
pub fn secret(bytes: &[u8]) {
    let language = Language::Rust;
    let refused = |text| LLM.refuses(Source { text, language });
    let of_whole = refused(bytes);
    if let Some(Skip::Secret { line }) = of_whole {
        let lines = bytes.split(|&byte| byte == b'\n').count();
        assert!((1..=lines).contains(&(line as usize)));
    }
    let mut last = 0;
    for span in secrets::spans(bytes) {
        assert!(last <= span.start && !span.is_empty(), "{span:?}");
        let value = bytes.get(span.clone()).expect("it lies in the text");
        assert!(!value.iter().any(u8::is_ascii_whitespace), "{span:?}");
        last = span.end;
    }
    let sent = LLM.ask(
        Source {
            text: bytes,
            language,
        },
        &Kind::Docs,
    );
    assert_eq!(sent.is_err(), of_whole.is_some());
}

/// Whatever a file holds, its analysis can be stored, and its findings lie in it.
pub fn analyzer(bytes: &[u8]) {
    let Some((&language, text)) = bytes.split_first() else {
        return;
    };
    let language = Language::ALL[usize::from(language) % Language::ALL.len()];
    let source = Source { text, language };
    let local = Local::default();
    let Ok(analyses) = local.analyze(source, &Kind::BUILT_IN) else {
        return;
    };
    for (kind, analysis) in Kind::BUILT_IN.into_iter().zip(analyses) {
        let recipe = local.recipe(&kind, language).expect("it has just answered");
        kept(text, kind, &recipe, analysis);
    }
}

/// What an answer must be to be kept.
fn kept(text: &[u8], kind: Kind, recipe: &Recipe, analysis: Analysis) {
    let lines = text.split(|&byte| byte == b'\n').count();
    for finding in &analysis.findings {
        assert!(finding.start_line >= 1 && finding.start_line <= finding.end_line);
        assert!(finding.end_line as usize <= lines, "{finding:?}");
    }
    let fingerprint = recipe
        .fingerprint(ObjectFormat::Sha1)
        .expect("it has a text");
    let entry = Entry {
        format: 1,
        blob: Oid::of_blob(ObjectFormat::Sha1, text),
        fingerprint,
        kind,
        analyzer: recipe.answerer(),
        created: None,
        duration_ms: None,
        usage: None,
        analysis,
    };
    let key = entry.key();
    // Of a model, more than an entry may hold is an error, and nothing is stored.
    let text = match store::encode(&entry) {
        Ok(text) => text,
        Err(why) => return assert!(recipe.model.is_some(), "{why}"),
    };
    assert_eq!(store::decode(text.as_bytes(), &key).ok(), Some(entry));
}
