//! What the store says of targets, before anything is decided.

use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;

use super::question::{Question, Questions};
use super::select::Target;
use super::together::targets_by_language;
use crate::model::{
    Analysis, Entry, EntryKey, Fingerprint, Freshness, Held, Kind, Level, Miss, Oid, Origin, Ttl,
    freshness,
};
use crate::store::{Found, Store};

/// How much of an entry somebody wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// That it is there.
    Nothing,
    /// How many findings it has.
    Counts,
    /// What people are shown of one among many: what it found, and what a model said.
    Findings,
    /// All of it.
    Entries,
}

/// Findings by level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    pub errors: u32,
    pub warnings: u32,
    pub notes: u32,
}

/// An answer, as far as it is wanted.
#[derive(Clone, Debug)]
pub struct Answered {
    pub origin: Origin,
    pub levels: Levels,
    pub entry: Option<Held>,
}

impl Answered {
    pub fn new(entry: Arc<Entry>, origin: Origin, reading: Reading) -> Self {
        let mut levels = Levels::default();
        for finding in &entry.analysis.findings {
            *match finding.level {
                Level::Error => &mut levels.errors,
                Level::Warning => &mut levels.warnings,
                Level::Note => &mut levels.notes,
            } += 1;
        }
        Self {
            origin,
            levels,
            entry: match reading {
                Reading::Nothing | Reading::Counts => None,
                Reading::Findings => told(&entry).map(Held::new),
                Reading::Entries => Some(Held::new(entry)),
            },
        }
    }
}

/// An entry without what is shown of a single file alone: its document, its metrics, and the summary
/// of an analyzer that only counts. `None` if nothing is left. A report of a hundred thousand files
/// is held in memory whole, so what nobody sees must not be.
///
/// A copy, made without what is left out: small pieces that are kept between large ones that are not
/// keep their room from being used again, and cost ten times what they hold.
fn told(entry: &Entry) -> Option<Arc<Entry>> {
    let speaks = entry.is_paid() || matches!(entry.kind, Kind::Analysis | Kind::Custom(_));
    if !speaks && entry.analysis.findings.is_empty() {
        return None;
    }
    let Analysis {
        summary,
        findings,
        suggestions,
        ..
    } = &entry.analysis;
    let (summary, suggestions) = if speaks {
        (summary.clone(), suggestions.clone())
    } else {
        Default::default()
    };
    Some(Arc::new(Entry {
        format: entry.format,
        blob: entry.blob,
        fingerprint: entry.fingerprint,
        kind: entry.kind.clone(),
        analyzer: entry.analyzer.clone(),
        created: entry.created,
        duration_ms: entry.duration_ms,
        usage: entry.usage.clone(),
        analysis: Analysis {
            summary,
            findings: findings.clone(),
            suggestions,
            ..Analysis::default()
        },
    }))
}

/// What the store says of one question.
#[derive(Clone, Debug)]
pub enum Known {
    /// The question does not arise: the target is out of scope, or nobody answers it.
    Nothing,
    Hit(Answered),
    Miss(Miss),
    /// A miss, of a blob that is larger than may be analysed.
    TooLarge {
        bytes: u64,
        limit: u64,
    },
}

/// What the store says of every target, for each kind.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    pub known: Vec<Known>,
    /// Entries that were found and not believed, one sentence each.
    pub unreadable: Vec<String>,
}

/// What is wanted of the entries that are found.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub reading: Reading,
    pub ttl: Ttl,
    pub now: Timestamp,
    /// In bytes.
    pub max_file_size: u64,
}

/// Asks the store about every question on every target.
///
/// # Errors
/// If the store's trees cannot be read.
pub fn look_up(
    store: &Store<'_>,
    targets: &[Target],
    questions: &Questions,
    wanted: Wanted,
) -> Result<Lookup> {
    let kinds = questions.kinds.len();
    let mut lookup = Lookup {
        known: vec![Known::Nothing; targets.len() * kinds],
        unreadable: Vec::new(),
    };
    for group in targets_by_language(targets) {
        let language = group.language;
        let mut answers = Vec::with_capacity(kinds);
        for (number, kind) in questions.kinds.iter().enumerate() {
            let Some(question) = questions.get(language, number) else {
                continue;
            };
            let asked = Asked {
                store,
                kind,
                question,
                wanted,
            };
            let of_kind = asked.look_up(&group.blobs, &mut lookup.unreadable)?;
            answers.push((number, of_kind.into_iter()));
        }
        // All kinds of a target at once: they lie side by side, and targets far apart.
        for paths in group.places() {
            for (number, answers) in &mut answers {
                let answer = answers.next().unwrap_or(Known::Nothing);
                for place in paths {
                    lookup.known[place * kinds + *number] = answer.clone();
                }
            }
        }
    }
    Ok(lookup)
}

/// So many of the nearest recipes may explain a miss. Anybody can publish thousands, each of which
/// would have to be looked into.
const MOST_RECIPES: usize = 4;

/// One question about the blobs of one language.
struct Asked<'a> {
    store: &'a Store<'a>,
    kind: &'a Kind,
    question: &'a Question,
    wanted: Wanted,
}

impl Asked<'_> {
    /// One answer for each of the sorted blobs.
    fn look_up(&self, blobs: &[Oid], unreadable: &mut Vec<String>) -> Result<Vec<Known>> {
        let found = self
            .store
            .find_all(self.kind, self.question.fingerprint, blobs)?;
        let mut answers = vec![Known::Miss(Miss::New); blobs.len()];
        let mut missing = blobs.len() > found.len();
        for (position, found) in found {
            answers[position] = self.judge(blobs[position], found, unreadable);
            missing |= matches!(answers[position], Known::Miss(_));
        }
        if missing {
            self.explain(blobs, &mut answers)?;
        }
        Ok(answers)
    }

    fn judge(&self, blob: Oid, found: Found, unreadable: &mut Vec<String>) -> Known {
        let wanted = &self.wanted;
        if wanted.reading == Reading::Nothing && wanted.ttl == Ttl::Forever {
            return Known::Hit(Answered {
                origin: found.origin,
                levels: Levels::default(),
                entry: None,
            });
        }
        let key = EntryKey {
            kind: self.kind.clone(),
            fingerprint: self.question.fingerprint,
            blob,
        };
        match self.store.read(&found, &key) {
            Ok(entry) if freshness(&entry, wanted.ttl, wanted.now) == Freshness::Fresh => {
                Known::Hit(Answered::new(Arc::new(entry), found.origin, wanted.reading))
            }
            Ok(_) => Known::Miss(Miss::Stale),
            Err(why) => {
                let name = format!("{}/{}/{blob}", self.kind, key.fingerprint);
                unreadable.push(format!("{name}: {why}"));
                Known::Miss(Miss::Unreadable(why.to_string()))
            }
        }
    }

    /// For blobs without an entry: are they too large for one, or was the same asked by another
    /// recipe, and how does that differ?
    fn explain(&self, blobs: &[Oid], answers: &mut [Known]) -> Result<()> {
        let (mut missing, mut places) = (Vec::new(), Vec::new());
        for (place, (&blob, answer)) in blobs.iter().zip(answers.iter_mut()).enumerate() {
            if !matches!(answer, Known::Miss(_)) {
                continue;
            }
            let limit = self.wanted.max_file_size;
            // What cannot be read is found out, and told, when it is to be analysed.
            match self.store.size_of_source(blob) {
                Ok(Some(bytes)) if bytes > limit => *answer = Known::TooLarge { bytes, limit },
                _ => {
                    missing.push(blob);
                    places.push(place);
                }
            }
        }
        let distrusted =
            self.store
                .find_distrusted(self.kind, self.question.fingerprint, &missing)?;
        for position in distrusted {
            if let answer @ Known::Miss(Miss::New) = &mut answers[places[position]] {
                *answer = Known::Miss(Miss::Untrusted);
            }
        }
        for (miss, fingerprint) in self.other_recipes()?.into_iter().take(MOST_RECIPES) {
            for (position, _) in self.store.find_all(self.kind, fingerprint, &missing)? {
                if let answer @ Known::Miss(Miss::New) = &mut answers[places[position]] {
                    *answer = Known::Miss(miss.clone());
                }
            }
        }
        Ok(())
    }

    /// Recipes for the same kind and language, with how they differ from ours; the nearest, which
    /// explains best, first.
    fn other_recipes(&self) -> Result<Vec<(Miss, Fingerprint)>> {
        let recipe = &self.question.recipe;
        let recipes = self.store.recipes()?;
        let mut others: Vec<(Vec<String>, Fingerprint)> = recipes
            .iter()
            .filter(|(_, other)| other.kind == recipe.kind && other.language == recipe.language)
            .filter(|(fingerprint, _)| **fingerprint != self.question.fingerprint)
            .map(|(fingerprint, other)| (recipe.differences(other), *fingerprint))
            .collect();
        others.sort_by_key(|(differences, fingerprint)| (differences.len(), *fingerprint));
        let miss = |(differences, fingerprint): (Vec<String>, Fingerprint)| {
            let other = &recipes[&fingerprint];
            let miss = if other.analyzer == recipe.analyzer {
                Miss::RecipeChanged(differences.into())
            } else {
                // Everything is another then: to name it all would say nothing.
                let (before, now) = (other.answerer(), recipe.answerer());
                Miss::OtherAnalyzer(format!("{before} → {now}").into())
            };
            (miss, fingerprint)
        };
        Ok(others.into_iter().map(miss).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FORMAT, Finding, Fingerprint, ObjectFormat};

    fn entry(kind: Kind, findings: usize) -> Arc<Entry> {
        let oid = Oid::of_blob(ObjectFormat::Sha1, b"");
        let finding = Finding {
            start_line: 1,
            start_column: 1,
            end_line: 1,
            end_column: 2,
            rule: "long-function".into(),
            level: Level::Warning,
            item: None,
            title: "long".into(),
            message: String::new(),
            suggestion: None,
            confidence: None,
            anchor: String::new(),
            about: crate::model::About::Text,
            details: [].into(),
        };
        Arc::new(Entry {
            format: FORMAT,
            blob: oid,
            fingerprint: Fingerprint(oid),
            kind,
            analyzer: "local/1".into(),
            created: None,
            duration_ms: None,
            usage: None,
            analysis: Analysis {
                summary: "said".into(),
                metrics: [("lines".to_owned(), 1)].into(),
                findings: vec![finding; findings],
                suggestions: Vec::new(),
                document: Some("long".into()),
            },
        })
    }

    #[test]
    fn of_one_file_among_many_only_what_is_shown_is_held() {
        let held = |kind, findings, reading| {
            let answered = Answered::new(entry(kind, findings), Origin::Here, reading);
            assert_eq!(answered.levels.warnings as usize, findings);
            answered.entry.map(|held| {
                let entry = held.get();
                let Analysis {
                    summary,
                    metrics,
                    findings,
                    document,
                    ..
                } = &entry.analysis;
                (
                    findings.len(),
                    !summary.is_empty(),
                    !metrics.is_empty() || document.is_some(),
                )
            })
        };
        assert_eq!(held(Kind::Docs, 0, Reading::Findings), None);
        assert_eq!(held(Kind::Docs, 2, Reading::Counts), None);
        assert_eq!(
            held(Kind::Refactor, 2, Reading::Findings),
            Some((2, false, false))
        );
        assert_eq!(
            held(Kind::Analysis, 0, Reading::Findings),
            Some((0, true, false))
        );
        assert_eq!(held(Kind::Docs, 0, Reading::Entries), Some((0, true, true)));
    }
}
