//! What a comparison found, for people: what is fixed in a line each, what is new in full, what
//! could not be compared. Not reports of which nothing was compared: those are `text`.

use std::io::{self, Write};

use super::paint::{HEADING, paint};
use super::text::in_full;
use super::unanswered::list_unknown;
use super::{Context, Verbosity, concise, summary};
use crate::report::build::Looked;
use crate::report::clean::clean_line;
use crate::report::{Comparison, Remark, Report, State};

/// Renders fixed findings, new ones, unchanged ones if much was asked for, and the counts.
pub fn render(
    report: &Report<'_>,
    comparison: &Comparison<'_>,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let base = base_name(&comparison.base);
    let of = |state| report.compared().iter().filter(move |f| f.state == state);
    lines(
        &format!("Fixed since {base}:"),
        of(State::Fixed),
        context,
        out,
    )?;
    if context.verbosity == Verbosity::Verbose {
        let heading = format!("Unchanged since {base}:");
        lines(&heading, of(State::Unchanged), context, out)?;
    }
    lines("Not compared:", of(State::Present), context, out)?;
    let new: Vec<&Remark<'_>> = of(State::New).collect();
    if !new.is_empty() {
        let heading = format!("New since {base}:");
        writeln!(out, "{}\n", paint(context.color, HEADING, heading))?;
    }
    for remarks in new.chunk_by(|a, b| (a.path, a.blob) == (b.path, b.blob)) {
        in_full(remarks, context, out)?;
    }
    if !comparison.unknown.is_empty() {
        list_unknown(comparison, context, out)?;
        writeln!(out, "hint: to analyze what is missing, use --analyze")?;
        writeln!(out)?;
    }
    match context.verbosity {
        Verbosity::Quiet => Ok(()),
        Verbosity::Normal | Verbosity::Verbose => summary::render(report, context, out),
    }
}

/// What was compared with, as people call it: a long id is shortened.
pub fn base_name(base: &Looked<'_>) -> String {
    let is_oid = |rev: &str| rev.len() >= 40 && rev.bytes().all(|b| b.is_ascii_hexdigit());
    match base.rev {
        Some(rev) if is_oid(rev) => clean_line(rev.get(..12).unwrap_or(rev)),
        Some(rev) => clean_line(rev),
        None => clean_line(base.at),
    }
}

fn lines<'r, 'a: 'r>(
    heading: &str,
    remarks: impl Iterator<Item = &'r Remark<'a>>,
    context: &Context<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut remarks = remarks.peekable();
    if remarks.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "{}", paint(context.color, HEADING, heading))?;
    for remark in remarks {
        writeln!(out, "  {}", concise::line(remark, context))?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use crate::report::sample::{compared, rendered_comparison};
    use crate::report::{Format, State, Verbosity};

    #[test]
    fn what_is_fixed_comes_in_lines_and_what_is_new_in_full() {
        let report = compared();
        insta::assert_snapshot!(rendered_comparison(Format::Text, &report, Verbosity::Normal), @"
        Fixed since v1.0:
          src/old.rs:3:1: note [deep-nesting] Function of 4 lines

        New since v1.0:

        warning[unwrap]: `unwrap` on a `Result` that can fail at run time
         --> src/config.rs:4:38
          |
        4 |     let text = fs::read_to_string(path).unwrap();
          |                                         ^^^^^^ in `load`
          |
          = why: If the file cannot be read, the whole program ends here, and its user
                 is told nothing about which file it was.
          = help: Return the error with `?` and say which file was read.

        unknown: src/unknown.rs (refactor, before): new
        hint: to analyze what is missing, use --analyze

        1 file: 1 cached
        Findings: 1 new (1 warning), 1 fixed (1 note), 1 unchanged (1 note); 1 answer not compared
        ");
    }

    #[test]
    fn who_asks_for_much_also_sees_what_is_as_it_was() {
        let shown = rendered_comparison(Format::Text, &compared(), Verbosity::Verbose);
        assert!(
            shown.contains("Unchanged since v1.0:\n  src/config.rs:3:1: note"),
            "{shown}"
        );
    }

    #[test]
    fn what_is_new_alone_is_counted_alone() {
        let mut report = compared();
        report.keep_states(&[State::New]);
        insta::assert_snapshot!(rendered_comparison(Format::Summary, &report, Verbosity::Normal), @"
        1 file: 1 cached
        Findings: 1 new (1 warning), 1 fixed (1 note), 1 unchanged (1 note); 1 answer not compared
        ");
    }

    #[test]
    fn formats_that_annotate_files_speak_of_what_is_new() {
        let report = compared();
        for format in [
            Format::Concise,
            Format::Github,
            Format::Gitlab,
            Format::Rdjsonl,
            Format::Checkstyle,
            Format::Junit,
        ] {
            let shown = rendered_comparison(format, &report, Verbosity::Normal);
            assert!(shown.contains("unwrap"), "{shown}");
            assert!(!shown.contains("long-function"), "{shown}");
            assert!(!shown.contains("old.rs"), "{shown}");
        }
    }

    #[test]
    fn sarif_speaks_of_what_is_new_and_of_what_is_as_it_was() {
        let shown = rendered_comparison(Format::Sarif, &compared(), Verbosity::Normal);
        let document: serde_json::Value = serde_json::from_str(&shown).unwrap();
        let results = document["runs"][0]["results"].as_array().unwrap();
        let states: Vec<_> = results
            .iter()
            .map(|result| {
                [&result["baselineState"], &result["ruleId"]].map(|v| v.as_str().unwrap())
            })
            .collect();
        let expected = [
            ["new", "refactor/unwrap"],
            ["unchanged", "refactor/long-function"],
        ];
        assert_eq!(states, expected);
    }
}
