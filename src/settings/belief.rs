//! How the values are read that say whose analyses count, and whether one's own are signed.

use super::value::{Wrong, truth};
use crate::model::{Signing, Trust};

/// Whose analyses count.
///
/// # Errors
/// If it is none of the three words.
pub fn trust(text: &str) -> Result<Trust, Wrong> {
    match text {
        "any" => Ok(Trust::Any),
        "signed" => Ok(Trust::Signed),
        "none" => Ok(Trust::Nobody),
        _ => Err(format!("there is no such trust as '{text}'")),
    }
}

/// Whether to sign; `None` for an empty text.
///
/// # Errors
/// If git reads neither yes nor no in it.
pub fn signing(text: &str) -> Result<Option<Signing>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    Ok(Some(match truth(text)? {
        true => Signing::Signed,
        false => Signing::Unsigned,
    }))
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
    }
}
