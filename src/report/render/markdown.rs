//! A table in Markdown, for a comment on a change or the summary of a build step.

use std::io::{self, Write};

use super::changes::base_name;
use super::commonmark::cell;
use super::place::root_path;
use super::unanswered::{reason, unanswered, unknown_reason};
use super::{Color, Context, summary};
use crate::model::Row;
use crate::report::wording::count;
use crate::report::{Comparison, Remark, Report, State, Unknown};

/// The most rows of a table that are still read; GitHub takes one megabyte.
const MOST_ROWS: usize = 500;

/// Renders the summary, then the findings with the worst first, then what was not analyzed.
pub fn render(report: &Report<'_>, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Code analysis\n")?;
    let mut counts = Vec::new();
    let plain = Context {
        color: Color::Never,
        ..context.clone()
    };
    summary::render(report, &plain, &mut counts)?;
    for line in String::from_utf8_lossy(&counts).lines() {
        writeln!(out, "{}  ", cell(line))?;
    }
    match &report.comparison {
        None => findings(report, &[State::Present], out)?,
        Some(comparison) => changes(report, comparison, out)?,
    }
    let files: Vec<String> = unanswered(report).map(of_row).collect();
    table("Not analyzed | Why", &files, out)
}

/// What is new and what is fixed, each below its heading. What is as it was has been counted.
fn changes(
    report: &Report<'_>,
    comparison: &Comparison<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let base = cell(&base_name(&comparison.base));
    let any = |state| report.compared().iter().any(|remark| remark.state == state);
    if any(State::New) || any(State::Present) {
        writeln!(out, "\n### New since {base}")?;
        findings(report, &[State::New, State::Present], out)?;
    }
    if any(State::Fixed) {
        writeln!(out, "\n### Fixed since {base}")?;
        findings(report, &[State::Fixed], out)?;
    }
    let unknown: Vec<String> = comparison.unknown.iter().map(of_unknown).collect();
    table("Not compared | Why", &unknown, out)
}

fn findings(report: &Report<'_>, states: &[State], out: &mut dyn Write) -> io::Result<()> {
    let mut remarks: Vec<String> = Vec::new();
    report.each_finding_from_the_worst(|remark| {
        remarks.extend(states.contains(&remark.state).then(|| of_finding(remark)));
        io::Result::Ok(())
    })?;
    table("Level | Place | Rule | Finding", &remarks, out)
}

fn table(heading: &str, rows: &[String], out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let rule = heading.split('|').map(|_| "---").collect::<Vec<_>>();
    writeln!(out, "\n| {heading} |\n| {} |", rule.join(" | "))?;
    for row in rows.iter().take(MOST_ROWS) {
        writeln!(out, "| {row} |")?;
    }
    match rows.len().saturating_sub(MOST_ROWS) {
        0 => Ok(()),
        hidden => writeln!(out, "\n{} left out.", count(hidden as u64, "more row")),
    }
}

fn of_finding(remark: &Remark<'_>) -> String {
    let path = cell(&root_path(remark.path));
    let (level, line) = (remark.level, remark.start_line);
    let (rule, title) = (cell(remark.rule), cell(remark.title));
    format!("{level} | {path}:{line} | {rule} | {title}")
}

fn of_row(row: &Row) -> String {
    let (path, reason) = (cell(&root_path(&row.path)), cell(&reason(row)));
    format!("{path} | {reason}")
}

fn of_unknown(unknown: &Unknown<'_>) -> String {
    let (path, why) = (root_path(unknown.path), unknown_reason(unknown));
    format!("{} | {}", cell(&path), cell(&why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Format;
    use crate::report::Verbosity;
    use crate::report::sample::{compared, hostile, mixed, outcome, rendered, rendered_comparison};

    #[test]
    fn findings_and_files_without_an_answer_are_rows() {
        insta::assert_snapshot!(rendered(Format::Markdown, &mixed()), @r"
        ## Code analysis

        6 files: 1 cached, 3 skipped (2 too large, 1 secret), 1 failed, 1 missing  
        Findings: 1 warning, 1 note  

        | Level | Place | Rule | Finding |
        | --- | --- | --- | --- |
        | warning | src/config.rs:4 | unwrap | \`unwrap\` on a \`Result\` that can fail at run time |
        | note | src/config.rs:3 | long-function | Function of 4 lines |

        | Not analyzed | Why |
        | --- | --- |
        | src/failed.rs | refactor failed: the blob is missing from the repository |
        | src/missing.rs | refactor missing: new |
        ");
    }

    #[test]
    fn of_a_comparison_what_is_new_and_what_is_fixed_are_sections() {
        let shown = rendered_comparison(Format::Markdown, &compared(), Verbosity::Normal);
        insta::assert_snapshot!(shown, @r"
        ## Code analysis

        1 file: 1 cached  
        Findings: 1 new (1 warning), 1 fixed (1 note), 1 unchanged (1 note); 1 answer not compared  

        ### New since v1.0

        | Level | Place | Rule | Finding |
        | --- | --- | --- | --- |
        | warning | src/config.rs:4 | unwrap | \`unwrap\` on a \`Result\` that can fail at run time |

        ### Fixed since v1.0

        | Level | Place | Rule | Finding |
        | --- | --- | --- | --- |
        | note | src/old.rs:3 | deep-nesting | Function of 4 lines |

        | Not compared | Why |
        | --- | --- |
        | src/unknown.rs | (refactor, before): new |
        ");
    }

    #[test]
    fn hostile_text_stays_in_its_cell() {
        insta::assert_snapshot!(rendered(Format::Markdown, &hostile()), @r#"
        ## Code analysis

        1 file, 2 questions: 1 cached (1 from \\u{1b}\]0;x\\u{7}\\u{9b}2J\\u{202e} ::error file=a::b \\u{23}\#\[error\]c\\u{200b}), 1 failed  
        Findings: 2 warnings  

        | Level | Place | Rule | Finding |
        | --- | --- | --- | --- |
        | warning | "::error::\\377\\033\[2J.rs":4 | \\u{1b}\]0;x\\u{7}\\u{9b}2J\\u{202e} ::error file=a::b \\u{23}\#\[error\]c\\u{200b} | \\u{1b}\]0;x\\u{7}\\u{9b}2J\\u{202e} ::error file=a::b \\u{23}\#\[error\]c\\u{200b} |
        | warning | "::error::\\377\\033\[2J.rs":4294967295 | \\u{1b}\]0;x\\u{7}\\u{9b}2J\\u{202e} ::error file=a::b \\u{23}\#\[error\]c\\u{200b} | \\u{1b}\]0;x\\u{7}\\u{9b}2J\\u{202e} ::error file=a::b \\u{23}\#\[error\]c\\u{200b} |

        | Not analyzed | Why |
        | --- | --- |
        | "::error::\\377\\033\[2J.rs" | analysis failed: \\u{1b}\]0;x\\u{7}\\u{9b}2J\\u{202e} ::error file=a::b \\u{23}\#\[error\]c\\u{200b} |
        "#);
    }

    #[test]
    fn a_long_table_is_cut_and_says_so() {
        let rows = vec!["a | b".to_owned(); MOST_ROWS + 2];
        let mut out = Vec::new();
        table("A | B", &rows, &mut out).unwrap();
        assert!(out.ends_with(b"\n2 more rows left out.\n"));
    }

    #[test]
    fn nothing_selected_is_said() {
        insta::assert_snapshot!(rendered(Format::Markdown, &outcome(vec![])), @"
        ## Code analysis

        No files selected.
        ");
    }
}
