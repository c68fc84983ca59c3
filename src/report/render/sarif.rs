//! SARIF 2.1.0, in the dialect of GitHub code scanning: what it requires is always there, what it
//! limits is kept within.
//!
//! Required keys and limits: "SARIF support for code scanning" in GitHub's documentation.

use std::collections::BTreeMap;
use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde_json::{Value, json};

use super::Context;
use super::advice::rule_id;
use super::json::write_pretty;
use super::line_hash::line_hashes;
use super::plain_message::plain;
use super::unanswered::reason;
use crate::model::{Confidence, Kind, Level, Oid, RepoPath, Row, Status, with_path};
use crate::report::clean::clean_line;
use crate::report::wording::count;
use crate::report::{FoundBy, Remark, Report, State};

/// The most results that GitHub shows; it drops others by a rule of its own.
const MOST_RESULTS: usize = 5_000;

const URI_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Renders one run with the most severe findings first in line when there are too many, and a
/// notification for each file without an answer.
pub fn render(report: &Report<'_>, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (mut rules, mut hashed) = (Rules::default(), None);
    let mut results: Vec<Value> = Vec::new();
    let mut found = 0;
    // Where there are too many, what is new stays.
    let turns = match report.comparison {
        Some(_) => &[false, true][..],
        None => &[false],
    };
    for &is_unchanged in turns {
        report.each_finding_from_the_worst(|remark| {
            if (remark.state == State::Unchanged) != is_unchanged {
                return Ok(());
            }
            found += 1;
            if found <= MOST_RESULTS {
                let rule = rules.index(remark, context);
                results.push(result(
                    remark,
                    rule,
                    hashes(&mut hashed, remark.blob, context),
                ));
            }
            io::Result::Ok(())
        })?;
    }
    let mut document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": report.tool.name,
                "semanticVersion": report.tool.version,
                "rules": rules.described,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.summary.failed == 0 && !report.summary.interrupted
                    && report.summary.stopped.is_none(),
                "toolExecutionNotifications": notifications(report, found),
            }],
            "results": results,
        }],
    });
    // Without one, whoever uploads it says which it is: GitHub's action does only then.
    if let Some(category) = context.category {
        let id = format!("{}/", category.trim_end_matches('/'));
        document["runs"][0]["automationDetails"] = json!({ "id": id });
    }
    write_pretty(&document, out)?;
    writeln!(out)
}

/// The rules that the results speak of, described once.
#[derive(Default)]
struct Rules {
    indices: BTreeMap<(Kind, String), usize>,
    described: Vec<Value>,
}

impl Rules {
    fn index(&mut self, remark: &Remark<'_>, context: &Context<'_>) -> usize {
        let next = self.described.len();
        let key = (remark.kind.clone(), remark.rule.to_owned());
        let index = *self.indices.entry(key).or_insert(next);
        if index == next {
            self.described.push(rule(remark, context));
        }
        index
    }
}

/// A rule as it is known, or else as its first finding lets one describe it.
fn rule(remark: &Remark<'_>, context: &Context<'_>) -> Value {
    let id = rule_id(remark);
    let name = clean_line(remark.rule).replace('-', " ");
    let known = (context.about)(remark.kind, remark.rule);
    let (short, full, help) = match &known {
        Some(known) => {
            let help =
                json!({ "text": plain(&known.text, usize::MAX), "markdown": known.markdown });
            (known.summary.as_str(), known.whole.clone(), help)
        }
        None => {
            let advice = remark.suggestion.unwrap_or(remark.message);
            let full = format!("A remark of the kind {}: {name}.", remark.kind);
            (name.as_str(), full, json!({ "text": said(advice, &id) }))
        }
    };
    let severity = match remark.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "recommendation",
    };
    let precision = match (remark.origin, remark.confidence) {
        (_, Some(Confidence::Low)) => "low",
        (FoundBy::Local, Some(Confidence::High) | None) => "high",
        _ => "medium",
    };
    json!({
        "id": id,
        "shortDescription": { "text": said(short, &id) },
        "fullDescription": { "text": said(&full, &id) },
        "help": help,
        "defaultConfiguration": { "level": remark.level },
        "properties": {
            "tags": [remark.kind, "maintainability"],
            "precision": precision,
            "problem.severity": severity,
        },
    })
}

/// GitHub refuses an empty string where text is required, and more than 1,024 characters.
fn said(text: &str, otherwise: &str) -> String {
    match text.trim() {
        "" => plain(otherwise, 1_024),
        text => plain(text, 1_024),
    }
}

fn result(remark: &Remark<'_>, rule: usize, lines: &[String]) -> Value {
    let id = rule_id(remark);
    let title = said(&clean_line(remark.title), &id);
    let advice = [Some(remark.message), remark.suggestion];
    let advice: Vec<&str> = advice.into_iter().flatten().collect();
    let advice = plain(&advice.join(" "), usize::MAX);
    let line = usize::try_from(remark.start_line)
        .unwrap_or(usize::MAX)
        .max(1);
    let mut fingerprints =
        json!({ "rustassistant/v2": with_path(&remark.id, remark.path.as_bytes()) });
    if let Some(hash) = lines.get(line - 1) {
        fingerprints["primaryLocationLineHash"] = json!(hash);
    }
    let mut result = json!({
        "ruleId": id,
        "ruleIndex": rule,
        "level": remark.level,
        "message": { "text": format!("{title}. {advice}").trim() },
        "locations": [{ "physicalLocation": {
            "artifactLocation": location(remark.path),
            "region": region(remark),
        }}],
        "partialFingerprints": fingerprints,
        "properties": { "origin": remark.origin, "item": remark.item, "blob": remark.blob },
    });
    if let State::New | State::Unchanged = remark.state {
        result["baselineState"] = json!(remark.state);
    }
    result
}

fn location(path: &RepoPath) -> Value {
    let uri = percent_encode(path.as_bytes(), URI_PATH).to_string();
    json!({ "uri": uri, "uriBaseId": "%SRCROOT%" })
}

/// Lines and columns from 1, never backwards.
fn region(remark: &Remark<'_>) -> Value {
    let start = (remark.start_line.max(1), remark.start_column.max(1));
    let end = start.max((remark.end_line, remark.end_column.max(1)));
    json!({
        "startLine": start.0,
        "startColumn": start.1,
        "endLine": end.0,
        "endColumn": end.1,
    })
}

/// The line hashes of a blob, none if its text cannot be had. Those of the last one are kept: they
/// take more memory than the text, and a blob's findings follow each other.
fn hashes<'h>(
    last: &'h mut Option<(Oid, Vec<String>)>,
    blob: Oid,
    context: &Context<'_>,
) -> &'h [String] {
    drop(last.take_if(|(of, _)| *of != blob));
    let (_, lines) = last.get_or_insert_with(|| {
        let text = (context.sources)(&blob).unwrap_or_default();
        let lines = if text.is_empty() {
            Vec::new()
        } else {
            line_hashes(&String::from_utf8_lossy(&text))
        };
        (blob, lines)
    });
    lines
}

fn notifications(report: &Report<'_>, found: usize) -> Vec<Value> {
    let unanswered = report.rows.iter().filter_map(|row| notification(row));
    let dropped = found.saturating_sub(MOST_RESULTS);
    let dropped = (dropped > 0).then(|| {
        let text = format!(
            "{} left out, the least severe",
            count(dropped as u64, "finding")
        );
        json!({ "level": "warning", "message": { "text": text } })
    });
    unanswered.chain(dropped).collect()
}

fn notification(row: &Row) -> Option<Value> {
    let level = match row.status {
        Status::Failed(_) => "error",
        Status::Missing(_) => "warning",
        Status::Skipped(_) => "note",
        _ => return None,
    };
    Some(json!({
        "level": level,
        "message": { "text": plain(&reason(row), usize::MAX) },
        "locations": [{ "physicalLocation": { "artifactLocation": location(&row.path) } }],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Outcome;
    use crate::report::Format;
    use crate::report::sample::{hostile, mixed, no_source, outcome, rendered, rendered_with};

    fn run(outcome: &Outcome) -> Value {
        let document: Value = serde_json::from_str(&rendered(Format::Sarif, outcome)).unwrap();
        document["runs"][0].clone()
    }

    #[test]
    fn a_result_has_all_that_code_scanning_requires() {
        insta::assert_json_snapshot!(run(&mixed())["results"][0], @r#"
        {
          "level": "warning",
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "src/config.rs",
                  "uriBaseId": "%SRCROOT%"
                },
                "region": {
                  "endColumn": 44,
                  "endLine": 4,
                  "startColumn": 38,
                  "startLine": 4
                }
              }
            }
          ],
          "message": {
            "text": "`unwrap` on a `Result` that can fail at run time. If the file cannot be read, the whole program ends here, and its user is told nothing about which file it was. Return the error with `?` and say which file was read."
          },
          "partialFingerprints": {
            "primaryLocationLineHash": "ce1914ebc457080e:1",
            "rustassistant/v2": "98b14ba625a9aece55e375feb5aba4fbc45e8a8b510ced23391f5487070123a8"
          },
          "properties": {
            "blob": "a5b42b2cfd9818102454f0f68293614c1c95a9e3",
            "item": "load",
            "origin": "local"
          },
          "ruleId": "refactor/unwrap",
          "ruleIndex": 0
        }
        "#);
    }

    #[test]
    fn a_rule_is_described_once() {
        insta::assert_json_snapshot!(run(&mixed())["tool"]["driver"]["rules"][0], @r#"
        {
          "defaultConfiguration": {
            "level": "warning"
          },
          "fullDescription": {
            "text": "A remark of the kind refactor: unwrap."
          },
          "help": {
            "text": "Return the error with `?` and say which file was read."
          },
          "id": "refactor/unwrap",
          "properties": {
            "precision": "high",
            "problem.severity": "warning",
            "tags": [
              "refactor",
              "maintainability"
            ]
          },
          "shortDescription": {
            "text": "unwrap"
          }
        }
        "#);
    }

    #[test]
    fn files_without_an_answer_are_notified() {
        let run = run(&mixed());
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        let notifications = run["invocations"][0]["toolExecutionNotifications"]
            .as_array()
            .unwrap();
        assert_eq!(notifications.len(), 5);
        insta::assert_json_snapshot!(notifications[0], @r#"
        {
          "level": "error",
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "src/failed.rs",
                  "uriBaseId": "%SRCROOT%"
                }
              }
            }
          ],
          "message": {
            "text": "refactor failed: the blob is missing from the repository"
          }
        }
        "#);
    }

    #[test]
    fn without_the_source_only_our_own_fingerprint_is_given() {
        let shown = rendered_with(Format::Sarif, &mixed(), |c| c.sources = &no_source);
        assert!(shown.contains("rustassistant/v2") && !shown.contains("primaryLocationLineHash"));
    }

    #[test]
    fn hostile_text_is_valid_and_visible() {
        let run = run(&hostile());
        let place = &run["results"][1]["locations"][0]["physicalLocation"];
        insta::assert_json_snapshot!(place, @r#"
        {
          "artifactLocation": {
            "uri": "%3A%3Aerror%3A%3A%FF%1B%5B2J.rs",
            "uriBaseId": "%SRCROOT%"
          },
          "region": {
            "endColumn": 4294967295,
            "endLine": 4294967295,
            "startColumn": 4294967295,
            "startLine": 4294967295
          }
        }
        "#);
        let text = run["results"][1]["message"]["text"].as_str().unwrap();
        assert!(text.starts_with("\\\\u{1b}\\]0;x"), "{text}");
    }

    #[test]
    fn no_findings_are_an_empty_list() {
        assert_eq!(run(&outcome(vec![]))["results"], json!([]));
    }

    #[test]
    fn beyond_the_limit_the_least_severe_are_left_out_and_counted() {
        let mut outcome = mixed();
        let entry = outcome.rows[0].entry.as_mut().unwrap().to_mut();
        let findings = &mut entry.analysis.findings;
        let note = findings[0].clone();
        findings.splice(0..0, std::iter::repeat_n(note, MOST_RESULTS));
        let run = run(&outcome);
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), MOST_RESULTS);
        assert_eq!(results[0]["level"], "warning");
        let notes = run["invocations"][0]["toolExecutionNotifications"].to_string();
        assert!(notes.contains("2 findings left out, the least severe"));
    }
}
