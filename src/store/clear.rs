//! Drops entries that this clone made and has not shared. The reflog of our ref keeps what was
//! dropped for as long as git keeps reflogs.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use super::folder::Folder;
use super::layout::{ENTRIES, RECIPES};
use super::source::Source;
use super::tip::{self, Change, History};
use crate::git::{Mode, PackedObject, Repo};
use crate::model::{Kind, Oid};

/// Drops all entries of `kinds`, and the recipes that nothing needs any more.
///
/// # Errors
/// If the store cannot be read or written.
pub fn clear(repo: &Repo, kinds: &[Kind], seconds: i64) -> Result<()> {
    let names: Vec<&str> = kinds.iter().map(Kind::name).collect();
    let change = Change {
        subject: format!("clear {}", names.join(", ")),
        history: History::Anew,
        objects: &[],
        seconds,
    };
    std::fs::create_dir_all(repo.own_dir()).context("cannot make our folder")?;
    tip::advance(repo, &change, |base, objects| {
        without(repo, base, kinds, objects)
    })
    .map(drop)
}

fn without(
    repo: &Repo,
    base: Option<&Source>,
    kinds: &[Kind],
    objects: &mut Vec<PackedObject>,
) -> Result<Oid> {
    let base = base.context("there is nothing to clear")?;
    let format = repo.format();
    let mut root = Folder::open(repo, Some(base.tree))?;
    let mut entries = Folder::open(repo, root.folder(ENTRIES))?;
    for kind in kinds {
        entries.remove(kind.name());
    }
    let needed: BTreeSet<Oid> = base
        .nodes(repo)?
        .into_iter()
        .filter(|(kind, ..)| !kinds.contains(kind))
        .map(|(_, fingerprint, _)| fingerprint.0)
        .collect();
    let mut recipes = Folder::open(repo, root.folder(RECIPES))?;
    for (fingerprint, _) in base.recipes(repo)? {
        if !needed.contains(&fingerprint.0) {
            recipes.remove(&fingerprint.to_string());
        }
    }
    for (name, folder) in [(ENTRIES, entries), (RECIPES, recipes)] {
        match folder.is_empty() {
            true => root.remove(name),
            false => root.set(name, Mode::TREE, folder.write(format, objects)?),
        }
    }
    root.write(format, objects)
}
