//! Writing entries: journaled as they come, flushed as one pack, one commit and one move of the
//! ref. A kill at any point leaves the ref at the last flush and the rest in the journal.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Unreadable;
use super::codec::{encode, parse};
use super::journal::{Journal, Orphan, Tag};
use super::layout::{ENTRIES, FORMAT, FORMAT_TEXT, LOCAL_REF, RECIPES};
use super::lookup::read;
use super::node::{self, Pair};
use super::source::{Source, lines};
use crate::git::{Expected, Lock, Mode, PackedObject, Repo, TreeEntry, Turn, Update, write_tree};
use crate::model::{
    Entry, EntryKey, Fingerprint, Kind, ObjectFormat, ObjectType, Oid, Origin, Recipe, ResultExt,
};

/// How long a flush tries against others who move the ref.
const PATIENCE: Duration = Duration::from_secs(10);

/// A ref's lock file older than this was left by a process that died: git holds one for
/// milliseconds.
const STALE_LOCK: Duration = Duration::from_secs(600);

/// An entry in the form it is stored in. Making it is the costly part, and needs no repository.
#[derive(Clone, Debug)]
pub struct Written {
    pub entry: Arc<Entry>,
    text: String,
    object: PackedObject,
}

impl Written {
    /// # Errors
    /// If the entry is larger than one may be.
    pub fn new(entry: Entry, format: ObjectFormat) -> Result<Self> {
        let text = encode(&entry)?;
        let object = PackedObject::new(format, ObjectType::Blob, text.as_bytes())?;
        Ok(Self {
            entry: Arc::new(entry),
            text,
            object,
        })
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
    own_dir: PathBuf,
    journal: Journal,
    orphans: Vec<Orphan>,
    pending: Pending,
}

#[derive(Debug, Default)]
struct Pending {
    objects: Vec<PackedObject>,
    entries: BTreeMap<(Kind, Fingerprint), BTreeMap<Oid, Oid>>,
    recipes: BTreeMap<Fingerprint, PackedObject>,
    answerers: BTreeMap<(Kind, String), usize>,
    bytes: usize,
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
        let own_dir = repo.own_dir();
        let folder = own_dir.join("journal");
        let mut batch = Self {
            repo,
            journal: Journal::start(&folder)?,
            orphans: Orphan::find(&folder),
            own_dir,
            pending: Pending::default(),
        };
        batch.fold_orphans()?;
        Ok(batch)
    }

    /// Are there answers of processes that died, to be taken in before anything is looked up?
    pub fn has_orphans(repo: &Repo) -> bool {
        let folder = repo.own_dir().join("journal");
        fs::read_dir(&folder).is_ok_and(|mut files| files.next().is_some())
            && !Orphan::find(&folder).is_empty()
    }

    /// How many entries wait to be flushed.
    pub fn pending(&self) -> usize {
        self.pending.entries.values().map(BTreeMap::len).sum()
    }

    /// Bytes that wait to be flushed, as they will be packed.
    pub const fn bytes(&self) -> usize {
        self.pending.bytes
    }

    /// Keeps `recipe` beside the entries that are made by it.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn put_recipe(&mut self, recipe: &Recipe) -> Result<()> {
        let text = recipe.canonical()?;
        let object = PackedObject::new(self.repo.format(), ObjectType::Blob, text.as_bytes())?;
        let fingerprint = Fingerprint(object.oid);
        if !self.pending.recipes.contains_key(&fingerprint) {
            self.journal
                .append(Tag::Recipe, object.oid, text.as_bytes(), false)?;
            self.pending.recipes.insert(fingerprint, object);
        }
        Ok(())
    }

    /// Takes an answer in. One that was paid for is on the disk when this returns.
    ///
    /// # Errors
    /// If the journal cannot be written: a full disk.
    pub fn put(&mut self, written: Written) -> Result<()> {
        let paid = written.entry.is_paid();
        let text = written.text.as_bytes();
        self.journal
            .append(Tag::Entry, written.object.oid, text, paid)?;
        self.pending.add(&written.entry, written.object);
        Ok(())
    }

    /// Stores what has come in since the last flush, durably, and moves the ref. `seconds` is the
    /// time, for a commit where git knows no identity.
    ///
    /// # Errors
    /// If it cannot be stored: everything then stays in the journal for a later run.
    pub fn flush(&mut self, seconds: i64) -> Result<Flushed> {
        let entries = self.pending();
        let mut grown = None;
        if entries > 0 || !self.pending.recipes.is_empty() {
            let gate = self.own_dir.join("lock");
            let lock = Lock::take(&gate, Turn::Wait);
            let _lock = lock.with_context(|| format!("cannot lock {}", gate.display()))?;
            grown = self
                .store(seconds)
                .map(Some)
                .with_context(|| format!("cannot store {entries} analyses"))?;
        }
        self.pending = Pending::default();
        self.journal.clear()?;
        for orphan in self.orphans.drain(..) {
            orphan.remove()?;
        }
        Ok(Flushed { entries, grown })
    }

    fn store(&mut self, seconds: i64) -> Result<(Option<Oid>, Oid)> {
        let who = format!("rustassistant {} {seconds}", std::process::id());
        let subject = self.pending.subject();
        let started = Instant::now();
        let mut stored = None;
        loop {
            let base = Source::open(self.repo, LOCAL_REF, Origin::Here)?;
            let mut objects = Vec::new();
            let tree = self.lay_over(base.as_ref(), &mut objects)?;
            let before = base.as_ref().map(|base| base.tree);
            if before == Some(tree) {
                return Ok((before, tree));
            }
            let parent = base.map(|base| base.commit);
            let commit = self.commit(tree, parent, &subject, seconds)?;
            objects.push(commit.clone());
            let mut pack: Vec<&PackedObject> = objects.iter().collect();
            if stored.is_none() {
                // Entries go out once, whatever happens to the ref.
                pack.extend(&self.pending.objects);
                pack.extend(self.pending.recipes.values());
            }
            let kept = self.repo.store_pack(&pack, &who)?;
            let expected = parent.map_or(Expected::Absent, Expected::At);
            let update = self
                .repo
                .update_ref(LOCAL_REF, commit.oid, expected, &subject)?;
            if update == Update::Done {
                return Ok((before, tree));
            }
            stored.get_or_insert(kept);
            if started.elapsed() > PATIENCE {
                bail!("{LOCAL_REF} is held by another process");
            }
            self.heal_stale_lock();
            std::thread::sleep(Duration::from_millis(
                20 + u64::from(std::process::id() % 30),
            ));
        }
    }

    /// The store's tree with everything pending laid over `base`; new trees go to `objects`.
    fn lay_over(&self, base: Option<&Source>, objects: &mut Vec<PackedObject>) -> Result<Oid> {
        let format = self.repo.format();
        let version = PackedObject::new(format, ObjectType::Blob, FORMAT_TEXT)?;
        let mut root = Folder::open(self.repo, base.map(|base| base.tree))?;
        root.set(FORMAT, Mode::FILE, version.oid);
        objects.push(version);

        let mut recipes = Folder::open(self.repo, root.folder(RECIPES))?;
        for fingerprint in self.pending.recipes.keys() {
            recipes.set(&fingerprint.to_string(), Mode::FILE, fingerprint.0);
        }
        if !recipes.is_empty() {
            root.set(RECIPES, Mode::TREE, recipes.write(format, objects)?);
        }

        let mut entries = Folder::open(self.repo, root.folder(ENTRIES))?;
        let mut kinds: BTreeMap<&Kind, Folder> = BTreeMap::new();
        for ((kind, fingerprint), values) in &self.pending.entries {
            let folder = match kinds.remove(kind) {
                Some(folder) => folder,
                None => Folder::open(self.repo, entries.folder(kind.name()))?,
            };
            let folder = kinds.entry(kind).or_insert(folder);
            let name = fingerprint.to_string();
            let old = folder.folder(&name);
            let additions = self.not_newer(base, kind, *fingerprint, values)?;
            if !additions.is_empty() {
                let node = node::lay(self.repo, old, &additions, objects)?;
                folder.set(&name, Mode::TREE, node);
            }
        }
        for (kind, folder) in kinds {
            entries.set(kind.name(), Mode::TREE, folder.write(format, objects)?);
        }
        if !entries.is_empty() {
            root.set(ENTRIES, Mode::TREE, entries.write(format, objects)?);
        }
        root.write(format, objects)
    }

    /// The pending values of one question, but for those whose place holds the work of a newer
    /// program: that is left as it is.
    fn not_newer(
        &self,
        base: Option<&Source>,
        kind: &Kind,
        fingerprint: Fingerprint,
        values: &BTreeMap<Oid, Oid>,
    ) -> Result<Vec<Pair>> {
        let mut additions: Vec<Pair> = values.iter().map(|(blob, value)| (*blob, *value)).collect();
        let Some(node) = base
            .map(|base| base.node(self.repo, kind, fingerprint))
            .transpose()?
            .flatten()
        else {
            return Ok(additions);
        };
        let blobs: Vec<Oid> = values.keys().copied().collect();
        let held = super::lookup::values_at(self.repo, node, &blobs)?;
        let newer: Vec<Oid> = held
            .into_iter()
            .filter(|(position, value)| additions[*position].1 != *value)
            .filter(|(position, value)| {
                let key = EntryKey {
                    kind: kind.clone(),
                    fingerprint,
                    blob: blobs[*position],
                };
                matches!(
                    read(self.repo, *value, &key),
                    Err(Unreadable::NewerFormat(_))
                )
            })
            .map(|(position, _)| blobs[position])
            .collect();
        additions.retain(|(blob, _)| !newer.contains(blob));
        Ok(additions)
    }

    fn commit(
        &self,
        tree: Oid,
        parent: Option<Oid>,
        subject: &str,
        seconds: i64,
    ) -> Result<PackedObject> {
        let who = self.repo.identity(seconds).0;
        let mut text = format!("tree {tree}\n").into_bytes();
        if let Some(parent) = parent {
            text.extend_from_slice(format!("parent {parent}\n").as_bytes());
        }
        for role in ["author ", "committer "] {
            text.extend_from_slice(role.as_bytes());
            text.extend_from_slice(&who);
            text.push(b'\n');
        }
        let tool = concat!("git-rustassistant/", env!("CARGO_PKG_VERSION"));
        text.extend_from_slice(format!("\n{subject}\n\nTool: {tool}\n").as_bytes());
        PackedObject::new(self.repo.format(), ObjectType::Commit, &text)
    }

    fn fold_orphans(&mut self) -> Result<()> {
        for orphan in &self.orphans {
            for record in orphan.records(self.repo.format())? {
                let object = PackedObject::with_oid(record.oid, ObjectType::Blob, &record.text)?;
                match record.tag {
                    Tag::Recipe => {
                        self.pending.recipes.insert(Fingerprint(record.oid), object);
                    }
                    Tag::Entry => {
                        if let Ok(entry) = parse(&record.text) {
                            self.pending.add(&entry, object);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Whoever holds our own lock may remove a ref lock that no living git can still hold. Never
    /// outside of our refs.
    fn heal_stale_lock(&self) {
        let lock = self.repo.common_dir().join(format!("{LOCAL_REF}.lock"));
        let age = fs::metadata(&lock)
            .and_then(|meta| meta.modified())
            .map(|time| time.elapsed());
        if let Ok(Ok(age)) = age
            && age > STALE_LOCK
        {
            let _ = fs::remove_file(lock);
        }
    }
}

impl Pending {
    fn add(&mut self, entry: &Entry, object: PackedObject) {
        let folder = (entry.kind.clone(), entry.fingerprint);
        self.entries
            .entry(folder)
            .or_default()
            .insert(entry.blob, object.oid);
        let answerer = (entry.kind.clone(), entry.analyzer.clone());
        *self.answerers.entry(answerer).or_default() += 1;
        self.bytes += object.size();
        self.objects.push(object);
    }

    /// `37 analyses (refactor, local/1)`.
    fn subject(&self) -> String {
        let count: usize = self.answerers.values().sum();
        let word = if count == 1 { "analysis" } else { "analyses" };
        let by: Vec<String> = self
            .answerers
            .keys()
            .map(|(kind, answerer)| format!("{kind}, {answerer}"))
            .collect();
        format!("{count} {word} ({})", by.join("; "))
    }
}

/// A small tree, to be changed and written again.
#[derive(Debug, Default)]
struct Folder(BTreeMap<Vec<u8>, (Mode, Oid)>);

impl Folder {
    fn open(repo: &Repo, tree: Option<Oid>) -> Result<Self> {
        let Some(tree) = tree else {
            return Ok(Self::default());
        };
        let lines = lines(repo, tree)?.into_iter();
        Ok(Self(
            lines.map(|(name, mode, oid)| (name, (mode, oid))).collect(),
        ))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn folder(&self, name: &str) -> Option<Oid> {
        let (mode, oid) = self.0.get(name.as_bytes())?;
        mode.is_tree().then_some(*oid)
    }

    fn set(&mut self, name: &str, mode: Mode, oid: Oid) {
        self.0.insert(name.as_bytes().to_vec(), (mode, oid));
    }

    fn write(&self, format: ObjectFormat, objects: &mut Vec<PackedObject>) -> Result<Oid> {
        let mut lines: Vec<TreeEntry<'_>> = self
            .0
            .iter()
            .map(|(name, (mode, oid))| TreeEntry {
                mode: *mode,
                name,
                oid: *oid,
            })
            .collect();
        let (oid, bytes) = write_tree(&mut lines, format);
        objects.push(PackedObject::with_oid(oid, ObjectType::Tree, &bytes)?);
        Ok(oid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;
    use crate::model::{Analysis, FORMAT as ENTRY_FORMAT};
    use crate::store::Store;

    fn recipe() -> Recipe {
        Recipe {
            format: ENTRY_FORMAT,
            kind: Kind::Todos,
            analyzer: "local".into(),
            revision: 1,
            language: "rust".into(),
            prompt: None,
            schema: 1,
            model: None,
            parameters: BTreeMap::new(),
        }
    }

    fn entry(repo: &Repo, number: u32) -> Entry {
        Entry {
            format: ENTRY_FORMAT,
            blob: Oid::of_blob(repo.format(), &number.to_be_bytes()),
            fingerprint: recipe().fingerprint(repo.format()).unwrap(),
            kind: Kind::Todos,
            analyzer: "local/1".into(),
            created: None,
            duration_ms: None,
            usage: None,
            analysis: Analysis {
                summary: format!("number {number}"),
                ..Analysis::default()
            },
        }
    }

    fn put(repo: &Repo, batch: &mut Batch<'_>, numbers: std::ops::Range<u32>) {
        batch.put_recipe(&recipe()).unwrap();
        for number in numbers {
            batch
                .put(Written::new(entry(repo, number), repo.format()).unwrap())
                .unwrap();
        }
    }

    fn count(repo: &Repo) -> usize {
        let store = Store::open(repo, &[]);
        assert!(store.unreadable.is_empty());
        let mut blobs: Vec<Oid> = (0..5000).map(|n| entry(repo, n).blob).collect();
        blobs.sort();
        let fingerprint = recipe().fingerprint(repo.format()).unwrap();
        store
            .find_all(&Kind::Todos, fingerprint, &blobs)
            .unwrap()
            .len()
    }

    #[test]
    fn what_was_put_is_found_under_its_key_and_reads_back() {
        let test = TestRepo::new();
        let repo = test.open();
        let mut batch = Batch::start(&repo).unwrap();
        put(&repo, &mut batch, 0..700);
        assert_eq!(batch.flush(0).unwrap().entries, 700);
        put(&repo, &mut batch, 700..1000);
        batch.flush(0).unwrap();
        drop(batch);
        assert_eq!(count(&repo), 1000);
        let store = Store::open(&repo, &[]);
        let key = entry(&repo, 42).key();
        let found = store.find(&key).unwrap().unwrap();
        assert_eq!(store.read(&found, &key).unwrap(), entry(&repo, 42));
        assert_eq!(store.recipes().unwrap()[0].1, recipe());
        let subject = test.git(&["-1", "--format=%s", LOCAL_REF], "log");
        assert_eq!(subject, "300 analyses (todos, local/1)");
        let reflog = test.git(&["show", LOCAL_REF], "reflog");
        assert_eq!(reflog.lines().count(), 2);
        test.fsck();
    }

    #[test]
    fn the_same_answers_again_make_no_commit() {
        let test = TestRepo::new();
        let repo = test.open();
        for _ in 0..2 {
            let mut batch = Batch::start(&repo).unwrap();
            put(&repo, &mut batch, 0..3);
            batch.flush(0).unwrap();
        }
        assert_eq!(test.git(&["--count", LOCAL_REF], "rev-list"), "1");
    }

    #[test]
    fn what_a_dead_process_had_not_flushed_is_taken_in() {
        let test = TestRepo::new();
        let repo = test.open();
        let mut dying = Batch::start(&repo).unwrap();
        put(&repo, &mut dying, 0..5);
        assert!(!Batch::has_orphans(&repo), "it still lives");
        drop(dying);
        assert!(Batch::has_orphans(&repo));
        let mut batch = Batch::start(&repo).unwrap();
        assert_eq!(batch.pending(), 5);
        batch.flush(0).unwrap();
        assert_eq!(count(&repo), 5);
        assert!(!Batch::has_orphans(&repo));
        test.fsck();
    }

    #[test]
    fn writers_at_the_same_time_lose_nothing() {
        let test = TestRepo::new();
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let test = &test;
                scope.spawn(move || {
                    let repo = test.open();
                    for round in 0..5 {
                        let first = writer * 50 + round * 10;
                        let mut batch = Batch::start(&repo).unwrap();
                        put(&repo, &mut batch, first..first + 10);
                        batch.flush(0).unwrap();
                    }
                });
            }
        });
        assert_eq!(count(&test.open()), 400);
        test.fsck();
    }

    #[test]
    fn a_ref_that_holds_something_else_is_left_alone() {
        let test = TestRepo::new();
        test.write("a", "a");
        test.commit("not a store");
        test.git(&[LOCAL_REF, "HEAD"], "update-ref");
        let repo = test.open();
        let error = Batch::start(&repo).unwrap_err();
        assert!(format!("{error:#}").contains(LOCAL_REF), "{error:#}");
        assert_eq!(Store::open(&repo, &[]).unreadable.len(), 1);
        assert_eq!(
            test.git(&[LOCAL_REF], "rev-parse"),
            test.git(&["HEAD"], "rev-parse")
        );
    }

    #[test]
    fn an_entry_of_a_newer_program_is_not_replaced() {
        let test = TestRepo::new();
        let repo = test.open();
        let mut batch = Batch::start(&repo).unwrap();
        put(&repo, &mut batch, 0..1);
        let newer = PackedObject::new(repo.format(), ObjectType::Blob, b"{\"format\":2}").unwrap();
        let folder = (Kind::Todos, recipe().fingerprint(repo.format()).unwrap());
        let blob = entry(&repo, 0).blob;
        batch
            .pending
            .entries
            .entry(folder)
            .or_default()
            .insert(blob, newer.oid);
        batch.pending.objects.push(newer.clone());
        batch.flush(0).unwrap();
        put(&repo, &mut batch, 0..2);
        batch.flush(0).unwrap();
        let store = Store::open(&repo, &[]);
        let value = |n| store.find(&entry(&repo, n).key()).unwrap().unwrap().value;
        assert_eq!(value(0), newer.oid);
        assert_ne!(value(1), newer.oid);
    }
}
