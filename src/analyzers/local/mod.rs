//! The embedded analyzer: syntax trees, metrics and rules; offline, and a pure function of
//! (text, recipe). Not a compiler: it knows what one file alone shows.

mod apart;
mod bounded;
mod comment;
mod dialect;
mod docs;
mod encoding;
mod explanation;
mod figures;
mod grammar;
mod health;
mod lexing;
mod macros;
mod naming;
mod outline;
mod parsing;
mod phrase;
mod preprocessor;
mod refactor;
mod refusal;
mod role;
mod rules;
mod sightings;
mod strain;
pub(super) mod subject;
mod suppression;
mod thresholds;
mod todos;

pub use apart::{Apart, COMMAND, outline, serve};
pub use outline::Outline;
pub use role::{holds_in, in_role};
pub use rules::{Example, RULES, Rule, example_of};
pub use thresholds::{Threshold, Thresholds};

use std::path::PathBuf;

use self::grammar::Grammar;
use self::subject::Subject;
use crate::analyzers::Source;
use crate::model::{About, Analysis, FORMAT, Kind, Language, Recipe, Skip};

/// The changes of what is answered, oldest first, by what they concern: a kind, a language, or with
/// `None` all of them. One line more for whenever a rule, a formula or a text changes: entries that it
/// concerns are then misses, and no others.
const CHANGES: &[Change] = &[];

/// The kind and the language that answers changed for.
type Change = (Option<Kind>, Option<Language>);

/// Which revision of this analyzer answers `kind` for `language`, from 1.
pub(super) fn revision(kind: &Kind, language: Language) -> u32 {
    revision_after(CHANGES, kind, language)
}

fn revision_after(changes: &[Change], kind: &Kind, language: Language) -> u32 {
    let concerned = changes.iter().filter(|(of, within)| {
        of.as_ref().is_none_or(|of| of == kind) && within.is_none_or(|within| within == language)
    });
    u32::try_from(concerned.count()).map_or(u32::MAX, |count| count.saturating_add(1))
}

/// The version of what an analysis holds.
pub(super) const SCHEMA: u32 = 1;

/// The embedded analyzer with the thresholds that its user set.
#[derive(Clone, Debug, Default)]
pub struct Local {
    thresholds: Thresholds,
    program: Option<PathBuf>,
}

impl Local {
    pub const fn new(thresholds: Thresholds) -> Self {
        Self {
            thresholds,
            program: None,
        }
    }

    /// Has [`Apart`] start `program`, which is this one, to analyse in processes of its own, and
    /// nowhere else.
    #[must_use]
    pub fn apart(self, program: PathBuf) -> Self {
        Self {
            program: Some(program),
            ..self
        }
    }

    /// The recipe by which this analyzer answers `kind` for `language`; `None` if it cannot.
    pub fn recipe(&self, kind: &Kind, language: Language) -> Option<Recipe> {
        if matches!(kind, Kind::Custom(_)) || Grammar::of(language).is_none() {
            return None;
        }
        Some(Recipe {
            format: FORMAT,
            kind: kind.clone(),
            analyzer: "local".to_owned(),
            revision: revision(kind, language),
            language: language.name().to_owned(),
            prompt: None,
            schema: SCHEMA,
            model: None,
            parameters: self.thresholds.parameters(kind),
        })
    }

    /// Why this text as a whole is not analysed, if so, without analysing it.
    pub fn refuses(&self, source: Source<'_>) -> Option<Skip> {
        refusal::of(source.text, source.language)
    }

    /// Answers several kinds about one text from one parse, in the order asked.
    ///
    /// # Errors
    /// The reason why this text as a whole is not analysed: generated, minified, no text.
    pub fn analyze(&self, source: Source<'_>, kinds: &[Kind]) -> Result<Vec<Analysis>, Skip> {
        match self.refuses(source) {
            Some(skip) => Err(skip),
            None => self.answer(source, kinds),
        }
    }

    /// As [`Local::analyze`], of a text that is not refused.
    fn answer(&self, source: Source<'_>, kinds: &[Kind]) -> Result<Vec<Analysis>, Skip> {
        let text = encoding::text_of(source.text).ok_or(Skip::NotUtf8)?;
        let subject = Subject::parse(text.as_bytes(), source.language)?;
        let answer = |kind: &Kind| {
            let mut analysis = match kind {
                // Sums up what is left when its suppressions are applied.
                Kind::Refactor => refactor::answer(&subject, &self.thresholds),
                Kind::Docs => docs::answer(&subject),
                Kind::Todos => todos::answer(&subject, &self.thresholds),
                Kind::Analysis => health::answer(&subject, &self.thresholds),
                Kind::Custom(_) => Analysis::default(),
            };
            if *kind != Kind::Refactor {
                suppression::apply(&subject, kind, &mut analysis);
            }
            for finding in &mut analysis.findings {
                finding.about = rules::find(&finding.rule).map_or(About::Text, |rule| rule.about);
                finding.roles = role::holds_in(kind, &finding.rule);
            }
            bounded::keep(&mut analysis);
            analysis
        };
        Ok(kinds.iter().map(answer).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_makes_stale_what_it_concerns_and_nothing_else() {
        let changes = [
            (Some(Kind::Refactor), Some(Language::Go)),
            (Some(Kind::Docs), None),
            (None, Some(Language::Go)),
        ];
        let after = |kind, language| revision_after(&changes, &kind, language);
        assert_eq!(after(Kind::Refactor, Language::Go), 3);
        assert_eq!(after(Kind::Refactor, Language::Rust), 1);
        assert_eq!(after(Kind::Docs, Language::Go), 3);
        assert_eq!(after(Kind::Docs, Language::Rust), 2);
        assert_eq!(after(Kind::Todos, Language::Java), 1);
    }
}
