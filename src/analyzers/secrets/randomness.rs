//! Does a word look drawn by lot, or written by a person? In whole numbers, so that the verdict is
//! the same on every machine.

/// Words in values that only show where a secret would stand.
const WORDS: [&str; 16] = [
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "your-",
    "your_",
    "yourkey",
    "redacted",
    "insert",
    "replace",
    "xxxx",
    "****",
    "....",
    "0000000",
    "1111111",
];

/// Does it only show where a secret would stand?
pub fn is_placeholder(value: &[u8]) -> bool {
    // Format strings, interpolations, globs.
    let templated = value.iter().any(|byte| b"{}<>$*%".contains(byte));
    templated || says(value, &WORDS) || variety(value) < MIN_VARIETY || is_series(value)
}

/// Does it hold one of these words, in any case?
pub fn says(value: &[u8], words: &[&str]) -> bool {
    let lower = value.to_ascii_lowercase();
    let holds = |word: &&str| memchr::memmem::find(&lower, word.as_bytes()).is_some();
    words.iter().any(holds)
}

/// Letters and digits, mixed as no person mixes them.
pub fn is_random(value: &[u8]) -> bool {
    let class = |byte: &u8| match byte {
        b'a'..=b'z' => Some(0),
        b'A'..=b'Z' => Some(1),
        b'0'..=b'9' => Some(2),
        _ => None,
    };
    let classes: Vec<u8> = value.iter().filter_map(class).collect();
    let digits = classes.iter().filter(|class| **class == 2).count();
    // A capital that begins a word is no surprise, nor is a word behind a hyphen.
    let changes = value.windows(2).filter(|pair| match pair {
        [a, b] => matches!(
            (class(a), class(b)),
            (Some(0), Some(1)) | (Some(0 | 1), Some(2)) | (Some(2), Some(0 | 1))
        ),
        _ => false,
    });
    let changes = changes.count();
    let mixed = digits > 0 && digits < classes.len() && changes * 5 >= classes.len();
    mixed && variety(value) >= MIN_RANDOM_VARIETY
}

/// Fewer different bytes than this, each counted by how often it stands there, are a pattern.
const MIN_VARIETY: usize = 5;

/// 16 random hexadecimal digits have about nine.
const MIN_RANDOM_VARIETY: usize = 7;

/// The number of different bytes, weighted: N² / Σ nᵢ², the exponential of Rényi's entropy of
/// order 2 (A. Rényi, 1961).
fn variety(value: &[u8]) -> usize {
    let mut counts = [0_usize; 256];
    for byte in value {
        counts[usize::from(*byte)] += 1;
    }
    let squares: usize = counts.iter().map(|count| count * count).sum();
    (value.len() * value.len())
        .checked_div(squares)
        .unwrap_or(0)
}

/// `abcdef`, `123456`, `aaaa`: at least half of the bytes follow from the one before.
fn is_series(value: &[u8]) -> bool {
    let follows = |pair: &&[u8]| matches!(pair, [a, b] if b.wrapping_sub(*a) <= 1 || *b == b'0' && *a == b'9');
    value.windows(2).filter(follows).count() * 2 >= value.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_to_show_a_place_is_a_placeholder() {
        for value in [
            "AKIAIOSFODNN7EXAMPLE",
            "xxxxxxxxxxxxxxxxxxxx",
            "changeme123",
            "${API_KEY}",
            "<token>",
            "0123456789abcdef0123",
            "abcdefghijklmnop",
            "{token}",
            "your-key-here-42",
            "%s:%s",
        ] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        assert!(!is_placeholder(b"q7Rk2VbX9mTz4LwP"));
    }

    #[test]
    fn what_is_drawn_by_lot_is_told_from_words() {
        for value in [
            "q7Rk2VbX9mTz4LwP",
            "9f86d081884c7d65",
            "dG9vIG1hbnkgc2VjcmV0cw8x",
        ] {
            assert!(is_random(value.as_bytes()), "{value}");
        }
        for value in [
            "application/json2",
            "my-long-identifier-2",
            "Win32_System_LibraryLoader",
            "thequickbrownfox",
            "20261122",
        ] {
            assert!(!is_random(value.as_bytes()), "{value}");
        }
    }
}
