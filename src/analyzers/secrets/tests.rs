//! Secrets of every form are stopped, and what only looks like one is not. Every key here is put
//! together at run time from a fixed sequence, so that no scanner barks at this file.

use super::first;

/// Letters drawn by a fixed lot: 64-bit steps after G. Marsaglia's xorshift.
struct Lot(u64);

impl Lot {
    fn draw(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let mut next = || {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            letters[usize::try_from(self.0 >> 33).unwrap() % letters.len()]
        };
        (0..length).map(|_| next()).collect()
    }
}

const HEX: &str = "0123456789abcdef";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const WORD: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What stands before the drawn letters, their alphabet, how many, and the code around: `@` is the
/// key.
const KINDS: [(&[&str], &str, usize, &str); 27] = [
    (&["AK", "IA"], UPPER, 16, "let id = \"@\";"),
    (&["AS", "IA"], UPPER, 16, "id: @"),
    (&["gh", "p_"], WORD, 36, "fetch(\"@\")"),
    (
        &["github", "_pat_11ABCDEFG0qL5r8mW2xY7z_"],
        WORD,
        59,
        "x(\"@\")",
    ),
    (&["gl", "pat-"], WORD, 20, "curl -H 'PRIVATE-TOKEN: @'"),
    (
        &["xo", "xb-4829103847-5639201847-"],
        WORD,
        24,
        "slack(\"@\")",
    ),
    (&["sk", "_live_"], WORD, 24, "stripe.key(\"@\")"),
    (&["AI", "za"], WORD, 35, "maps?key=@&v=3"),
    (&["sk", "-proj-"], WORD, 48, "OpenAI(\"@\")"),
    (&["sk", "-ant-api03-"], WORD, 95, "x = '@'"),
    (&["xa", "i-"], WORD, 80, "export KEY=@"),
    (&["gs", "k_"], WORD, 52, "Groq('@')"),
    (&["npm", "_"], WORD, 36, "//registry/:_auth=@"),
    (&["pypi", "-AgEIcHlwaS5vcmc"], WORD, 70, "twine('@')"),
    (&["SG.", "aB3dE5fG7hI9jK1lM3nO5p."], WORD, 43, "mail(\"@\")"),
    (&["S", "K"], HEX, 32, "twilio(\"@\")"),
    (&["do", "p_v1_"], HEX, 64, "doctl(\"@\")"),
    (&["hv", "s."], WORD, 24, "vault(\"@\")"),
    (
        &["hooks.slack", ".com/services/T0A1B2C3D/B4E5F6G7H/"],
        WORD,
        24,
        "post(\"https://@\")",
    ),
    (
        &["eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxMjM0NTY3ODkwIn0."],
        WORD,
        43,
        "auth(\"@\")",
    ),
    (
        &["-----BEGIN RSA PRIV", "ATE KEY-----\\n"],
        WORD,
        64,
        "let pem = \"@\";",
    ),
    (
        &["postgres://app:", ""],
        WORD,
        12,
        "connect(\"@@db.internal.net/app\")",
    ),
    (
        &["Account", "Key="],
        WORD,
        86,
        "\"DefaultEndpointsProtocol=https;@==\"",
    ),
    (
        &[""],
        WORD,
        40,
        "const AWS_SECRET_ACCESS_KEY: &str = \"@\";",
    ),
    (&[""], WORD, 20, "password = \"@\""),
    (
        &[""],
        WORD,
        16,
        "open(\"Server=db;User=app;Password=@;Encrypt=1\")",
    ),
    (&[""], HEX, 32, "\"api_key\": \"@\","),
];

#[test]
fn of_a_hundred_keys_of_every_form_almost_all_are_stopped() {
    let mut lot = Lot(0x9e37_79b9_7f4a_7c15);
    let (mut passed, mut all) = (Vec::new(), 0);
    for round in 0..4 {
        for (start, alphabet, length, code) in KINDS {
            let key = format!("{}{}", start.concat(), lot.draw(alphabet, length));
            let text = format!("fn f() {{}}\n\n{}\n", code.replacen('@', &key, 1));
            all += 1;
            if first(text.as_bytes()) != Some(3) {
                passed.push(format!("{round}: {}", start.concat()));
            }
        }
    }
    assert!(all >= 100);
    assert!(passed.len() * 20 <= all, "of {all} passed: {passed:?}");
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
    ] {
        assert_eq!(first(text.as_bytes()), None, "{text}");
    }
}
