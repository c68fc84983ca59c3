//! Text of others inside a plain text message of SARIF, where `[text](address)` is a link. Not the
//! document around it, and not messages in Markdown, which are
//! written of our own rules alone.
//!
//! Syntax: SARIF 2.1.0, section 3.11.6.

use crate::report::clean::clean;

/// Harmless text that holds no link. It ends before it would be longer than `most` characters.
pub fn plain(text: &str, most: usize) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut length = 0;
    for c in clean(text).chars() {
        let is_special = matches!(c, '[' | ']' | '\\');
        length += 1 + usize::from(is_special);
        if length > most {
            break;
        }
        escaped.extend(is_special.then_some('\\'));
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_link() {
        let shown = plain("[a](javascript:b) \\[c](d) `e[0]`", usize::MAX);
        assert_eq!(shown, r"\[a\](javascript:b) \\\[c\](d) `e\[0\]`");
    }

    #[test]
    fn what_is_cut_is_not_cut_between_a_sign_and_its_escape() {
        assert_eq!(plain("ab[c", 3), "ab");
        assert_eq!(plain("ab[c", 4), "ab\\[");
    }
}
