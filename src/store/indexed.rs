//! Looking into a node through its index, where that pays: for many blobs at once, and to count.
//! An index that is of an older node is brought up to date by what differs between the two.

use anyhow::Result;

use super::changes::changes;
use super::index::{self, Index, Place, SHELF};
use super::join::values_at;
use super::node;
use crate::git::Repo;
use crate::model::{Fingerprint, Kind, ObjectFormat, Oid};

/// So many blobs, or entries, are worth an index that has to be made first.
const MANY: usize = 4096;

/// So many blobs are worth one that is there: each costs a tree of its own otherwise.
const FEW: usize = 64;

/// If it is not so many times as large: it is read from end to end, and trees only where they lead
/// to a blob.
const LARGER: u64 = 512;

/// An index that differs from its node in more than one of so many entries is written anew.
const TOLERATED: usize = 64;

/// One of so few entries is written anew for any difference: that takes no longer than to bring it
/// up to date once more.
const SMALL: usize = 100_000;

/// A node of entries, and the file that its index is kept in.
#[derive(Clone, Debug)]
pub struct Indexed {
    node: Oid,
    /// `None` where we have no folder.
    place: Option<Place>,
}

impl Indexed {
    /// The node at which the ref `ref_name` keeps the entries of one question.
    pub fn new(repo: &Repo, ref_name: &str, kind: &Kind, of: Fingerprint, node: Oid) -> Self {
        let subject = format!("{ref_name}\n{kind}\n{of}");
        let name = ObjectFormat::Sha256.hash(&[subject.as_bytes()]).short();
        let place = |folder| Place {
            folder,
            name: SHELF.name(&name),
        };
        Self {
            node,
            place: repo.own_folder().ok().map(place),
        }
    }

    /// The values for sorted `wanted` blobs, by position.
    ///
    /// # Errors
    /// If a tree cannot be read.
    pub fn values(&self, repo: &Repo, wanted: &[Oid]) -> Result<Vec<(usize, Oid)>> {
        if self.serves(wanted.len()) {
            Ok(self.index(repo)?.values(wanted))
        } else {
            values_at(repo, self.node, wanted)
        }
    }

    /// Which of the sorted `wanted` blobs have an entry.
    ///
    /// # Errors
    /// If a tree cannot be read.
    pub fn holds(&self, repo: &Repo, wanted: &[Oid]) -> Result<Vec<bool>> {
        let serves = self.serves(wanted.len());
        let place = self.place.as_ref().filter(|_| serves);
        if let Some(held) = place.and_then(|place| index::holds(place, self.node, wanted)) {
            return Ok(held);
        }
        let mut held = vec![false; wanted.len()];
        for (position, _) in self.values(repo, wanted)? {
            held[position] = true;
        }
        Ok(held)
    }

    /// How many entries there are.
    ///
    /// # Errors
    /// If a tree cannot be read.
    pub fn count(&self, repo: &Repo) -> Result<u64> {
        match self.counted() {
            Some(count) => Ok(count),
            None => Ok(self.index(repo)?.len() as u64),
        }
    }

    /// Is the index faster than the trees, for so many blobs?
    fn serves(&self, wanted: usize) -> bool {
        let fits = |entries| entries / LARGER <= wanted as u64;
        wanted >= MANY || (wanted >= FEW && self.counted().is_some_and(fits))
    }

    /// How many entries the index has, if it is one of this node.
    fn counted(&self) -> Option<u64> {
        index::count(self.place.as_ref()?, self.node)
    }

    fn index(&self, repo: &Repo) -> Result<Index> {
        let place = self.place.as_ref();
        let old = place.and_then(|place| Index::open(place, repo.format()));
        let (index, worn) = match old {
            Some(index) if index.node == self.node => return Ok(index),
            // The older node may be gone by now: then the new one is read whole.
            Some(old) => match changes(repo, old.node, self.node) {
                Ok(changes) => {
                    let worn = is_worn(old.len(), changes.len());
                    (old.changed(self.node, &changes), worn)
                }
                Err(_) => (self.read(repo)?, true),
            },
            None => (self.read(repo)?, true),
        };
        if let Some(place) = place.filter(|_| worn && index.len() >= MANY) {
            // Where it cannot be written the next lookup only takes as long as this one.
            let _ = index.save(place);
        }
        Ok(index)
    }

    fn read(&self, repo: &Repo) -> Result<Index> {
        let mut pairs = Vec::new();
        node::collect(repo, self.node, &mut Vec::new(), &mut pairs)?;
        Ok(Index::new(self.node, &mut pairs))
    }
}

/// Is an index written anew that differs from its node in so many places?
const fn is_worn(entries: usize, changes: usize) -> bool {
    entries < SMALL || changes > entries / TOLERATED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_index_is_written_anew_only_once_much_of_it_has_changed() {
        assert!(is_worn(SMALL - 1, 1));
        assert!(!is_worn(SMALL, 1));
        assert!(!is_worn(SMALL, SMALL / TOLERATED));
        assert!(is_worn(SMALL, SMALL / TOLERATED + 1));
    }
}
