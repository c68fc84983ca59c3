//! The embedded analyzer's answers to texts in which it was once wrong, by theme, and to texts near
//! them. Not how it comes to them: its own tests stand beside its parts.

mod documents;
mod errors;
mod figures;
mod files;
mod functions;
mod grammar;
mod intent;
mod items;
mod macros;
mod notes;
mod roles;
mod words;

use rustassistant::analyzers::{Local, Source};
use rustassistant::model::{Analysis, Kind, Language, RepoPath, Role, Skip};

/// A path, the kind that is asked of its text, the text, and what is told: a level, a rule and an item.
type Row<'a> = (&'a str, Kind, &'a str, &'a [&'a str]);

/// All rows at once, so that whoever changes a rule sees all that it changes.
#[track_caller]
fn check(rows: &[Row<'_>]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(path, kind, text, expected)| {
            let told = told(path, kind, text);
            (told != *expected).then(|| {
                format!("{kind} of {path}:\n{text:.400}\ntold {told:?}\n not {expected:?}")
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What is told of a text at a path, in order.
fn told(path: &str, kind: &Kind, text: &str) -> Vec<String> {
    let role = Role::of(&RepoPath::from(path));
    let analysis = match answer(path, kind, text.as_bytes()) {
        Ok(analysis) => analysis,
        Err(skip) => return vec![format!("skipped: {skip}")],
    };
    let findings = analysis.findings.into_iter();
    findings
        .filter(|finding| finding.roles.contains(role))
        .map(|finding| {
            let item = finding.item.map(|item| format!(" {item}"));
            let (level, rule) = (finding.level, finding.rule);
            format!("{level} {rule}{}", item.unwrap_or_default())
        })
        .collect()
}

fn answer(path: &str, kind: &Kind, text: &[u8]) -> Result<Analysis, Skip> {
    let language = Language::of_path(path.as_bytes()).expect("the path has an ending we know");
    let source = Source { text, language };
    let mut answers = Local::default().analyze(source, std::slice::from_ref(kind))?;
    Ok(answers.remove(0))
}

/// As many branches inside each other.
fn deep(levels: usize) -> String {
    format!("{}g();{}", "if (a) { ".repeat(levels), " }".repeat(levels))
}
