//! Reads every entry and recipe of a store and checks them as a lookup would: for people who doubt.

use anyhow::Result;

use super::codec::Unreadable;
use super::lookup::{Store, read};
use super::repair::ailments;
use super::survey::survey;
use crate::git::Repo;
use crate::model::{EntryKey, MAX_ENTRY_BYTES, Oid, Recipe};

/// The most faults that are named.
const MOST_NAMED: usize = 1000;

/// What checking a store came to.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    pub entries: u64,
    pub recipes: u64,
    /// Entries of a newer program, which are left to that.
    pub newer: u64,
    /// How many entries, recipes or folders are bad.
    pub faults: u64,
    /// The place of each that is bad and what is wrong with it, up to a thousand.
    pub named: Vec<(String, String)>,
}

impl Checked {
    /// Counts one more fault.
    pub fn add(&mut self, place: String, why: String) {
        self.faults += 1;
        if self.named.len() < MOST_NAMED {
            self.named.push((place, why));
        }
    }
}

/// Checks everything in `store`. Each sound entry is shown to `visit`: its place, its key and the
/// blob that holds it.
///
/// # Errors
/// If the folders of our own ref cannot be read. What is wrong with those of others is a fault.
pub fn verify(
    repo: &Repo,
    store: &Store<'_>,
    visit: &mut dyn FnMut(&str, &EntryKey, Oid),
) -> Result<Checked> {
    let mut checked = Checked::default();
    for source in store.sources() {
        // As a folder that is lost, it is told below.
        let recipes = store.ask(source, || source.recipes(repo));
        for (fingerprint, oid) in recipes.unwrap_or_default() {
            checked.recipes += 1;
            let text = repo.blob(oid, MAX_ENTRY_BYTES).ok();
            let recipe = text.and_then(|text| serde_json::from_slice::<Recipe>(&text).ok());
            if fingerprint.0 != oid || recipe.is_none() {
                let place = format!("{}:recipes/{fingerprint}", source.ref_name);
                checked.add(place, "recipe does not match its fingerprint".to_owned());
            }
        }
    }
    let ailments = ailments(repo)?;
    let groups = match survey(repo, store) {
        // What keeps it from being read is told below.
        Err(_) if !ailments.is_empty() => Vec::new(),
        groups => groups?,
    };
    for group in groups {
        let folder = format!(
            "{}:entries/{}/{}",
            group.ref_name, group.kind, group.fingerprint
        );
        let entries = match group.entries(repo) {
            Ok(entries) => entries,
            Err(error) => {
                checked.add(folder, format!("{error:#}"));
                continue;
            }
        };
        if group.recipe.is_none() {
            checked.add(
                folder.clone(),
                "its recipe is not kept beside it".to_owned(),
            );
        }
        for (key, value) in entries {
            checked.entries += 1;
            let place = format!("{folder}/{}", key.blob);
            match read(repo, value, &key) {
                Ok(_) => visit(&place, &key, value),
                Err(Unreadable::NewerFormat(_)) => checked.newer += 1,
                Err(why) => checked.add(place, why.to_string()),
            }
        }
    }
    for ailment in ailments {
        let why = format!(
            "{}; to repair it: git rustassistant doctor --repair",
            ailment.why
        );
        checked.add(ailment.place, why);
    }
    for sentence in store.unreadable.iter().cloned().chain(store.damaged()) {
        checked.add("store".to_owned(), sentence);
    }
    Ok(checked)
}
