//! Ids that lie one after the other in their order, and how a sorted list of blobs meets them. Not
//! where they are read from.

use std::cmp::Ordering;

use super::join::gallop;
use crate::model::Oid;

/// Blobs one after the other, in their order.
#[derive(Clone, Copy, Debug)]
pub struct Sorted<'a> {
    pub bytes: &'a [u8],
    /// Of one id.
    pub size: usize,
}

impl Sorted<'_> {
    pub const fn len(&self) -> usize {
        self.bytes.len() / self.size
    }

    /// Shows `found` each of the sorted `wanted` blobs, from position `first` on, that is here, and
    /// its place. Ends at the first that comes after all, and returns its position.
    pub fn meet(&self, wanted: &[Oid], first: usize, mut found: impl FnMut(usize, usize)) -> usize {
        let mut place = 0;
        for (position, blob) in wanted.iter().enumerate().skip(first) {
            place = self.pass(place, blob);
            if place == self.len() {
                return position;
            }
            if self.compare(place, blob) == Ordering::Equal {
                found(position, place);
            }
        }
        wanted.len()
    }

    /// The first place, from `place` on, that does not come before `blob`.
    pub fn pass(&self, place: usize, blob: &Oid) -> usize {
        let before = |steps| self.compare(place + steps, blob) == Ordering::Less;
        place + gallop(self.len() - place, before)
    }

    pub fn compare(&self, place: usize, blob: &Oid) -> Ordering {
        let id = slice(self.bytes, place, place + 1, self.size);
        // Eight bytes decide nearly always, and are compared faster than slices.
        let prefix = id
            .first_chunk::<8>()
            .map(|bytes| u64::from_be_bytes(*bytes));
        prefix
            .cmp(&Some(blob.prefix()))
            .then_with(|| id.cmp(blob.raw()))
    }
}

/// The ids of this size from one place up to another.
pub fn slice(bytes: &[u8], from: usize, to: usize, size: usize) -> &[u8] {
    bytes.get(from * size..to * size).unwrap_or_default()
}
