//! What is to be done, decided before anything is: every state carries its reason. Pure.

use std::collections::HashMap;
use std::sync::Arc;

use super::lookup::{Lookup, Wanted};
use super::memo::Tally;
use super::question::Questions;
use super::state::{Answer, State, States};
use super::target::{Reach, Selected, Target, Verdict};
use crate::model::{
    ByOid, Cause, Entry, Failure, Fingerprint, Freshness, Kind, Language, Miss, Oid, Origin,
    RepoPath, Roles, Skip, Status, freshness,
};

/// Neither sent against what it says, nor passed because it says so.
const WITHHELD: &str = "what is judged keeps it from the provider, and what judges does not";

/// What the user asked for beyond the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Answer from the store, analyse the rest.
    Analyze,
    /// Analyse everything anew.
    Refresh,
    /// Answer from the store only.
    CachedOnly,
}

/// One blob in one language, and the numbers of the kinds to be asked about it. The unit of
/// analysis: all paths of the blob share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    pub blob: Oid,
    pub language: Language,
    pub kinds: Vec<usize>,
    /// Those of its paths.
    pub roles: Roles,
    /// The first of the paths it was selected by: what people are told is being worked on.
    pub path: RepoPath,
}

/// What a run begins with.
#[derive(Clone, Debug)]
pub struct Plan {
    pub selected: Selected,
    pub kinds: Vec<Kind>,
    /// For each target, for each kind.
    pub states: Vec<State>,
    /// What has to be analysed, each once.
    pub units: Vec<Unit>,
}

impl Plan {
    /// Every state, with the target and the kind it is about.
    pub fn each(&self) -> impl Iterator<Item = (&Target, &Kind, &State)> {
        let kinds = self.kinds.len().max(1);
        let states = self.selected.targets.iter().zip(self.states.chunks(kinds));
        states.flat_map(|(target, states)| {
            let each = self.kinds.iter().zip(states);
            each.map(move |(kind, state)| (target, kind, state))
        })
    }

    /// Is any answer in the store?
    pub fn knows_something(&self) -> bool {
        let reuses = |state: &State| matches!(state.status, Status::Cached(_));
        self.selected.known != Tally::default() || self.states.iter().any(reuses)
    }

    /// The states of what is to be asked, until somebody answers.
    pub fn open(&self) -> States {
        let kinds = self.kinds.len().max(1);
        let mut open = States::default();
        for (place, state) in self.states.iter().enumerate() {
            let target = &self.selected.targets[place / kinds];
            if let (true, &Verdict::Ask(language)) = (state.is_missing(), &target.verdict) {
                open.insert((target.blob, language, place % kinds), state.clone());
            }
        }
        open
    }

    /// The units with those of their kinds that one analyzer answers.
    pub fn units_of(&self, questions: &Questions, party: usize) -> Vec<Unit> {
        let mine = |unit: &Unit| {
            let kinds = unit.kinds.iter().copied();
            Unit {
                kinds: kinds
                    .filter(|kind| questions.party(*kind) == party)
                    .collect(),
                ..unit.clone()
            }
        };
        let units = self.units.iter().map(mine);
        units.filter(|unit| !unit.kinds.is_empty()).collect()
    }
}

/// Decides what is to be done for every target and kind: what is missing and nobody was told to leave
/// is a unit's.
pub fn plan(selected: Selected, questions: &Questions, lookup: Lookup, policy: Policy) -> Plan {
    let kinds = questions.kinds.len();
    let mut states = lookup.states;
    let mut units: Vec<Unit> = Vec::new();
    let mut seen: HashMap<(Oid, Language), usize, ByOid> = HashMap::default();
    for (place, state) in states.iter_mut().enumerate() {
        let target = &selected.targets[place / kinds];
        let Verdict::Ask(language) = target.verdict else {
            continue;
        };
        if !questions.may_see(place % kinds, target.reach) {
            *state = match target.reach {
                Reach::Withheld => State::failed(Failure::new(Cause::Withheld, WITHHELD)),
                _ => State::skipped(Skip::Excluded(
                    "the attribute rustassistant=local".to_owned(),
                )),
            };
        }
        match (&state.status, policy) {
            (Status::Cached(_), Policy::Refresh) => *state = State::missing(Miss::Forced),
            (Status::Missing(_), Policy::Analyze | Policy::Refresh) => {}
            _ => continue,
        }
        let position = *seen.entry((target.blob, language)).or_insert(units.len());
        if position == units.len() {
            units.push(Unit {
                blob: target.blob,
                language,
                kinds: Vec::new(),
                roles: Roles::NONE,
                path: target.path.clone(),
            });
        }
        units[position].roles = units[position].roles.with(target.role);
        let asked = &mut units[position].kinds;
        if let Err(at) = asked.binary_search(&(place % kinds)) {
            asked.insert(at, place % kinds);
        }
    }
    Plan {
        selected,
        kinds: questions.kinds.clone(),
        states,
        units,
    }
}

/// Takes answers that the run would find before it asks anybody.
pub fn foresee(plan: &mut Plan, questions: &Questions, left: Vec<Entry>, wanted: Wanted) {
    let fresh = left
        .into_iter()
        .filter(|entry| freshness(entry, wanted.ttl, wanted.now) == Freshness::Fresh);
    let left: HashMap<(Oid, Fingerprint), Arc<Entry>> = fresh
        .map(|entry| ((entry.blob, entry.fingerprint), Arc::new(entry)))
        .collect();
    if left.is_empty() {
        return;
    }
    let found = |blob, language, kind| {
        let question = questions.get(language, kind)?;
        let entry = left.get(&(blob, question.fingerprint))?;
        (entry.kind == questions.kinds[kind]).then(|| Arc::clone(entry))
    };
    let kinds = plan.kinds.len().max(1);
    for (place, state) in plan.states.iter_mut().enumerate() {
        let target = &plan.selected.targets[place / kinds];
        if let (Status::Missing(_), &Verdict::Ask(language)) = (&state.status, &target.verdict)
            && let Some(entry) = found(target.blob, language, place % kinds)
        {
            *state = State::cached(
                Origin::Here,
                Answer::new(entry, wanted.reading, Roles::NONE.with(target.role)),
            );
        }
    }
    plan.units.retain_mut(|unit| {
        let (blob, language) = (unit.blob, unit.language);
        unit.kinds
            .retain(|kind| found(blob, language, *kind).is_none());
        !unit.kinds.is_empty()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::Analyzer;
    use crate::model::{ObjectFormat, Origin, RepoPath, Revision, Role};
    use crate::scan::memo::Tally;

    const SHA1: ObjectFormat = ObjectFormat::Sha1;

    fn target(path: &str, content: &[u8], verdict: Verdict) -> Target {
        Target {
            path: RepoPath::from(path),
            blob: Oid::of_blob(SHA1, content),
            verdict,
            reach: Reach::Provider,
            role: Role::Library,
        }
    }

    fn planned(targets: Vec<Target>, states: Vec<State>, policy: Policy) -> Plan {
        let questions = Questions::new(&Analyzer::default(), &[Kind::Docs, Kind::Todos], SHA1);
        let selected = Selected {
            revision: Revision::WorkTree,
            targets,
            spans: Vec::new(),
            known: Tally::default(),
        };
        let lookup = Lookup {
            states,
            unreadable: Vec::new(),
        };
        plan(selected, &questions, lookup, policy)
    }

    fn words(plan: &Plan) -> Vec<String> {
        let asked = |target: &Target, kind: &Kind| {
            let number = plan.kinds.iter().position(|known| known == kind).unwrap();
            let mut units = plan.units.iter();
            units.any(|unit| unit.blob == target.blob && unit.kinds.contains(&number))
        };
        let word = |(target, kind, state): (&Target, &Kind, &State)| match &state.status {
            Status::Cached(_) => "reuse".to_owned(),
            Status::Missing(miss) if asked(target, kind) => format!("analyze: {miss}"),
            Status::Missing(miss) => format!("leave: {miss}"),
            Status::Skipped(skip) => format!("skip: {skip}"),
            other => format!("{other:?}"),
        };
        plan.each().map(word).collect()
    }

    #[test]
    fn copies_of_a_blob_are_one_unit_but_another_language_is_another_question() {
        let ask = |path, language| target(path, b"same", Verdict::Ask(language));
        let targets = vec![
            ask("a.rs", Language::Rust),
            ask("b.rs", Language::Rust),
            ask("c.py", Language::Python),
        ];
        let plan = planned(targets, vec![State::missing(Miss::New); 6], Policy::Analyze);
        assert_eq!(plan.states.len(), 6);
        assert_eq!(plan.units.len(), 2);
        assert_eq!(plan.units[0].kinds, [0, 1]);
    }

    #[test]
    fn every_state_has_its_reason() {
        let states = vec![
            State::cached(Origin::Here, Answer::default()),
            State::missing(Miss::Stale),
            State::skipped(Skip::TooLarge { bytes: 9, limit: 8 }),
            State::missing(Miss::New),
            State::skipped(Skip::Symlink),
            State::skipped(Skip::Symlink),
        ];
        let targets = vec![
            target("a.rs", b"known", Verdict::Ask(Language::Rust)),
            target("b.rs", b"new", Verdict::Ask(Language::Rust)),
            target("link.rs", b"", Verdict::Skip(Skip::Symlink)),
        ];
        let shown = |policy| words(&planned(targets.clone(), states.clone(), policy));
        assert_eq!(
            shown(Policy::Analyze),
            [
                "reuse",
                "analyze: stale",
                "skip: too large (9 bytes, the limit is 8)",
                "analyze: new",
                "skip: symlink",
                "skip: symlink"
            ]
        );
        assert_eq!(
            shown(Policy::CachedOnly)[..4],
            [
                "reuse",
                "leave: stale",
                "skip: too large (9 bytes, the limit is 8)",
                "leave: new"
            ]
        );
        assert_eq!(
            shown(Policy::Refresh)[..2],
            ["analyze: forced", "analyze: stale"]
        );
        assert!(
            planned(targets, states, Policy::CachedOnly)
                .units
                .is_empty()
        );
    }
}
