//! Keys that say by their form what they are. Their forms are those that their issuers document
//! and that gitleaks' rules (MIT) collect. Not assignments: those are next door.

use regex::bytes::Captures;

use super::randomness::{is_placeholder, is_random, says};
use super::{Judge, value};

/// Every form; bytes beyond ASCII are nothing to them.
pub fn all() -> impl Iterator<Item = (String, Judge)> {
    let keys = KEYS.iter().map(|key| {
        // Not in the middle of a longer word: there it is a coincidence in a hash.
        let bounded = format!("(?-u)(?:^|[^A-Za-z0-9_-])({key})(?:[^A-Za-z0-9_-]|$)");
        (bounded, is_key as Judge)
    });
    let whole = WHOLE
        .iter()
        .map(|form| (format!("(?-u){form}"), is_key as Judge));
    let urls = URLS
        .iter()
        .map(|form| (format!("(?-u){form}"), is_password as Judge));
    keys.chain(whole).chain(urls)
}

/// Forms of one word.
const KEYS: &[&str] = &[
    // AWS access keys.
    "(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
    // GitHub, GitLab.
    "gh[pousr]_[A-Za-z0-9]{36,251}",
    "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
    "gl(?:pat|dt|rt|ptt|ft|soat|cbt|agent|oas)-[A-Za-z0-9_=.-]{20,}",
    // Slack.
    "xox[abeoprs]-[0-9A-Za-z-]{20,}",
    "xapp-[0-9]-[A-Z0-9]+-[0-9]+-[a-z0-9]+",
    // Stripe, Square, Shopify.
    "[sr]k_(?:live|test|prod)_[0-9A-Za-z]{16,}",
    "whsec_[A-Za-z0-9+/=]{32,}",
    "(?:EAAA|sq0csp-)[0-9A-Za-z_-]{40,}",
    "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    // Google.
    "AIza[0-9A-Za-z_-]{35}",
    "GOCSPX-[A-Za-z0-9_-]{28}",
    r"ya29\.[A-Za-z0-9_-]{30,}",
    // Language models: OpenAI and those that spell keys like it, Anthropic, OpenRouter, xAI, Groq,
    // Hugging Face, Replicate, Perplexity.
    "sk-(?:proj|svcacct|admin|ant|or)-[A-Za-z0-9_-]{20,}",
    "sk-[A-Za-z0-9]{32,}",
    "xai-[A-Za-z0-9]{40,}",
    "gsk_[A-Za-z0-9]{40,}",
    "hf_[A-Za-z]{34}",
    "r8_[A-Za-z0-9]{37}",
    "pplx-[A-Za-z0-9]{40,}",
    // Registries of packages.
    "npm_[A-Za-z0-9]{36}",
    "pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}",
    "cio[A-Za-z0-9]{32}",
    "rubygems_[0-9a-f]{48}",
    "dckr_pat_[A-Za-z0-9_-]{27}",
    // Mail and messages.
    r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    "SK[0-9a-f]{32}",
    "key-[0-9a-f]{32}",
    "[0-9a-f]{32}-us[0-9]{1,2}",
    "[0-9]{8,10}:AA[A-Za-z0-9_-]{33}",
    r"[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}",
    // Infrastructure.
    "do[opr]_v1_[0-9a-f]{64}",
    r"hv[sbr]\.[A-Za-z0-9_-]{24,}",
    r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}",
    "dapi[0-9a-f]{32}",
    "HRKU-[A-Za-z0-9_-]{36,}",
    "gl(?:c|sa)_[A-Za-z0-9+/=_]{32,}",
    "NRAK-[A-Z0-9]{27}",
    "sntry[su]_[A-Za-z0-9+/=_-]{40,}",
    "sbp_[0-9a-f]{40}",
    "lin_api_[A-Za-z0-9]{40}",
    "ntn_[A-Za-z0-9]{40,}",
    "AGE-SECRET-KEY-1[0-9A-Z]{58}",
    // JSON web tokens, signed.
    r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
];

/// Forms that hold more than one word.
const WHOLE: &[&str] = &[
    // A private key with at least a line of it: not a text that only speaks of its first line.
    concat!(
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE ",
        r"KEY(?: BLOCK)?-----(?:\\[nr]|[\s\x22'+,\\#/*|]|[A-Za-z-]+: [^\n]*\n)*[A-Za-z0-9+/=]{40}"
    ),
    r"hooks\.slack\.com/(?:services|workflows)/[A-Z0-9]{8,}/[A-Z0-9]{8,}/[A-Za-z0-9]{20,}",
    r"discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{60,}",
    r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}={0,2}",
    r"(?i)authorization[\x22']?\s*[:,=]\s*[\x22']?(?:bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{20,}",
];

/// Addresses with a user and a password. Groups: the scheme, the password, the host.
const URLS: &[&str] =
    &[r"([A-Za-z][A-Za-z0-9+.-]*)://[^\s:/@\x22'`<>]*:([^\s/@\x22'`<>]{6,})@([^\s:/\x22'`?,;)]+)"];

fn is_key(captures: &Captures<'_>) -> bool {
    value(captures).is_some_and(|value| !is_placeholder(value.as_bytes()))
}

/// Words that stand where a password would.
const STANDING_IN: [&str; 6] = ["secret", "password", "passwd", "pass", "token", "hunter2"];

/// Passwords of a machine's own services are the same on every developer's machine.
const NEAR: [&str; 5] = ["localhost", "127.", "[::1]", "0.0.0.0", "host"];

fn is_password(captures: &Captures<'_>) -> bool {
    let group = |number| {
        let group = captures.get(number).map(|group| group.as_bytes());
        group.unwrap_or_default()
    };
    let (scheme, password, host) = (group(1), group(2), group(3));
    let host = host.to_ascii_lowercase();
    let near = NEAR.iter().any(|near| host.starts_with(near.as_bytes()));
    let is_far = host.contains(&b'.') && !near && !says(&host, &["example"]);
    // Documents and tests of URLs are full of `http://user:pass@host.com`.
    let web = says(scheme, &["http", "ftp"]);
    let is_real = !is_placeholder(password) && !says(password, &STANDING_IN);
    is_far && is_real && (!web || is_random(password))
}
