//! Which parts of a text are comments, strings or code, told without parsing it: for what must be known
//! before a parser sees the text. Where a language leaves a doubt, it is code.

use std::ops::Range;

use crate::model::Language;

/// What a part of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Code,
    Comment,
    Text,
}

/// The parts of a text, in order and without gaps.
pub fn parts(text: &str, language: Language) -> Parts<'_> {
    Parts {
        text,
        language,
        at: 0,
        coming: None,
        holes: Vec::new(),
    }
}

pub struct Parts<'a> {
    text: &'a str,
    language: Language,
    at: usize,
    /// What follows the code that was told last.
    coming: Option<(Part, Range<usize>)>,
    /// The `${…}` that are open, by the brackets that are open in each.
    holes: Vec<usize>,
}

/// Of more `${…}` inside each other, whatever they hold is code.
const MOST_HOLES: usize = 100;

impl Iterator for Parts<'_> {
    type Item = (Part, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(coming) = self.coming.take() {
            self.at = coming.1.end;
            return Some(coming);
        }
        let start = self.at;
        let bytes = self.text.as_bytes();
        for at in start..bytes.len() {
            let template = self.template(at);
            let template = template.map(|end| (Part::Text, end - at));
            let Some((part, length)) = template.or_else(|| self.opened(at)) else {
                continue;
            };
            let coming = (part, at..at + length.max(1));
            if at == start {
                self.at = coming.1.end;
                return Some(coming);
            }
            self.coming = Some(coming);
            return Some((Part::Code, start..at));
        }
        self.at = bytes.len();
        (start < bytes.len()).then_some((Part::Code, start..bytes.len()))
    }
}

impl Parts<'_> {
    /// Where the part of a template ends that begins at a byte: with its mark, or where a `${…}` in it
    /// ends.
    fn template(&mut self, at: usize) -> Option<usize> {
        let scripts = [Language::JavaScript, Language::TypeScript, Language::Tsx];
        let bytes = self.text.as_bytes();
        let begins = match (bytes.get(at)?, self.holes.last_mut()) {
            (b'`', _) => scripts.contains(&self.language),
            (b'{', Some(open)) => {
                *open += 1;
                false
            }
            (b'}', Some(0)) => {
                self.holes.pop();
                true
            }
            (b'}', Some(open)) => {
                *open -= 1;
                false
            }
            _ => false,
        };
        if !begins {
            return None;
        }
        let mut end = at + 1;
        loop {
            match bytes.get(end..)? {
                [b'\\', ..] => end += 2,
                [b'`', ..] => return Some(end + 1),
                [b'$', b'{', ..] if self.holes.len() < MOST_HOLES => {
                    self.holes.push(0);
                    return Some(end + 2);
                }
                [_, ..] => end += 1,
                [] => return None,
            }
        }
    }

    /// The comment or string that begins at a byte, and its length.
    fn opened(&self, at: usize) -> Option<(Part, usize)> {
        let bytes = self.text.as_bytes();
        let rest = bytes.get(at..)?;
        let python = self.language == Language::Python;
        match rest {
            [b'#', ..] if python => Some((Part::Comment, line(rest))),
            [b'/', b'/', ..] if !python => Some((Part::Comment, line(rest))),
            [b'/', b'*', ..] if !python => Some((Part::Comment, block(rest, self.language))),
            [b'r', ..] if self.language == Language::Rust => {
                let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
                let joined =
                    before.is_some_and(|byte| is_word(byte) && !matches!(byte, b'b' | b'c'));
                (!joined)
                    .then(|| raw(rest))
                    .flatten()
                    .map(|length| (Part::Text, length))
            }
            [quote @ (b'"' | b'\'' | b'`'), ..] => {
                self.string(rest, *quote).map(|length| (Part::Text, length))
            }
            _ => None,
        }
    }

    fn string(&self, rest: &[u8], quote: u8) -> Option<usize> {
        match (self.language, quote) {
            (Language::Python, b'`') => None,
            (Language::Python | Language::Java, _) if is_triple(rest, quote) => {
                let inside = rest.get(3..)?;
                let end = inside.windows(3).position(|three| is_triple(three, quote));
                Some(end.map_or(rest.len(), |end| end + 6))
            }
            (Language::Rust, b'"') => quoted(rest, quote, false),
            (Language::Go, b'`') => {
                let end = rest.iter().skip(1).position(|&byte| byte == quote);
                end.map(|end| end + 2)
            }
            (_, b'`') => None,
            // Elsewhere than in scripts it holds one character, or begins a lifetime.
            (
                Language::Rust | Language::Go | Language::Java | Language::C | Language::Cpp,
                b'\'',
            ) => quoted(rest, quote, true).filter(|&length| {
                let inside = rest.get(1..length - 1).unwrap_or_default();
                let character = std::str::from_utf8(inside).is_ok_and(|c| c.chars().count() == 1);
                character || inside.starts_with(b"\\")
            }),
            _ => quoted(rest, quote, true),
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_triple(rest: &[u8], quote: u8) -> bool {
    rest.starts_with(&[quote; 3])
}

fn line(rest: &[u8]) -> usize {
    rest.iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(rest.len())
}

/// To the end of a block comment; in Rust they nest.
fn block(rest: &[u8], language: Language) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(two) = rest.get(at..at + 2) {
        match two {
            b"/*" if depth == 0 || language == Language::Rust => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

/// `r#"…"#`
fn raw(rest: &[u8]) -> Option<usize> {
    let hashes = rest
        .iter()
        .skip(1)
        .take_while(|&&byte| byte == b'#')
        .count();
    let open = hashes + 2;
    if rest.get(open - 1) != Some(&b'"') {
        return None;
    }
    let close = [&b"\""[..], &b"#".repeat(hashes)].concat();
    let inside = rest.get(open..)?;
    let end = inside.windows(close.len()).position(|part| part == close);
    Some(end.map_or(rest.len(), |end| open + end + close.len()))
}

/// To the quote that closes what the first byte opens; `None` if there is none, or none on the line.
fn quoted(rest: &[u8], quote: u8, on_line: bool) -> Option<usize> {
    let mut at = 1;
    loop {
        match rest.get(at)? {
            b'\\' => at += 2,
            b'\n' if on_line => return None,
            &byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(language: Language, text: &str) -> Vec<&str> {
        let parts = parts(text, language);
        let texts = parts.filter(|(part, _)| *part == Part::Text);
        texts.map(|(_, range)| &text[range]).collect()
    }

    #[test]
    fn strings_and_comments_are_told_from_code() {
        let texts = [
            (
                Language::Rust,
                "f(\"a\\\"[\", 'b', '\\'', r#\"c\"[\"#); fn g<'d>(x: &'d str) {} // \"e\"\n/* /* \"f\" */ \"g\" */ \"h\n\"",
                &["\"a\\\"[\"", "'b'", "'\\''", "r#\"c\"[\"#", "\"h\n\""][..],
            ),
            (
                Language::Python,
                "a = 'b[' # 'c'\n\"\"\"d\n\"e\" \"\"\"\nf'g'\n",
                &["'b['", "\"\"\"d\n\"e\" \"\"\"", "'g'"],
            ),
            (
                Language::JavaScript,
                "a('b', \"c\", `d\ne`, `${f['g']}`, /'/);\nh(\"i\")",
                &["'b'", "\"c\"", "`d\ne`", "`${", "'g'", "}`", "\"i\""],
            ),
            (
                Language::TypeScript,
                "a(`(${ {b: `[${c}`} }(${d}`, {e: 'f'}) `g",
                &["`(${", "`[${", "}`", "}(${", "}`", "'f'"],
            ),
            (
                Language::Go,
                "a(`b\"`, 'c', \"d\")",
                &["`b\"`", "'c'", "\"d\""],
            ),
            (
                Language::C,
                "#if 0\ndon't\n#endif\na(\"b\", '\"')",
                &["\"b\"", "'\"'"],
            ),
            (
                Language::Java,
                "a(\"\"\"\n[\"b\"\n\"\"\")",
                &["\"\"\"\n[\"b\"\n\"\"\""],
            ),
        ];
        for (language, text, expected) in texts {
            assert_eq!(strings(language, text), expected, "{language}");
            let whole: usize = parts(text, language).map(|(_, range)| range.len()).sum();
            assert_eq!(whole, text.len(), "{language}");
        }
    }
}
