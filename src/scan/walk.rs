//! A walk over the trees of a commit that leaves out what the memo knows. What the files are for
//! is decided in select.

use anyhow::{Context, Result};

use super::memo::{Memo, Tally};
use crate::git::{Listed, Repo, Visit, mentions_ours};
use crate::model::{Oid, RepoPath};

/// A tree and the targets that lie in it, for the memo.
#[derive(Clone, Debug)]
pub struct Span {
    pub tree: Oid,
    pub targets: std::ops::Range<usize>,
    /// What is known of trees below it that were not entered.
    pub known: Tally,
}

/// A walk over trees that leaves out what the memo knows.
#[derive(Default)]
pub struct Walk {
    pub listed: Vec<Listed>,
    pub spans: Vec<Span>,
    pub known: Tally,
    attribute_files: Vec<Oid>,
}

impl Walk {
    /// Walks the files below `starts`.
    ///
    /// # Errors
    /// If a tree cannot be read.
    pub fn trees(
        &mut self,
        repo: &Repo,
        tree: Oid,
        starts: &[RepoPath],
        memo: Option<&Memo>,
    ) -> Result<()> {
        let mut open: Vec<(Oid, usize, Tally)> = Vec::new();
        repo.walk_trees(tree, starts, |visit| {
            match visit {
                Visit::Enter(oid) => {
                    if let Some(tally) = memo.and_then(|memo| memo.get(oid)) {
                        self.known += tally;
                        if let Some((.., known)) = open.last_mut() {
                            *known += tally;
                        }
                        return false;
                    }
                    open.push((oid, self.listed.len(), Tally::default()));
                }
                Visit::Leave => {
                    if let Some((tree, start, known)) = open.pop() {
                        if let Some((.., outer)) = open.last_mut() {
                            *outer += known;
                        }
                        let targets = start..self.listed.len();
                        self.spans.push(Span {
                            tree,
                            targets,
                            known,
                        });
                    }
                }
                Visit::Above(name, oid) if name == b".gitattributes" => {
                    self.attribute_files.push(oid)
                }
                Visit::Above(..) => {}
                Visit::File(file) => {
                    if file.path.file_name() == b".gitattributes" {
                        self.attribute_files.extend(file.oid);
                    }
                    self.listed.push(file);
                }
            }
            true
        })
    }

    /// Does an attributes file that was met speak of us?
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn attributes(&self, repo: &Repo) -> Result<bool> {
        for oid in &self.attribute_files {
            let text = repo
                .blob(*oid, 1 << 20)
                .context("cannot read a .gitattributes file")?;
            if mentions_ours(&text) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
