//! What is asked about in one language together, by blobs: the order in which a store is asked. Not
//! what it says.

use super::select::{Target, Verdict};
use crate::model::{Language, Oid};

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
