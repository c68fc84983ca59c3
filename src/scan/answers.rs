//! Fans answers out to all paths of their blobs, and counts: from steps and results to an outcome.

use super::lookup::Reading;
use super::memo::{Place, Tally};
use super::plan::Plan;
use super::state::{State, States, View};
use super::target::Verdict;
use crate::model::{Held, Outcome, Row, Skip, Status, Stop, Totals};

/// One row for each (path, kind) of which there is anything to see: no answer, or an entry that
/// somebody wants to see. Trees that were not entered are counted.
pub fn gather(
    plan: &Plan,
    answers: &States,
    reading: Reading,
    stopped: Option<Stop>,
) -> (Outcome, Vec<(Place, Tally)>) {
    let kinds = plan.kinds.len().max(1);
    let mut outcome = Outcome {
        revision: plan.selected.revision.clone(),
        rows: Vec::with_capacity(match reading {
            // All are shown: to grow step by step takes twice the memory for a moment.
            Reading::Entries => plan.states.len(),
            _ => 0,
        }),
        totals: Totals::default(),
        usage: None,
        elapsed_ms: 0,
        stopped,
    };
    let mut complete = Vec::with_capacity(plan.selected.targets.len());
    for (target, states) in plan.selected.targets.iter().zip(plan.states.chunks(kinds)) {
        let mut listed = false;
        let mut tally = Some(Tally {
            files: 1,
            ..Tally::default()
        });
        for (number, planned) in states.iter().enumerate() {
            let asked = match target.verdict {
                Verdict::Ask(language) if planned.is_missing() => {
                    answers.get(&(target.blob, language, number))
                }
                _ => None,
            };
            let State { status, answer } = asked.unwrap_or(planned);
            let answered = answer.as_ref().map(|answer| answer.in_role(target.role));
            count(&mut outcome.totals, status, answered);
            match (status, answered, &mut tally) {
                (_, Some(answered), Some(tally)) => tally.add_answer(answered.levels),
                (Status::Skipped(skip), None, Some(tally)) => *tally += Tally::of_skip(skip),
                (_, None, tally) => *tally = None,
                _ => {}
            }
            let is_shown = answered.is_none_or(|answered| answered.entry.is_some());
            if let (false, Reading::Findings, Status::Cached(origin)) = (is_shown, reading, status)
            {
                let origins = &mut outcome.totals.unlisted_origins;
                *origins.entry(origin.clone()).or_default() += 1;
            }
            if is_shown {
                listed = true;
                outcome.rows.push(Row {
                    path: target.path.clone(),
                    blob: target.blob,
                    kind: plan.kinds[number].clone(),
                    role: target.role,
                    fingerprint: answered
                        .and_then(|a| a.entry.as_ref())
                        .map(Held::fingerprint),
                    status: status.clone(),
                    publisher: None,
                    entry: answered.and_then(|answered| answered.entry.clone()),
                });
            }
        }
        outcome.totals.unlisted_files += u64::from(!listed);
        complete.push(tally);
    }
    add_known(&mut outcome.totals, plan.selected.known);
    let trees = plan.selected.spans.iter().filter_map(|span| {
        let mut tally = span.known;
        for inside in &complete[span.targets.clone()] {
            tally += (*inside)?;
        }
        Some((span.place, tally))
    });
    (outcome, trees.collect())
}

fn count(totals: &mut Totals, status: &Status, answered: Option<&View>) {
    totals.add_status(status);
    if let Some(answered) = answered {
        totals.errors += u64::from(answered.levels.errors);
        totals.warnings += u64::from(answered.levels.warnings);
        totals.notes += u64::from(answered.levels.notes);
    }
}

fn add_known(totals: &mut Totals, known: Tally) {
    totals.unlisted_files += u64::from(known.files);
    totals.rows += u64::from(known.rows);
    totals.cached += u64::from(known.rows);
    for (label, skipped) in Skip::LABELS.into_iter().zip(known.skipped.map(u64::from)) {
        totals.rows += skipped;
        totals.skipped += skipped;
        if skipped > 0 {
            *totals.unlisted_skips.entry(label).or_default() += skipped;
        }
    }
    totals.errors += u64::from(known.errors);
    totals.warnings += u64::from(known.warnings);
    totals.notes += u64::from(known.notes);
}
