//! New objects go out as one pack, through `git index-pack --keep`: durable before any ref names
//! them, and safe from a `git gc --prune=now` that runs at the same time.
//!
//! The stream is written here because libgit2's pack builder and `git pack-objects` first want
//! loose objects or search for deltas that do not exist (docs/performance.md, P7).
//! Format: Documentation/gitformat-pack.adoc.

use std::cell::RefCell;
use std::io::{BufWriter, Write};
use std::iter;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use flate2::{Compress, Compression, FlushCompress, Status};
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use super::files::{self, Links};
use super::own_folder::OwnFolder;
use super::repo::Repo;
use super::rolling::Rolled;
use crate::model::{ObjectFormat, ObjectType, Oid};

/// Level 1 is a third larger, level 6 saves nothing more on JSON of a few kilobytes.
const LEVEL: Compression = Compression::new(3);

thread_local! {
    /// It takes 300 KB. To make one for each object costs time; and where small things that are kept
    /// come to lie between them, room that is not used again.
    static DEFLATE: RefCell<Compress> = RefCell::new(Compress::new(LEVEL, true));
}

/// How a keep file of ours begins.
const KEEPER: &str = "rustassistant ";

/// No keep file of ours is longer.
const MAX_KEEP: u64 = 4096;

/// `git gc` sweeps half-written packs away: worth another try.
const ATTEMPTS: u32 = 3;

/// An object in the form a pack holds it. Making it is the costly part, and needs no repository.
#[derive(Clone, Debug)]
pub struct PackedObject {
    pub oid: Oid,
    /// Header and deflated content.
    bytes: Vec<u8>,
}

impl PackedObject {
    /// # Errors
    /// Never in practice: it is written to memory.
    pub fn new(format: ObjectFormat, kind: ObjectType, content: &[u8]) -> Result<Self> {
        let oid = Oid::of(format, kind, content);
        Self::with_oid(oid, kind, content)
    }

    /// As [`PackedObject::new`], for content whose id is known already.
    ///
    /// # Errors
    /// As [`PackedObject::new`].
    pub fn with_oid(oid: Oid, kind: ObjectType, content: &[u8]) -> Result<Self> {
        let mut bytes = header(kind, content.len());
        DEFLATE.with_borrow_mut(|deflate| deflated(deflate, content, &mut bytes))?;
        bytes.shrink_to_fit();
        Ok(Self { oid, bytes })
    }

    /// Bytes it takes in a pack.
    pub const fn size(&self) -> usize {
        self.bytes.len()
    }
}

/// Appends `content` to `bytes`, deflated.
fn deflated(deflate: &mut Compress, content: &[u8], bytes: &mut Vec<u8>) -> Result<()> {
    deflate.reset();
    loop {
        bytes.reserve(content.len() / 3 + 64);
        let done = usize::try_from(deflate.total_in())?;
        let rest = content.get(done..).unwrap_or_default();
        if deflate.compress_vec(rest, bytes, FlushCompress::Finish)? == Status::StreamEnd {
            return Ok(());
        }
    }
}

/// Four bits of length and the type, then seven bits of length a byte, least significant first.
fn header(kind: ObjectType, length: usize) -> Vec<u8> {
    let code: u8 = match kind {
        ObjectType::Commit => 1,
        ObjectType::Tree => 2,
        ObjectType::Blob => 3,
        ObjectType::Tag => 4,
    };
    let low = |bits: usize| u8::try_from(bits).unwrap_or(0);
    let mut bytes = vec![code << 4 | low(length & 15)];
    let mut rest = length >> 4;
    while rest > 0 {
        if let Some(last) = bytes.last_mut() {
            *last |= 0x80;
        }
        bytes.push(low(rest & 127));
        rest >>= 7;
    }
    bytes
}

/// A pack that was taken in. Its objects are safe from `git gc` until it is dropped: keep it
/// until a ref names them.
#[derive(Debug)]
#[must_use = "dropping it lets git prune the objects"]
pub struct Kept {
    keep: PathBuf,
}

impl Drop for Kept {
    #[expect(
        clippy::disallowed_methods,
        reason = "the keep file that git has just made for us"
    )]
    fn drop(&mut self) {
        // One that stays behind only costs room: the pack is then never repacked.
        let _ = std::fs::remove_file(&self.keep);
    }
}

impl Repo {
    /// Stores `objects` durably as one pack. `who` goes into the keep file, behind this program's
    /// name.
    ///
    /// # Errors
    /// If the pack cannot be stored: a full or read-only disk.
    pub fn store_pack(&self, objects: &[&PackedObject], who: &str) -> Result<Kept> {
        let size = objects.iter().map(|object| object.size() as u64).sum();
        let mut rolled = self.rolled_into(size, objects.iter().map(|object| object.oid));
        // Ours and nobody else's, whoever has the number of this process.
        let who = format!("{KEEPER}{who} {:016x}", fastrand::u64(..));
        let salt = PackedObject::new(self.format(), ObjectType::Blob, who.as_bytes())?;
        let mut objects = objects.to_vec();
        // The same in each attempt, so that the keep file that one leaves is that of the next; but the
        // older packs stay if that is what git does not take.
        let mut attempt = 1;
        loop {
            match self.try_store_pack(&objects, &rolled, &who) {
                Err(error) if attempt < ATTEMPTS => {
                    attempt += 1;
                    if error.is::<NotOurs>() {
                        objects.push(&salt);
                    }
                    if attempt == ATTEMPTS {
                        rolled = Rolled::default();
                    }
                }
                result => {
                    self.refresh_objects()?;
                    return result.context("cannot store a pack of new objects");
                }
            }
        }
    }

    /// Removes the keep files that processes of this program left when they were killed: git would
    /// never repack what they keep. Those of the living stay: what a publisher has stored is named
    /// by no ref until its remote has taken it.
    pub fn remove_dead_keeps(&self) {
        let Ok(packs) = OwnFolder::open(self.objects_dir(), "pack") else {
            return;
        };
        for name in packs.names().unwrap_or_default() {
            let number = name
                .strip_prefix("pack-")
                .and_then(|name| name.strip_suffix(".keep"));
            let is_keep =
                number.is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
            if is_keep
                && packs
                    .read(&name, MAX_KEEP)
                    .is_ok_and(|who| is_of_the_dead(&who))
            {
                // One that stays behind only costs room.
                let _ = packs.remove(&name);
            }
        }
    }

    fn try_store_pack(
        &self,
        objects: &[&PackedObject],
        rolled: &Rolled,
        who: &str,
    ) -> Result<Kept> {
        let older = rolled.objects.iter().map(Vec::as_slice);
        let bodies = objects.iter().map(|object| object.bytes.as_slice());
        let head = head_of_pack(objects.len() + rolled.objects.len())?;
        let parts: Vec<&[u8]> = iter::once(&head[..]).chain(bodies).chain(older).collect();
        let end = self.format().hash(&parts);
        // Git calls a pack by what it ends with (index-pack.c).
        let name = format!("pack-{end}");
        let keep = self.pack_file(&name, "keep");
        if self.pack_file(&name, "pack").exists() && !is_by(&keep, who) {
            bail!(NotOurs(name));
        }
        let mut process = self
            .git_at_root("index-pack")
            .args(["--stdin", &format!("--keep={who}")])
            .stream(Stdio::piped())?;
        let stdin = process
            .stdin()
            .context("git index-pack has no standard input")?;
        let written = write_pack(&parts, end, stdin);
        // A child that failed closes its input; its own words say more than "broken pipe".
        process.end()?;
        written.context("cannot write to git index-pack")?;
        if !is_by(&keep, who) {
            bail!(NotOurs(name));
        }
        self.roll_up(&name, rolled);
        Ok(Kept { keep })
    }
}

/// Another process has stored the very same pack: it goes, or is repacked, without asking us.
#[derive(Debug, thiserror::Error)]
#[error("{0} is kept by another process")]
struct NotOurs(String);

/// Did `who` write this keep file?
fn is_by(keep: &Path, who: &str) -> bool {
    let text = files::read(keep, Links::Refused, MAX_KEEP);
    text.is_ok_and(|text| text.trim_ascii_end() == who.as_bytes())
}

/// Was this written into a keep file by a process of this program that has ended? One that another
/// process was given the number of keeps its pack until that one has ended, too.
fn is_of_the_dead(who: &[u8]) -> bool {
    let Some(rest) = who.strip_prefix(KEEPER.as_bytes()) else {
        return false;
    };
    let number = rest.split(|&b| b == b' ').next().unwrap_or_default();
    // Whoever wrote something else: no number that could name a group of processes.
    let number: Option<u32> = std::str::from_utf8(number)
        .ok()
        .and_then(|number| number.parse().ok());
    let process = number.and_then(|number| Pid::from_raw(i32::try_from(number).ok()?));
    process.is_none_or(|process| test_kill_process(process) == Err(Errno::SRCH))
}

/// What a pack of so many objects begins with.
fn head_of_pack(count: usize) -> Result<[u8; 12]> {
    let count = u32::try_from(count).context("too many objects for one pack")?;
    let mut head = *b"PACK\0\0\0\x02\0\0\0\0";
    head[8..].copy_from_slice(&count.to_be_bytes());
    Ok(head)
}

fn write_pack(parts: &[&[u8]], end: Oid, out: impl Write) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    for part in parts {
        out.write_all(part)?;
    }
    out.write_all(end.raw())?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;
    use crate::git::{Expected, Mode, TreeEntry, Update, write_tree};

    #[test]
    fn what_two_store_at_once_is_kept_until_both_have_let_go_of_it() {
        let test = TestRepo::new();
        let repo = test.open();
        let text = PackedObject::new(repo.format(), ObjectType::Blob, b"of both").unwrap();
        let store = || repo.store_pack(&[&text], "1 of a test").unwrap();
        let tidy = || test.git(&["-q", "--prune=now"], "gc");
        let (one, other) = (store(), store());
        assert_ne!(one.keep, other.keep);
        for let_go in [one, other] {
            tidy();
            assert!(repo.blob(text.oid, 100).is_ok());
            drop(let_go);
        }
        tidy();
        assert!(test.open().blob(text.oid, 100).is_err());
    }

    /// A `git gc` that has seen the pack without its keep file would take away what it takes to be kept.
    #[test]
    fn a_pack_that_nobody_keeps_is_not_relied_on_but_stored_anew() {
        let test = TestRepo::new();
        let repo = test.open();
        let text = PackedObject::new(repo.format(), ObjectType::Blob, b"again").unwrap();
        let store = || repo.store_pack(&[&text], "1 of a test").unwrap();
        let first = store().keep.clone();
        assert_ne!(store().keep, first);
    }

    #[test]
    fn a_pack_of_the_living_is_kept_and_that_of_the_dead_is_not() {
        let test = TestRepo::new();
        let repo = test.open();
        // No system gives that number out.
        let dead = i32::MAX;
        let folder = repo.objects_dir().join("pack");
        std::fs::create_dir_all(&folder).unwrap();
        let living = std::process::id();
        let keeps = [
            (format!("rustassistant {living} 0\n"), true),
            (format!("rustassistant {dead} 0\n"), false),
            ("rustassistant what\n".to_owned(), false),
            ("rustassistant -1 0\n".to_owned(), false),
            ("somebody else\n".to_owned(), true),
        ];
        for (number, (who, stays)) in keeps.iter().enumerate() {
            let keep = folder.join(format!("pack-{number}.keep"));
            std::fs::write(&keep, who).unwrap();
            repo.remove_dead_keeps();
            assert_eq!(keep.exists(), *stays, "{who}");
        }
    }

    #[test]
    fn a_stored_pack_is_sound_and_readable_at_once() {
        let test = TestRepo::new();
        let repo = test.open();
        let format = repo.format();
        let mut contents: Vec<Vec<u8>> = (0..40u32)
            .map(|n| vec![b'x'; (n * n * 7) as usize])
            .collect();
        // What cannot be made smaller takes more room than is set aside at first.
        let mut random = fastrand::Rng::with_seed(1);
        contents[39] = std::iter::repeat_with(|| random.u8(..))
            .take(200_000)
            .collect();
        let blobs: Vec<PackedObject> = contents
            .iter()
            .map(|content| PackedObject::new(format, ObjectType::Blob, content).unwrap())
            .collect();
        let names: Vec<String> = (0..blobs.len()).map(|n| format!("f{n}")).collect();
        let mut lines: Vec<TreeEntry<'_>> = names
            .iter()
            .zip(&blobs)
            .map(|(name, blob)| TreeEntry {
                mode: Mode::FILE,
                name: name.as_bytes(),
                oid: blob.oid,
            })
            .collect();
        let (tree, bytes) = write_tree(&mut lines, format);
        let tree_object = PackedObject::with_oid(tree, ObjectType::Tree, &bytes).unwrap();
        let all: Vec<&PackedObject> = blobs.iter().chain([&tree_object]).collect();
        let kept = repo.store_pack(&all, "test").unwrap();
        assert_eq!(repo.blob(blobs[39].oid, 1 << 20).unwrap(), contents[39]);
        let name = "refs/rustassistant/local/v1";
        assert_eq!(
            repo.update_ref(name, tree, Expected::Absent, "t").unwrap(),
            Update::Done
        );
        assert_eq!(
            repo.update_ref(name, tree, Expected::Absent, "t").unwrap(),
            Update::Raced
        );
        assert!(kept.keep.exists());
        let keep = kept.keep.clone();
        drop(kept);
        assert!(!keep.exists());
        test.fsck();
    }
}
