//! reviewdog's diagnostic format, one object per line (`proto/rdf/reviewdog.proto`).
//!
//! Advice is part of the message: a `suggestion` of that format is a text to put in, and we have
//! none. reviewdog posts the message and the code as Markdown.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::Context;
use super::advice::{advice, rule_id};
use super::commonmark::{cell, comment};
use super::json::write_escaped;
use super::place::root_path;
use super::source::Source;
use super::unanswered::{reason, unanswered};
use crate::model::{Level, Row, Status};
use crate::report::{Remark, Report};

/// Renders a line for each finding and each file without an answer.
pub fn render(report: &Report<'_>, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    report.each_path(|_, remarks| {
        let blob = remarks.first().map(|remark| remark.blob);
        let source = blob
            .and_then(|blob| (context.sources)(&blob))
            .map(Source::new);
        let mut lines = remarks
            .iter()
            .map(|remark| of_finding(remark, source.as_ref()));
        lines.try_for_each(|value| line(&value, out))
    })?;
    unanswered(report).try_for_each(|row| line(&of_row(row), out))
}

fn line(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    write_escaped(&value.to_string(), out)?;
    writeln!(out)
}

fn of_finding(remark: &Remark<'_>, source: Option<&Source>) -> Value {
    let position = |line: u32, column: u32| {
        // That format counts in 32 bits with a sign.
        let mut position = json!({ "line": line.clamp(1, i32::MAX.unsigned_abs()) });
        if let Some(column) = source.and_then(|source| source.byte_column(line, column)) {
            position["column"] = json!(column);
        }
        position
    };
    json!({
        "message": comment(&advice(remark)),
        "location": {
            "path": root_path(remark.path),
            "range": {
                "start": position(remark.start_line, remark.start_column),
                "end": position(remark.end_line, remark.end_column),
            },
        },
        "severity": match remark.level {
            Level::Error => "ERROR",
            Level::Warning => "WARNING",
            Level::Note => "INFO",
        },
        "source": { "name": "rustassistant" },
        "code": { "value": cell(&rule_id(remark)) },
    })
}

fn of_row(row: &Row) -> Value {
    json!({
        "message": comment(&reason(row)),
        "location": { "path": root_path(&row.path) },
        "severity": match row.status {
            Status::Failed(_) => "ERROR",
            _ => "WARNING",
        },
        "source": { "name": "rustassistant" },
        "code": { "value": format!("{}/{}", row.kind, row.status.name()) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Format;
    use crate::report::sample::{hostile, mixed, no_source, outcome, rendered, rendered_with};

    #[test]
    fn a_finding_and_a_file_without_an_answer_are_lines() {
        insta::assert_snapshot!(rendered(Format::Rdjsonl, &mixed()), @r#"
        {"code":{"value":"refactor/long-function"},"location":{"path":"src/config.rs","range":{"end":{"column":2,"line":6},"start":{"column":1,"line":3}}},"message":"Function of 4 lines\n\nLong functions are hard to name, to test and to change.","severity":"INFO","source":{"name":"rustassistant"}}
        {"code":{"value":"refactor/unwrap"},"location":{"path":"src/config.rs","range":{"end":{"column":44,"line":4},"start":{"column":38,"line":4}}},"message":"`unwrap` on a `Result` that can fail at run time\n\nIf the file cannot be read, the whole program ends here, and its user is told nothing about which file it was.\n\nReturn the error with `?` and say which file was read.","severity":"WARNING","source":{"name":"rustassistant"}}
        {"code":{"value":"refactor/failed"},"location":{"path":"src/failed.rs"},"message":"refactor failed: the blob is missing from the repository","severity":"ERROR","source":{"name":"rustassistant"}}
        {"code":{"value":"refactor/missing"},"location":{"path":"src/missing.rs"},"message":"refactor missing: new","severity":"WARNING","source":{"name":"rustassistant"}}
        "#);
    }

    #[test]
    fn without_the_source_no_column_is_guessed() {
        let shown = rendered_with(Format::Rdjsonl, &mixed(), |c| c.sources = &no_source);
        assert!(shown.contains("\"line\":4") && !shown.contains("column"));
    }

    #[test]
    fn hostile_text_stays_on_its_line() {
        let shown = rendered(Format::Rdjsonl, &hostile());
        let parse = |line: &str| serde_json::from_str::<Value>(line).unwrap();
        let lines: Vec<Value> = shown.lines().map(parse).collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[1]["location"]["range"]["start"]["line"], i32::MAX);
    }

    #[test]
    fn no_findings_are_no_lines() {
        assert_eq!(rendered(Format::Rdjsonl, &outcome(vec![])), "");
    }
}
