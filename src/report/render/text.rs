//! The format for people: by file its document, overview and findings; then what was not
//! analyzed; then the summary. Documents of many files are not shown among other kinds, where
//! findings would drown in them.

use std::borrow::Borrow;
use std::io::{self, Write};

use super::paint::{HEADING, paint};
use super::place::shown_path;
use super::snippet::{draw, wrap};
use super::source::Source;
use super::unanswered::{advise, list_unanswered};
use super::worst::Worst;
use super::{Context, Verbosity, changes, summary};
use crate::model::Kind;
use crate::report::clean::clean;
use crate::report::wording::count;
use crate::report::{File, Remark, Report};

/// Renders for people. Nothing that others wrote can begin a line with `::` or carry an escape.
pub fn render(report: &Report<'_>, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    if let Some(comparison) = &report.comparison {
        return changes::render(report, comparison, context, out);
    }
    let shows_documents = shows_documents(report, context);
    let mut worst = Worst::of(report, context);
    // To somebody at a terminal who asks about one file, it is worth a sentence.
    let sums_up = is_one_file(report) && context.top.is_some();
    let mut sentences = Vec::new();
    report.each_path(|files, found| {
        for file in files {
            if sums_up {
                sentence(file, context, &mut sentences)?;
            }
            if shows_documents {
                document(file, context, out)?;
            }
            overview(file, context, out)?;
        }
        match &mut worst {
            Some(worst) => {
                worst.add(found, context);
                Ok(())
            }
            None => in_full(found, context, out),
        }
    })?;
    if let Some(worst) = worst {
        worst.write(out)?;
    }
    out.write_all(&sentences)?;
    let mut unanswered = Vec::new();
    list_unanswered(report, context, &mut unanswered)?;
    advise(report, context, &mut unanswered)?;
    if !unanswered.is_empty() {
        out.write_all(&unanswered)?;
        writeln!(out)?;
    }
    match context.verbosity {
        Verbosity::Quiet => Ok(()),
        Verbosity::Normal | Verbosity::Verbose => summary::render(report, context, out),
    }
}

fn is_one_file(report: &Report<'_>) -> bool {
    match &*report.rows {
        [] => false,
        [first, rest @ ..] => rest.iter().all(|row| row.path == first.path),
    }
}

/// Were documents asked for, rather than everything about many files?
fn shows_documents(report: &Report<'_>, context: &Context<'_>) -> bool {
    let is_one_kind = report.rows.iter().all(|row| row.kind == Kind::Docs);
    is_one_file(report) || is_one_kind || context.verbosity == Verbosity::Verbose
}

/// A document has no title of its own: a name is no part of what was analyzed.
fn document(file: &File<'_>, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(text) = file.document else {
        return Ok(());
    };
    let title = format!("# {}", shown_path(file.path, context));
    writeln!(out, "{}\n", paint(context.color, HEADING, title))?;
    writeln!(out, "{}\n", clean(text).trim_end())
}

/// A file's summary and suggestions. Where findings or a document speak for the file, only on request.
fn overview(file: &File<'_>, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let is_wanted = matches!(file.kind, Kind::Analysis | Kind::Custom(_))
        || context.verbosity == Verbosity::Verbose;
    let Some(text) = file
        .summary
        .filter(|text| is_wanted && !text.trim().is_empty())
    else {
        return Ok(());
    };
    let heading = format!("{} ({})", shown_path(file.path, context), file.kind);
    writeln!(out, "{}", paint(context.color, HEADING, heading))?;
    indented(text, context, out)?;
    for suggestion in file.suggestions {
        let effort = suggestion
            .effort_minutes
            .map(|minutes| format!(" (about {})", count(u64::from(minutes), "minute")));
        let (title, effort) = (&suggestion.title, effort.unwrap_or_default());
        indented(
            &format!("- {title}{effort}: {}", suggestion.detail),
            context,
            out,
        )?;
    }
    writeln!(out)
}

/// What an analysis of a file comes to, where nothing else says so: see [`overview`].
fn sentence(file: &File<'_>, context: &Context<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    let is_told = matches!(file.kind, Kind::Analysis | Kind::Custom(_) | Kind::Docs)
        || context.verbosity != Verbosity::Normal;
    match file
        .summary
        .filter(|text| !is_told && !text.trim().is_empty())
    {
        Some(text) => writeln!(out, "{}\n", wrap(text, context.width)),
        None => Ok(()),
    }
}

fn indented(text: &str, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    for line in wrap(text, context.width.saturating_sub(2)).lines() {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

/// Remarks on one file, each with its lines.
pub fn in_full<'a, R: Borrow<Remark<'a>>>(
    remarks: &[R],
    context: &Context<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(first) = remarks.first().map(R::borrow) else {
        return Ok(());
    };
    let path = shown_path(first.path, context);
    let source = (context.sources)(&first.blob).map(Source::new);
    for remark in remarks {
        let drawn = draw(remark.borrow(), &path, source.as_ref(), context);
        writeln!(out, "{drawn}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Origin, Status};
    use crate::report::sample::{
        entry, hostile, mixed, no_source, outcome, rendered, rendered_with, row,
    };
    use crate::report::{Color, Format};

    #[test]
    fn one_file_at_a_terminal_is_summed_up_in_a_sentence_below_its_findings() {
        let mut outcome = mixed();
        let path = outcome.rows[0].path.clone();
        outcome.keep_rows(|row| row.path == path && row.kind == Kind::Refactor);
        let sentence = "One function reads a file.";
        let told = |top: Option<usize>, whole: &crate::model::Outcome| match top {
            Some(1) => rendered_with(Format::Text, whole, |context| context.top = Some(1)),
            Some(_) => rendered_with(Format::Text, whole, |context| context.top = Some(20)),
            None => rendered(Format::Text, whole),
        };
        for top in [Some(1), Some(20)] {
            let text = told(top, &outcome);
            let at = text.find(sentence).unwrap();
            assert!(
                at > text.rfind("]: ").unwrap() && at < text.find("1 file").unwrap(),
                "{text}"
            );
        }
        assert!(!told(None, &outcome).contains(sentence));
        assert!(!told(Some(20), &mixed()).contains(sentence));
    }

    #[test]
    fn a_finding_is_shown_with_its_source_line_and_advice() {
        insta::assert_snapshot!(rendered(Format::Text, &mixed()), @"
        note[long-function]: Function of 4 lines
         --> src/config.rs:3:1
          |
        3 | fn load(path: &Path) -> Config {
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ in `load`, continues to line 6
          |
          = why: Long functions are hard to name, to test and to change.

        warning[unwrap]: `unwrap` on a `Result` that can fail at run time
         --> src/config.rs:4:38
          |
        4 |     let text = fs::read_to_string(path).unwrap();
          |                                         ^^^^^^ in `load`
          |
          = why: If the file cannot be read, the whole program ends here, and its user
                 is told nothing about which file it was.
          = help: Return the error with `?` and say which file was read.

        failed: src/failed.rs (refactor): the blob is missing from the repository
        missing: src/missing.rs (refactor): new
        skipped: src/key.rs (refactor): line 3 looks like a secret
        hint: to analyze what is missing, use `analyze -k refactor`

        6 files: 1 cached, 3 skipped (2 too large, 1 secret), 1 failed, 1 missing
        Findings: 1 warning, 1 note
        ");
    }

    #[test]
    fn a_narrow_terminal_from_within_a_folder() {
        let shown = rendered_with(Format::Text, &mixed(), |context| {
            context.width = 44;
            context.folder = b"src/report".to_vec();
            context.verbosity = Verbosity::Verbose;
        });
        insta::assert_snapshot!(shown, @"
        ../config.rs (refactor)
          One function reads a file.
          - Return errors (about 10 minutes): Let
          `load` return a `Result`.

        note[long-function]: Function of 4 lines
         --> ../config.rs:3:1
          |
        3 | fn load(path: &Path) -> Config {
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ in `load`, continues to line 6
          |
          = why: Long functions are hard to name,
                 to test and to change.

        warning[unwrap]: `unwrap` on a `Result` that can fail at run time
         --> ../config.rs:4:38
          |
        4 | ...ng(path).unwrap();
          |             ^^^^^^ in `load`
          |
          = why: If the file cannot be read, the
                 whole program ends here, and its
                 user is told nothing about which
                 file it was.
          = help: Return the error with `?` and say
                  which file was read.

        failed: ../failed.rs (refactor): the blob is missing from the repository
        skipped: ../key.rs (refactor): line 3 looks like a secret
        skipped: ../large.rs (refactor): too large (3000000 bytes, the limit is 1048576)
        skipped: ../larger.rs (refactor): too large (3000000 bytes, the limit is 1048576)
        missing: ../missing.rs (refactor): new
        hint: to analyze what is missing, use `analyze -k refactor`

        6 files: 1 cached, 3 skipped (2 too large, 1 secret), 1 failed, 1 missing
        Findings: 1 warning, 1 note
        ");
    }

    #[test]
    fn without_the_source_the_place_is_named() {
        let shown = rendered_with(Format::Text, &mixed(), |context| {
            context.sources = &no_source;
            context.verbosity = Verbosity::Quiet;
        });
        insta::assert_snapshot!(shown, @"
        note[long-function]: Function of 4 lines
        --> src/config.rs:3:1
         = why: Long functions are hard to name, to test and to change.

        warning[unwrap]: `unwrap` on a `Result` that can fail at run time
        --> src/config.rs:4:38
         = why: If the file cannot be read, the whole program ends here, and its user
                is told nothing about which file it was.
         = help: Return the error with `?` and say which file was read.

        failed: src/failed.rs (refactor): the blob is missing from the repository
        missing: src/missing.rs (refactor): new
        skipped: src/key.rs (refactor): line 3 looks like a secret
        hint: to analyze what is missing, use `analyze -k refactor`
        ");
    }

    #[test]
    fn a_document_is_printed_as_it_is_below_its_files_name() {
        let shown = rendered(Format::Text, &outcome(vec![documented("src/a.rs")]));
        insta::assert_snapshot!(shown, @"
        # src/a.rs

        Module `a`

        - a point
        	and a tab

        1 file: 1 cached
        Findings: none
        ");
    }

    fn documented(path: &str) -> crate::model::Row {
        let mut entry = entry();
        entry.analysis.findings.clear();
        entry.analysis.document = Some("Module `a`\n\n- a point\n\tand a tab\n".into());
        let mut row = row(path, Status::Cached(Origin::Here));
        row.kind = Kind::Docs;
        row.entry = Some(crate::model::Held::whole(std::sync::Arc::new(entry)));
        row
    }

    #[test]
    fn documents_of_many_files_are_left_out_among_other_kinds() {
        let documents = vec![documented("src/a.rs"), documented("src/b.rs")];
        let only = rendered(Format::Text, &outcome(documents.clone()));
        assert!(
            only.contains("# src/a.rs\n") && only.contains("# src/b.rs\n"),
            "{only}"
        );
        let other = row("src/b.rs", Status::Cached(Origin::Here));
        let among = outcome([documents, vec![other]].concat());
        let shown = rendered(Format::Text, &among);
        assert!(!shown.contains("Module `a`"), "{shown}");
        let verbose = rendered_with(Format::Text, &among, |context| {
            context.verbosity = Verbosity::Verbose;
        });
        assert!(verbose.contains("# src/a.rs\n"), "{verbose}");
    }

    #[test]
    fn hostile_text_is_visible_and_gives_no_orders() {
        let shown = rendered(Format::Text, &hostile());
        insta::assert_snapshot!(shown, @r#"
        # "::error::\377\033[2J.rs"

        \u{1b}]0;x\u{7}\u{9b}2J\u{202e}
        \u{3a}:error file=a::b
        \u{23}#[error]c\u{200b}

        "::error::\377\033[2J.rs" (analysis)
          \u{1b}]0;x\u{7}\u{9b}2J\u{202e}
          \u{3a}:error file=a::b
          \u{23}#[error]c\u{200b}
          - Return errors (about 10 minutes): Let `load` return a `Result`.

        warning[\u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}]: \u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}
         --> "::error::\377\033[2J.rs":4:38
          |
        4 |     let text = fs::read_to_string(path).unwrap();
          |                                         ^^^^^^^^^
          |
          = why: \u{1b}]0;x\u{7}\u{9b}2J\u{202e}
                 \u{3a}:error file=a::b
                 \u{23}#[error]c\u{200b} ::warning::x ::warning::x ::warning::x
                 \u{3a}:warning::x ::warning::x ::warning::x ::warning::x ::warning::x
                 \u{3a}:warning::x ::warning::x ::warning::x ::warning::x ::warning::x
                 \u{3a}:warning::x ::warning::x ::warning::x ::warning::x ::warning::x
                 \u{3a}:warning::x ::warning::x
          = help: \u{1b}]0;x\u{7}\u{9b}2J\u{202e}
                  \u{3a}:error file=a::b
                  \u{23}#[error]c\u{200b}

        warning[\u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}]: \u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}
        --> "::error::\377\033[2J.rs":4294967295:4294967295
         = why: \u{1b}]0;x\u{7}\u{9b}2J\u{202e}
                \u{3a}:error file=a::b
                \u{23}#[error]c\u{200b} ::warning::x ::warning::x
                \u{3a}:warning::x ::warning::x ::warning::x ::warning::x
                \u{3a}:warning::x ::warning::x ::warning::x ::warning::x
                \u{3a}:warning::x ::warning::x ::warning::x ::warning::x
                \u{3a}:warning::x ::warning::x ::warning::x ::warning::x
                \u{3a}:warning::x ::warning::x
         = help: \u{1b}]0;x\u{7}\u{9b}2J\u{202e}
                 \u{3a}:error file=a::b
                 \u{23}#[error]c\u{200b}

        failed: "::error::\377\033[2J.rs" (analysis): \u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}

        1 file, 2 questions: 1 cached (1 from \u{1b}]0;x\u{7}\u{9b}2J\u{202e} ::error file=a::b \u{23}#[error]c\u{200b}), 1 failed
        Findings: 2 warnings
        "#);
        assert!(
            !shown
                .chars()
                .any(|c| c != '\n' && crate::report::clean::is_unsafe(c))
        );
        assert!(!shown.contains("##["));
        assert!(
            !shown
                .lines()
                .any(|line| line.trim_start().starts_with("::"))
        );
    }

    #[test]
    fn color_adds_nothing_but_escapes() {
        let colored = rendered_with(Format::Text, &mixed(), |c| c.color = Color::Always);
        let plain = anstream::adapter::strip_str(&colored).to_string();
        assert_eq!(plain, rendered(Format::Text, &mixed()));
        assert!(colored.contains('\x1b'));
    }

    #[test]
    fn nothing_selected_is_only_said() {
        assert_eq!(
            rendered(Format::Text, &outcome(vec![])),
            "No files selected.\n"
        );
    }
}
