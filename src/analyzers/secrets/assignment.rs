//! A word that looks drawn by lot, given to a name that speaks of a secret: `api_key = "…"`. For
//! all secrets that have no form of their own.

use regex::bytes::Captures;

use super::Judge;
use super::randomness::{is_placeholder, is_random, says};

/// In code, where the value is quoted, and within a text: `…;Password=…;`, `…?token=…&`. Groups: the
/// name, the value.
pub fn all() -> impl Iterator<Item = (String, Judge)> {
    [in_code(), in_text()]
        .into_iter()
        .map(|pattern| (pattern, is_secret as Judge))
}

fn in_code() -> String {
    let names = [
        "api_?-?key|secret|token|passw(?:or)?d|passphrase|pwd|credential",
        "(?:private|access|auth|encryption|signing|master|account)_?-?key",
    ];
    let name = format!("([A-Za-z0-9_.-]*(?:{})[A-Za-z0-9_]*)", names.join("|"));
    let kind = r"(?:\s*:\s*&?(?:'static\s+)?[A-Za-z0-9_<>.\[\]]+)?";
    let sign = r"[\x22'`\])]*\s*(?::=|=>|={1,3}|:|,|\()\s*";
    // `b"…"`, `r#"…"#`, `Some("…")`, `String::from("…")`.
    let prefix = r"(?:[A-Za-z]{0,2}#{0,2}|[A-Za-z_:.]{1,20}\()";
    let value = r"[\x22'`]([^\s\x22'`]{10,512})[\x22'`]";
    format!("(?i-u){name}{kind}{sign}{prefix}{value}")
}

fn in_text() -> String {
    let name = "(password|passwd|pwd|[a-z_]*token|api_?key|[a-z_]*secret|access_?key)";
    format!(r"(?i-u)[?&;\s\x22'`]{name}=([^\s&;\x22'`]{{10,512}})")
}

/// Shorter values than these, in bytes, are drawn by nobody.
const MIN_LENGTH: usize = 16;
const MIN_PASSWORD: usize = 10;

/// Names of secrets, addresses where they are had, what may be told of them.
const ABOUT: [&str; 9] = [
    "hash", "digest", "checksum", "public", "url", "_id", "name", "path", "header",
];

fn is_secret(captures: &Captures<'_>) -> bool {
    let group = |number| {
        let group = captures.get(number).map(|group| group.as_bytes());
        group.unwrap_or_default()
    };
    let (name, value) = (group(1), group(2));
    let shortest = match says(name, &["pass", "pwd"]) {
        true => MIN_PASSWORD,
        false => MIN_LENGTH,
    };
    let plain = |byte: &u8| byte.is_ascii_graphic() && !b"()[];,\\".contains(byte);
    value.len() >= shortest
        && value.iter().all(plain)
        && !says(name, &ABOUT)
        && !is_placeholder(value)
        && is_random(value)
}
