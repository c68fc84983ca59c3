//! What a search costs is in proportion to a text's size, whatever the text. Counted, not timed: the
//! bytes that a search may have read, which no pattern can exceed.

use std::time::Duration;

use proptest::prelude::*;
use rustix::time::{ClockId, clock_gettime};

use super::super::{LONGEST, RULES};
use super::kinds::{IN_SURROUNDINGS, Lot, OF_A_FORM, OF_LINES, WORD};
use super::spans;

/// Texts that bring out the worst: each a pattern that is repeated.
fn families() -> Vec<(&'static str, String)> {
    let mut lot = Lot(3);
    let begin = ["-----BEGIN PRIV", "ATE KEY-----"].concat();
    let kinds = OF_A_FORM.iter().chain(IN_SURROUNDINGS);
    let whole: Vec<String> = kinds
        .map(|(start, alphabet, length, code)| {
            let key = format!("{}{}", start.concat(), lot.draw(alphabet, *length));
            code.replacen('@', &key, 1)
        })
        .collect();
    let heads: String = OF_A_FORM.iter().map(|(start, ..)| start.concat()).collect();
    let parted: Vec<String> = OF_A_FORM.iter().map(|(start, ..)| start.concat()).collect();
    let lines: Vec<String> = OF_LINES.iter().map(|(parts, ..)| parts.concat()).collect();
    vec![
        (
            "headers of keys",
            format!("A: {begin}{}: y\n", "x".repeat(40)),
        ),
        ("beginnings of keys", begin.clone()),
        (
            "lines of keys",
            format!("{begin}\n{}\n", lot.draw(WORD, 39)),
        ),
        ("all heads", heads),
        ("all heads, parted", parted.join(" ")),
        ("all kinds", whole.join("\n")),
        ("all kinds in a line", whole.join(" ")),
        ("all kinds of lines", lines.join("\n")),
        ("quotes", "\"'`".to_owned()),
        ("names and quotes", "key=\"".to_owned()),
        ("names", "key=".to_owned()),
        ("names with a space", "token = ".to_owned()),
        (
            "names of all kinds",
            "secret:token=passwd(pwd,key>auth".to_owned(),
        ),
        (
            "names in a word",
            "secrettokenpasswordkeyauthpwd".to_owned(),
        ),
        (
            "names that spell on",
            "passpasswpasswdpwdpasspasspw".to_owned(),
        ),
        ("brackets", "key\\\\\"\\\\'=> \\\"".to_owned()),
        ("spaces after a name", format!("key={}", " ".repeat(39))),
        ("calls after a name", "key=String::from(".to_owned()),
        ("addresses", "://:@".to_owned()),
        (
            "addresses with words",
            "s://u:passwordpassword@h.n".to_owned(),
        ),
        (
            "users",
            "://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:bbbbbbbbbbbbbbbbbbbbbbbbb".to_owned(),
        ),
        ("Base64", lot.draw(WORD, 997)),
        (
            "Base64 of keys",
            format!("LS0tLS1CRUdJTiB{}", lot.draw(WORD, 15)),
        ),
        ("two letters", "aA".to_owned()),
        ("colons", "a:1:b:c:".to_owned()),
        ("tokens", "eyJaaaaaaaaaaaaaa.eyJaaaaaaaaaaa.".to_owned()),
        ("ids", format!("AK{} ", "IAQRSTUVWXYZ234567")),
        ("commands", "mysql -p docker login -u a:".to_owned()),
        ("logins", "login a password machine ".to_owned()),
        (
            "bytes",
            "secret_key = [0x9f, 0x3c, 0xa1, 0x47, 0x0e, ".to_owned(),
        ),
        (
            "words",
            "mnemonic=\"able crane dust fever grape hotel ivory ".to_owned(),
        ),
        ("zeros", "\0".to_owned()),
        ("spaces", " ".to_owned()),
        ("lines", "\n".to_owned()),
    ]
}

fn text(family: &str, size: usize) -> String {
    let mut text = family.repeat(size / family.len() + 1);
    text.truncate(size);
    text
}

/// The bytes that all searches together may have read, and the matches that were judged.
fn steps(text: &[u8]) -> (usize, usize) {
    let (mut bytes, mut matches) = (0, 0);
    for rule in RULES.iter() {
        let mut reached = 0;
        let judged = |searched: std::ops::Range<usize>| {
            let end = (searched.end + LONGEST).min(text.len());
            bytes += end - searched.start;
            reached = searched.end;
            matches += 1;
        };
        rule.search(text, judged, &mut Vec::new());
        bytes += text.len() - reached;
    }
    (bytes, matches)
}

#[test]
fn no_pattern_reaches_further_than_the_longest_match_and_none_matches_nothing() {
    for rule in RULES.iter() {
        let pattern = rule.regex.as_str();
        let mut parser = regex_syntax::ParserBuilder::new();
        let parsed = parser
            .unicode(false)
            .utf8(false)
            .build()
            .parse(pattern)
            .unwrap();
        let properties = parsed.properties();
        assert!(
            properties.maximum_len().is_some_and(|most| most <= LONGEST),
            "{pattern}"
        );
        assert!(
            properties.minimum_len().is_some_and(|least| least >= 3),
            "{pattern}"
        );
    }
}

#[test]
fn a_text_of_twice_the_size_takes_twice_the_steps_whatever_it_repeats() {
    for (name, family) in families() {
        let [(once, _), (twice, matches)] =
            [32_768, 65_536].map(|size| steps(text(&family, size).as_bytes()));
        assert!(
            twice <= once * 2 + once / 4 + 40 * LONGEST,
            "{name}: {once}, {twice}"
        );
        // However small the repeated part, each byte begins few matches.
        assert!(matches <= 65_536 / 2, "{name}: {matches}");
    }
}

/// Parts that stand at the places where searches begin, go on and end.
const PARTS: [&str; 24] = [
    "key",
    "token",
    "password",
    "auth",
    "=",
    ":",
    "(",
    ",",
    ">",
    " ",
    "\n",
    "\"",
    "'",
    "\\\\",
    "://",
    "@",
    "a",
    "9",
    ".",
    "eyJ",
    "-----BEGIN ",
    "PRIVATE KEY-----",
    "LS0t",
    "aB3dE5fG7hI9jK1l",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_repeated_costs_in_proportion(
        parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 1..9),
    ) {
        let family = parts.concat();
        let [(once, _), (twice, _)] =
            [8_192, 16_384].map(|size| steps(text(&family, size).as_bytes()));
        prop_assert!(twice <= once * 2 + once / 4 + 40 * LONGEST, "{:?}: {}, {}", family, once, twice);
    }
}

/// `cargo test --lib speed -- --ignored --nocapture`
#[test]
#[ignore = "measures time, for a person to read"]
#[expect(
    clippy::print_stdout,
    reason = "what it measures is for a person to read"
)]
fn megabytes_a_second_of_each_family() {
    for (name, family) in families() {
        for megabytes in [1, 8] {
            let text = text(&family, megabytes << 20);
            let started = clock_gettime(ClockId::ThreadCPUTime);
            let found = spans(text.as_bytes()).len();
            let taken = clock_gettime(ClockId::ThreadCPUTime) - started;
            let seconds = Duration::try_from(taken).unwrap().as_secs_f64();
            let speed = f64::from(u32::try_from(megabytes).unwrap()) / seconds;
            println!("{name:24} {megabytes} MB {speed:7.1} MB/s {found} found");
        }
    }
}
