//! The merge of a node's trees with a sorted list of blobs. Not where the node lies.

use std::cmp::Ordering;

use anyhow::Result;

use super::node::{MAX_LINES, TREE, spend};
use crate::git::{Repo, TreeEntries};
use crate::model::Oid;

/// The values that a node holds for sorted `wanted` blobs, by position. A link or a submodule where
/// an entry belongs has the zero id for its value, which no object has.
///
/// # Errors
/// If a tree cannot be read, or there is no end of them.
pub fn values_at(repo: &Repo, node: Oid, wanted: &[Oid]) -> Result<Vec<(usize, Oid)>> {
    let mut values = Vec::new();
    let mut join = Join {
        repo,
        most: MAX_LINES,
        values: &mut values,
    };
    join.walk(node, &mut Vec::new(), (0, wanted))?;
    Ok(values)
}

/// How many of the first `length` places satisfy `holds`, which holds for none after the first
/// where it does not: looked for in growing steps, because it is usually few.
pub fn gallop(length: usize, holds: impl Fn(usize) -> bool) -> usize {
    if length == 0 || !holds(0) {
        return 0;
    }
    let mut step = 2;
    while step < length && holds(step - 1) {
        step *= 2;
    }
    let (mut low, mut high) = (step / 2, step.min(length));
    while low < high {
        let middle = low.midpoint(high);
        if holds(middle) {
            low = middle + 1
        } else {
            high = middle
        }
    }
    low
}

struct Join<'a> {
    repo: &'a Repo,
    /// How many lines of trees may still be read.
    most: usize,
    values: &'a mut Vec<(usize, Oid)>,
}

impl Join<'_> {
    /// Walks a node and the sorted `wanted` blobs side by side; both are in the order of their
    /// digits. `wanted` carries the position of its first blob.
    fn walk(
        &mut self,
        node: Oid,
        prefix: &mut Vec<u8>,
        (first, wanted): (usize, &[Oid]),
    ) -> Result<()> {
        let format = self.repo.format();
        let bytes = self.repo.tree_of_scan(node)?;
        spend(&mut self.most, TREE)?;
        let depth = prefix.len();
        let mut start = 0;
        for line in TreeEntries::new(&bytes, format) {
            let line = line?;
            spend(&mut self.most, 1)?;
            if depth + line.name.len() > format.hex_len() {
                continue;
            }
            prefix.extend_from_slice(line.name);
            if line.mode.is_tree() {
                start += leading(&wanted[start..], |oid| {
                    digits(oid, prefix) == Ordering::Less
                });
                let run = leading(&wanted[start..], |oid| {
                    digits(oid, prefix) == Ordering::Equal
                });
                if run > 0 {
                    let below = (first + start, &wanted[start..start + run]);
                    self.walk(line.oid, prefix, below)?;
                    start += run;
                }
            } else if let Some(blob) = Oid::from_hex(prefix) {
                start += leading(&wanted[start..], |oid| *oid < blob);
                if wanted.get(start) == Some(&blob) {
                    let value = if line.mode.is_file() {
                        line.oid
                    } else {
                        format.zero()
                    };
                    self.values.push((first + start, value));
                    start += 1;
                }
            }
            prefix.truncate(depth);
            if start == wanted.len() {
                break;
            }
        }
        Ok(())
    }
}

fn leading(blobs: &[Oid], holds: impl Fn(&Oid) -> bool) -> usize {
    gallop(blobs.len(), |place| blobs.get(place).is_some_and(&holds))
}

/// Compares the first digits of `oid` with as many given ones.
fn digits(oid: &Oid, given: &[u8]) -> Ordering {
    let mine = (0..given.len()).map(|index| oid.digit(index));
    mine.cmp(given.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn galloping_finds_what_counting_finds(mut all in proptest::collection::vec(0u8..50, 0..60), limit in 0u8..50) {
            all.sort_unstable();
            let counted = all.iter().take_while(|number| **number < limit).count();
            prop_assert_eq!(gallop(all.len(), |place| all[place] < limit), counted);
        }
    }
}
