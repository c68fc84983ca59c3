//! What an answer is worth.

use serde_json::json;

use super::{TEXT, answer, claim, llm, read, source};
use crate::model::{Confidence, Kind, Language, Level};

#[test]
fn a_claim_with_its_quote_becomes_a_finding_at_its_place() {
    let claims = [claim(
        "unsafe-unwrap",
        "let text = read(path).unwrap();",
        json!(11),
    )];
    let analysis = read(TEXT, &Kind::Refactor, &answer(&claims)).unwrap();
    assert_eq!(analysis.summary, "A store of files.");
    let [finding] = &analysis.findings[..] else {
        panic!("{analysis:?}")
    };
    assert_eq!((finding.start_line, finding.start_column), (11, 9));
    assert_eq!((finding.end_line, finding.end_column), (11, 40));
    assert_eq!(
        (finding.rule.as_str(), finding.level),
        ("unsafe-unwrap", Level::Warning)
    );
    assert_eq!(finding.item.as_deref(), Some("Store::read"));
    assert_eq!(finding.title, "It panics");
    assert_eq!(finding.message, "A missing file ends it.");
    assert_eq!(finding.confidence, Some(Confidence::High));
    assert_eq!(finding.anchor, "let text = read(path).unwrap();");
    assert_eq!(
        (analysis.metrics["warnings"], analysis.metrics["dropped"]),
        (1, 0)
    );
}

#[test]
fn its_place_is_the_one_that_the_embedded_analyzer_would_tell() {
    let claims = [claim(
        "other",
        "pub fn open(path: &str) -> Self {",
        json!(null),
    )];
    let analysis = read(TEXT, &Kind::Refactor, &answer(&claims)).unwrap();
    let subject = crate::analyzers::local::subject::Subject::parse(TEXT.as_bytes(), Language::Rust);
    let local = subject.unwrap().finding("other", Level::Warning, {
        let start = TEXT.find("pub fn open").unwrap();
        start..start + "pub fn open(path: &str) -> Self {".len()
    });
    let mut told = analysis.findings[0].clone();
    (told.title, told.message, told.confidence) = (String::new(), String::new(), None);
    assert_eq!(told, local);
}

#[test]
fn a_quote_that_is_not_there_drops_the_finding_and_is_counted() {
    let claims = [
        claim("other", "let text = fs::read(path)?;", json!(6)),
        claim("other", "pub struct Store;", json!(1)),
    ];
    let analysis = read(TEXT, &Kind::Refactor, &answer(&claims)).unwrap();
    assert_eq!(analysis.findings.len(), 1);
    assert_eq!(analysis.findings[0].start_line, 2);
    assert_eq!(analysis.metrics["dropped"], 1);
}

#[test]
fn a_rule_that_nobody_listed_is_other_and_keeps_its_word() {
    let claims = [claim("Bad.Style", "pub struct Store;", json!(null))];
    let analysis = read(TEXT, &Kind::Refactor, &answer(&claims)).unwrap();
    let finding = &analysis.findings[0];
    assert_eq!(
        (finding.rule.as_str(), finding.details["rule"].as_str()),
        ("other", "Bad.Style")
    );
    for word in ["Unsafe Unwrap", "unsafe_unwrap", "`unsafeUnwrap`"] {
        let claims = [claim(word, "pub struct Store;", json!(null))];
        let analysis = read(TEXT, &Kind::Refactor, &answer(&claims)).unwrap();
        assert_eq!(analysis.findings[0].rule, "unsafe-unwrap", "{word}");
        assert!(analysis.findings[0].details.is_empty());
    }
    let todos = [claim("unsafe-unwrap", "pub struct Store;", json!(null))];
    let analysis = read(TEXT, &Kind::Todos, &answer(&todos)).unwrap();
    assert_eq!(
        analysis.findings[0].rule, "other",
        "it is a rule of another kind"
    );
}

#[test]
fn what_a_text_suppresses_a_model_cannot_find() {
    let text = "fn f() {\n    a().unwrap(); // rustassistant: ignore[unsafe-unwrap] checked\n}\n";
    let claims = [claim("unsafe-unwrap", "a().unwrap();", json!(2))];
    let analysis = read(text, &Kind::Refactor, &answer(&claims)).unwrap();
    assert!(analysis.findings.is_empty());
    assert_eq!(analysis.metrics["suppressed"], 1);
    assert_eq!(analysis.metrics["warnings"], 0);
}

#[test]
fn an_answer_that_repeats_the_question_is_none() {
    let piece = &llm().ask(source(TEXT), &Kind::Refactor).unwrap()[0];
    let user = &piece.request.user;
    let echo = format!("{user}{}", answer(&[]));
    let complaint = read(TEXT, &Kind::Refactor, &echo).unwrap_err().to_string();
    assert_eq!(
        complaint,
        "The answer repeats the text instead of judging it."
    );
    // A text that brings an answer along, and a model that copies it.
    let text = format!("// {}\nfn f() {{}}\n", answer(&[]));
    let complaint = read(&text, &Kind::Refactor, &text).unwrap_err().to_string();
    assert_eq!(
        complaint,
        "The answer repeats the text instead of judging it."
    );
}

#[test]
fn documentation_without_a_document_is_no_answer_and_others_have_none() {
    assert!(read(TEXT, &Kind::Docs, &answer(&[])).is_err());
    let written = answer(&[]).replace("null", "\"## Use\\n\\nOpen it.\"");
    let analysis = read(TEXT, &Kind::Docs, &written).unwrap();
    assert_eq!(analysis.document.as_deref(), Some("## Use\n\nOpen it."));
    assert_eq!(
        read(TEXT, &Kind::Refactor, &written).unwrap().document,
        None
    );
}
