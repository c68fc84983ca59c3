//! Which model is asked, and with what. Not where it is found: an endpoint or a key shapes no
//! answer and is not known here.

use std::collections::BTreeMap;

use crate::model::{Kind, Parameter};

/// What the user and the table of models say about the model that answers.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The provider's name, which recipes hold: `xai`.
    pub provider: String,
    /// The provider's name for the model.
    pub model: String,
    /// Only what the user set, by the names of the settings: `temperature`, `effort`, `seed`.
    pub parameters: BTreeMap<String, Parameter>,
    /// The prompts of the team's own kinds, by kind: the whole text of each file.
    pub prompts: BTreeMap<Kind, String>,
    /// The most tokens of an answer, reasoning included.
    pub max_output_tokens: u32,
    /// The tokens that question and answer may take together; `None` if nobody knows.
    pub context_window: Option<u64>,
    /// How many bytes a thousand tokens of this model are, as measured or [`Asked::BYTES_PER_1000_TOKENS`].
    pub bytes_per_1000_tokens: u64,
    /// How many tokens its answers had in earlier runs, reasoning included, if there were any.
    pub answer_tokens: Option<u64>,
}

impl Asked {
    /// Enough for a long document with the reasoning before it.
    pub const MAX_OUTPUT_TOKENS: u32 = 16_384;

    /// Source code in the vocabularies of today's models, before any usage is known.
    pub const BYTES_PER_1000_TOKENS: u64 = 3_500;

    /// A model with nothing said about it.
    pub fn new(provider: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            provider: provider.into(),
            model: model.into(),
            parameters: BTreeMap::new(),
            prompts: BTreeMap::new(),
            max_output_tokens: Self::MAX_OUTPUT_TOKENS,
            context_window: None,
            bytes_per_1000_tokens: Self::BYTES_PER_1000_TOKENS,
            answer_tokens: None,
        }
    }
}
