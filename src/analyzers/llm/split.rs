//! Parts a text that does not fit a model's context window, between items: nothing is cut short,
//! and every part is whole lines. Not how large a window is.

use std::ops::Range;

use super::lines::Lines;
use crate::analyzers::local::Outline;
use crate::model::Skip;

/// The lines of each part, in order, together those of `within`; at most `limit` bytes each. The
/// `outline` of the text is asked for if it does not fit.
///
/// # Errors
/// [`Skip::ContextWindow`] if a function, or a paragraph in a language that is not built in, is
/// larger than that alone.
pub fn split(
    lines: &Lines<'_>,
    within: Range<u32>,
    limit: u64,
    outline: impl FnOnce(usize) -> Option<Outline>,
) -> Result<Vec<Range<u32>>, Skip> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if lines.bytes(&within).len() <= limit {
        return Ok(vec![within]);
    }
    let cuts = match outline(limit) {
        Some(Outline { mut cuts, .. }) => {
            cuts.sort_unstable();
            cuts
        }
        None => between_paragraphs(lines),
    };
    pack(&cuts, lines, within, limit)
}

/// Fills each part as far as it goes. `cuts` are lines that may begin a part, in order.
fn pack(
    cuts: &[u32],
    lines: &Lines<'_>,
    within: Range<u32>,
    limit: usize,
) -> Result<Vec<Range<u32>>, Skip> {
    let end = within.end;
    let bytes = |part: Range<u32>| lines.bytes(&part).len();
    let mut parts = Vec::new();
    let (mut start, mut last) = (within.start, within.start);
    let inside = |cut: &&u32| within.start < **cut && **cut < end;
    for &cut in cuts.iter().filter(inside).chain([&end]) {
        if bytes(start..cut) > limit && last > start {
            parts.push(start..last);
            start = last;
        }
        if bytes(start..cut) > limit {
            return Err(Skip::ContextWindow {
                line: start,
                bytes: bytes(start..cut) as u64,
                limit: limit as u64,
            });
        }
        last = cut;
    }
    parts.push(start..end);
    Ok(parts)
}

fn between_paragraphs(lines: &Lines<'_>) -> Vec<u32> {
    let blank = |line: u32| lines.shown(&(line..line + 1)).trim().is_empty();
    let begins = |line: &u32| !blank(*line) && blank(line - 1);
    (2..=lines.count()).filter(begins).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::Source;
    use crate::model::Language;

    /// What each part shows.
    fn parts(text: &str, language: Language, limit: u64) -> Result<Vec<&str>, Skip> {
        let lines = Lines::of(text);
        let source = Source {
            text: text.as_bytes(),
            language,
        };
        let outline = |limit| Outline::of(source, limit).ok();
        let parts = split(&lines, lines.all(), limit, outline)?;
        Ok(parts.iter().map(|part| lines.shown(part)).collect())
    }

    #[test]
    fn what_fits_is_one_part() {
        let text = "fn a() {}\n\nfn b() {}\n";
        assert_eq!(parts(text, Language::Rust, 21).unwrap(), [text]);
    }

    #[test]
    fn comments_and_attributes_stay_with_the_item_below() {
        let text = "use a;\n\n/// A.\n#[inline]\nfn a() {}\n// B, too.\nfn b() {}\n";
        let expected = [
            "use a;\n\n",
            "/// A.\n#[inline]\nfn a() {}\n",
            "// B, too.\nfn b() {}\n",
        ];
        assert_eq!(parts(text, Language::Rust, 30).unwrap(), expected);
    }

    #[test]
    fn a_type_is_parted_between_its_methods_in_every_manner_of_writing() {
        let rust = "impl A {\n    fn a() {}\n\n    fn b() { x() }\n}\n";
        let expected = ["impl A {\n    fn a() {}\n\n", "    fn b() { x() }\n}\n"];
        assert_eq!(parts(rust, Language::Rust, 30).unwrap(), expected);
        let python = "class A:\n    def a(self):\n        x()\n    def b(self):\n        y()\n";
        let expected = [
            "class A:\n    def a(self):\n        x()\n",
            "    def b(self):\n        y()\n",
        ];
        assert_eq!(parts(python, Language::Python, 40).unwrap(), expected);
    }

    #[test]
    fn a_function_is_never_parted() {
        let text = "fn a() {}\nfn b() {\n    x();\n    y();\n}\n";
        assert_eq!(
            parts(text, Language::Rust, 20),
            Err(Skip::ContextWindow {
                line: 2,
                bytes: 29,
                limit: 20
            })
        );
    }

    #[test]
    fn without_a_tree_paragraphs_are_kept_whole() {
        let text = "a\nb\n\nc\n  \n\nd\n";
        let lines = Lines::of(text);
        assert_eq!(between_paragraphs(&lines), [4, 7]);
        assert_eq!(pack(&[4, 7], &lines, lines.all(), 8).unwrap(), [1..4, 4..8]);
    }
}
