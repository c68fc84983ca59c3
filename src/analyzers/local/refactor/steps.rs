//! What to do first about a file's findings: several findings with one cause are one step.

use std::collections::BTreeMap;

use crate::analyzers::local::bounded;
use crate::analyzers::local::phrase;
use crate::analyzers::local::rules;
use crate::model::{Finding, Level, Suggestion};

/// The most steps that are suggested for one file.
const MAX_STEPS: usize = 5;

/// What would resolve some findings together.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    cause: Cause<'a>,
    findings: Vec<&'a Finding>,
    /// What it takes, in minutes: the estimate of the dearest rule where one change resolves all,
    /// else the sum over the findings. In the manner of SQALE (J.-L. Letouzey, 2012), with a
    /// constant for each rule.
    pub minutes: i64,
}

/// Why findings belong together. In the order in which steps of equal worth are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause<'a> {
    /// One function does too much, whichever rule says so.
    Shape(&'a str),
    /// The parameters of one function.
    Parameters(&'a str),
    /// A rule that looks at places one by one.
    Rule(&'a str),
}

impl<'a> Cause<'a> {
    fn of(finding: &'a Finding) -> Self {
        let item = finding.item.as_deref();
        match (finding.rule.as_str(), item) {
            (
                "long-function" | "cognitive-complexity" | "cyclomatic-complexity" | "deep-nesting",
                Some(item),
            ) => Self::Shape(item),
            ("long-parameter-list" | "primitive-obsession", Some(item)) => Self::Parameters(item),
            (rule, _) => Self::Rule(rule),
        }
    }

    /// An order to the reader, for this many findings.
    fn title(self, count: usize) -> String {
        let these = |noun: &str| phrase::count(count, noun);
        match self {
            Self::Shape(item) => format!("Split or flatten `{item}`"),
            Self::Parameters(item) => format!("Group the parameters of `{item}`"),
            Self::Rule("duplicated-code") => format!("Share {}", these("duplicated passage")),
            Self::Rule("dead-code") => format!("Remove {}", these("unused item")),
            Self::Rule("unsafe-unwrap") => format!("Handle failure in {}", these("place")),
            Self::Rule("ignored-result") => format!("Decide on {}", these("ignored result")),
            Self::Rule("swallowed-error") => format!("Decide on {}", these("swallowed error")),
            Self::Rule("complex-conditional") => {
                format!("Name the parts of {}", these("condition"))
            }
            Self::Rule("large-module") => "Split this file".to_owned(),
            Self::Rule(rule) => {
                let help = rules::find(rule).map_or(rule, |rule| rule.help);
                format!("{help}: {}", these("place"))
            }
        }
    }
}

/// The steps that resolve all findings, the most rewarding first: warnings weigh three times a
/// note; of equal weight the cheaper comes first.
pub fn of(findings: &[Finding]) -> Vec<Step<'_>> {
    let mut by_cause: BTreeMap<Cause<'_>, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        by_cause
            .entry(Cause::of(finding))
            .or_default()
            .push(finding);
    }
    let mut steps: Vec<Step<'_>> = by_cause
        .into_iter()
        .map(|(cause, findings)| Step {
            cause,
            minutes: minutes(cause, &findings),
            findings,
        })
        .collect();
    steps.sort_by_key(|step| (std::cmp::Reverse(step.weight()), step.minutes, step.cause));
    steps
}

/// The first of the steps, for people. Notes on suppressions are no work on the code.
pub fn suggestions(steps: &[Step<'_>]) -> Vec<Suggestion> {
    let work = steps.iter().filter(|step| {
        let housekeeping = ["suppression-without-reason", "unknown-suppression"];
        !matches!(step.cause, Cause::Rule(rule) if housekeeping.contains(&rule))
    });
    let suggest = |step: &Step<'_>| Suggestion {
        title: step.cause.title(step.number()),
        detail: step.detail(),
        effort_minutes: u32::try_from(step.minutes).ok(),
    };
    work.take(MAX_STEPS).map(suggest).collect()
}

fn minutes(cause: Cause<'_>, findings: &[&Finding]) -> i64 {
    let minutes = findings.iter().filter_map(|finding| {
        let minutes = rules::find(&finding.rule)?.minutes;
        Some(over_limit(finding, minutes) * bounded::number(finding))
    });
    match cause {
        Cause::Shape(_) | Cause::Parameters(_) => minutes.max().unwrap_or(0),
        Cause::Rule(_) => minutes.sum(),
    }
}

/// The minutes that a rule names are for what is at its limit: twice as much takes twice as long.
fn over_limit(finding: &Finding, minutes: i64) -> i64 {
    let measure = |name: &str| finding.details.get(name)?.parse::<i64>().ok();
    match (
        measure("value"),
        measure("limit").filter(|&limit| limit > 0),
    ) {
        (Some(value), Some(limit)) => minutes.max(minutes.saturating_mul(value) / limit),
        _ => minutes,
    }
}

/// So many lines are named one by one.
const MOST_LINES: usize = 20;

impl Step<'_> {
    /// How many findings it resolves.
    fn number(&self) -> usize {
        let numbers = self.findings.iter().map(|finding| bounded::number(finding));
        usize::try_from(numbers.sum::<i64>()).unwrap_or(usize::MAX)
    }

    fn weight(&self) -> usize {
        let weight = |finding: &&Finding| match finding.level {
            Level::Error => 9,
            Level::Warning => 3,
            Level::Note => 1,
        };
        self.findings.iter().map(weight).sum()
    }

    /// What the findings say, or where they are.
    fn detail(&self) -> String {
        match (self.cause, self.findings.as_slice()) {
            (Cause::Shape(_) | Cause::Parameters(_), several) => {
                let titles: Vec<&str> = several.iter().map(|f| f.title.as_str()).collect();
                format!("{}.", titles.join("; "))
            }
            (Cause::Rule(_), [one]) => format!("Line {}: {}.", one.start_line, one.title),
            (Cause::Rule(_), several) => {
                let mut lines: Vec<u32> = several.iter().map(|f| f.start_line).collect();
                lines.dedup();
                let named = lines.len().min(MOST_LINES);
                let others = self.number().saturating_sub(several.len()) + lines.len() - named;
                let mut lines: Vec<String> = lines[..named].iter().map(u32::to_string).collect();
                if others > 0 {
                    lines.push(format!("{} more", phrase::thousands(others)));
                }
                format!("Lines {}.", phrase::list(&lines))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn finding(rule: &str, level: Level, item: &str, line: u32) -> Finding {
        Finding {
            start_line: line,
            start_column: 1,
            end_line: line,
            end_column: 2,
            rule: rule.to_owned(),
            level,
            item: Some(item.to_owned()),
            title: format!("{rule} here"),
            message: String::new(),
            suggestion: None,
            confidence: None,
            anchor: String::new(),
            about: crate::model::About::Text,
            roles: crate::model::Roles::EVERY,
            details: BTreeMap::new(),
        }
    }

    #[test]
    fn one_cause_is_one_step_and_is_paid_once() {
        let findings = [
            finding("long-function", Level::Warning, "run", 1),
            finding("cognitive-complexity", Level::Warning, "run", 1),
            finding("dead-code", Level::Warning, "old", 9),
            finding("dead-code", Level::Warning, "older", 11),
        ];
        let steps = of(&findings);
        let one = |id: &str| rules::find(id).unwrap().minutes;
        let dearest = one("long-function").max(one("cognitive-complexity"));
        let minutes: Vec<i64> = steps.iter().map(|step| step.minutes).collect();
        assert_eq!(minutes, [2 * one("dead-code"), dearest]);
        let told = suggestions(&steps);
        assert_eq!(told[0].title, "Remove 2 unused items");
        assert_eq!(told[0].detail, "Lines 9 and 11.");
        assert_eq!(told[1].title, "Split or flatten `run`");
        let detail = "long-function here; cognitive-complexity here.";
        assert_eq!(told[1].detail, detail);
    }

    #[test]
    fn the_weightiest_step_comes_first_and_five_are_enough() {
        let mut findings: Vec<Finding> = (0..9)
            .map(|n| finding("long-function", Level::Note, &format!("f{n}"), n + 1))
            .collect();
        findings.push(finding("unsafe-unwrap", Level::Warning, "g", 50));
        let told = suggestions(&of(&findings));
        assert_eq!(told.len(), 5);
        assert_eq!(told[0].title, "Handle failure in 1 place");
        assert_eq!(told[0].detail, "Line 50: unsafe-unwrap here.");
    }

    #[test]
    fn a_suppression_without_a_reason_is_no_step() {
        let findings = [finding("suppression-without-reason", Level::Note, "f", 1)];
        assert!(suggestions(&of(&findings)).is_empty());
    }
}
