//! Why an answer cannot be used. Not a refusal or a failure of the provider: the model answered,
//! but not what was asked.

use std::fmt;

/// One line, for people and for the model that is asked to repair its answer. Holds nothing that
/// steers a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint(String);

impl Complaint {
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().escape_debug().to_string())
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Complaint {}
