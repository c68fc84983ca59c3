//! What the store says of targets, before anything is decided.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;

use super::memo::Tally;
use super::question::{Question, Questions};
use super::select::{Target, Verdict};
use crate::model::{
    ByOid, Entry, EntryKey, Fingerprint, Freshness, Kind, Language, Level, Miss, Oid, Origin, Ttl,
    freshness,
};
use crate::store::Store;

/// How much of an entry somebody wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// That it is there.
    Nothing,
    /// How many findings it has.
    Counts,
    /// All of it.
    Entries,
}

/// An answer, as far as it is wanted.
#[derive(Clone, Debug)]
pub struct Answered {
    pub origin: Origin,
    pub tally: Tally,
    pub entry: Option<Arc<Entry>>,
}

impl Answered {
    pub fn new(entry: Arc<Entry>, origin: Origin, reading: Reading) -> Self {
        Self {
            origin,
            tally: count(&entry),
            entry: (reading == Reading::Entries).then_some(entry),
        }
    }
}

fn count(entry: &Entry) -> Tally {
    let mut tally = Tally {
        rows: 1,
        ..Tally::default()
    };
    for finding in &entry.analysis.findings {
        *match finding.level {
            Level::Error => &mut tally.errors,
            Level::Warning => &mut tally.warnings,
            Level::Note => &mut tally.notes,
        } += 1;
    }
    tally
}

/// What the store says, by blob, language and number of the kind.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    pub hits: HashMap<(Oid, Language, usize), Answered, ByOid>,
    /// Why there is no hit, where it is more than "new".
    pub misses: HashMap<(Oid, Language, usize), Miss, ByOid>,
    /// Sizes of blobs that are not answered for and are larger than may be analysed.
    pub too_large: HashMap<Oid, u64, ByOid>,
    /// The limit that they are larger than.
    pub max_file_size: u64,
    /// Entries that were found and not believed, one sentence each.
    pub unreadable: Vec<String>,
}

/// Asks the store about every question on every target.
///
/// # Errors
/// If the store's trees cannot be read.
pub fn look_up(
    store: &Store<'_>,
    targets: &[Target],
    questions: &Questions,
    max_file_size: u64,
    (reading, ttl, now): (Reading, Ttl, Timestamp),
) -> Result<Lookup> {
    let mut by_language: BTreeMap<Language, Vec<Oid>> = BTreeMap::new();
    for target in targets {
        if let Verdict::Ask(language) = target.verdict {
            by_language.entry(language).or_default().push(target.blob);
        }
    }
    let mut lookup = Lookup {
        max_file_size,
        ..Lookup::default()
    };
    for (language, blobs) in &mut by_language {
        blobs.sort_unstable();
        blobs.dedup();
        for (number, kind) in questions.kinds.iter().enumerate() {
            if let Some(question) = questions.get(*language, number) {
                let mut asked = Asked {
                    store,
                    kind,
                    question,
                    place: (*language, number),
                    lookup: &mut lookup,
                };
                asked.look_up(blobs, (reading, ttl, now))?;
            }
        }
        let all = 0..questions.kinds.len();
        for &blob in blobs.iter() {
            let answered = |number| lookup.hits.contains_key(&(blob, *language, number));
            if all.clone().all(answered) {
                continue;
            }
            // What cannot be read is found out, and told, when it is to be analysed.
            if let Ok(Some(size)) = store.size_of_source(blob)
                && size > max_file_size
            {
                lookup.too_large.insert(blob, size);
            }
        }
    }
    Ok(lookup)
}

/// One question about the blobs of one language.
struct Asked<'a> {
    store: &'a Store<'a>,
    kind: &'a Kind,
    question: &'a Question,
    place: (Language, usize),
    lookup: &'a mut Lookup,
}

impl Asked<'_> {
    fn look_up(
        &mut self,
        blobs: &[Oid],
        (reading, ttl, now): (Reading, Ttl, Timestamp),
    ) -> Result<()> {
        let fingerprint = self.question.fingerprint;
        let found = self.store.find_all(self.kind, fingerprint, blobs)?;
        let mut missing = Vec::with_capacity(blobs.len() - found.len());
        let mut next = 0;
        for (position, found) in found {
            missing.extend_from_slice(&blobs[next..position]);
            next = position + 1;
            let blob = blobs[position];
            let place = (blob, self.place.0, self.place.1);
            if reading == Reading::Nothing && ttl == Ttl::Forever {
                let (origin, tally) = (
                    found.origin,
                    Tally {
                        rows: 1,
                        ..Tally::default()
                    },
                );
                self.lookup.hits.insert(
                    place,
                    Answered {
                        origin,
                        tally,
                        entry: None,
                    },
                );
                continue;
            }
            let key = EntryKey {
                kind: self.kind.clone(),
                fingerprint,
                blob,
            };
            match self.store.read(&found, &key) {
                Ok(entry) if freshness(&entry, ttl, now) == Freshness::Fresh => {
                    let answered = Answered::new(Arc::new(entry), found.origin, reading);
                    self.lookup.hits.insert(place, answered);
                }
                Ok(_) => {
                    self.lookup.misses.insert(place, Miss::Stale);
                }
                Err(why) => {
                    let name = format!("{}/{fingerprint}/{blob}", self.kind);
                    self.lookup.unreadable.push(format!("{name}: {why}"));
                    self.lookup
                        .misses
                        .insert(place, Miss::Unreadable(why.to_string()));
                }
            }
        }
        missing.extend_from_slice(&blobs[next..]);
        self.explain(&missing)
    }

    /// For blobs without an entry: was the same asked by another recipe, and how does it differ?
    fn explain(&mut self, missing: &[Oid]) -> Result<()> {
        if missing.is_empty() {
            return Ok(());
        }
        let recipe = &self.question.recipe;
        let mut others: Vec<(Vec<String>, Fingerprint)> = self
            .store
            .recipes()?
            .into_iter()
            .filter(|(_, other)| other.kind == recipe.kind && other.language == recipe.language)
            .filter(|(fingerprint, _)| *fingerprint != self.question.fingerprint)
            .map(|(fingerprint, other)| (recipe.differences(&other), fingerprint))
            .collect();
        // The nearest recipe explains best.
        others.sort_by_key(|(differences, fingerprint)| (differences.len(), *fingerprint));
        for (differences, fingerprint) in others {
            for (position, _) in self.store.find_all(self.kind, fingerprint, missing)? {
                let place = (missing[position], self.place.0, self.place.1);
                let reason = || Miss::RecipeChanged(differences.clone());
                self.lookup.misses.entry(place).or_insert_with(reason);
            }
        }
        Ok(())
    }
}
