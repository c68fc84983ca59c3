//! What a model is asked, in no protocol's words.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::model::Parameter;

/// One question to a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The provider's name for the model.
    pub model: String,
    /// Who the model is and what it is to do: the same for every text of a recipe, so that
    /// providers can cache it.
    pub system: String,
    /// The text that is asked about, marked as data.
    pub user: String,
    /// What the answer must fill, in the strictest subset that providers share.
    pub schema: Arc<Value>,
    /// Letters, digits, `_` and `-`, at most 64.
    pub schema_name: String,
    /// The most tokens of an answer, reasoning included.
    pub max_output_tokens: u32,
    /// The tokens that question and answer may take together, where the user or the table of
    /// models says so. Ollama has to be told.
    pub context_window: Option<u64>,
    /// Only what the user set, by the names of the settings: `temperature`, `effort`, `seed`.
    pub parameters: BTreeMap<String, Parameter>,
    /// The second attempt, after an answer that could not be used.
    pub repair: Option<Repair>,
}

/// An answer that could not be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    pub answer: String,
    pub complaint: String,
}
