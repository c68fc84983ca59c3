//! Paid answers once more, beside git: in a file of our folder, as records of a journal. Refs are at
//! the mercy of whoever mirrors, prunes or rewrites history; that file is not. It is read where refs
//! of ours are gone that nobody has dropped, and holds nothing that a person has dropped. Not a
//! store: nothing is looked up here.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Write;

use anyhow::{Context, Result};
use jiff::Timestamp;

use super::batch::Batch;
use super::codec::parse;
use super::doomed::Doomed;
use super::evict::evict_from_local;
use super::journal::{Record, Tag, records};
use super::layout::{LOCAL_REF, mirror_ref};
use super::lookup::{Found, Store};
use super::own;
use super::source::Source;
use super::tip::shortens_history;
use crate::git::{Lock, OwnFolder, Repo, Turn};
use crate::model::{Entry, EntryKey, Fingerprint, Kind, Oid, Origin, Trust, is_from_the_future};

/// A larger file is none of ours, in bytes.
const MOST_BYTES: u64 = 1 << 30;

/// Where all of it lies, in our folder.
const FOLDER: &str = "anchor";

/// The file of what was paid for.
const PAID: &str = "paid";

/// The file of what was restored, by the blobs of its entries.
const RESTORED: &str = "restored";

/// How files begin that are not whole yet.
const UNFINISHED: &str = "new-";

/// The most commits that are looked at to tell whether one leads to another.
const MOST_COMMITS: usize = 10_000;

/// The anchor of one clone.
#[derive(Debug)]
pub struct Anchor<'r> {
    repo: &'r Repo,
    /// None where nothing was paid for.
    folder: Option<OwnFolder>,
    /// What others publish is no copy of ours where it does not count.
    trust: Trust,
}

/// What a mirror of ours was seen at.
#[derive(Debug, Default)]
struct Seen {
    /// Where each was last.
    tips: BTreeMap<String, Oid>,
    /// Where those were that have gone since.
    gone: BTreeMap<String, Oid>,
}

/// Answers that only the anchor has.
#[derive(Debug, Default)]
struct Lacking {
    /// No store has any to their question.
    absent: BTreeSet<Oid>,
    /// In their place lies what does not count: it is damaged, forged, of a newer program, or dated
    /// ahead; or it cannot be told what lies there.
    unreadable: BTreeSet<Oid>,
}

impl Lacking {
    fn all(mut self) -> BTreeSet<Oid> {
        self.absent.append(&mut self.unreadable);
        self.absent
    }
}

impl<'r> Anchor<'r> {
    pub fn of(repo: &'r Repo) -> Self {
        let folder = repo.own_folder().and_then(|own| own.folder(FOLDER)).ok();
        let trust = Trust::Any;
        Self {
            repo,
            folder,
            trust,
        }
    }

    /// The same, where what others publish counts only as far as its signatures go, if `trust` asks for
    /// them. Who uses nobody's answers follows the team all the same in what it drops.
    #[must_use]
    pub fn trusting(self, trust: Trust) -> Self {
        let trust = trust.for_drops();
        Self { trust, ..self }
    }

    /// Where paid answers are, if there are any.
    fn used(&self) -> Option<&OwnFolder> {
        let folder = self.folder.as_ref()?;
        folder.file(PAID).is_ok().then_some(folder)
    }

    /// Adds what was paid for among `records`, and the recipes.
    pub(super) fn keep(&self, records: &[Record]) -> Result<()> {
        let folder = self.repo.make_own_folder()?.make_folder(FOLDER)?;
        let _lock = Lock::take(&folder, "lock", Turn::Wait)?;
        let is_paid = |text: &[u8]| parse(text).is_ok_and(|entry| entry.is_paid());
        let kept = records
            .iter()
            .filter(|record| record.tag == Tag::Recipe || is_paid(&record.text));
        let text: Vec<u8> = kept.flat_map(Record::written).collect();
        let mut file = folder.file_to_append(PAID)?;
        file.write_all(&text).and_then(|()| file.sync_data())?;
        Ok(())
    }

    /// Remembers where our mirror is now: what comes after leads there.
    pub(super) fn note(&self, mirror: &str, tip: Oid) {
        if let Some(folder) = self.used() {
            let mut seen = seen(folder);
            seen.tips.insert(mirror.to_owned(), tip);
            // Who cannot write here loses a safety net, and no answer.
            let _ = remember(folder, &seen);
        }
    }

    /// Looks whether refs of ours are gone that nobody has dropped, and makes pending again what
    /// only the anchor has then. How many answers that is.
    ///
    /// # Errors
    /// If a store cannot be read or written.
    pub fn check(&self, seconds: i64) -> Result<usize> {
        let Some(folder) = self.used() else {
            return Ok(0);
        };
        let before = seen(folder);
        let mirrors = self.mirrors();
        let mut gone = before.gone.clone();
        let own = self.repo.resolve_ref(LOCAL_REF)?;
        let mut is_lost = own.is_none_or(|tip| !own::is_own(self.repo, tip));
        // A process that was killed on the way has left all of it in its journal.
        let earlier = own.filter(|tip| own::is_earlier(self.repo, *tip));
        let earlier = earlier.filter(|_| !Batch::has_orphans(self.repo));
        is_lost |= earlier.is_some();
        for (name, tip) in &before.tips {
            match self.repo.resolve_ref(name)? {
                Some(now) if now == *tip || self.leads(now, *tip) => {}
                Some(_) => is_lost = true,
                None => {
                    is_lost = true;
                    gone.insert(name.clone(), *tip);
                }
            }
        }
        let mut restored = 0;
        if is_lost {
            restored = self.restore(folder, Lacking::all, seconds)?;
            if let Some(tip) = earlier.filter(|_| restored == 0) {
                // So it is not looked at again.
                own::note(self.repo, tip)?;
            }
        } else if before.tips != mirrors {
            self.take_back(folder, &mut gone, seconds)?;
            restored = self.restore(folder, |lacking| lacking.unreadable, seconds)?;
            self.settle()?;
        }
        if before.tips != mirrors || before.gone != gone {
            let tips = mirrors;
            remember(folder, &Seen { tips, gone })?;
        }
        Ok(restored)
    }

    /// Forgets what no store has any more. Where nothing is lost, somebody has dropped it.
    pub(super) fn settle(&self) -> Result<()> {
        let Some(folder) = self.used() else {
            return Ok(());
        };
        let _lock = Lock::take(folder, "lock", Turn::Wait)?;
        let records = self.records(folder)?;
        let lacking = self.lacking(&records, Timestamp::MAX)?.absent;
        if lacking.is_empty() {
            return Ok(());
        }
        let mut kept = HashSet::new();
        let is_kept = |record: &&Record| !lacking.contains(&record.oid) && kept.insert(record.oid);
        let kept: Vec<Vec<u8>> = records
            .iter()
            .filter(is_kept)
            .map(Record::written)
            .collect();
        let parts: Vec<&[u8]> = kept.iter().map(Vec::as_slice).collect();
        folder.replace(PAID, UNFINISHED, &parts)?;
        Ok(())
    }

    /// The answers that must go and that nothing but the anchor has.
    pub(super) fn lost(&self, doomed: &Doomed) -> Result<Vec<Record>> {
        let Some(folder) = self.used() else {
            return Ok(Vec::new());
        };
        let mut records = self.records(folder)?;
        records.retain(|record| record.tag == Tag::Entry && doomed.takes_record(record));
        let lacking = self.lacking(&records, Timestamp::MAX)?.absent;
        records.retain(|record| lacking.contains(&record.oid));
        Ok(records)
    }

    /// Forgets what must go, and what nobody can read.
    pub(super) fn purge(&self, doomed: &Doomed) -> Result<()> {
        let Some(folder) = self.used() else {
            return Ok(());
        };
        let _lock = Lock::take(folder, "lock", Turn::Wait)?;
        let records = self.records(folder)?.into_iter();
        let kept = records.filter(|record| !doomed.takes_record(record));
        let kept: Vec<Vec<u8>> = kept.map(|record| record.written()).collect();
        let parts: Vec<&[u8]> = kept.iter().map(Vec::as_slice).collect();
        if parts.concat() != folder.read(PAID, MOST_BYTES)? {
            folder.replace(PAID, UNFINISHED, &parts)?;
        }
        Ok(())
    }

    fn restore(
        &self,
        folder: &OwnFolder,
        which: impl Fn(Lacking) -> BTreeSet<Oid>,
        seconds: i64,
    ) -> Result<usize> {
        let records = self.records(folder)?;
        let now = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
        let lacking = which(self.lacking(&records, now)?);
        if lacking.is_empty() {
            return Ok(0);
        }
        let mut batch = Batch::start(self.repo)?;
        let is_taken =
            |record: &&Record| record.tag == Tag::Recipe || lacking.contains(&record.oid);
        batch.take_in(records.iter().filter(is_taken))?;
        let list: String = lacking.iter().map(|value| format!("{value}\n")).collect();
        let mut file = folder.file_to_append(RESTORED)?;
        file.write_all(list.as_bytes())?;
        Ok(batch.flush(seconds)?.entries)
    }

    /// A mirror is back that was gone here and not there: what it had, and what was restored meanwhile,
    /// lies there or was dropped from it. What it never had stays.
    fn take_back(
        &self,
        folder: &OwnFolder,
        gone: &mut BTreeMap<String, Oid>,
        seconds: i64,
    ) -> Result<()> {
        let mut published = HashSet::new();
        let mut left = BTreeMap::new();
        for (name, tip) in std::mem::take(gone) {
            match self.repo.resolve_ref(&name)? {
                Some(now) if self.leads(now, tip) => {
                    // What cannot be read any more is not known to have been there.
                    let had = Source::at(self.repo, &name, tip, Origin::Imported);
                    let had = had.and_then(|had| had.values(self.repo));
                    published.extend(had.unwrap_or_default().iter().map(Oid::to_string));
                }
                Some(_) => {}
                None => drop(left.insert(name, tip)),
            }
        }
        *gone = left;
        let list = folder.text(RESTORED, MOST_BYTES).unwrap_or_default();
        let restored: HashSet<&str> = list.lines().collect();
        let goes = |value: &str| restored.contains(value) && published.contains(value);
        if published.iter().any(|value| goes(value)) {
            let why = "dropped by the team";
            evict_from_local(
                self.repo,
                &|_, value| Ok(goes(&value.to_string())),
                why,
                seconds,
            )?;
        }
        if gone.is_empty() && !list.is_empty() {
            folder.remove(RESTORED)?;
        }
        Ok(())
    }

    fn records(&self, folder: &OwnFolder) -> Result<Vec<Record>> {
        let bytes = folder.read(PAID, MOST_BYTES);
        let bytes = bytes.with_context(|| format!("cannot read {}", folder.path().display()))?;
        Ok(records(bytes.as_slice(), self.repo.format()))
    }

    /// Which of the answers among `records` no store has, or has only what does not count at the time
    /// `now`.
    fn lacking(&self, records: &[Record], now: Timestamp) -> Result<Lacking> {
        type Asked = BTreeMap<(Kind, Fingerprint), BTreeMap<Oid, Vec<Oid>>>;
        let mut asked = Asked::new();
        for record in records.iter().filter(|record| record.tag == Tag::Entry) {
            // What is of a newer program is that program's to restore.
            if let Ok(Entry {
                kind,
                fingerprint,
                blob,
                ..
            }) = parse(&record.text)
            {
                let of_question = asked.entry((kind, fingerprint)).or_default();
                of_question.entry(blob).or_default().push(record.oid);
            }
        }
        let store = Store::trusting(self.repo, &self.repo.remotes(), self.trust).at(now);
        // What came in a file, or with a push, may go as it came.
        let store = store.without(&Origin::Imported);
        let mut lacking = Lacking::default();
        for ((kind, fingerprint), of_question) in asked {
            let blobs: Vec<Oid> = of_question.keys().copied().collect();
            let found = store.find_all(&kind, fingerprint, &blobs)?;
            let found: BTreeMap<usize, Found> = found.into_iter().collect();
            for (place, (blob, values)) in of_question.into_iter().enumerate() {
                let Some(found) = found.get(&place) else {
                    let mut sources = store.sources().iter();
                    let question = (&kind, fingerprint);
                    let tells = |source: &Source| source.tells_of(self.repo, question, blob);
                    if sources.all(|source| tells(source).unwrap_or(false)) {
                        lacking.absent.extend(values)
                    } else {
                        lacking.unreadable.extend(values)
                    }
                    continue;
                };
                let key = EntryKey {
                    kind: kind.clone(),
                    fingerprint,
                    blob,
                };
                // An answer whose age cannot be told is asked for anew.
                let counts = |entry: Entry| !is_from_the_future(entry.created, now);
                if !values.contains(&found.value) && !store.read(found, &key).is_ok_and(counts) {
                    lacking.unreadable.extend(values);
                }
            }
        }
        // What a whole store has is not known: nobody is known to have dropped it.
        if !store.unreadable.is_empty() || !store.damaged().is_empty() {
            lacking.unreadable.append(&mut lacking.absent);
        }
        Ok(lacking)
    }

    /// Was `earlier` at the ref that is at `tip` now, as far as that can be told? What begins anew on
    /// purpose says so.
    fn leads(&self, tip: Oid, earlier: Oid) -> bool {
        let mut next = Some(tip);
        for _ in 0..MOST_COMMITS {
            match next {
                Some(oid) if oid == earlier => return true,
                Some(oid) => match self.repo.commit_header(oid) {
                    Ok(_) if shortens_history(self.repo, oid) => {
                        return !self.is_known_below(earlier, oid);
                    }
                    Ok(commit) if commit.parents.is_empty() => return self.repo.is_cut_off(oid),
                    Ok(commit) => next = commit.parents.first().copied(),
                    Err(_) => return true,
                },
                None => return false,
            }
        }
        true
    }

    /// Did history begin with `beginning` when it was at `earlier`? Then nobody has shortened it
    /// since. What cannot be read any more does not tell.
    fn is_known_below(&self, earlier: Oid, beginning: Oid) -> bool {
        let mut next = Some(earlier);
        for _ in 0..MOST_COMMITS {
            match next {
                Some(oid) if oid == beginning => return true,
                Some(oid) => match self.repo.commit_header(oid) {
                    Ok(commit) => next = commit.parents.first().copied(),
                    Err(_) => return false,
                },
                None => return false,
            }
        }
        false
    }

    fn mirrors(&self) -> BTreeMap<String, Oid> {
        let remotes = self.repo.remotes().into_iter();
        let names = remotes.filter_map(|remote| mirror_ref(&remote).ok());
        names
            .filter_map(|name| {
                let tip = self.repo.resolve_ref(&name).ok()??;
                Some((name, tip))
            })
            .collect()
    }
}

fn seen(folder: &OwnFolder) -> Seen {
    let text = folder.text("tips", MOST_BYTES).unwrap_or_default();
    let mut seen = Seen::default();
    for line in text.lines() {
        let mut words = line.splitn(3, ' ');
        let (state, tip, name) = (words.next(), words.next(), words.next());
        let tip = tip.and_then(|tip| Oid::from_hex(tip.as_bytes()));
        if let (Some(state), Some(tip), Some(name)) = (state, tip, name) {
            let list = match state {
                "gone" => &mut seen.gone,
                _ => &mut seen.tips,
            };
            list.insert(name.to_owned(), tip);
        }
    }
    seen
}

fn remember(folder: &OwnFolder, seen: &Seen) -> Result<()> {
    let lines = |state: &'static str, list: &BTreeMap<String, Oid>| -> String {
        let line = |(name, tip): (&String, &Oid)| format!("{state} {tip} {name}\n");
        list.iter().map(line).collect()
    };
    let text = lines("at", &seen.tips) + &lines("gone", &seen.gone);
    folder.replace("tips", UNFINISHED, &[text.as_bytes()])?;
    Ok(())
}
/// Was `earlier` at a ref that is at `tip` now, as far as that can be told? What begins anew on purpose
/// says so.
pub fn leads(repo: &Repo, tip: Oid, earlier: Oid) -> bool {
    Anchor::of(repo).leads(tip, earlier)
}
