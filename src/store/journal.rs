//! Answers that are not in a pack yet. Each is appended the moment it arrives, so that what was
//! paid for survives the end of the process; a later run folds in what dead processes left.
//!
//! A record is a header line, `<tag> <oid> <length>`, then that many bytes and a newline. The
//! object id tells a torn or foreign record from a whole one.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};

use anyhow::{Context, Result, anyhow};

use crate::git::{Lock, OwnFolder, Turn};
use crate::model::{MAX_ENTRY_BYTES, ObjectFormat, Oid};

/// Where journals lie, in this program's own folder.
pub const FOLDER: &str = "journal";

/// The most a journal of a dead process may hold: more was not written by this program.
const MAX_JOURNAL_BYTES: u64 = 4 << 30;

/// No record is longer: entries are bounded, and recipes are shorter.
const MOST_TEXT: usize = 4 * MAX_ENTRY_BYTES;

/// No header line is longer.
const MAX_HEADER: u64 = 200;

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
    folder: OwnFolder,
    name: String,
    /// A record was cut short and could not be taken back: nobody would read what follows it.
    torn: Cell<bool>,
}

impl Journal {
    /// Starts a journal of its own in `folder`.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn start(folder: OwnFolder) -> Result<Self> {
        for number in 0u32.. {
            let name = name_of(std::process::id(), number);
            let lock = Lock::take(&folder, &name, Turn::Now);
            let lock = lock.with_context(|| cannot("write", &folder, &name))?;
            // A dead process of the same number may have left answers: not ours to overwrite.
            match lock {
                Some(lock) if lock.file().metadata()?.len() == 0 => {
                    return Ok(Self {
                        lock,
                        folder,
                        name,
                        torn: Cell::new(false),
                    });
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
        let what = || cannot("write", &self.folder, &self.name);
        if self.torn.get() {
            return Err(anyhow!("an earlier answer could not be written")).with_context(what);
        }
        let mut file = self.lock.file();
        let begin = file.stream_position().with_context(what)?;
        let written = file
            .write_all(&record)
            .and_then(|()| if sync { file.sync_data() } else { Ok(()) });
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
        let bytes = self.folder.read(&self.name, MAX_JOURNAL_BYTES)?;
        Ok(records(bytes.as_slice(), format))
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
            let _ = self.folder.remove(&self.name);
        }
    }
}

/// The journal of a process that has died, locked against others who would fold it in.
#[derive(Debug)]
pub struct Orphan {
    lock: Lock,
    folder: OwnFolder,
    name: String,
}

impl Orphan {
    /// Every journal in `folder` that no living process holds and that is not empty. What is not
    /// called as a journal is, or is no file, is somebody else's.
    pub fn find(folder: &OwnFolder) -> Vec<Self> {
        let names = folder.names().unwrap_or_default().into_iter();
        let journals = names.filter(|name| is_of_a_process(name));
        journals
            .filter_map(|name| {
                let lock = Lock::take(folder, &name, Turn::Now).ok()??;
                if lock.file().metadata().ok()?.len() == 0 {
                    folder.remove(&name).ok()?;
                    return None;
                }
                let folder = folder.clone();
                Some(Self { lock, folder, name })
            })
            .collect()
    }

    /// Its whole records, in the order they were written. A record that was being written when
    /// its process died ends the list.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn records(&self, format: ObjectFormat) -> Result<Vec<Record>> {
        let what = || cannot("read", &self.folder, &self.name);
        let mut file = self.lock.file();
        if file.metadata().with_context(what)?.len() > MAX_JOURNAL_BYTES {
            return Ok(Vec::new());
        }
        file.rewind().with_context(what)?;
        Ok(records(BufReader::new(file), format))
    }

    /// Leaves only such of its records, and no torn one.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn keep(self, format: ObjectFormat, keep: impl Fn(&Record) -> bool) -> Result<()> {
        let mut records = self.records(format)?;
        records.retain(|record| keep(record));
        let kept: Vec<Vec<u8>> = records.iter().map(Record::written).collect();
        let length = self.lock.file().metadata()?.len();
        if kept.is_empty() {
            return self.remove();
        }
        if kept.iter().map(|record| record.len() as u64).sum::<u64>() < length {
            let parts: Vec<&[u8]> = kept.iter().map(Vec::as_slice).collect();
            let replaced = self.folder.replace(&self.name, "new-", &parts);
            replaced.with_context(|| cannot("write", &self.folder, &self.name))?;
        }
        Ok(())
    }

    /// Removes it, once its answers are in the store.
    ///
    /// # Errors
    /// If the file cannot be removed.
    pub fn remove(self) -> Result<()> {
        let removed = self.folder.remove(&self.name);
        removed.with_context(|| cannot("remove", &self.folder, &self.name))
    }
}

/// Is there a journal in `folder` whose process lives?
pub fn is_any_alive(folder: &OwnFolder) -> bool {
    let names = folder.names().unwrap_or_default().into_iter();
    let mut journals = names.filter(|name| is_of_a_process(name));
    journals.any(|name| matches!(Lock::take(folder, &name, Turn::Now), Ok(None)))
}

/// The name of a file that a process makes for itself alone: its number, and that of the file.
pub fn name_of(process: u32, number: u32) -> String {
    format!("{process}-{number}")
}

/// Is that such a name?
pub fn is_of_a_process(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    name.split_once('-')
        .is_some_and(|(process, number)| is_number(process) && is_number(number))
}

pub fn cannot(what: &str, folder: &OwnFolder, name: &str) -> String {
    format!("cannot {what} {}", folder.path().join(name).display())
}

/// The whole records that a journal begins with.
pub fn records(mut from: impl BufRead, format: ObjectFormat) -> Vec<Record> {
    let mut records = Vec::new();
    while let Some(record) = next(&mut from, format) {
        records.push(record);
    }
    records
}

fn next(from: &mut impl BufRead, format: ObjectFormat) -> Option<Record> {
    let mut header = Vec::new();
    from.take(MAX_HEADER).read_until(b'\n', &mut header).ok()?;
    let mut fields = header.strip_suffix(b"\n")?.split(|&b| b == b' ');
    let tag = fields.next()?;
    let tag = [Tag::Recipe, Tag::Entry]
        .into_iter()
        .find(|t| t.name().as_bytes() == tag)?;
    let oid = Oid::from_hex(fields.next()?)?;
    let length: usize = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
    if length > MOST_TEXT {
        return None;
    }
    let mut text = Vec::new();
    let whole = from.take(length as u64 + 1).read_to_end(&mut text).ok()?;
    if whole != length + 1 || text.pop() != Some(b'\n') {
        return None;
    }
    let whole = Oid::of_blob(format, &text) == oid;
    whole.then_some(Record { tag, oid, text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

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
        let journal = Journal::start(OwnFolder::around(folder.path()).unwrap()).unwrap();
        append(&journal, "one");
        append(&journal, "two\nlines");
        let own = OwnFolder::around(folder.path()).unwrap();
        assert!(Orphan::find(&own).is_empty());
        let path = folder.path().join(&journal.name);
        drop(journal);
        let length = fs::metadata(&path).unwrap().len();
        for cut in 0..=length {
            let torn = fs::read(&path).unwrap()[..usize::try_from(cut).unwrap()].to_vec();
            fs::write(folder.path().join("1-0"), &torn).unwrap();
            let orphans = Orphan::find(&own);
            let torn = orphans.iter().find(|o| o.name == "1-0");
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
        let journal = Journal::start(OwnFolder::around(folder.path()).unwrap()).unwrap();
        append(&journal, "one");
        journal.clear().unwrap();
        append(&journal, "two");
        journal.clear().unwrap();
        drop(journal);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
