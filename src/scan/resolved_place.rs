//! The place that is looked at, what the user named in it, and how git lists the files there: by walking
//! trees wherever plain paths were named, so that the cost follows what changed; else by asking git.

use std::collections::{BTreeSet, HashSet};

use anyhow::{Context, Result, bail};

use super::memo::Memo;
use super::target::{Other, Place, Selection};
use super::walk::{Listing, Overlay, Walk};
use crate::git::{self, Among, Attributes, Listed, Mode, Now, Pathspecs, Repo};
use crate::model::{ObjectType, Oid, RepoPath, ResultExt, Revision};

/// A place, resolved.
#[derive(Debug)]
pub struct ResolvedPlace {
    place: Place,
    pub revision: Revision,
    /// The tree that is walked; that of HEAD for the work tree.
    tree: Oid,
}

impl ResolvedPlace {
    /// # Errors
    /// With a hint, if there is no such place.
    pub fn at(repo: &Repo, selection: &Selection) -> Result<Self> {
        let place = selection.place.clone();
        let Place::Rev(rev) = &place else {
            return Self::at_work(repo, place);
        };
        let hint = if repo.has_commits() {
            "name a branch, a tag or a commit; 'git log --all --oneline' lists commits"
        } else {
            "there are no commits yet: leave --rev out"
        };
        Ok(Self {
            tree: repo.tree_named(rev).hint_if_none(hint)?,
            revision: Revision::Commit {
                rev: rev.clone(),
                commit: repo.commit_named(rev)?,
            },
            place,
        })
    }

    fn at_work(repo: &Repo, place: Place) -> Result<Self> {
        if repo.work_dir().is_none() {
            let bare: Result<()> = Err(anyhow::anyhow!("a bare repository has no work tree"));
            bare.hint("select a revision: git rustassistant analyze --rev HEAD")?;
        }
        let tree = if repo.has_commits() {
            repo.tree_named("HEAD")?
        } else {
            nothing(repo)
        };
        let revision = match place {
            Place::Index => Revision::Index,
            _ => Revision::WorkTree,
        };
        Ok(Self {
            place,
            revision,
            tree,
        })
    }

    /// The tree that is walked, and from where, if files are found so.
    pub fn walks<'n>(
        &self,
        selection: &Selection,
        named: &'n Named,
    ) -> Option<(Oid, &'n [RepoPath])> {
        let walks = self.place != Place::Index && selection.differs_from.is_none();
        let starts = named.starts.as_deref().filter(|_| walks)?;
        Some((self.tree, starts))
    }

    /// The files that were named, sorted by path.
    ///
    /// # Errors
    /// If a pathspec matches nothing, or git cannot list the files.
    pub fn list(
        &self,
        repo: &Repo,
        selection: &Selection,
        named: &Named,
        listing: Listing,
        memo: Option<&Memo>,
    ) -> Result<Walk> {
        let everything = Pathspecs {
            written: vec![":/".into()],
            folder: Vec::new(),
        };
        let specs = match selection.files {
            Some(_) => &everything,
            None => &selection.pathspecs,
        };
        let mut walk = Walk::new(listing);
        match (&self.place, selection.differs_from, &named.starts) {
            (Place::Text(path, oid), ..) => walk.listed.push(Listed {
                path: path.clone(),
                mode: Mode::FILE,
                oid: Some(*oid),
            }),
            (Place::Rev(_), None, Some(starts)) => {
                walk.trees(repo, self.tree, starts, memo, Overlay::default())?;
            }
            (Place::Rev(_), None, None) => {
                walk.listed = repo.changed_between(nothing(repo), self.tree, specs)?;
            }
            (Place::Rev(_), Some(Other::Tree(base)), Some(starts)) => {
                let base = repo.tree_named(&base.to_string())?;
                walk.changes(repo, base, self.tree, starts)?;
            }
            (_, Some(other), _) => walk.listed = self.differing(repo, other, specs)?,
            (Place::Index, None, _) => walk.listed = repo.staged_files(specs)?,
            (_, None, Some(starts)) => {
                let overlay = Overlay(repo.work_differences(self.tree, specs)?);
                walk.trees(repo, self.tree, starts, memo, overlay)?;
            }
            (_, None, None) => walk.listed = repo.work_files(specs)?,
        }
        if self.place == Place::WithUntracked {
            let mut untracked = repo.untracked_files(specs)?;
            untracked.retain(|file| named.covers(&file.path));
            walk.add(untracked);
        }
        if named.explicit && named.starts.is_none() {
            let among = match self.place {
                Place::WithUntracked => Among::TrackedAndNew,
                _ => Among::Tracked,
            };
            repo.expect_matches(specs, among)?;
        }
        if selection.files.is_some() && !walk.walked {
            walk.listed.retain(|file| named.covers(&file.path));
        }
        Ok(walk)
    }

    /// The files that are not as at another place.
    fn differing(&self, repo: &Repo, other: Other, specs: &Pathspecs) -> Result<Vec<Listed>> {
        let now = |place: &Place| match place {
            Place::Index => Now::Index,
            _ => Now::WorkTree,
        };
        let base = git::Listing::Base;
        match (&self.place, other) {
            (Place::Rev(_), Other::Tree(base)) => repo.changed_between(base, self.tree, specs),
            (Place::Rev(_), Other::WorkTree) => {
                repo.changed_files(self.tree, Now::WorkTree, base, specs)
            }
            (Place::Rev(_), Other::Index) => repo.changed_files(self.tree, Now::Index, base, specs),
            (place, Other::Tree(base)) => {
                repo.changed_files(base, now(place), git::Listing::Now, specs)
            }
            (_, Other::WorkTree | Other::Index) => {
                bail!("the work tree and the index can only be compared with commits")
            }
        }
    }

    /// What attributes say of the listed files; `None` if no attributes file speaks of us.
    ///
    /// # Errors
    /// If git cannot tell.
    pub fn attributes(&self, repo: &Repo, walk: &Walk) -> Result<Option<Attributes>> {
        let (speaks, tree) = match self.place {
            Place::Rev(_) => {
                let unknown = !walk.walked;
                let speaks = unknown || walk.attributes(repo)? || repo.outside_attributes()?;
                (speaks, Some(self.tree))
            }
            _ => {
                let listed = walk.listed.iter();
                let folders: BTreeSet<&[u8]> =
                    listed.flat_map(|file| file.path.folders()).collect();
                // Git reads from the index what the work tree lacks.
                let speaks = repo.may_have_attributes(folders.into_iter())?
                    || if walk.walked {
                        walk.attributes(repo)?
                    } else {
                        repo.left_out_attributes()?
                    };
                (speaks, None)
            }
        };
        let ask = || {
            let paths: Vec<&RepoPath> = walk.listed.iter().map(|file| &file.path).collect();
            repo.attributes(&paths, tree)
        };
        speaks.then(ask).transpose()
    }
}

/// What the attribute files of `tree` say of the listed files, whatever those beside them say.
///
/// # Errors
/// If git cannot tell.
pub fn attributes_of(repo: &Repo, walk: &Walk, tree: Oid) -> Result<Attributes> {
    let paths: Vec<&RepoPath> = walk.listed.iter().map(|file| &file.path).collect();
    let folders: BTreeSet<&[u8]> = paths.iter().flat_map(|path| path.folders()).collect();
    let within = |folder: &&[u8]| {
        if folder.is_empty() {
            RepoPath::from(".gitattributes")
        } else {
            RepoPath::new([folder, b"/.gitattributes".as_slice()].concat())
        }
    };
    let places: Vec<RepoPath> = folders.iter().map(within).collect();
    let mut files = Vec::new();
    repo.walk_trees(tree, &places, |visit| {
        match visit {
            git::Visit::File(_, mode, oid) if mode.is_file() => files.push(oid),
            _ => {}
        }
        true
    })?;
    if repo.any_mentions_ours(&files)? || repo.outside_attributes()? {
        repo.attributes(&paths, Some(tree))
    } else {
        Ok(Attributes::default())
    }
}

/// The tree in which nothing is.
fn nothing(repo: &Repo) -> Oid {
    Oid::of(repo.format(), ObjectType::Tree, b"")
}

/// The files and folders that were named one by one, if all were.
pub struct Named {
    pub starts: Option<Vec<RepoPath>>,
    /// The same, to be looked up.
    places: HashSet<Vec<u8>>,
    /// What to do if one does not match.
    hint: &'static str,
    /// Whether each must match something.
    pub explicit: bool,
}

impl Named {
    /// # Errors
    /// If a path climbs out of the repository.
    pub fn new(selection: &Selection) -> Result<Self> {
        let starts = match &selection.files {
            Some(files) => Some(files.clone()),
            None => selection.pathspecs.plain()?,
        };
        let explicit = selection.files.is_some() || !selection.pathspecs.written.is_empty();
        let explicit = explicit && selection.differs_from.is_none();
        let places = starts
            .iter()
            .flatten()
            .map(|start| start.as_bytes().to_vec());
        Ok(Self {
            places: places.collect(),
            starts,
            hint: match selection.place {
                Place::Rev(_) => "'git ls-tree -r --name-only REV' lists the files of a revision",
                _ => {
                    "only files that git tracks are looked at; `analyze --untracked` adds the others"
                }
            },
            explicit,
        })
    }

    /// Was this very file named? Then it is meant whatever its name says.
    pub fn is_exactly(&self, path: &RepoPath) -> bool {
        self.explicit && self.places.contains(path.as_bytes())
    }

    /// Is it one of the paths that were named, or below one? Everything is, if pathspecs decide.
    pub fn covers(&self, path: &RepoPath) -> bool {
        let mut places = path.folders().chain([path.as_bytes()]);
        self.starts.is_none() || places.any(|place| self.places.contains(place))
    }

    /// Every path that was named must be there.
    ///
    /// # Errors
    /// With a hint, for the first that is not.
    pub fn check(&self, walk: &Walk) -> Result<()> {
        let Some(starts) = self.starts.as_deref().filter(|_| self.explicit) else {
            return Ok(());
        };
        let listed = walk.listed.iter().map(|file| &file.path);
        let found: BTreeSet<&[u8]> = listed
            .chain(&walk.skipped)
            .flat_map(|path| path.folders().chain([path.as_bytes()]))
            .collect();
        let mut named = starts.iter().filter(|start| !start.as_bytes().is_empty());
        match named.find(|start| !found.contains(start.as_bytes())) {
            Some(absent) => self.refuse(absent),
            None => Ok(()),
        }
    }

    fn refuse(&self, path: &RepoPath) -> Result<()> {
        let absent = Err(anyhow::anyhow!("no matching files"));
        let absent: Result<()> = absent.with_context(|| format!("cannot select '{path}'"));
        absent.hint(self.hint)
    }
}
