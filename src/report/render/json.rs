//! The whole report as one JSON document: the shape of `docs/schemas/report-v1.schema.json`.

use std::io::{self, Write};

use serde::Serialize;

use super::Context;
use crate::report::Report;
use crate::report::clean::{begins_order, is_unsafe};

/// Renders the report with two spaces of indent and a line feed at the end.
pub fn render(report: &Report<'_>, _: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_pretty(report, out)?;
    writeln!(out)
}

/// Writes `value` as JSON, indented and [harmless](write_escaped). The text is never there as a
/// whole: that of a large repository has half a gigabyte.
pub fn write_pretty(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = Lines {
        out,
        line: Vec::new(),
    };
    serde_json::to_writer_pretty(&mut lines, value)?;
    lines.flush()
}

/// Escapes line by line: what could be taken for an order does not cross a line feed, and no string
/// of JSON holds one.
struct Lines<'o> {
    out: &'o mut dyn Write,
    line: Vec<u8>,
}

impl Write for Lines<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(piece);
        if piece.ends_with(b"\n") {
            self.flush()?;
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let text = std::str::from_utf8(&self.line).map_err(io::Error::other)?;
        write_escaped(text, self.out)?;
        self.line.clear();
        Ok(())
    }
}

/// Writes a JSON text so that it is harmless in a terminal and in a build service's log: what
/// `clean` would make visible becomes a `\u` escape, so every reader still gets the exact string.
///
/// Outside of strings JSON holds none of these characters but line feeds.
pub fn write_escaped(json: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut written = 0;
    for (at, c) in json.char_indices() {
        let is_order = c == '#' && json.get(at..).is_some_and(begins_order);
        if !is_order && (c == '\n' || !is_unsafe(c)) {
            continue;
        }
        let before = json.get(written..at).unwrap_or_default();
        out.write_all(before.as_bytes())?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        written = at + c.len_utf8();
    }
    out.write_all(json.get(written..).unwrap_or_default().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{TOOL, compared, hostile, mixed, outcome, paid, rendered};
    use crate::report::{Format, build, clean};
    use serde_json::Value;

    fn parsed(outcome: &crate::model::Outcome) -> Value {
        serde_json::from_str(&rendered(Format::Json, outcome)).unwrap()
    }

    #[test]
    fn a_report_of_nothing_has_every_key() {
        insta::assert_snapshot!(rendered(Format::Json, &outcome(vec![])), @r#"
        {
          "schema": "rustassistant/report/v1",
          "tool": {
            "name": "git-rustassistant",
            "version": "1.2.3"
          },
          "revision": {
            "at": "worktree",
            "rev": null,
            "commit": null
          },
          "summary": {
            "files": 0,
            "rows": 0,
            "cached": 0,
            "analyzed": 0,
            "skipped": 0,
            "failed": 0,
            "missing": 0,
            "requests": 0,
            "findings": {
              "error": 0,
              "warning": 0,
              "note": 0
            },
            "tokens": {
              "input": 0,
              "cached_input": 0,
              "output": 0,
              "reasoning": 0
            },
            "cost_usd": "0",
            "saved_usd": "0",
            "elapsed_ms": 12,
            "interrupted": false,
            "stopped": null
          },
          "files": [],
          "findings": [],
          "comparison": null
        }
        "#);
    }

    #[test]
    fn a_row_and_a_finding_tell_everything() {
        let report = parsed(&mixed());
        insta::assert_json_snapshot!(report["files"][0], @r#"
        {
          "analyzer": "local/1",
          "blob": "a5b42b2cfd9818102454f0f68293614c1c95a9e3",
          "cause": null,
          "created": null,
          "document": null,
          "kind": "refactor",
          "metrics": {
            "lines": 6
          },
          "path": "src/config.rs",
          "published_by": null,
          "reason": null,
          "recipe": "dd9d5117d4146887dd4dd54f7c3955692bc25085",
          "role": "library",
          "status": "cached",
          "store": "local",
          "suggestions": [
            {
              "detail": "Let `load` return a `Result`.",
              "effort_minutes": 10,
              "title": "Return errors"
            }
          ],
          "summary": "One function reads a file.",
          "usage": null
        }
        "#);
        insta::assert_json_snapshot!(report["findings"][1], @r#"
        {
          "blob": "a5b42b2cfd9818102454f0f68293614c1c95a9e3",
          "confidence": null,
          "details": {
            "value": "1"
          },
          "end_column": 44,
          "end_line": 4,
          "id": "b5194125b9eb6b37",
          "item": "load",
          "kind": "refactor",
          "level": "warning",
          "matched": null,
          "message": "If the file cannot be read, the whole program ends here, and its user is told nothing about which file it was.",
          "origin": "local",
          "path": "src/config.rs",
          "rule": "unwrap",
          "start_column": 38,
          "start_line": 4,
          "state": "present",
          "suggestion": "Return the error with `?` and say which file was read.",
          "title": "`unwrap` on a `Result` that can fail at run time"
        }
        "#);
    }

    #[test]
    fn a_paid_answer_tells_its_cost() {
        let report = parsed(&paid());
        insta::assert_json_snapshot!(report["files"][1]["usage"], @r#"
        {
          "cost_source": "provider",
          "cost_usd": "0.0712",
          "requests": 2,
          "tokens": {
            "cached_input": 12032,
            "input": 41210,
            "output": 6880,
            "reasoning": 100
          }
        }
        "#);
        insta::assert_json_snapshot!(report["summary"], @r#"
        {
          "analyzed": 1,
          "cached": 2,
          "cost_usd": "0.0712",
          "elapsed_ms": 12,
          "failed": 0,
          "files": 3,
          "findings": {
            "error": 0,
            "note": 1,
            "warning": 1
          },
          "interrupted": false,
          "missing": 0,
          "requests": 2,
          "rows": 3,
          "saved_usd": "0.0712",
          "skipped": 0,
          "stopped": null,
          "tokens": {
            "cached_input": 12032,
            "input": 41210,
            "output": 6880,
            "reasoning": 100
          }
        }
        "#);
    }

    #[test]
    fn hostile_text_is_escaped_and_read_back_exactly() {
        let outcome = hostile();
        let text = rendered(Format::Json, &outcome);
        assert!(!text.chars().any(|c| c != '\n' && is_unsafe(c)));
        assert!(!text.contains("##["));
        let expected = serde_json::to_value(build(&outcome, TOOL)).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
        let title = expected["findings"][0]["title"].as_str().unwrap();
        assert_ne!(clean(title), title);
    }

    const SCHEMA: &str = include_str!("../../../docs/schemas/report-v1.schema.json");

    fn schema() -> Value {
        serde_json::from_str(SCHEMA).unwrap()
    }

    /// Every shape of report that the samples have.
    fn reports() -> Vec<Value> {
        let nothing = outcome(vec![]);
        let plain = [nothing, mixed(), paid(), hostile()];
        let mut reports: Vec<Value> = plain.iter().map(parsed).collect();
        reports.push(serde_json::to_value(compared()).unwrap());
        reports
    }

    #[test]
    fn every_report_is_valid_by_the_published_schema() {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        for report in reports() {
            let errors: Vec<String> = validator
                .iter_errors(&report)
                .map(|e| e.to_string())
                .collect();
            assert_eq!(errors, Vec::<String>::new());
        }
        let mut wrong = parsed(&mixed());
        wrong["files"][0]["status"] = "clean".into();
        assert!(!validator.is_valid(&wrong));
    }

    #[test]
    fn the_schema_names_exactly_the_keys_that_are_written() {
        let schema = schema();
        for report in reports() {
            check_keys(&schema, &schema, &report);
        }
    }

    /// Walks a schema and a value together: an object's keys are its `required` ones, and those
    /// are all described, but for the one optional key.
    fn check_keys(root: &Value, schema: &Value, value: &Value) {
        let schema = resolved(root, schema);
        if let (Some(required), Value::Object(object)) = (schema["required"].as_array(), value) {
            let mut required: Vec<&str> =
                required.iter().map(|key| key.as_str().unwrap()).collect();
            let mut written: Vec<&str> = object.keys().map(String::as_str).collect();
            let properties = schema["properties"].as_object().unwrap();
            let mut described: Vec<&str> = properties.keys().map(String::as_str).collect();
            written.retain(|key| *key != "effort_minutes");
            described.retain(|key| *key != "effort_minutes");
            required.sort_unstable();
            written.sort_unstable();
            described.sort_unstable();
            assert_eq!(required, written);
            assert_eq!(required, described);
            for (key, value) in object {
                check_keys(root, &schema["properties"][key], value);
            }
        }
        for item in value.as_array().into_iter().flatten() {
            check_keys(root, &schema["items"], item);
        }
    }

    fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
        let schema = schema["anyOf"].get(0).unwrap_or(schema);
        match schema["$ref"].as_str() {
            Some(pointer) => root.pointer(pointer.trim_start_matches('#')).unwrap(),
            None => schema,
        }
    }

    #[test]
    fn rows_and_findings_add_up_to_the_summary() {
        for report in reports() {
            let summary = &report["summary"];
            let number = |value: &Value| value.as_u64().unwrap();
            let statuses = ["cached", "analyzed", "skipped", "failed", "missing"];
            let rows = report["files"].as_array().unwrap();
            for status in statuses {
                let of_status = rows.iter().filter(|row| row["status"] == status).count();
                assert_eq!(number(&summary[status]), of_status as u64, "{status}");
            }
            let sum: u64 = statuses
                .iter()
                .map(|status| number(&summary[*status]))
                .sum();
            assert_eq!(number(&summary["rows"]), sum);
            let mut findings = report["findings"].as_array().unwrap().clone();
            findings.retain(|finding| finding["state"] != "fixed");
            for (level, count) in summary["findings"].as_object().unwrap() {
                let of_level = findings.iter().filter(|f| f["level"] == *level).count();
                assert_eq!(number(count), of_level as u64, "{level}");
            }
        }
    }
}
