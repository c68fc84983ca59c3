//! Checkstyle's XML, which Jenkins and many older tools read. It has no room for the end of a span.

use std::io::{self, Write};

use super::Context;
use super::advice::{advice, rule_id};
use super::place::root_path;
use super::unanswered::reason;
use super::xml::xml;
use crate::model::{Level, Row, Status};
use crate::report::{Remark, Report};

/// Renders one `file` element per file that has findings or has no answer.
pub fn render(report: &Report<'_>, _: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<checkstyle version="4.3">"#)?;
    report.each_path(|files, remarks| {
        let failures = files.iter().filter_map(|file| of_row(file.row));
        let errors: Vec<String> = remarks.iter().map(of_finding).chain(failures).collect();
        let Some(file) = files.first().filter(|_| !errors.is_empty()) else {
            return Ok(());
        };
        writeln!(out, r#"  <file name="{}">"#, xml(&root_path(file.path)))?;
        for error in errors {
            writeln!(out, "    {error}")?;
        }
        writeln!(out, "  </file>")
    })?;
    writeln!(out, "</checkstyle>")
}

fn of_finding(remark: &Remark<'_>) -> String {
    let severity = match remark.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "info",
    };
    let (line, column) = (remark.start_line, remark.start_column);
    error(line, column, severity, &advice(remark), &rule_id(remark))
}

fn of_row(row: &Row) -> Option<String> {
    let severity = match row.status {
        Status::Failed(_) => "error",
        Status::Missing(_) => "warning",
        _ => return None,
    };
    let rule = format!("{}/{}", row.kind, row.status.name());
    Some(error(1, 1, severity, &reason(row), &rule))
}

fn error(line: u32, column: u32, severity: &str, message: &str, rule: &str) -> String {
    let (message, rule) = (xml(message), xml(rule));
    format!(
        r#"<error line="{line}" column="{column}" severity="{severity}" message="{message}" source="rustassistant.{rule}"/>"#
    )
}

#[cfg(test)]
mod tests {
    use crate::report::Format;
    use crate::report::sample::{hostile, mixed, outcome, rendered};

    #[test]
    fn a_file_holds_its_findings_or_why_there_are_none() {
        insta::assert_snapshot!(rendered(Format::Checkstyle, &mixed()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <checkstyle version="4.3">
          <file name="src/config.rs">
            <error line="3" column="1" severity="info" message="Function of 4 lines&#10;&#10;Long functions are hard to name, to test and to change." source="rustassistant.refactor/long-function"/>
            <error line="4" column="38" severity="warning" message="`unwrap` on a `Result` that can fail at run time&#10;&#10;If the file cannot be read, the whole program ends here, and its user is told nothing about which file it was.&#10;&#10;Return the error with `?` and say which file was read." source="rustassistant.refactor/unwrap"/>
          </file>
          <file name="src/failed.rs">
            <error line="1" column="1" severity="error" message="refactor failed: the blob is missing from the repository" source="rustassistant.refactor/failed"/>
          </file>
          <file name="src/missing.rs">
            <error line="1" column="1" severity="warning" message="refactor missing: new" source="rustassistant.refactor/missing"/>
          </file>
        </checkstyle>
        "#);
    }

    #[test]
    fn hostile_text_stays_in_its_attribute() {
        let shown = rendered(Format::Checkstyle, &hostile());
        let document = roxmltree::Document::parse(&shown).unwrap();
        let errors = document.descendants().filter(|e| e.has_tag_name("error"));
        let messages = errors.map(|error| error.attribute("message").unwrap());
        assert_eq!(messages.filter(|m| m.contains(":error file=a")).count(), 3);
        assert_eq!(shown.lines().count(), 8);
    }

    #[test]
    fn no_findings_are_an_empty_document() {
        insta::assert_snapshot!(rendered(Format::Checkstyle, &outcome(vec![])), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <checkstyle version="4.3">
        </checkstyle>
        "#);
    }
}
