//! Secrets of every kind are stopped, and what only looks like one is not, in a time that is in
//! proportion to the text's size.

mod kinds;
mod speed;

use super::{first, spans};
use kinds::{IN_SURROUNDINGS, Lot, OF_A_FORM, OF_LINES, WORD};

#[test]
fn of_hundreds_of_secrets_of_every_kind_almost_all_are_stopped_and_told_to_the_byte() {
    let mut lot = Lot(0x9e37_79b9_7f4a_7c15);
    let (mut passed, mut inexact, mut all) = (Vec::new(), Vec::new(), 0);
    for round in 0..4 {
        for (start, alphabet, length, code) in OF_A_FORM.iter().chain(IN_SURROUNDINGS) {
            let key = format!("{}{}", start.concat(), lot.draw(alphabet, *length));
            let text = format!("fn f() {{}}\n\n{}\n", code.replacen('@', &key, 1));
            all += 1;
            if first(text.as_bytes()).is_none_or(|line| !(3..=4).contains(&line)) {
                passed.push(format!("{round}: {code} {key}"));
            } else {
                let found = spans(text.as_bytes());
                let found: Vec<&str> = found.into_iter().map(|span| &text[span]).collect();
                let is_key = |found: &&str| found.contains(&key) && found.len() < key.len() + 40;
                if !found.iter().any(is_key) {
                    inexact.push(format!("{code} {key} {found:?}"));
                }
            }
        }
    }
    assert!(all >= 400 && OF_A_FORM.len() + IN_SURROUNDINGS.len() >= 100);
    assert_eq!(inexact, Vec::<String>::new());
    assert!(
        passed.len() * 25 <= all,
        "of {all} passed {}: {passed:#?}",
        passed.len()
    );
}

#[test]
fn every_line_of_a_private_key_is_told_however_it_is_written() {
    let mut lot = Lot(11);
    for (parts, before, after) in OF_LINES {
        let lines: Vec<String> = (0..3).map(|_| lot.draw(WORD, 64)).collect();
        let written: Vec<String> = lines
            .iter()
            .map(|line| format!("{before}{line}{after}"))
            .collect();
        let text = parts.concat().replace('@', &written.concat());
        let found = spans(text.as_bytes());
        let found: Vec<&str> = found.into_iter().map(|span| &text[span]).collect();
        if after.is_empty() {
            assert_eq!(found, [lines.concat()], "{text}");
        } else {
            let is_told = |line: &String| found.contains(&line.as_str());
            assert!(lines.iter().all(is_told), "{text}: {found:?}");
        }
    }
}

#[test]
fn the_first_line_is_told_whatever_the_form() {
    let mut lot = Lot(7);
    let (one, other) = (lot.draw(WORD, 36), lot.draw(WORD, 24));
    let text = format!(
        "a\nlet password = \"{other}\";\nb\nx(\"{}{one}\")",
        ["gh", "p_"].concat()
    );
    assert_eq!(first(text.as_bytes()), Some(2));
}

#[test]
fn a_value_is_told_from_what_is_around_it_and_is_found_alone_if_it_has_a_form() {
    let mut lot = Lot(5);
    let (key, password) = (
        format!("gh{}{}", "p_", lot.draw(WORD, 36)),
        lot.draw(WORD, 20),
    );
    let text = format!("a = '{key}', '{key}'\npassword: {password}\n");
    let found = spans(text.as_bytes());
    let found: Vec<&str> = found.into_iter().map(|span| &text[span]).collect();
    assert_eq!(found, [&key, &key, &password]);
    assert_eq!(spans(key.as_bytes()).first(), Some(&(0..key.len())));
    assert!(spans(password.as_bytes()).is_empty());
}

#[test]
fn placeholders_and_talk_of_keys_pass() {
    for text in [
        ["let id = \"AKIA", "IOSFODNN7EXAMPLE\";"].concat(),
        ["token = \"gh", "p_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\""].concat(),
        "password = \"changeme\"".to_owned(),
        "let api_key = env(\"XAI_API_KEY\")?;".to_owned(),
        "const TOKEN_URL: &str = \"https://auth.service.io/v2/oauth/token1\";".to_owned(),
        "postgres://user:password@db.internal.net/app".to_owned(),
        "postgres://postgres:hunter2hunter@localhost/app".to_owned(),
        "https://user:{password}@host.net/".to_owned(),
        "if line.starts_with(\"-----BEGIN PRIVATE KEY-----\") {".to_owned(),
        "let token = Token::new(kind, \"identifier_of_some_length\");".to_owned(),
        "secret: \"0123456789abcdef0123456789abcdef\"".to_owned(),
        "git = \"2f7e1b0c9d8a4f5e6b7c8d9e0f1a2b3c4d5e6f70\"".to_owned(),
        "assert_eq!(tokens, \"a b c\");".to_owned(),
        // Without quotes, code looks like values.
        "let token = parseBase64TokenV2(input1);".to_owned(),
        "password: passwordFromVault2.value1x".to_owned(),
        "PASSWORD=$DB_PASSWORD_2X1Y".to_owned(),
        "token: Sha256TokenKind2Of3Kinds,".to_owned(),
        "auth=(\"user\", \"password123456\")".to_owned(),
        "curl -u user:$PASSWORD2X1Y https://x.y".to_owned(),
        "password = System.getenv(\"MVNW_DB_PASSWORD\")".to_owned(),
        "src/main.rs:12:5:error:E0308".to_owned(),
        "machine x.y login me password secret".to_owned(),
        "public_key = \"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\"".to_owned(),
        "password_hash = \"q7Rk2VbX9mTz4LwPq7Rk2VbX9m\"".to_owned(),
        "monkey = \"q7Rk2VbX9mTz4LwPq7Rk2VbX9m\"".to_owned(),
        "compass: q7Rk2VbX9mTz4LwPq7Rk2VbX9m".to_owned(),
        "cacheKey = \"9f86d081884c7d659a2feaa0c55ad015\"".to_owned(),
        "mnemonic = \"test test test test test test test test test test test junk\"".to_owned(),
        "AES_KEY = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, \
         0x0d, 0x0e, 0x0f]"
            .to_owned(),
    ] {
        assert_eq!(first(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn keys_of_bytes_and_of_words_are_told_in_pieces() {
    let text = "AES_KEY: [u8; 16] = [0x9f, 0x3c, 0xa1, 0x47, 0x0e, 0xd2, 0x6b, 0x85, 0xf0, 0x1d, \
                0xc8, 0x52, 0xe7, 0x3a, 0x94, 0x6e];\nmnemonic = \"able crane dust fever grape \
                hotel ivory jungle kiwi lemon maple night\"\n";
    assert_eq!(spans(text.as_bytes()).len(), 16 + 12);
}
