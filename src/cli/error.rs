//! Formats errors: the operation and its object, the cause, and hints separately. `printer` prints
//! them.

use anyhow::Error;

use crate::model::Hinted;

/// The error chain on one line, from the outermost context to the innermost cause. Does not repeat a
/// cause that the line already ends with.
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

/// The hints attached to an error, outermost first.
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
            .context("cannot analyze 'a.rs'")
            .unwrap_err()
    }

    #[test]
    fn an_error_says_what_was_done_and_then_why_it_failed() {
        assert_eq!(
            sentence(&failure()),
            "cannot analyze 'a.rs': cannot read 'a.rs': permission denied"
        );
    }

    #[test]
    fn advice_is_found_under_any_context() {
        assert_eq!(hints(&failure()), ["see who owns it"]);
        assert!(hints(&anyhow!("no advice")).is_empty());
    }

    #[test]
    fn advice_beside_advice_is_kept_and_the_error_said_once() {
        let inner: Result<()> = Err(anyhow!("no such ref"));
        let error = inner.hint("first").hint("second").unwrap_err();
        assert_eq!(hints(&error), ["second", "first"]);
        assert_eq!(sentence(&error), "no such ref");
    }

    #[test]
    fn a_cause_that_was_already_said_is_not_repeated() {
        let error = anyhow!("disk full").context("cannot write: disk full");
        assert_eq!(sentence(&error), "cannot write: disk full");
    }
}
