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
    variety(value) < MIN_VARIETY || is_series(value) || is_templated(value) || says(value, &WORDS)
}

/// Format strings, interpolations, calls, globs. A password may hold each of their signs alone.
fn is_templated(value: &[u8]) -> bool {
    let signs = [
        "${", "$(", "{{", "%(", "%s", "%d", "%v", "<%", "**", "\\x", "\\u",
    ];
    let count = |sign: u8| memchr::memchr_iter(sign, value).count();
    let pairs = |open: u8, close: u8| count(open) > 0 && count(open) == count(close);
    let is_variable = matches!(value, [b'$' | b'%', rest @ ..]
        if rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_%".contains(byte)));
    // A name of the environment stands where its value is meant.
    let of_name = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_';
    let is_name = value.contains(&b'_') && value.iter().all(of_name);
    is_variable || is_name || pairs(b'{', b'}') || pairs(b'<', b'>') || says(value, &signs)
}

/// Does it hold one of these words, in any case?
pub fn says(value: &[u8], words: &[&str]) -> bool {
    let lower = value.to_ascii_lowercase();
    let holds = |word: &&str| memchr::memmem::find(&lower, word.as_bytes()).is_some();
    words.iter().any(holds)
}

/// Letters and digits, mixed as no person mixes them, or letters in an order that words do not
/// have.
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
    let (pairs, odd) = odd_pairs(value);
    let mixed = digits > 0 && digits < classes.len();
    // Letters are fewer in numbers, and no words.
    let mixed = mixed
        && if is_hexadecimal(value) {
            changes * 8 >= classes.len()
        } else {
            changes * 5 >= classes.len() && (pairs < 6 || odd * 8 >= pairs)
        };
    let unspoken = pairs >= 9 && odd * 10 >= pairs * 3;
    (mixed || unspoken) && variety(value) >= MIN_RANDOM_VARIETY
}

/// Digits of one case, as numbers and hashes have them.
pub fn is_hexadecimal(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"0x").unwrap_or(value);
    let digits = |upper: bool| {
        let is_digit = |byte: &u8| {
            byte.is_ascii_hexdigit()
                && (byte.is_ascii_digit() || byte.is_ascii_uppercase() == upper)
        };
        value.iter().all(is_digit)
    };
    digits(true) || digits(false)
}

/// The letters that follow each letter in words: of the pairs in the identifiers of six well-known
/// projects in five languages, 96 of 100 are here; of pairs drawn by lot, 47.
const FOLLOWERS: [&str; 26] = [
    "abcdefgiklmnprstuvwxy",
    "abcdefijlorsuy",
    "abcdefhiklmoprstu",
    "abcdefilorsu",
    "abcdefgilmnopqrstuvwxy",
    "abcdefilorstuy",
    "aceghilnorsu",
    "aeiortu",
    "abcdefglmnoprstvxz",
    "es",
    "eis",
    "acdefiklopstuvy",
    "abeilmopsu",
    "acdefgiklmnoprstuv",
    "abcdefgiklmnoprstuvw",
    "acehiloprstu",
    "u",
    "abcdefgiklmnoprstuvy",
    "acdefhiklmnoprstuwy",
    "acdefhilmnoprstuy",
    "abcdefgilmnprst",
    "aeio",
    "aehinors",
    "aceiptx",
    "ilnps",
    "aei",
];

/// The pairs of letters in a row, in any case, and how many of them no word has.
fn odd_pairs(value: &[u8]) -> (usize, usize) {
    let (mut pairs, mut odd) = (0, 0);
    for pair in value.windows(2) {
        let &[a, b] = pair else { continue };
        if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() {
            // Where a word ends and a capital begins the next, any letter follows.
            if a.is_ascii_lowercase() && b.is_ascii_uppercase() {
                continue;
            }
            let letter = usize::from(a.to_ascii_lowercase() - b'a');
            let followers = FOLLOWERS.get(letter).copied().unwrap_or_default();
            let is_odd = !followers.as_bytes().contains(&b.to_ascii_lowercase());
            pairs += 1;
            odd += usize::from(is_odd);
        }
    }
    (pairs, odd)
}

/// Fewer different bytes than this, each counted by how often it stands there, are a pattern.
const MIN_VARIETY: usize = 5;

/// 16 random hexadecimal digits have about nine.
const MIN_RANDOM_VARIETY: usize = 7;

/// The number of different bytes, weighted: N² / Σ nᵢ², the exponential of Rényi's entropy of
/// order 2 (A. Rényi, 1961).
fn variety(value: &[u8]) -> usize {
    let (mut counts, mut squares) = ([0_usize; 256], 0);
    for byte in value {
        let count = &mut counts[usize::from(*byte)];
        // What a square grows by.
        squares += 2 * *count + 1;
        *count += 1;
    }
    (value.len() * value.len())
        .checked_div(squares)
        .unwrap_or(0)
}

/// `abcdef`, `123456`, `aaaa`, `a1b2c3`: at least half of the bytes follow from the one before, or
/// from the one before that.
fn is_series(value: &[u8]) -> bool {
    let follows = |a: u8, b: u8| b.wrapping_sub(a) <= 1 || b == b'0' && a == b'9';
    let by = |step: usize| {
        let later = value.iter().skip(step);
        let following = value.iter().zip(later).filter(|(a, b)| follows(**a, **b));
        following.count() * 2 >= value.len().saturating_sub(step)
    };
    by(1) || by(2)
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
