//! The files of which the store has every answer: who only counts need not hold a step for each
//! question about them.

use anyhow::Result;

use super::question::Questions;
use super::select::Selected;
use super::together::by_language;
use crate::store::Store;

/// Takes the targets out of `selected` for which every question has an entry, whatever its age, and
/// returns how many they were.
///
/// # Errors
/// If the store's trees cannot be read.
pub fn settle(store: &Store<'_>, selected: &mut Selected, questions: &Questions) -> Result<usize> {
    let mut settled = vec![false; selected.targets.len()];
    for group in by_language(&selected.targets) {
        let mut held = vec![!questions.kinds.is_empty(); group.blobs.len()];
        for (number, kind) in questions.kinds.iter().enumerate() {
            let of_kind = match questions.get(group.language, number) {
                Some(question) => store.holds(kind, question.fingerprint, &group.blobs)?,
                None => vec![false; held.len()],
            };
            for (held, of_kind) in held.iter_mut().zip(of_kind) {
                *held &= of_kind;
            }
        }
        for (places, held) in group.places().zip(held) {
            for place in places {
                settled[*place] = held;
            }
        }
    }
    let before = selected.targets.len();
    let mut settled = settled.into_iter();
    selected
        .targets
        .retain(|_| !settled.next().unwrap_or_default());
    // The places of the targets have changed.
    selected.spans.clear();
    Ok(before - selected.targets.len())
}
