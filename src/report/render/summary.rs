//! The counts, in words: what became of the files, what was found, what it cost.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Context;
use super::paint::{HEADING, paint};
use crate::model::{Origin, Status};
use crate::report::clean::clean_line;
use crate::report::wording::{count, grouped, money, money_of};
use crate::report::{Comparison, Levels, Report, Summary};

/// Renders one to five lines.
pub fn render(report: &Report<'_>, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let summary = &report.summary;
    if let Some(comparison) = &report.comparison {
        compared(report, comparison, context, out)?;
    } else if summary.rows > 0 {
        counts(report, context, out)?;
    } else if !summary.interrupted {
        writeln!(out, "No files selected.")?;
    }
    if summary.interrupted {
        writeln!(
            out,
            "Interrupted: what was finished is kept; run again to go on."
        )?;
    }
    if let Some(why) = &summary.stopped {
        let why = clean_line(why);
        writeln!(out, "Stopped: {why}; what was answered is kept.")?;
    }
    Ok(())
}

/// The files that differ are those that are there now; what is gone has no row.
fn compared(
    report: &Report<'_>,
    comparison: &Comparison<'_>,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let summary = &report.summary;
    let files = paint(context.color, HEADING, selected(summary));
    match summary.rows {
        0 => writeln!(out, "{files} to compare")?,
        _ => writeln!(out, "{files}: {}", became(report))?,
    }
    let counts = [
        (comparison.new, "new"),
        (comparison.fixed, "fixed"),
        (comparison.unchanged, "unchanged"),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(levels, state)| match by_level(levels) {
            Some(by_level) => format!("{} {state} ({by_level})", grouped(levels.total())),
            None => format!("0 {state}"),
        })
        .collect();
    let unknown = match comparison.unknown.len() as u64 {
        0 => String::new(),
        unknown => format!("; {} not compared", count(unknown, "answer")),
    };
    let reclassified = match comparison.reclassified {
        0 => String::new(),
        some => format!("; {} in files whose role changed", grouped(some)),
    };
    writeln!(
        out,
        "Findings: {}{reclassified}{unknown}",
        counts.join(", ")
    )?;
    if summary.model_involved {
        writeln!(out, "{}", spent(summary))
    } else {
        Ok(())
    }
}

fn counts(report: &Report<'_>, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let summary = &report.summary;
    let files = paint(context.color, HEADING, selected(summary));
    writeln!(out, "{files}: {}", became(report))?;
    writeln!(out, "{}", found(summary))?;
    if summary.model_involved {
        writeln!(out, "{}", spent(summary))
    } else {
        Ok(())
    }
}

/// With several kinds the counts after it are not of files, so it says of how many kinds.
fn selected(summary: &Summary) -> String {
    let files = count(summary.files, "file");
    if summary.rows == summary.files {
        files
    } else {
        format!("{files}, {}", count(summary.rows, "question"))
    }
}

fn became(report: &Report<'_>) -> String {
    let summary = &report.summary;
    let counts = [
        (summary.cached, "cached", origins(report)),
        (summary.analyzed, "analyzed", None),
        (summary.skipped, "skipped", reasons(report)),
        (summary.failed, "failed", None),
        (summary.missing, "missing", None),
    ];
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, status, inside)| {
            let inside = inside.map(|text| format!(" ({text})")).unwrap_or_default();
            format!("{} {status}{inside}", grouped(number))
        })
        .collect();
    parts.join(", ")
}

/// `201 here, 97 from origin`; nothing if all are from here or not every cached row is listed.
fn origins(report: &Report<'_>) -> Option<String> {
    let unlisted = report.summary.unlisted_origins.iter();
    let mut counts: BTreeMap<&Origin, u64> = unlisted.map(|(from, count)| (from, *count)).collect();
    for row in &report.rows {
        if let Status::Cached(origin) = &row.status {
            *counts.entry(origin).or_default() += 1;
        }
    }
    let is_whole = counts.values().sum::<u64>() == report.summary.cached;
    let is_elsewhere = counts.keys().any(|origin| **origin != Origin::Here);
    let words = counts.iter().map(|(origin, number)| match origin {
        Origin::Here => format!("{} here", grouped(*number)),
        Origin::Shared => format!("{} published here", grouped(*number)),
        Origin::Imported => format!("{} imported", grouped(*number)),
        Origin::Remote(remote) => {
            let by = publishers(report, origin);
            format!("{} from {}{by}", grouped(*number), clean_line(remote))
        }
    });
    (is_whole && is_elsewhere).then(|| words.collect::<Vec<_>>().join(", "))
}

/// ` by A U Thor and 2 others`, where it is known; the one with the most answers is named.
fn publishers(report: &Report<'_>, origin: &Origin) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &report.rows {
        if let (Status::Cached(from), Some(by)) = (&row.status, &row.publisher)
            && from == origin
        {
            *counts.entry(by).or_default() += 1;
        }
    }
    let most = counts.iter().max_by_key(|(by, number)| (**number, **by));
    let Some((by, _)) = most else {
        return String::new();
    };
    let name = by.split(" <").next().unwrap_or(by);
    let others = match counts.len() - 1 {
        0 => String::new(),
        more => format!(" and {}", count(more as u64, "other")),
    };
    format!(" by {}{others}", clean_line(name))
}

/// `2 too large, 1 secret`, the most frequent first.
fn reasons(report: &Report<'_>) -> Option<String> {
    let mut counts = report.summary.unlisted_skips.clone();
    for row in &report.rows {
        if let Status::Skipped(skip) = &row.status {
            *counts.entry(skip.label()).or_default() += 1;
        }
    }
    let mut counts: Vec<(&str, u64)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let words = counts
        .iter()
        .map(|(label, number)| format!("{} {label}", grouped(*number)));
    (!counts.is_empty()).then(|| words.collect::<Vec<_>>().join(", "))
}

/// What nobody looked at is not called clean.
fn found(summary: &Summary) -> String {
    let answered = summary.cached + summary.analyzed;
    let unanswered = summary.failed + summary.missing;
    if let Some(levels) = by_level(summary.findings) {
        format!("Findings: {levels}")
    } else if answered == 0 {
        "Findings: unknown, nothing analyzed".to_owned()
    } else if unanswered > 0 {
        "Findings: none in what was analyzed".to_owned()
    } else {
        "Findings: none".to_owned()
    }
}

/// `3 errors, 1 note`; nothing if there are none.
fn by_level(levels: Levels) -> Option<String> {
    let counts = [
        (levels.error, "error"),
        (levels.warning, "warning"),
        (levels.note, "note"),
    ];
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, level)| count(number, level))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn spent(summary: &Summary) -> String {
    let tokens = summary.tokens;
    let cached = match tokens.cached_input {
        0 => String::new(),
        cached => format!(" ({} cached)", grouped(cached)),
    };
    let counted = match (tokens.input, tokens.output) {
        // No provider counts nothing for an answer.
        (0, 0) if summary.cost_usd.is_none() => "not counted".to_owned(),
        (0, 0) => "none".to_owned(),
        (input, output) => format!("{} in{cached}, {} out", grouped(input), grouped(output)),
    };
    let saved = summary.saved.map_or_else(|| money(None), money_of);
    format!(
        "Tokens: {counted} · cost {} · saved {saved}",
        money_of(summary.cost)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Miss, Skip, Stop};
    use crate::report::Format;
    use crate::report::sample::{hostile, mixed, outcome, paid, rendered, row};

    fn shown(outcome: &crate::model::Outcome) -> String {
        rendered(Format::Summary, outcome)
    }

    #[test]
    fn every_row_is_counted_once_and_reasons_are_given() {
        insta::assert_snapshot!(shown(&mixed()), @"
        6 files: 1 cached, 3 skipped (2 too large, 1 secret), 1 failed, 1 missing
        Findings: 1 warning, 1 note
        ");
    }

    #[test]
    fn tokens_and_money_are_told_if_a_model_was_involved() {
        insta::assert_snapshot!(shown(&paid()), @"
        3 files: 2 cached (1 here, 1 from origin), 1 analyzed
        Findings: 1 warning, 1 note
        Tokens: 41,210 in (12,032 cached), 6,880 out · cost $0.0712 · saved $0.0712
        ");
    }

    #[test]
    fn an_unknown_cost_is_a_question_mark() {
        let mut outcome = paid();
        outcome.usage.as_mut().unwrap().cost.usd = None;
        outcome.rows[1].entry = None;
        insta::assert_snapshot!(shown(&outcome), @"
        3 files: 2 cached (1 here, 1 from origin), 1 analyzed
        Findings: 1 warning, 1 note
        Tokens: 41,210 in (12,032 cached), 6,880 out · cost $? · saved $?
        ");
    }

    #[test]
    fn nothing_selected_is_said() {
        assert_eq!(shown(&outcome(vec![])), "No files selected.\n");
    }

    #[test]
    fn what_nobody_looked_at_is_not_called_clean() {
        let skipped = row("a.rs", Status::Skipped(Skip::Binary));
        let mut clean = row("b.rs", Status::Cached(Origin::Here));
        clean.entry = None;
        let missing = row("c.rs", Status::Missing(Miss::Stale));
        insta::assert_snapshot!(shown(&outcome(vec![skipped.clone()])), @r"
        1 file: 1 skipped (1 binary)
        Findings: unknown, nothing analyzed
        ");
        insta::assert_snapshot!(shown(&outcome(vec![clean.clone(), missing])), @"
        2 files: 1 cached, 1 missing
        Findings: none in what was analyzed
        ");
        insta::assert_snapshot!(shown(&outcome(vec![clean, skipped])), @"
        2 files: 1 cached, 1 skipped (1 binary)
        Findings: none
        ");
    }

    #[test]
    fn several_kinds_of_one_file_are_questions() {
        let mut docs = row("src/config.rs", Status::Analyzed(Miss::New));
        docs.kind = Kind::Docs;
        let refactor = row("src/config.rs", Status::Analyzed(Miss::New));
        insta::assert_snapshot!(shown(&outcome(vec![refactor, docs])), @"
        1 file, 2 questions: 2 analyzed
        Findings: 2 warnings, 2 notes
        ");
    }

    #[test]
    fn files_of_whole_trees_count_though_they_have_no_rows() {
        let mut outcome = outcome(vec![row(
            "a.rs",
            Status::Cached(Origin::Remote("origin".into())),
        )]);
        outcome.totals.rows += 11_999;
        outcome.totals.cached += 11_999;
        outcome.totals.unlisted_files += 11_999;
        insta::assert_snapshot!(shown(&outcome), @"
        12,000 files: 12,000 cached
        Findings: 1 warning, 1 note
        ");
    }

    #[test]
    fn an_interrupted_run_says_so() {
        let mut outcome = outcome(vec![]);
        outcome.stopped = Some(Stop::Interrupted);
        insta::assert_snapshot!(shown(&outcome), @"Interrupted: what was finished is kept; run again to go on.");
    }

    #[test]
    fn a_budget_that_ends_a_run_is_named() {
        let mut outcome = outcome(vec![]);
        outcome.stopped = Some(Stop::Budget("the budget of 3 requests is used up".into()));
        insta::assert_snapshot!(shown(&outcome), @"
        No files selected.
        Stopped: the budget of 3 requests is used up; what was answered is kept.
        ");
    }

    #[test]
    fn a_hostile_name_of_a_remote_is_made_visible() {
        insta::assert_snapshot!(shown(&hostile()), @r"
        1 file, 2 questions: 1 cached (1 from \u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}), 1 failed
        Findings: 2 warnings
        ");
    }
}
