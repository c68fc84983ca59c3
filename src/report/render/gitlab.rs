//! GitLab's Code Quality report: a JSON list for `artifacts:reports:codequality`.

use std::io::{self, Write};

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::Context;
use super::advice::rule_id;
use super::json::write_pretty;
use super::place::root_path;
use super::unanswered::{reason, unanswered};
use crate::model::{Level, Row, Status, with_path};
use crate::report::clean::clean_line;
use crate::report::{Remark, Report};

/// Renders one item per finding and per file without an answer; an empty list if there are none.
pub fn render(report: &Report<'_>, _: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_pretty(&Items(report), out)?;
    writeln!(out)
}

/// The list, one item after the other.
struct Items<'r, 'a>(&'r Report<'a>);

impl Serialize for Items<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(None)?;
        self.0
            .each_finding(|remark| items.serialize_element(&of_finding(remark)))?;
        for row in unanswered(self.0) {
            items.serialize_element(&of_row(row))?;
        }
        items.end()
    }
}

/// The rule stands in the description too: GitLab does not show `check_name`.
fn of_finding(remark: &Remark<'_>) -> Value {
    let rule = rule_id(remark);
    json!({
        "description": format!("{rule}: {}", clean_line(remark.title)),
        "check_name": rule,
        "fingerprint": with_path(&remark.id, remark.path.as_bytes()),
        "severity": match remark.level {
            Level::Error => "major",
            Level::Warning => "minor",
            Level::Note => "info",
        },
        "location": {
            "path": root_path(remark.path),
            "lines": { "begin": remark.start_line.max(1) },
        },
    })
}

fn of_row(row: &Row) -> Value {
    let check = format!("{}/{}", row.kind, row.status.name());
    json!({
        "description": reason(row),
        "fingerprint": with_path(&check, row.path.as_bytes()),
        "check_name": check,
        "severity": match row.status {
            Status::Failed(_) => "major",
            _ => "minor",
        },
        "location": { "path": root_path(&row.path), "lines": { "begin": 1 } },
    })
}

/// With the path: of items with one fingerprint GitLab shows the first alone, and a blob may lie
/// at several paths.
#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::model::{Origin, Status};
    use crate::report::Format;
    use crate::report::sample::{hostile, mixed, outcome, rendered, row};

    fn items(outcome: &crate::model::Outcome) -> Vec<Value> {
        serde_json::from_str(&rendered(Format::Gitlab, outcome)).unwrap()
    }

    #[test]
    fn a_finding_and_a_file_without_an_answer_are_items() {
        let items = items(&mixed());
        assert_eq!(items.len(), 4);
        insta::assert_json_snapshot!(items[1], @r#"
        {
          "check_name": "refactor/unwrap",
          "description": "refactor/unwrap: `unwrap` on a `Result` that can fail at run time",
          "fingerprint": "98b14ba625a9aece55e375feb5aba4fbc45e8a8b510ced23391f5487070123a8",
          "location": {
            "lines": {
              "begin": 4
            },
            "path": "src/config.rs"
          },
          "severity": "minor"
        }
        "#);
        insta::assert_json_snapshot!(items[2], @r#"
        {
          "check_name": "refactor/failed",
          "description": "refactor failed: the blob is missing from the repository",
          "fingerprint": "654a2b7a93106462dd8d16efe78b5740a74a7e50d27a20fbdbbb4e304597285a",
          "location": {
            "lines": {
              "begin": 1
            },
            "path": "src/failed.rs"
          },
          "severity": "major"
        }
        "#);
    }

    #[test]
    fn the_same_blob_at_two_paths_has_its_own_fingerprints() {
        let twin = |path| row(path, Status::Cached(Origin::Here));
        let items = items(&outcome(vec![twin("a.rs"), twin("b.rs")]));
        let distinct: HashSet<&str> = items
            .iter()
            .map(|item| item["fingerprint"].as_str().unwrap())
            .collect();
        assert_eq!((items.len(), distinct.len()), (4, 4));
    }

    #[test]
    fn hostile_text_is_valid_json() {
        assert_eq!(items(&hostile()).len(), 3);
    }

    #[test]
    fn no_findings_are_an_empty_list() {
        assert_eq!(rendered(Format::Gitlab, &outcome(vec![])), "[]\n");
    }
}
