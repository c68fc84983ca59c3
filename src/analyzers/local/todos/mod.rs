//! The kind `todos`: the notes that authors leave to themselves, in comments and macros only.
//!
//! Levels: FIXME and XXX say that something is wrong, `todo!()` panics where it is reached: all
//! three are warnings outside tests. TODO, HACK and `unimplemented!()`, which is often meant to
//! stay, are notes.

mod mark;
mod note;

use std::collections::BTreeMap;

use mark::Priority;
use note::{Note, Tag};

use super::comment::{self, Line, Voice};
use super::phrase;
use super::subject::Subject;
use super::thresholds::Thresholds;
use crate::model::{Analysis, Finding, Level, MAX_FINDINGS};

/// The setting that asks each note for an issue.
const NEEDS_ISSUE: &str = "todoNeedsIssue";

/// The longest title, in characters; the message holds the whole text.
const MAX_TITLE: usize = 120;

/// Every note in the file.
///
/// Metrics: `notes`, one count for each rule (`todo`, `fixme`, `hack`, `xxx`, `todo_macro`,
/// `unimplemented_macro`), `priority_high`, `priority_medium`, `priority_low`, `with_owner`,
/// `with_reference`.
pub fn answer(subject: &Subject<'_>, thresholds: &Thresholds) -> Analysis {
    let mut findings: Vec<Finding> = in_comments(subject)
        .into_iter()
        .take(MAX_FINDINGS)
        .map(|note| from_note(subject, &note))
        .chain(from_macros(subject))
        .collect();
    findings.sort();
    findings.truncate(MAX_FINDINGS);
    let (summary, metrics) = (summary(&findings), metrics(&findings));
    if thresholds.get(NEEDS_ISSUE) > 0 {
        let unnamed: Vec<Finding> = findings.iter().filter_map(without_issue).collect();
        findings.extend(unnamed);
        findings.sort();
    }
    Analysis {
        summary,
        metrics,
        findings,
        ..Analysis::default()
    }
}

fn in_comments(subject: &Subject<'_>) -> Vec<Note> {
    let comments = &subject.sightings().comments;
    let blocks = comment::blocks(subject.text, comments, Clone::clone);
    let mut notes = Vec::new();
    for block in blocks {
        let mut lines: Vec<Line<'_>> = Vec::new();
        let mut voice = Voice::Aside;
        for range in block {
            let text = subject.text.get(range.clone()).unwrap_or_default();
            lines.extend(comment::lines(text, range.start));
            voice = comment::voice(text);
        }
        notes.extend(note::notes(&lines, voice));
    }
    for range in &subject.sightings().docstrings {
        let text = subject.text.get(range.clone()).unwrap_or_default();
        let lines = comment::docstring_lines(text, range.start);
        notes.extend(note::notes(&lines, Voice::Documentation));
    }
    for note in &mut notes {
        if let Some(condition) = mark::condition(&note.mark) {
            let text = match note.text.as_str() {
                "" => condition.to_owned(),
                text => format!("{condition}: {text}"),
            };
            note.text = text;
        }
    }
    notes.sort_by_key(|note| note.start);
    notes
}

fn from_note(subject: &Subject<'_>, note: &Note) -> Finding {
    let rule = note.tag.word().to_lowercase();
    let in_test = subject.sightings().is_test(note.start);
    let (level, meaning) = match note.tag {
        Tag::Todo => (Level::Note, "Work that its author put off."),
        Tag::Fixme => (
            Level::Warning,
            "Its author knows that this is wrong or incomplete.",
        ),
        Tag::Hack => (
            Level::Note,
            "A workaround that its author meant to replace.",
        ),
        Tag::Xxx => (Level::Warning, "Its author marked this place as doubtful."),
    };
    let mut finding = subject.finding(&rule, level, note.start..note.end);
    if in_test {
        finding.level = Level::Note;
    }
    finding.title = match note.text.as_str() {
        "" => format!("{} without a word of what is to be done", note.tag.word()),
        text => phrase::shortened(text, MAX_TITLE),
    };
    finding.message = if finding.title == note.text || note.text.is_empty() {
        meaning.to_owned()
    } else {
        format!("{meaning} In full: {}", note.text)
    };
    let priority = mark::priority(note.tag, &note.mark, &note.text);
    let details = [
        ("tag", Some(note.tag.word().to_owned())),
        ("text", Some(note.text.clone())),
        ("owner", mark::owner(&note.mark)),
        ("reference", mark::reference(&note.mark, &note.text)),
        ("priority", Some(priority.name().to_owned())),
    ];
    let known = details
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    finding.details.extend(known);
    finding
}

/// Said of a note in a comment, where the user wants each to name an issue.
fn without_issue(note: &Finding) -> Option<Finding> {
    let tag = note.details.get("tag")?;
    if note.details.contains_key("reference") || note.rule.ends_with("-macro") {
        return None;
    }
    Some(Finding {
        rule: "todo-without-issue".to_owned(),
        level: Level::Warning,
        title: format!("This {tag} names no issue"),
        message: "Nobody is reminded of what stands in a comment alone, and nobody can tell later \
                  whether it is still to be done."
            .to_owned(),
        suggestion: Some(format!("Write where it is tracked: `{tag}(#123): …`")),
        details: BTreeMap::new(),
        ..note.clone()
    })
}

fn from_macros<'a>(subject: &'a Subject<'_>) -> impl Iterator<Item = Finding> + 'a {
    let seen = subject.sightings();
    seen.unfinished.iter().map(|(name, range)| {
        let level = match (*name, seen.is_test(range.start)) {
            ("todo", false) => Level::Warning,
            _ => Level::Note,
        };
        let mut finding = subject.finding(&format!("{name}-macro"), level, range.clone());
        let call = subject.text.get(range.clone()).unwrap_or_default();
        let text = call.split('"').nth(1).unwrap_or_default();
        finding.title = match text {
            "" => format!("`{name}!` stands where code is to be"),
            text => phrase::shortened(text, MAX_TITLE),
        };
        finding.message = format!("`{name}!` panics when this code is reached.");
        finding.suggestion = Some("Write the missing code, or return an error instead".to_owned());
        let priority = match level {
            Level::Warning | Level::Error => Priority::High,
            Level::Note => Priority::Medium,
        };
        finding.details = BTreeMap::from([
            ("tag".to_owned(), format!("{name}!")),
            ("text".to_owned(), text.to_owned()),
            ("priority".to_owned(), priority.name().to_owned()),
        ]);
        finding
    })
}

/// The rules, in the order of the summary, and what stands in the text.
const RULES: [(&str, &str); 6] = [
    ("todo", "TODO"),
    ("fixme", "FIXME"),
    ("hack", "HACK"),
    ("xxx", "XXX"),
    ("todo-macro", "`todo!`"),
    ("unimplemented-macro", "`unimplemented!`"),
];

fn metrics(findings: &[Finding]) -> BTreeMap<String, i64> {
    let count = |wanted: &dyn Fn(&Finding) -> bool| {
        let number = findings.iter().filter(|finding| wanted(finding)).count();
        i64::try_from(number).unwrap_or(i64::MAX)
    };
    let mut metrics = BTreeMap::new();
    metrics.insert("notes".to_owned(), count(&|_| true));
    for (rule, _) in RULES {
        metrics.insert(
            rule.replace('-', "_"),
            count(&|finding| finding.rule == rule),
        );
    }
    for priority in ["high", "medium", "low"] {
        let with = |finding: &Finding| is_of_priority(finding, priority);
        metrics.insert(format!("priority_{priority}"), count(&with));
    }
    for name in ["owner", "reference"] {
        let with = |finding: &Finding| finding.details.contains_key(name);
        metrics.insert(format!("with_{name}"), count(&with));
    }
    metrics
}

fn is_of_priority(finding: &Finding, priority: &str) -> bool {
    finding
        .details
        .get("priority")
        .is_some_and(|own| own == priority)
}

fn summary(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "No notes in comments, no unfinished code.".to_owned();
    }
    let tags = RULES.iter().filter_map(|(rule, written)| {
        let number = findings
            .iter()
            .filter(|finding| finding.rule == *rule)
            .count();
        (number > 0).then(|| format!("{number} {written}"))
    });
    let urgent = findings
        .iter()
        .filter(|finding| is_of_priority(finding, "high"));
    let urgent = match urgent.count() {
        0 => String::new(),
        1 => " 1 is of high priority.".to_owned(),
        many => format!(" {many} are of high priority."),
    };
    let tags: Vec<String> = tags.collect();
    format!(
        "{}: {}.{urgent}",
        phrase::count(findings.len(), "note"),
        phrase::list(&tags)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    fn asked(text: &str, language: Language) -> Analysis {
        answer(
            &Subject::parse(text.as_bytes(), language).unwrap(),
            &Thresholds::default(),
        )
    }

    #[test]
    fn every_languages_comments_are_read_and_no_strings() {
        let texts = [
            (Language::Rust, "fn f() { g(\"TODO: no\"); } // TODO: yes"),
            (
                Language::Rust,
                "fn f() { g(r#\"// TODO: no\"#) } /* TODO: yes */",
            ),
            (Language::Python, "x = \"# TODO: no\"  # TODO: yes"),
            (Language::JavaScript, "let x = `// TODO: no`; // TODO: yes"),
            (
                Language::TypeScript,
                "let x: string = '// TODO: no'; // TODO: yes",
            ),
            (Language::Tsx, "let x = <a>{/* TODO: yes */}</a>;"),
            (
                Language::Go,
                "package p\nvar x = `// TODO: no` // TODO: yes",
            ),
            (
                Language::Java,
                "class A { String x = \"// TODO: no\"; /** TODO: yes */ }",
            ),
            (Language::C, "char *x = \"/* TODO: no */\"; /* TODO: yes */"),
            (Language::Cpp, "auto x = R\"(// TODO: no)\"; // TODO: yes"),
        ];
        for (language, text) in texts {
            let analysis = asked(text, language);
            let titles: Vec<_> = analysis.findings.iter().map(|f| f.title.as_str()).collect();
            assert_eq!(titles, ["yes"], "{language}: {text}");
        }
    }

    #[test]
    fn a_note_says_who_what_and_how_soon() {
        let text = "fn f() {\n    // FIXME(alice, #12): this is\n    // wrong\n    g();\n}\n";
        let finding = asked(text, Language::Rust).findings.remove(0);
        assert_eq!(
            (finding.rule.as_str(), finding.level),
            ("fixme", Level::Warning)
        );
        assert_eq!(finding.title, "this is wrong");
        assert_eq!(finding.item.as_deref(), Some("f"));
        assert_eq!((finding.start_line, finding.end_line), (2, 3));
        let detail = |name: &str| finding.details.get(name).map(String::as_str);
        assert_eq!(detail("owner"), Some("alice"));
        assert_eq!(detail("reference"), Some("#12"));
        assert_eq!(detail("priority"), Some("high"));
    }

    #[test]
    fn a_note_without_an_issue_is_told_where_the_user_wants_one() {
        let text = "// TODO: a\n// TODO(#12): b\n// FIXME: see https://a.example/1\n\
                    fn f() { todo!() }\n#[test]\nfn t() {\n    // HACK(alice): c\n}\n";
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let mut thresholds = Thresholds::default();
        let unnamed = |thresholds: &Thresholds| {
            let analysis = answer(&subject, thresholds);
            assert_eq!(analysis.metrics["notes"], 5);
            let found = analysis.findings.into_iter();
            let found = found.filter(|finding| finding.rule == "todo-without-issue");
            found.map(|f| (f.start_line, f.level)).collect::<Vec<_>>()
        };
        assert_eq!(unnamed(&thresholds), []);
        assert!(thresholds.set(NEEDS_ISSUE, 1));
        assert_eq!(
            unnamed(&thresholds),
            [(1, Level::Warning), (7, Level::Warning)]
        );
    }

    #[test]
    fn what_parentheses_hold_is_not_lost() {
        let title = |text: &str| asked(text, Language::Rust).findings.remove(0).title;
        assert_eq!(title("// TODO(MSRV 1.81): use it\n"), "MSRV 1.81: use it");
        assert_eq!(title("// TODO(MSRV 1.81)\n"), "MSRV 1.81");
        assert_eq!(title("// TODO(alice): use it\n"), "use it");
        assert_eq!(title("// TODO(P1): use it\n"), "use it");
    }

    #[test]
    fn a_docstring_of_python_is_a_comment() {
        let text = "\"\"\"Opens it.\n\nTODO: close it.\n\"\"\"\ndef f():\n    'FIXME: wrong'\n    x = 'TODO: no'\n    g('TODO: no')\n";
        let analysis = asked(text, Language::Python);
        let found: Vec<_> = analysis
            .findings
            .iter()
            .map(|f| (f.start_line, f.title.as_str()))
            .collect();
        assert_eq!(found, [(3, "close it."), (6, "wrong")]);
    }

    #[test]
    fn unfinished_code_is_a_warning_outside_tests() {
        let text =
            "fn f() { todo!(\"later\") }\n#[test]\nfn t() { todo!() }\nfn g() { unimplemented!() }";
        let analysis = asked(text, Language::Rust);
        let found: Vec<_> = analysis
            .findings
            .iter()
            .map(|finding| (finding.rule.as_str(), finding.level, finding.title.as_str()))
            .collect();
        let stands = "`todo!` stands where code is to be";
        assert_eq!(
            found,
            [
                ("todo-macro", Level::Warning, "later"),
                ("todo-macro", Level::Note, stands),
                (
                    "unimplemented-macro",
                    Level::Note,
                    "`unimplemented!` stands where code is to be"
                ),
            ]
        );
        assert_eq!(
            analysis.summary,
            "3 notes: 2 `todo!` and 1 `unimplemented!`. 1 is of high priority."
        );
        assert_eq!(analysis.metrics["todo_macro"], 2);
    }

    #[test]
    fn what_a_macro_is_defined_to_be_is_no_unfinished_code() {
        let rules = |text: &str| {
            let analysis = asked(text, Language::Rust);
            analysis
                .findings
                .into_iter()
                .map(|f| f.rule)
                .collect::<Vec<_>>()
        };
        for text in [
            "macro_rules! todo { ($($x:tt)*) => { ::core::todo!($($x)*) } }",
            "doc! { macro_rules! join { () => { unimplemented!() } } }",
            "fn f() { todo(); let a = todo != b; }",
        ] {
            assert_eq!(rules(text), [""; 0], "{text}");
        }
        let below = "macro_rules! m { () => { todo!() } }\nfn f() { todo!() }\n";
        assert_eq!(rules(below), ["todo-macro"]);
    }
}
