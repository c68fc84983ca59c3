//! From what the user named to targets: paths and the blobs they stand for. Reads git; decides
//! only by names and attributes.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::memo::{Memo, Tally};
use super::named::Named;
use super::scope::Scope;
use super::walk::{Span, Walk};
use crate::git::{Among, Attributes, Listed, Pathspecs, Repo};
use crate::model::{Language, Oid, RepoPath, ResultExt, Revision, Skip};

/// Where files are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Tracked files as `git add` would store them now.
    WorkTree,
    /// As [`Place::WorkTree`], with files that are neither tracked nor ignored.
    WithUntracked,
    Index,
    Rev(String),
}

/// What the user named.
#[derive(Clone, Debug)]
pub struct Selection {
    pub place: Place,
    pub pathspecs: Pathspecs,
    /// Exactly these paths, from the root, instead of pathspecs.
    pub files: Option<Vec<RepoPath>>,
    /// Only what differs from this commit.
    pub changed_since: Option<Oid>,
}

/// What is to become of a selected path, as far as can be told without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Ask(Language),
    Skip(Skip),
    Failed(String),
}

/// A path and the blob it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub path: RepoPath,
    /// Zero where the content could not be read.
    pub blob: Oid,
    pub verdict: Verdict,
}

/// The targets of a selection, sorted by path.
#[derive(Clone, Debug)]
pub struct Selected {
    pub revision: Revision,
    pub targets: Vec<Target>,
    pub spans: Vec<Span>,
    /// Of trees that the memo knows to be complete, and whose files are therefore no targets.
    pub known: Tally,
}

/// Reads from git what `selection` means.
///
/// # Errors
/// If something that was named does not exist, or git cannot list it.
pub fn select(
    repo: &mut Repo,
    selection: &Selection,
    scope: &Scope,
    memo: Option<&Memo>,
) -> Result<Selected> {
    match &selection.place {
        Place::Rev(rev) => select_tree(repo, rev, selection, scope, memo),
        _ => select_files(repo, selection, scope),
    }
}

fn select_files(repo: &mut Repo, selection: &Selection, scope: &Scope) -> Result<Selected> {
    if repo.work_dir().is_none() {
        let bare: Result<()> = Err(anyhow::anyhow!("a bare repository has no work tree"));
        bare.hint("name a revision: --rev HEAD")?;
    }
    let everything = Pathspecs {
        written: vec![":/".into()],
        folder: Vec::new(),
    };
    let specs = match selection.files {
        Some(_) => &everything,
        None => &selection.pathspecs,
    };
    let named = Named::new(selection)?;
    let mut listed = match (&selection.place, selection.changed_since) {
        (Place::Index, None) => repo.staged_files(specs)?,
        (Place::Index, Some(base)) => repo.changed_files(base, true, specs)?,
        (_, None) => repo.work_files(specs)?,
        (_, Some(base)) => repo.changed_files(base, false, specs)?,
    };
    if selection.place == Place::WithUntracked {
        listed.extend(repo.untracked_files(specs)?);
        listed.sort_by(|a, b| a.path.cmp(&b.path));
    }
    if named.explicit && named.starts.is_none() {
        let among = match selection.place {
            Place::WithUntracked => Among::TrackedAndNew,
            _ => Among::Tracked,
        };
        repo.expect_matches(specs, among)?;
    }
    named.keep(&mut listed, scope)?;

    let folders: BTreeSet<&[u8]> = listed.iter().flat_map(|file| file.path.folders()).collect();
    let attributes = match repo.may_have_attributes(folders.into_iter()) {
        true => repo.attributes(&paths(&listed), None)?,
        false => Attributes::default(),
    };
    let judged: Vec<(Listed, Verdict)> = listed
        .into_iter()
        .map(|file| {
            let verdict = scope.judge(&file, &attributes);
            (file, verdict)
        })
        .collect();
    let targets = hash_changed(repo, judged)?;
    let revision = match selection.place {
        Place::Index => Revision::Index,
        _ => Revision::WorkTree,
    };
    Ok(Selected {
        revision,
        targets,
        spans: Vec::new(),
        known: Tally::default(),
    })
}

/// Gives the files that git has not stored the ids that `git add` would give them.
fn hash_changed(repo: &mut Repo, judged: Vec<(Listed, Verdict)>) -> Result<Vec<Target>> {
    let asked = |(file, verdict): &&(Listed, Verdict)| {
        file.oid.is_none() && matches!(verdict, Verdict::Ask(_))
    };
    let dirty: Vec<RepoPath> = judged
        .iter()
        .filter(asked)
        .map(|(file, _)| file.path.clone())
        .collect();
    let hashed = match dirty.is_empty() {
        true => crate::git::Hashed::default(),
        false => repo.hash_files(&dirty)?,
    };
    let nothing = repo.format().zero();
    let mut targets = Vec::with_capacity(judged.len());
    for (file, verdict) in judged {
        let target = match (file.oid, hashed.stored.get(&file.path)) {
            (Some(blob), _) => Some((blob, verdict)),
            (None, Some((mode, _))) if mode.is_symlink() => {
                Some((nothing, Verdict::Skip(Skip::Symlink)))
            }
            (None, Some((_, blob))) => Some((*blob, verdict)),
            (None, None) if !matches!(verdict, Verdict::Ask(_)) => Some((nothing, verdict)),
            (None, None) => {
                let failed = hashed
                    .unreadable
                    .iter()
                    .find(|(path, _)| *path == file.path);
                // Neither stored nor failed: it was deleted since it was listed.
                failed.map(|(_, why)| (nothing, Verdict::Failed(format!("cannot read it: {why}"))))
            }
        };
        targets.extend(target.map(|(blob, verdict)| Target {
            path: file.path,
            blob,
            verdict,
        }));
    }
    Ok(targets)
}

fn select_tree(
    repo: &Repo,
    rev: &str,
    selection: &Selection,
    scope: &Scope,
    memo: Option<&Memo>,
) -> Result<Selected> {
    let hint = "name a branch, a tag or a commit; 'git log --all --oneline' lists commits";
    let hint = if repo.has_commits() {
        hint
    } else {
        "there are no commits yet: leave --rev out"
    };
    let tree = repo.tree_named(rev).hint(hint)?;
    let revision = Revision::Commit {
        rev: rev.to_owned(),
        commit: repo.commit_named(rev)?,
    };
    let named = Named::new(selection)?;
    let one_start = named
        .starts
        .as_ref()
        .is_some_and(|starts| starts.len() == 1);
    let memo = memo.filter(|_| one_start && selection.changed_since.is_none());
    let mut walk = Walk::default();
    match (selection.changed_since, &named.starts) {
        (Some(base), _) => walk.listed = repo.changed_between(base, tree, &selection.pathspecs)?,
        (None, Some(starts)) => walk.trees(repo, tree, starts, memo)?,
        (None, None) => {
            let empty = Oid::of(repo.format(), crate::model::ObjectType::Tree, b"");
            walk.listed = repo.changed_between(empty, tree, &selection.pathspecs)?;
        }
    }
    let walked = selection.changed_since.is_none() && named.starts.is_some();
    let marked = match walked {
        true => walk.attributes(repo)? || repo.outside_attributes(),
        false => true,
    };
    if marked && memo.is_some() {
        // Attributes make the answer depend on the place: what was skipped must be looked at.
        return select_tree(repo, rev, selection, scope, None);
    }
    let spans = if one_start { walk.spans } else { Vec::new() };
    if !one_start {
        walk.listed.sort_by(|a, b| a.path.cmp(&b.path));
    }
    let mut positions = Vec::with_capacity(walk.listed.len() + 1);
    let mut kept = 0;
    let mut listed = Vec::with_capacity(walk.listed.len());
    for file in walk.listed {
        positions.push(kept);
        if named.is_exactly(&file.path) || scope.includes(&file.path) {
            kept += 1;
            listed.push(file);
        }
    }
    positions.push(kept);
    named.check(&listed, scope)?;
    let attributes = match marked {
        true => repo.attributes(&paths(&listed), Some(tree))?,
        false => Attributes::default(),
    };
    let targets = listed
        .into_iter()
        .map(|file| Target {
            verdict: scope.judge(&file, &attributes),
            blob: file.oid.unwrap_or_else(|| repo.format().zero()),
            path: file.path,
        })
        .collect();
    let spans = if marked { Vec::new() } else { spans };
    Ok(Selected {
        revision,
        targets,
        spans: spans
            .into_iter()
            .map(|span| Span {
                targets: positions[span.targets.start]..positions[span.targets.end],
                ..span
            })
            .collect(),
        known: walk.known,
    })
}

fn paths(listed: &[Listed]) -> Vec<&RepoPath> {
    listed.iter().map(|file| &file.path).collect()
}

/// The commit that `--changed` compares with: the one named, else where HEAD and its upstream
/// parted.
///
/// # Errors
/// If there is neither.
pub fn base_of(repo: &Repo, named: Option<&str>) -> Result<Oid> {
    let Some(named) = named else {
        return repo
            .merge_base("@{upstream}")
            .hint("name what to compare with: --changed=main");
    };
    let commit = repo.commit_named(named);
    match commit.hint("name a branch, a tag or a commit, or leave it out")? {
        Some(commit) => Ok(commit),
        None => bail!("'{}' is not a commit", named.escape_debug()),
    }
}
