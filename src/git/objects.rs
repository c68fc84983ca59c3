//! Reading objects by their id. Sizes are looked at before contents: a hostile object must not
//! fill the memory.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::repo::Repo;
use super::scratch::Scratch;
use crate::model::{ObjectType, Oid};

/// The largest tree that is read: git itself needs no more for a folder of a million files.
const MAX_TREE_BYTES: usize = 64 << 20;

/// How long to wait before looking again for what must be there.
const LOOKS: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(400),
];

impl Repo {
    /// Lets this repository read the objects of `scratch` too.
    pub(super) fn add_scratch(&self, scratch: Scratch) -> Result<()> {
        self.hand.add_objects(scratch.objects())?;
        self.scratch.borrow_mut().push(scratch);
        Ok(())
    }

    /// Lets this repository read a text that is in no object database, an unsaved one of an editor's,
    /// under the id that git would give it.
    pub fn lend(&self, text: Arc<[u8]>) -> Oid {
        let oid = Oid::of_blob(self.format(), &text);
        self.lent.borrow_mut().insert(oid, text);
        oid
    }

    /// Forgets a text that was lent.
    pub fn take_back(&self, oid: Oid) {
        self.lent.borrow_mut().remove(&oid);
    }

    fn lent(&self, oid: Oid) -> Option<Arc<[u8]>> {
        self.lent.borrow().get(&oid).cloned()
    }

    /// The size of an object in bytes and its type, without reading it; `None` if it is not here.
    ///
    /// # Errors
    /// If the object database cannot be read.
    pub fn header(&self, oid: Oid) -> Result<Option<(u64, ObjectType)>> {
        if let Some(text) = self.lent(oid) {
            return Ok(Some((text.len() as u64, ObjectType::Blob)));
        }
        let header = self.hand.header(oid);
        header.with_context(|| format!("cannot read object {oid}"))
    }

    /// Is an object here that is missing only in a partial clone? Looked for more than once, as a
    /// folder is: see [`Repo::tree`].
    ///
    /// # Errors
    /// If the object database cannot be read.
    pub fn is_here(&self, oid: Oid) -> Result<bool> {
        let is_here = || Some(self.header(oid).ok()?.is_some()).filter(|is_here| *is_here);
        Ok(self.header(oid)?.is_some() || self.look_anew(is_here).is_some())
    }

    /// The bytes of the blob `oid`.
    ///
    /// # Errors
    /// If it is missing, damaged, no blob, or larger than `limit` bytes.
    pub fn blob(&self, oid: Oid, limit: usize) -> Result<Vec<u8>> {
        self.object(oid, ObjectType::Blob, limit)
    }

    /// The bytes of the tree `oid`, as git stores them.
    ///
    /// # Errors
    /// As [`Repo::blob`], with 64 MiB as the limit.
    pub fn tree(&self, oid: Oid) -> Result<Vec<u8>> {
        self.object(oid, ObjectType::Tree, MAX_TREE_BYTES)
    }

    /// As [`Repo::tree`], without hashing what is read, which doubles the cost of a scan: a tree
    /// that lies leads to objects that are checked when they are read.
    ///
    /// # Errors
    /// As [`Repo::tree`].
    pub fn tree_of_scan(&self, oid: Oid) -> Result<Vec<u8>> {
        let what = || format!("cannot read tree {oid}");
        let read = || self.hand.read(oid, MAX_TREE_BYTES as u64);
        let read = match read() {
            Err(_) if self.header(oid)?.is_none() && self.fetch_promised_tree(oid)? => read(),
            Err(error) => self.look_anew(|| read().ok()).ok_or(error),
            read => read,
        };
        let (kind, bytes) = read.with_context(what)?;
        if kind != ObjectType::Tree {
            bail!("object {oid} is a {}, not a tree", kind.name());
        }
        Ok(bytes)
    }

    /// The bytes of the commit `oid`, as git stores them.
    ///
    /// # Errors
    /// As [`Repo::blob`], with 1 MiB as the limit.
    pub fn commit(&self, oid: Oid) -> Result<Vec<u8>> {
        self.object(oid, ObjectType::Commit, 1 << 20)
    }

    /// The tree that the commit `oid` records.
    ///
    /// # Errors
    /// If the commit cannot be read.
    pub fn tree_of(&self, commit: Oid) -> Result<Oid> {
        let bytes = self.commit(commit)?;
        let hex = bytes
            .strip_prefix(b"tree ")
            .and_then(|rest| rest.split(|&b| b == b'\n').next());
        hex.and_then(Oid::from_hex)
            .with_context(|| format!("commit {commit} has no tree"))
    }

    /// Reads an object and checks that it is what its id says. Done here and not by libgit2, where
    /// it is on or off for all threads of the process at once.
    fn object(&self, oid: Oid, expected: ObjectType, limit: usize) -> Result<Vec<u8>> {
        let bytes = self.unchecked(oid, expected, limit)?;
        if Oid::of(oid.format(), expected, &bytes) != oid {
            bail!(
                "{} {oid} is damaged: its id does not match",
                expected.name()
            );
        }
        Ok(bytes)
    }

    /// Looks once more for a folder or a commit, which is never missing but where something is
    /// damaged: git may be packing anew what lies here, and then neither the old pack nor the new
    /// one is seen for a moment. Blobs are missing in every partial clone.
    fn look_anew<T>(&self, look: impl Fn() -> Option<T>) -> Option<T> {
        LOOKS.iter().find_map(|wait| {
            std::thread::sleep(*wait);
            self.hand.look_anew().ok()?;
            look()
        })
    }

    fn unchecked(&self, oid: Oid, expected: ObjectType, limit: usize) -> Result<Vec<u8>> {
        if let Some(text) = self.lent(oid).filter(|text| text.len() <= limit) {
            return Ok(text.to_vec());
        }
        let what = || format!("cannot read {} {oid}", expected.name());
        let mut header = self.hand.header(oid).with_context(what)?;
        // Blobs are fetched many at once, before they are read.
        let is_tree = expected == ObjectType::Tree;
        if header.is_none() && is_tree && self.fetch_promised_tree(oid)? {
            header = self.hand.header(oid).with_context(what)?;
        }
        if header.is_none() && expected != ObjectType::Blob {
            header = self.look_anew(|| self.hand.header(oid).ok().flatten());
        }
        let (size, kind) = header.context("no such object").with_context(what)?;
        if kind != expected {
            bail!(
                "object {oid} is a {}, not a {}",
                kind.name(),
                expected.name()
            );
        }
        if size > limit as u64 {
            bail!(
                "{} {oid} has {size} bytes, the limit is {limit}",
                expected.name()
            );
        }
        let (_, bytes) = self.hand.read(oid, u64::MAX).with_context(what)?;
        Ok(bytes)
    }

    /// Makes objects visible that another process has stored since this repository was opened.
    ///
    /// # Errors
    /// If the object database cannot be read.
    pub fn refresh_objects(&self) -> Result<()> {
        self.hand.refresh()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::process::Git;
    use crate::git::testing::TestRepo;

    #[test]
    fn a_lent_text_is_read_as_a_blob_by_this_repository_and_its_copies_until_it_is_taken_back() {
        let test = TestRepo::new();
        let repo = test.open();
        let oid = repo.lend(Arc::from(&b"unsaved\n"[..]));
        let copy = repo.reopen().unwrap();
        repo.take_back(oid);
        assert_eq!(copy.blob(oid, 100).unwrap(), b"unsaved\n");
        assert_eq!(copy.header(oid).unwrap(), Some((8, ObjectType::Blob)));
        assert!(copy.blob(oid, 7).is_err());
        assert!(repo.blob(oid, 100).is_err());
    }

    #[test]
    fn a_tree_is_asked_for_its_size_before_it_is_read() {
        let test = TestRepo::new();
        let file = test.write("tree", vec![0; MAX_TREE_BYTES + 1000]);
        let file = file.to_str().unwrap();
        let options = ["-t", "tree", "-w", "--literally", file];
        let oid: Oid = test.git(&options, "hash-object").parse().unwrap();
        let refused = || {
            let read = test.open().tree_of_scan(oid).map(|bytes| bytes.len());
            let error = read.unwrap_err();
            let limit = format!("the limit is {MAX_TREE_BYTES}");
            let other = format!("than the limit of {MAX_TREE_BYTES} bytes");
            let said = format!("{error:#}");
            assert!(said.contains(&limit) || said.contains(&other), "{said}");
        };
        refused();
        let pack = Git::new(&test.path, "pack-objects").args(["-q", ".git/objects/pack/pack"]);
        pack.feed(format!("{oid}\n").as_bytes()).unwrap();
        let (folder, rest) = (&oid.to_string()[..2], &oid.to_string()[2..]);
        std::fs::remove_file(test.path.join(".git/objects").join(folder).join(rest)).unwrap();
        refused();
    }

    #[test]
    fn an_object_that_is_not_what_its_id_says_is_not_believed() {
        let test = TestRepo::new();
        let place = |hex: &str| {
            let (folder, rest) = hex.split_at(2);
            test.path.join(".git/objects").join(folder).join(rest)
        };
        test.write("a.rs", "fn a() {}\n");
        test.write("b.rs", "fn b() {}\n");
        test.commit("two");
        let oid = |name| test.git(&[name], "rev-parse");
        let (a, b) = (oid("HEAD:a.rs"), oid("HEAD:b.rs"));
        std::fs::remove_file(place(&a)).unwrap();
        std::fs::copy(place(&b), place(&a)).unwrap();
        let repo = test.open();
        let tree = repo.tree_named("HEAD").unwrap();
        assert!(repo.tree_of_scan(tree).is_ok());
        assert_eq!(repo.blob(b.parse().unwrap(), 100).unwrap(), b"fn b() {}\n");
        let error = repo.blob(a.parse().unwrap(), 100).unwrap_err();
        assert!(error.to_string().contains("is damaged"), "{error:#}");
    }
}
