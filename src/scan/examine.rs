//! What only a file's content says against analysing it. The same judge for a run, a dry run and
//! a look at the cache, so that all three agree.

use std::collections::HashMap;

use anyhow::Result;

use super::plan::Plan;
use super::question::Questions;
use super::state::State;
use super::target::Verdict;
use crate::analyzers::{Analyzer, Source};
use crate::git::Repo;
use crate::model::{ByOid, Cause, Failure, Language, ObjectType, Oid, Skip};

/// Git calls a file binary if a NUL byte is among its first bytes.
const LOOKED_AT: usize = 8000;

/// Reads a blob that is to be analysed.
///
/// # Errors
/// If it is missing or damaged. The inner error is the reason to leave it out.
pub fn read(repo: &Repo, blob: Oid, limit: u64) -> Result<Result<Vec<u8>, Skip>> {
    match repo.header(blob)? {
        None => anyhow::bail!("the blob {} is not in this repository", blob.short()),
        Some((_, kind)) if kind != ObjectType::Blob => {
            anyhow::bail!("object {} is not a blob", blob.short())
        }
        Some((bytes, _)) if bytes > limit => return Ok(Err(Skip::TooLarge { bytes, limit })),
        Some(_) => {}
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let text = repo.blob(blob, limit)?;
    // Text of two bytes a character says so with its first two.
    let is_utf16 = text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff");
    if !is_utf16 && text.iter().take(LOOKED_AT).any(|&byte| byte == 0) {
        return Ok(Err(Skip::Binary));
    }
    if text.len() < 1024 && text.starts_with(b"version https://git-lfs") {
        return Ok(Err(Skip::LfsPointer));
    }
    Ok(Ok(text))
}

/// Turns what is missing into skips where a file's content speaks against it, without
/// analysing anything.
///
/// # Errors
/// If the object database cannot be read.
pub fn examine(
    repo: &Repo,
    plan: &mut Plan,
    questions: &Questions,
    analyzers: &[&Analyzer],
    limit: u64,
) -> Result<()> {
    let mut judged: HashMap<(Oid, Language, usize), Option<State>, ByOid> = HashMap::default();
    let kinds = plan.kinds.len();
    for (position, state) in plan.states.iter_mut().enumerate() {
        let target = &plan.selected.targets[position / kinds];
        let Verdict::Ask(language) = target.verdict else {
            continue;
        };
        if !state.is_missing() {
            continue;
        }
        let party = questions.party(position % kinds);
        let place = (target.blob, language, party);
        let verdict = judged
            .entry(place)
            .or_insert_with(|| match read(repo, target.blob, limit) {
                Ok(Ok(text)) => {
                    let source = Source {
                        text: &text,
                        language,
                    };
                    analyzers[party].refuses(source).map(State::skipped)
                }
                Ok(Err(skip)) => Some(State::skipped(skip)),
                // What a partial clone lacks comes when it is to be analysed.
                Err(_) if repo.is_promised(target.blob) => None,
                Err(error) => Some(State::failed(Failure::new(
                    Cause::Source,
                    format!("{error:#}"),
                ))),
            });
        if let Some(verdict) = verdict {
            *state = verdict.clone();
        }
    }
    plan.units.retain_mut(|unit| {
        let (blob, language) = (unit.blob, unit.language);
        unit.kinds.retain(|kind| {
            let verdict = judged.get(&(blob, language, questions.party(*kind)));
            verdict.is_none_or(Option::is_none)
        });
        !unit.kinds.is_empty()
    });
    Ok(())
}
