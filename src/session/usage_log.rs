//! Logs hits and usage, one line per run in `usage.jsonl`, for `cache stats`. Local, limited in size, and
//! safe to delete; never published.

use std::io::{BufRead, BufReader, Read, Write};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::git::OwnFolder;
use crate::model::{Outcome, Part, Usd};
use crate::report::reused;

const FILE: &str = "usage.jsonl";

/// The previous file, after rotation.
const OLDER: &str = "usage-older.jsonl";

/// Size at which to rotate: about two thousand runs.
const MOST_BYTES: u64 = 1 << 19;

/// One run. Rows are (file, kind).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    pub at: Timestamp,
    pub hits: u64,
    pub analyzed: u64,
    pub failed: u64,
    pub missing: u64,
    pub skipped: u64,
    pub requests: u64,
    pub input_tokens: u64,
    pub cached_input_tokens: u64,
    pub output_tokens: u64,
    pub reasoning_tokens: u64,
    /// `None` if unknown.
    pub cost_usd: Option<Usd>,
    /// The known part, if the total is unknown.
    #[serde(default)]
    pub known_cost_usd: Usd,
    /// Requests of unknown cost.
    #[serde(default)]
    pub unpriced: u64,
    /// The original cost of reused answers.
    #[serde(default)]
    pub saved_usd: Usd,
    /// Reused answers of unknown cost.
    #[serde(default)]
    pub saved_unpriced: u64,
    pub elapsed_ms: u64,
}

impl Past {
    /// The sum over all runs of a command: a comparison has two.
    pub fn of(outcomes: &[&Outcome], at: Timestamp) -> Self {
        let nothing = crate::scan::nothing_spent();
        let mut past = Self {
            at,
            cost_usd: Some(Usd(0)),
            ..Self::default()
        };
        for outcome in outcomes {
            let totals = &outcome.totals;
            let usage = outcome.usage.as_ref().unwrap_or(&nothing);
            let (cost, saved) = (usage.cost.part(), reused(outcome));
            past.hits += totals.cached;
            past.analyzed += totals.analyzed;
            past.failed += totals.failed;
            past.missing += totals.missing;
            past.skipped += totals.skipped;
            past.requests += u64::from(usage.requests);
            past.input_tokens = past.input_tokens.saturating_add(usage.input_tokens);
            past.cached_input_tokens = past
                .cached_input_tokens
                .saturating_add(usage.cached_input_tokens);
            past.output_tokens = past.output_tokens.saturating_add(usage.output_tokens);
            past.reasoning_tokens = past.reasoning_tokens.saturating_add(usage.reasoning_tokens);
            let sum = past.cost_usd.zip(usage.cost.usd);
            past.cost_usd = sum.map(|(so_far, more)| so_far.saturating_add(more));
            past.known_cost_usd = past.known_cost_usd.saturating_add(cost.known);
            past.unpriced = past.unpriced.saturating_add(cost.unpriced);
            past.saved_usd = past.saved_usd.saturating_add(saved.known);
            past.saved_unpriced = past.saved_unpriced.saturating_add(saved.unpriced);
            past.elapsed_ms = past.elapsed_ms.max(outcome.elapsed_ms);
        }
        past
    }

    /// The cost, as far as known.
    pub fn cost(&self) -> Part {
        match self.cost_usd {
            None => Part {
                known: self.known_cost_usd,
                unpriced: self.unpriced.max(1),
            },
            usd => Part::of(usd),
        }
    }

    /// The original cost of reused answers, as far as known.
    pub const fn saved(&self) -> Part {
        Part {
            known: self.saved_usd,
            unpriced: self.saved_unpriced,
        }
    }

    /// Rows that could have been hits.
    pub const fn questions(&self) -> u64 {
        let unanswered = self.failed.saturating_add(self.missing);
        let misses = self.analyzed.saturating_add(unanswered);
        self.hits.saturating_add(misses)
    }

    /// Appends the run to the log in `folder`. Ignores errors, and does not wait for the disk.
    pub fn remember(&self, folder: &OwnFolder) {
        let Ok(mut line) = serde_json::to_vec(self) else {
            return;
        };
        line.push(b'\n');
        let Ok(mut file) = folder.file_to_append(FILE) else {
            return;
        };
        // One write of one short line: two processes do not mix theirs.
        let written = file.write_all(&line);
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        if written.is_ok() && length > MOST_BYTES {
            let _ = folder.rename(FILE, OLDER);
        }
    }
}

/// The logged runs in `folder`, in order. Skips invalid lines.
pub fn past(folder: &OwnFolder) -> Vec<Past> {
    let lines = [OLDER, FILE].into_iter().flat_map(|name| {
        let file = folder.file(name).ok();
        let lines = file.map(|file| BufReader::new(file.take(2 * MOST_BYTES)).split(b'\n'));
        lines.into_iter().flatten().map_while(Result::ok)
    });
    lines
        .filter_map(|line| serde_json::from_slice(&line).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, OpenOptions};

    fn run(hits: u64) -> Past {
        Past {
            at: "2026-11-27T12:00:00Z".parse().unwrap(),
            hits,
            analyzed: 1,
            failed: 0,
            missing: 0,
            skipped: 0,
            requests: 1,
            input_tokens: 1000,
            cached_input_tokens: 0,
            output_tokens: 50,
            reasoning_tokens: 0,
            cost_usd: "0.0023".parse().ok(),
            known_cost_usd: "0.0023".parse().unwrap(),
            unpriced: 0,
            saved_usd: Usd(0),
            saved_unpriced: 0,
            elapsed_ms: 12,
        }
    }

    #[test]
    fn what_was_remembered_is_read_again_and_garbage_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        run(1).remember(&own);
        let mut file = OpenOptions::new()
            .append(true)
            .open(folder.path().join(FILE))
            .unwrap();
        file.write_all(b"{\"at\": 1}\nnothing\n\xff\n\n").unwrap();
        run(2).remember(&own);
        assert_eq!(past(&own), [run(1), run(2)]);
    }

    #[test]
    fn the_file_does_not_grow_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        for hits in 0..5_000 {
            run(hits).remember(&own);
        }
        let size = |name| fs::metadata(folder.path().join(name)).unwrap().len();
        assert!(size(FILE) <= MOST_BYTES + 1000 && size(OLDER) <= MOST_BYTES + 1000);
        let kept = past(&own);
        assert_eq!(kept.last(), Some(&run(4_999)));
        assert!(kept.len() > 1_000);
    }

    #[test]
    fn where_nothing_can_be_written_nothing_happens() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        fs::create_dir(&gone).unwrap();
        let own = OwnFolder::around(&gone).unwrap();
        fs::remove_dir(&gone).unwrap();
        run(1).remember(&own);
        assert!(past(&own).is_empty());
    }
}
