//! Parses values of settings, in git's notation. `resolve` chooses among several values.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

use super::asking::Consent;
use super::spelling::{closest, short};
use crate::git;
use crate::model::{Kind, Level, Publish, Signing, Trust, Ttl, Usd};

/// Why a value is invalid, without a period.
pub type Wrong = String;

/// Size limit of a single value.
const MOST_BYTES: usize = 1024;

/// # Errors
/// If the value is too long.
pub fn expect_short(text: &str) -> Result<(), Wrong> {
    if text.len() > MOST_BYTES {
        Err(format!("longer than {MOST_BYTES} bytes"))
    } else {
        Ok(())
    }
}

/// The words of a list: separated by commas, spaces, or both.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace())
        .filter(|word| !word.is_empty())
}

/// Parses kinds, in order. `all` means every built-in kind; `own` has the custom kinds.
///
/// # Errors
/// If a kind is unknown.
pub fn kinds<T>(text: &str, own: &BTreeMap<Kind, T>) -> Result<Vec<Kind>, Wrong> {
    let mut kinds = Vec::new();
    for word in words(text) {
        match word {
            "all" => kinds.extend(Kind::BUILT_IN),
            name => kinds.push(kind(name, own)?),
        }
    }
    Ok(kinds)
}

fn kind<T>(name: &str, own: &BTreeMap<Kind, T>) -> Result<Kind, Wrong> {
    let named = name.parse::<Kind>().ok();
    let known = named.filter(|kind| Kind::BUILT_IN.contains(kind) || own.contains_key(kind));
    known.ok_or_else(|| {
        let names = Kind::BUILT_IN.iter().chain(own.keys());
        let names = names.map(Kind::name).chain(["all"]);
        let meant = closest(name, names);
        let name = short(name);
        match meant {
            Some(meant) => format!("unknown kind '{name}'; did you mean '{meant}'?"),
            None => format!("unknown kind '{name}'"),
        }
    })
}

/// Parses a number of bytes, with git's `k`, `m` and `g`.
///
/// # Errors
/// If it is not a whole number, or negative.
pub fn size(text: &str) -> Result<u64, Wrong> {
    u64::try_from(whole(text)?).map_err(|_| "a size cannot be negative".to_owned())
}

/// Parses a number of jobs; `None` means one per processor.
///
/// # Errors
/// If it is not a whole number, or negative.
pub fn jobs(text: &str) -> Result<Option<NonZeroUsize>, Wrong> {
    let count = usize::try_from(whole(text)?).map_err(|_| "out of range".to_owned())?;
    Ok(NonZeroUsize::new(count))
}

/// Parses a threshold of a rule.
///
/// # Errors
/// If it is not a whole number, or negative.
pub fn threshold(text: &str) -> Result<i64, Wrong> {
    match whole(text)? {
        negative if negative < 0 => Err("a threshold cannot be negative".to_owned()),
        value => Ok(value),
    }
}

fn whole(text: &str) -> Result<i64, Wrong> {
    git::integer(text.trim()).ok_or_else(|| "not a whole number".to_owned())
}

/// Parses `never`, or a duration in hours, days or weeks; a day has 24 hours.
///
/// # Errors
/// If it is neither, or not positive.
pub fn ttl(text: &str) -> Result<Ttl, Wrong> {
    if text.eq_ignore_ascii_case("never") {
        return Ok(Ttl::Forever);
    }
    let span: Span = text.parse().map_err(|_| "not a duration".to_owned())?;
    let length = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| "months and years vary in length: use days".to_owned())?;
    if length > SignedDuration::ZERO {
        Ok(Ttl::For(length))
    } else {
        Err("a duration must be positive".to_owned())
    }
}

/// Parses a duration, in seconds if there is no unit; zero is valid.
///
/// # Errors
/// If it is not a duration, or negative.
pub fn wait(text: &str) -> Result<Duration, Wrong> {
    let seconds = text.trim().parse().map(Duration::from_secs).ok();
    let written = || text.parse::<SignedDuration>().ok()?.try_into().ok();
    seconds
        .or_else(written)
        .ok_or_else(|| "not a duration".to_owned())
}

/// Parses a name; empty means none.
///
/// # Errors
/// Never.
pub fn name(text: &str) -> Result<Option<String>, Wrong> {
    Ok(Some(text.trim().to_owned()).filter(|name| !name.is_empty()))
}

/// Parses a limit; 'none' means no limit.
///
/// # Errors
/// If it is neither.
fn limit<T>(text: &str, read: impl Fn(&str) -> Result<T, Wrong>) -> Result<Option<T>, Wrong> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("none") {
        Ok(None)
    } else {
        read(text).map(Some)
    }
}

/// Parses a limit of money.
///
/// # Errors
/// If it is none.
pub fn cost_limit(text: &str) -> Result<Option<Usd>, Wrong> {
    limit(text, dollars)
}

/// Parses a limit of tokens or requests.
///
/// # Errors
/// If it is none.
pub fn count_limit(text: &str) -> Result<Option<u64>, Wrong> {
    limit(text, tokens)
}

/// Parses an amount of US dollars.
///
/// # Errors
/// If it is not an amount.
fn dollars(text: &str) -> Result<Usd, Wrong> {
    text.parse().map_err(str::to_owned)
}

/// Parses a number of tokens: `k` and `m` are decimal thousands and millions.
///
/// # Errors
/// If it is not a positive whole number.
pub fn tokens(text: &str) -> Result<u64, Wrong> {
    let (digits, unit) = match text
        .trim()
        .to_ascii_lowercase()
        .split_at_checked(text.trim().len().saturating_sub(1))
    {
        Some((digits, "k")) => (digits.to_owned(), 1_000),
        Some((digits, "m")) => (digits.to_owned(), 1_000_000),
        _ => (text.trim().to_owned(), 1),
    };
    let number: Option<u64> = digits.parse().ok();
    match number.and_then(|number| number.checked_mul(unit)) {
        Some(0) => Err("must be positive".to_owned()),
        Some(number) => Ok(number),
        None => Err("not a whole number".to_owned()),
    }
}

/// Parses a number of parallel requests.
///
/// # Errors
/// If it is not a number from 1 to 256.
pub fn concurrency(text: &str) -> Result<NonZeroUsize, Wrong> {
    let number = jobs(text)?.filter(|number| number.get() <= 256);
    number.ok_or_else(|| "out of range".to_owned())
}

/// Parses a positive duration.
///
/// # Errors
/// If it is not one.
pub fn duration(text: &str) -> Result<Duration, Wrong> {
    match ttl(text)? {
        Ttl::For(length) => Duration::try_from(length).map_err(|_| "out of range".to_owned()),
        Ttl::Forever => Err("not a duration".to_owned()),
    }
}

/// Parses a date: `2026-11-01`.
///
/// # Errors
/// If it is not a date.
pub fn date(text: &str) -> Result<String, Wrong> {
    let date: jiff::civil::Date = text.parse().map_err(|_| "not a date".to_owned())?;
    Ok(date.to_string())
}

/// Parses a boolean like git.
///
/// # Errors
/// If it is not a boolean.
pub fn truth(text: &str) -> Result<bool, Wrong> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" | "" => Ok(false),
        _ => Err("not true or false".to_owned()),
    }
}

/// Parses the most tokens of one answer.
///
/// # Errors
/// If it is not a number of tokens.
pub fn output_tokens(text: &str) -> Result<u32, Wrong> {
    u32::try_from(tokens(text)?).map_err(|_| "out of range".to_owned())
}

/// Parses whether to send code without asking.
///
/// # Errors
/// If it is not a boolean.
pub fn consent(text: &str) -> Result<Consent, Wrong> {
    truth(text.trim()).map(|given| if given { Consent::Given } else { Consent::Ask })
}

/// Parses which analyses to publish.
///
/// # Errors
/// If the value is not one of the three words.
pub fn publish(text: &str) -> Result<Publish, Wrong> {
    match text {
        "all" => Ok(Publish::All),
        "paid" => Ok(Publish::Paid),
        "none" => Ok(Publish::Nothing),
        _ => Err(format!("unknown value '{text}'")),
    }
}

/// Parses `never`, or the level at which findings fail a run.
///
/// # Errors
/// If it is neither.
pub fn fail_on(text: &str) -> Result<Option<Level>, Wrong> {
    match text {
        "never" => Ok(None),
        name => name.parse().map(Some),
    }
}

/// Parses a full ref name that ends with the format version.
///
/// # Errors
/// If git does not accept the name, or the version differs.
pub fn shared_ref(text: &str) -> Result<String, Wrong> {
    let part = |part: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        !part.is_empty()
            && part.chars().all(plain)
            && !part.starts_with(['.', '-'])
            && !part.contains("..")
            && !part.ends_with(".lock")
            && !part.ends_with('.')
    };
    let parts: Vec<&str> = text.split('/').collect();
    let ours = ["refs/rustassistant/local/", "refs/rustassistant/remotes/"];
    match parts.as_slice() {
        _ if ours.iter().any(|ours| text.starts_with(ours)) => {
            Err("reserved for the local store of a clone".to_owned())
        }
        ["refs", .., "v1"] if parts.len() >= 4 && parts.iter().copied().all(part) => {
            Ok(text.to_owned())
        }
        _ => Err("not a valid ref name".to_owned()),
    }
}

/// Parses whose analyses to use.
///
/// # Errors
/// If the value is not one of the three words.
pub fn trust(text: &str) -> Result<Trust, Wrong> {
    match text {
        "any" => Ok(Trust::Any),
        "signed" => Ok(Trust::Signed),
        "none" => Ok(Trust::Nobody),
        _ => Err(format!("unknown value '{text}'")),
    }
}

/// Parses whether to sign; `None` for an empty text.
///
/// # Errors
/// If the value is not a boolean for git.
pub fn signing(text: &str) -> Result<Option<Signing>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    Ok(Some(if truth(text)? {
        Signing::Signed
    } else {
        Signing::Unsigned
    }))
}

/// Parses the subject of a commit; `None` for an empty text.
///
/// # Errors
/// If the value is not one line.
pub fn message(text: &str) -> Result<Option<String>, Wrong> {
    let text = text.trim();
    if text.chars().any(char::is_control) || text.chars().count() > 200 {
        Err("not a single line of at most 200 characters".to_owned())
    } else {
        Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
    }
}

/// Parses a person in git's form; `None` for an empty text.
///
/// # Errors
/// If the value is not a name and email address.
pub fn author(text: &str) -> Result<Option<String>, Wrong> {
    let Some(text) = message(text)? else {
        return Ok(None);
    };
    let parts = text
        .strip_suffix('>')
        .and_then(|rest| rest.split_once(" <"));
    let plain = |part: &str| !part.trim().is_empty() && !part.contains(['<', '>']);
    if parts.is_some_and(|(name, address)| plain(name) && plain(address)) {
        Ok(Some(text))
    } else {
        Err("not a name and email address".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_written_with_commas_or_spaces() {
        let all: Vec<&str> = words(" a,b  c, ,d\t").collect();
        assert_eq!(all, ["a", "b", "c", "d"]);
    }

    #[test]
    fn kinds_are_named_or_all_meant() {
        let security = Kind::Custom("security".to_owned());
        let own = BTreeMap::from([(security.clone(), ())]);
        assert_eq!(
            kinds("docs, security", &own).unwrap(),
            [Kind::Docs, security]
        );
        assert_eq!(kinds("all", &own).unwrap(), Kind::BUILT_IN);
        assert_eq!(
            kinds("refctor", &own).unwrap_err(),
            "unknown kind 'refctor'; did you mean 'refactor'?"
        );
        assert!(kinds("../x", &own).is_err());
    }

    #[test]
    fn sizes_are_written_as_git_writes_them() {
        assert_eq!(size("512k"), Ok(512 * 1024));
        assert_eq!(size("1M"), Ok(1 << 20));
        assert_eq!(size("0"), Ok(0));
        for wrong in ["", "k", "1 kb", "1t", "1.5m", "-1", "99999999999g"] {
            assert!(size(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_ttl_is_a_length_of_time_or_never() {
        assert_eq!(ttl("never"), Ok(Ttl::Forever));
        assert_eq!(ttl("30d"), Ok(Ttl::For(SignedDuration::from_hours(720))));
        assert_eq!(ttl("12h"), Ok(Ttl::For(SignedDuration::from_hours(12))));
        for wrong in ["", "30", "1 month", "-3d", "0d", "soon", "99999999999999d"] {
            assert!(ttl(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_wait_is_in_seconds_unless_it_says_otherwise() {
        for (text, milliseconds) in [("10", 10_000), ("10s", 10_000), ("2m", 120_000), ("0", 0)] {
            assert_eq!(
                wait(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        assert_eq!(wait("300ms"), Ok(Duration::from_millis(300)));
        for wrong in ["", "-1s", "soon", "1d"] {
            assert!(wait(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn truth_is_what_git_takes_for_it() {
        assert_eq!((truth("yes"), truth("off")), (Ok(true), Ok(false)));
        assert!(truth("maybe").is_err());
    }

    #[test]
    fn a_shared_ref_says_its_version_and_is_none_that_a_clone_keeps() {
        for good in ["refs/rustassistant/shared/v1", "refs/heads/team/cache/v1"] {
            assert_eq!(shared_ref(good).as_deref(), Ok(good));
        }
        for wrong in [
            "",
            "refs/heads/main",
            "refs/v1",
            "refs/heads/v1",
            "heads/a/b/v1",
            "refs/heads/a b/v1",
            "refs/heads/../v1",
            "refs/heads//v1",
            "refs/heads/-x/v1",
            "refs/heads/a.lock/v1",
            "refs/rustassistant/local/v1",
            "refs/rustassistant/remotes/origin/v1",
        ] {
            assert!(shared_ref(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_jobs_means_as_many_as_there_are_processors() {
        assert_eq!(jobs("0"), Ok(None));
        assert_eq!(jobs("3"), Ok(NonZeroUsize::new(3)));
        assert!(jobs("-1").is_err() && jobs("many").is_err());
    }

    #[test]
    fn a_budget_is_an_amount_or_none() {
        assert_eq!(limit("none", dollars), Ok(None));
        assert_eq!(limit("0.50", dollars).unwrap().unwrap().to_string(), "0.5");
        assert_eq!(limit("200k", tokens), Ok(Some(200_000)));
        assert_eq!(tokens("2M"), Ok(2_000_000));
        for wrong in [
            "",
            "k",
            "0",
            "-1",
            "1.5k",
            "é",
            "many",
            "99999999999999999999",
        ] {
            assert!(tokens(wrong).is_err(), "{wrong:?}");
        }
        assert!(limit("$1", dollars).is_err());
    }

    #[test]
    fn findings_fail_a_run_from_a_level_on_or_never() {
        assert_eq!(fail_on("never"), Ok(None));
        assert_eq!(fail_on("warning"), Ok(Some(Level::Warning)));
        assert!(fail_on("Warnings").is_err());
    }

    #[test]
    fn three_words_say_whom_to_trust_and_nothing_leaves_signing_to_git() {
        assert_eq!(trust("none"), Ok(Trust::Nobody));
        assert!(trust("Any").is_err(), "a word is written one way");
        assert_eq!(signing(""), Ok(None));
        assert_eq!(signing("yes"), Ok(Some(Signing::Signed)));
        assert!(signing("maybe").is_err());
        let ana = "Ana Example <ana@example.com>";
        assert_eq!(author(ana), Ok(Some(ana.to_owned())));
        for wrong in [
            "Ana",
            "<ana@example.com>",
            "Ana <a> <b>",
            "Ana <a>\nx",
            "Ana <>",
        ] {
            assert!(author(wrong).is_err(), "{wrong}");
        }
        assert_eq!(message(" "), Ok(None));
        assert!(message("a\nb").is_err());
    }
}
