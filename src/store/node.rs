//! The adaptive fan-out below a fingerprint: a node of more than 512 entries is split by one
//! hexadecimal digit a level. The shape is a pure function of the set of keys, so equal sets have
//! equal trees; readers accept any split.

use anyhow::{Context, Result};

use super::layout::blob_of;
use crate::git::{Mode, PackedObject, Repo, TreeEntries, TreeEntry, write_tree};
use crate::model::{ObjectFormat, ObjectType, Oid};

/// The most entries in one node.
const SPLIT: usize = 512;

/// More lines than are read of a store's trees at a time: one that names itself again and again (a
/// "tree bomb") ends here, before what was read of it has filled 200 MB.
pub const MAX_LINES: usize = 3_000_000;

/// Reading a tree costs as much as so many of its lines.
pub const TREE: usize = 256;

/// There are more lines than are read of a store at a time.
#[derive(Debug, thiserror::Error)]
#[error("a folder of entries has no end")]
pub struct Endless;

/// A source blob and the blob of its entry.
pub type Pair = (Oid, Oid);

/// Lays `additions` (sorted, each blob once) over the node `old` and returns the new node's id.
/// The trees that are new go to `objects`. On equal blobs the addition replaces what was there.
///
/// # Errors
/// If a tree cannot be read.
pub fn lay(
    repo: &Repo,
    old: Option<Oid>,
    additions: &[Pair],
    objects: &mut Vec<PackedObject>,
) -> Result<Oid> {
    let mut prefix = Vec::new();
    let mut writer = Writer { repo, objects };
    writer.lay(old, &mut prefix, additions)
}

struct Writer<'a> {
    repo: &'a Repo,
    objects: &'a mut Vec<PackedObject>,
}

impl Writer<'_> {
    fn lay(&mut self, old: Option<Oid>, prefix: &mut Vec<u8>, additions: &[Pair]) -> Result<Oid> {
        let Some(old) = old else {
            return self.build(prefix, additions);
        };
        if additions.is_empty() {
            return Ok(old);
        }
        let bytes = self.repo.tree(old)?;
        match children(&bytes, self.repo.format(), prefix.len()) {
            Some(mut children) => {
                for (digit, group) in by_digit(additions, prefix.len()) {
                    let child = &mut children[usize::from(digit)];
                    prefix.push(HEX[usize::from(digit)]);
                    *child = Some(self.lay(*child, prefix, group)?);
                    prefix.pop();
                }
                self.write_split(&children)
            }
            None => {
                let mut pairs = Vec::new();
                match collect(self.repo, old, &mut prefix.clone(), &mut pairs) {
                    // Nobody can read what is there, and it must not keep anybody from publishing.
                    Err(error) if error.is::<Endless>() => pairs.clear(),
                    collected => collected?,
                }
                pairs.sort_unstable();
                // Of one key under two spellings, one is enough.
                pairs.dedup_by_key(|(blob, _)| *blob);
                self.build(prefix, &overlay(&pairs, additions))
            }
        }
    }

    /// The canonical node for exactly these pairs.
    fn build(&mut self, prefix: &mut Vec<u8>, pairs: &[Pair]) -> Result<Oid> {
        if pairs.len() <= SPLIT {
            return self.write_leaf(prefix.len(), pairs);
        }
        let mut children = [None; 16];
        for (digit, group) in by_digit(pairs, prefix.len()) {
            prefix.push(HEX[usize::from(digit)]);
            children[usize::from(digit)] = Some(self.build(prefix, group)?);
            prefix.pop();
        }
        self.write_split(&children)
    }

    fn write_leaf(&mut self, depth: usize, pairs: &[Pair]) -> Result<Oid> {
        let names: Vec<Vec<u8>> = pairs
            .iter()
            .map(|(blob, _)| blob.hex().split_off(depth))
            .collect();
        let mut lines: Vec<TreeEntry<'_>> = names
            .iter()
            .zip(pairs)
            .map(|(name, (_, value))| TreeEntry {
                mode: Mode::FILE,
                name,
                oid: *value,
            })
            .collect();
        self.write(&mut lines)
    }

    fn write_split(&mut self, children: &[Option<Oid>; 16]) -> Result<Oid> {
        let mut lines: Vec<TreeEntry<'_>> = children
            .iter()
            .zip(HEX.chunks(1))
            .filter_map(|(child, name)| {
                Some(TreeEntry {
                    mode: Mode::TREE,
                    name,
                    oid: (*child)?,
                })
            })
            .collect();
        self.write(&mut lines)
    }

    fn write(&mut self, lines: &mut [TreeEntry<'_>]) -> Result<Oid> {
        let (oid, bytes) = write_tree(lines, self.repo.format());
        self.objects
            .push(PackedObject::with_oid(oid, ObjectType::Tree, &bytes)?);
        Ok(oid)
    }
}

pub const HEX: &[u8; 16] = b"0123456789abcdef";

/// The sixteen children of a node that is split the canonical way; `None` for any other node, and
/// for one so deep that the next digit would be an id's last.
pub fn children(bytes: &[u8], format: ObjectFormat, depth: usize) -> Option<[Option<Oid>; 16]> {
    if depth + 1 >= format.hex_len() {
        return None;
    }
    let mut children = [None; 16];
    for line in TreeEntries::new(bytes, format) {
        let line = line.ok()?;
        let digit = HEX.iter().position(|hex| [*hex] == line.name)?;
        if !line.mode.is_tree() {
            return None;
        }
        children[digit] = Some(line.oid);
    }
    Some(children).filter(|children| children.iter().any(Option::is_some))
}

/// Can it be told from this node whether `blob` has an entry? Only where each folder on the way is one
/// that a store is made of: what has another shape, or no end, hides what it likes.
///
/// # Errors
/// If a tree cannot be read.
pub fn tells_of(repo: &Repo, node: Oid, blob: Oid) -> Result<bool> {
    let format = repo.format();
    let mut at = node;
    for depth in 0..format.hex_len() {
        let bytes = repo.tree(at)?;
        let Some(children) = children(&bytes, format, depth) else {
            let lines: Vec<_> = TreeEntries::new(&bytes, format).collect::<Result<_>>()?;
            let is_entry = |line: &TreeEntry<'_>| {
                line.mode.is_file()
                    && line.name.len() == format.hex_len() - depth
                    && line.name.iter().all(|digit| HEX.contains(digit))
            };
            let is_leaf = !lines.is_empty() && lines.len() <= SPLIT;
            return Ok(is_leaf && lines.iter().all(is_entry));
        };
        let digit = HEX.iter().position(|hex| *hex == blob.digit(depth));
        match digit.and_then(|digit| children[digit]) {
            Some(child) => at = child,
            None => return Ok(true),
        }
    }
    Ok(false)
}

/// Every pair at and below a node of any shape. Names that are no part of an id are passed over;
/// each level takes at least one digit, so the depth is bounded by an id's length.
///
/// # Errors
/// If a tree cannot be read, or there is no end of them.
pub fn collect(repo: &Repo, node: Oid, prefix: &mut Vec<u8>, pairs: &mut Vec<Pair>) -> Result<()> {
    collect_within(repo, node, prefix, &mut { MAX_LINES }, pairs)
}

/// As [`collect`], of so many lines at the most; what is left of them stays in `most`.
///
/// # Errors
/// As [`collect`].
pub fn collect_within(
    repo: &Repo,
    node: Oid,
    prefix: &mut Vec<u8>,
    most: &mut usize,
    pairs: &mut Vec<Pair>,
) -> Result<()> {
    each(repo, node, prefix, most, &mut |pair| pairs.push(pair))
}

/// Counts so many lines off those that may be read.
///
/// # Errors
/// If there are no more.
pub fn spend(most: &mut usize, lines: usize) -> Result<()> {
    *most = most.checked_sub(lines).ok_or(Endless)?;
    Ok(())
}

/// Shows `visit` every pair, in the order of the trees. Ends after `most` lines, and counts them
/// down.
///
/// # Errors
/// As [`collect`].
pub fn each(
    repo: &Repo,
    node: Oid,
    prefix: &mut Vec<u8>,
    most: &mut usize,
    visit: &mut impl FnMut(Pair),
) -> Result<()> {
    let bytes = repo.tree(node).context("a tree of entries is damaged")?;
    spend(most, TREE)?;
    for line in TreeEntries::new(&bytes, repo.format()) {
        let line = line?;
        spend(most, 1)?;
        let depth = prefix.len();
        let hex = line.name.iter().all(|digit| HEX.contains(digit));
        if !hex || depth + line.name.len() > repo.format().hex_len() {
            continue;
        }
        prefix.extend_from_slice(line.name);
        if line.mode.is_tree() {
            each(repo, line.oid, prefix, most, visit)?;
        } else if let Some(blob) = blob_of(prefix, repo.format()).filter(|_| line.mode.is_file()) {
            visit((blob, line.oid));
        }
        prefix.truncate(depth);
    }
    Ok(())
}

/// Splits sorted pairs into runs that share the digit at `depth`.
fn by_digit(pairs: &[Pair], depth: usize) -> impl Iterator<Item = (u8, &[Pair])> {
    let digit = move |pair: &Pair| HEX.iter().position(|hex| *hex == pair.0.digit(depth));
    pairs
        .chunk_by(move |a, b| digit(a) == digit(b))
        .filter_map(move |run| Some((u8::try_from(digit(run.first()?)?).ok()?, run)))
}

/// Two sorted lists as one; on equal blobs the upper one counts.
fn overlay(lower: &[Pair], upper: &[Pair]) -> Vec<Pair> {
    let mut merged = Vec::with_capacity(lower.len() + upper.len());
    let mut rest = upper.iter().peekable();
    for pair in lower {
        while let Some(before) = rest.next_if(|above| above.0 < pair.0) {
            merged.push(*before);
        }
        match rest.next_if(|above| above.0 == pair.0) {
            Some(above) => merged.push(*above),
            None => merged.push(*pair),
        }
    }
    merged.extend(rest);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;

    const SHA1: ObjectFormat = ObjectFormat::Sha1;

    fn pairs(range: std::ops::Range<u32>) -> Vec<Pair> {
        let blob = |n: u32| Oid::of_blob(SHA1, &n.to_be_bytes());
        let mut pairs: Vec<Pair> = range.map(|n| (blob(n), blob(0))).collect();
        pairs.sort_unstable();
        pairs
    }

    fn laid(repo: &Repo, old: Option<Oid>, additions: &[Pair]) -> Oid {
        let mut objects = Vec::new();
        let value = PackedObject::new(SHA1, ObjectType::Blob, &0u32.to_be_bytes()).unwrap();
        let oid = lay(repo, old, additions, &mut objects).unwrap();
        let all: Vec<&PackedObject> = objects.iter().chain([&value]).collect();
        drop(repo.store_pack(&all, "test").unwrap());
        oid
    }

    #[test]
    fn equal_sets_have_equal_trees_however_they_came_to_be() {
        let test = TestRepo::with_sha1();
        let repo = test.open();
        for n in [1, 511, 512, 513, 3000] {
            let at_once = laid(&repo, None, &pairs(0..n));
            let half = laid(&repo, None, &pairs(0..n / 2));
            let in_two = laid(&repo, Some(half), &pairs(n / 2..n));
            let mut found = Vec::new();
            collect(&repo, at_once, &mut Vec::new(), &mut found).unwrap();
            found.sort_unstable();
            assert_eq!(at_once, in_two, "{n}");
            assert_eq!(found, pairs(0..n), "{n}");
        }
    }

    #[test]
    fn a_node_of_another_shape_is_read_and_written_anew_in_ours() {
        let test = TestRepo::with_sha1();
        let repo = test.open();
        let all = pairs(0..100);
        // As git notes would fan out: two digits, then the rest.
        let mut objects = Vec::new();
        let mut writer = Writer {
            repo: &repo,
            objects: &mut objects,
        };
        let foreign: Vec<(Vec<u8>, Oid)> = all
            .chunk_by(|a, b| a.0.hex()[..2] == b.0.hex()[..2])
            .map(|run| {
                (
                    run[0].0.hex()[..2].to_vec(),
                    writer.write_leaf(2, run).unwrap(),
                )
            })
            .collect();
        let mut lines: Vec<TreeEntry<'_>> = foreign
            .iter()
            .map(|(name, oid)| TreeEntry {
                mode: Mode::TREE,
                name,
                oid: *oid,
            })
            .collect();
        let node = writer.write(&mut lines).unwrap();
        drop(
            repo.store_pack(&objects.iter().collect::<Vec<_>>(), "test")
                .unwrap(),
        );
        let mut found = Vec::new();
        collect(&repo, node, &mut Vec::new(), &mut found).unwrap();
        found.sort_unstable();
        assert_eq!(found, all);
        assert_eq!(
            laid(&repo, Some(node), &pairs(100..101)),
            laid(&repo, None, &pairs(0..101))
        );
    }

    #[test]
    fn a_folder_that_names_one_folder_again_and_again_ends() {
        let test = TestRepo::with_sha1();
        let repo = test.open();
        let mut objects = Vec::new();
        let mut writer = Writer {
            repo: &repo,
            objects: &mut objects,
        };
        let mut node = writer.write(&mut []).unwrap();
        for _ in 0..39 {
            node = writer.write_split(&[Some(node); 16]).unwrap();
        }
        // Another line makes it one that is not split as ours are: it is read whole to be changed.
        let mut lines: Vec<TreeEntry<'_>> = HEX
            .chunks(1)
            .map(|name| TreeEntry {
                mode: Mode::TREE,
                name,
                oid: node,
            })
            .collect();
        lines.push(TreeEntry {
            mode: Mode::TREE,
            name: b"odd",
            oid: node,
        });
        let odd = writer.write(&mut lines).unwrap();
        drop(
            repo.store_pack(&objects.iter().collect::<Vec<_>>(), "test")
                .unwrap(),
        );
        let mut most = 1000;
        let ended = each(&repo, node, &mut Vec::new(), &mut most, &mut |_| {});
        assert!(ended.unwrap_err().to_string().contains("has no end"));
        // It tells nothing of any file, and keeps nobody from storing.
        let new = pairs(0..3);
        for endless in [node, odd] {
            assert!(!tells_of(&repo, endless, new[0].0).unwrap());
        }
        assert_eq!(laid(&repo, Some(odd), &new), laid(&repo, None, &new));
    }

    #[test]
    fn a_node_of_ours_tells_of_every_file_whether_it_has_an_entry() {
        let test = TestRepo::with_sha1();
        let repo = test.open();
        for n in [1, 512, 3000] {
            let node = laid(&repo, None, &pairs(0..n));
            for (blob, _) in pairs(0..n + 1) {
                assert!(tells_of(&repo, node, blob).unwrap());
            }
        }
    }
}
