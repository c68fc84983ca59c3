//! Small trees that are changed by name: the root of a store, its folders of recipes and kinds.
//! Not the fan-out of entries, which has a shape of its own.

use std::collections::BTreeMap;

use anyhow::Result;

use super::source::{Line, lines};
use crate::git::{Mode, PackedObject, Repo, TreeEntry, write_tree};
use crate::model::{ObjectFormat, ObjectType, Oid};

/// A small tree, to be changed and written again.
#[derive(Debug, Default)]
pub struct Folder(BTreeMap<Vec<u8>, (Mode, Oid)>);

impl Folder {
    /// The tree `tree`, or an empty one.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(repo: &Repo, tree: Option<Oid>) -> Result<Self> {
        let Some(tree) = tree else {
            return Ok(Self::default());
        };
        let lines = lines(repo, tree)?.into_iter();
        Ok(Self(
            lines.map(|(name, mode, oid)| (name, (mode, oid))).collect(),
        ))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The folder of this name in it.
    pub fn folder(&self, name: &str) -> Option<Oid> {
        let (mode, oid) = self.0.get(name.as_bytes())?;
        mode.is_tree().then_some(*oid)
    }

    /// What is in it.
    pub fn lines(&self) -> Vec<Line> {
        let lines = self.0.iter();
        lines
            .map(|(name, (mode, oid))| (name.clone(), *mode, *oid))
            .collect()
    }

    /// Removes all that is not to be kept.
    ///
    /// # Errors
    /// If `keep` fails.
    pub fn retain(&mut self, keep: impl Fn(&Line) -> Result<bool>) -> Result<()> {
        for line in self.lines() {
            if !keep(&line)? {
                self.remove(&line.0);
            }
        }
        Ok(())
    }

    pub fn remove(&mut self, name: impl AsRef<[u8]>) {
        self.0.remove(name.as_ref());
    }

    pub fn set(&mut self, name: impl AsRef<[u8]>, mode: Mode, oid: Oid) {
        self.0.insert(name.as_ref().to_vec(), (mode, oid));
    }

    /// Its id; the tree itself goes to `objects`.
    ///
    /// # Errors
    /// Never in practice: it is written to memory.
    pub fn write(&self, format: ObjectFormat, objects: &mut Vec<PackedObject>) -> Result<Oid> {
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
