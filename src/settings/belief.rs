//! Parses settings for trust, signing and publishing.

use super::value::{Wrong, truth};
use crate::model::{Signing, Trust};

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
