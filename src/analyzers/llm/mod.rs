//! The language model as an analyzer: what it is asked about a text, and what its answer means.
//!
//! Not here: sending (provider), attempts and budgets (scan). Everything is a pure function of
//! text, recipe and answer.

mod asked;
mod complaint;
mod piece;

pub use asked::Asked;
pub use complaint::Complaint;
pub use piece::{Estimate, Piece};

use std::sync::Arc;

use super::{Local, Source};
use crate::model::{Analysis, FORMAT, Kind, Language, Recipe, Skip};
use crate::provider::Request;

/// Raised whenever the same answer would be read otherwise: every entry made before is then a miss.
const REVISION: u32 = 1;

/// The version of what an answer must fill.
const SCHEMA: u32 = 1;

/// A language model with all that shapes its answers.
#[derive(Clone, Debug)]
pub struct Llm {
    asked: Asked,
}

impl Llm {
    pub const fn new(asked: Asked) -> Self {
        Self { asked }
    }

    pub const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// The recipe by which this model answers `kind` for `language`; `None` if it has no prompt.
    pub fn recipe(&self, kind: &Kind, language: Language) -> Option<Recipe> {
        Some(Recipe {
            format: FORMAT,
            kind: kind.clone(),
            analyzer: self.asked.provider.clone(),
            revision: REVISION,
            language: language.name().to_owned(),
            prompt: Some(self.system(kind)?),
            schema: SCHEMA,
            model: Some(self.asked.model.clone()),
            parameters: self.asked.parameters.clone(),
        })
    }

    /// Why this text is not sent, if so: what the embedded analyzer refuses, and secrets.
    pub fn refuses(&self, source: Source<'_>) -> Option<Skip> {
        if source.text.trim_ascii().is_empty() {
            return Some(Skip::Empty);
        }
        Local::default().refuses(source)
    }

    /// What to ask about a text: one request, or several that part it where items end if it does
    /// not fit the model's context window.
    ///
    /// # Errors
    /// The reason why it cannot be asked: see [`Llm::refuses`], a kind without a prompt, or one
    /// item that does not fit the window.
    pub fn ask(&self, source: Source<'_>, kind: &Kind) -> Result<Vec<Piece>, Skip> {
        if let Some(skip) = self.refuses(source) {
            return Err(skip);
        }
        let system = self.system(kind).ok_or(Skip::UnknownLanguage)?;
        let text = std::str::from_utf8(source.text).map_err(|_| Skip::NotUtf8)?;
        let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX - 1);
        Ok(vec![Piece {
            request: self.request(system, text.to_owned()),
            lines: 1..lines + 1,
        }])
    }

    /// Reads an answer to `piece` strictly: what it cannot prove with a quote from the text is
    /// dropped, what does not fill the schema is no answer.
    ///
    /// # Errors
    /// What is wrong with the answer, for a second attempt ([`crate::provider::Repair`]) and for
    /// people.
    pub fn read(
        &self,
        _source: Source<'_>,
        _kind: &Kind,
        _piece: &Piece,
        answer: &str,
    ) -> Result<Analysis, Complaint> {
        let summary = answer.trim();
        if summary.is_empty() {
            return Err(Complaint::new("the answer is empty"));
        }
        Ok(Analysis {
            summary: summary.to_owned(),
            ..Analysis::default()
        })
    }

    /// One analysis of those of all pieces of a text, in the order of the pieces.
    pub fn join(&self, _kind: &Kind, analyses: Vec<Analysis>) -> Analysis {
        analyses.into_iter().next().unwrap_or_default()
    }

    /// What asking would take. A text that would be skipped takes nothing.
    pub fn estimate(&self, source: Source<'_>, kind: &Kind) -> Estimate {
        let pieces = self.ask(source, kind).unwrap_or_default();
        Estimate {
            requests: pieces.len() as u64,
            ..Estimate::default()
        }
    }

    fn system(&self, kind: &Kind) -> Option<String> {
        match kind {
            Kind::Custom(_) => self.asked.prompts.get(kind).cloned(),
            built_in => Some(built_in.name().to_owned()),
        }
    }

    fn request(&self, system: String, user: String) -> Request {
        Request {
            model: self.asked.model.clone(),
            system,
            user,
            schema: Arc::new(serde_json::json!({})),
            schema_name: "analysis".to_owned(),
            max_output_tokens: self.asked.max_output_tokens,
            context_window: self.asked.context_window,
            parameters: self.asked.parameters.clone(),
            repair: None,
        }
    }
}
