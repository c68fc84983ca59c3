//! What differs between two nodes of entries. Not how either is written.

use std::collections::BTreeMap;

use anyhow::Result;

use super::node::{HEX, MAX_LINES, TREE, children, each, spend};
use crate::git::Repo;
use crate::model::Oid;

/// A source blob, and the blob of its entry if there is one now.
pub type Change = (Oid, Option<Oid>);

/// How the pairs of the node `new` differ from those of `old`, sorted by blob. Subtrees that both
/// have are not read.
///
/// # Errors
/// As [`collect`].
pub fn changes(repo: &Repo, old: Oid, new: Oid) -> Result<Vec<Change>> {
    let mut comparison = Comparison {
        repo,
        most: MAX_LINES,
        sides: Default::default(),
    };
    comparison.compare([Some(old), Some(new)], &mut Vec::new())?;
    let [old, new] = comparison.sides;
    let gone = old.keys().filter(|blob| !new.contains_key(*blob));
    let gone = gone.map(|blob| (*blob, None));
    let others = new
        .iter()
        .filter(|(blob, value)| old.get(*blob) != Some(*value));
    let mut changes: Vec<Change> = gone
        .chain(others.map(|(blob, value)| (*blob, Some(*value))))
        .collect();
    changes.sort_unstable();
    Ok(changes)
}

/// The pairs of two nodes that do not lie in subtrees that both have.
struct Comparison<'a> {
    repo: &'a Repo,
    most: usize,
    sides: [BTreeMap<Oid, Oid>; 2],
}

impl Comparison<'_> {
    fn compare(&mut self, nodes: [Option<Oid>; 2], prefix: &mut Vec<u8>) -> Result<()> {
        if nodes[0] == nodes[1] {
            return Ok(());
        }
        spend(&mut self.most, TREE)?;
        if let [Some(old), Some(new)] = nodes {
            let (old, new) = (self.repo.tree(old)?, self.repo.tree(new)?);
            let split = |bytes: &[u8]| children(bytes, self.repo.format(), prefix.len());
            if let (Some(old), Some(new)) = (split(&old), split(&new)) {
                for (digit, pair) in HEX.iter().zip(old.into_iter().zip(new)) {
                    prefix.push(*digit);
                    self.compare(pair.into(), prefix)?;
                    prefix.pop();
                }
                return Ok(());
            }
        }
        for (side, node) in self.sides.iter_mut().zip(nodes) {
            let Some(node) = node else { continue };
            each(
                self.repo,
                node,
                prefix,
                &mut self.most,
                &mut |(blob, value)| {
                    // Of one key under two spellings the first counts, as in an index.
                    side.entry(blob).or_insert(value);
                },
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;
    use crate::store::node::{Pair, lay};

    fn node(repo: &Repo, pairs: &[Pair]) -> Oid {
        let mut objects = Vec::new();
        let node = lay(repo, None, pairs, &mut objects).unwrap();
        drop(
            repo.store_pack(&objects.iter().collect::<Vec<_>>(), "test")
                .unwrap(),
        );
        node
    }

    #[test]
    fn whatever_the_two_shapes_are_the_changes_lead_from_one_to_the_other() {
        let test = TestRepo::new();
        let repo = test.open();
        let oid = |n: u32| Oid::of_blob(repo.format(), &n.to_be_bytes());
        let pairs = |numbers: std::ops::Range<u32>, value: u32| -> Vec<Pair> {
            let mut pairs: Vec<Pair> = numbers.map(|n| (oid(n), oid(value))).collect();
            pairs.sort_unstable();
            pairs
        };
        let sets = [
            pairs(0..0, 0),
            pairs(0..9, 0),
            pairs(3..700, 1),
            pairs(0..900, 1),
        ];
        for old in &sets {
            for new in &sets {
                let found = changes(&repo, node(&repo, old), node(&repo, new)).unwrap();
                let mut map: BTreeMap<Oid, Oid> = old.iter().copied().collect();
                for (blob, value) in &found {
                    let before = match value {
                        Some(value) => map.insert(*blob, *value),
                        None => map.remove(blob),
                    };
                    assert_ne!(before, *value, "a change that changes nothing");
                }
                assert_eq!(map, new.iter().copied().collect());
            }
        }
    }

    #[test]
    fn what_both_have_is_not_read() {
        let test = TestRepo::new();
        let repo = test.open();
        let absent = Oid::of_blob(repo.format(), b"absent");
        assert_eq!(changes(&repo, absent, absent).unwrap(), []);
    }
}
