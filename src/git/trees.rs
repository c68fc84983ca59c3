//! Trees as git writes them: parsing and building their bytes. Reads one level; walking is the
//! callers' affair, and never recursive over what a stranger may have made deep.

use anyhow::{Result, bail};

use super::listing::Mode;
use crate::model::{ObjectFormat, ObjectType, Oid};

/// One line of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeEntry<'a> {
    pub mode: Mode,
    pub name: &'a [u8],
    pub oid: Oid,
}

/// Iterates over the bytes of a tree object. Yields an error once, at the first malformed line.
#[derive(Debug)]
pub struct TreeEntries<'a> {
    rest: &'a [u8],
    raw_len: usize,
}

impl<'a> TreeEntries<'a> {
    pub const fn new(bytes: &'a [u8], format: ObjectFormat) -> Self {
        Self {
            rest: bytes,
            raw_len: format.raw_len(),
        }
    }

    fn parse(&mut self) -> Option<TreeEntry<'a>> {
        let space = self.rest.iter().position(|&b| b == b' ')?;
        let nul = space + self.rest[space..].iter().position(|&b| b == 0)?;
        let name = &self.rest[space + 1..nul];
        let raw = self.rest.get(nul + 1..nul + 1 + self.raw_len)?;
        let mode = self.rest[..space]
            .iter()
            .try_fold(0u32, |mode, &digit| match digit {
                b'0'..=b'7' if mode < 0o1_000_000 => Some(mode << 3 | u32::from(digit - b'0')),
                _ => None,
            })?;
        let named = !name.is_empty() && name != b"." && name != b".." && !name.contains(&b'/');
        let entry = named.then_some(TreeEntry {
            mode: Mode(mode),
            name,
            oid: Oid::from_raw(raw)?,
        });
        self.rest = &self.rest[nul + 1 + self.raw_len..];
        entry
    }
}

impl<'a> Iterator for TreeEntries<'a> {
    type Item = Result<TreeEntry<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = self.parse();
        if entry.is_none() {
            self.rest = b"";
        }
        Some(entry.map_or_else(malformed, Ok))
    }
}

fn malformed<T>() -> Result<T> {
    bail!("a tree object is malformed")
}

/// The bytes of a tree with these entries, in git's order, and its id.
pub fn write_tree(entries: &mut [TreeEntry<'_>], format: ObjectFormat) -> (Oid, Vec<u8>) {
    // Git compares a folder's name as if a slash followed it.
    let key = |entry: &TreeEntry<'_>| {
        let mut name = entry.name.to_vec();
        if entry.mode.is_tree() {
            name.push(b'/');
        }
        name
    };
    entries.sort_by_cached_key(key);
    let mut bytes = Vec::with_capacity(entries.len() * 64);
    for entry in entries.iter() {
        bytes.extend_from_slice(format!("{:o} ", entry.mode.0).as_bytes());
        bytes.extend_from_slice(entry.name);
        bytes.push(0);
        bytes.extend_from_slice(entry.oid.raw());
    }
    (Oid::of(format, ObjectType::Tree, &bytes), bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA1: ObjectFormat = ObjectFormat::Sha1;

    #[test]
    fn a_written_tree_reads_back_in_the_order_git_wants() {
        let oid = Oid::of_blob(SHA1, b"");
        let entry = |mode, name| TreeEntry { mode, name, oid };
        let mut entries = [
            entry(Mode::TREE, b"a".as_slice()),
            entry(Mode::FILE, b"a.rs"),
            entry(Mode::FILE, b"a-b"),
        ];
        let (_, bytes) = write_tree(&mut entries, SHA1);
        let names: Vec<_> = TreeEntries::new(&bytes, SHA1)
            .map(|e| e.unwrap().name)
            .collect();
        assert_eq!(names, [b"a-b".as_slice(), b"a.rs", b"a"]);
    }

    #[test]
    fn a_malformed_tree_is_an_error_and_never_a_panic() {
        for bytes in [
            b"100644 a\0short".as_slice(),
            b"100644",
            b"999 a\0aaaaaaaaaaaaaaaaaaaa",
            b"100644 ..\0aaaaaaaaaaaaaaaaaaaa",
            b"100644 a/b\0aaaaaaaaaaaaaaaaaaaa",
            b"77777777777777777777777 a\0aaaaaaaaaaaaaaaaaaaa",
        ] {
            let entries: Vec<_> = TreeEntries::new(bytes, SHA1).collect();
            assert_eq!(entries.len(), 1);
            assert!(entries[0].is_err());
        }
    }
}
