//! A word that looks drawn by lot, given to a name that speaks of a secret: `api_key = "…"`,
//! `DATABASE_PASSWORD=…`, `<password>…</password>`. For all secrets that have no form of their own.
//!
//! A pattern finds the name and what gives it a value. The value is read up to where the next one
//! could begin, so that no byte is read for many names.

use std::ops::Range;

use super::randomness::{is_hexadecimal, is_placeholder, is_random, says};
use super::{Match, Rule};

/// What names of secrets hold, in any case. Short words have to be words of their own: see
/// [`Name::is_of_secret`].
const NAMES: &[&str] = &[
    "secret",
    "token",
    "passw(?:or)?d",
    "passwort",
    "kennwort",
    "contrasena",
    "passphrase",
    "passcode",
    "pwd",
    "credentials?",
    "creds?",
    "pass",
    "pw",
    "auth",
    "key",
];

/// These are also parts of other words: `compass`, `author`, `monkey`.
const SHORT: [&str; 5] = ["pass", "pw", "auth", "key", "cred"];

/// What makes a key one that is kept, before `key`.
const KEPT: &[&str] = &[
    "api",
    "app",
    "private",
    "priv",
    "access",
    "auth",
    "encrypt",
    "decrypt",
    "cipher",
    "aes",
    "des",
    "hmac",
    "sign",
    "master",
    "account",
    "secret",
    "service",
    "storage",
    "shared",
    "client",
    "consumer",
    "admin",
    "root",
    "deploy",
    "ssh",
    "license",
    "licence",
    "session",
    "cookie",
    "webhook",
    "subscription",
    "server",
    "db",
    "database",
    "user",
    "write",
    "push",
    "upload",
    "security",
    "jwt",
    "token",
];

/// Names of secrets, addresses where they are had, what may be told of them.
const ABOUT: [&str; 11] = [
    "hash", "digest", "checksum", "public", "url", "uri", "_id", "name", "path", "header", "type",
];

/// From the word in a name to where its value begins; the last byte tells if that is in quotes.
fn pattern() -> String {
    let names = NAMES.join("|");
    let tail = "[A-Za-z0-9_-]{0,40}";
    let close = r"(?:\\{0,2}[\x22'`]|[\])]){0,2}";
    // `: &'static str =`, ` string =`, `[32] =`.
    let kind = r"(?:\s{0,2}:\s{0,2}&?(?:'static\s{1,2})?[A-Za-z0-9_<>.\[\]]{1,40}|\s[A-Za-z]{2,16}|\[[0-9]{0,4}\])\s{0,4}=";
    let sign = r"(?:\.[A-Za-z_]{1,16})?\s{0,8}(?::=|[!=]=?=|=>|[=:,({>|]|\sis:?\s)";
    // `{"name": "TOKEN", "value": "…"}`, `<add key="Password" value="…"/>`, property lists.
    let beside = r"[\x22',]{0,3}\s{1,40}[\x22'`]?value[\x22'`]?\s{0,2}[=:]|</key>\s{0,40}<string>";
    // `b"…"`, `r#"…"#`, `@"…"`, `["…"`, `Some("…")`, `String::from("…")`, `bytes.fromhex("…")`.
    let call = r"(?:[A-Za-z@$]{0,2}#{0,2}|(?:new\s)?[A-Za-z_:.-]{1,24}[( ]\s{0,20}[A-Za-z]?|[\[({]\s{0,20})";
    let quoted = format!(r"\s{{0,40}}{call}\\{{0,2}}[\x22'`]");
    // `|`, `>-`: a block of YAML.
    let bare = r"[ \t]{0,16}(?:[|>][+-]?[ \t]{0,4}\r?\n[ \t]{1,16})?(?:base64:)?";
    // `#define TOKEN "…"`, `password "…"`.
    let said = r"[ \t]{1,8}[\x22']";
    format!("(?i)(?:{names}){tail}{close}(?:(?:{beside}|{kind}|{sign})(?:{quoted}|{bare})|{said})")
}

pub fn rule() -> Rule {
    Rule::new(&pattern(), judge)
}

fn judge(head: &Match<'_>, found: &mut Vec<Range<usize>>) -> usize {
    let length = match head.bytes(head.start..head.end) {
        [.., quote @ (b'"' | b'\'' | b'`')] => quoted(head.rest(), *quote),
        before => bare(head.rest(), before),
    };
    let value = head.end..head.end + length.unwrap_or(0);
    let word = head.bytes(value.clone());
    let is_secret = word.len() >= SHORTEST && is_random(word) && {
        let name = Name::around(head.text, head.start);
        name.is_of_secret() && name.may_have(word)
    };
    if is_secret {
        found.push(value.clone());
        return value.end;
    }
    // Names may stand inside of what was no secret.
    head.end
}

/// Shorter values, in bytes, are drawn by nobody.
const SHORTEST: usize = 10;

/// Longer than any value that is no file; see also [`super::long`].
const LONGEST_VALUE: usize = 4096;

/// The length of a value that ends at the kind of quote it began with; `None` if something else
/// ends it.
fn quoted(rest: &[u8], quote: u8) -> Option<usize> {
    let rest = rest.get(..LONGEST_VALUE).unwrap_or(rest);
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`".contains(byte);
    let length = rest.iter().position(ends)?;
    (rest.get(length) == Some(&quote)).then_some(())?;
    // In a string in a string, the quote has a backslash before it.
    let escaped = rest.get(..length)?.ends_with(b"\\");
    Some(length - usize::from(escaped))
}

/// The length of a value that has no quotes; `None` if it goes on as code does. It holds no sign
/// that gives a value, so no byte belongs to the values of many names.
fn bare(rest: &[u8], head: &[u8]) -> Option<usize> {
    let rest = rest.get(..LONGEST_VALUE).unwrap_or(rest);
    let ends = |byte: &u8| !byte.is_ascii_graphic() || b"\"'`<>;,&|(){}[]=:\\".contains(byte);
    let run = |from: usize| {
        let run = rest.iter().skip(from).position(ends);
        run.map_or(rest.len(), |length| from + length)
    };
    let mut length = run(0);
    // `id:secret`, once.
    if let Some([b':', next, ..]) = rest.get(length..)
        && next.is_ascii_alphanumeric()
    {
        length = run(length + 1);
    }
    let padding = rest.get(length..)?.iter().take_while(|byte| **byte == b'=');
    let length = length + padding.take(2).count();
    // A list of arguments holds names, not values.
    let in_call = head.trim_ascii_end().ends_with(b"(") || head.trim_ascii_end().ends_with(b",");
    let goes_on = rest
        .get(length)
        .is_some_and(|byte| b"([{=:|".contains(byte));
    (!in_call && !goes_on).then_some(length)
}

/// A name, and where in it the word is that speaks of a secret.
struct Name<'t> {
    before: &'t [u8],
    /// From that word on.
    from: &'t [u8],
}

impl<'t> Name<'t> {
    fn around(text: &'t [u8], at: usize) -> Self {
        let (before, after) = text.split_at(at);
        let of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
        let length = before.iter().rev().take(64).take_while(of_name).count();
        let of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
        let from = after.iter().take(64).take_while(of_name).count();
        Self {
            before: &before[before.len() - length..],
            from: &after[..from],
        }
    }

    fn is_of_secret(&self) -> bool {
        let is_shown = ["public", "public_", "public-", "websocket-"];
        if says(self.from, &ABOUT) || is_shown.iter().any(|word| self.before_is(word)) {
            return false;
        }
        let lower = self.from.to_ascii_lowercase();
        let short = SHORT.iter().find(|word| lower.starts_with(word.as_bytes()));
        let is_longer = ["passw", "passp", "passc", "credential"];
        let is_longer = is_longer
            .iter()
            .any(|word| lower.starts_with(word.as_bytes()));
        match short {
            Some(short) if !is_longer => self.is_word(short.len()),
            _ => true,
        }
    }

    /// Is what it begins with a word, as snake case, camel case and the like part them?
    fn is_word(&self, length: usize) -> bool {
        let upper = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_uppercase);
        let lower = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_lowercase);
        let (last, first) = (self.before.last(), self.from.first());
        let begins = !last.is_some_and(u8::is_ascii_alphabetic)
            || (lower(last) && upper(first))
            || KEPT.iter().any(|word| self.before_is(word));
        let plural = self
            .from
            .get(length)
            .is_some_and(|byte| byte.eq_ignore_ascii_case(&b's'));
        let after = self.from.get(length + usize::from(plural));
        let ends = !after.is_some_and(u8::is_ascii_alphabetic)
            || (lower(self.from.get(length - 1)) && upper(after));
        begins && ends
    }

    fn before_is(&self, word: &str) -> bool {
        let before = self.before.to_ascii_lowercase();
        before.ends_with(word.as_bytes())
    }

    /// Is it the name of a key of which nothing says that it is one of a lock?
    fn is_any_key(&self) -> bool {
        let of_key = self.from.to_ascii_lowercase().starts_with(b"key");
        of_key && !says(self.before, KEPT)
    }

    /// May it be given this value, which is drawn by lot?
    fn may_have(&self, value: &[u8]) -> bool {
        let is_password = says(self.from, &["pass", "pwd", "pw", "kennwort", "contrasena"]);
        let shortest = match (is_password, self.is_any_key()) {
            (true, _) => SHORTEST,
            (_, true) => 20,
            _ => 16,
        };
        let plain = |byte: &u8| byte.is_ascii_graphic() && !b"()[];,\\".contains(byte);
        // Passwords and long secrets have all signs, others few.
        let has_signs = (is_password || value.len() >= 24) && value.is_ascii();
        let is_word = value.iter().all(plain) || has_signs;
        // What is a number of a hash is more often the key of a map.
        let is_hash = self.is_any_key() && is_hexadecimal(value);
        value.len() >= shortest && is_word && !is_hash && !is_placeholder(value)
    }
}
