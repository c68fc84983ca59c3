//! Text of others inside Markdown as GitHub and GitLab show it: a table of ours, and comments that a
//! bot posts. Nothing in it is a link, a picture, HTML or a proposal to change code, and nobody is
//! told of it. Not what we write in Markdown ourselves.
//!
//! Syntax: CommonMark 0.31 and GitHub's extensions. What is escaped there is decoded again before
//! GitHub and GitLab look for `@name`, `#123` and addresses in the text of the page, so those are
//! parted by a character that is not seen.

use crate::report::clean::{clean, clean_line};

/// One line in which nothing is markup at all, for a cell of a table.
pub fn cell(text: &str) -> String {
    let mut escaped = String::new();
    escape(&clean_line(text), &mut escaped);
    escaped
}

/// Paragraphs in which `code` stays code, for a comment: each a pair of single backticks on one
/// line, in which nothing is active.
pub fn comment(text: &str) -> String {
    let text = clean(text);
    let lines = text.split('\n').map(|line| {
        let mut escaped = String::new();
        let mut rest = line;
        while let Some((before, code, after)) = next_code(rest) {
            escape(before, &mut escaped);
            escaped.extend(["`", code, "`"]);
            rest = after;
        }
        escape(rest, &mut escaped);
        escaped
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What stands before the first pair of single backticks, between them, and behind. As in
/// CommonMark, a row of several is no end of one.
fn next_code(line: &str) -> Option<(&str, &str, &str)> {
    let mut opened = None;
    let mut at = 0;
    while let Some(start) = line.get(at..)?.find('`').map(|found| at + found) {
        let row = line.get(start..)?.bytes().take_while(|byte| *byte == b'`');
        let end = start + row.count();
        opened = match (opened, end - start) {
            (Some(open), 1) => {
                return Some((
                    line.get(..open)?,
                    line.get(open + 1..start)?,
                    line.get(end..)?,
                ));
            }
            (_, 1) => Some(start),
            _ => None,
        };
        at = end;
    }
    None
}

/// Parts what a page would find in its text, and shows nothing.
const APART: &str = "&#8203;";

fn escape(text: &str, escaped: &mut String) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let next = rest.get(c.len_utf8()..).unwrap_or_default();
        let before_name = next.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let before_number = next.starts_with(|c: char| c.is_ascii_digit());
        match c {
            '@' => escaped.push_str("&#64;"),
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            ':' if next.starts_with("//") => escaped.push_str("&#58;"),
            // An order to a bot stands at the beginning of a line of the raw text (`/merge`).
            '/' if escaped.trim_start().is_empty() => escaped.push_str("&#47;"),
            '.' if escaped.to_ascii_lowercase().ends_with("www") => escaped.push_str("&#46;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' | '>' => {
                escaped.extend(['\\', c]);
            }
            _ => escaped.push(c),
        }
        let parts = match c {
            '@' => before_name,
            '#' | '!' | '$' | '%' | '&' | '~' => before_number,
            // `[issue:5]` of GitLab.
            ':' => next.starts_with("//") || (before_number && escaped.contains("\\[")),
            '-' => before_number && ends_with_gh(escaped),
            '.' => escaped.ends_with("&#46;"),
            _ => false,
        };
        if parts {
            escaped.push_str(APART);
        }
        rest = next;
    }
}

/// `GH-5` is a reference of GitHub's; what is asked about ends with the hyphen.
fn ends_with_gh(escaped: &str) -> bool {
    escaped.to_ascii_lowercase().ends_with("gh-")
}

/// What a page would make something of, outside of code; tests look for it.
#[cfg(test)]
pub fn active(shown: &str) -> Option<&str> {
    for line in shown.split('\n') {
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let skipped = match c {
                '\\' => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
                // Code, which has to end.
                '`' if rest.starts_with("``") => return Some(rest),
                '`' => match rest.get(1..).and_then(|rest| rest.find('`')) {
                    Some(length) => length + 2,
                    None => return Some(rest),
                },
                '[' | '<' | '@' => return Some(rest),
                '/' if line.trim_start() == rest => return Some(rest),
                '-' if line[..line.len() - rest.len()]
                    .to_ascii_lowercase()
                    .ends_with("gh")
                    && rest[1..].starts_with(|c: char| c.is_ascii_digit()) =>
                {
                    return Some(rest);
                }
                ':' if rest.starts_with("://") => return Some(rest),
                _ if rest.to_ascii_lowercase().starts_with("www.") => return Some(rest),
                _ => c.len_utf8(),
            };
            // An escaped sign is a sign again before references are looked for.
            let escaped = rest.get(1..2).filter(|_| c == '\\');
            let number = rest.get(skipped..).and_then(|rest| rest.chars().next());
            if escaped.is_some_and(|sign| "#!$~".contains(sign))
                && number.is_some_and(|c| c.is_ascii_digit())
            {
                return Some(rest);
            }
            rest = rest.get(skipped..).unwrap_or_default();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_text_is_markup_or_mentions_anybody() {
        assert_eq!(
            cell("![x](http://y) <b>@me</b> `a|b` **c**"),
            "\\!\\[x\\](http&#58;&#8203;//y) &lt;b\\>&#64;&#8203;me&lt;/b\\> \\`a\\|b\\` \\*\\*c\\*\\*"
        );
        assert_eq!(
            cell("#12 !3 a@b.c WWW.x.y &str"),
            "\\#&#8203;12 \\!&#8203;3 a&#64;&#8203;b.c WWW&#46;&#8203;x.y &amp;str"
        );
    }

    #[test]
    fn in_a_comment_code_stays_code_and_no_fence_is_one() {
        assert_eq!(
            comment("`Vec<T>` of [x](y)\n\n`@me`"),
            "`Vec<T>` of \\[x\\](y)\n\n`@me`"
        );
        assert_eq!(comment("`a <b>\n`c`"), "\\`a &lt;b\\>\n`c`");
        assert_eq!(
            comment("```suggestion\nx\n```"),
            "\\`\\`\\`suggestion\nx\n\\`\\`\\`"
        );
        assert_eq!(comment("`a``b` c`"), "\\`a\\`\\`b` c`");
        assert_eq!(comment("\\`[x](y)\\`"), "\\\\`[x](y)\\`");
        assert_eq!(
            comment("Well.\n /merge\n/lgtm a/b"),
            "Well.\n &#47;merge\n&#47;lgtm a/b"
        );
        assert_eq!(
            comment("GH-5 [issue:5] 12:30"),
            "GH-&#8203;5 \\[issue:&#8203;5\\] 12:&#8203;30"
        );
        assert_eq!(comment("~~~suggestion"), "\\~\\~\\~suggestion");
    }

    proptest! {
        #[test]
        fn outside_of_code_nothing_is_active(text in "([`\\\\\\[\\]()<>@#!&:/a1.w~*_|gGhH-]|www|://|\n){0,40}") {
            for shown in [cell(&text), comment(&text)] {
                prop_assert_eq!(active(&shown), None, "{}", shown);
            }
            prop_assert!(!cell(&text).contains('\n'));
        }
    }
}
