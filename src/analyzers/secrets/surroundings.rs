//! Secrets that are told by what stands around them: addresses, headers, commands, files of one
//! program. Not what is given to a name, and not keys that have a form of their own.

use std::ops::Range;

use super::randomness::{is_placeholder, is_random, says};
use super::{Judge, Match, Rule};

pub fn rules() -> impl Iterator<Item = Rule> {
    FORMS
        .iter()
        .map(|(judge, pattern)| Rule::new(pattern, *judge))
}

/// What the value has to be, beyond standing there, and a pattern whose first group it is. In
/// addresses, the second is the host. Repetitions have bounds.
#[rustfmt::skip]
const FORMS: &[(Judge, &str)] = &[
    // Addresses with a user and a password, or with a secret in the path.
    (in_address, r"://[^\s:/@\x22'`<>]{0,128}:([^\s/@\x22'`<>]{6,256})@([^\s:/\x22'`?,;)]{1,253})"),
    (in_address, r"jdbc:oracle:thin:[^\s/:@\x22']{1,64}/([^\s@\x22']{6,64})@/{0,2}([^\s:/\x22']{1,253})"),
    (random, r"://([A-Za-z0-9_-]{20,100})(?::x-oauth-basic)?@"),
    (key, r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Z0-9]{8,16}/[A-Z0-9]{8,20}/[A-Za-z0-9]{20,64})"),
    (key, r"discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/([A-Za-z0-9_-]{60,100})"),
    (key, r"\.webhook\.office\.com/webhookb2/([a-z0-9@-]{60,120}/IncomingWebhook/[a-z0-9]{32}/[a-z0-9-]{36})"),
    (key, r"(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,100}={0,2})"),
    (random, r"[?&]sig=([A-Za-z0-9%+/]{40,100}={0,2})"),
    // Headers.
    (key, r"(?i)authorization[\x22']?\]?\s{0,4}[:,= ]\s{0,4}[\x22']?(?:bearer|basic|token|apikey|bot)\s{1,4}([A-Za-z0-9._~+/=-]{20,700})"),
    (random, r"(?i)authorization[\x22']?\]?\s{0,4}[:,= ]\s{0,4}[\x22']?(?:bearer |basic |token |apikey |bot )?\s{0,4}([A-Za-z0-9._~+/=-]{16,700})"),
    // Commands: `curl -u user:…`, `mysql -p…`, `docker login -p …`, `--password …`.
    (random, r"(?:^|[\s\x22'(,\[])(?:-[uUa]|--user|--proxy-user|--auth)[\x22']?[ =,]{1,2}[\x22']?[^\s:%\x22'$]{1,64}[:%]([^\s\x22'$]{8,128})"),
    (random, r"(?i)\b(?:docker login|mysql\w{0,8}|mariadb\w{0,8}|sshpass|redis-cli|ldapsearch|mongosh?)\b[^\n]{0,100}?\s-[paw] ?[\x22']?([^\s\x22']{8,64})"),
    (random, r"(?i)--[a-z-]{0,24}(?:password|passwd|passphrase|pass|token|secret|api-?key|access-?key)[\x22']?[ ,]{1,2}[\x22']?([^\s\x22'=]{10,256})"),
    (random, r"(?m)^[\s#;/*-]{0,16}(?:ENV|ARG|setx|SetEnv|setenv|set -g?x|#define)\s{1,4}[A-Z0-9_]{0,40}(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD|PASS)\s{1,4}([^\s\x22']{10,256})"),
    (random, r"--from-literal[ =][^\s=]{1,64}=[\x22']?([^\s\x22']{10,256})"),
    // Code: `auth=("user", "…")`, `HTTPBasicAuth("user", "…")`, `.basic_auth("user", Some("…"))`.
    (random, r"(?i)(?:auth|authentication|credentials?|login)[\x22']?\s{0,2}[=:(]\s{0,2}[\[(]?\s{0,20}[@bur]?[\x22'][^\x22'\n]{1,64}[\x22']\s{0,2},\s{0,20}(?:Some\(|[@bur])?[\x22']([^\s\x22']{8,128})[\x22']"),
    (random, r"(?i)\b(?:identified by|password|passphrase)\s{1,4}'([^\s']{8,128})'"),
    (random, r"(?i)[\x22']([^\s\x22']{10,128})[\x22']\s{0,2}[!=]={1,2}\s{0,2}[a-z0-9_.]{0,40}(?:password|passwd|pwd|secret|token)"),
    // An array of bytes with the name of a secret.
    (bytes, r"(?i)(?:secret|private|api_?key|passw|[a-z]_key|aes_?key|token)[a-z0-9_]{0,24}\s{0,2}(?:\[[0-9A-Z_]{0,16}\])?(?:\s{0,2}:\s{0,2}[^=\n]{1,24})?\s{0,2}:?=\s{0,2}[^\n\x22'0-9{(\[]{0,24}[{(\[]\[?\s{0,16}((?:0x[0-9a-f]{2},\s{0,6}){15,63}0x[0-9a-f]{2})"),
    // Files: netrc, pgpass, redis.conf and others that part by spaces, Docker's, JSON web keys.
    (random, r"(?i)\b(?:login|machine)\s{1,8}\S{1,128}\s{1,8}password\s{1,8}(\S{6,128})"),
    (random, r"(?m)^[\s#;/*\x22'-]{0,16}[^\s:#/]{1,253}:(?:[0-9]{1,5}|\*):[^\s:]{1,64}:[^\s:]{1,64}:([^\s\x22']{8,128})[ \t\r\x22',]{0,4}$"),
    (random, r"(?im)^[\s#;/*-]{0,16}(?:[a-z]{1,24}[_-])?(?:requirepass|masterauth|password|passwd|secret|token)[ \t]{1,16}([^\s\x22':=]{10,128})[ \t\r]{0,4}$"),
    (random, r"\x22auth\x22\s{0,4}:\s{0,4}\x22([A-Za-z0-9+/]{12,512}={0,2})\x22"),
    (random, r"[\x22']?\b[dk][\x22']?\s{0,4}:\s{0,4}[\x22']([A-Za-z0-9_-]{40,700})[\x22']"),
    (random, r"<D>([A-Za-z0-9+/]{40,700}={0,2})</D>"),
    // The keys of WordPress, which hold spaces.
    (signs, r"define\(\s{0,4}['\x22][A-Z_]{0,24}(?:KEY|SALT)['\x22]\s{0,4},\s{0,16}'([^'\n]{60,70})'"),
    // The secret that belongs to a key of Amazon's, beside it.
    (random, r"(?:AKIA|ASIA)[A-Z2-7]{16}[^A-Za-z0-9/+=](?:[^\x00]{0,120}?[^A-Za-z0-9/+=])?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)"),
    // Words that a wallet is made again from (BIP 39).
    (words, r"(?i)(?:mnemonic|seed[_ -]?phrase|recovery[_ -]?phrase)[\x22']?\s{0,4}[:=(]\s{0,4}[\x22']([a-z]{3,8}(?: [a-z]{3,8}){11,23})[\x22']"),
];

/// Goes on behind a value, which is behind what was needed to tell it.
fn judge(
    found_at: &Match<'_>,
    found: &mut Vec<Range<usize>>,
    is_secret: impl Fn(&[u8]) -> bool,
) -> usize {
    let value = found_at.group(1);
    let end = value.end;
    if is_secret(found_at.bytes(value.clone())) {
        found.push(value);
    }
    end
}

fn key(found_at: &Match<'_>, found: &mut Vec<Range<usize>>) -> usize {
    judge(found_at, found, |value| !is_placeholder(value))
}

fn random(found_at: &Match<'_>, found: &mut Vec<Range<usize>>) -> usize {
    judge(found_at, found, |value| {
        is_random(value) && !is_placeholder(value)
    })
}

/// Words that stand where a password would.
const STANDING_IN: [&str; 6] = ["secret", "password", "passwd", "pass", "token", "hunter2"];

/// Passwords of a machine's own services are the same on every developer's machine.
const NEAR: [&str; 5] = ["localhost", "127.", "[::1]", "0.0.0.0", "host"];

fn in_address(found_at: &Match<'_>, found: &mut Vec<Range<usize>>) -> usize {
    let host = found_at.bytes(found_at.group(2)).to_ascii_lowercase();
    let near = NEAR.iter().any(|near| host.starts_with(near.as_bytes()));
    let near = near || says(&host, &["example"]);
    let is_far = host.contains(&b'.') && !near;
    // Documents and tests of URLs are full of `http://user:pass@host.com`.
    let scheme = found_at.bytes(found_at.start.saturating_sub(8)..found_at.start);
    let web = says(scheme, &["http", "ftp"]);
    judge(found_at, found, |password| {
        let is_drawn = (is_far && !web) || (is_random(password) && !near && (is_far || !web));
        is_drawn && !is_placeholder(password) && !says(password, &STANDING_IN)
    })
}

/// Not a series, nor zeros: as many different bytes as chance would have.
fn bytes(found_at: &Match<'_>, found: &mut Vec<Range<usize>>) -> usize {
    let range = found_at.group(1);
    let value = found_at.bytes(range.clone());
    let mut all: Vec<&[u8]> = value
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .collect();
    let follow = all.windows(2).filter(|pair| match pair {
        [a, b] => a.get(2) == b.get(2),
        _ => false,
    });
    // Of random bytes, one in sixteen shares the first digit with the one before.
    let is_series = follow.count() * 2 > all.len();
    let length = all.len();
    all.sort_unstable();
    all.dedup();
    if !is_series && all.len() * 4 >= length * 3 {
        found.extend(pieces(value, range.start));
    }
    range.end
}

/// Drawn from all signs there are.
fn signs(found_at: &Match<'_>, found: &mut Vec<Range<usize>>) -> usize {
    let range = found_at.group(1);
    let value = found_at.bytes(range.clone());
    let is_sign = |byte: &&u8| byte.is_ascii_punctuation();
    if value.iter().filter(is_sign).count() * 8 >= value.len() {
        found.extend(pieces(value, range.start));
    }
    range.end
}

fn words(found_at: &Match<'_>, found: &mut Vec<Range<usize>>) -> usize {
    let range = found_at.group(1);
    let value = found_at.bytes(range.clone());
    let mut all: Vec<&[u8]> = value.split(|byte| *byte == b' ').collect();
    let length = all.len();
    all.sort_unstable();
    all.dedup();
    // `test test test … junk` opens nothing.
    if all.len() * 4 >= length * 3 {
        found.extend(pieces(value, range.start));
    }
    range.end
}

/// Its parts between white space, each with its place in the text.
fn pieces(value: &[u8], start: usize) -> impl Iterator<Item = Range<usize>> {
    let mut at = start;
    value
        .split(u8::is_ascii_whitespace)
        .filter_map(move |piece| {
            let range = at..at + piece.len();
            at = range.end + 1;
            (!piece.is_empty()).then_some(range)
        })
}
