//! Several stores laid over one tree, one after the other, each as far as it has what those below
//! lack. Not what becomes of the result: it is published, or exported.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::filter::Filter;
use super::folder::Folder;
use super::lookup::read;
use super::overlay::Layer;
use super::pending::difference;
use super::source::Source;
use super::tip;
use crate::git::{Kept, PackedObject, Repo};
use crate::model::{EntryKey, Fingerprint, Kind, MAX_ENTRY_BYTES, Oid, Origin, Recipe};

/// A longer name of an analyzer is not told, in bytes.
const MOST_NAME: usize = 100;

/// A tree that grows by stores.
pub(super) struct Stack<'r> {
    repo: &'r Repo,
    /// The time, by which an entry is dated ahead or not.
    seconds: i64,
    /// What lies there so far, where it can be read.
    top: Option<Source>,
    /// What lies there now, and the trees of it that are not stored yet.
    tree: Option<Oid>,
    pub objects: Vec<PackedObject>,
    pub kept: Vec<Kept>,
    /// The source blobs whose entries were laid.
    laid: BTreeMap<(Kind, Fingerprint), BTreeSet<Oid>>,
}

impl<'r> Stack<'r> {
    /// Begins with what `base` holds.
    pub fn over(repo: &'r Repo, base: Option<Source>, seconds: i64) -> Self {
        Self {
            repo,
            seconds,
            tree: base.as_ref().map(|base| base.tree),
            top: base,
            objects: Vec::new(),
            kept: Vec::new(),
            laid: BTreeMap::new(),
        }
    }

    /// Lays on top what is sound of `source`, passes the filter, and is not there or older. Does what
    /// lies there now hold all that is in `source`?
    ///
    /// # Errors
    /// If a store cannot be read, or nothing can be written.
    pub fn lay(&mut self, source: &Source, filter: &Filter<'_>) -> Result<bool> {
        self.settle(source)?;
        let difference = difference(self.repo, source, self.top.as_ref(), self.seconds)?;
        let mut layer = difference.pending;
        let pending = layer.count();
        filter.drop_withheld(self.repo, &source.origin, &mut layer)?;
        keep_sound(self.repo, filter, &source.origin, &mut layer);
        let whole = layer.count() == pending && difference.held_back.count() == 0;
        if layer.count() == 0 {
            return Ok(whole);
        }
        let root = Folder::open(self.repo, self.tree)?;
        self.tree = Some(layer.lay_over(self.repo, root, &mut self.objects)?);
        for (question, pairs) in layer.entries {
            let blobs = pairs.into_iter().map(|(blob, _)| blob);
            self.laid.entry(question).or_default().extend(blobs);
        }
        Ok(whole)
    }

    /// Stores what was laid before, so that it can be read. `like` is any store: of its origin
    /// nothing is asked.
    fn settle(&mut self, like: &Source) -> Result<()> {
        let Some(tree) = self.tree.filter(|_| !self.objects.is_empty()) else {
            return Ok(());
        };
        let who = format!("{} {}", std::process::id(), self.seconds);
        let objects: Vec<&PackedObject> = self.objects.iter().collect();
        self.kept.push(self.repo.store_pack(&objects, &who)?);
        self.objects.clear();
        let (name, commit) = (&like.ref_name, like.commit);
        self.top = Some(Source::of_tree(
            self.repo,
            name,
            (commit, tree),
            Origin::Here,
        )?);
        Ok(())
    }

    /// How many entries were laid.
    pub fn count(&self) -> usize {
        self.laid.values().map(BTreeSet::len).sum()
    }

    /// The root of what lies there; `None` if that is nothing.
    pub const fn tree(&self) -> Option<Oid> {
        self.tree
    }

    /// `37 analyses (refactor, local/1)`
    pub fn subject(&self) -> String {
        let answerer = |fingerprint: &Fingerprint| {
            let text = self.repo.blob(fingerprint.0, MAX_ENTRY_BYTES).ok()?;
            let recipe: Recipe = serde_json::from_slice(&text).ok()?;
            // A recipe may be another's: what it says becomes part of a line.
            let name = recipe.answerer();
            (name.len() <= MOST_NAME && !name.contains(char::is_control)).then_some(name)
        };
        let questions = self.laid.keys().map(|(kind, fingerprint)| {
            let answerer = answerer(fingerprint);
            (kind, answerer.unwrap_or_else(|| "unknown".to_owned()))
        });
        tip::subject(self.count(), questions.collect::<BTreeSet<_>>())
    }
}

/// An entry that nobody could read is no use to others, and a missing one would stop the push.
fn keep_sound(repo: &Repo, filter: &Filter<'_>, origin: &Origin, layer: &mut Layer) {
    for ((kind, fingerprint), pairs) in &mut layer.entries {
        pairs.retain(|(blob, value)| {
            let key = EntryKey {
                kind: kind.clone(),
                fingerprint: *fingerprint,
                blob: *blob,
            };
            read(repo, *value, &key).is_ok_and(|entry| filter.admits(origin, &entry))
        });
    }
    layer.drop_empty();
}
