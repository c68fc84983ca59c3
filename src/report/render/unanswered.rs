//! The files that have no answer, by name and reason: silence would read as "clean".
//! Not their counts, which are the summary's.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::paint::{FAILURE, HEADING, paint};
use super::place::shown_path;
use super::{Context, Verbosity};
use crate::model::{Row, Skip, Status};
use crate::report::clean::clean_line;
use crate::report::wording::grouped;
use crate::report::{Comparison, FileStatus, Report, Side, Unknown};

/// How many missing files are named before the rest is counted.
const MISSING_SHOWN: usize = 20;

/// Names failed files always, missing ones up to a limit, and so those that are skipped for what
/// is in them; the others when asked for much.
pub fn list_unanswered(
    report: &Report<'_>,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (skipped, missing) = match context.verbosity {
        Verbosity::Verbose => (usize::MAX, usize::MAX),
        Verbosity::Quiet | Verbosity::Normal => (0, MISSING_SHOWN),
    };
    let limits = [
        (FileStatus::Failed, usize::MAX),
        (FileStatus::Skipped, skipped),
        (FileStatus::Missing, missing),
    ];
    for (status, limit) in limits {
        let is_so = |row: &&&Row| FileStatus::from(&row.status) == status;
        for row in report.rows.iter().filter(is_so).take(limit) {
            name(row, context, out)?;
        }
    }
    if context.verbosity < Verbosity::Verbose {
        list_surprising(report, context, out)?;
    }
    let hidden = report.summary.missing.saturating_sub(missing as u64);
    if hidden > 0 {
        let hidden = grouped(hidden);
        writeln!(out, "missing: {hidden} more; use --verbose to list them")?;
    }
    Ok(())
}

/// What to do about missing files, where anything helps.
pub fn advise(report: &Report<'_>, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let ended = report.summary.interrupted || report.summary.stopped.is_some();
    if report.summary.missing > 0 && !ended {
        writeln!(
            out,
            "hint: to analyze what is missing, use {}",
            command(report, context)
        )?;
    }
    Ok(())
}

/// Files that nobody has left out: something in them speaks against sending them.
fn list_surprising(
    report: &Report<'_>,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_surprising = |row: &&&Row| matches!(row.status, Status::Skipped(Skip::Secret { .. }));
    let rows: Vec<&&Row> = report.rows.iter().filter(is_surprising).collect();
    for row in rows.iter().take(MISSING_SHOWN) {
        name(row, context, out)?;
    }
    let hidden = rows.len().saturating_sub(MISSING_SHOWN) as u64;
    if hidden > 0 {
        let hidden = grouped(hidden);
        writeln!(out, "skipped: {hidden} more, named with --verbose")?;
    }
    Ok(())
}

/// Names what could not be compared, up to the limit for missing files.
pub fn list_unknown(
    comparison: &Comparison<'_>,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let shown = match context.verbosity {
        Verbosity::Verbose => usize::MAX,
        Verbosity::Quiet | Verbosity::Normal => MISSING_SHOWN,
    };
    for unknown in comparison.unknown.iter().take(shown) {
        let label = paint(context.color, HEADING, "unknown");
        let path = shown_path(unknown.path, context);
        writeln!(out, "{label}: {path} {}", unknown_reason(unknown))?;
    }
    let hidden = comparison.unknown.len().saturating_sub(shown);
    if hidden > 0 {
        let hidden = grouped(hidden as u64);
        writeln!(out, "unknown: {hidden} more, named with --verbose")?;
    }
    Ok(())
}

/// `(refactor, before): new`, harmless and on one line.
pub fn unknown_reason(unknown: &Unknown<'_>) -> String {
    let side = match unknown.side {
        Side::Before => "before",
        Side::After => "after",
    };
    let why = clean_line(unknown.reason.as_deref().unwrap_or("no reason given"));
    format!("({}, {side}): {why}", unknown.kind)
}

/// What to type: answers are missing for `show`, `--cached` and `--dry-run` alike.
fn command(report: &Report<'_>, context: &Context<'_>) -> String {
    if let Some(option) = context.held_by {
        return format!("the same command without {option}");
    }
    let missing = |row: &&&Row| matches!(row.status, Status::Missing(_));
    let rows = report.rows.iter().filter(missing);
    let kinds: BTreeSet<&str> = rows.map(|row| row.kind.name()).collect();
    let kinds = kinds.iter().map(|kind| format!(" -k {}", clean_line(kind)));
    let answerer = clean_line(&context.answerer);
    format!("`analyze{}{answerer}`", kinds.collect::<String>())
}

fn name(row: &Row, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let style = match row.status {
        Status::Failed(_) => FAILURE,
        _ => HEADING,
    };
    let status = paint(context.color, style, row.status.name());
    let path = shown_path(&row.path, context);
    let (kind, why) = (&row.kind, why(row));
    writeln!(out, "{status}: {path} ({kind}): {why}")
}

/// The rows that a machine format must not pass over: failed and missing ones.
pub fn unanswered<'a>(report: &Report<'a>) -> impl Iterator<Item = &'a Row> {
    let is_unanswered = |row: &&Row| matches!(row.status, Status::Failed(_) | Status::Missing(_));
    report.rows.iter().copied().filter(is_unanswered)
}

/// `refactor failed: the blob is missing`, harmless and on one line.
pub fn reason(row: &Row) -> String {
    format!("{} {}: {}", row.kind, row.status.name(), why(row))
}

fn why(row: &Row) -> String {
    clean_line(row.status.reason().as_deref().unwrap_or("no reason given"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Miss;
    use crate::report::Format;
    use crate::report::sample::{outcome, rendered, rendered_with, row};

    #[test]
    fn many_missing_files_are_counted_after_the_first() {
        let missing = |n: u32| row(&format!("{n:04}.rs"), Status::Missing(Miss::New));
        let outcome = outcome((0..1_500).map(missing).collect());
        let shown = rendered(Format::Text, &outcome);
        let end: Vec<&str> = shown.lines().skip(MISSING_SHOWN - 1).collect();
        insta::assert_snapshot!(end.join("\n"), @r"
        missing: 0019.rs (refactor): new
        missing: 1,480 more; use --verbose to list them
        hint: to analyze what is missing, use `analyze -k refactor`

        1,500 files: 1,500 missing
        Findings: unknown, nothing analyzed
        ");
        let all = rendered_with(Format::Text, &outcome, |c| c.verbosity = Verbosity::Verbose);
        assert!(all.contains("missing: 1499.rs"));
    }

    #[test]
    fn advice_repeats_who_was_to_answer() {
        let outcome = outcome(vec![row("a.rs", Status::Missing(Miss::New))]);
        let shown = rendered_with(Format::Text, &outcome, |c| {
            c.answerer = " --provider xai".to_owned();
        });
        assert!(
            shown.contains("missing, use `analyze -k refactor --provider xai`\n"),
            "{shown}"
        );
    }

    #[test]
    fn a_file_that_is_held_back_for_what_is_in_it_is_named() {
        let rows = vec![
            row("key.rs", Status::Skipped(Skip::Secret { line: 12 })),
            row("image.rs", Status::Skipped(Skip::Binary)),
        ];
        let outcome = outcome(rows);
        let shown = rendered(Format::Text, &outcome);
        insta::assert_snapshot!(shown, @r"
        skipped: key.rs (refactor): line 12 looks like a secret

        2 files: 2 skipped (1 binary, 1 secret)
        Findings: unknown, nothing analyzed
        ");
        let all = rendered_with(Format::Text, &outcome, |c| c.verbosity = Verbosity::Verbose);
        assert_eq!(all.matches("key.rs").count(), 1);
    }
}
