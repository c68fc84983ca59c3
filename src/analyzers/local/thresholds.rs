//! The numbers at which a rule speaks up: each a setting, each an ingredient of the recipes of
//! the kinds that use it.

use std::collections::BTreeMap;

use crate::model::{Kind, Parameter};

/// One number that the user may set, under `rustassistant.<name>`.
#[derive(Clone, Copy, Debug)]
pub struct Threshold {
    /// The setting's name, as git's config spells keys: `maxFunctionLines`.
    pub name: &'static str,
    pub default: i64,
    /// The kinds whose answers it shapes.
    pub kinds: &'static [Kind],
    /// One line for people.
    pub help: &'static str,
}

/// What a user set, over the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thresholds {
    set: BTreeMap<&'static str, i64>,
}

impl Thresholds {
    /// Every threshold there is, in the order it is shown in.
    pub const ALL: &'static [Threshold] = &[
        Threshold {
            name: "maxFunctionLines",
            default: 80,
            kinds: &[Kind::Refactor],
            help: "Lines of code in one function",
        },
        Threshold {
            name: "maxModuleLines",
            default: 1000,
            kinds: &[Kind::Refactor],
            help: "Lines of code in one file, without tests",
        },
        Threshold {
            name: "maxParameters",
            default: 7,
            kinds: &[Kind::Refactor],
            help: "Parameters of one function",
        },
        Threshold {
            name: "maxNesting",
            default: 4,
            kinds: &[Kind::Refactor],
            help: "Branches and loops inside each other",
        },
        Threshold {
            name: "maxCognitiveComplexity",
            default: 25,
            kinds: &[Kind::Refactor],
            help: "Cognitive complexity of one function",
        },
        Threshold {
            name: "maxCyclomaticComplexity",
            default: 20,
            kinds: &[Kind::Refactor],
            help: "Cyclomatic complexity of one function, a match as one decision",
        },
        Threshold {
            name: "maxConditionOperators",
            default: 4,
            kinds: &[Kind::Refactor],
            help: "Boolean operators in one condition that mixes them",
        },
        Threshold {
            name: "maxBoolParameters",
            default: 2,
            kinds: &[Kind::Refactor],
            help: "Booleans among the parameters of one function",
        },
        Threshold {
            name: "maxTextParameters",
            default: 3,
            kinds: &[Kind::Refactor],
            help: "Texts among the parameters of one function",
        },
        Threshold {
            name: "minDuplicatedTokens",
            default: 60,
            kinds: &[Kind::Refactor],
            help: "Tokens that repeat earlier ones",
        },
        Threshold {
            name: "hotspotComplexity",
            default: 30,
            kinds: &[Kind::Analysis],
            help: "Cognitive complexity from which a function is a risk to its file",
        },
        Threshold {
            name: "todoNeedsIssue",
            default: 0,
            kinds: &[Kind::Todos],
            help: "1 reports each note in a comment that names no issue",
        },
    ];

    /// Sets the threshold that `name` names, in any case, as git's config keys are; false if none is.
    pub fn set(&mut self, name: &str, value: i64) -> bool {
        let known = Self::ALL.iter().find(|t| t.name.eq_ignore_ascii_case(name));
        if let Some(threshold) = known {
            self.set.insert(threshold.name, value);
        }
        known.is_some()
    }

    /// The value in force. A name that is not in [`Thresholds::ALL`] is a programming error and
    /// never speaks up.
    pub fn get(&self, name: &str) -> i64 {
        let default = || Self::ALL.iter().find(|t| t.name == name).map(|t| t.default);
        let set = self.set.get(name).copied();
        set.or_else(default).unwrap_or(i64::MAX)
    }

    /// Every name with the value in force.
    pub fn all(&self) -> BTreeMap<&'static str, i64> {
        let all = Self::ALL.iter();
        all.map(|t| (t.name, self.get(t.name))).collect()
    }

    /// The ingredients for the recipes of `kind`. What is off unless somebody turns it on is one only
    /// then: what was answered without it still holds.
    pub fn parameters(&self, kind: &Kind) -> BTreeMap<String, Parameter> {
        Self::ALL
            .iter()
            .filter(|threshold| threshold.kinds.contains(kind))
            .filter(|threshold| threshold.default > 0 || self.get(threshold.name) > 0)
            .map(|t| (t.name.to_owned(), Parameter::Number(self.get(t.name))))
            .collect()
    }
}
