//! What of a store may go to others, as whoever publishes or exports says. Not why: that is for
//! `sync`.

use std::cell::Cell;
use std::collections::HashSet;

use anyhow::Result;

use super::overlay::Layer;
use crate::model::{Entry, Oid, Origin};

/// Those of some source blobs about which something may go; the entries come from this origin.
type Blobs<'a> = dyn Fn(&Origin, HashSet<Oid>) -> Result<HashSet<Oid>> + 'a;

/// Judges entries before they are laid, and counts those that it withholds.
pub struct Filter<'a> {
    blobs: Box<Blobs<'a>>,
    entry: Box<dyn Fn(&Entry) -> bool + 'a>,
    withheld: Cell<usize>,
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
            withheld: Cell::new(0),
        }
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

    pub(super) fn drop_withheld(&self, origin: &Origin, layer: &mut Layer) -> Result<()> {
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
