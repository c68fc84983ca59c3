//! A finding's words as one plain text, for formats that have a single place for them.

use crate::report::Remark;
use crate::report::clean::{clean, clean_line};

/// Title, why, what to do: paragraphs apart, harmless, without an end of line.
pub fn advice(remark: &Remark<'_>) -> String {
    let title = clean_line(remark.title);
    let more = [Some(remark.message), remark.suggestion];
    let more = more.into_iter().flatten().map(clean);
    let paragraphs: Vec<String> = std::iter::once(title)
        .chain(more)
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect();
    paragraphs.join("\n\n")
}

/// `refactor/unwrap`, harmless. The kind belongs to it: two kinds may each have a rule of one name.
pub fn rule_id(remark: &Remark<'_>) -> String {
    format!("{}/{}", remark.kind, clean_line(remark.rule))
}
