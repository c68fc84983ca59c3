//! JUnit's XML: a suite per file, in it a failing case per finding, and for each kind that found
//! nothing a case that passes, is skipped or could not be run.

use std::io::{self, Write};

use super::Context;
use super::advice::{advice, rule_id};
use super::place::root_path;
use super::unanswered::reason;
use super::xml::xml;
use crate::report::clean::clean_line;
use crate::report::{File, FileStatus, Remark, Report};

/// Renders all files, so that one without findings is seen to have been looked at.
pub fn render(report: &Report<'_>, _: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    let name = xml(report.tool.name);
    writeln!(out, r#"<testsuites name="{name}">"#)?;
    report.each_path(|files, remarks| suite(files, remarks, out))?;
    writeln!(out, "</testsuites>")
}

fn suite(files: &[File<'_>], remarks: &[Remark<'_>], out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = files.first() else {
        return Ok(());
    };
    let path = xml(&root_path(first.path));
    let is_silent = |file: &&File<'_>| !remarks.iter().any(|remark| remark.kind == file.kind);
    let silent: Vec<&File<'_>> = files.iter().filter(is_silent).collect();
    let with = |status: FileStatus| silent.iter().filter(|file| file.status == status).count();
    let (tests, failures) = (remarks.len() + silent.len(), remarks.len());
    let (errors, skipped) = (
        with(FileStatus::Failed),
        with(FileStatus::Skipped) + with(FileStatus::Missing),
    );
    writeln!(
        out,
        r#"  <testsuite name="{path}" tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}">"#
    )?;
    for remark in remarks {
        finding(remark, &path, out)?;
    }
    for file in silent {
        without_finding(file, &path, out)?;
    }
    writeln!(out, "  </testsuite>")
}

fn finding(remark: &Remark<'_>, path: &str, out: &mut dyn Write) -> io::Result<()> {
    let (rule, line) = (xml(&rule_id(remark)), remark.start_line);
    let (title, level) = (xml(&clean_line(remark.title)), remark.level);
    writeln!(
        out,
        r#"    <testcase classname="{path}" name="{rule} at {line}:{}" file="{path}" line="{line}">"#,
        remark.start_column
    )?;
    let text = xml(&advice(remark));
    writeln!(
        out,
        r#"      <failure message="{title}" type="{level}">{text}</failure>"#
    )?;
    writeln!(out, "    </testcase>")
}

fn without_finding(file: &File<'_>, path: &str, out: &mut dyn Write) -> io::Result<()> {
    let inside = match file.status {
        FileStatus::Failed => format!(r#"<error message="{}"/>"#, xml(&reason(file.row))),
        FileStatus::Skipped | FileStatus::Missing => {
            format!(r#"<skipped message="{}"/>"#, xml(&reason(file.row)))
        }
        FileStatus::Cached | FileStatus::Analyzed => String::new(),
    };
    let name = xml(file.kind.name());
    writeln!(
        out,
        r#"    <testcase classname="{path}" name="{name}" file="{path}">{inside}</testcase>"#
    )
}

#[cfg(test)]
mod tests {
    use crate::report::Format;
    use crate::report::sample::{hostile, mixed, outcome, paid, rendered};

    #[test]
    fn findings_fail_and_files_without_an_answer_do_not_pass() {
        insta::assert_snapshot!(rendered(Format::Junit, &mixed()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="git-rustassistant">
          <testsuite name="src/config.rs" tests="2" failures="2" errors="0" skipped="0">
            <testcase classname="src/config.rs" name="refactor/long-function at 3:1" file="src/config.rs" line="3">
              <failure message="Function of 4 lines" type="note">Function of 4 lines&#10;&#10;Long functions are hard to name, to test and to change.</failure>
            </testcase>
            <testcase classname="src/config.rs" name="refactor/unwrap at 4:38" file="src/config.rs" line="4">
              <failure message="`unwrap` on a `Result` that can fail at run time" type="warning">`unwrap` on a `Result` that can fail at run time&#10;&#10;If the file cannot be read, the whole program ends here, and its user is told nothing about which file it was.&#10;&#10;Return the error with `?` and say which file was read.</failure>
            </testcase>
          </testsuite>
          <testsuite name="src/failed.rs" tests="1" failures="0" errors="1" skipped="0">
            <testcase classname="src/failed.rs" name="refactor" file="src/failed.rs"><error message="refactor failed: the blob is missing from the repository"/></testcase>
          </testsuite>
          <testsuite name="src/key.rs" tests="1" failures="0" errors="0" skipped="1">
            <testcase classname="src/key.rs" name="refactor" file="src/key.rs"><skipped message="refactor skipped: line 3 looks like a secret"/></testcase>
          </testsuite>
          <testsuite name="src/large.rs" tests="1" failures="0" errors="0" skipped="1">
            <testcase classname="src/large.rs" name="refactor" file="src/large.rs"><skipped message="refactor skipped: too large (3000000 bytes, the limit is 1048576)"/></testcase>
          </testsuite>
          <testsuite name="src/larger.rs" tests="1" failures="0" errors="0" skipped="1">
            <testcase classname="src/larger.rs" name="refactor" file="src/larger.rs"><skipped message="refactor skipped: too large (3000000 bytes, the limit is 1048576)"/></testcase>
          </testsuite>
          <testsuite name="src/missing.rs" tests="1" failures="0" errors="0" skipped="1">
            <testcase classname="src/missing.rs" name="refactor" file="src/missing.rs"><skipped message="refactor missing: new"/></testcase>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn a_clean_file_passes() {
        let shown = rendered(Format::Junit, &paid());
        assert!(shown.contains(
            r#"<testcase classname="src/a.rs" name="refactor" file="src/a.rs"></testcase>"#
        ));
    }

    #[test]
    fn hostile_text_stays_in_its_element() {
        let shown = rendered(Format::Junit, &hostile());
        let document = roxmltree::Document::parse(&shown).unwrap();
        let failures = document.descendants().filter(|e| e.has_tag_name("failure"));
        let texts = failures.map(|failure| failure.text().unwrap());
        assert_eq!(
            texts.filter(|text| text.contains(":error file=a")).count(),
            2
        );
        assert_eq!(shown.lines().count(), 11);
    }

    #[test]
    fn no_files_are_no_suites() {
        insta::assert_snapshot!(rendered(Format::Junit, &outcome(vec![])), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="git-rustassistant">
        </testsuites>
        "#);
    }
}
