//! One ref that holds entries, as it was when the store was opened.

use anyhow::{Context, Result, anyhow};

use super::indexed::Indexed;
use super::layout::{ENTRIES, FORMAT, FORMAT_TEXT, RECIPES};
use super::node;
use crate::git::{Mode, Repo, TreeEntries};
use crate::model::{Fingerprint, Kind, Oid, Origin};

/// A tree of entries and where it was found.
#[derive(Clone, Debug)]
pub struct Source {
    pub origin: Origin,
    pub ref_name: String,
    pub commit: Oid,
    /// The store's root tree.
    pub tree: Oid,
    entries: Option<Oid>,
    recipes: Option<Oid>,
}

impl Source {
    /// The source at `ref_name`; `None` if the ref does not exist.
    ///
    /// # Errors
    /// If the ref or its tree cannot be read, or holds something else than a store of format 1.
    pub fn open(repo: &Repo, ref_name: &str, origin: Origin) -> Result<Option<Self>> {
        let Some(commit) = repo.resolve_ref(ref_name)? else {
            return Ok(None);
        };
        Self::at(repo, ref_name, commit, origin).map(Some)
    }

    /// The source as `commit`, a commit of the history of `ref_name`, recorded it.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub fn at(repo: &Repo, ref_name: &str, commit: Oid, origin: Origin) -> Result<Self> {
        let what = || format!("cannot read the analyses at {ref_name}");
        let tree = repo.tree_of(commit).with_context(what)?;
        Self::of_tree(repo, ref_name, (commit, tree), origin)
    }

    /// The source whose root is `tree`, as `commit` or one like it records it.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub fn of_tree(
        repo: &Repo,
        ref_name: &str,
        (commit, tree): (Oid, Oid),
        origin: Origin,
    ) -> Result<Self> {
        let what = || format!("cannot read the analyses at {ref_name}");
        let root = lines(repo, tree).with_context(what)?;
        let find = |name: &str| root.iter().find(|(n, ..)| n == name.as_bytes());
        let format = match find(FORMAT) {
            Some((_, _, oid)) if !repo.is_here(*oid)? => {
                let why = "its files are missing; a partial clone gets them by \
                           'git rustassistant fetch'";
                return Err(anyhow!(why)).with_context(what);
            }
            Some((_, _, oid)) => repo.blob(*oid, 64).with_context(what)?,
            None => return Err(anyhow!("not a store of analyses")).with_context(what),
        };
        if format != FORMAT_TEXT {
            let says = String::from_utf8_lossy(&format)
                .trim()
                .escape_debug()
                .to_string();
            return Err(anyhow!("unsupported format '{says}'; expected 1")).with_context(what);
        }
        let folder = |name| {
            find(name)
                .filter(|(_, mode, _)| mode.is_tree())
                .map(|(.., oid)| *oid)
        };
        Ok(Self {
            origin,
            ref_name: ref_name.to_owned(),
            commit,
            tree,
            entries: folder(ENTRIES),
            recipes: folder(RECIPES),
        })
    }

    /// The node below which the entries of one question lie.
    ///
    /// # Errors
    /// If a tree cannot be read.
    pub fn node(&self, repo: &Repo, kind: &Kind, fingerprint: Fingerprint) -> Result<Option<Oid>> {
        let Some(entries) = self.entries else {
            return Ok(None);
        };
        let Some(kind) = child(repo, entries, kind.name().as_bytes())? else {
            return Ok(None);
        };
        child(repo, kind, &fingerprint.0.hex())
    }

    /// Can it be told whether `blob` has an entry for this question? Not where something else lies in
    /// the place of a folder on the way.
    ///
    /// # Errors
    /// If a tree cannot be read.
    pub fn tells_of(
        &self,
        repo: &Repo,
        (kind, fingerprint): (&Kind, Fingerprint),
        blob: Oid,
    ) -> Result<bool> {
        let Some(mut folder) = self.entries else {
            return Ok(true);
        };
        for name in [kind.name().as_bytes(), &fingerprint.0.hex()] {
            let lines = lines(repo, folder)?;
            match lines.iter().find(|(known, ..)| known == name) {
                None => return Ok(true),
                Some((_, mode, _)) if !mode.is_tree() => return Ok(false),
                Some((.., oid)) => folder = *oid,
            }
        }
        node::tells_of(repo, folder, blob)
    }

    /// The same, to be looked into.
    ///
    /// # Errors
    /// As [`Source::node`].
    pub fn indexed(
        &self,
        repo: &Repo,
        kind: &Kind,
        fingerprint: Fingerprint,
    ) -> Result<Option<Indexed>> {
        let node = self.node(repo, kind, fingerprint)?;
        Ok(node.map(|node| Indexed::new(repo, &self.ref_name, kind, fingerprint, node)))
    }

    /// Every question there are entries for, and its node.
    ///
    /// # Errors
    /// If a tree cannot be read.
    pub fn nodes(&self, repo: &Repo) -> Result<Vec<(Kind, Fingerprint, Oid)>> {
        let mut nodes = Vec::new();
        let Some(entries) = self.entries else {
            return Ok(nodes);
        };
        for (name, mode, kind_tree) in lines(repo, entries)? {
            let kind = std::str::from_utf8(&name)
                .ok()
                .and_then(|name| name.parse::<Kind>().ok());
            let Some(kind) = kind.filter(|_| mode.is_tree()) else {
                continue;
            };
            for (name, mode, node) in lines(repo, kind_tree)? {
                if let Some(oid) = Oid::from_hex(&name).filter(|_| mode.is_tree()) {
                    nodes.push((kind.clone(), Fingerprint(oid), node));
                }
            }
        }
        Ok(nodes)
    }

    /// Brings what a partial clone lacks of the store at `ref_name`: a plain `git fetch` that moved
    /// the ref has left its files with the remote. Of a clone that is whole nothing is asked.
    ///
    /// # Errors
    /// If a tree cannot be read, or the remote does not give what is lacking.
    pub fn complete(repo: &Repo, ref_name: &str) -> Result<()> {
        let Some(commit) = repo.resolve_ref(ref_name)? else {
            return Ok(());
        };
        let root = lines(repo, repo.tree_of(commit)?)?.into_iter();
        let files = root.filter(|(_, mode, _)| mode.is_file());
        repo.fetch_promised(files.map(|(.., oid)| oid))?;
        // To list them all takes longer than to fetch a few.
        if !repo.is_partial()? {
            return Ok(());
        }
        let values = match Self::open(repo, ref_name, Origin::Here) {
            Ok(Some(source)) => source.values(repo).unwrap_or_default(),
            _ => Vec::new(),
        };
        repo.fetch_promised(values.into_iter()).map(drop)
    }

    /// The blobs of all its entries and recipes.
    ///
    /// # Errors
    /// If a tree cannot be read.
    pub(super) fn values(&self, repo: &Repo) -> Result<Vec<Oid>> {
        let recipes = self.recipes(repo)?.into_iter();
        let mut values: Vec<Oid> = recipes.map(|(_, value)| value).collect();
        let mut most = node::MAX_LINES;
        for (.., node) in self.nodes(repo)? {
            let mut pairs = Vec::new();
            node::collect_within(repo, node, &mut Vec::new(), &mut most, &mut pairs)?;
            values.extend(pairs.into_iter().map(|(_, value)| value));
        }
        Ok(values)
    }

    /// The recipes that are kept beside the entries, and the blobs that hold them.
    ///
    /// # Errors
    /// If a tree cannot be read.
    pub fn recipes(&self, repo: &Repo) -> Result<Vec<(Fingerprint, Oid)>> {
        let Some(recipes) = self.recipes else {
            return Ok(Vec::new());
        };
        let lines = lines(repo, recipes)?.into_iter();
        Ok(lines
            .filter(|(_, mode, _)| mode.is_file())
            .filter_map(|(name, _, oid)| Some((Fingerprint(Oid::from_hex(&name)?), oid)))
            .collect())
    }
}

/// A line of a tree.
pub(super) type Line = (Vec<u8>, Mode, Oid);

/// The lines of one tree, as values.
pub(super) fn lines(repo: &Repo, tree: Oid) -> Result<Vec<Line>> {
    let bytes = repo.tree(tree)?;
    TreeEntries::new(&bytes, repo.format())
        .map(|line| line.map(|line| (line.name.to_vec(), line.mode, line.oid)))
        .collect()
}

fn child(repo: &Repo, tree: Oid, name: &[u8]) -> Result<Option<Oid>> {
    let bytes = repo.tree(tree)?;
    for line in TreeEntries::new(&bytes, repo.format()) {
        let line = line?;
        if line.name == name && line.mode.is_tree() {
            return Ok(Some(line.oid));
        }
    }
    Ok(None)
}
