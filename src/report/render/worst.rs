//! The worst findings of a report, where there are more than somebody reads: the highest levels first,
//! then by path and place, and how many are left. Not how one is drawn.

use std::collections::BinaryHeap;
use std::io::{self, Write};

use super::Context;
use super::place::shown_path;
use super::snippet::draw;
use super::source::Source;
use crate::model::Level;
use crate::report::wording::{count, grouped};
use crate::report::{Levels, Remark, Report};

/// What makes a finding worse than others: its level, else that it comes first.
type Rank = (std::cmp::Reverse<Level>, usize);

/// Findings as they come in, of which only the worst are kept.
pub struct Worst {
    most: usize,
    /// The mildest of them on top.
    kept: BinaryHeap<(Rank, String)>,
    seen: usize,
    left: Levels,
}

impl Worst {
    /// `None` where all of a report are shown.
    pub fn of(report: &Report<'_>, context: &Context<'_>) -> Option<Self> {
        let most = context.top?;
        let levels = report.summary.findings;
        (levels.total() > most as u64).then(|| Self {
            most,
            kept: BinaryHeap::with_capacity(most + 1),
            seen: 0,
            left: levels,
        })
    }

    /// Takes the findings of one path in.
    pub fn add(&mut self, found: &[Remark<'_>], context: &Context<'_>) {
        let mut source = None;
        for remark in found {
            let rank = (std::cmp::Reverse(remark.level), self.seen);
            self.seen += 1;
            let is_full = self.kept.len() == self.most;
            if is_full && self.kept.peek().is_none_or(|(mildest, _)| *mildest < rank) {
                continue;
            }
            let source = source.get_or_insert_with(|| {
                let bytes = (context.sources)(&remark.blob);
                bytes.map(Source::new)
            });
            let path = shown_path(remark.path, context);
            let drawn = draw(remark, &path, source.as_ref(), context);
            self.kept.push((rank, drawn));
            if is_full {
                self.kept.pop();
            }
        }
    }

    /// Writes what was kept, the worst first, and what was left.
    ///
    /// # Errors
    /// The writer's.
    pub fn write(mut self, out: &mut dyn Write) -> io::Result<()> {
        for ((level, _), drawn) in self.kept.into_sorted_vec() {
            writeln!(out, "{drawn}")?;
            *match level.0 {
                Level::Error => &mut self.left.error,
                Level::Warning => &mut self.left.warning,
                Level::Note => &mut self.left.note,
            } -= 1;
        }
        let left = [
            (self.left.error, "error"),
            (self.left.warning, "warning"),
            (self.left.note, "note"),
        ];
        let left = left.into_iter().filter(|(number, _)| *number > 0);
        let left: Vec<String> = left.map(|(number, noun)| count(number, noun)).collect();
        let total = grouped(self.left.total());
        writeln!(
            out,
            "… and {total} more ({}): --top 0 shows all\n",
            left.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Level;
    use crate::report::Format;
    use crate::report::sample::{mixed, rendered_with};

    #[test]
    fn the_worst_come_first_and_the_rest_is_counted() {
        let mut outcome = mixed();
        for row in &mut outcome.rows {
            if let Some(held) = &mut row.entry {
                let entry = held.to_mut();
                let mut mild = entry.analysis.findings[0].clone();
                mild.level = Level::Note;
                entry.analysis.findings.insert(0, mild);
            }
        }
        let one = rendered_with(Format::Text, &outcome, |context| context.top = Some(1));
        let all = rendered_with(Format::Text, &outcome, |context| context.top = Some(1000));
        let heads = |text: &str| {
            let lines = text.lines().filter(|line| line.contains("]: "));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(heads(&one).len(), 1);
        assert!(heads(&one)[0].starts_with("warning"), "{one}");
        assert!(
            one.contains("more (") && one.contains("--top 0 shows all"),
            "{one}"
        );
        assert!(heads(&all).len() > 1 && !all.contains("--top"), "{all}");
    }
}
