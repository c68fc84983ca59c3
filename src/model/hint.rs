//! Advice that travels with an error: what the user can do about it, apart from what went wrong.
//! Not how either is shown.

use std::fmt;

/// An error with advice. Reads and chains as the error it wraps.
pub struct Hinted {
    error: anyhow::Error,
    hint: String,
}

impl Hinted {
    /// `error` with advice beside it.
    pub fn attach(error: anyhow::Error, hint: impl Into<String>) -> anyhow::Error {
        let hint = hint.into();
        anyhow::Error::new(Self { error, hint })
    }

    /// One imperative sentence, without a period.
    pub fn hint(&self) -> &str {
        &self.hint
    }
}

impl fmt::Display for Hinted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, out)
    }
}

impl fmt::Debug for Hinted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, out)
    }
}

impl std::error::Error for Hinted {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.error.downcast_ref::<Self>() {
            // It says the same, but its advice is its own.
            Some(hinted) => Some(hinted),
            None => self.error.source(),
        }
    }
}

/// Attaches advice to a failure.
pub trait ResultExt<T> {
    /// # Errors
    /// The same error, with `hint` beside it.
    fn hint(self, hint: impl Into<String>) -> anyhow::Result<T>;

    /// The same for an error that has no advice yet: whoever knows less does not talk beside those
    /// who know more.
    ///
    /// # Errors
    /// The same error.
    fn hint_if_none(self, hint: impl Into<String>) -> anyhow::Result<T>;
}

impl<T> ResultExt<T> for anyhow::Result<T> {
    fn hint(self, hint: impl Into<String>) -> Self {
        self.map_err(|error| Hinted::attach(error, hint))
    }

    fn hint_if_none(self, hint: impl Into<String>) -> Self {
        self.map_err(|error| {
            if error.chain().any(|cause| cause.is::<Hinted>()) {
                error
            } else {
                Hinted::attach(error, hint)
            }
        })
    }
}
