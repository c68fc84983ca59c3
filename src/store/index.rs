//! The pairs of one node as one sorted file: what a lookup of many blobs reads instead of trees.
//!
//! Derived and disposable. It names the node that it was made of; one that is damaged, cut short
//! or of another program is none. When it is used and made anew is decided in `indexed`.

use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use anyhow::Result;

use super::changes::Change;
use super::join::gallop;
use super::node::Pair;
use super::shelf::Shelf;
use crate::model::{ObjectFormat, Oid};

/// Where indexes lie. Each takes 40 bytes an entry (64 with SHA-256), a small part of what the entries
/// themselves take; 32 are all kinds of eight languages.
pub const SHELF: Shelf = Shelf {
    prefix: "index-",
    most: 32,
};

const MAGIC: &[u8] = b"rustassistant index 1\n";

/// After the magic and the node: the number of pairs, the checksum of the pairs, and that of the
/// head so far.
const NUMBERS: usize = 8 + 4 + 4;

/// The pairs of a node, sorted by blob: the two ids one after the other, nothing between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub node: Oid,
    bytes: Vec<u8>,
    /// Where in the bytes the first pair begins.
    start: usize,
}

impl Index {
    /// Of `pairs` in any order. Of two with one blob the first counts.
    pub fn new(node: Oid, pairs: &mut [Pair]) -> Self {
        pairs.sort_by_key(|(blob, _)| *blob);
        let mut bytes = Vec::with_capacity(pairs.len() * 2 * node.raw().len());
        for run in pairs.chunk_by(|a, b| a.0 == b.0) {
            let (blob, value) = run[0];
            bytes.extend_from_slice(blob.raw());
            bytes.extend_from_slice(value.raw());
        }
        Self {
            node,
            bytes,
            start: 0,
        }
    }

    /// The index at `path`, of whatever node; `None` if there is none that is whole.
    pub fn open(path: &Path, format: ObjectFormat) -> Option<Self> {
        let bytes = fs::read(path).ok()?;
        let head = Head::parse(bytes.get(..head_len(format))?, format)?;
        let start = head_len(format);
        let pairs = bytes.get(start..)?;
        let whole = head.fits(pairs.len() as u64) && head.checksum == checksum(pairs);
        whole.then_some(Self {
            node: head.node,
            bytes,
            start,
        })
    }

    /// Writes it to `path`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let head = Head {
            node: self.node,
            pairs: self.len() as u64,
            checksum: checksum(self.pairs()),
        };
        SHELF.write(path, &[&head.written(), self.pairs()])
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.pairs().len() / self.pair_len()
    }

    /// The values for sorted `wanted` blobs, by position.
    pub fn values(&self, wanted: &[Oid]) -> Vec<(usize, Oid)> {
        let (mut values, mut place) = (Vec::with_capacity(wanted.len()), 0);
        for (position, blob) in wanted.iter().enumerate() {
            let before = |steps| self.compare(place + steps, blob) == Ordering::Less;
            place += gallop(self.len() - place, before);
            if place == self.len() {
                break;
            }
            if self.compare(place, blob) == Ordering::Equal {
                values.extend(self.value(place).map(|value| (position, value)));
            }
        }
        values
    }

    /// The index of `node`, which differs from this one's in `changes`, sorted by blob.
    pub fn changed(&self, node: Oid, changes: &[Change]) -> Self {
        let room = self.pairs().len() + changes.len() * self.pair_len();
        let (mut bytes, mut place) = (Vec::with_capacity(room), 0);
        for (blob, value) in changes {
            let before = |steps| self.compare(place + steps, blob) == Ordering::Less;
            let next = place + gallop(self.len() - place, before);
            bytes.extend_from_slice(self.between(place, next));
            if let Some(value) = value {
                bytes.extend_from_slice(blob.raw());
                bytes.extend_from_slice(value.raw());
            }
            let replaced = next < self.len() && self.compare(next, blob) == Ordering::Equal;
            place = next + usize::from(replaced);
        }
        bytes.extend_from_slice(self.between(place, self.len()));
        Self {
            node,
            bytes,
            start: 0,
        }
    }

    const fn pair_len(&self) -> usize {
        2 * self.node.format().raw_len()
    }

    fn pairs(&self) -> &[u8] {
        self.between_bytes(self.start, self.bytes.len())
    }

    /// The pairs from one place up to another.
    fn between(&self, from: usize, to: usize) -> &[u8] {
        let at = |place: usize| self.start + place * self.pair_len();
        self.between_bytes(at(from), at(to))
    }

    fn between_bytes(&self, from: usize, to: usize) -> &[u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }

    fn compare(&self, place: usize, blob: &Oid) -> Ordering {
        let pair = self.between(place, place + 1);
        // Eight bytes decide nearly always, and are compared faster than slices.
        let prefix = pair
            .first_chunk::<8>()
            .map(|bytes| u64::from_be_bytes(*bytes));
        let whole = || pair.get(..pair.len() / 2).cmp(&Some(blob.raw()));
        prefix.cmp(&Some(blob.prefix())).then_with(whole)
    }

    fn value(&self, place: usize) -> Option<Oid> {
        let pair = self.between(place, place + 1);
        Oid::from_raw(pair.get(pair.len() / 2..)?)
    }
}

/// How many pairs the index at `path` says `node` has; `None` if it speaks of another, or is not
/// whole by its length. Reads its head alone.
pub fn count(path: &Path, node: Oid) -> Option<u64> {
    let mut file = File::open(path).ok()?;
    let mut bytes = vec![0; head_len(node.format())];
    file.read_exact(&mut bytes).ok()?;
    let head = Head::parse(&bytes, node.format())?;
    let rest = file
        .metadata()
        .ok()?
        .len()
        .checked_sub(bytes.len() as u64)?;
    (head.node == node && head.fits(rest)).then_some(head.pairs)
}

/// What an index begins with.
struct Head {
    node: Oid,
    pairs: u64,
    checksum: u32,
}

impl Head {
    fn written(&self) -> Vec<u8> {
        let mut head = [MAGIC, self.node.raw()].concat();
        head.extend_from_slice(&self.pairs.to_le_bytes());
        head.extend_from_slice(&self.checksum.to_le_bytes());
        let own = checksum(&head);
        head.extend_from_slice(&own.to_le_bytes());
        head
    }

    fn parse(bytes: &[u8], format: ObjectFormat) -> Option<Self> {
        let (head, own) = bytes.split_last_chunk::<4>()?;
        let rest = head.strip_prefix(MAGIC)?;
        let (node, numbers) = rest.split_at_checked(format.raw_len())?;
        let (pairs, checksum_of_pairs) = numbers.split_first_chunk::<8>()?;
        let head = Self {
            node: Oid::from_raw(node)?,
            pairs: u64::from_le_bytes(*pairs),
            checksum: u32::from_le_bytes(checksum_of_pairs.try_into().ok()?),
        };
        (u32::from_le_bytes(*own) == checksum(&bytes[..bytes.len() - 4])).then_some(head)
    }

    /// Are so many bytes as many pairs as the head says?
    fn fits(&self, bytes: u64) -> bool {
        let pair = 2 * self.node.raw().len() as u64;
        self.pairs.checked_mul(pair) == Some(bytes)
    }
}

const fn head_len(format: ObjectFormat) -> usize {
    MAGIC.len() + format.raw_len() + NUMBERS
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

    const SHA1: ObjectFormat = ObjectFormat::Sha1;

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
            prop_assert_eq!(changed.values(&wanted), expected);
            prop_assert_eq!(changed.len(), map.len());
        }

        #[test]
        fn a_file_with_any_byte_changed_or_missing_is_no_index(place in 0usize..4000, bit in 0u8..8, cut in proptest::bool::ANY) {
            let folder = tempfile::tempdir().unwrap();
            let path = SHELF.path(folder.path(), "x");
            let index = index((0..90).map(|n| (n, n + 1)));
            index.save(&path).unwrap();
            assert_eq!(Index::open(&path, SHA1).map(|read| read.values(&[oid(7)])), Some(vec![(0, oid(8))]));
            assert_eq!(count(&path, oid(0)), Some(90));
            assert_eq!(count(&path, oid(1)), None);
            let mut bytes = fs::read(&path).unwrap();
            let place = place % bytes.len();
            match cut {
                true => bytes.truncate(place),
                false => bytes[place] ^= 1 << bit,
            }
            fs::write(&path, bytes).unwrap();
            prop_assert_eq!(Index::open(&path, SHA1), None);
        }
    }

    #[test]
    fn an_index_of_another_object_format_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = SHELF.path(folder.path(), "x");
        index((0..90).map(|n| (n, n))).save(&path).unwrap();
        assert_eq!(Index::open(&path, ObjectFormat::Sha256), None);
        assert_eq!(Index::open(&folder.path().join("absent"), SHA1), None);
    }
}
