//! Trees of source code whose every file is known to be answered: a scan need not enter them.
//!
//! Derived and disposable. It holds for one set of questions and one state of the store; any
//! change of either that this program did not make itself empties it.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use anyhow::{Context, Result};

use super::state::Levels;
use crate::git::OwnFolder;
use crate::model::{ObjectFormat, Oid, Role, Skip};
use crate::store::Shelf;

/// What is known of a tree: its files, the rows that are answered and those that are skipped for
/// what they are, and the findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub files: u32,
    pub rows: u32,
    pub errors: u32,
    pub warnings: u32,
    pub notes: u32,
    /// By [`Skip::number`].
    pub skipped: [u32; SKIPS],
}

const SKIPS: usize = Skip::LABELS.len();

/// Numbers in a record.
const COUNTS: usize = 5 + SKIPS;

impl Tally {
    /// One row that is skipped.
    pub fn of_skip(skip: &Skip) -> Self {
        let mut tally = Self::default();
        tally.skipped[skip.number()] = 1;
        tally
    }

    /// Counts one more answered row.
    pub fn add_answer(&mut self, levels: Levels) {
        *self += Self {
            rows: 1,
            errors: levels.errors,
            warnings: levels.warnings,
            notes: levels.notes,
            ..Self::default()
        };
    }

    fn counts(&self) -> impl Iterator<Item = u32> {
        let Self {
            files,
            rows,
            errors,
            warnings,
            notes,
            skipped,
        } = *self;
        [files, rows, errors, warnings, notes]
            .into_iter()
            .chain(skipped)
    }

    fn from_counts(counts: [u32; COUNTS]) -> Self {
        let [files, rows, errors, warnings, notes, skipped @ ..] = counts;
        Self {
            files,
            rows,
            errors,
            warnings,
            notes,
            skipped,
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        let mut sums = [0; COUNTS];
        for (sum, (a, b)) in sums.iter_mut().zip(self.counts().zip(other.counts())) {
            *sum = a.saturating_add(b);
        }
        *self = Self::from_counts(sums);
    }
}

/// A tree, and the role that its folder gives to what lies in it.
pub type Place = (Oid, Role);

/// More trees than this are not remembered.
const MAX_TREES: usize = 1 << 20;

/// As many take less.
const MAX_BYTES: u64 = 256 << 20;

/// Where memos lie: so many sets of questions are remembered at a time.
const SHELF: Shelf = Shelf {
    prefix: "memo-",
    most: 8,
};

const MAGIC: &[u8] = b"rustassistant memo 4\n";

/// The known trees, as they lie in the file: sorted, of one size.
#[derive(Debug)]
pub struct Memo {
    /// `None` where nothing is to be remembered.
    folder: Option<OwnFolder>,
    name: String,
    format: ObjectFormat,
    bytes: Vec<u8>,
}

impl Memo {
    /// Reads what is remembered in `folder` for these questions at this state of the store; both
    /// are any texts that tell one from another. Nothing readable is an empty memo.
    pub fn open(
        folder: Option<OwnFolder>,
        format: ObjectFormat,
        questions: &str,
        state: &str,
    ) -> Self {
        let name = SHELF.name_of(questions);
        let expected = head(format, questions, state);
        let read = |folder: &OwnFolder| folder.read(&name, MAX_BYTES).ok();
        let bytes = folder.as_ref().and_then(read).and_then(|file| {
            let records = file.strip_prefix(expected.as_slice())?.to_vec();
            records
                .len()
                .is_multiple_of(record_len(format))
                .then_some(records)
        });
        Self {
            folder,
            name,
            format,
            bytes: bytes.unwrap_or_default(),
        }
    }

    /// What is known for as long as the process lasts.
    pub fn of(format: ObjectFormat, mut trees: Vec<(Place, Tally)>) -> Self {
        trees.sort_unstable_by_key(|(place, _)| *place);
        // A tree that lies at two places in one role holds the same at both.
        trees.dedup_by_key(|(place, _)| *place);
        let mut bytes = Vec::with_capacity(trees.len() * record_len(format));
        for (place, tally) in trees {
            bytes.extend(key(place));
            bytes.extend(tally.counts().flat_map(u32::to_le_bytes));
        }
        Self {
            folder: None,
            name: String::new(),
            format,
            bytes,
        }
    }

    /// What lies in a tree, if all of it is known to be answered.
    pub fn get(&self, place: Place) -> Option<Tally> {
        let wanted = key(place);
        let key_len = wanted.len();
        let size = record_len(self.format);
        let (mut low, mut high) = (0, self.bytes.len() / size);
        while low < high {
            let middle = low.midpoint(high);
            let record = &self.bytes[middle * size..(middle + 1) * size];
            match record[..key_len].cmp(&wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(tally(&record[key_len..])),
            }
        }
        None
    }

    /// Remembers `trees` too, for the state of the store that is now.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, trees: &[(Place, Tally)], questions: &str, state: &str) -> Result<()> {
        let size = record_len(self.format);
        let mut all: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        if self.bytes.len() / size + trees.len() <= MAX_TREES {
            let old = self.bytes.chunks_exact(size);
            all.extend(old.map(|record| {
                let (place, tally) = record.split_at(self.format.raw_len() + 1);
                (place.to_vec(), tally.to_vec())
            }));
        }
        all.extend(trees.iter().take(MAX_TREES).map(|(place, tally)| {
            let counts = tally.counts().flat_map(u32::to_le_bytes);
            (key(*place), counts.collect())
        }));
        let mut file = head(self.format, questions, state);
        for (place, tally) in all {
            file.extend(place);
            file.extend(tally);
        }
        let folder = self.folder.as_ref().context("there is no folder for it")?;
        SHELF.write(folder, &self.name, &[&file])
    }
}

const fn record_len(format: ObjectFormat) -> usize {
    format.raw_len() + 1 + 4 * COUNTS
}

fn key((tree, role): Place) -> Vec<u8> {
    [tree.raw(), &[role as u8]].concat()
}

fn head(format: ObjectFormat, questions: &str, state: &str) -> Vec<u8> {
    let parts = [format.name(), "\n", questions, "\n", state];
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    let digest = ObjectFormat::Sha256.hash(&parts);
    [MAGIC, digest.raw()].concat()
}

fn tally(bytes: &[u8]) -> Tally {
    let mut counts = [0; COUNTS];
    for (count, four) in counts.iter_mut().zip(bytes.chunks_exact(4)) {
        let mut number = [0; 4];
        number.copy_from_slice(four);
        *count = u32::from_le_bytes(number);
    }
    Tally::from_counts(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn own(folder: &Path) -> Option<OwnFolder> {
        OwnFolder::around(folder).ok()
    }

    #[test]
    fn only_so_many_memos_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..20 {
            let questions = number.to_string();
            let memo = Memo::open(own(folder.path()), ObjectFormat::Sha1, &questions, "s");
            memo.save(&[], &questions, "s").unwrap();
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), SHELF.most);
    }

    #[test]
    fn a_memo_holds_for_its_questions_and_its_state_of_the_store_only() {
        let folder = tempfile::tempdir().unwrap();
        let format = ObjectFormat::Sha1;
        let oid = |n: u32| Oid::of_blob(format, &n.to_be_bytes());
        let count = |n| {
            let mut tally = Tally::of_skip(&Skip::Binary);
            (tally.files, tally.rows, tally.notes) = (4, n, 3);
            tally
        };
        let open = |questions, state| Memo::open(own(folder.path()), format, questions, state);
        let place = |n| (oid(n), Role::Library);
        let trees: Vec<_> = (0..100).map(|n| (place(n), count(n))).collect();
        open("q", "s").save(&trees, "q", "s").unwrap();
        for n in 0..100 {
            assert_eq!(open("q", "s").get(place(n)), Some(count(n)));
        }
        assert_eq!(open("q", "s").get(place(100)), None);
        assert_eq!(open("q", "other").get(place(1)), None);
        assert_eq!(open("other", "s").get(place(1)), None);
        open("q", "s")
            .save(&[(place(100), count(7))], "q", "t")
            .unwrap();
        assert_eq!(open("q", "t").get(place(100)), Some(count(7)));
        assert_eq!(open("q", "t").get(place(1)), Some(count(1)));
        fs::write(folder.path().join(open("q", "t").name), b"garbage").unwrap();
        assert_eq!(open("q", "t").get(place(1)), None);
    }
}
