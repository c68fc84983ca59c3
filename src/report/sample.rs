//! Outcomes to test with: small, complete, and one that is as hostile as an entry can be.

use std::sync::Arc;

use super::render::{Color, Context, Format, Verbosity, render};
use super::{Report, Tool, build, compare};
use crate::model::{
    Analysis, Cause, Cost, CostSource, Entry, Failure, Finding, Fingerprint, Held, Kind, Level,
    Miss, ObjectFormat, Oid, Origin, Outcome, Part, RepoPath, Revision, Row, Skip, Status, Stop,
    Suggestion, Totals, Usage,
};

pub const TOOL: Tool = Tool {
    name: "git-rustassistant",
    version: "1.2.3",
};

pub const SOURCE: &str = "\
use std::fs;

fn load(path: &Path) -> Config {
\tlet text = fs::read_to_string(path).unwrap();
    parse(&text)
}
";

/// The bytes of the sample's one blob, as `Context::sources` wants them.
pub fn source(blob: &Oid) -> Option<Arc<[u8]>> {
    (*blob == oid(SOURCE)).then(|| SOURCE.as_bytes().into())
}

/// Where no text can be had.
pub fn no_source(_: &Oid) -> Option<Arc<[u8]>> {
    None
}

/// Renders without color, 80 columns wide, from the root.
pub fn rendered(format: Format, outcome: &Outcome) -> String {
    rendered_with(format, outcome, |_| {})
}

pub fn rendered_with(format: Format, outcome: &Outcome, adapt: fn(&mut Context<'_>)) -> String {
    let mut context = Context {
        color: Color::Never,
        width: 80,
        folder: Vec::new(),
        answerer: String::new(),
        held_by: None,
        category: None,
        about: &|_, _| None,
        verbosity: Verbosity::Normal,
        top: None,
        sources: &source,
    };
    adapt(&mut context);
    let mut out = Vec::new();
    render(format, &build(outcome, TOOL), &context, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub fn oid(text: &str) -> Oid {
    Oid::of_blob(ObjectFormat::Sha1, text.as_bytes())
}

pub fn finding() -> Finding {
    Finding {
        start_line: 4,
        start_column: 38,
        end_line: 4,
        end_column: 44,
        rule: "unwrap".into(),
        level: Level::Warning,
        item: Some("load".into()),
        title: "`unwrap` on a `Result` that can fail at run time".into(),
        message: "If the file cannot be read, the whole program ends here, and its user is told \
                  nothing about which file it was."
            .into(),
        suggestion: Some("Return the error with `?` and say which file was read.".into()),
        confidence: None,
        anchor: "fs::read_to_string(path).unwrap()".into(),
        about: crate::model::About::Text,
        roles: crate::model::Roles::EVERY,
        details: [("value".to_owned(), "1".to_owned())].into(),
    }
}

/// A finding on a whole function.
pub fn long_finding() -> Finding {
    Finding {
        start_line: 3,
        start_column: 1,
        end_line: 6,
        end_column: 2,
        rule: "long-function".into(),
        level: Level::Note,
        item: Some("load".into()),
        title: "Function of 4 lines".into(),
        message: "Long functions are hard to name, to test and to change.".into(),
        suggestion: None,
        confidence: None,
        anchor: "fn load(path: &Path) -> Config {".into(),
        about: crate::model::About::Text,
        roles: crate::model::Roles::EVERY,
        details: [].into(),
    }
}

pub fn entry() -> Entry {
    Entry {
        format: 1,
        blob: oid(SOURCE),
        fingerprint: Fingerprint(oid("recipe")),
        kind: Kind::Refactor,
        analyzer: "local/1".into(),
        created: None,
        duration_ms: None,
        usage: None,
        analysis: Analysis {
            summary: "One function reads a file.".into(),
            metrics: [("lines".to_owned(), 6)].into(),
            findings: vec![long_finding(), finding()],
            suggestions: vec![Suggestion {
                title: "Return errors".into(),
                detail: "Let `load` return a `Result`.".into(),
                effort_minutes: Some(10),
            }],
            document: None,
        },
    }
}

pub fn usage() -> Usage {
    Usage {
        requests: 2,
        input_tokens: 41_210,
        cached_input_tokens: 12_032,
        output_tokens: 6_880,
        reasoning_tokens: 100,
        cost: Cost {
            usd: Some("0.0712".parse().unwrap()),
            source: CostSource::Provider,
            part: Part::default(),
        },
        raw: serde_json::Value::Null,
    }
}

pub fn row(path: &str, status: Status) -> Row {
    let answered = matches!(status, Status::Cached(_) | Status::Analyzed(_));
    Row {
        path: path.into(),
        blob: oid(SOURCE),
        kind: Kind::Refactor,
        role: crate::model::Role::Library,
        fingerprint: answered.then(|| Fingerprint(oid("recipe"))),
        status,
        publisher: None,
        entry: answered.then(|| Held::whole(Arc::new(entry()))),
    }
}

pub fn outcome(rows: Vec<Row>) -> Outcome {
    let mut totals = Totals::default();
    rows.iter().for_each(|row| totals.add(row));
    Outcome {
        revision: Revision::WorkTree,
        rows,
        totals,
        usage: None,
        elapsed_ms: 12,
        stopped: None,
    }
}

/// The example of docs/formats.md: one finding, one file left out.
pub fn example() -> Outcome {
    let mut analyzed = row("src/config.rs", Status::Analyzed(Miss::New));
    let entry = analyzed.entry.as_mut().unwrap().to_mut();
    entry.analysis.findings = vec![finding()];
    let key = row("src/key.rs", Status::Skipped(Skip::Secret { line: 3 }));
    outcome(vec![analyzed, key])
}

/// One row in each status but `analyzed`.
pub fn mixed() -> Outcome {
    let too_large = Skip::TooLarge {
        bytes: 3_000_000,
        limit: 1_048_576,
    };
    outcome(vec![
        row("src/config.rs", Status::Cached(Origin::Here)),
        row(
            "src/failed.rs",
            Status::Failed(Failure::new(
                Cause::Source,
                "the blob is missing from the repository",
            )),
        ),
        row("src/key.rs", Status::Skipped(Skip::Secret { line: 3 })),
        row("src/large.rs", Status::Skipped(too_large.clone())),
        row("src/larger.rs", Status::Skipped(too_large)),
        row("src/missing.rs", Status::Missing(Miss::New)),
    ])
}

/// Answers that a model gave: one cached from a remote, one new.
pub fn paid() -> Outcome {
    let mut analyzed = row("src/a.rs", Status::Analyzed(Miss::New));
    let mut cached = row("src/b.rs", Status::Cached(Origin::Remote("origin".into())));
    for (row, recipe) in [(&mut analyzed, "one"), (&mut cached, "two")] {
        let mut entry = entry();
        entry.analyzer = "xai/grok-4.7".into();
        entry.fingerprint = Fingerprint(oid(recipe));
        entry.created = Some("2026-11-02T10:00:00Z".parse().unwrap());
        entry.usage = Some(usage());
        entry.analysis.findings.clear();
        row.entry = Some(Held::whole(Arc::new(entry)));
    }
    let here = row("src/c.rs", Status::Cached(Origin::Here));
    let mut outcome = outcome(vec![analyzed, cached, here]);
    outcome.usage = Some(usage());
    outcome.revision = Revision::Commit {
        rev: "HEAD".into(),
        commit: Some(oid("commit")),
    };
    outcome
}

/// One finding is new, one is as it was, one fixed in a file that is gone, and one file is unknown.
pub fn compared() -> Report<'static> {
    let mut before = vec![
        row("src/config.rs", Status::Cached(Origin::Here)),
        row("src/old.rs", Status::Cached(Origin::Here)),
        row("src/unknown.rs", Status::Missing(Miss::New)),
    ];
    for (row, rule) in before.iter_mut().zip(["long-function", "deep-nesting"]) {
        row.blob = oid(rule);
        let mut finding = long_finding();
        finding.rule = rule.into();
        let entry = row.entry.as_mut().unwrap().to_mut();
        entry.analysis.findings = vec![finding];
    }
    let mut before = outcome(before);
    before.revision = Revision::Commit {
        rev: "v1.0".into(),
        commit: Some(oid("commit")),
    };
    let after = outcome(vec![row("src/config.rs", Status::Cached(Origin::Here))]);
    // Tests end: what they compare may stay.
    compare(
        Box::leak(Box::new(before)),
        Box::leak(Box::new(after)),
        TOOL,
    )
}

pub fn rendered_comparison(format: Format, report: &Report<'_>, verbosity: Verbosity) -> String {
    let context = Context {
        color: Color::Never,
        width: 80,
        folder: Vec::new(),
        answerer: String::new(),
        held_by: None,
        category: None,
        about: &|_, _| None,
        verbosity,
        top: None,
        sources: &source,
    };
    let mut out = Vec::new();
    render(format, report, &context, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Text that steers terminals, spans that lie outside of any file, a path that is no text.
pub fn hostile() -> Outcome {
    let evil = "\x1b]0;x\x07\u{9b}2J\u{202e}\n::error file=a::b\r\n##[error]c\u{200b}";
    let mut entry = entry();
    let mut finding = finding();
    finding.rule = evil.into();
    finding.title = evil.into();
    finding.item = Some(evil.into());
    finding.message = format!("{evil} {}", "::warning::x ".repeat(20));
    finding.suggestion = Some(evil.into());
    let mut far = finding.clone();
    (far.start_line, far.start_column) = (u32::MAX, u32::MAX);
    (far.end_line, far.end_column) = (0, 0);
    finding.end_column = u32::MAX;
    entry.kind = Kind::Analysis;
    entry.analysis.findings = vec![finding, far];
    entry.analysis.summary = evil.into();
    entry.analysis.document = Some(evil.into());
    let mut row = row("", Status::Cached(Origin::Remote(evil.into())));
    row.path = RepoPath::new(*b"::error::\xff\x1b[2J.rs");
    row.kind = Kind::Analysis;
    row.entry = Some(Held::whole(Arc::new(entry)));
    let mut failed = row.clone();
    failed.status = Status::Failed(Failure::new(Cause::Refused, evil));
    failed.entry = None;
    outcome(vec![row, failed])
}

/// What pages make links, pictures, HTML, mentions, commands and proposals of.
pub const MARKUP: &str = "[a](javascript:b) \\[c](http://d) ![e](http://f) <script>g</script> <!-- h \
                          --> <img src=http://i> @j #12 !3 k@l.m www.n.o http://p `q` ]]> &lt;r> \
                          ::error::s %0A::t {0} [u]: http://v";

/// Everywhere in an entry, and in the name of its file, text that is markup somewhere.
pub fn markup() -> Outcome {
    let lines = format!("{MARKUP}\n\n```suggestion\n{MARKUP}\n```\n# {MARKUP}");
    let mut entry = entry();
    entry.analysis.findings = vec![Finding {
        rule: MARKUP.into(),
        item: Some(MARKUP.into()),
        title: MARKUP.into(),
        message: lines.clone(),
        suggestion: Some(lines.clone()),
        ..finding()
    }];
    entry.analysis.summary = lines.clone();
    entry.analysis.document = Some(lines);
    let mut found = row("", Status::Cached(Origin::Remote(MARKUP.into())));
    found.path = RepoPath::new(*b"[a](http:b)<img>@c#1.rs");
    found.entry = Some(Held::whole(Arc::new(entry)));
    let mut failed = found.clone();
    failed.status = Status::Failed(Failure::new(Cause::Refused, MARKUP));
    failed.entry = None;
    let mut outcome = outcome(vec![found, failed]);
    outcome.stopped = Some(Stop::Provider(MARKUP.into()));
    outcome.revision = Revision::Commit {
        rev: MARKUP.into(),
        commit: None,
    };
    outcome
}
