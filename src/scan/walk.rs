//! A walk over the trees of a commit that leaves out what the memo knows. What the files are for
//! is decided in select.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;

use super::memo::{Memo, Place, Tally};
use super::scope::may_be_script;
use crate::git::{Listed, Mode, Repo, Visit};
use crate::model::{Language, Oid, RepoPath, Role};

/// A tree and the targets that lie in it, for the memo.
#[derive(Clone, Debug)]
pub struct Span {
    pub place: Place,
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
    /// Trees that were not entered: the memo knows what is in them.
    pub skipped: Vec<RepoPath>,
    /// Trees were walked, not asked for: attributes files were met.
    pub walked: bool,
    attribute_files: Vec<Oid>,
    listing: Listing,
}

/// Which files of a tree are worth a place in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listing {
    #[default]
    Everything,
    /// Those whose name says a language: nobody asked for others.
    Languages,
}

/// What is there instead of a tree's files, by path; none where a file is gone.
#[derive(Debug, Default)]
pub struct Overlay(pub BTreeMap<RepoPath, Option<Listed>>);

impl Overlay {
    /// Does anything at or below this folder differ?
    fn touches(&self, folder: &[u8]) -> bool {
        let from = RepoPath::new(folder);
        let mut near = self.0.range(from..).map(|(path, _)| path);
        near.find(|path| path.is_below(folder) || !path.as_bytes().starts_with(folder))
            .is_some_and(|path| path.is_below(folder))
    }
}

impl Walk {
    pub fn new(listing: Listing) -> Self {
        Self {
            listing,
            ..Self::default()
        }
    }

    /// Walks the files below `starts`, with what `overlay` puts in their place.
    ///
    /// # Errors
    /// If a tree cannot be read.
    pub fn trees(
        &mut self,
        repo: &Repo,
        tree: Oid,
        starts: &[RepoPath],
        memo: Option<&Memo>,
        mut overlay: Overlay,
    ) -> Result<()> {
        self.walked = true;
        let mut open: Vec<Open> = Vec::new();
        repo.walk_trees(tree, starts, |visit| {
            match visit {
                Visit::Enter(tree, path) => {
                    let touched = overlay.touches(path);
                    let place = (tree, Role::of_folder(path));
                    let known = memo.filter(|_| !touched);
                    let known = known.and_then(|memo| memo.get(place));
                    if let Some(tally) = known {
                        self.skipped.push(RepoPath::new(path));
                        self.know(tally, open.last_mut());
                        return false;
                    }
                    open.push(Open {
                        place,
                        touched,
                        start: self.listed.len(),
                        known: Tally::default(),
                    });
                }
                Visit::Leave => self.leave(&mut open),
                Visit::Above(name, oid) if name == b".gitattributes" => {
                    self.attribute_files.push(oid);
                }
                Visit::Above(..) => {}
                Visit::File(path, mode, oid) => {
                    let instead = if overlay.0.is_empty() {
                        None
                    } else {
                        overlay.0.remove(&RepoPath::new(path))
                    };
                    match instead {
                        Some(instead) => self.listed.extend(instead),
                        None => self.list(path, mode, oid),
                    }
                }
            }
            true
        })?;
        let places: HashSet<&[u8]> = starts.iter().map(RepoPath::as_bytes).collect();
        let within = |path: &RepoPath| {
            let mut around = path.folders().chain([path.as_bytes()]);
            around.any(|place| places.contains(place))
        };
        let added = overlay.0.into_values().flatten();
        self.add(added.filter(|file| within(&file.path)).collect());
        if starts.len() > 1 {
            self.sort();
        }
        Ok(())
    }

    /// Walks the files below `starts` that `base` does not hold in the same way.
    ///
    /// # Errors
    /// If a tree cannot be read.
    pub fn changes(
        &mut self,
        repo: &Repo,
        base: Oid,
        tree: Oid,
        starts: &[RepoPath],
    ) -> Result<()> {
        self.walked = true;
        repo.walk_changes(base, tree, starts, |visit| match visit {
            Visit::File(path, mode, oid) => self.list(path, mode, oid),
            Visit::Above(name, oid) if name == b".gitattributes" => self.attribute_files.push(oid),
            _ => {}
        })
    }

    /// Lists more files.
    pub fn add(&mut self, files: Vec<Listed>) {
        if !files.is_empty() {
            self.listed.extend(files);
            self.sort();
        }
    }

    fn sort(&mut self) {
        self.listed.sort_by(|a, b| a.path.cmp(&b.path));
        // The places of the files have changed.
        self.spans.clear();
    }

    fn know(&mut self, tally: Tally, outer: Option<&mut Open>) {
        self.known += tally;
        if let Some(outer) = outer {
            outer.known += tally;
        }
    }

    fn leave(&mut self, open: &mut Vec<Open>) {
        let Some(inner) = open.pop() else { return };
        if let Some(outer) = open.last_mut() {
            outer.known += inner.known;
        }
        if !inner.touched {
            self.spans.push(Span {
                place: inner.place,
                targets: inner.start..self.listed.len(),
                known: inner.known,
            });
        }
    }

    fn list(&mut self, path: &[u8], mode: Mode, oid: Oid) {
        let start = memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1);
        let name = &path[start..];
        if name == b".gitattributes" && mode.is_file() {
            self.attribute_files.push(oid);
        }
        let is_wanted = || Language::of_path(name).is_some() || may_be_script(name, mode);
        if self.listing == Listing::Everything || is_wanted() {
            self.listed.push(Listed {
                path: RepoPath::new(path),
                mode,
                oid: Some(oid),
            });
        }
    }

    /// Does an attributes file that was met speak of us?
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn attributes(&self, repo: &Repo) -> Result<bool> {
        repo.any_mentions_ours(&self.attribute_files)
    }
}

/// A tree that is being walked.
struct Open {
    place: Place,
    /// Something in it is not as the tree says.
    touched: bool,
    /// How many files were listed before it.
    start: usize,
    known: Tally,
}
