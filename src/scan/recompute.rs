//! Computes entries of the embedded analyzer once more: whoever has the source can tell whether a
//! stored one is what it claims to be. Stores nothing.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use anyhow::Result;

use super::plan::Unit;
use super::question::Questions;
use super::workers::{Done, Work};
use crate::analyzers::{Apart, Local};
use crate::git::Repo;
use crate::model::{EntryKey, Fingerprint, Language, Oid, RepoPath, Roles, Skip};

/// One file at a time is over soon enough.
static NEVER: AtomicBool = AtomicBool::new(false);

/// What computing an entry once more showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recomputed {
    /// Byte for byte what is stored.
    Same,
    Differs,
    /// The source is not here, or too large by today's settings.
    NotPossible,
}

/// Those entries that can be computed here: of the recipes that are in force.
#[derive(Debug)]
pub struct Recomputing<'a> {
    repo: &'a Repo,
    work: Work<'a>,
    apart: Apart<'a>,
    questions: HashMap<Fingerprint, (Language, usize)>,
}

impl<'a> Recomputing<'a> {
    /// `limit` is the size in bytes beyond which files are not read.
    pub fn new(repo: &'a Repo, analyzer: &'a Local, questions: &'a Questions, limit: u64) -> Self {
        let kinds = 0..questions.kinds.len();
        let all = Language::ALL
            .into_iter()
            .flat_map(|language| kinds.clone().map(move |kind| (language, kind)));
        let known = all.filter_map(|(language, kind)| {
            let question = questions.get(language, kind)?;
            Some((question.fingerprint, (language, kind)))
        });
        Self {
            repo,
            work: Work {
                analyzer,
                questions,
                limit,
                interrupt: &NEVER,
            },
            apart: Apart::new(analyzer),
            questions: known.collect(),
        }
    }

    /// Is it an entry of a recipe that is in force here?
    pub fn knows(&self, key: &EntryKey) -> bool {
        self.questions.contains_key(&key.fingerprint)
    }

    /// Computes the entry of `key` and compares it with the blob `stored`.
    ///
    /// # Errors
    /// If the object database cannot be read, or the entry would be larger than one may be.
    pub fn compare(&mut self, key: &EntryKey, stored: Oid) -> Result<Recomputed> {
        let Some(&(language, kind)) = self.questions.get(&key.fingerprint) else {
            return Ok(Recomputed::NotPossible);
        };
        if self.repo.header(key.blob)?.is_none() {
            return Ok(Recomputed::NotPossible);
        }
        let unit = Unit {
            blob: key.blob,
            language,
            kinds: vec![kind],
            roles: Roles::LIBRARY,
            path: RepoPath::from(""),
        };
        Ok(match self.work.analyze(self.repo, &mut self.apart, &unit) {
            Done::Answered(answers) => match answers.into_iter().next() {
                Some((_, written)) => {
                    if written?.value() == stored {
                        Recomputed::Same
                    } else {
                        Recomputed::Differs
                    }
                }
                None => Recomputed::NotPossible,
            },
            Done::Failed(_) | Done::Left(..) | Done::Skipped(Skip::TooLarge { .. }) => {
                Recomputed::NotPossible
            }
            Done::Skipped(_) => Recomputed::Differs,
        })
    }
}
