//! The JSON report of a run, in words that a test can compare. Not a check of its schema.

use serde_json::Value;

use super::{Output, Repo};

/// What `--output json` wrote.
#[derive(Debug)]
pub struct Report(pub Value);

impl Repo {
    /// Runs `analyze` with these arguments, which leave nothing to be said; the report, whatever
    /// the exit status.
    #[track_caller]
    pub fn analyze(&self, arguments: &[&str]) -> Report {
        self.analyze_in("", arguments)
    }

    /// As [`Repo::analyze`], in a folder of the repository.
    #[track_caller]
    pub fn analyze_in(&self, folder: &str, arguments: &[&str]) -> Report {
        let all = [&["analyze", "--output", "json"], arguments].concat();
        let output = self.run_in(folder, &all);
        assert_eq!(output.stderr, "", "{output:?}");
        Report::of(&output)
    }
}

impl Report {
    #[track_caller]
    pub fn of(output: &Output) -> Self {
        let report = serde_json::from_str(&output.stdout);
        assert!(report.is_ok(), "no report: {output:?}");
        Self(report.unwrap())
    }

    /// How many rows there are of each status: `2 cached, 1 analyzed`; `nothing` without rows.
    pub fn words(&self) -> String {
        let words = ["cached", "analyzed", "skipped", "failed", "missing"];
        let words = words.map(|word| (self.count(word), word));
        let words = words.iter().filter(|(count, _)| *count > 0);
        let words: Vec<String> = words.map(|(n, word)| format!("{n} {word}")).collect();
        if words.is_empty() {
            "nothing".to_owned()
        } else {
            words.join(", ")
        }
    }

    /// One number of the summary.
    #[track_caller]
    pub fn count(&self, name: &str) -> u64 {
        let count = self.0["summary"][name].as_u64();
        count.expect("a report counts its rows")
    }

    pub fn rows(&self) -> &[Value] {
        self.0["files"].as_array().unwrap()
    }

    /// `path: status` or `path: status: reason` of every row.
    pub fn lines(&self) -> Vec<String> {
        let line = |row: &Value| {
            let (path, status) = (row["path"].as_str()?, row["status"].as_str()?);
            let reason = row["reason"].as_str().filter(|_| status != "analyzed");
            let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
            Some(format!("{path}: {status}{reason}"))
        };
        self.rows().iter().map(|row| line(row).unwrap()).collect()
    }

    /// The blob ids of the rows that are answered, sorted, each once.
    pub fn answered_blobs(&self) -> Vec<String> {
        let answered = |row: &&Value| row["status"] == "cached" || row["status"] == "analyzed";
        let rows = self.rows().iter().filter(answered);
        let mut blobs: Vec<String> = rows
            .map(|row| row["blob"].as_str().unwrap().to_owned())
            .collect();
        blobs.sort();
        blobs.dedup();
        blobs
    }
}
