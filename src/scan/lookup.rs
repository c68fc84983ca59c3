//! What the store says of targets, before anything is decided.

use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;

use super::question::{Question, Questions};
use super::state::{Answer, State};
use super::target::{Target, Verdict};
use crate::model::{
    Cause, EntryKey, Failure, Fingerprint, Freshness, Kind, Language, Miss, Oid, Roles, Skip, Ttl,
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

/// What the store says of every target, for each kind.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    pub states: Vec<State>,
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
        states: targets
            .iter()
            .flat_map(|target| vec![beforehand(target); kinds])
            .collect(),
        unreadable: Vec::new(),
    };
    for group in targets_by_language(targets) {
        let language = group.language;
        let role = |place: &usize| targets[*place].role;
        let roles = group
            .places()
            .map(|places| places.iter().map(role).collect());
        let roles: Vec<Roles> = roles.collect();
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
            let of_kind = asked.look_up(&group.blobs, &roles, &mut lookup.unreadable)?;
            answers.push((number, of_kind.into_iter()));
        }
        // All kinds of a target at once: they lie side by side, and targets far apart.
        for paths in group.places() {
            for (number, answers) in &mut answers {
                let Some(state) = answers.next() else {
                    continue;
                };
                for place in paths {
                    lookup.states[place * kinds + *number] = state.clone();
                }
            }
        }
    }
    Ok(lookup)
}

/// What is known of a target before the store is asked.
fn beforehand(target: &Target) -> State {
    match &target.verdict {
        // Nobody answers it, unless the store is asked now.
        Verdict::Ask(_) => State::skipped(Skip::UnknownLanguage),
        Verdict::Skip(skip) => State::skipped(skip.clone()),
        Verdict::Failed(why) => State::failed(Failure::new(Cause::Source, why.as_str())),
    }
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
    fn look_up(
        &self,
        blobs: &[Oid],
        roles: &[Roles],
        unreadable: &mut Vec<String>,
    ) -> Result<Vec<State>> {
        let found = self
            .store
            .find_all(self.kind, self.question.fingerprint, blobs)?;
        let mut answers = vec![State::missing(Miss::New); blobs.len()];
        let mut missing = blobs.len() > found.len();
        for (position, found) in found {
            answers[position] = self.judge(blobs[position], found, roles[position], unreadable);
            missing |= answers[position].is_missing();
        }
        if missing {
            self.explain(blobs, &mut answers)?;
        }
        Ok(answers)
    }

    fn judge(&self, blob: Oid, found: Found, roles: Roles, unreadable: &mut Vec<String>) -> State {
        let wanted = &self.wanted;
        if wanted.reading == Reading::Nothing && wanted.ttl == Ttl::Forever {
            return State::cached(found.origin, Answer::default());
        }
        let key = EntryKey {
            kind: self.kind.clone(),
            fingerprint: self.question.fingerprint,
            blob,
        };
        match self.store.read(&found, &key) {
            Ok(entry) if freshness(&entry, wanted.ttl, wanted.now) == Freshness::Fresh => {
                State::cached(
                    found.origin,
                    Answer::new(Arc::new(entry), wanted.reading, roles),
                )
            }
            Ok(_) => State::missing(Miss::Stale),
            Err(why) => {
                let name = format!("{}/{}/{blob}", self.kind, key.fingerprint);
                unreadable.push(format!("{name}: {why}"));
                State::missing(Miss::Unreadable(why.to_string()))
            }
        }
    }

    /// For blobs without an entry: are they too large for one, or was the same asked by another
    /// recipe, and how does that differ?
    fn explain(&self, blobs: &[Oid], answers: &mut [State]) -> Result<()> {
        let (mut missing, mut places) = (Vec::new(), Vec::new());
        for (place, (&blob, answer)) in blobs.iter().zip(answers.iter_mut()).enumerate() {
            if !answer.is_missing() {
                continue;
            }
            let limit = self.wanted.max_file_size;
            // What cannot be read is found out, and told, when it is to be analysed.
            match self.store.size_of_source(blob) {
                Ok(Some(bytes)) if bytes > limit => {
                    *answer = State::skipped(Skip::TooLarge { bytes, limit });
                }
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
            answers[places[position]].is_new_because(&Miss::Untrusted);
        }
        for (miss, fingerprint) in self.other_recipes()?.into_iter().take(MOST_RECIPES) {
            for (position, _) in self.store.find_all(self.kind, fingerprint, &missing)? {
                answers[places[position]].is_new_because(&miss);
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

/// What is asked about in one language.
pub struct Together {
    pub language: Language,
    /// Sorted, each once.
    pub blobs: Vec<Oid>,
    /// In the order of their blobs.
    places: Vec<usize>,
    /// How many places each blob has.
    runs: Vec<usize>,
}

impl Together {
    /// The places of each blob.
    pub fn places(&self) -> impl Iterator<Item = &[usize]> {
        let mut rest = self.places.as_slice();
        self.runs.iter().map(move |run| {
            let (here, after) = rest.split_at(*run);
            rest = after;
            here
        })
    }
}

/// What is asked about, by language: at each of the first `most` places `asked` tells a blob and its
/// language, if any.
pub fn by_language(most: usize, asked: impl Fn(usize) -> Option<(Language, Oid)>) -> Vec<Together> {
    let mut places = Language::ALL.map(|language| (language, Vec::new()));
    for place in 0..most {
        let Some((language, blob)) = asked(place) else {
            continue;
        };
        let mut of = places.iter_mut();
        if let Some((_, places)) = of.find(|(known, _)| *known == language) {
            places.push((blob.prefix(), place));
        }
    }
    let blob = |place| asked(place).map(|(_, blob)| blob);
    let spoken = places.into_iter().filter(|(_, places)| !places.is_empty());
    spoken
        .map(|(language, places)| together(language, places, blob))
        .collect()
}

/// The targets that are to be asked about, by language.
pub fn targets_by_language(targets: &[Target]) -> Vec<Together> {
    by_language(targets.len(), |place| match targets.get(place)? {
        Target {
            blob,
            verdict: Verdict::Ask(language),
            ..
        } => Some((*language, *blob)),
        _ => None,
    })
}

/// `places` hold the first bytes of each blob.
fn together(
    language: Language,
    mut places: Vec<(u64, usize)>,
    blob: impl Fn(usize) -> Option<Oid>,
) -> Together {
    // The first eight bytes decide nearly always, and small things are sorted faster.
    places.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| blob(a.1).cmp(&blob(b.1))));
    let mut together = Together {
        language,
        blobs: Vec::with_capacity(places.len()),
        places: Vec::with_capacity(places.len()),
        runs: Vec::with_capacity(places.len()),
    };
    for (_, place) in places {
        let Some(blob) = blob(place) else { continue };
        together.places.push(place);
        match together.runs.last_mut() {
            Some(run) if together.blobs.last() == Some(&blob) => *run += 1,
            _ => {
                together.blobs.push(blob);
                together.runs.push(1);
            }
        }
    }
    together
}
