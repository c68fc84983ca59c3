//! Which recipe answers which kind for which language: one table a run, of which only what is
//! asked for is worked out.

use std::sync::OnceLock;

use super::target::Reach;
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
    analyzers: Vec<Analyzer>,
    format: ObjectFormat,
    table: Vec<OnceLock<Option<Question>>>,
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
    pub fn new(analyzer: &Analyzer, kinds: &[Kind], format: ObjectFormat) -> Self {
        let kinds: Vec<(Kind, usize)> = kinds.iter().map(|kind| (kind.clone(), 0)).collect();
        Self::parted(&[analyzer], &kinds, format)
    }

    /// Each kind with the number of the analyzer that answers it.
    pub fn parted(analyzers: &[&Analyzer], kinds: &[(Kind, usize)], format: ObjectFormat) -> Self {
        let party = |(_, number): &(Kind, usize)| Party {
            number: *number,
            reach: match analyzers[*number] {
                Analyzer::Local(_) => Reach::Here,
                Analyzer::Llm(_) => Reach::Provider,
            },
        };
        Self {
            parties: kinds.iter().map(party).collect(),
            kinds: kinds.iter().map(|(kind, _)| kind.clone()).collect(),
            analyzers: analyzers.iter().copied().cloned().collect(),
            format,
            table: vec![OnceLock::new(); Language::ALL.len() * kinds.len()],
        }
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
        let place = self.table.get(row * self.kinds.len() + kind)?;
        let question = || {
            let analyzer = self.analyzers.get(self.party(kind))?;
            let recipe = analyzer.recipe(&self.kinds[kind], language)?;
            // Every recipe has one: its keys are strings.
            let fingerprint = recipe.fingerprint(self.format).ok()?;
            Some(Question {
                recipe,
                fingerprint,
            })
        };
        place.get_or_init(question).as_ref()
    }

    /// A text that differs for any two tables that differ.
    pub fn digest(&self) -> String {
        let kinds = 0..self.kinds.len();
        let languages = Language::ALL.into_iter();
        let all = languages.flat_map(|language| kinds.clone().map(move |kind| (language, kind)));
        let line = |(language, kind)| match self.get(language, kind) {
            Some(question) => question.fingerprint.to_string(),
            None => "-".to_owned(),
        };
        all.map(line).collect::<Vec<_>>().join(" ")
    }
}
