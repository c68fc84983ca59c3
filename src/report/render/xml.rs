//! Text inside XML 1.0: the one escape that both XML formats use. Not a writer of elements.

use crate::report::clean::clean;

/// Harmless text for an attribute or an element. Ends of lines and tabs are kept as references,
/// since a parser would fold them in an attribute.
pub fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            // No characters by XML 1.0, section 2.2.
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_attribute() {
        assert_eq!(
            xml("\"><a b='&'\n\t\x1b\u{ffff}"),
            "&quot;&gt;&lt;a b=&apos;&amp;&apos;&#10;&#9;\\u{1b}\u{fffd}"
        );
    }
}
