//! Makes harmless what others wrote, before a person or a terminal sees it.
//!
//! Titles, messages, documents, source lines and names come from models, teammates and strangers.
//! Not here: escaping for one format's syntax (JSON, XML), which is that format's affair.

pub use crate::model::is_unsafe;

/// Text over several lines, with everything that could steer a terminal, hide, reorder or give
/// orders to a build service made visible as `\u{1b}`. Line feeds and tabs stay, carriage returns
/// go. Cleaning twice changes nothing more.
///
/// Orders are given by a line that begins with `::`, spaces aside, and by `##[` anywhere (GitHub
/// Actions, `ActionCommand.cs`), and by `##vso[` and `##teamcity[` elsewhere.
pub fn clean(text: &str) -> String {
    // First, so that none parts two characters that are an order together.
    let text = &text.replace('\r', "");
    let mut clean = String::with_capacity(text.len());
    let mut line_is_blank = true;
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        match c {
            '\n' | '\t' => clean.push(c),
            ':' if line_is_blank && rest.starts_with("::") => clean.extend(c.escape_unicode()),
            '#' if begins_order(rest) => clean.extend(c.escape_unicode()),
            _ if is_unsafe(c) => clean.extend(c.escape_unicode()),
            _ => clean.push(c),
        }
        line_is_blank = c == '\n' || (line_is_blank && c.is_whitespace());
    }
    clean
}

/// As [`clean`], on one line: line feeds and tabs become spaces.
pub fn clean_line(text: &str) -> String {
    clean(&text.replace(['\n', '\t'], " "))
}

/// A source line whose every character stays one character, so that columns hold: control
/// characters become their pictures, everything else that [`clean`] makes visible `\u{fffd}`.
/// Tabs stay.
pub fn clean_source(line: &str) -> String {
    let picture = |(at, c): (usize, char)| match u32::from(c) {
        0x09 => c,
        code @ 0..0x20 => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        0x23 if begins_order(&line[at..]) => '\u{fffd}',
        _ if is_unsafe(c) => '\u{fffd}',
        _ => c,
    };
    line.char_indices().map(picture).collect()
}

/// Does `text` begin with `##`, letters, `[`?
pub fn begins_order(text: &str) -> bool {
    text.strip_prefix("##").is_some_and(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_alphabetic())
            .starts_with('[')
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_steers_a_terminal_is_made_visible() {
        assert_eq!(
            clean("a\x1b[2J\u{9b}b\u{202e}c\r\n\td"),
            "a\\u{1b}[2J\\u{9b}b\\u{202e}c\n\td"
        );
        assert_eq!(clean("\u{e0041}\u{feff}é漢"), "\\u{e0041}\\u{feff}é漢");
        assert_eq!(clean_line("a\n\x07b\tc"), "a \\u{7}b c");
        assert_eq!(clean_source("\ta\x1bb\u{202e}"), "\ta\u{241b}b\u{fffd}");
    }

    #[test]
    fn what_gives_orders_to_a_build_service_is_made_visible() {
        assert_eq!(clean("x\n \u{a0}::error::y"), "x\n \u{a0}\\u{3a}:error::y");
        assert_eq!(clean("a ##[error]b"), "a \\u{23}#[error]b");
        assert_eq!(clean("##vso[task]"), "\\u{23}#vso[task]");
        assert_eq!(clean(":\r:error::"), "\\u{3a}:error::");
        assert_eq!(clean("use ::std; ## Title"), "use ::std; ## Title");
    }

    proptest! {
        #[test]
        fn nothing_unsafe_survives_and_cleaning_twice_is_cleaning_once(
            text in "(\\PC|[\u{0}-\u{20}:#\\[\u{7f}-\u{9f}\u{2000}-\u{2070}\u{feff}\u{e0000}-\u{e007f}]){0,60}"
        ) {
            let once = clean(&text);
            prop_assert!(!once.chars().any(|c| is_unsafe(c) && !"\n\t".contains(c)));
            prop_assert!(!once.contains("##["));
            prop_assert!(!once.lines().any(|line| line.trim_start().starts_with("::")));
            prop_assert_eq!(clean(&once), once);
            let source = clean_source(&text);
            prop_assert_eq!(source.chars().count(), text.chars().count());
            prop_assert!(!source.contains("##["));
            prop_assert!(!source.chars().any(|c| is_unsafe(c) && c != '\t'));
        }
    }
}
