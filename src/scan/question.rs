//! Which recipe answers which kind for which language: one table a run.

use anyhow::Result;

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
    table: Vec<Option<Question>>,
}

impl Questions {
    /// # Errors
    /// Never in practice: every recipe has a fingerprint.
    pub fn new(analyzer: &Analyzer, kinds: &[Kind], format: ObjectFormat) -> Result<Self> {
        let mut table = Vec::new();
        for language in Language::ALL {
            for kind in kinds {
                let question = match analyzer.recipe(kind, language) {
                    Some(recipe) => Some(Question {
                        fingerprint: recipe.fingerprint(format)?,
                        recipe,
                    }),
                    None => None,
                };
                table.push(question);
            }
        }
        Ok(Self {
            kinds: kinds.to_vec(),
            table,
        })
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
