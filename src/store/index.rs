//! The pairs of one node as one sorted file: what a lookup of many blobs reads instead of trees.
//!
//! Derived and disposable. It names the node that it was made of; one that is damaged, cut short
//! or of another program is none. When it is used and made anew is decided in `indexed`.

use std::cmp::Ordering;
use std::fs::File;
use std::io::Read;

use anyhow::Result;

use super::changes::Change;
use super::node::Pair;
use super::shelf::Shelf;
use super::sorted::{Sorted, slice};
use crate::git::OwnFolder;
use crate::model::{ObjectFormat, Oid};

/// Where indexes lie. Each takes 40 bytes an entry (64 with SHA-256), a small part of what the entries
/// themselves take; 32 are all kinds of eight languages.
pub const SHELF: Shelf = Shelf {
    prefix: "index-",
    most: 32,
};

/// The file that an index is kept in.
#[derive(Clone, Debug)]
pub struct Place {
    pub folder: OwnFolder,
    pub name: String,
}

const MAGIC: &[u8] = b"rustassistant index 2\n";

/// After the magic and the node: the number of pairs, the checksums of the blobs and of the values,
/// and that of the head so far.
const NUMBERS: usize = 8 + 4 + 4 + 4;

/// So many blobs are held at a time by those who only ask whether there is an entry: they stay
/// where the processor reaches them fast.
const AT_A_TIME: usize = 4096;

/// The pairs of a node, sorted by blob: first all blobs, one id after the other, then the values in
/// the same order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub node: Oid,
    blobs: Vec<u8>,
    values: Vec<u8>,
}

impl Index {
    /// Of `pairs` in any order. Of two with one blob the first counts.
    pub fn new(node: Oid, pairs: &mut [Pair]) -> Self {
        pairs.sort_by_key(|(blob, _)| *blob);
        let mut index = Self::with_room(node, pairs.len());
        for run in pairs.chunk_by(|a, b| a.0 == b.0) {
            index.push(run[0]);
        }
        index
    }

    /// The index at `place`, of whatever node; `None` if there is none that is whole.
    pub fn open(place: &Place, format: ObjectFormat) -> Option<Self> {
        let (mut file, head) = open(place, format)?;
        let mut read = |checksum_of_all| {
            let mut bytes = vec![0; usize::try_from(head.pairs).ok()? * format.raw_len()];
            file.read_exact(&mut bytes).ok()?;
            (checksum(&bytes) == checksum_of_all).then_some(bytes)
        };
        Some(Self {
            blobs: read(head.blobs)?,
            values: read(head.values)?,
            node: head.node,
        })
    }

    /// Writes it to `place`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&self, place: &Place) -> Result<()> {
        let head = Head {
            node: self.node,
            pairs: self.len() as u64,
            blobs: checksum(&self.blobs),
            values: checksum(&self.values),
        };
        SHELF.write(
            &place.folder,
            &place.name,
            &[&head.written(), &self.blobs, &self.values],
        )
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.sorted().len()
    }

    /// The values for sorted `wanted` blobs, by position.
    pub fn values(&self, wanted: &[Oid]) -> Vec<(usize, Oid)> {
        let mut values = Vec::with_capacity(wanted.len());
        self.sorted().meet(wanted, 0, |position, place| {
            let value = slice(&self.values, place, place + 1, self.sorted().size);
            values.extend(Oid::from_raw(value).map(|value| (position, value)));
        });
        values
    }

    /// The index of `node`, which differs from this one's in `changes`, sorted by blob.
    pub fn changed(&self, node: Oid, changes: &[Change]) -> Self {
        let sorted = self.sorted();
        let mut index = Self::with_room(node, self.len() + changes.len());
        let mut place = 0;
        for (blob, value) in changes {
            let next = sorted.pass(place, blob);
            index.extend(self, place, next);
            if let Some(value) = value {
                index.push((*blob, *value));
            }
            let replaced = next < sorted.len() && sorted.compare(next, blob) == Ordering::Equal;
            place = next + usize::from(replaced);
        }
        index.extend(self, place, self.len());
        index
    }

    fn with_room(node: Oid, pairs: usize) -> Self {
        let room = || Vec::with_capacity(pairs * node.raw().len());
        Self {
            node,
            blobs: room(),
            values: room(),
        }
    }

    fn push(&mut self, (blob, value): Pair) {
        self.blobs.extend_from_slice(blob.raw());
        self.values.extend_from_slice(value.raw());
    }

    /// Appends the pairs of `other` from one place up to another.
    fn extend(&mut self, other: &Self, from: usize, to: usize) {
        let size = self.sorted().size;
        self.blobs
            .extend_from_slice(slice(&other.blobs, from, to, size));
        self.values
            .extend_from_slice(slice(&other.values, from, to, size));
    }

    fn sorted(&self) -> Sorted<'_> {
        Sorted {
            bytes: &self.blobs,
            size: self.node.raw().len(),
        }
    }
}

/// Which of the sorted `wanted` blobs the index at `place` has; `None` if it is not one of `node`, or
/// is not whole as far as it is read: the values are not.
pub fn holds(place: &Place, node: Oid, wanted: &[Oid]) -> Option<Vec<bool>> {
    let (mut file, head) = open(place, node.format()).filter(|(_, head)| head.node == node)?;
    let size = node.raw().len();
    let mut held = vec![false; wanted.len()];
    let mut bytes = vec![0; AT_A_TIME * size];
    let mut crc = flate2::Crc::new();
    let (mut left, mut passed) = (usize::try_from(head.pairs).ok()?, 0);
    while left > 0 {
        let some = left.min(AT_A_TIME);
        let bytes = bytes.get_mut(..some * size)?;
        file.read_exact(bytes).ok()?;
        crc.update(bytes);
        let sorted = Sorted { bytes, size };
        passed = sorted.meet(wanted, passed, |position, _| held[position] = true);
        left -= some;
    }
    (crc.sum() == head.blobs).then_some(held)
}

/// How many pairs the index at `place` says `node` has; `None` if it speaks of another, or is not
/// whole by its length. Reads its head alone.
pub fn count(place: &Place, node: Oid) -> Option<u64> {
    let (_, head) = open(place, node.format())?;
    (head.node == node).then_some(head.pairs)
}

/// What an index begins with.
struct Head {
    node: Oid,
    pairs: u64,
    /// Checksum of all blobs.
    blobs: u32,
    /// Checksum of all values.
    values: u32,
}

impl Head {
    fn written(&self) -> Vec<u8> {
        let mut head = [MAGIC, self.node.raw()].concat();
        head.extend_from_slice(&self.pairs.to_le_bytes());
        head.extend_from_slice(&self.blobs.to_le_bytes());
        head.extend_from_slice(&self.values.to_le_bytes());
        let own = checksum(&head);
        head.extend_from_slice(&own.to_le_bytes());
        head
    }

    fn parse(bytes: &[u8], format: ObjectFormat) -> Option<Self> {
        let (head, own) = bytes.split_last_chunk::<4>()?;
        let rest = head.strip_prefix(MAGIC)?;
        let (node, numbers) = rest.split_at_checked(format.raw_len())?;
        let (pairs, checksums) = numbers.split_first_chunk::<8>()?;
        let (blobs, values) = checksums.split_first_chunk::<4>()?;
        let parsed = Self {
            node: Oid::from_raw(node)?,
            pairs: u64::from_le_bytes(*pairs),
            blobs: u32::from_le_bytes(*blobs),
            values: u32::from_le_bytes(values.try_into().ok()?),
        };
        (u32::from_le_bytes(*own) == checksum(head)).then_some(parsed)
    }

    /// Are so many bytes as many pairs as the head says?
    fn fits(&self, bytes: u64) -> bool {
        let pair = 2 * self.node.raw().len() as u64;
        self.pairs.checked_mul(pair) == Some(bytes)
    }
}

/// The index at `place`, read up to its first blob, if it is whole by its length.
fn open(place: &Place, format: ObjectFormat) -> Option<(File, Head)> {
    let mut file = place.folder.file(&place.name).ok()?;
    let mut bytes = vec![0; MAGIC.len() + format.raw_len() + NUMBERS];
    file.read_exact(&mut bytes).ok()?;
    let head = Head::parse(&bytes, format)?;
    let rest = file.metadata().ok()?.len();
    let rest = rest.checked_sub(bytes.len() as u64)?;
    head.fits(rest).then_some((file, head))
}

/// CRC-32, as gzip computes it: against damage, not against anybody who can write here.
fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::fs;

    const SHA1: ObjectFormat = ObjectFormat::Sha1;

    fn place(folder: &std::path::Path) -> Place {
        Place {
            folder: OwnFolder::around(folder).unwrap(),
            name: SHELF.name("0"),
        }
    }

    fn oid(number: u16) -> Oid {
        Oid::of_blob(SHA1, &number.to_be_bytes())
    }

    fn index(numbers: impl IntoIterator<Item = (u16, u16)>) -> Index {
        let pairs = numbers
            .into_iter()
            .map(|(blob, value)| (oid(blob), oid(value)));
        Index::new(oid(0), &mut pairs.collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn an_index_finds_what_a_map_finds_also_after_changes(
            first in proptest::collection::btree_map(0u16..300, 0u16..300, 0..200),
            changes in proptest::collection::btree_map(0u16..300, proptest::option::of(0u16..300), 0..50),
        ) {
            let mut map: BTreeMap<Oid, Oid> = first.iter().map(|(a, b)| (oid(*a), oid(*b))).collect();
            let mut sorted: Vec<Change> = Vec::new();
            for (blob, value) in &changes {
                match value {
                    Some(value) => map.insert(oid(*blob), oid(*value)),
                    None => map.remove(&oid(*blob)),
                };
                sorted.push((oid(*blob), value.map(oid)));
            }
            sorted.sort_unstable();
            let changed = index(first).changed(oid(1), &sorted);
            let mut wanted: Vec<Oid> = (0..300).map(oid).collect();
            wanted.sort_unstable();
            let expected: Vec<(usize, Oid)> = wanted
                .iter()
                .enumerate()
                .filter_map(|(position, blob)| Some((position, *map.get(blob)?)))
                .collect();
            let folder = tempfile::tempdir().unwrap();
            let place = place(folder.path());
            changed.save(&place).unwrap();
            let held: Vec<bool> = wanted.iter().map(|blob| map.contains_key(blob)).collect();
            prop_assert_eq!(holds(&place, oid(1), &wanted), Some(held));
            prop_assert_eq!(holds(&place, oid(2), &wanted), None);
            prop_assert_eq!(changed.values(&wanted), expected);
            prop_assert_eq!(changed.len(), map.len());
        }

        #[test]
        fn a_file_with_any_byte_changed_or_missing_is_no_index(at in 0usize..4000, bit in 0u8..8, cut in proptest::bool::ANY) {
            let folder = tempfile::tempdir().unwrap();
            let place = place(folder.path());
            let index = index((0..90).map(|n| (n, n + 1)));
            index.save(&place).unwrap();
            assert_eq!(Index::open(&place, SHA1).map(|read| read.values(&[oid(7)])), Some(vec![(0, oid(8))]));
            assert_eq!(count(&place, oid(0)), Some(90));
            assert_eq!(count(&place, oid(1)), None);
            let mut bytes = fs::read(folder.path().join(&place.name)).unwrap();
            let at = at % bytes.len();
            if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
            fs::write(folder.path().join(&place.name), bytes).unwrap();
            prop_assert_eq!(Index::open(&place, SHA1), None);
            // Who does not read the values does not see that one of them is damaged.
            let blobs_end = MAGIC.len() + 20 + NUMBERS + 90 * 20;
            let seen = cut || at < blobs_end;
            prop_assert_eq!(holds(&place, oid(0), &[oid(7)]), (!seen).then(|| vec![true]));
        }
    }

    #[test]
    fn an_index_is_asked_piece_by_piece_and_no_blob_is_lost_between_two() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        let odd = (0..30_000u16).filter(|number| number % 2 == 1);
        index(odd.map(|number| (number, 0))).save(&place).unwrap();
        let mut wanted: Vec<(Oid, bool)> = (0..30_000).map(|n| (oid(n), n % 2 == 1)).collect();
        wanted.sort_unstable();
        let (blobs, held): (Vec<Oid>, Vec<bool>) = wanted.into_iter().unzip();
        assert_eq!(holds(&place, oid(0), &blobs), Some(held));
    }

    #[test]
    fn an_index_of_another_object_format_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        index((0..90).map(|n| (n, n))).save(&place).unwrap();
        assert_eq!(Index::open(&place, ObjectFormat::Sha256), None);
        assert_eq!(
            Index::open(
                &Place {
                    name: "index-absent".to_owned(),
                    ..place
                },
                SHA1
            ),
            None
        );
    }
}
