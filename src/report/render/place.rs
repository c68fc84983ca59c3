//! How a path is written: for people from where they stand, for programs from the root.

use super::Context;
use crate::model::RepoPath;
use crate::report::clean::clean_line;

/// For people: relative to where they stand, harmless, in quotes if it is odd.
pub fn shown_path(path: &RepoPath, context: &Context<'_>) -> String {
    clean_line(&path.relative_to(&context.folder).to_string())
}

/// For programs that look a file up by its name: from the root and as it is. What is not UTF-8 or not
/// harmless is in quotes, so such a file is not found by them, nor is another one in its place: no
/// other path begins with a quote.
pub fn root_path(path: &RepoPath) -> String {
    // The last two XML cannot hold.
    let is_odd = |text: &str| clean_line(text) != text || text.contains(['\u{fffe}', '\u{ffff}']);
    match std::str::from_utf8(path.as_bytes()) {
        Ok(text) if !text.starts_with('"') && !is_odd(text) => text.to_owned(),
        _ => clean_line(&path.quoted()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_gets_an_ordinary_path_as_it_is() {
        for path in [
            "src/a b.rs",
            "größe/漢字.rs",
            "a \"b\".rs",
            "a\\b.rs",
            "a::b.rs",
        ] {
            assert_eq!(root_path(&path.into()), path);
        }
    }

    #[test]
    fn an_odd_path_reads_as_no_other() {
        let odd: [(&[u8], &str); 10] = [
            (b"\r.rs", r#""\015.rs""#),
            (b"a\xff\x1b.rs", r#""a\377\033.rs""#),
            (b"a\tb.rs", r#""a\tb.rs""#),
            (b"::a.rs", r#""::a.rs""#),
            (b"##[a].rs", r#""\u{23}#[a].rs""#),
            (b"\"\\015.rs\"", r#""\"\\015.rs\"""#),
            ("a\u{ad}.rs".as_bytes(), r#""a\302\255.rs""#),
            ("a\u{202e}.rs".as_bytes(), r#""a\342\200\256.rs""#),
            ("a\u{ffff}.rs".as_bytes(), r#""a\357\277\277.rs""#),
            ("é\n.rs".as_bytes(), r#""\303\251\n.rs""#),
        ];
        for (path, shown) in odd {
            assert_eq!(root_path(&RepoPath::new(path)), shown);
        }
    }
}
