//! GitHub's workflow commands: each finding becomes an annotation of the lines it is about.
//!
//! Syntax and escapes: "Workflow commands" in GitHub's documentation, and actions/toolkit
//! `packages/core/src/command.ts`. GitHub shows ten of a level and step, so the worst come first.

use std::io::{self, Write};

use super::Context;
use super::advice::{advice, rule_id};
use super::place::root_path;
use super::unanswered::reason;
use crate::model::{Level, Row, Status};
use crate::report::wording::count;
use crate::report::{Remark, Report};

/// Renders one command per finding and failed file, and one for all that is missing.
pub fn render(report: &Report<'_>, _: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    for row in &report.rows {
        if let Status::Failed(_) = row.status {
            writeln!(out, "{}", failure(row))?;
        }
    }
    report.each_finding_from_the_worst(|remark| writeln!(out, "{}", annotation(remark)))?;
    match report.summary.missing {
        0 => Ok(()),
        missing => writeln!(out, "::warning::{} missing", count(missing, "answer")),
    }
}

/// The path stands in the message too: the log does not show the properties.
fn annotation(remark: &Remark<'_>) -> String {
    let command = match remark.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let path = root_path(remark.path);
    let (line, column) = (remark.start_line, remark.start_column);
    // GitHub refuses columns of a span over several lines.
    let columns = if remark.end_line == line {
        format!(",col={column},endColumn={}", remark.end_column)
    } else {
        String::new()
    };
    let end = remark.end_line.max(line);
    let message = format!("{path}:{line}:{column}: {}", advice(remark));
    format!(
        "::{command} title={},file={},line={line},endLine={end}{columns}::{}",
        property(&rule_id(remark)),
        property(&path),
        message_text(&message),
    )
}

fn failure(row: &Row) -> String {
    let path = root_path(&row.path);
    let message = format!("{path}: {}", reason(row));
    let title = property(&format!("{} failed", row.kind));
    let (file, message) = (property(&path), message_text(&message));
    format!("::error title={title},file={file}::{message}")
}

/// `%` first: the others bring their own.
fn message_text(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message_text(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Format;
    use crate::report::sample::{hostile, mixed, outcome, rendered};

    #[test]
    fn findings_are_annotations_the_worst_first() {
        insta::assert_snapshot!(rendered(Format::Github, &mixed()), @"
        ::error title=refactor failed,file=src/failed.rs::src/failed.rs: refactor failed: the blob is missing from the repository
        ::warning title=refactor/unwrap,file=src/config.rs,line=4,endLine=4,col=38,endColumn=44::src/config.rs:4:38: `unwrap` on a `Result` that can fail at run time%0A%0AIf the file cannot be read, the whole program ends here, and its user is told nothing about which file it was.%0A%0AReturn the error with `?` and say which file was read.
        ::notice title=refactor/long-function,file=src/config.rs,line=3,endLine=6::src/config.rs:3:1: Function of 4 lines%0A%0ALong functions are hard to name, to test and to change.
        ::warning::1 answer missing
        ");
    }

    #[test]
    fn hostile_text_cannot_end_its_command_or_begin_another() {
        let shown = rendered(Format::Github, &hostile());
        assert_eq!(shown.lines().count(), 3);
        insta::assert_snapshot!(shown, @r#"
        ::error title=analysis failed,file="%3A%3Aerror%3A%3A\377\033[2J.rs"::"::error::\377\033[2J.rs": analysis failed: \u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}
        ::warning title=analysis/\u{1b}]0;x\u{7}\u{9b}2J\u{202e} %3A%3Aerror file=a%3A%3Ab \u{23}#[error]c\u{200b},file="%3A%3Aerror%3A%3A\377\033[2J.rs",line=4,endLine=4,col=38,endColumn=4294967295::"::error::\377\033[2J.rs":4:38: \u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}%0A%0A\u{1b}]0;x\u{7}\u{9b}2J\u{202e}%0A\u{3a}:error file=a::b%0A\u{23}#[error]c\u{200b} ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x%0A%0A\u{1b}]0;x\u{7}\u{9b}2J\u{202e}%0A\u{3a}:error file=a::b%0A\u{23}#[error]c\u{200b}
        ::warning title=analysis/\u{1b}]0;x\u{7}\u{9b}2J\u{202e} %3A%3Aerror file=a%3A%3Ab \u{23}#[error]c\u{200b},file="%3A%3Aerror%3A%3A\377\033[2J.rs",line=4294967295,endLine=4294967295::"::error::\377\033[2J.rs":4294967295:4294967295: \u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}%0A%0A\u{1b}]0;x\u{7}\u{9b}2J\u{202e}%0A\u{3a}:error file=a::b%0A\u{23}#[error]c\u{200b} ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x ::warning::x%0A%0A\u{1b}]0;x\u{7}\u{9b}2J\u{202e}%0A\u{3a}:error file=a::b%0A\u{23}#[error]c\u{200b}
        "#);
    }

    #[test]
    fn what_separates_properties_is_escaped() {
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
        assert_eq!(message_text("a:b,c%\n"), "a:b,c%25%0A");
    }

    #[test]
    fn no_findings_are_no_commands() {
        assert_eq!(rendered(Format::Github, &outcome(vec![])), "");
    }
}
