//! One line per finding, as compilers and linters print them: `path:line:col: level [rule] title`.

use std::io::{self, Write};

use super::Context;
use super::paint::{HEADING, of_level, paint};
use super::place::shown_path;
use super::unanswered::{list_unanswered, list_unknown};
use crate::report::clean::clean_line;
use crate::report::{Remark, Report};

/// Renders a line for each finding, then one for each file without an answer.
pub fn render(report: &Report<'_>, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    report.each_finding(|remark| writeln!(out, "{}", line(remark, context)))?;
    match &report.comparison {
        Some(comparison) => list_unknown(comparison, context, out),
        None => list_unanswered(report, context, out),
    }
}

/// One finding.
pub fn line(remark: &Remark<'_>, context: &Context<'_>) -> String {
    let path = paint(context.color, HEADING, shown_path(remark.path, context));
    let level = paint(context.color, of_level(remark.level), remark.level);
    let (line, column) = (remark.start_line, remark.start_column);
    let rule = clean_line(remark.rule);
    let title = clean_line(remark.title);
    format!("{path}:{line}:{column}: {level} [{rule}] {title}")
}

#[cfg(test)]
mod tests {
    use crate::report::sample::{hostile, mixed, outcome, rendered, rendered_with};
    use crate::report::{Color, Format};

    #[test]
    fn a_finding_is_one_line_and_a_file_without_an_answer_another() {
        insta::assert_snapshot!(rendered(Format::Concise, &mixed()), @"
        src/config.rs:3:1: note [long-function] Function of 4 lines
        src/config.rs:4:38: warning [unwrap] `unwrap` on a `Result` that can fail at run time
        failed: src/failed.rs (refactor): the blob is missing from the repository
        missing: src/missing.rs (refactor): new
        skipped: src/key.rs (refactor): line 3 looks like a secret
        ");
    }

    #[test]
    fn hostile_text_stays_on_its_line_and_visible() {
        insta::assert_snapshot!(rendered(Format::Concise, &hostile()), @r#"
        "::error::\377\033[2J.rs":4:38: warning [\u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}] \u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}
        "::error::\377\033[2J.rs":4294967295:4294967295: warning [\u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}] \u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}
        failed: "::error::\377\033[2J.rs" (analysis): \u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}
        "#);
    }

    #[test]
    fn color_is_written_only_if_wanted() {
        let colored = rendered_with(Format::Concise, &mixed(), |c| c.color = Color::Always);
        assert_eq!(
            anstream::adapter::strip_str(&colored).to_string(),
            rendered(Format::Concise, &mixed())
        );
        assert!(colored.contains("\x1b[33m"));
    }

    #[test]
    fn no_findings_are_no_lines() {
        assert_eq!(rendered(Format::Concise, &outcome(vec![])), "");
    }
}
