//! The files that have no answer, by name and reason: silence would read as "clean".
//! Not their counts, which are the summary's.

use std::io::{self, Write};

use super::paint::{FAILURE, HEADING, paint};
use super::text::shown_path;
use super::{Context, Verbosity};
use crate::report::clean::clean_line;
use crate::report::wording::grouped;
use crate::report::{File, Report};

/// How many missing files are named before the rest is counted.
const MISSING_SHOWN: usize = 20;

/// Names failed files always, missing ones up to a limit, skipped ones when asked for much.
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
        ("failed", usize::MAX),
        ("skipped", skipped),
        ("missing", missing),
    ];
    for (status, limit) in limits {
        let files = report.files.iter().filter(|file| file.status == status);
        for file in files.take(limit) {
            unanswered(file, context, out)?;
        }
    }
    let hidden = report.summary.missing.saturating_sub(missing as u64);
    if hidden > 0 {
        let hidden = grouped(hidden);
        writeln!(out, "missing: {hidden} more, named with --verbose")?;
    }
    if report.summary.missing > 0 && !report.summary.interrupted {
        writeln!(
            out,
            "hint: `analyze` without --cached or --dry-run analyzes what is missing"
        )?;
    }
    Ok(())
}

fn unanswered(file: &File<'_>, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let status = match file.status {
        "failed" => paint(context.colour, FAILURE, "failed"),
        status => paint(context.colour, HEADING, status),
    };
    let path = shown_path(file.path, context);
    let reason = clean_line(file.reason.as_deref().unwrap_or("no reason given"));
    writeln!(out, "{status}: {path} ({}): {reason}", file.kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Miss, Status};
    use crate::report::Format;
    use crate::report::sample::{outcome, rendered, rendered_with, row};

    #[test]
    fn many_missing_files_are_counted_after_the_first() {
        let missing = |n: u32| row(&format!("{n:04}.rs"), Status::Missing(Miss::New));
        let outcome = outcome((0..1_500).map(missing).collect());
        let shown = rendered(Format::Text, &outcome);
        let end: Vec<&str> = shown.lines().skip(MISSING_SHOWN - 1).collect();
        insta::assert_snapshot!(end.join("\n"), @"
        missing: 0019.rs (refactor): new
        missing: 1,480 more, named with --verbose
        hint: `analyze` without --cached or --dry-run analyzes what is missing

        1,500 files: 1,500 missing
        Findings: unknown, nothing was analyzed
        ");
        let all = rendered_with(Format::Text, &outcome, |c| c.verbosity = Verbosity::Verbose);
        assert!(all.contains("missing: 1499.rs"));
    }
}
