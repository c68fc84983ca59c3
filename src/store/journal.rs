//! Answers that are not in a pack yet. Each is appended the moment it arrives, so that what was
//! paid for survives the end of the process; a later run folds in what dead processes left.
//!
//! A record is a header line, `<tag> <oid> <length>`, then that many bytes and a newline. The
//! object id tells a torn or foreign record from a whole one.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use crate::git::{Lock, Turn, own_folder};
use crate::model::{ObjectFormat, Oid};

/// The most a journal of a dead process may hold: more was not written by this program.
const MAX_JOURNAL_BYTES: u64 = 4 << 30;

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    Recipe,
    Entry,
}

impl Tag {
    const fn name(self) -> &'static str {
        match self {
            Self::Recipe => "recipe",
            Self::Entry => "entry",
        }
    }
}

/// One record that read back whole.
#[derive(Debug)]
pub struct Record {
    pub tag: Tag,
    pub oid: Oid,
    pub text: Vec<u8>,
}

impl Record {
    /// As it is written.
    pub fn written(&self) -> Vec<u8> {
        let mut record =
            format!("{} {} {}\n", self.tag.name(), self.oid, self.text.len()).into_bytes();
        record.extend_from_slice(&self.text);
        record.push(b'\n');
        record
    }
}

/// The journal of this process, locked for as long as it lives.
#[derive(Debug)]
pub struct Journal {
    lock: Lock,
    path: PathBuf,
    /// A record was cut short and could not be taken back: nobody would read what follows it.
    torn: Cell<bool>,
}

impl Journal {
    /// Starts a journal of its own in `folder`.
    ///
    /// # Errors
    /// If the folder or the file cannot be made.
    pub fn start(folder: &Path) -> Result<Self> {
        own_folder(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        for number in 0u32.. {
            let path = folder.join(format!("{}-{number}", std::process::id()));
            let lock = Lock::take(&path, Turn::Now);
            let lock = lock.with_context(|| format!("cannot write {}", path.display()))?;
            // A dead process of the same number may have left answers: not ours to overwrite.
            match lock {
                Some(lock) if lock.file().metadata()?.len() == 0 => {
                    let torn = Cell::new(false);
                    return Ok(Self { lock, path, torn });
                }
                _ => {}
            }
        }
        unreachable!("there are more numbers than files")
    }

    /// Appends one answer; with `sync`, it is on the disk when this returns.
    ///
    /// # Errors
    /// If the disk is full or gone. The answers before stay readable, and another may be tried.
    pub fn append(&self, tag: Tag, oid: Oid, text: &[u8], sync: bool) -> Result<()> {
        let text = text.to_vec();
        let record = Record { tag, oid, text }.written();
        let what = || format!("cannot write {}", self.path.display());
        if self.torn.get() {
            return Err(anyhow!("an earlier answer could not be written")).with_context(what);
        }
        let mut file = self.lock.file();
        let begin = file.stream_position().with_context(what)?;
        let written = file.write_all(&record).and_then(|()| match sync {
            true => file.sync_data(),
            false => Ok(()),
        });
        if written.is_err() {
            let back = file.set_len(begin);
            let back = back.and_then(|()| file.seek(SeekFrom::Start(begin)));
            self.torn.set(back.is_err());
        }
        written.with_context(what)
    }

    /// What it holds.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn records(&self, format: ObjectFormat) -> Result<Vec<Record>> {
        Ok(records(&fs::read(&self.path)?, format))
    }

    /// Forgets what is in the store by now.
    ///
    /// # Errors
    /// If the file cannot be changed.
    pub fn clear(&self) -> Result<()> {
        let mut file = self.lock.file();
        file.set_len(0).and_then(|()| file.rewind())?;
        self.torn.set(false);
        Ok(())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        let empty = self
            .lock
            .file()
            .metadata()
            .is_ok_and(|meta| meta.len() == 0);
        if empty {
            // Left behind it would be folded in as nothing.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The journal of a process that has died, locked against others who would fold it in.
#[derive(Debug)]
pub struct Orphan {
    lock: Lock,
    path: PathBuf,
}

impl Orphan {
    /// Every journal in `folder` that no living process holds and that is not empty.
    pub fn find(folder: &Path) -> Vec<Self> {
        let Ok(files) = fs::read_dir(folder) else {
            return Vec::new();
        };
        files
            .filter_map(|file| {
                let path = file.ok()?.path();
                let lock = Lock::take(&path, Turn::Now).ok()??;
                if lock.file().metadata().ok()?.len() == 0 {
                    fs::remove_file(&path).ok()?;
                    return None;
                }
                Some(Self { lock, path })
            })
            .collect()
    }

    /// Its whole records, in the order they were written. A record that was being written when
    /// its process died ends the list.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn records(&self, format: ObjectFormat) -> Result<Vec<Record>> {
        let what = || format!("cannot read {}", self.path.display());
        let file: &File = self.lock.file();
        if file.metadata().with_context(what)?.len() > MAX_JOURNAL_BYTES {
            return Ok(Vec::new());
        }
        let bytes = fs::read(&self.path).with_context(what)?;
        Ok(records(&bytes, format))
    }

    /// Removes it, once its answers are in the store.
    ///
    /// # Errors
    /// If the file cannot be removed.
    pub fn remove(self) -> Result<()> {
        fs::remove_file(&self.path)
            .with_context(|| format!("cannot remove {}", self.path.display()))
    }
}

/// The whole records that a journal begins with.
pub fn records(bytes: &[u8], format: ObjectFormat) -> Vec<Record> {
    let mut rest = bytes;
    let mut records = Vec::new();
    while let Some((record, after)) = next(rest, format) {
        records.push(record);
        rest = after;
    }
    records
}

fn next(bytes: &[u8], format: ObjectFormat) -> Option<(Record, &[u8])> {
    let end = bytes.iter().position(|&b| b == b'\n')?;
    let mut fields = bytes[..end].split(|&b| b == b' ');
    let tag = fields.next()?;
    let tag = [Tag::Recipe, Tag::Entry]
        .into_iter()
        .find(|t| t.name().as_bytes() == tag)?;
    let oid = Oid::from_hex(fields.next()?)?;
    let length: usize = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
    let body = bytes.get(end + 1..)?;
    let text = body.get(..length)?.to_vec();
    let after = body.get(length..)?.strip_prefix(b"\n")?;
    let whole = Oid::of_blob(format, &text) == oid;
    whole.then_some((Record { tag, oid, text }, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA1: ObjectFormat = ObjectFormat::Sha1;

    fn append(journal: &Journal, text: &str) {
        let oid = Oid::of_blob(SHA1, text.as_bytes());
        journal
            .append(Tag::Entry, oid, text.as_bytes(), true)
            .unwrap();
    }

    #[test]
    fn a_journal_is_folded_in_only_after_its_process_died_and_whole_records_only() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::start(folder.path()).unwrap();
        append(&journal, "one");
        append(&journal, "two\nlines");
        assert!(Orphan::find(folder.path()).is_empty());
        let path = journal.path.clone();
        drop(journal);
        let length = fs::metadata(&path).unwrap().len();
        for cut in 0..=length {
            let torn = fs::read(&path).unwrap()[..usize::try_from(cut).unwrap()].to_vec();
            fs::write(folder.path().join("torn"), &torn).unwrap();
            let orphans = Orphan::find(folder.path());
            let torn = orphans.iter().find(|o| o.path.ends_with("torn"));
            let texts: Vec<Vec<u8>> = torn.map_or(Vec::new(), |orphan| {
                orphan
                    .records(SHA1)
                    .unwrap()
                    .into_iter()
                    .map(|r| r.text)
                    .collect()
            });
            let all = [b"one".to_vec(), b"two\nlines".to_vec()];
            assert_eq!(texts, all[..texts.len()]);
            assert_eq!(texts.len() == 2, cut == length);
        }
    }

    #[test]
    fn a_cleared_journal_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::start(folder.path()).unwrap();
        append(&journal, "one");
        journal.clear().unwrap();
        append(&journal, "two");
        journal.clear().unwrap();
        drop(journal);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
