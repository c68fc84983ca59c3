//! Entries to bytes and back. What is read may come from a stranger: it is believed only as far
//! as it agrees with where it was found.

use std::fmt;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::model::{
    Entry, EntryKey, FORMAT, Finding, MAX_ENTRY_BYTES, MAX_FINDINGS, MAX_TEXT_BYTES, nesting_depth,
    pretty, shorten,
};

/// Deeper than any entry this program writes, far below what exhausts a stack.
const MAX_DEPTH: usize = 64;

/// Why an entry does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Missing, too large, or damaged below the level of its text.
    Object(String),
    /// Not JSON, or not the JSON of an entry.
    Syntax(String),
    /// Written by a newer program: not ours to replace.
    NewerFormat(u32),
    /// It answers another question than the one it is stored under.
    Elsewhere(&'static str),
    /// A number or a length beyond all bounds.
    OutOfBounds(&'static str),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(why) | Self::Syntax(why) => out.write_str(why),
            Self::NewerFormat(format) => write!(out, "format {format} is newer than this program"),
            Self::Elsewhere(field) => write!(out, "its {field} is not that of its path"),
            Self::OutOfBounds(what) => write!(out, "{what} out of bounds"),
        }
    }
}

/// Shortens what a reader would refuse an entry for.
pub fn fit(entry: &mut Entry) {
    let analysis = &mut entry.analysis;
    analysis.findings.truncate(MAX_FINDINGS);
    shorten(&mut analysis.summary);
    for finding in &mut analysis.findings {
        let texts = [
            &mut finding.title,
            &mut finding.message,
            &mut finding.anchor,
            &mut finding.rule,
        ];
        let others = finding.item.iter_mut().chain(&mut finding.suggestion);
        texts.into_iter().chain(others).for_each(shorten);
    }
}

/// The text of an entry, as it is stored.
///
/// # Errors
/// If it would not be believed afterwards: its question would be answered again in every run.
pub fn encode(entry: &Entry) -> Result<String> {
    let text = pretty(entry).context("cannot write an analysis as JSON")?;
    if text.len() > MAX_ENTRY_BYTES {
        bail!(
            "analysis too large: {} bytes, the limit is {MAX_ENTRY_BYTES}",
            text.len()
        );
    }
    let admitted = check_text(text.as_bytes()).and_then(|()| check_bounds(entry));
    if let Err(why) = admitted {
        bail!("cannot store an analysis: {why}");
    }
    Ok(text)
}

/// Reads an entry that was found under `key`.
///
/// # Errors
/// The reason why it does not count.
pub fn decode(bytes: &[u8], key: &EntryKey) -> Result<Entry, Unreadable> {
    let entry = parse(bytes)?;
    if entry.blob != key.blob {
        return Err(Unreadable::Elsewhere("blob"));
    }
    if entry.fingerprint != key.fingerprint {
        return Err(Unreadable::Elsewhere("fingerprint"));
    }
    if entry.kind != key.kind {
        return Err(Unreadable::Elsewhere("kind"));
    }
    Ok(entry)
}

/// Reads an entry that says itself where it belongs: one of our own journal.
///
/// # Errors
/// As [`decode`].
pub fn parse(bytes: &[u8]) -> Result<Entry, Unreadable> {
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    check_text(bytes)?;
    let syntax = |error: serde_json::Error| Unreadable::Syntax(format!("not an entry: {error}"));
    let version: Version = serde_json::from_slice(bytes).map_err(syntax)?;
    if version.format > FORMAT {
        return Err(Unreadable::NewerFormat(version.format));
    }
    let entry: Entry = serde_json::from_slice(bytes).map_err(syntax)?;
    check_bounds(&entry)?;
    Ok(entry)
}

fn check_text(bytes: &[u8]) -> Result<(), Unreadable> {
    if bytes.len() > MAX_ENTRY_BYTES {
        return Err(Unreadable::OutOfBounds("its size is"));
    }
    if nesting_depth(bytes) > MAX_DEPTH {
        return Err(Unreadable::OutOfBounds("its nesting is"));
    }
    Ok(())
}

fn check_bounds(entry: &Entry) -> Result<(), Unreadable> {
    let analysis = &entry.analysis;
    if analysis.findings.len() > MAX_FINDINGS {
        return Err(Unreadable::OutOfBounds("its findings are"));
    }
    if analysis.summary.len() > MAX_TEXT_BYTES {
        return Err(Unreadable::OutOfBounds("its summary is"));
    }
    for finding in &analysis.findings {
        check_finding(finding)?;
    }
    Ok(())
}

fn check_finding(finding: &Finding) -> Result<(), Unreadable> {
    let start = (finding.start_line, finding.start_column);
    let end = (finding.end_line, finding.end_column);
    if finding.start_line == 0 || finding.start_column == 0 || end < start {
        return Err(Unreadable::OutOfBounds("a finding's span is"));
    }
    let texts = [
        &finding.title,
        &finding.message,
        &finding.anchor,
        &finding.rule,
    ];
    let others = finding.item.iter().chain(&finding.suggestion);
    if texts
        .into_iter()
        .chain(others)
        .any(|text| text.len() > MAX_TEXT_BYTES)
    {
        Err(Unreadable::OutOfBounds("a finding's text is"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Analysis, Fingerprint, Kind, Level, ObjectFormat, Oid};

    fn entry() -> Entry {
        let oid = |text: &[u8]| Oid::of_blob(ObjectFormat::Sha1, text);
        Entry {
            format: 1,
            blob: oid(b"source"),
            fingerprint: Fingerprint(oid(b"recipe")),
            kind: Kind::Refactor,
            analyzer: "local/1".into(),
            created: None,
            duration_ms: None,
            usage: None,
            analysis: Analysis {
                summary: "Fine.".into(),
                findings: vec![Finding {
                    start_line: 1,
                    start_column: 1,
                    end_line: 1,
                    end_column: 5,
                    rule: "long-function".into(),
                    level: Level::Warning,
                    item: None,
                    title: "t".into(),
                    message: "m".into(),
                    suggestion: None,
                    confidence: None,
                    anchor: "fn a".into(),
                    about: crate::model::About::Text,
                    roles: crate::model::Roles::EVERY,
                    details: [].into(),
                }],
                ..Analysis::default()
            },
        }
    }

    #[test]
    fn an_entry_reads_back_and_its_text_reads_well() {
        let text = encode(&entry()).unwrap();
        assert_eq!(decode(text.as_bytes(), &entry().key()).unwrap(), entry());
        insta::assert_snapshot!(text, @r#"
        {
          "analysis": {
            "document": null,
            "findings": [
              {
                "anchor": "fn a",
                "end_column": 5,
                "end_line": 1,
                "level": "warning",
                "message": "m",
                "rule": "long-function",
                "start_column": 1,
                "start_line": 1,
                "title": "t"
              }
            ],
            "metrics": {},
            "suggestions": [],
            "summary": "Fine."
          },
          "analyzer": "local/1",
          "blob": "1d3a06547c706bd0f75b130edecf4832295bba6b",
          "fingerprint": "dd9d5117d4146887dd4dd54f7c3955692bc25085",
          "format": 1,
          "kind": "refactor"
        }
        "#);
    }

    #[test]
    fn a_lie_about_the_key_does_not_count() {
        let text = encode(&entry()).unwrap();
        let other = Oid::of_blob(ObjectFormat::Sha1, b"other");
        let keys = [
            EntryKey {
                blob: other,
                ..entry().key()
            },
            EntryKey {
                fingerprint: Fingerprint(other),
                ..entry().key()
            },
            EntryKey {
                kind: Kind::Docs,
                ..entry().key()
            },
        ];
        for key in keys {
            assert!(matches!(
                decode(text.as_bytes(), &key),
                Err(Unreadable::Elsewhere(_))
            ));
        }
    }

    #[test]
    fn what_is_out_of_bounds_or_no_entry_does_not_count() {
        let key = entry().key();
        let text = encode(&entry()).unwrap();
        let deep = format!("{{\"format\":1,\"x\":{}", "[".repeat(100_000));
        let large = text.replace("Fine.", &"x".repeat(MAX_ENTRY_BYTES));
        let cases = [
            String::new(),
            "null".into(),
            "{}".into(),
            text[..text.len() / 2].into(),
            text.replace("\"format\": 1", "\"format\": -1"),
            text.replace("\"start_line\": 1", "\"start_line\": 0"),
            text.replace("\"start_line\": 1", "\"start_line\": 9"),
            text.replace("\"start_line\": 1", "\"start_line\": 1e400"),
            text.replace(
                "\"kind\": \"refactor\"",
                "\"kind\": \"refactor\", \"kind\": \"refactor\"",
            ),
            text.replace("Fine.", &"x".repeat(MAX_TEXT_BYTES + 1)),
            deep,
            large,
        ];
        for case in cases {
            assert!(decode(case.as_bytes(), &key).is_err(), "{:.200}", case);
        }
        assert!(decode(b"\xff\xfe", &key).is_err());
    }

    #[test]
    fn what_would_not_be_believed_is_shortened_or_not_written() {
        let change = |change: &dyn Fn(&mut Analysis, String)| {
            let mut entry = entry();
            change(&mut entry.analysis, "ö".repeat(MAX_TEXT_BYTES / 2 + 1));
            assert!(encode(&entry).is_err());
            fit(&mut entry);
            let text = encode(&entry).unwrap();
            assert!(decode(text.as_bytes(), &entry.key()).unwrap() == entry);
            assert!(text.contains("ö…\""));
        };
        change(&|analysis, long| analysis.summary = long);
        change(&|analysis, long| analysis.findings[0].title = long);
        change(&|analysis, long| analysis.findings[0].message = long);
        change(&|analysis, long| analysis.findings[0].anchor = long);
        change(&|analysis, long| analysis.findings[0].rule = long);
        change(&|analysis, long| analysis.findings[0].item = Some(long));
        change(&|analysis, long| analysis.findings[0].suggestion = Some(long));
        let mut nowhere = entry();
        nowhere.analysis.findings[0].start_line = 0;
        let mut large = entry();
        large.analysis.document = Some("x".repeat(MAX_ENTRY_BYTES));
        for entry in [nowhere, large] {
            let why = encode(&entry).unwrap_err().to_string();
            assert!(
                why.contains("cannot store an analysis: ")
                    || why.starts_with("analysis too large: "),
                "{why}"
            );
        }
    }

    #[test]
    fn an_entry_of_a_newer_format_is_told_apart() {
        let newer = br#"{"format": 99, "anything": {"else": true}}"#;
        assert_eq!(
            decode(newer, &entry().key()),
            Err(Unreadable::NewerFormat(99))
        );
    }
}
