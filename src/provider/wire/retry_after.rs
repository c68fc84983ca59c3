//! How long a server asks to wait: in headers, in an error's details, in its words. Sources: RFC
//! 9110 section 10.2.3; `retry-after-ms` as OpenAI's own libraries read it; `x-ratelimit-*` of
//! OpenAI, Groq, OpenRouter and others, `anthropic-ratelimit-*`; google.rpc.RetryInfo.

use std::time::Duration;

use jiff::fmt::friendly::SpanParser;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;
use serde_json::Value;

/// Nobody means more than a day, and arithmetic with it must not overflow.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The window of most limits. Where a server says when all of an allowance is back, and not which
/// is used up, it is enough to wait for a part.
const WINDOW: Duration = Duration::from_secs(60);

/// Numbers from here on are points in time, in seconds of the epoch; a thousand times as large, in
/// milliseconds.
const EPOCH: f64 = 1e9;

/// Milliseconds before seconds before a date, which is counted from the answer's own date: the
/// clocks of two machines differ.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| text(headers, name)?.parse::<f64>().ok();
    let milliseconds = number("retry-after-ms").map(|milliseconds| milliseconds / 1000.0);
    match milliseconds.or_else(|| number("retry-after")) {
        Some(seconds) => bounded(seconds),
        None => moment(headers, text(headers, "retry-after")?),
    }
}

/// What an error's body says: Google's details, else its words.
pub(super) fn told(body: &Value, message: &str) -> Option<Duration> {
    detailed(body, 0).or_else(|| worded(message))
}

/// When an allowance is there again, by the headers that most answers bear: of those that are used
/// up the latest, else the latest of all, but no longer than a minute.
pub(super) fn reset(headers: &HeaderMap) -> Option<Duration> {
    let resets = headers.keys().filter_map(|name| {
        let name = name.as_str();
        let is_reset = name.contains("ratelimit") && name.contains("reset");
        let value = text(headers, name).filter(|_| is_reset)?;
        let left = text(headers, &name.replace("reset", "remaining"));
        let left = left.and_then(|left| left.parse::<f64>().ok());
        Some((
            left.is_some_and(|left| left <= 0.0),
            moment(headers, value)?,
        ))
    });
    let resets: Vec<(bool, Duration)> = resets.collect();
    let used_up = resets.iter().filter(|(is_used_up, _)| *is_used_up);
    let all = resets.iter().map(|(_, wait)| (*wait).min(WINDOW));
    used_up.map(|(_, wait)| *wait).max().or(all.max())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

/// A duration (`1s`, `6m0s`, `20ms`, `2m59.56s`), a number of seconds, or a point in time.
fn moment(headers: &HeaderMap, value: &str) -> Option<Duration> {
    let sent = || {
        DateTimeParser::new()
            .parse_timestamp(text(headers, "date")?)
            .ok()
    };
    let from_now = |seconds: f64| bounded(seconds - sent()?.as_duration().as_secs_f64());
    if let Ok(number) = value.parse::<f64>() {
        return match number {
            _ if number >= EPOCH * 1000.0 => from_now(number / 1000.0),
            _ if number >= EPOCH => from_now(number),
            _ => bounded(number),
        };
    }
    if let Some(wait) = duration(value) {
        return Some(wait);
    }
    let date = DateTimeParser::new().parse_timestamp(value).ok();
    let date = date.or_else(|| value.parse::<Timestamp>().ok())?;
    from_now(date.as_duration().as_secs_f64())
}

fn duration(text: &str) -> Option<Duration> {
    let span = SpanParser::new().parse_duration(text).ok()?;
    bounded(SignedDuration::as_secs_f64(&span))
}

/// Seconds as a wait: none where it is over already. What is no number is no wait.
fn bounded(seconds: f64) -> Option<Duration> {
    let seconds = Some(seconds).filter(|seconds| seconds.is_finite())?;
    let wait = Duration::try_from_secs_f64(seconds.max(0.0)).ok()?;
    Some(wait.min(LONGEST))
}

/// `retryDelay`, wherever Google's details have it: `"20s"`, or an object of seconds.
fn detailed(value: &Value, depth: usize) -> Option<Duration> {
    const DEEPEST: usize = 6;
    match value {
        _ if depth > DEEPEST => None,
        Value::Object(fields) => match fields.get("retryDelay") {
            Some(Value::String(text)) => duration(text),
            Some(Value::Object(parts)) => match &parts["seconds"] {
                Value::String(text) => bounded(text.parse().ok()?),
                number => bounded(number.as_f64()?),
            },
            _ => fields.values().find_map(|inner| detailed(inner, depth + 1)),
        },
        Value::Array(items) => items.iter().find_map(|inner| detailed(inner, depth + 1)),
        _ => None,
    }
}

/// `Please retry in 20s`, `try again in 1m30s`, `after 5 seconds`, `wait 500ms`.
fn worded(message: &str) -> Option<Duration> {
    /// `1 minute and 30 seconds`.
    const MOST_WORDS: usize = 5;
    let lower = message.to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let before = |word: &&str| matches!(*word, "in" | "after" | "wait" | "for" | "within");
    let places = words.iter().enumerate().filter(|(_, word)| before(word));
    let mut rests = places.filter_map(|(at, _)| words.get(at + 1..));
    rests.find_map(|rest| {
        let lengths = (1..=MOST_WORDS.min(rest.len())).rev();
        let mut texts = lengths.map(|length| rest[..length].join(" ").replace(" and ", " "));
        texts.find_map(|text| {
            // A bare number counts something else.
            let text = text.trim_end_matches(['.', ',', ';', ':', '!', ')']);
            duration(text).filter(|_| text.ends_with(|c: char| c.is_ascii_alphabetic()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::headers;
    use super::*;
    use serde_json::json;

    type Given = &'static [(&'static str, &'static str)];

    const DATE: (&str, &str) = ("date", "Sun, 22 Nov 2026 21:00:00 GMT");

    #[test]
    fn milliseconds_seconds_and_dates_are_understood() {
        let cases: [(Given, Option<u64>); 9] = [
            (
                &[("retry-after-ms", "1500"), ("retry-after", "9")],
                Some(1500),
            ),
            (&[("retry-after", "2")], Some(2000)),
            (&[("retry-after", "0.25")], Some(250)),
            (
                &[("retry-after", "Sun, 22 Nov 2026 21:00:07 GMT"), DATE],
                Some(7000),
            ),
            (
                &[("retry-after", "Sun, 22 Nov 2026 20:59:00 GMT"), DATE],
                Some(0),
            ),
            (&[("retry-after", "Sun, 22 Nov 2026 21:00:07 GMT")], None),
            (&[("retry-after", "-3")], Some(0)),
            (&[("retry-after", "NaN")], None),
            (&[("retry-after", "soon"), DATE], None),
        ];
        for (given, expected) in cases {
            let wait = retry_after(&headers(given));
            assert_eq!(wait, expected.map(Duration::from_millis), "{given:?}");
        }
        assert_eq!(retry_after(&headers(&[("retry-after", "1e300")])), None);
        let long = retry_after(&headers(&[("retry-after", "999999999")]));
        assert_eq!(long, Some(LONGEST));
    }

    #[test]
    fn an_allowance_that_comes_back_is_waited_for() {
        const REQUESTS: &str = "x-ratelimit-reset-requests";
        const TOKENS: &str = "x-ratelimit-reset-tokens";
        let cases: [(Given, Option<u64>); 11] = [
            (&[(REQUESTS, "1s")], Some(1000)),
            (&[(REQUESTS, "20ms")], Some(20)),
            (&[(REQUESTS, "2m59.56s")], Some(60_000)),
            (&[(REQUESTS, "1s"), (TOKENS, "6m0s")], Some(60_000)),
            (
                &[
                    (REQUESTS, "1s"),
                    (TOKENS, "6m0s"),
                    ("x-ratelimit-remaining-requests", "0"),
                ],
                Some(1000),
            ),
            (
                &[(TOKENS, "4m0s"), ("x-ratelimit-remaining-tokens", "0")],
                Some(240_000),
            ),
            (&[("x-ratelimit-reset", "1795381230"), DATE], Some(30_000)),
            (
                &[("x-ratelimit-reset", "1795381230000"), DATE],
                Some(30_000),
            ),
            (&[("x-ratelimit-reset", "1795381230")], None),
            (
                &[
                    (
                        "anthropic-ratelimit-input-tokens-reset",
                        "2026-11-22T21:00:42Z",
                    ),
                    DATE,
                ],
                Some(42_000),
            ),
            (&[(REQUESTS, "soon"), ("x-other", "7s")], None),
        ];
        for (given, expected) in cases {
            let wait = reset(&headers(given));
            assert_eq!(wait, expected.map(Duration::from_millis), "{given:?}");
        }
    }

    #[test]
    fn an_error_says_it_in_its_details_or_in_words() {
        let google = |delay: Value| {
            json!([{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [
                {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []},
                {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]}}])
        };
        for (delay, expected) in [
            (json!("20s"), Some(20_000)),
            (json!("19.5s"), Some(19_500)),
            (json!({"seconds": 7, "nanos": 1}), Some(7000)),
            (json!({"seconds": "8"}), Some(8000)),
            (json!(9), None),
        ] {
            let wait = told(&google(delay.clone()), "");
            assert_eq!(wait, expected.map(Duration::from_millis), "{delay}");
        }
        for (message, expected) in [
            ("Please retry in 20s.", Some(20_000)),
            ("Please retry in 19.531474s", Some(19_531)),
            (
                "Limit 30000, Used 29000. Please try again in 56s. Visit us in 2026.",
                Some(56_000),
            ),
            ("try again in 1m30s,", Some(90_000)),
            ("try again in 500ms", Some(500)),
            ("Please retry after 20 seconds", Some(20_000)),
            ("wait 1 minute and 5 seconds (org in 1)", Some(65_000)),
            ("in organization org-7 on tokens per min, in 3", None),
            ("Rate limit reached", None),
        ] {
            let wait = told(&Value::Null, message);
            let wait = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap());
            assert_eq!(wait, expected, "{message}");
        }
    }
}
