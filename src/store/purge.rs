//! Takes something out of every ref of ours, its history and its reflog, so that git forgets it once
//! it tidies up: such a ref begins anew, without parents. What holds it is told by [`Doomed`]. Not
//! talking to a remote; not the files beside git: that is `traces.rs`.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::batch::Batch;
use super::believed;
use super::doomed::Doomed;
use super::evict::{choose, needed_by_none, pairs_of};
use super::folder::Folder;
use super::layout::{
    ENTRIES, EXPORTED_REF, FORMAT, IMPORTED_REF, LOCAL_REF, MIRRORS, RECIPES, SHARED_REF,
    mirror_ref,
};
use super::node;
use super::overlay::Layer;
use super::own;
use super::pending::mirror;
use super::publish::{Laid, stored};
use super::source::{Line, Source, lines};
use super::tip::{self, BEGINNING, By, Change, History};
use crate::git::{Depth, Expected, Lack, Mode, PackedObject, Repo, Update};
use crate::model::{
    EntryKey, Fingerprint, Kind, Manner, ObjectType, Oid, Origin, ResultExt, Trust,
};

/// A larger blob is nothing of ours, and is not looked into, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// Folders that lie deeper are nothing of ours.
const DEEPEST: usize = 100;

/// How long to try against others who move a ref.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a ref is to this clone, and so what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is this clone's own: it begins anew.
    Own,
    /// What this repository publishes: the same, if that is wanted.
    Published,
    /// The copy of what this remote publishes: it follows the remote.
    Mirror(String),
    /// Nobody reads it: it is removed.
    Unread,
    /// Another version's, or somebody else's.
    Foreign,
}

/// A ref that holds what must go.
#[derive(Clone, Debug)]
pub struct Sighting {
    pub name: String,
    pub role: Role,
    /// What it holds now.
    pub entries: Layer,
    /// Something that it leads to must go: else only its reflog holds that.
    pub is_below: bool,
}

/// Looks for what must go, and remembers what it has looked into.
#[derive(Debug)]
pub struct Search<'r> {
    repo: &'r Repo,
    doomed: &'r Doomed,
    /// Of objects alone.
    known: RefCell<HashMap<Oid, bool>>,
    /// Of trees with all that lies below.
    within: RefCell<HashMap<Oid, bool>>,
    /// Was there something that could not be looked into, because it is not here or is damaged?
    pub is_partial: RefCell<bool>,
}

impl<'r> Search<'r> {
    pub fn new(repo: &'r Repo, doomed: &'r Doomed) -> Self {
        Self {
            repo,
            doomed,
            known: RefCell::default(),
            within: RefCell::default(),
            is_partial: RefCell::new(false),
        }
    }

    /// Every ref of ours, and of `others`, that holds some of it, or whose reflog does.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn refs(&self, others: &[String]) -> Result<Vec<Sighting>> {
        let mut found = Vec::new();
        let mut names: BTreeSet<String> = others.iter().cloned().collect();
        names.extend(self.repo.own_refs());
        // Git keeps what a reflog leads to, also without its ref.
        names.extend(self.repo.own_reflogs());
        for name in &names {
            let sighting = self.look_at(name);
            found.extend(sighting.hint("'git rustassistant doctor --repair'")?);
        }
        Ok(found)
    }

    fn look_at(&self, name: &str) -> Result<Option<Sighting>> {
        let repo = self.repo;
        let tip = repo.resolve_ref(name)?;
        let source = tip.and_then(|tip| Source::at(repo, name, tip, Origin::Here).ok());
        let entries = source.and_then(|source| self.entries(&source).ok());
        let has_some = entries.as_ref().is_some_and(|entries| entries.count() > 0);
        let is_below = has_some || self.is_below(tip.as_slice())?;
        if !is_below && !self.is_below(&repo.kept_by_reflog(name)?)? {
            return Ok(None);
        }
        let role = match self.role(name) {
            // What is no store of this version is not to be written anew.
            Role::Own | Role::Published if is_below && entries.is_none() => Role::Foreign,
            role => role,
        };
        Ok(Some(Sighting {
            name: name.to_owned(),
            role,
            entries: entries.unwrap_or_default(),
            is_below,
        }))
    }

    fn role(&self, name: &str) -> Role {
        match name {
            LOCAL_REF | IMPORTED_REF => Role::Own,
            SHARED_REF => Role::Published,
            EXPORTED_REF => Role::Unread,
            _ if name.starts_with(MIRRORS) => {
                let mut remotes = self.repo.remotes().into_iter();
                let of = remotes.find(|it| mirror_ref(it).is_ok_and(|mirror| mirror == name));
                of.map_or(Role::Unread, Role::Mirror)
            }
            _ => Role::Foreign,
        }
    }

    /// Do these commits, or any before them, hold some of it?
    ///
    /// # Errors
    /// If git cannot walk them.
    pub fn is_below(&self, tips: &[Oid]) -> Result<bool> {
        let (objects, lack) = self.repo.objects_below(tips, Depth::All)?;
        if lack == Lack::Some {
            self.is_partial.replace(true);
        }
        Ok(objects.into_iter().any(|oid| self.is_doomed(oid)))
    }

    fn is_doomed(&self, oid: Oid) -> bool {
        if let Some(known) = self.known.borrow().get(&oid) {
            return *known;
        }
        // What is not here, or cannot be read, keeps nobody from purging the rest.
        let Ok(Some(is_doomed)) = self.is_doomed_object(oid) else {
            self.is_partial.replace(true);
            return false;
        };
        self.known.borrow_mut().insert(oid, is_doomed);
        is_doomed
    }

    fn is_doomed_object(&self, oid: Oid) -> Result<Option<bool>> {
        let (repo, doomed) = (self.repo, self.doomed);
        Ok(match repo.header(oid)? {
            Some((size, ObjectType::Blob)) if size > MOST_BYTES => {
                Some(matches!(doomed, Doomed::Holding(_)))
            }
            Some((size, ObjectType::Blob)) => {
                Some(doomed.takes(&repo.blob(oid, usize::try_from(size)?)?))
            }
            Some((_, ObjectType::Tree)) => {
                let lines = lines(repo, oid)?;
                Some(lines.iter().any(|(name, ..)| self.is_in_name(name)))
            }
            Some((_, ObjectType::Commit)) => {
                let commit = repo.commit(oid)?;
                Some(tip::told_beside_ours(&commit).any(|line| doomed.is_in_line(line)))
            }
            Some((_, ObjectType::Tag)) => Some(false),
            None => None,
        })
    }

    /// Is some of it in the name of a file? The names of every store say nothing.
    fn is_in_name(&self, name: &[u8]) -> bool {
        let of_all = [FORMAT, ENTRIES, RECIPES];
        !of_all.iter().any(|it| it.as_bytes() == name) && self.doomed.is_in_name(name)
    }

    /// Is some of it in what a line of a tree names, or in its name? What is deeper than any tree of
    /// ours counts as such.
    fn is_within(&self, (name, mode, oid): &Line, depth: usize) -> Result<bool> {
        if self.is_in_name(name) || depth > DEEPEST {
            return Ok(true);
        }
        if !mode.is_tree() {
            return Ok(self.is_doomed(*oid));
        }
        // The same tree may lie at places without number.
        if let Some(known) = self.within.borrow().get(oid) {
            return Ok(*known);
        }
        let mut is_within = false;
        for line in lines(self.repo, *oid)? {
            is_within = is_within || self.is_within(&line, depth + 1)?;
        }
        self.within.borrow_mut().insert(*oid, is_within);
        Ok(is_within)
    }

    /// The entries of `source` that must go.
    fn entries(&self, source: &Source) -> Result<Layer> {
        choose(self.repo, source, &|key: &EntryKey, value| {
            Ok(self.doomed.takes_all_about(key.blob) || self.is_doomed(value))
        })
    }

    /// The tree of `source` without what must go, of which `going` are the entries. What is no entry
    /// and no recipe goes with the folder that it lies in.
    fn cleansed(
        &self,
        source: &Source,
        going: &Layer,
        objects: &mut Vec<PackedObject>,
    ) -> Result<Oid> {
        let (repo, format) = (self.repo, self.repo.format());
        let mut root = Folder::open(repo, Some(source.tree))?;
        let mut entries = Folder::open(repo, root.folder(ENTRIES))?;
        for (name, mode, oid) in entries.lines() {
            let kind = std::str::from_utf8(&name)
                .ok()
                .and_then(|it| it.parse::<Kind>().ok());
            let is_among = going
                .entries
                .keys()
                .any(|(of, _)| Some(of) == kind.as_ref());
            if !is_among && !self.is_within(&(name.clone(), mode, oid), 0)? {
                continue;
            }
            let rest = match kind.filter(|_| mode.is_tree()) {
                Some(kind) => self.cleansed_kind(&kind, oid, going, objects)?,
                None => Folder::default(),
            };
            if rest.is_empty() {
                entries.remove(&name)
            } else {
                entries.set(name, Mode::TREE, rest.write(format, objects)?)
            }
        }
        let unneeded = needed_by_none(repo, source, going)?;
        let mut recipes = Folder::open(repo, root.folder(RECIPES))?;
        recipes.retain(|line| {
            let recipe = Oid::from_hex(&line.0).map(Fingerprint);
            Ok(recipe.is_none_or(|it| !unneeded.contains(&it)) && !self.is_within(line, 0)?)
        })?;
        let ours = [(ENTRIES, entries), (RECIPES, recipes)];
        root.retain(|line| {
            let is_ours = ours.iter().any(|(name, _)| name.as_bytes() == line.0);
            Ok((is_ours && line.1.is_tree()) || !self.is_within(line, 0)?)
        })?;
        for (name, folder) in ours {
            match folder.is_empty() {
                true if root.folder(name).is_some() => root.remove(name),
                true => {}
                false => root.set(name, Mode::TREE, folder.write(format, objects)?),
            }
        }
        root.write(format, objects)
    }

    /// The questions of one kind: those that something goes from are laid anew.
    fn cleansed_kind(
        &self,
        kind: &Kind,
        tree: Oid,
        going: &Layer,
        objects: &mut Vec<PackedObject>,
    ) -> Result<Folder> {
        let mut folder = Folder::open(self.repo, Some(tree))?;
        for (name, mode, oid) in folder.lines() {
            let fingerprint = Oid::from_hex(&name)
                .filter(|_| mode.is_tree())
                .map(Fingerprint);
            let gone = fingerprint.and_then(|it| going.entries.get(&(kind.clone(), it)));
            if gone.is_none() && !self.is_within(&(name.clone(), mode, oid), 0)? {
                continue;
            }
            let mut rest = match fingerprint {
                Some(_) => pairs_of(self.repo, oid)?,
                None => Vec::new(),
            };
            rest.retain(|pair| gone.is_none_or(|gone| gone.binary_search(pair).is_err()));
            if rest.is_empty() {
                folder.remove(&name)
            } else {
                let node = node::lay(self.repo, None, &rest, objects)?;
                folder.set(name, Mode::TREE, node);
            }
        }
        Ok(folder)
    }

    /// Lets a ref of this clone begin anew without what must go; how many entries that were.
    fn begin_anew(&self, name: &str, seconds: i64) -> Result<usize> {
        let repo = self.repo;
        repo.make_own_folder()
            .context("cannot create our directory")?;
        let _gate = tip::gate(repo)?;
        repo.remove_dead_keeps();
        let who = format!("{} {seconds}", std::process::id());
        let started = Instant::now();
        loop {
            let Some(tip) = repo.resolve_ref(name)? else {
                return Ok(0);
            };
            let source = Source::at(repo, name, tip, Origin::Here)?;
            let going = self.entries(&source)?;
            let mut objects = Vec::new();
            let tree = self.cleansed(&source, &going, &mut objects)?;
            let commit = tip::commit(repo, tree, &[], &beginning(seconds))?;
            let (commit, new) = (commit.oid, commit);
            objects.push(new);
            let _kept = repo.store_pack(&objects.iter().collect::<Vec<_>>(), &who)?;
            if name == LOCAL_REF && own::is_own(repo, tip) {
                own::note(repo, commit)?;
            }
            if repo.update_ref(name, commit, Expected::At(tip), "purge")? == Update::Done {
                return Ok(going.count());
            }
            if started.elapsed() > PATIENCE {
                bail!("{name} is held by another process");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The blobs that entries of any ref of ours, or of journals that nobody has taken in, are about.
///
/// # Errors
/// If a store cannot be read.
pub fn blobs_with_entries(repo: &Repo) -> Result<BTreeSet<Oid>> {
    let orphaned = Batch::orphaned(repo).into_iter();
    let mut blobs: BTreeSet<Oid> = orphaned.map(|entry| entry.blob).collect();
    for name in repo.own_refs() {
        let Ok(Some(source)) = Source::open(repo, &name, Origin::Here) else {
            continue;
        };
        for (.., node) in source.nodes(repo)? {
            blobs.extend(pairs_of(repo, node)?.into_iter().map(|(blob, _)| blob));
        }
    }
    Ok(blobs)
}

fn beginning(seconds: i64) -> Change<'static> {
    Change {
        subject: BEGINNING.to_owned(),
        history: History::Anew,
        objects: &[],
        seconds,
    }
}

/// Is what this repository publishes itself to be purged, too?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    Purged,
    Left,
}

/// Purges the refs of this clone that `sightings` names, and the reflogs of all of them; how many
/// entries that were. Mirrors follow their remotes. `seconds` is the time, where git knows no
/// identity.
///
/// # Errors
/// If one cannot be read or moved.
pub fn purge_refs(
    search: &Search<'_>,
    sightings: &[Sighting],
    published: Published,
    seconds: i64,
) -> Result<usize> {
    let repo = search.repo;
    let mut gone = 0;
    for Sighting {
        name,
        role,
        is_below,
        ..
    } in sightings
    {
        let is_left = *role == Role::Published && published == Published::Left;
        if *role == Role::Foreign || is_left {
            continue;
        }
        match role {
            Role::Unread if *is_below => repo.drop_own_ref(name)?,
            Role::Own | Role::Published if *is_below => gone += search.begin_anew(name, seconds)?,
            _ => {}
        }
        repo.forget_past(name)?;
    }
    Ok(gone)
}

/// A beginning for what `remote` publishes, without what must go, which no ref names yet; `None` if
/// our mirror and its history hold nothing of it. `seconds` is the time, where git knows no identity.
///
/// # Errors
/// If a store cannot be read, or nothing can be written.
pub fn lay_purged(
    search: &Search<'_>,
    remote: &str,
    trust: Trust,
    manner: &Manner,
    seconds: i64,
) -> Result<Option<Laid>> {
    let repo = search.repo;
    let Some(mirror) = mirror(repo, remote)? else {
        return Ok(None);
    };
    let going = search.entries(&mirror)?;
    if going.count() == 0 && !search.is_below(&[mirror.commit])? {
        return Ok(None);
    }
    let Some(counts) = believed::to_begin_with(repo, remote, trust)? else {
        return Ok(None);
    };
    let mut objects = Vec::new();
    let tree = search.cleansed(&counts, &search.entries(&counts)?, &mut objects)?;
    let by = By::new(repo, manner, seconds);
    let commit = stored(repo, (tree, &[]), &beginning(seconds), objects, &by)?;
    Ok(Some(Laid::new(commit, Some(mirror.commit), going.count())))
}
