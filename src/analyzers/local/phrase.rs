//! Numbers and lists in plain English, for summaries and messages. Not terminal output: no colour,
//! no width.

/// `1,204 lines`, `1 line`, `no lines`. The plural is the noun with an `s` unless it ends in `y`
/// after a consonant, or in `s`.
pub fn count(number: usize, noun: &str) -> String {
    match number {
        0 => format!("no {}", plural(noun)),
        1 => format!("1 {noun}"),
        _ => format!("{} {}", thousands(number), plural(noun)),
    }
}

/// `1,204`
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `a`, `a and b`, `a, b and c`.
pub fn list<S: AsRef<str>>(parts: &[S]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// The text, or as many of its whole words as fit into `most` characters with a `…` behind them.
pub fn shortened(text: &str, most: usize) -> String {
    let Some((cut, _)) = text.char_indices().nth(most) else {
        return text.to_owned();
    };
    let head = &text[..cut];
    let end = head.rfind(' ').filter(|&end| end > cut / 2).unwrap_or(cut);
    let kept = head[..end].trim_end_matches([' ', ',', ';', ':', '.', '-']);
    format!("{kept} …")
}

fn plural(noun: &str) -> String {
    let before = noun.strip_suffix('y');
    match before.filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        Some(stem) => format!("{stem}ies"),
        None if noun.ends_with('s') => format!("{noun}es"),
        None => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(count(0, "line"), "no lines");
        assert_eq!(count(1, "line"), "1 line");
        assert_eq!(count(1204, "line"), "1,204 lines");
        assert_eq!(count(2, "entry"), "2 entries");
        assert_eq!(count(2, "class"), "2 classes");
        assert_eq!(thousands(1_000_000), "1,000,000");
    }

    #[test]
    fn lists_end_in_and() {
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn a_long_text_is_cut_between_words_and_characters() {
        assert_eq!(shortened("short", 10), "short");
        assert_eq!(shortened("one two, three", 10), "one two …");
        assert_eq!(shortened("ääääääääää", 4), "ääää …");
    }
}
