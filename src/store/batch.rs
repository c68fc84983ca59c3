//! Writing entries: journaled as they come, flushed as one pack, one commit and one move of the
//! ref. A kill at any point leaves the ref at the last flush and the rest in the journal.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::Timestamp;

use super::anchor::Anchor;
use super::claims::Claims;
use super::codec::{Unreadable, encode, fit, parse};
use super::folder::Folder;
use super::join::values_at;
use super::journal::{self, Journal, Orphan, Record, Tag};
use super::layout::LOCAL_REF;
use super::lookup::read;
use super::node::Pair;
use super::overlay::Layer;
use super::source::Source;
use super::tip::{self, Change, History};
use crate::git::{PackedObject, Repo};
use crate::model::{
    Entry, EntryKey, Fingerprint, Kind, ObjectFormat, ObjectType, Oid, Origin, Recipe, ResultExt,
    wins_at, wins_over,
};

/// An entry in the form it is stored in. Making it is the costly part, and needs no repository.
#[derive(Clone, Debug)]
pub struct Written {
    pub entry: Arc<Entry>,
    text: String,
    object: PackedObject,
}

impl Written {
    /// # Errors
    /// If the entry would not be believed when it is read: one that is too large, above all.
    pub fn new(mut entry: Entry, format: ObjectFormat) -> Result<Self> {
        fit(&mut entry);
        let text = encode(&entry)?;
        let object = PackedObject::new(format, ObjectType::Blob, text.as_bytes())?;
        Ok(Self {
            entry: Arc::new(entry),
            text,
            object,
        })
    }

    /// The blob that holds it.
    pub const fn value(&self) -> Oid {
        self.object.oid
    }
}

/// What a flush stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flushed {
    pub entries: usize,
    /// The store's tree that the entries were laid over, and the one that holds them.
    pub grown: Option<(Option<Oid>, Oid)>,
}

/// Entries on their way into `refs/rustassistant/local/v1`.
#[derive(Debug)]
pub struct Batch<'r> {
    repo: &'r Repo,
    journal: Journal,
    orphans: Vec<Orphan>,
    pending: Pending,
}

/// When an entry was made, and the blob that holds it: what decides which of two wins.
type Candidate = (Option<Timestamp>, Oid);

#[derive(Debug, Default)]
struct Pending {
    objects: Vec<PackedObject>,
    entries: BTreeMap<(Kind, Fingerprint), BTreeMap<Oid, Candidate>>,
    recipes: BTreeMap<Fingerprint, PackedObject>,
    answerers: BTreeMap<(Kind, String), usize>,
    bytes: usize,
    /// The journal did not take one of them.
    is_unjournaled: bool,
    /// One of them was paid for.
    is_paid: bool,
}

impl<'r> Batch<'r> {
    /// Starts a batch, and takes in what processes that died had not flushed.
    ///
    /// # Errors
    /// If nothing can be written here, or the ref holds something that is not ours.
    pub fn start(repo: &'r Repo) -> Result<Self> {
        Source::open(repo, LOCAL_REF, Origin::Here).hint(format!(
            "see what it holds with 'git log {LOCAL_REF}'; \
             'git update-ref -d {LOCAL_REF}' starts anew"
        ))?;
        let folder = repo
            .make_own_folder()
            .and_then(|own| own.make_folder(journal::FOLDER));
        let folder = folder
            .with_context(|| format!("cannot create the directory {}", repo.own_dir().display()))?;
        let mut batch = Self {
            repo,
            orphans: Orphan::find(&folder),
            journal: Journal::start(folder)?,
            pending: Pending::default(),
        };
        batch.fold_orphans()?;
        Ok(batch)
    }

    /// Are there answers of processes that died, to be taken in before anything is looked up?
    pub fn has_orphans(repo: &Repo) -> bool {
        !Self::orphans(repo).is_empty()
    }

    fn orphans(repo: &Repo) -> Vec<Orphan> {
        let folder = repo
            .own_folder()
            .and_then(|own| own.folder(journal::FOLDER));
        folder.map_or_else(|_| Vec::new(), |folder| Orphan::find(&folder))
    }

    /// The answers that processes which died have left. They stay where they are.
    pub fn orphaned(repo: &Repo) -> Vec<Entry> {
        let orphans = Self::orphans(repo);
        let records = orphans
            .iter()
            .filter_map(|orphan| orphan.records(repo.format()).ok());
        let entries = records.flatten().filter(|record| record.tag == Tag::Entry);
        entries
            .filter_map(|record| parse(&record.text).ok())
            .collect()
    }

    /// How many entries wait to be flushed.
    pub fn pending(&self) -> usize {
        self.pending.entries.values().map(BTreeMap::len).sum()
    }

    /// Bytes that wait to be flushed, as they will be packed.
    pub const fn bytes(&self) -> usize {
        self.pending.bytes
    }

    /// Would all that waits to be flushed survive the end of this process?
    pub const fn is_journaled(&self) -> bool {
        !self.pending.is_unjournaled
    }

    /// Keeps `recipe` beside the entries that are made by it.
    ///
    /// # Errors
    /// If the journal cannot be written: it is flushed all the same.
    pub fn put_recipe(&mut self, recipe: &Recipe) -> Result<()> {
        let text = recipe.canonical()?;
        let fingerprint = Fingerprint(Oid::of_blob(self.repo.format(), text.as_bytes()));
        // With every answer comes its recipe again. Deflating takes 300 KB for a moment, and between
        // two of those moments answers are kept: room that is never used again grows with them.
        if self.pending.recipes.contains_key(&fingerprint) {
            return Ok(());
        }
        let object = PackedObject::with_oid(fingerprint.0, ObjectType::Blob, text.as_bytes())?;
        self.pending.recipes.insert(fingerprint, object);
        // Without it the answers are as good.
        self.journal
            .append(Tag::Recipe, fingerprint.0, text.as_bytes(), false)
    }

    /// Takes an answer in. One that was paid for is on the disk when this returns.
    ///
    /// # Errors
    /// If the journal cannot be written: a full disk. The answer is flushed all the same.
    pub fn put(&mut self, written: Written) -> Result<()> {
        let (paid, oid) = (written.entry.is_paid(), written.object.oid);
        self.pending.add(&written.entry, written.object);
        let text = written.text.as_bytes();
        let journaled = self.journal.append(Tag::Entry, oid, text, paid);
        self.pending.is_unjournaled |= journaled.is_err();
        journaled
    }

    /// Stores what has come in since the last flush, durably, and moves the ref. `seconds` is the
    /// time, for a commit where git knows no identity.
    ///
    /// # Errors
    /// If it cannot be stored: everything then stays in the journal for a later run, and here for
    /// another try.
    pub fn flush(&mut self, seconds: i64) -> Result<Flushed> {
        let entries = self.pending();
        let mut grown = None;
        if entries > 0 || !self.pending.recipes.is_empty() {
            grown = self
                .store(seconds)
                .map(Some)
                .with_context(|| format!("cannot store {entries} analyses"))?;
        }
        if self.pending.is_paid {
            // Without it the store has them all the same.
            let _ = self.anchor();
        }
        self.pending = Pending::default();
        // Answers that stay in a journal although they are stored are stored once more, which
        // changes nothing.
        let _ = self.journal.clear();
        if !self.orphans.is_empty() {
            let claims = self
                .repo
                .own_folder()
                .and_then(|own| own.folder(Claims::FOLDER));
            claims.iter().for_each(Claims::remove_dead);
        }
        for orphan in self.orphans.drain(..) {
            let _ = orphan.remove();
        }
        Ok(Flushed { entries, grown })
    }

    /// Keeps what was paid for beside git, too.
    fn anchor(&self) -> Result<()> {
        let format = self.repo.format();
        let mut records = self.journal.records(format)?;
        for orphan in &self.orphans {
            records.extend(orphan.records(format)?);
        }
        Anchor::of(self.repo).keep(&records)
    }

    fn store(&self, seconds: i64) -> Result<(Option<Oid>, Oid)> {
        let entries: Vec<&PackedObject> = self
            .pending
            .objects
            .iter()
            .chain(self.pending.recipes.values())
            .collect();
        let change = Change {
            subject: self.pending.subject(),
            history: History::Continued,
            objects: &entries,
            seconds,
        };
        tip::advance(self.repo, &change, |base, objects| {
            self.lay_over(base, objects, seconds)
        })
    }

    /// The store's tree with everything pending that wins laid over `base`; new trees go to
    /// `objects`.
    fn lay_over(
        &self,
        base: Option<&Source>,
        objects: &mut Vec<PackedObject>,
        seconds: i64,
    ) -> Result<Oid> {
        let mut layer = Layer {
            recipes: self.pending.recipes.keys().copied().collect(),
            ..Layer::default()
        };
        for ((kind, fingerprint), values) in &self.pending.entries {
            let winning = self.winning(base, (kind, *fingerprint), values, seconds)?;
            layer.entries.insert((kind.clone(), *fingerprint), winning);
        }
        let root = Folder::open(self.repo, base.map(|base| base.tree))?;
        layer.lay_over(self.repo, root, objects)
    }

    /// The pending values of one question, but for those whose place holds a later answer, or the
    /// work of a newer program: that is left as it is.
    fn winning(
        &self,
        base: Option<&Source>,
        (kind, fingerprint): (&Kind, Fingerprint),
        values: &BTreeMap<Oid, Candidate>,
        seconds: i64,
    ) -> Result<Vec<Pair>> {
        let node = match base {
            Some(base) => base.node(self.repo, kind, fingerprint)?,
            None => None,
        };
        let blobs: Vec<Oid> = values.keys().copied().collect();
        let held = match node {
            Some(node) => values_at(self.repo, node, &blobs)?,
            None => Vec::new(),
        };
        let held: BTreeMap<Oid, Oid> = held
            .into_iter()
            .filter_map(|(position, value)| Some((*blobs.get(position)?, value)))
            .collect();
        let now = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
        let wins = |blob: Oid, (created, value): Candidate| {
            let key = EntryKey {
                kind: kind.clone(),
                fingerprint,
                blob,
            };
            match held.get(&blob) {
                None => true,
                Some(old) if *old == value => true,
                Some(old) => match read(self.repo, *old, &key) {
                    // Without a time both answer purely, and only a damaged one could differ.
                    Ok(entry) if entry.created.is_none() => true,
                    Ok(entry) => wins_at(now, (created, value), (entry.created, *old)),
                    Err(why) => !matches!(why, Unreadable::NewerFormat(_)),
                },
            }
        };
        Ok(values
            .iter()
            .filter(|(blob, candidate)| wins(**blob, **candidate))
            .map(|(blob, (_, value))| (*blob, *value))
            .collect())
    }

    /// Takes in answers that were stored before.
    pub(super) fn take_in<'a>(&mut self, records: impl Iterator<Item = &'a Record>) -> Result<()> {
        for record in records {
            let object = PackedObject::with_oid(record.oid, ObjectType::Blob, &record.text)?;
            match (record.tag, parse(&record.text)) {
                (Tag::Recipe, _) => {
                    self.pending.recipes.insert(Fingerprint(record.oid), object);
                }
                (Tag::Entry, Ok(entry)) => self.pending.add(&entry, object),
                (Tag::Entry, Err(_)) => {}
            }
        }
        // They are kept already.
        self.pending.is_paid = false;
        Ok(())
    }

    /// Takes in what is whole in the journals of dead processes. One that holds an answer of a newer
    /// program is left to that, after what can be read of it.
    fn fold_orphans(&mut self) -> Result<()> {
        for orphan in std::mem::take(&mut self.orphans) {
            let mut newer = false;
            for record in orphan.records(self.repo.format())? {
                let object = PackedObject::with_oid(record.oid, ObjectType::Blob, &record.text)?;
                match (record.tag, parse(&record.text)) {
                    (Tag::Recipe, _) => {
                        self.pending.recipes.insert(Fingerprint(record.oid), object);
                    }
                    (Tag::Entry, Ok(entry)) => self.pending.add(&entry, object),
                    (Tag::Entry, Err(why)) => newer |= matches!(why, Unreadable::NewerFormat(_)),
                }
            }
            if !newer {
                self.orphans.push(orphan);
            }
        }
        Ok(())
    }
}

impl Pending {
    fn add(&mut self, entry: &Entry, object: PackedObject) {
        let folder = (entry.kind.clone(), entry.fingerprint);
        let candidate = (entry.created, object.oid);
        let values = self.entries.entry(folder).or_default();
        let held = values.entry(entry.blob).or_insert(candidate);
        if candidate.0.is_none() || wins_over(candidate, *held) {
            *held = candidate;
        }
        self.is_paid |= entry.is_paid();
        let answerer = (entry.kind.clone(), entry.analyzer.clone());
        *self.answerers.entry(answerer).or_default() += 1;
        self.bytes += object.size();
        self.objects.push(object);
    }

    /// `37 analyses (refactor, local/1)`.
    fn subject(&self) -> String {
        let count: usize = self.answerers.values().sum();
        let answerers = self.answerers.keys();
        tip::subject(count, answerers.map(|(kind, by)| (kind, by.clone())))
    }
}
