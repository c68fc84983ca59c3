//! The report as events, one JSON object per line, for programs that read as they go.
//!
//! `start`, then `file` and `finding` events, `comparison` if there was one, `usage` if a model was involved, a `warning` for
//! what stayed without an answer, and exactly one last event: `complete`, or `error` if the run
//! was interrupted.

use std::io::{self, Write};

use serde::Serialize;

use super::Context;
use super::json::write_escaped;
use crate::model::Usd;
use crate::report::wording::count;
use crate::report::{Comparison, File, Looked, Remark, Report, Summary, Tokens, Tool};

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event<'a> {
    Start {
        schema: &'static str,
        tool: Tool,
        revision: Looked<'a>,
    },
    File(&'a File<'a>),
    Finding(&'a Remark<'a>),
    Comparison(&'a Comparison<'a>),
    Usage {
        requests: u32,
        tokens: Tokens,
        cost_usd: Option<Usd>,
        saved_usd: Option<Usd>,
    },
    Warning {
        message: String,
    },
    Complete {
        summary: &'a Summary,
    },
    Error {
        message: &'static str,
        summary: &'a Summary,
    },
}

/// Renders one event per line.
pub fn render(report: &Report<'_>, _: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut write = |event: &Event<'_>| {
        write_escaped(&serde_json::to_string(event)?, out)?;
        writeln!(out)
    };
    write(&Event::Start {
        schema: report.schema,
        tool: report.tool,
        revision: report.revision,
    })?;
    report.each_file(|file| write(&Event::File(file)))?;
    report.each_finding(|finding| write(&Event::Finding(finding)))?;
    closing(report).try_for_each(|event| write(&event))
}

fn closing<'a>(report: &'a Report<'a>) -> impl Iterator<Item = Event<'a>> {
    let summary = &report.summary;
    let comparison = report.comparison.as_ref().map(Event::Comparison);
    let usage = summary.model_involved.then_some(Event::Usage {
        requests: summary.requests,
        tokens: summary.tokens,
        cost_usd: summary.cost_usd,
        saved_usd: summary.saved_usd,
    });
    let unanswered = summary.failed + summary.missing;
    let warning = (unanswered > 0).then(|| Event::Warning {
        message: format!("{} without an answer", count(unanswered, "row")),
    });
    let last = if summary.interrupted {
        Event::Error {
            message: "interrupted",
            summary,
        }
    } else {
        Event::Complete { summary }
    };
    let events = comparison.into_iter().chain(usage).chain(warning);
    events.chain([last])
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::model::{Outcome, Stop};
    use crate::report::Format;
    use crate::report::Verbosity;
    use crate::report::sample::{
        compared, hostile, mixed, outcome, paid, rendered, rendered_comparison,
    };

    fn events(outcome: &Outcome) -> Vec<Value> {
        let text = rendered(Format::Jsonl, outcome);
        let parse = |line: &str| serde_json::from_str(line).unwrap();
        text.lines().map(parse).collect()
    }

    fn names(outcome: &Outcome) -> String {
        let events = events(outcome);
        let names: Vec<&str> = events
            .iter()
            .map(|e| e["event"].as_str().unwrap())
            .collect();
        names.join(" ")
    }

    #[test]
    fn events_come_in_order_and_exactly_one_is_last() {
        assert_eq!(names(&outcome(vec![])), "start complete");
        assert_eq!(
            names(&mixed()),
            "start file file file file file file finding finding warning complete"
        );
        assert_eq!(
            names(&paid()),
            "start file file file finding finding usage complete"
        );
        let mut interrupted = outcome(vec![]);
        interrupted.stopped = Some(Stop::Interrupted);
        assert_eq!(names(&interrupted), "start error");
    }

    #[test]
    fn a_comparison_is_told_after_the_findings() {
        let shown = rendered_comparison(Format::Jsonl, &compared(), Verbosity::Normal);
        let event = shown
            .lines()
            .find(|line| line.contains("comparison"))
            .unwrap();
        insta::assert_snapshot!(event, @r#"{"event":"comparison","base":{"at":"commit","rev":"v1.0","commit":"fcad765822a69c7de41bb1db186c57b160409923"},"new":{"error":0,"warning":1,"note":0},"fixed":{"error":0,"warning":0,"note":1},"unchanged":{"error":0,"warning":0,"note":1},"reclassified":0,"unknown":[{"path":"src/unknown.rs","kind":"refactor","side":"before","reason":"new"}]}"#);
    }

    #[test]
    fn an_event_is_one_line_whatever_it_says() {
        assert_eq!(
            names(&hostile()),
            "start file file finding finding warning complete"
        );
    }

    #[test]
    fn a_report_of_nothing_is_two_lines() {
        insta::assert_snapshot!(rendered(Format::Jsonl, &outcome(vec![])), @r#"
        {"event":"start","schema":"rustassistant/report/v1","tool":{"name":"git-rustassistant","version":"1.2.3"},"revision":{"at":"worktree","rev":null,"commit":null}}
        {"event":"complete","summary":{"files":0,"rows":0,"cached":0,"analyzed":0,"skipped":0,"failed":0,"missing":0,"requests":0,"findings":{"error":0,"warning":0,"note":0},"tokens":{"input":0,"cached_input":0,"output":0,"reasoning":0},"cost_usd":"0","saved_usd":"0","elapsed_ms":12,"interrupted":false,"stopped":null}}
        "#);
    }
}
