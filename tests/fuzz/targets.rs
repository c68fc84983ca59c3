//! What strangers can put before this program, and what must hold for any bytes: one function for
//! each reader. Driven by tests/hostile_bytes.rs a little in every run of the suite, and by
//! `cargo fuzz` for hours (docs/contributing.md). A function that returns has held.

use rustassistant::analyzers::{Local, Source};
use rustassistant::git::{ConfigEntry, Scope, TreeEntries, TreeEntry, write_tree};
use rustassistant::model::{
    Entry, EntryKey, Fingerprint, Kind, Language, ObjectFormat, Oid, Recipe,
};
use rustassistant::report::{clean, clean_line, clean_source};
use rustassistant::settings::{Sources, resolve};
use rustassistant::store;

/// A reader and its name.
pub type Target = (&'static str, fn(&[u8]));

pub const TARGETS: [Target; 6] = [
    ("entry", entry),
    ("recipe", recipe),
    ("tree", tree),
    ("text", text),
    ("config", config),
    ("analyzer", analyzer),
];

/// An entry that is believed is within bounds, belongs to its key, and reads back as it was
/// written.
pub fn entry(bytes: &[u8]) {
    // The key that the bytes claim: with any other nothing would ever be believed.
    let claimed = serde_json::from_slice::<Entry>(bytes).map(|entry| entry.key());
    let key = claimed.unwrap_or_else(|_| EntryKey {
        kind: Kind::Docs,
        fingerprint: Fingerprint(ObjectFormat::Sha1.zero()),
        blob: ObjectFormat::Sha1.zero(),
    });
    let Ok(entry) = store::decode(bytes, &key) else {
        return;
    };
    assert_eq!(entry.key(), key);
    let text = store::encode(&entry).expect("what was read can be written");
    assert_eq!(store::decode(text.as_bytes(), &key).ok(), Some(entry));
}

/// A recipe that is read has one canonical text, whatever the spelling it was read from.
pub fn recipe(bytes: &[u8]) {
    let Ok(recipe) = serde_json::from_slice::<Recipe>(bytes) else {
        return;
    };
    let text = recipe.canonical().expect("every field has a JSON form");
    let again: Recipe = serde_json::from_str(&text).expect("canonical text is a recipe");
    assert_eq!(again.canonical().ok(), Some(text));
    assert!(recipe.differences(&again).is_empty());
}

/// The lines of a tree end, never lead out of their folder, and are those that were written.
pub fn tree(bytes: &[u8]) {
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        let lines: Vec<_> = TreeEntries::new(bytes, format).collect();
        assert!(lines.len() <= bytes.len());
        let sound: Option<Vec<TreeEntry<'_>>> = lines.into_iter().map(Result::ok).collect();
        let Some(mut lines) = sound else { continue };
        assert!(lines.iter().all(|line| {
            !line.name.is_empty() && line.name != b".." && !line.name.contains(&b'/')
        }));
        let (oid, written) = write_tree(&mut lines, format);
        assert_eq!(TreeEntries::new(&written, format).count(), lines.len());
        assert_eq!(oid.format(), format);
    }
}

/// Nothing that could steer a terminal, hide, or give an order is left; cleaning twice changes
/// nothing more; a source line keeps its columns.
pub fn text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let cleaned = clean(&text);
    assert_eq!(clean(&cleaned), cleaned);
    assert!(
        !cleaned
            .chars()
            .any(|c| c.is_control() && c != '\n' && c != '\t')
    );
    assert!(
        !cleaned
            .lines()
            .any(|line| line.trim_start().starts_with("::"))
    );
    assert!(!clean_line(&text).contains(['\n', '\t', '\r']));
    for line in text.lines() {
        assert_eq!(clean_source(line).chars().count(), line.chars().count());
    }
}

/// A tracked file of settings: names and values of anything, in lines. It may be refused, and it
/// may never change who answers.
pub fn config(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let entry = |line: &str| {
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (line, None),
        };
        ConfigEntry {
            name: name.to_owned(),
            value,
            scope: Scope::Tracked,
            origin: None,
        }
    };
    let sources = Sources {
        config: text.lines().map(entry).collect(),
        ..Sources::default()
    };
    if let Ok(resolution) = resolve(&sources) {
        let usual = resolve(&Sources::default()).expect("the defaults are allowed");
        assert_eq!(resolution.settings.provider, usual.settings.provider);
        assert!(resolution.settings.max_file_size <= usual.settings.max_file_size);
    }
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
    let lines = text.split(|&byte| byte == b'\n').count();
    for (kind, analysis) in Kind::BUILT_IN.into_iter().zip(analyses) {
        for finding in &analysis.findings {
            assert!(finding.start_line >= 1 && finding.start_line <= finding.end_line);
            assert!(finding.end_line as usize <= lines, "{finding:?}");
        }
        let recipe = local.recipe(&kind, language).expect("it has just answered");
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
        // More than an entry may hold is an error, and nothing is stored.
        let Ok(text) = store::encode(&entry) else {
            continue;
        };
        assert_eq!(store::decode(text.as_bytes(), &key).ok(), Some(entry));
    }
}
