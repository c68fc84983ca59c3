//! From what the user named to targets: paths and the blobs they stand for. Reads git; decides
//! only by names and attributes.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::memo::Memo;
use super::resolved_place::Named;
use super::resolved_place::{self, ResolvedPlace};
use super::scope::{self, Scope};
use super::target::{Reach, Selected, Selection, Target, Verdict};
use super::walk::{Listing, Span};
use crate::git::{Attributes, Repo};
use crate::model::{Oid, RepoPath, ResultExt, Skip};

/// Reads from git what `selection` means.
///
/// # Errors
/// If something that was named does not exist, or git cannot list it.
pub fn select(
    repo: &Repo,
    selection: &Selection,
    scope: &Scope,
    memo: Option<&Memo>,
) -> Result<Selected> {
    let named = Named::new(selection)?;
    let place = ResolvedPlace::at(repo, selection)?;
    let listing = if named.explicit || scope.names_files() {
        Listing::Everything
    } else {
        Listing::Languages
    };
    let walk = place.list(repo, selection, &named, listing, memo)?;
    let attributes = place.attributes(repo, &walk)?;
    if attributes.is_some() && memo.is_some() {
        // Attributes make the answer depend on the place: what was skipped must be looked at.
        return select(repo, selection, scope, None);
    }
    let judge = scope.judge_tree();
    let judge = judge.map(|tree| resolved_place::attributes_of(repo, &walk, tree));
    let judge = judge.transpose()?;
    let mut positions = Vec::with_capacity(walk.listed.len() + 1);
    let mut targets = Vec::with_capacity(walk.listed.len());
    let mut changed = Vec::new();
    let nothing = Attributes::default();
    let attributes = attributes.as_ref();
    let speaks = attributes.is_some() || judge.is_some();
    let attributes = attributes.unwrap_or(&nothing);
    let judge = judge.as_ref();
    named.check(&walk)?;
    for file in walk.listed {
        positions.push(targets.len());
        let language = scope::language(repo, &file);
        if named.is_exactly(&file.path) || scope.includes(&file.path, language) {
            let counting = judge.unwrap_or(attributes);
            let verdict = scope.judge(&file, language, counting);
            let reach = match scope::reach(&file.path, counting) {
                Reach::Provider
                    if judge.is_some() && scope.is_withheld(&file, language, attributes) =>
                {
                    Reach::Withheld
                }
                reach => reach,
            };
            if file.oid.is_none() {
                changed.push(targets.len());
            }
            targets.push(Target {
                role: scope::role(&file.path, counting),
                path: file.path,
                blob: file.oid.unwrap_or(repo.format().zero()),
                verdict,
                reach,
            });
        }
    }
    let kept = targets.len();
    positions.push(kept);
    hash_changed(repo, &mut targets, &changed, scope.max_file_size)?;
    let in_place = |span: &Span| positions[span.targets.start]..positions[span.targets.end];
    let spans = walk
        .spans
        .iter()
        .filter(|_| !speaks && targets.len() == kept);
    Ok(Selected {
        revision: place.revision,
        spans: spans
            .map(|span| Span {
                targets: in_place(span),
                ..span.clone()
            })
            .collect(),
        targets,
        known: walk.known,
    })
}

/// Gives the targets at these places, of files that git has not stored, the ids that `git add` would
/// give them, but for those that are far larger than `limit`, in bytes. Those that are no longer
/// there are taken out.
fn hash_changed(
    repo: &Repo,
    targets: &mut Vec<Target>,
    changed: &[usize],
    limit: u64,
) -> Result<()> {
    let asked = |place: &&usize| matches!(targets[**place].verdict, Verdict::Ask(_));
    let asked: Vec<usize> = changed.iter().filter(asked).copied().collect();
    if asked.is_empty() {
        return Ok(());
    }
    let paths = asked.iter().map(|place| targets[*place].path.clone());
    let hashed = repo.hash_files(&paths.collect::<Vec<RepoPath>>(), limit)?;
    let mut gone = BTreeSet::new();
    for place in asked {
        let target = &mut targets[place];
        let large = find(&hashed.too_large, &target.path);
        let failed = find(&hashed.unreadable, &target.path);
        match (hashed.stored.get(&target.path), large, failed) {
            (Some((mode, _)), ..) if mode.is_symlink() => {
                target.verdict = Verdict::Skip(Skip::Symlink);
            }
            (Some((_, blob)), ..) => target.blob = *blob,
            (None, Some(&bytes), _) => {
                target.verdict = Verdict::Skip(Skip::TooLarge { bytes, limit });
            }
            (None, None, Some(why)) => {
                target.verdict = Verdict::Failed(format!("cannot read file: {why}"));
            }
            // None of these: it was deleted since it was listed.
            (None, None, None) => drop(gone.insert(place)),
        }
    }
    if !gone.is_empty() {
        let mut place = 0..;
        targets.retain(|_| place.next().is_none_or(|place| !gone.contains(&place)));
    }
    Ok(())
}

fn find<'a, T>(list: &'a [(RepoPath, T)], path: &RepoPath) -> Option<&'a T> {
    list.iter()
        .find(|(listed, _)| listed == path)
        .map(|(_, said)| said)
}

/// The commit that `--changed` compares with: the one named, else where HEAD and its upstream
/// parted.
///
/// # Errors
/// If there is neither.
pub fn base_of(repo: &Repo, named: Option<&str>) -> Result<Oid> {
    let Some(named) = named else {
        return repo
            .merge_base("HEAD", "@{upstream}")
            .hint_if_none("name a revision to compare with: --changed=main");
    };
    let commit = repo.commit_named(named);
    match commit.hint_if_none("use a branch, tag or commit, or omit it")? {
        Some(commit) => Ok(commit),
        None => bail!("'{}' is not a commit", named.escape_debug()),
    }
}
