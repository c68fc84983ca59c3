//! What is to be done, decided before anything is: every step carries its reason. Pure.

use std::collections::HashMap;

use super::lookup::{Answered, Known, Lookup};
use super::memo::Tally;
use super::question::Questions;
use super::select::{Reach, Selected, Target, Verdict};
use crate::model::{ByOid, Kind, Language, Miss, Oid, RepoPath, Skip};

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

/// What is to be done for one (path, kind).
#[derive(Clone, Debug)]
pub enum Step {
    Reuse(Answered),
    Analyze(Miss),
    Skip(Skip),
    Fail(String),
    /// Would be analysed, but was not asked for.
    Leave(Miss),
}

/// One blob in one language, and the numbers of the kinds to be asked about it. The unit of
/// analysis: all paths of the blob share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    pub blob: Oid,
    pub language: Language,
    pub kinds: Vec<usize>,
    /// The first of the paths it was selected by: what people are told is being worked on.
    pub path: RepoPath,
}

/// The steps of a run.
#[derive(Clone, Debug)]
pub struct Plan {
    pub selected: Selected,
    pub kinds: Vec<Kind>,
    /// For each target, for each kind.
    pub steps: Vec<Step>,
    /// What has to be analysed, each once.
    pub units: Vec<Unit>,
}

impl Plan {
    /// Every step, with the target and the kind it is about.
    pub fn each(&self) -> impl Iterator<Item = (&Target, &Kind, &Step)> {
        let kinds = self.kinds.len().max(1);
        let steps = self.selected.targets.iter().zip(self.steps.chunks(kinds));
        steps.flat_map(|(target, steps)| {
            let each = self.kinds.iter().zip(steps);
            each.map(move |(kind, step)| (target, kind, step))
        })
    }

    /// Is any answer in the store?
    pub fn knows_something(&self) -> bool {
        let reuses = |step: &Step| matches!(step, Step::Reuse(_));
        self.selected.known != Tally::default() || self.steps.iter().any(reuses)
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

/// Decides what is to be done for every target and kind.
pub fn plan(selected: Selected, questions: &Questions, lookup: Lookup, policy: Policy) -> Plan {
    let kinds = questions.kinds.len();
    let mut steps = Vec::with_capacity(lookup.known.len());
    let mut units: Vec<Unit> = Vec::new();
    let mut seen: HashMap<(Oid, Language), usize, ByOid> = HashMap::default();
    for (place, known) in lookup.known.into_iter().enumerate() {
        let target = &selected.targets[place / kinds];
        let step = match &target.verdict {
            Verdict::Skip(skip) => Step::Skip(skip.clone()),
            Verdict::Failed(why) => Step::Fail(why.clone()),
            Verdict::Ask(_) if !questions.may_see(place % kinds, target.reach) => {
                match target.reach {
                    Reach::Withheld => Step::Fail(WITHHELD.to_owned()),
                    _ => {
                        let by = "the attribute rustassistant=local";
                        Step::Skip(Skip::Excluded(by.to_owned()))
                    }
                }
            }
            Verdict::Ask(_) => decide(known, policy),
        };
        if let (Step::Analyze(_), &Verdict::Ask(language)) = (&step, &target.verdict) {
            let position = *seen.entry((target.blob, language)).or_insert(units.len());
            if position == units.len() {
                units.push(Unit {
                    blob: target.blob,
                    language,
                    kinds: Vec::new(),
                    path: target.path.clone(),
                });
            }
            let asked = &mut units[position].kinds;
            if let Err(at) = asked.binary_search(&(place % kinds)) {
                asked.insert(at, place % kinds);
            }
        }
        steps.push(step);
    }
    Plan {
        selected,
        kinds: questions.kinds.clone(),
        steps,
        units,
    }
}

fn decide(known: Known, policy: Policy) -> Step {
    match (known, policy) {
        (Known::Nothing, _) => Step::Skip(Skip::UnknownLanguage),
        (Known::TooLarge { bytes, limit }, _) => Step::Skip(Skip::TooLarge { bytes, limit }),
        (Known::Hit(_), Policy::Refresh) => Step::Analyze(Miss::Forced),
        (Known::Hit(answered), _) => Step::Reuse(answered),
        (Known::Miss(miss), Policy::CachedOnly) => Step::Leave(miss),
        (Known::Miss(miss), _) => Step::Analyze(miss),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::Analyzer;
    use crate::model::{ObjectFormat, Origin, RepoPath, Revision};
    use crate::scan::lookup::Levels;
    use crate::scan::memo::Tally;

    const SHA1: ObjectFormat = ObjectFormat::Sha1;

    fn target(path: &str, content: &[u8], verdict: Verdict) -> Target {
        Target {
            path: RepoPath::from(path),
            blob: Oid::of_blob(SHA1, content),
            verdict,
            reach: Reach::Provider,
        }
    }

    fn planned(targets: Vec<Target>, known: Vec<Known>, policy: Policy) -> Plan {
        let questions = Questions::new(&Analyzer::default(), &[Kind::Docs, Kind::Todos], SHA1);
        let selected = Selected {
            revision: Revision::WorkTree,
            targets,
            spans: Vec::new(),
            known: Tally::default(),
        };
        let lookup = Lookup {
            known,
            unreadable: Vec::new(),
        };
        plan(selected, &questions, lookup, policy)
    }

    fn words(plan: &Plan) -> Vec<String> {
        let word = |step: &Step| match step {
            Step::Reuse(_) => "reuse".to_owned(),
            Step::Analyze(miss) => format!("analyze: {miss}"),
            Step::Skip(skip) => format!("skip: {skip}"),
            Step::Fail(why) => format!("fail: {why}"),
            Step::Leave(miss) => format!("leave: {miss}"),
        };
        plan.steps.iter().map(word).collect()
    }

    #[test]
    fn copies_of_a_blob_are_one_unit_but_another_language_is_another_question() {
        let ask = |path, language| target(path, b"same", Verdict::Ask(language));
        let targets = vec![
            ask("a.rs", Language::Rust),
            ask("b.rs", Language::Rust),
            ask("c.py", Language::Python),
        ];
        let plan = planned(targets, vec![Known::Miss(Miss::New); 6], Policy::Analyze);
        assert_eq!(plan.steps.len(), 6);
        assert_eq!(plan.units.len(), 2);
        assert_eq!(plan.units[0].kinds, [0, 1]);
    }

    #[test]
    fn every_step_has_its_reason() {
        let hit = Known::Hit(Answered {
            origin: Origin::Here,
            levels: Levels::default(),
            entry: None,
        });
        let known = vec![
            hit,
            Known::Miss(Miss::Stale),
            Known::TooLarge { bytes: 9, limit: 8 },
            Known::Miss(Miss::New),
            Known::Nothing,
            Known::Nothing,
        ];
        let targets = vec![
            target("a.rs", b"known", Verdict::Ask(Language::Rust)),
            target("b.rs", b"new", Verdict::Ask(Language::Rust)),
            target("link.rs", b"", Verdict::Skip(Skip::Symlink)),
        ];
        let shown = |policy| words(&planned(targets.clone(), known.clone(), policy));
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
        assert!(planned(targets, known, Policy::CachedOnly).units.is_empty());
    }
}
