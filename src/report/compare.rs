//! Two outcomes side by side: which findings are new, fixed or unchanged. Not which files were
//! looked at on either side.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::build::{Looked, Report, Tool, build, looked};
use super::matching::pair_all;
use super::remark::{Remark, place, remarks};
use super::status::State;
use super::summary::Levels;
use crate::model::{Held, Kind, Level, Oid, Outcome, RepoPath, Role, Row, Status};

/// What a report was compared with, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison<'a> {
    /// What was compared with.
    pub base: Looked<'a>,
    pub new: Levels,
    pub fixed: Levels,
    pub unchanged: Levels,
    /// Findings that are neither fixed nor told any more: their files have a role now in which they
    /// do not hold.
    pub reclassified: u64,
    /// Without an answer on one side: their findings are not compared.
    pub unknown: Vec<Unknown<'a>>,
}

/// A (path, kind) that could not be compared.
#[derive(Clone, Debug, Serialize)]
pub struct Unknown<'a> {
    pub path: &'a RepoPath,
    pub kind: &'a Kind,
    pub side: Side,
    pub reason: Option<String>,
    /// It could be read before, and cannot be read now for what is in it.
    #[serde(skip)]
    pub is_lost: bool,
}

/// Which of two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Before,
    After,
}

/// Tells `after` as a report in which each finding has its state, with those that only `before`
/// has as fixed ones.
///
/// Each finding of one side stands for one of the other at most, so a finding in a file that was
/// copied is new once. Which are the same: [`pair_all`].
pub fn compare<'a>(before: &'a Outcome, after: &'a Outcome, tool: Tool) -> Report<'a> {
    let mut report = build(after, tool);
    let mut old: Vec<Remark<'a>> = listed(before);
    let unknown: Vec<Unknown<'_>> = unknown(before, Side::Before)
        .chain(unknown(after, Side::After))
        .chain(lost(before, after))
        .collect();
    let excluded: HashSet<(&RepoPath, &Kind)> = unknown.iter().map(|u| (u.path, u.kind)).collect();
    let is_compared = |remark: &Remark<'_>| !excluded.contains(&(remark.path, remark.kind));
    old.retain(is_compared);
    let (mut now, kept): (Vec<Remark<'a>>, Vec<Remark<'a>>) =
        listed(after).into_iter().partition(is_compared);
    pair_all(&mut old, &mut now, (before, after));
    let reclassified = drop_reclassified(&mut old, after);
    settle(&mut now, State::New);
    settle(&mut old, State::Fixed);
    old.retain(|remark| remark.state == State::Fixed);
    let mut all = [now, kept, old].concat();
    all.sort_by(|a, b| place(a).cmp(&place(b)));
    let of = |state| Levels::of(all.iter().filter(|f| f.state == state));
    report.comparison = Some(Comparison {
        base: looked(&before.revision),
        new: of(State::New),
        fixed: of(State::Fixed),
        unchanged: of(State::Unchanged),
        reclassified,
        unknown,
    });
    report.compared = Some(all);
    report.count_findings();
    report
}

/// All findings of an outcome, by path, then place. They refer to entries, which are held for it.
fn listed(outcome: &Outcome) -> Vec<Remark<'_>> {
    let answered = outcome.rows.iter();
    let answered = answered.filter_map(|row| Some((row, row.entry.as_ref()?.get())));
    let mut listed: Vec<Remark<'_>> = answered
        .flat_map(|(row, entry)| remarks(row, entry))
        .collect();
    listed.sort_by(|a, b| place(a).cmp(&place(b)));
    listed
}

impl<'a> Report<'a> {
    /// The findings of a comparison, by path, then place; none if nothing was compared.
    pub fn compared(&self) -> &[Remark<'a>] {
        self.compared.as_deref().unwrap_or_default()
    }

    /// Leaves only the findings that `other`, of the same files, has as well.
    pub fn keep_those_of(&mut self, other: &Report<'_>) {
        let place =
            |remark: &Remark<'_>| (remark.id.clone(), remark.path.clone(), remark.start_line);
        let theirs: HashSet<_> = other.compared().iter().map(place).collect();
        self.keep(|remark| theirs.contains(&place(remark)));
    }

    /// A comparison of what differs, with everything else that is there beside it: what `rest` tells
    /// of other files is as it was. How many findings are new, fixed or unchanged stays as it is.
    pub fn with_rest(mut self, rest: &'a Outcome) -> Self {
        let told: HashSet<(&RepoPath, &Kind)> =
            self.rows.iter().map(|row| (&row.path, &row.kind)).collect();
        let is_told = |row: &Row| told.contains(&(&row.path, &row.kind));
        let more: Vec<&'a Row> = rest.rows.iter().filter(|row| !is_told(row)).collect();
        let failed = more
            .iter()
            .filter(|row| matches!(row.status, Status::Failed(_)));
        self.summary.failed += failed.count() as u64;
        self.summary.interrupted |= rest.stopped.is_some();
        let all = self.compared.get_or_insert_default();
        for row in &more {
            let entry = row.entry.as_ref().map(Held::get);
            let found = entry.into_iter().flat_map(|entry| remarks(row, entry));
            all.extend(found.map(|remark| Remark {
                state: State::Unchanged,
                ..remark
            }));
        }
        all.sort_by(|a, b| place(a).cmp(&place(b)));
        self.rows.extend(more);
        self.rows.sort_by_key(|row| (&row.path, &row.kind));
        self
    }

    /// Leaves only the findings in one of these states. What was compared is still counted.
    pub fn keep_states(&mut self, states: &[State]) {
        self.keep(|remark| states.contains(&remark.state));
    }

    /// Leaves only the findings at `level` or above. What was compared is still counted.
    pub fn keep_level(&mut self, level: Level) {
        self.keep(|remark| remark.level >= level);
    }

    fn keep(&mut self, mut is_kept: impl FnMut(&Remark<'_>) -> bool) {
        self.compared
            .iter_mut()
            .for_each(|all| all.retain(&mut is_kept));
        self.count_findings();
    }

    /// What is fixed is no finding any more.
    fn count_findings(&mut self) {
        let present = self.compared().iter().filter(|f| f.state != State::Fixed);
        self.summary.findings = Levels::of(present);
    }
}

/// Drops what is left of `old` and does not hold in the role that its file has now, there or under
/// another name; how many.
fn drop_reclassified(old: &mut Vec<Remark<'_>>, after: &Outcome) -> u64 {
    let by_path: HashMap<&RepoPath, Role> =
        after.rows.iter().map(|row| (&row.path, row.role)).collect();
    let by_blob: HashMap<Oid, Role> = after.rows.iter().map(|row| (row.blob, row.role)).collect();
    let is_reclassified = |remark: &Remark<'_>| {
        let now = by_path.get(remark.path).or(by_blob.get(&remark.blob));
        remark.state == State::Present && now.is_some_and(|role| !remark.roles.contains(*role))
    };
    let before = old.len();
    old.retain(|remark| !is_reclassified(remark));
    (before - old.len()) as u64
}

/// A file that was skipped on both sides has no findings; one that failed or is missing may have any.
fn unknown(outcome: &Outcome, side: Side) -> impl Iterator<Item = Unknown<'_>> {
    let without_answer = outcome
        .rows
        .iter()
        .filter(|row| matches!(row.status, Status::Missing(_) | Status::Failed(_)));
    without_answer.map(move |row| unknown_row(row, side))
}

/// What had an answer before and is skipped now because of what it says: a byte that is not UTF-8, a
/// marker of generated code. Its findings are not fixed, and no gate is passed that way.
fn lost<'a>(before: &'a Outcome, after: &'a Outcome) -> impl Iterator<Item = Unknown<'a>> {
    let has_answer = |row: &&Row| matches!(row.status, Status::Cached(_) | Status::Analyzed(_));
    let answered: HashSet<(&RepoPath, &Kind)> = before
        .rows
        .iter()
        .filter(has_answer)
        .map(|row| (&row.path, &row.kind))
        .collect();
    let skipped = after
        .rows
        .iter()
        .filter(|row| matches!(&row.status, Status::Skipped(skip) if skip.is_by_content()));
    skipped
        .filter(move |row| answered.contains(&(&row.path, &row.kind)))
        .map(|row| Unknown {
            is_lost: true,
            ..unknown_row(row, Side::After)
        })
}

fn unknown_row(row: &Row, side: Side) -> Unknown<'_> {
    Unknown {
        path: &row.path,
        kind: &row.kind,
        side,
        reason: row.status.reason(),
        is_lost: false,
    }
}

fn settle(remarks: &mut [Remark<'_>], state: State) {
    for remark in remarks.iter_mut().filter(|r| r.state == State::Present) {
        remark.state = state;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;
    use crate::model::{Finding, Miss, Skip};
    use crate::report::sample::{self, TOOL, outcome, row};

    /// A row whose findings hang on these texts.
    fn file(path: &str, anchors: &[&str]) -> Row {
        let mut row = row(path, Status::Cached(Origin::Here));
        row.blob = sample::oid(&anchors.concat());
        let finding = |(line, anchor): (usize, &&str)| Finding {
            start_line: u32::try_from(line).unwrap() + 1,
            anchor: (*anchor).to_owned(),
            title: (*anchor).to_owned(),
            ..sample::finding()
        };
        let entry = row.entry.as_mut().unwrap().to_mut();
        entry.blob = row.blob;
        entry.analysis.findings = anchors.iter().enumerate().map(finding).collect();
        row
    }

    /// `state path title` of each finding.
    fn compared(before: Vec<Row>, after: Vec<Row>) -> Vec<String> {
        let (before, after) = (outcome(before), outcome(after));
        let report = compare(&before, &after, TOOL);
        let line = |f: &Remark<'_>| format!("{:?} {} {}", f.state, f.path, f.title);
        report.compared().iter().map(line).collect()
    }

    #[test]
    fn a_finding_is_the_same_in_a_renamed_file_and_on_another_line() {
        let before = vec![file("a.rs", &["one", "two"])];
        let after = vec![file("b.rs", &["two", "more", "one"])];
        assert_eq!(
            compared(before, after),
            ["Unchanged b.rs two", "New b.rs more", "Unchanged b.rs one"]
        );
    }

    #[test]
    fn in_a_copy_of_a_file_its_findings_are_new() {
        let before = vec![file("b.rs", &["one"])];
        let after = vec![file("a.rs", &["one"]), file("b.rs", &["one"])];
        assert_eq!(
            compared(before.clone(), after.clone()),
            ["New a.rs one", "Unchanged b.rs one"]
        );
        assert_eq!(
            compared(after, before),
            ["Fixed a.rs one", "Unchanged b.rs one"]
        );
    }

    #[test]
    fn one_of_two_equal_findings_is_fixed() {
        let before = vec![file("a.rs", &["one", "one"])];
        let after = vec![file("a.rs", &["one"])];
        assert_eq!(
            compared(before, after),
            ["Unchanged a.rs one", "Fixed a.rs one"]
        );
    }

    #[test]
    fn entries_that_are_held_deflated_are_compared_as_well() {
        let (before, mut after) = (file("a.rs", &["one"]), file("b.rs", &["one", "two"]));
        after.entry = after.entry.map(|held| Held::packed(held.entry()));
        assert_eq!(
            compared(vec![before], vec![after]),
            ["Unchanged b.rs one", "New b.rs two"]
        );
    }

    #[test]
    fn what_has_no_answer_on_one_side_is_not_compared() {
        let missing = row("a.rs", Status::Missing(Miss::New));
        let before = outcome(vec![missing]);
        let after = outcome(vec![file("a.rs", &["one"]), file("b.rs", &["two"])]);
        let mut report = compare(&before, &after, TOOL);
        let comparison = report.comparison.clone().unwrap();
        assert_eq!(comparison.new.warning, 1);
        let [unknown] = &comparison.unknown[..] else {
            panic!("{comparison:?}")
        };
        assert_eq!((unknown.side, unknown.path), (Side::Before, &"a.rs".into()));
        assert_eq!(report.compared()[0].state, State::Present);
        report.keep_states(&[State::New]);
        assert_eq!(report.summary.findings.warning, 1);
    }

    #[test]
    fn what_is_skipped_since_for_what_it_says_is_unknown_and_not_fixed() {
        let after = |skip| outcome(vec![row("a.rs", Status::Skipped(skip))]);
        let before = outcome(vec![file("a.rs", &["one"])]);
        let told = |after: &Outcome| {
            let report = compare(&before, after, TOOL);
            let comparison = report.comparison.as_ref().unwrap();
            (comparison.unknown.len(), comparison.fixed.warning)
        };
        assert_eq!(told(&after(Skip::NotUtf8)), (1, 0));
        assert_eq!(told(&after(Skip::Generated("@generated".into()))), (1, 0));
        let by_attribute = Skip::Generated(Skip::BY_ATTRIBUTE.to_owned());
        assert_eq!(told(&after(by_attribute)), (0, 1));
        assert_eq!(told(&after(Skip::Excluded("exclude".into()))), (0, 1));
        assert_eq!(told(&after(Skip::Symlink)), (1, 0));
    }

    #[test]
    fn the_findings_of_a_file_that_is_gone_are_fixed_and_not_counted_as_present() {
        let (before, after) = (outcome(vec![file("a.rs", &["one"])]), outcome(vec![]));
        let report = compare(&before, &after, TOOL);
        assert_eq!(report.summary.findings.warning, 0);
        assert_eq!(report.comparison.as_ref().unwrap().fixed.warning, 1);
        assert_eq!(report.compared()[0].state, State::Fixed);
    }
}
