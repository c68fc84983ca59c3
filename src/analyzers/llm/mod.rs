//! The language model as an analyzer: what it is asked about a text, and what its answer means.
//!
//! Not here: sending (provider), attempts and budgets (scan). Everything is a pure function of
//! text, recipe and answer.

mod asked;
mod budget;
mod claim;
mod complaint;
mod fence;
mod joining;
mod lines;
mod mending;
mod piece;
mod prompt;
mod quote;
mod reading;
mod reply;
mod split;
#[cfg(test)]
mod tests;

pub use asked::Asked;
pub use complaint::Complaint;
pub use piece::{Estimate, Piece};

use std::path::PathBuf;
use std::sync::Arc;

use self::budget::Budget;
use self::lines::Lines;
use self::prompt::Prompt;
use super::local::{self, Outline};
use super::{Local, Source, secrets};
use crate::model::{Analysis, FORMAT, Kind, Language, Recipe, Skip};
use crate::provider::{Request, Stated};

/// Raised whenever the same answer would be read otherwise: every entry made before is then a miss.
pub(super) const REVISION: u32 = 1;

/// The version of what an answer must fill.
pub(super) const SCHEMA: u32 = 1;

/// What is asked to find out how a model can be asked. No code of anybody's.
const TRIED: Source<'_> = Source {
    text: b"fn main() {}\n",
    language: Language::Rust,
};
const TRIAL: &str = "This is a test of the connection. Answer in JSON: \"summary\" is \"ok\", \
    \"findings\" and \"suggestions\" are [], \"document\" is null.";

/// Room for that answer, and no more.
const TRIAL_TOKENS: u32 = 128;

/// A language model with all that shapes its answers.
#[derive(Clone, Debug)]
pub struct Llm {
    asked: Asked,
    program: Option<PathBuf>,
}

impl Llm {
    pub const fn new(asked: Asked) -> Self {
        Self {
            asked,
            program: None,
        }
    }

    /// Has `program`, which is this one, parse texts in processes of its own: see [`Apart`].
    ///
    /// [`Apart`]: crate::analyzers::Apart
    #[must_use]
    pub fn apart(self, program: PathBuf) -> Self {
        Self {
            program: Some(program),
            ..self
        }
    }

    fn outline(&self, source: Source<'_>, limit: usize) -> Option<Outline> {
        local::outline(self.program.as_deref(), source, limit)
    }

    pub const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Takes over what the provider says of the model's limits. Is it less than was known?
    pub fn limit(&mut self, stated: Stated) -> bool {
        let asked = &mut self.asked;
        match stated {
            Stated::Window(window) => {
                let is_less = asked.context_window.is_none_or(|known| window < known);
                asked.context_window = asked.context_window.filter(|_| !is_less).or(Some(window));
                is_less
            }
            Stated::Output(most) => {
                let most = u32::try_from(most).unwrap_or(u32::MAX);
                let is_less = most < asked.max_output_tokens;
                asked.max_output_tokens = most.min(asked.max_output_tokens);
                is_less
            }
        }
    }

    /// The recipe by which this model answers `kind` for `language`; `None` if it has no prompt.
    pub fn recipe(&self, kind: &Kind, language: Language) -> Option<Recipe> {
        Some(Recipe {
            format: FORMAT,
            kind: kind.clone(),
            analyzer: self.asked.provider.clone(),
            revision: REVISION,
            language: language.name().to_owned(),
            prompt: Some(self.prompt(kind)?.ingredient()),
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
        let refused = Local::default().refuses(source);
        refused.or_else(|| {
            let line = secrets::first(source.text)?;
            Some(Skip::Secret { line })
        })
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
        let prompt = self.prompt(kind).ok_or(Skip::UnknownLanguage)?;
        let room = self.budget().room(prompt.ingredient().len() as u64);
        self.pieces(source, &prompt, None, room.unwrap_or(u64::MAX))
    }

    /// What to ask instead of `piece`, which has turned out to be too long for the model: parts of
    /// half its size at the most.
    ///
    /// # Errors
    /// As [`Llm::ask`].
    pub fn part(&self, source: Source<'_>, kind: &Kind, piece: &Piece) -> Result<Vec<Piece>, Skip> {
        let prompt = self.prompt(kind).ok_or(Skip::UnknownLanguage)?;
        let text = std::str::from_utf8(source.text).map_err(|_| Skip::NotUtf8)?;
        let half = Lines::of(text).bytes(&piece.lines).len() as u64 / 2;
        self.pieces(source, &prompt, Some(piece), half)
    }

    /// What to ask instead of `piece` by the limits that are known by now.
    ///
    /// # Errors
    /// As [`Llm::ask`].
    pub fn again(
        &self,
        source: Source<'_>,
        kind: &Kind,
        piece: &Piece,
    ) -> Result<Vec<Piece>, Skip> {
        let prompt = self.prompt(kind).ok_or(Skip::UnknownLanguage)?;
        let room = self.budget().room(prompt.ingredient().len() as u64);
        self.pieces(source, &prompt, Some(piece), room.unwrap_or(u64::MAX))
    }

    /// Requests about `whole`, or all of a text, of `room` bytes at the most.
    fn pieces(
        &self,
        source: Source<'_>,
        prompt: &Prompt,
        whole: Option<&Piece>,
        room: u64,
    ) -> Result<Vec<Piece>, Skip> {
        let text = std::str::from_utf8(source.text).map_err(|_| Skip::NotUtf8)?;
        let lines = Lines::of(text);
        let within = whole.map_or_else(|| lines.all(), |piece| piece.lines.clone());
        let parts = split::split(&lines, within, room, |limit| self.outline(source, limit))?;
        let piece = |part| Piece {
            request: self.request(prompt, prompt.question(source.language, &lines, &part)),
            lines: part,
        };
        Ok(parts.into_iter().map(piece).collect())
    }

    /// Reads an answer to `piece` strictly: what it cannot prove with a quote from the text is
    /// dropped, what does not fill the schema is no answer.
    ///
    /// # Errors
    /// What is wrong with the answer, for a second attempt ([`crate::provider::Repair`]) and for
    /// people.
    pub fn read(
        &self,
        source: Source<'_>,
        kind: &Kind,
        piece: &Piece,
        answer: &str,
    ) -> Result<Analysis, Complaint> {
        let prompt = self
            .prompt(kind)
            .ok_or_else(|| Complaint::new(format!("Nobody asked about {kind}.")))?;
        let outline = || self.outline(source, usize::MAX);
        reading::read(source, kind, &prompt, piece, answer, outline)
    }

    /// One analysis of those of all pieces of a text, in the order of the pieces.
    pub fn join(&self, _kind: &Kind, analyses: Vec<Analysis>) -> Analysis {
        joining::join(analyses)
    }

    /// What asking would take. A text that would be skipped takes nothing.
    pub fn estimate(&self, source: Source<'_>, kind: &Kind) -> Estimate {
        let budget = self.budget();
        let mut estimate = Estimate::default();
        for piece in self.ask(source, kind).unwrap_or_default() {
            let request = &piece.request;
            let tokens = budget.input((request.system.len() + request.user.len()) as u64);
            estimate.requests += 1;
            estimate.input_tokens.start += tokens.start;
            estimate.input_tokens.end += tokens.end;
            estimate.output_tokens += u64::from(request.max_output_tokens);
        }
        estimate
    }

    /// A tiny question in the form of all others: the same roles, schema and parameters, a few words
    /// and a short answer.
    pub fn trial(&self) -> Piece {
        let prompt = Prompt {
            system: TRIAL.to_owned(),
        };
        let mut request = self.request(&prompt, String::from_utf8_lossy(TRIED.text).into_owned());
        request.max_output_tokens = request.max_output_tokens.min(TRIAL_TOKENS);
        Piece {
            request,
            lines: 1..2,
        }
    }

    /// Reads the answer to [`Llm::trial`] as any other.
    ///
    /// # Errors
    /// As [`Llm::read`].
    pub fn read_trial(&self, trial: &Piece, answer: &str) -> Result<(), Complaint> {
        self.read(TRIED, &Kind::Refactor, trial, answer).map(drop)
    }

    fn prompt(&self, kind: &Kind) -> Option<Prompt> {
        Prompt::of(kind, &self.asked.prompts)
    }

    fn budget(&self) -> Budget {
        Budget::of(&self.asked)
    }

    fn request(&self, prompt: &Prompt, question: String) -> Request {
        Request {
            model: self.asked.model.clone(),
            system: prompt.system.clone(),
            user: question,
            schema: Arc::clone(&prompt::SCHEMA),
            schema_name: "analysis".to_owned(),
            max_output_tokens: self.budget().output(),
            context_window: self.asked.context_window,
            parameters: self.asked.parameters.clone(),
            repair: None,
        }
    }
}
