//! The targets of one language together, by their blobs: the order in which a store is asked. Not
//! what it says.

use super::select::{Target, Verdict};
use crate::model::{Language, Oid};

/// The targets of one language.
pub struct Together {
    pub language: Language,
    /// Sorted, each once.
    pub blobs: Vec<Oid>,
    /// Where the targets are, in the order of their blobs.
    targets: Vec<usize>,
    /// How many targets each blob has.
    runs: Vec<usize>,
}

impl Together {
    /// For each blob, where its targets are.
    pub fn places(&self) -> impl Iterator<Item = &[usize]> {
        let mut rest = self.targets.as_slice();
        self.runs.iter().map(move |run| {
            let (here, after) = rest.split_at(*run);
            rest = after;
            here
        })
    }
}

/// The targets that are asked about, by language.
pub fn by_language(targets: &[Target]) -> Vec<Together> {
    let mut places = Language::ALL.map(|language| (language, Vec::new()));
    for (place, target) in targets.iter().enumerate() {
        if let Verdict::Ask(language) = target.verdict {
            let of = places.iter_mut().find(|(known, _)| *known == language);
            if let Some((_, places)) = of {
                places.push((target.blob.prefix(), place));
            }
        }
    }
    let spoken = places.into_iter().filter(|(_, places)| !places.is_empty());
    spoken
        .map(|(language, places)| together(targets, language, places))
        .collect()
}

/// `places` hold the first bytes of each blob.
fn together(targets: &[Target], language: Language, mut places: Vec<(u64, usize)>) -> Together {
    // The first eight bytes decide nearly always, and small things are sorted faster.
    places.sort_unstable_by(|a, b| {
        let whole = || targets[a.1].blob.cmp(&targets[b.1].blob);
        a.0.cmp(&b.0).then_with(whole)
    });
    let targets_of: Vec<usize> = places.into_iter().map(|(_, place)| place).collect();
    let (mut blobs, mut runs): (Vec<Oid>, Vec<usize>) = (
        Vec::with_capacity(targets_of.len()),
        Vec::with_capacity(targets_of.len()),
    );
    for place in &targets_of {
        let blob = targets[*place].blob;
        match runs.last_mut() {
            Some(run) if blobs.last() == Some(&blob) => *run += 1,
            _ => {
                blobs.push(blob);
                runs.push(1);
            }
        }
    }
    Together {
        language,
        blobs,
        targets: targets_of,
        runs,
    }
}
