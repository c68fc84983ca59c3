//! Which recipe answers which kind for which language: one table a run.

use anyhow::Result;

use super::select::Reach;
use crate::analyzers::Analyzer;
use crate::model::{Fingerprint, Kind, Language, ObjectFormat, Recipe};

/// One question, as its answers are keyed.
#[derive(Clone, Debug)]
pub struct Question {
    pub recipe: Recipe,
    pub fingerprint: Fingerprint,
}

/// All questions of a run: kinds times languages.
#[derive(Clone, Debug)]
pub struct Questions {
    pub kinds: Vec<Kind>,
    parties: Vec<Party>,
    table: Vec<Option<Question>>,
}

/// Who answers a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Party {
    /// The place of its analyzer among those of the run.
    number: usize,
    reach: Reach,
}

impl Questions {
    /// All kinds answered by one.
    ///
    /// # Errors
    /// Never in practice: every recipe has a fingerprint.
    pub fn new(analyzer: &Analyzer, kinds: &[Kind], format: ObjectFormat) -> Result<Self> {
        let kinds: Vec<(Kind, usize)> = kinds.iter().map(|kind| (kind.clone(), 0)).collect();
        Self::parted(&[analyzer], &kinds, format)
    }

    /// Each kind with the number of the analyzer that answers it.
    ///
    /// # Errors
    /// As [`Questions::new`].
    pub fn parted(
        analyzers: &[&Analyzer],
        kinds: &[(Kind, usize)],
        format: ObjectFormat,
    ) -> Result<Self> {
        let mut table = Vec::new();
        for language in Language::ALL {
            for (kind, number) in kinds {
                let question = match analyzers[*number].recipe(kind, language) {
                    Some(recipe) => Some(Question {
                        fingerprint: recipe.fingerprint(format)?,
                        recipe,
                    }),
                    None => None,
                };
                table.push(question);
            }
        }
        let party = |(_, number): &(Kind, usize)| Party {
            number: *number,
            reach: match analyzers[*number] {
                Analyzer::Local(_) => Reach::Here,
                Analyzer::Llm(_) => Reach::Provider,
            },
        };
        Ok(Self {
            parties: kinds.iter().map(party).collect(),
            kinds: kinds.iter().map(|(kind, _)| kind.clone()).collect(),
            table,
        })
    }

    /// The number of the analyzer that answers the `kind`-th kind.
    pub fn party(&self, kind: usize) -> usize {
        self.parties[kind].number
    }

    /// May whoever answers the `kind`-th kind see a text that goes so far?
    pub fn may_see(&self, kind: usize, reach: Reach) -> bool {
        reach == Reach::Provider || self.parties[kind].reach == Reach::Here
    }

    /// The question of the `kind`-th kind about a text in `language`; `None` if nobody answers it.
    pub fn get(&self, language: Language, kind: usize) -> Option<&Question> {
        let row = Language::ALL.iter().position(|known| *known == language)?;
        self.table.get(row * self.kinds.len() + kind)?.as_ref()
    }

    /// A text that differs for any two tables that differ.
    pub fn digest(&self) -> String {
        let line = |question: &Option<Question>| match question {
            Some(question) => question.fingerprint.to_string(),
            None => "-".to_owned(),
        };
        self.table.iter().map(line).collect::<Vec<_>>().join(" ")
    }
}
