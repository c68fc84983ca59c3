//! Why an answer cannot be used. Not a refusal or a failure of the provider: the model answered,
//! but not what was asked, be it that it declined in the words of an answer.

/// One line, for people and for the model that is asked to repair its answer. Holds nothing that
/// steers a terminal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Complaint {
    text: String,
    is_refusal: bool,
}

impl Complaint {
    pub fn new(text: impl AsRef<str>) -> Self {
        Self {
            text: text.as_ref().escape_debug().to_string(),
            is_refusal: false,
        }
    }

    /// The model has filled the schema with words that decline.
    pub fn refusal(words: &str) -> Self {
        const LONGEST: usize = 200;
        let words: String = words.chars().take(LONGEST).collect();
        Self {
            is_refusal: true,
            ..Self::new(format!("The model declines: {words}"))
        }
    }

    /// Would it decline again?
    pub const fn is_refusal(&self) -> bool {
        self.is_refusal
    }
}
