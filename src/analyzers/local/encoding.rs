//! The bytes of a file as text: UTF-8, or what the file itself says it is. Not a guess.

use std::borrow::Cow;

/// The text; `None` if it is neither UTF-8 nor says what it is.
pub fn text_of(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match (std::str::from_utf8(bytes), claimed(bytes).as_deref()) {
            // Its bytes are no letters as they stand: they may be code to who reads it so.
            (_, Some(coding)) if SHIFTING.iter().any(|shifts| coding.starts_with(shifts)) => None,
            (Ok(text), _) => Some(Cow::Borrowed(text)),
            (Err(_), Some("latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1")) => {
                Some(Cow::Owned(bytes.iter().copied().map(char::from).collect()))
            }
            (Err(_), _) => None,
        },
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Cow<'static, str>> {
    let (units, rest) = bytes.as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(units.iter().copied().map(unit)).collect();
    text.ok().filter(|_| rest.is_empty()).map(Cow::Owned)
}

/// How encodings are called in which letters of ASCII do not stand for themselves throughout (Python's
/// standard encodings).
const SHIFTING: [&str; 11] = [
    "utf-7",
    "utf7",
    "u7",
    "unicode-1-1-utf-7",
    "iso-2022",
    "iso2022",
    "hz",
    "unicode-escape",
    "raw-unicode-escape",
    "rot",
    "punycode",
];

/// `# -*- coding: latin-1 -*-` on one of the first two lines, as PEP 263 and Emacs have it.
fn claimed(bytes: &[u8]) -> Option<String> {
    let mut lines = bytes.split(|&byte| byte == b'\n').take(2);
    lines.find_map(|line| {
        let line = String::from_utf8_lossy(line).to_lowercase();
        if !line.trim_start().starts_with(['#', '/', '*', ';']) {
            return None;
        }
        let (_, rest) = line.split_once("coding")?;
        let rest = rest.strip_prefix([':', '='])?.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
        let name = rest.get(..end.unwrap_or(rest.len()))?;
        Some(name.replace('_', "-"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_what_it_says_it_is() {
        assert_eq!(text_of("fn ö() {}".as_bytes()).unwrap(), "fn ö() {}");
        let latin = b"# -*- coding: latin-1 -*-\nx = '\xf6'\n";
        assert_eq!(
            text_of(latin).unwrap(),
            "# -*- coding: latin-1 -*-\nx = 'ö'\n"
        );
        let second = b"#!/usr/bin/python\n# vim: set fileencoding=iso-8859-1 :\nx = '\xf6'\n";
        assert!(text_of(second).unwrap().ends_with("x = 'ö'\n"));
        assert_eq!(text_of(b"\xff\xfea\0\xf6\0").unwrap(), "aö");
        assert_eq!(text_of(b"\xfe\xff\0a\0\xf6").unwrap(), "aö");
    }

    #[test]
    fn nothing_is_guessed() {
        for bytes in [
            &b"x = '\xf6'\n"[..],
            b"a\nb\n# coding: latin-1\n\xf6",
            b"s = 'coding: latin-1' \xf6",
            b"# coding: koi8-r\n\xf6",
            b"# coding: utf-7\nx = 1 # +AAo-y = 2\n",
            b"# -*- coding: UTF_7 -*-\n",
            b"\xff\xfea",
            b"\xff\xfe\0\xd8",
        ] {
            assert_eq!(text_of(bytes), None);
        }
    }
}
