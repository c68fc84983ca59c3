//! How long a server asks to wait. Sources: RFC 9110 section 10.2.3; `retry-after-ms` as OpenAI's
//! own libraries read it.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::HeaderMap;

/// Nobody means more than a day, and arithmetic with it must not overflow.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Milliseconds before seconds before a date, which is counted from the answer's own date: the
/// clocks of two machines differ.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let number = |name: &str| text(name)?.trim().parse::<f64>().ok();
    let seconds = number("retry-after-ms")
        .map(|milliseconds| milliseconds / 1000.0)
        .or_else(|| number("retry-after"));
    let seconds = match seconds {
        Some(seconds) => seconds,
        None => {
            let at = |name: &str| DateTimeParser::new().parse_timestamp(text(name)?).ok();
            (at("retry-after")? - at("date")?)
                .total(jiff::Unit::Second)
                .ok()?
        }
    };
    let wait = Duration::try_from_secs_f64(seconds.max(0.0)).ok()?;
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::super::testing::headers;
    use super::*;

    #[test]
    fn milliseconds_seconds_and_dates_are_understood() {
        const DATE: (&str, &str) = ("date", "Sun, 22 Nov 2026 21:00:00 GMT");
        type Given = &'static [(&'static str, &'static str)];
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
            (&[("retry-after", "NaN")], Some(0)),
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
}
