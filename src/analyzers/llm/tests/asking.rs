//! Recipes, refusals, questions and parts.

use serde_json::json;

use super::{TEXT, answer, claim, llm, read, source};
use crate::analyzers::Source;
use crate::analyzers::llm::{Asked, Estimate, Llm, SCHEMA, prompt};
use crate::model::{Kind, Language, Level, ObjectFormat, Oid, Parameter, Skip, canonical};

/// Pinned: a change of this value makes every answer that anyone paid for a miss.
#[test]
fn the_fingerprint_of_a_recipe_never_changes_by_accident() {
    let fingerprints = Kind::BUILT_IN.map(|kind| {
        let recipe = llm().recipe(&kind, Language::Rust).unwrap();
        recipe.fingerprint(ObjectFormat::Sha1).unwrap().to_string()
    });
    insta::assert_snapshot!(fingerprints.join("\n"), @r"
    3f3479707b10a0464bccdeeb38e236587521ff52
    0d2e719527ab19b21138ec43a09785de80fd616f
    e053223327fb94bcc2c24a6c63c6692cc6ae381f
    55fd8c153cce510659f44a81bc0d02d4d8b6d437
    ");
    let schema = canonical(&*prompt::SCHEMA).unwrap();
    let schema = Oid::of_blob(ObjectFormat::Sha1, schema.as_bytes());
    insta::assert_snapshot!(format!("{SCHEMA} {schema}"), @"1 4af8505e9350514343fb636e10a9a2518c094775");
}

#[test]
fn every_ingredient_is_another_recipe_and_nothing_else_is() {
    let security = Kind::Custom("security".to_owned());
    let asked = || Asked {
        prompts: [(security.clone(), "Find holes.".to_owned())].into(),
        ..Asked::new("xai", "grok-4.7")
    };
    let recipe = |asked: Asked, kind: &Kind| Llm::new(asked).recipe(kind, Language::Rust).unwrap();
    let differences = |change: &dyn Fn(&mut Asked), kind: &Kind| {
        let mut other = asked();
        change(&mut other);
        recipe(asked(), kind).differences(&recipe(other, kind))
    };
    let refactor = &Kind::Refactor;
    assert_eq!(
        differences(&|asked| asked.model = "grok-4.6".into(), refactor),
        ["model"]
    );
    assert_eq!(
        differences(&|asked| asked.provider = "openai".into(), refactor),
        ["analyzer"]
    );
    let effort = |asked: &mut Asked| {
        let effort = Parameter::Text("low".into());
        asked.parameters.insert("effort".into(), effort);
    };
    assert_eq!(differences(&effort, refactor), ["effort"]);
    let reworded = |asked: &mut Asked| {
        asked
            .prompts
            .insert(security.clone(), "Find all holes.".into());
    };
    assert_eq!(differences(&reworded, &security), ["prompt"]);
    assert!(
        differences(&reworded, refactor).is_empty(),
        "a kind of its own"
    );
    let limits = |asked: &mut Asked| {
        asked.max_output_tokens = 9;
        asked.context_window = Some(9);
        asked.bytes_per_1000_tokens = 9;
    };
    assert!(differences(&limits, refactor).is_empty());
    let rust = recipe(asked(), refactor);
    let go = Llm::new(asked()).recipe(refactor, Language::Go).unwrap();
    assert_eq!(rust.differences(&go), ["language"]);
    assert_eq!(llm().recipe(&security, Language::Rust), None);
}

#[test]
fn texts_that_must_not_or_cannot_be_sent_are_not_asked_about() {
    let refused = |text: &[u8]| {
        let source = Source {
            text,
            language: Language::Rust,
        };
        llm().ask(source, &Kind::Refactor).unwrap_err()
    };
    assert_eq!(refused(b" \n"), Skip::Empty);
    assert_eq!(refused(b"\xff"), Skip::NotUtf8);
    assert!(matches!(
        refused(b"// @generated\nfn f() {}"),
        Skip::Generated(_)
    ));
    let key = [
        "fn f() {}\nlet k = \"gh",
        "p_q7Rk2VbX9mTz4LwPq7Rk2VbX9mTz4LwPabcd\";\n",
    ]
    .concat();
    assert_eq!(refused(key.as_bytes()), Skip::Secret { line: 2 });
    assert_eq!(
        llm().estimate(source(&key), &Kind::Refactor),
        Estimate::default()
    );
}

#[test]
fn a_question_holds_all_that_a_provider_needs() {
    let mut asked = Asked::new("ollama", "qwen");
    asked.context_window = Some(24_000);
    asked.parameters = [("seed".to_owned(), Parameter::Number(7))].into();
    let llm = Llm::new(asked);
    let pieces = llm.ask(source(TEXT), &Kind::Refactor).unwrap();
    let request = &pieces[0].request;
    assert_eq!(pieces[0].lines, 1..14);
    assert_eq!(
        (request.model.as_str(), request.max_output_tokens),
        ("qwen", 8000)
    );
    assert_eq!(request.context_window, Some(24_000));
    assert_eq!(request.parameters["seed"], Parameter::Number(7));
    assert!(request.system.contains("Leave test code alone"));
    assert!(request.user.contains(TEXT) && !request.system.contains("Store"));
    let estimate = llm.estimate(source(TEXT), &Kind::Refactor);
    let bytes = (request.system.len() + request.user.len()) as u64;
    assert_eq!((estimate.requests, estimate.output_tokens), (1, 8000));
    assert!(estimate.input_tokens.contains(&(bytes * 10 / 35)));
}

/// A text of so many functions, each with a call that no other has.
fn long_text(functions: usize) -> String {
    let function = |n: usize| format!("/// Does {n}.\npub fn f{n}() {{\n    call_{n}();\n}}\n\n");
    (0..functions).map(function).collect()
}

#[test]
fn a_long_text_is_parted_between_items_and_joined_with_the_right_lines() {
    let text = long_text(400);
    let llm = Llm::new(Asked {
        context_window: Some(6000),
        ..Asked::new("ollama", "small")
    });
    let pieces = llm.ask(source(&text), &Kind::Refactor).unwrap();
    assert!(pieces.len() > 2, "{}", pieces.len());
    let mut next = 1;
    let mut analyses = Vec::new();
    for piece in &pieces {
        assert_eq!(piece.lines.start, next, "without gap or overlap");
        next = piece.lines.end;
        assert!(
            piece.request.user.contains("\n/// Does"),
            "begins with documentation"
        );
        // The first function of each part, at the line that a model would count.
        let number = (piece.lines.start - 1) / 5;
        let claims = [claim("other", &format!("call_{number}();"), json!(3))];
        analyses.push(
            llm.read(source(&text), &Kind::Refactor, piece, &answer(&claims))
                .unwrap(),
        );
    }
    assert_eq!(next, 2001);
    let joined = llm.join(&Kind::Refactor, analyses);
    let told: Vec<u32> = joined
        .findings
        .iter()
        .map(|finding| finding.start_line)
        .collect();
    let expected: Vec<u32> = pieces.iter().map(|piece| piece.lines.start + 2).collect();
    assert_eq!(told, expected);
    assert_eq!(joined.metrics["warnings"], pieces.len() as i64);
    let estimate = llm.estimate(source(&text), &Kind::Refactor);
    assert_eq!(estimate.requests, pieces.len() as u64);
}

#[test]
fn what_is_quoted_from_another_part_is_dropped() {
    let text = long_text(400);
    let llm = Llm::new(Asked {
        context_window: Some(6000),
        ..Asked::new("ollama", "small")
    });
    let pieces = llm.ask(source(&text), &Kind::Refactor).unwrap();
    let claims = [claim("other", "call_399();", json!(3))];
    let analysis = llm
        .read(source(&text), &Kind::Refactor, &pieces[0], &answer(&claims))
        .unwrap();
    assert!(analysis.findings.is_empty());
}

#[test]
fn what_the_schema_accepts_is_read_and_what_it_requires_is_asked_for() {
    let schema = jsonschema::validator_for(&prompt::SCHEMA).unwrap();
    let whole = answer(&[claim("other", "pub struct Store;", json!(2))]);
    let mut whole: serde_json::Value = serde_json::from_str(&whole).unwrap();
    assert!(schema.is_valid(&whole));
    let told = llm().prompt(&Kind::Refactor).unwrap().system;
    for name in schema_names(&prompt::SCHEMA) {
        assert!(
            told.contains(&format!("`{name}`")),
            "the frame does not speak of {name}"
        );
    }
    whole["findings"][0]["level"] = json!("critical");
    assert!(!schema.is_valid(&whole));
    // Not every provider holds a model to it.
    let analysis = read(TEXT, &Kind::Refactor, &whole.to_string()).unwrap();
    assert_eq!(analysis.findings[0].level, Level::Error);
}

/// The names of all properties of a schema.
fn schema_names(schema: &serde_json::Value) -> Vec<String> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let below = properties.flat_map(|(name, schema)| {
        let inner = schema_names(schema);
        std::iter::once(name.clone()).chain(inner)
    });
    let items = schema.get("items").map(schema_names).unwrap_or_default();
    below.chain(items).collect()
}
