//! One finding in the look of rustc's messages: level, rule, title, source line, why, what to do.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use textwrap::WordSplitter;

use super::source::Source;
use super::{Color, Context};
use crate::model;
use crate::report::Remark;
use crate::report::clean::{clean, clean_line};

/// Draws one finding at `path`, harmless and wrapped, with a line feed at the end. Without
/// `source`, or if the span is not in it, the place is named and no line shown.
pub fn draw(
    remark: &Remark<'_>,
    path: &str,
    source: Option<&Source>,
    context: &Context<'_>,
) -> String {
    let level = match remark.level {
        model::Level::Error => Level::ERROR,
        model::Level::Warning => Level::WARNING,
        model::Level::Note => Level::NOTE,
    };
    let title = level
        .primary_title(clean_line(remark.title))
        .id(clean_line(remark.rule));
    let group = at_place(Group::with_title(title), remark, path, source);
    let group = with_advice(group, remark, context.width);
    let renderer = match context.color {
        Color::Always => Renderer::styled(),
        Color::Never => Renderer::plain(),
    };
    let drawn = renderer.term_width(context.width).render(&[group]);
    drawn + "\n"
}

fn at_place<'a>(
    group: Group<'a>,
    remark: &Remark<'_>,
    path: &'a str,
    source: Option<&Source>,
) -> Group<'a> {
    let line = usize::try_from(remark.start_line).unwrap_or(usize::MAX);
    let column = usize::try_from(remark.start_column).unwrap_or(usize::MAX);
    match source.and_then(|source| source.excerpt(remark)) {
        Some(excerpt) => {
            let mark = AnnotationKind::Primary
                .span(excerpt.span)
                .label(label(remark));
            let snippet = Snippet::source(excerpt.line).line_start(line).path(path);
            group.element(snippet.annotation(mark))
        }
        None => group.element(Origin::path(path).line(line).char_column(column)),
    }
}

/// What the first line alone does not say: the item, and how far the finding goes.
fn label(remark: &Remark<'_>) -> Option<String> {
    let own = |item: &&str| {
        !remark
            .title
            .contains(item.rsplit("::").next().unwrap_or(item))
    };
    let item = remark
        .item
        .filter(own)
        .map(|item| format!("in `{}`", clean_line(item)));
    let more = (remark.end_line > remark.start_line)
        .then(|| format!("continues to line {}", remark.end_line));
    let parts: Vec<String> = item.into_iter().chain(more).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn with_advice<'a>(group: Group<'a>, remark: &Remark<'_>, width: usize) -> Group<'a> {
    let gutter = remark.start_line.to_string().len() + "  = help: ".len();
    let wrapped = |text: &str| wrap(text, width.saturating_sub(gutter));
    let why = Some(remark.message).filter(|text| !text.trim().is_empty());
    let why = why.map(|text| Level::NOTE.with_name("why").message(wrapped(text)));
    let help = remark
        .suggestion
        .map(|text| Level::HELP.message(wrapped(text)));
    group.elements(why.into_iter().chain(help))
}

/// Harmless text in lines of at most `width` columns (20 if that is less); a longer word stays whole.
pub fn wrap(text: &str, width: usize) -> String {
    let options = textwrap::Options::new(width.max(20))
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    let wrapped = textwrap::fill(clean(text).trim(), options);
    // Again: wrapping may have put a word at the beginning of a line that must not stand there.
    clean(&wrapped)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::clean::is_unsafe;
    use crate::report::render::Verbosity;
    use crate::report::{build, sample};

    #[test]
    fn a_wrapped_line_never_begins_with_an_order() {
        let wrapped = wrap("aaaaaaaaaaaaaaaaaaaa ::error::x\r\n  ::warning::y", 20);
        assert_eq!(
            wrapped,
            "aaaaaaaaaaaaaaaaaaaa\n\\u{3a}:error::x\n  \\u{3a}:warning::y"
        );
    }

    proptest! {
        /// Whatever an entry from somebody else says about a text that is not the one it meant.
        #[test]
        fn no_span_and_no_text_breaks_the_drawing(
            text in proptest::collection::vec(any::<u8>(), 0..80),
            place in proptest::array::uniform4(prop_oneof![0u32..12, any::<u32>()]),
            title in "\\PC{0,30}",
            width in 0usize..120,
        ) {
            let mut outcome = sample::mixed();
            let entry = outcome.rows[0].entry.as_mut().unwrap().to_mut();
            let finding = &mut entry.analysis.findings[0];
            [finding.start_line, finding.start_column, finding.end_line, finding.end_column] = place;
            finding.title = title;
            entry.analysis.findings.truncate(1);
            let report = build(&outcome, sample::TOOL);
            let context = Context {
                color: Color::Never,
                width,
                folder: Vec::new(),
                answerer: String::new(),
                held_by: None,
        category: None,
        about: &|_, _| None,
                top: None,
                verbosity: Verbosity::Normal,
                sources: &sample::no_source,
            };
            let source = Source::new(text.into());
            report.each_finding(|finding| {
                let drawn = draw(finding, "a.rs", Some(&source), &context);
                prop_assert!(!drawn.chars().any(|c| c != '\n' && is_unsafe(c)), "{drawn:?}");
                prop_assert!(drawn.contains("--> a.rs:"));
                Ok(())
            })?;
        }
    }
}
