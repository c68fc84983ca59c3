//! Trees as git writes them: parsing, building, walking. Never recursive over what a stranger may
//! have made deep.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::{Context, Result, bail};

use super::listing::Mode;
use super::repo::Repo;
use crate::model::{ObjectFormat, ObjectType, Oid, RepoPath};

/// More files than any repository has: a tree that repeats itself (a "tree bomb") ends here.
const MAX_FILES: usize = 20_000_000;

/// Bytes of paths below folders that were walked before: copies of a folder are common, and sixty
/// trees of ten lines each can name more copies than there is memory.
const MAX_REPEATED: usize = 128 << 20;

/// What a file costs beside its path.
const FILE: usize = 64;

/// Deeper than any path that a file system takes.
const MAX_DEPTH: usize = 4096;

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
        let space = memchr::memchr(b' ', self.rest)?;
        let nul = space + memchr::memchr(0, &self.rest[space..])?;
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

/// A step of a walk over trees.
#[derive(Debug)]
pub enum Visit<'a> {
    /// A tree that is about to be read, if the visitor says so, and where it lies.
    Enter(Oid, &'a [u8]),
    /// The end of the tree entered last.
    Leave,
    /// A file in a folder above the ones that were asked for.
    Above(&'a [u8], Oid),
    File(&'a [u8], Mode, Oid),
}

/// A tree that is being read: its bytes, how far, and the length of its path.
struct Frame {
    bytes: Vec<u8>,
    at: usize,
    path: usize,
    /// Was it walked before, at another place?
    is_repeated: bool,
}

/// What a walk has seen so far.
#[derive(Default)]
struct Walked {
    files: usize,
    trees: HashSet<Oid>,
    repeated: usize,
}

/// A folder on the way to a start: what lies in it, by name.
struct Passed {
    tree: Oid,
    lines: HashMap<Vec<u8>, (Mode, Oid)>,
}

impl Repo {
    /// Walks the files below `starts` (paths from the root; the empty one is the root) in the
    /// order of their paths. `visit` answers an `Enter` with whether to read that tree.
    ///
    /// # Errors
    /// If a tree cannot be read, or there is no end of them.
    pub fn walk_trees(
        &self,
        root: Oid,
        starts: &[RepoPath],
        mut visit: impl FnMut(Visit<'_>) -> bool,
    ) -> Result<()> {
        let all: BTreeSet<&[u8]> = starts.iter().map(RepoPath::as_bytes).collect();
        // A folder's files are walked once, though a file in it may be named as well.
        let inner = |start: &RepoPath| {
            !start.as_bytes().is_empty() && start.folders().any(|folder| all.contains(folder))
        };
        let starts: BTreeSet<&RepoPath> = starts.iter().filter(|start| !inner(start)).collect();
        let mut walked = Walked::default();
        let mut way = Vec::new();
        for start in starts {
            if let Some(found) = self.descend(root, start, &mut way, &mut visit)? {
                self.walk_below(found, start, &mut walked, &mut visit)?;
            }
        }
        Ok(())
    }

    /// What lies at `path` in the tree `root`.
    ///
    /// # Errors
    /// If a tree cannot be read.
    pub(super) fn entry_at(&self, root: Oid, path: &RepoPath) -> Result<Option<(Mode, Oid)>> {
        self.descend(root, path, &mut Vec::new(), &mut |_| true)
    }

    /// What lies at `path`. The folders on the way that are not those of the last `way` are read,
    /// and their files shown: many starts in one folder read it once.
    fn descend(
        &self,
        root: Oid,
        path: &RepoPath,
        way: &mut Vec<Passed>,
        visit: &mut impl FnMut(Visit<'_>) -> bool,
    ) -> Result<Option<(Mode, Oid)>> {
        let mut found = (Mode::TREE, root);
        let names = path.as_bytes().split(|&b| b == b'/');
        for (depth, name) in names.filter(|name| !name.is_empty()).enumerate() {
            let (mode, tree) = found;
            if !mode.is_tree() {
                return Ok(None);
            }
            if way.get(depth).is_none_or(|passed| passed.tree != tree) {
                way.truncate(depth);
                way.push(self.pass(tree, visit)?);
            }
            let line = way.get(depth).and_then(|passed| passed.lines.get(name));
            match line {
                Some(line) => found = *line,
                None => return Ok(None),
            }
        }
        Ok(Some(found))
    }

    fn pass(&self, tree: Oid, visit: &mut impl FnMut(Visit<'_>) -> bool) -> Result<Passed> {
        let bytes = self.tree(tree)?;
        let mut lines = HashMap::new();
        for line in TreeEntries::new(&bytes, self.format()) {
            let line = line?;
            if line.mode.is_file() {
                visit(Visit::Above(line.name, line.oid));
            }
            lines.insert(line.name.to_vec(), (line.mode, line.oid));
        }
        Ok(Passed { tree, lines })
    }

    fn walk_below(
        &self,
        (mode, oid): (Mode, Oid),
        start: &RepoPath,
        walked: &mut Walked,
        visit: &mut impl FnMut(Visit<'_>) -> bool,
    ) -> Result<()> {
        let mut path = start.as_bytes().to_vec();
        if !mode.is_tree() {
            visit(Visit::File(&path, mode, oid));
            return Ok(());
        }
        let mut stack = Vec::new();
        self.enter(oid, &path, &mut stack, walked, visit)?;
        while let Some(frame) = stack.last_mut() {
            path.truncate(frame.path);
            let mut lines = TreeEntries::new(&frame.bytes[frame.at..], self.format());
            let Some(line) = lines.next() else {
                stack.pop();
                visit(Visit::Leave);
                continue;
            };
            let line =
                line.with_context(|| format!("cannot list '{}'", RepoPath::new(path.clone())))?;
            let (mode, oid) = (line.mode, line.oid);
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(line.name);
            frame.at = frame.bytes.len() - lines.rest.len();
            if frame.is_repeated {
                walked.repeated += path.len() + FILE;
            }
            if mode.is_tree() {
                self.enter(oid, &path, &mut stack, walked, visit)?;
            } else {
                walked.files += 1;
                visit(Visit::File(&path, mode, oid));
            }
            if walked.files > MAX_FILES || walked.repeated > MAX_REPEATED || stack.len() > MAX_DEPTH
            {
                // A path that is too deep may be longer than anybody reads.
                path.truncate(100);
                bail!(
                    "'{}…' is nested too deeply, or has too many files or copies",
                    RepoPath::new(path)
                );
            }
        }
        Ok(())
    }

    fn enter(
        &self,
        oid: Oid,
        path: &[u8],
        stack: &mut Vec<Frame>,
        walked: &mut Walked,
        visit: &mut impl FnMut(Visit<'_>) -> bool,
    ) -> Result<()> {
        if visit(Visit::Enter(oid, path)) {
            let bytes = self.tree_of_scan(oid)?;
            stack.push(Frame {
                bytes,
                at: 0,
                path: path.len(),
                is_repeated: !walked.trees.insert(oid),
            });
        }
        Ok(())
    }
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

    #[test]
    fn a_folder_above_many_starts_is_shown_once_and_every_start_is_found() {
        let test = crate::git::testing::TestRepo::new();
        for file in ["a/1.rs", "a/2.rs", "a/b/3.rs", "c/1.rs", "top.rs"] {
            test.write(file, file);
        }
        test.commit("files");
        let repo = test.open();
        let starts = ["a/1.rs", "a/2.rs", "a/b", "a/none/x", "c/1.rs", "top.rs/x"];
        let (mut files, mut above) = (Vec::new(), Vec::new());
        let root = repo.tree_named("HEAD").unwrap();
        repo.walk_trees(root, &starts.map(RepoPath::from), |visit| {
            match visit {
                Visit::File(path, ..) => files.push(RepoPath::new(path).to_string()),
                Visit::Above(name, _) => above.push(String::from_utf8_lossy(name).into_owned()),
                Visit::Enter(..) | Visit::Leave => {}
            }
            true
        })
        .unwrap();
        assert_eq!(files, ["a/1.rs", "a/2.rs", "a/b/3.rs", "c/1.rs"]);
        assert_eq!(above, ["top.rs", "1.rs", "2.rs", "1.rs"]);
    }
}
