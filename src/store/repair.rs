//! What of ours `git gc` and `git fetch` would stumble over, and its mending: locks that nobody
//! holds, refs that cannot be read, refs that lead to objects which are lost or damaged. Touches
//! nothing that is not ours. Not whether entries are good: that is `verify`.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};

use super::folder::Folder;
use super::layout::{
    ENTRIES, EXPORTED_REF, FORMAT, IMPORTED_REF, LOCAL_REF, RECIPES, SHARED_REF, blob_of,
};
use super::node::Pair;
use super::overlay::Layer;
use super::own;
use super::source::lines;
use super::tip::{Change, History, commit};
use crate::git::{Expected, Lock, Mode, OURS, PackedObject, Repo, Turn, Update, remove_if_still};
use crate::model::{Fingerprint, Kind, MAX_ENTRY_BYTES, Oid};

/// The most objects that are named.
const MOST_NAMED: usize = 3;

/// Something that is not as it should be.
#[derive(Debug)]
pub struct Ailment {
    /// A ref, or a file of git's.
    pub place: String,
    pub why: String,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Lock(PathBuf),
    Ref {
        /// What it points at, if that can be read.
        tip: Option<Oid>,
        damaged: Vec<Oid>,
    },
    /// The ref is sound, what its reflog names is not.
    Past(Vec<Oid>),
}

/// All that ails the refs of ours.
///
/// # Errors
/// If the repository's configuration cannot be read.
pub fn ailments(repo: &Repo) -> Result<Vec<Ailment>> {
    let mut found = Vec::new();
    for lock in repo.own_ref_locks() {
        found.push(Ailment {
            place: lock.display().to_string(),
            why: "a lock that nobody has given back".to_owned(),
            cause: Cause::Lock(lock),
        });
    }
    for name in repo.own_refs() {
        let (cause, why) = match repo.resolve_ref(&name) {
            Err(error) => {
                let (tip, damaged) = (None, Vec::new());
                (Cause::Ref { tip, damaged }, format!("{error:#}"))
            }
            Ok(None) => continue,
            Ok(Some(tip)) => match (damaged(repo, &[tip])?, damaged(repo, &repo.past_of(&name))?) {
                (now, past) if now.is_empty() && past.is_empty() => continue,
                (now, past) if now.is_empty() => {
                    let why = format!("in its reflog, {}", told(&past));
                    (Cause::Past(past), why)
                }
                (damaged, _) => {
                    let why = told(&damaged);
                    let tip = Some(tip);
                    (Cause::Ref { tip, damaged }, why)
                }
            },
        };
        let place = name;
        found.push(Ailment { place, why, cause });
    }
    Ok(found)
}

fn told(damaged: &[Oid]) -> String {
    let named: Vec<String> = damaged
        .iter()
        .take(MOST_NAMED)
        .map(Oid::to_string)
        .collect();
    let more = if damaged.len() > MOST_NAMED {
        ", …"
    } else {
        ""
    };
    let named = named.join(", ");
    match damaged.len() {
        1 => format!("an object is missing or damaged: {named}"),
        count => format!("{count} objects are missing or damaged: {named}{more}"),
    }
}

/// Mends it; what was done. `seconds` is the time, where git knows no identity.
///
/// # Errors
/// If nothing can be written.
pub fn mend(repo: &Repo, ailment: &Ailment, seconds: i64) -> Result<String> {
    let (tip, damaged) = match &ailment.cause {
        Cause::Lock(lock) => {
            remove_if_still(lock);
            return if lock.exists() {
                Err(anyhow!("in use by another process, or not removable"))
            } else {
                Ok("removed".to_owned())
            };
        }
        Cause::Past(damaged) => (None, damaged),
        Cause::Ref { tip, damaged } => (*tip, damaged),
    };
    let name = ailment.place.as_str();
    let is_ours = [LOCAL_REF, SHARED_REF, IMPORTED_REF, EXPORTED_REF].contains(&name)
        || name.starts_with(&format!("{OURS}/remotes/"));
    if !is_ours && tip.is_some() {
        return Err(anyhow!("this version did not create it"));
    }
    let own = repo
        .make_own_folder()
        .context("cannot create our directory")?;
    let _lock = Lock::take(&own, "lock", Turn::Wait).context("cannot lock")?;
    for object in damaged {
        repo.drop_damaged_object(*object);
    }
    repo.refresh_objects()?;
    if matches!(ailment.cause, Cause::Past(_)) {
        repo.forget_past(name)?;
        return Ok("deleted its reflog".to_owned());
    }
    if let Some(tip) = tip
        && self::damaged(repo, &[tip])?.is_empty()
    {
        return Ok("removed damaged files; git has intact copies of the objects".to_owned());
    }
    let drop = |why: &str| -> Result<String> {
        repo.drop_own_ref(name)?;
        repo.forget_past(name)?;
        Ok(format!("removed: {why}"))
    };
    if name.starts_with(&format!("{OURS}/remotes/")) {
        return drop("'git rustassistant fetch' will restore it");
    }
    if name == EXPORTED_REF {
        return drop("the next export will be a full one");
    }
    let past = tip.into_iter().chain(repo.past_of(name));
    let readable = |commit| Some((commit, root_of(repo, commit)?));
    let Some((commit, root)) = past.filter_map(readable).next() else {
        return drop("nothing of it could be read");
    };
    let is_own = name == LOCAL_REF && own::is_own(repo, commit);
    let rest = salvaged(repo, &root);
    let kept = rest.count();
    if tip.is_none() {
        repo.drop_own_ref(name)?;
    }
    point_at(repo, (name, is_own), &rest, seconds)?;
    if !self::damaged(repo, &repo.past_of(name))?.is_empty() {
        repo.forget_past(name)?;
    }
    Ok(format!("rebuilt with the {kept} readable analyses"))
}

/// The lines of the tree that `commit` records, if it is a store and can be read.
fn root_of(repo: &Repo, commit: Oid) -> Option<Vec<(Vec<u8>, Mode, Oid)>> {
    let root = lines(repo, repo.tree_of(commit).ok()?).ok()?;
    is_store(&root).then_some(root)
}

fn is_store(root: &[(Vec<u8>, Mode, Oid)]) -> bool {
    root.iter().any(|(name, ..)| name == FORMAT.as_bytes())
}

/// The objects that `tips` lead to and that are lost or not what their ids say. None of what is no
/// store: that is somebody else's.
fn damaged(repo: &Repo, tips: &[Oid]) -> Result<Vec<Oid>> {
    let is_partial = repo.is_partial()?;
    let mut damaged = Vec::new();
    let mut seen: HashSet<Oid> = tips.iter().copied().collect();
    let mut commits = tips.to_vec();
    let mut trees = Vec::new();
    while let Some(oid) = commits.pop() {
        let Ok(header) = repo.commit_header(oid) else {
            damaged.push(oid);
            continue;
        };
        if lines(repo, header.tree).is_ok_and(|root| !is_store(&root)) {
            continue;
        }
        trees.extend(Some(header.tree).filter(|tree| seen.insert(*tree)));
        if !repo.is_cut_off(oid) {
            commits.extend(header.parents.into_iter().filter(|oid| seen.insert(*oid)));
        }
    }
    while let Some(oid) = trees.pop() {
        let Ok(lines) = lines(repo, oid) else {
            damaged.push(oid);
            continue;
        };
        for (_, mode, oid) in lines.into_iter().filter(|(.., oid)| seen.insert(*oid)) {
            if mode.is_tree() {
                trees.push(oid);
            } else if mode.is_file() && !is_whole(repo, oid, is_partial) {
                damaged.push(oid);
            }
        }
    }
    Ok(damaged)
}

fn is_whole(repo: &Repo, blob: Oid, is_partial: bool) -> bool {
    match repo.header(blob) {
        Ok(None) => is_partial,
        // No entry of ours, and too large to be held in memory.
        Ok(Some((size, _))) if size > MAX_ENTRY_BYTES as u64 => true,
        Ok(Some(_)) => repo.blob(blob, MAX_ENTRY_BYTES).is_ok(),
        Err(_) => false,
    }
}

/// The entries and recipes that can be read below a store's root.
fn salvaged(repo: &Repo, root: &[(Vec<u8>, Mode, Oid)]) -> Layer {
    let mut rest = Layer::default();
    for (name, _, recipes) in root.iter().filter(|(_, mode, _)| mode.is_tree()) {
        let children = lines(repo, *recipes).unwrap_or_default();
        if name == RECIPES.as_bytes() {
            let sound = |(name, mode, oid): &(Vec<u8>, Mode, Oid)| {
                mode.is_file() && Oid::from_hex(name) == Some(*oid) && is_whole(repo, *oid, false)
            };
            let recipes = children.into_iter().filter(sound);
            rest.recipes
                .extend(recipes.map(|(.., oid)| Fingerprint(oid)));
        } else if name == ENTRIES.as_bytes() {
            rest.entries = questions(repo, children);
        }
    }
    rest
}

fn questions(
    repo: &Repo,
    kinds: Vec<(Vec<u8>, Mode, Oid)>,
) -> BTreeMap<(Kind, Fingerprint), Vec<Pair>> {
    let mut entries = BTreeMap::new();
    for (name, _, tree) in kinds {
        let kind = std::str::from_utf8(&name).ok();
        let Some(kind) = kind.and_then(|kind| kind.parse::<Kind>().ok()) else {
            continue;
        };
        for (name, _, node) in lines(repo, tree).unwrap_or_default() {
            let Some(fingerprint) = Oid::from_hex(&name) else {
                continue;
            };
            let mut pairs = Vec::new();
            readable(repo, node, &mut Vec::new(), &mut pairs);
            pairs.sort_unstable();
            pairs.dedup_by_key(|(blob, _)| *blob);
            if !pairs.is_empty() {
                entries.insert((kind.clone(), Fingerprint(fingerprint)), pairs);
            }
        }
    }
    entries
}

/// The pairs at and below a node whose entries are whole.
fn readable(repo: &Repo, node: Oid, prefix: &mut Vec<u8>, pairs: &mut Vec<Pair>) {
    for (name, mode, oid) in lines(repo, node).unwrap_or_default() {
        let depth = prefix.len();
        if depth + name.len() > repo.format().hex_len() {
            continue;
        }
        prefix.extend_from_slice(&name);
        if mode.is_tree() {
            readable(repo, oid, prefix, pairs);
        } else if let Some(blob) = blob_of(prefix, repo.format())
            && is_whole(repo, oid, false)
        {
            pairs.push((blob, oid));
        }
        prefix.truncate(depth);
    }
}

/// Has the ref of this name begin anew with `rest`, which is this clone's own or not.
fn point_at(repo: &Repo, (name, is_own): (&str, bool), rest: &Layer, seconds: i64) -> Result<()> {
    let change = Change {
        subject: format!("{} analyses that could be read", rest.count()),
        history: History::Anew,
        objects: &[],
        seconds,
    };
    let mut objects = Vec::new();
    let tree = rest.lay_over(repo, Folder::default(), &mut objects)?;
    let commit = commit(repo, tree, &[], &change)?;
    let oid = commit.oid;
    objects.push(commit);
    let objects: Vec<&PackedObject> = objects.iter().collect();
    let who = format!("{} {seconds}", std::process::id());
    let _kept = repo.store_pack(&objects, &who)?;
    let tip = repo.resolve_ref(name)?;
    if is_own {
        own::note(repo, oid)?;
    }
    let expected = tip.map_or(Expected::Absent, Expected::At);
    match repo.update_ref(name, oid, expected, "repair")? {
        Update::Done => Ok(()),
        Update::Raced => Err(anyhow!("another process just updated it")),
    }
}
