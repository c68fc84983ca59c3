//! What of a store may go to others, as whoever publishes or exports says. Not why: that is for
//! `sync`.

use std::cell::Cell;
use std::collections::HashSet;

use anyhow::Result;

use super::overlay::Layer;
use crate::git::Repo;
use crate::model::{Entry, Fingerprint, MAX_ENTRY_BYTES, Oid, Origin, Publish, Recipe};

/// Those of some source blobs about which something may go; the entries come from this origin.
type Blobs<'a> = dyn Fn(&Origin, HashSet<Oid>) -> Result<HashSet<Oid>> + 'a;

/// Judges entries before they are laid, and counts those that it withholds.
pub struct Filter<'a> {
    blobs: Box<Blobs<'a>>,
    entry: Box<dyn Fn(&Entry) -> bool + 'a>,
    publish: Publish,
    withheld: Cell<usize>,
}

/// Are the answers to this question published?
pub(super) fn is_published(repo: &Repo, publish: Publish, question: Fingerprint) -> bool {
    match publish {
        Publish::All => true,
        Publish::Nothing => false,
        Publish::Paid => {
            let text = repo.blob(question.0, MAX_ENTRY_BYTES).ok();
            let recipe = text.and_then(|text| serde_json::from_slice::<Recipe>(&text).ok());
            // What nobody can tell may have been paid for.
            recipe.is_none_or(|recipe| recipe.model.is_some())
        }
    }
}

impl std::fmt::Debug for Filter<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Filter({} withheld)", self.withheld.get())
    }
}

impl<'a> Filter<'a> {
    pub fn new(
        blobs: impl Fn(&Origin, HashSet<Oid>) -> Result<HashSet<Oid>> + 'a,
        entry: impl Fn(&Entry) -> bool + 'a,
    ) -> Self {
        Self {
            blobs: Box::new(blobs),
            entry: Box::new(entry),
            publish: Publish::All,
            withheld: Cell::new(0),
        }
    }

    /// Only those that are published at all; the others do not wait for it.
    pub fn of(self, publish: Publish) -> Self {
        Self { publish, ..self }
    }

    /// Withholds nothing: for what stays on this machine.
    pub fn none() -> Self {
        Self::new(|_, blobs| Ok(blobs), |_| true)
    }

    /// How many entries of this clone were withheld since the last [`Filter::restart`].
    pub fn withheld(&self) -> usize {
        self.withheld.get()
    }

    pub(super) fn restart(&self) {
        self.withheld.set(0);
    }

    pub(super) fn drop_withheld(
        &self,
        repo: &Repo,
        origin: &Origin,
        layer: &mut Layer,
    ) -> Result<()> {
        let published = |question| is_published(repo, self.publish, question);
        layer
            .entries
            .retain(|(_, question), _| published(*question));
        let pairs = || layer.entries.values().flatten();
        let blobs: HashSet<Oid> = pairs().map(|(blob, _)| *blob).collect();
        let before = layer.count();
        let admitted = (self.blobs)(origin, blobs)?;
        for pairs in layer.entries.values_mut() {
            pairs.retain(|(blob, _)| admitted.contains(blob));
        }
        layer.drop_empty();
        self.count(origin, before - layer.count());
        Ok(())
    }

    pub(super) fn admits(&self, origin: &Origin, entry: &Entry) -> bool {
        let admitted = (self.entry)(entry);
        self.count(origin, usize::from(!admitted));
        admitted
    }

    /// What others made is not this clone's to publish: nobody waits for it.
    fn count(&self, origin: &Origin, withheld: usize) {
        if *origin == Origin::Here {
            self.withheld.set(self.withheld.get() + withheld);
        }
    }
}
