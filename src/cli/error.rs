//! How a failure is worded: what was being done to which thing, the cause, and advice apart from
//! both. Not where it is printed.

use anyhow::Error;

use crate::model::Hinted;

/// The chain of an error on one line, from what was being done to the innermost cause.
///
/// A cause that the sentence before already ends with is not said twice.
pub fn sentence(error: &Error) -> String {
    let mut sentence = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        let cause = cause.trim();
        if sentence.is_empty() {
            sentence.push_str(cause);
        } else if !sentence.ends_with(cause) {
            sentence.push_str(": ");
            sentence.push_str(cause);
        }
    }
    sentence
}

/// The advice that travels with an error, outermost first.
pub fn hints(error: &Error) -> Vec<&str> {
    let causes = error.chain();
    causes
        .filter_map(|cause| cause.downcast_ref::<Hinted>())
        .map(Hinted::hint)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ResultExt;
    use anyhow::{Context, Result, anyhow};

    fn failure() -> Error {
        let inner: Result<()> = Err(anyhow!("permission denied"));
        inner
            .context("cannot read 'a.rs'")
            .hint("see who owns it")
            .context("cannot analyse 'a.rs'")
            .unwrap_err()
    }

    #[test]
    fn an_error_says_what_was_done_and_then_why_it_failed() {
        assert_eq!(
            sentence(&failure()),
            "cannot analyse 'a.rs': cannot read 'a.rs': permission denied"
        );
    }

    #[test]
    fn advice_is_found_under_any_context() {
        assert_eq!(hints(&failure()), ["see who owns it"]);
        assert!(hints(&anyhow!("no advice")).is_empty());
    }

    #[test]
    fn a_cause_that_was_already_said_is_not_repeated() {
        let error = anyhow!("disk full").context("cannot write: disk full");
        assert_eq!(sentence(&error), "cannot write: disk full");
    }
}
