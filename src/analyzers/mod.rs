//! Turns one source text into an analysis, and says by which recipe.
//!
//! Not here: repositories, stores, paths. An analyzer sees bytes and a language, so that equal
//! bytes have equal answers wherever they lie.

pub mod llm;
pub mod local;
mod quoting;
pub mod secrets;

pub use llm::Llm;
pub use local::{Apart, Local, Thresholds, in_role};
pub use quoting::quotes_secret;
pub use secrets::first as line_of_secret;

use crate::model::{FORMAT, Kind, Language, Recipe, Skip};

/// One source text to be asked about.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    pub text: &'a [u8],
    pub language: Language,
}

/// Who answers in a run.
#[derive(Clone, Debug)]
pub enum Analyzer {
    /// Answers at once: [`Local::analyze`].
    Local(Local),
    /// Says what to ask and what an answer means: [`Llm::ask`], [`Llm::read`].
    Llm(Box<Llm>),
}

impl Analyzer {
    /// The recipe by which `kind` is answered for `language`; `None` if it cannot be.
    pub fn recipe(&self, kind: &Kind, language: Language) -> Option<Recipe> {
        match self {
            Self::Local(local) => local.recipe(kind, language),
            Self::Llm(llm) => llm.recipe(kind, language),
        }
    }

    /// Why this text as a whole is not analysed, if so, without analysing or sending it.
    pub fn refuses(&self, source: Source<'_>) -> Option<Skip> {
        match self {
            Self::Local(local) => local.refuses(source),
            Self::Llm(llm) => llm.refuses(source),
        }
    }
}

/// Does nobody follow this recipe any more, whatever they have set? So it is once an analyzer of
/// this program has a later revision, or asks for another form of answer.
pub fn is_superseded(recipe: &Recipe) -> bool {
    let language = Language::ALL
        .into_iter()
        .find(|known| known.name() == recipe.language);
    let (revision, schema) = match recipe.model {
        // Another program's languages are its own affair.
        None => {
            let now = language.map_or(0, |language| local::revision(&recipe.kind, language));
            (now, local::SCHEMA)
        }
        Some(_) => (llm::REVISION, llm::SCHEMA),
    };
    recipe.format < FORMAT || recipe.revision < revision || recipe.schema < schema
}

impl Default for Analyzer {
    fn default() -> Self {
        Self::Local(Local::default())
    }
}
