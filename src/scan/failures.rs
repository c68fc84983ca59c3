//! What a model failed to answer lately, so that the same is not paid for at every run: one small
//! file, derived and disposable, for a day. Not what is done about it: see [`pass_over`].

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;

use super::plan::Plan;
use super::question::Questions;
use super::resolved_place::Named;
use super::state::State;
use super::target::{Selection, Verdict};
use crate::analyzers::Analyzer;
use crate::git::OwnFolder;
use crate::model::{Cause, EntryKey, Failure, RepoPath};

const NAME: &str = "failed-answers";

const MAGIC: &str = "rustassistant failures 1";

/// As many as are remembered: the latest.
const MOST: usize = 4096;

/// No reason is kept longer, in bytes.
const LONGEST_REASON: usize = 600;

/// No such file is larger.
const MAX_BYTES: u64 = (MOST * (LONGEST_REASON + 512)) as u64;

/// In seconds.
const DAY: i64 = 24 * 60 * 60;

/// So often in a row, in the same way, and it is not asked again.
const ENOUGH: u32 = 2;

/// Failures by what was asked.
#[derive(Clone, Debug, Default)]
pub struct Failures(BTreeMap<String, Failed>);

#[derive(Clone, Debug)]
struct Failed {
    /// When, in seconds of the epoch.
    at: i64,
    times: u32,
    why: String,
}

/// One question about one text, as failures are remembered: a longer answer is another question.
pub fn name_of(key: &EntryKey, max_output_tokens: u32) -> String {
    format!(
        "{} {} {} {max_output_tokens}",
        key.blob, key.fingerprint, key.kind
    )
}

impl Failures {
    /// What `folder` remembers of the last day. Whatever cannot be read is nothing.
    pub fn open(folder: &OwnFolder, now: Timestamp) -> Self {
        let text = folder.text(NAME, MAX_BYTES).unwrap_or_default();
        let recent = now.as_second() - DAY..=now.as_second();
        let lines = text.strip_prefix(MAGIC).unwrap_or_default().lines();
        let failed = lines.filter_map(|line| {
            let mut fields = line.splitn(4, '\t');
            let at = fields.next()?.parse().ok()?;
            let times = fields.next()?.parse().ok()?;
            let name = fields.next()?.to_owned();
            let why = fields.next()?.to_owned();
            recent
                .contains(&at)
                .then_some((name, Failed { at, times, why }))
        });
        Self(failed.collect())
    }

    /// Why it is not worth asking again, if so.
    pub fn settled(&self, name: &str) -> Option<&str> {
        let failed = self.0.get(name).filter(|failed| failed.times >= ENOUGH);
        failed.map(|failed| failed.why.as_str())
    }

    /// It has failed once more, which always changes something.
    pub fn add(&mut self, name: String, why: &str, now: Timestamp) -> bool {
        let mut why: String = why.escape_debug().to_string();
        while why.len() > LONGEST_REASON {
            why.pop();
        }
        let before = self
            .0
            .get(&name)
            .filter(|before| is_same(&before.why, &why));
        let times = before.map_or(0, |before| before.times).saturating_add(1);
        let at = now.as_second();
        self.0.insert(name, Failed { at, times, why });
        true
    }

    /// It has been answered. Does that change anything?
    pub fn forget(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }

    /// Writes down the latest. A folder that cannot be written remembers nothing.
    pub fn remember(&self, folder: &OwnFolder) {
        let mut latest: Vec<_> = self.0.iter().collect();
        latest.sort_by_key(|(_, failed)| std::cmp::Reverse(failed.at));
        let mut text = format!("{MAGIC}\n");
        for (name, Failed { at, times, why }) in latest.into_iter().take(MOST) {
            text += &format!("{at}\t{times}\t{name}\t{why}\n");
        }
        let _ = folder.replace(NAME, "new-failed-", &[text.as_bytes()]);
    }
}

/// Do two reasons differ in nothing but numbers? A place in an answer is no other fault.
pub fn is_same(one: &str, other: &str) -> bool {
    let words = |text: &str| -> String { text.chars().filter(|c| !c.is_ascii_digit()).collect() };
    words(one) == words(other)
}

/// Leaves out of `plan` what a model has failed to answer twice in the same way, unless its file
/// is asked for by name.
///
/// # Errors
/// If a path climbs out of the repository.
pub fn pass_over(
    plan: &mut Plan,
    questions: &Questions,
    analyzers: &[&Analyzer],
    failures: &Failures,
    selection: &Selection,
) -> Result<()> {
    if failures.0.is_empty() {
        return Ok(());
    }
    let named = Named::new(selection)?;
    // A list of files is made by programs.
    let is_named = |path: &RepoPath| selection.files.is_none() && named.is_exactly(path);
    let kinds = plan.kinds.len();
    let settled = |blob, language, kind: usize| {
        let Analyzer::Llm(llm) = analyzers.get(questions.party(kind))? else {
            return None;
        };
        let key = EntryKey {
            kind: questions.kinds[kind].clone(),
            fingerprint: questions.get(language, kind)?.fingerprint,
            blob,
        };
        failures.settled(&name_of(&key, llm.asked().max_output_tokens))
    };
    let named = |plan: &Plan, blob| {
        let mut targets = plan.selected.targets.iter();
        targets.any(|target| target.blob == blob && is_named(&target.path))
    };
    let mut left_out = Vec::new();
    for unit in &plan.units {
        for &kind in &unit.kinds {
            if let Some(why) = settled(unit.blob, unit.language, kind)
                && !named(plan, unit.blob)
            {
                left_out.push((unit.blob, unit.language, kind, why));
            }
        }
    }
    for (blob, language, kind, why) in left_out {
        let targets = plan.selected.targets.iter().enumerate();
        let same = targets
            .filter(|(_, target)| target.blob == blob && target.verdict == Verdict::Ask(language));
        for (position, _) in same {
            let state = &mut plan.states[position * kinds + kind];
            if state.is_missing() {
                let why = format!(
                    "failed twice in the same way, so not retried for a day (to retry now, name the \
                     file or use --refresh): {why}"
                );
                *state = State::failed(Failure::new(Cause::Repeated, why));
            }
        }
        for unit in &mut plan.units {
            if unit.blob == blob && unit.language == language {
                unit.kinds.retain(|asked| *asked != kind);
            }
        }
    }
    plan.units.retain(|unit| !unit.kinds.is_empty());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn two_failures_of_the_same_kind_settle_it_for_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        let add = |why: &str, when: i64| {
            let mut failures = Failures::open(&own, at(when));
            failures.add("a".to_owned(), why, at(when));
            failures.remember(&own);
        };
        let settled = |when: i64| {
            let failures = Failures::open(&own, at(when));
            failures.settled("a").map(str::to_owned)
        };
        assert_eq!(settled(0), None);
        add("no `x` at line 1\n", 0);
        assert_eq!(settled(0), None);
        add("another", 1);
        assert_eq!(settled(1), None);
        add("no `x` at line 7", 2);
        assert_eq!(settled(2), None);
        add("no `x` at line 99", 3);
        assert_eq!(settled(4).as_deref(), Some("no `x` at line 99"));
        assert_eq!(settled(3 + DAY + 1), None);
        // A clock that was set back.
        assert_eq!(settled(0), None);
    }

    #[test]
    fn the_file_is_bounded_and_noise_in_it_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        let mut failures = Failures::default();
        for number in 0..MOST + 10 {
            let when = at(i64::try_from(number).unwrap());
            failures.add(number.to_string(), &"ö\t".repeat(1000), when);
        }
        failures.remember(&own);
        let read = Failures::open(&own, at(5000));
        assert_eq!(read.0.len(), MOST);
        assert!(!read.0.contains_key("9"));
        let path = folder.path().join(NAME);
        for noise in [
            &b"\xff\xff"[..],
            b"rustassistant failures 1\nx\ty\n\n\t\t\t\n",
        ] {
            std::fs::write(&path, noise).unwrap();
            assert!(Failures::open(&own, at(0)).0.is_empty());
        }
    }
}
