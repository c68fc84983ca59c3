//! In which roles of a file a finding of the embedded analyzer is worth telling, and what an answer says
//! of a file in a role. Not which role a path has: that is `model::Role`.

use std::sync::Arc;

use super::refactor;
use crate::model::{Analysis, Entry, Kind, Role, Roles};

/// The roles in which findings of a rule hold. Tests, examples and build scripts may be long, repeat
/// themselves, unwrap, and say nothing about themselves; nobody mends what others wrote.
pub fn holds_in(kind: &Kind, rule: &str) -> Roles {
    match (kind, rule) {
        // Of a suppression its own author is told.
        (_, "suppression-without-reason" | "unknown-suppression") => Roles::OWN,
        (Kind::Todos, "todo-macro" | "unimplemented-macro") => Roles::LIBRARY.with(Role::Build),
        (Kind::Todos, _) | (Kind::Analysis, "syntax-error") => Roles::OWN,
        _ => Roles::LIBRARY,
    }
}

/// An entry as it is seen at a path of this role: without what does not hold there. What the embedded
/// analyzer sums up is summed up anew.
pub fn in_role(entry: &Arc<Entry>, role: Role) -> Arc<Entry> {
    let mut findings = entry.analysis.findings.iter();
    if findings.all(|finding| finding.roles.contains(role)) {
        return Arc::clone(entry);
    }
    let mut entry = Entry::clone(entry);
    let findings = &mut entry.analysis.findings;
    findings.retain(|finding| finding.roles.contains(role));
    if !entry.is_paid() {
        sum_up(&entry.kind, &mut entry.analysis);
    }
    Arc::new(entry)
}

fn sum_up(kind: &Kind, analysis: &mut Analysis) {
    match kind {
        Kind::Refactor => refactor::sum_up(analysis),
        // What would be gained is what was found.
        Kind::Docs | Kind::Analysis if analysis.findings.is_empty() => analysis.suggestions.clear(),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::{Local, Source};
    use crate::model::{FORMAT, Fingerprint, Language, ObjectFormat, Oid};

    fn entry(text: &str, kind: Kind) -> Arc<Entry> {
        let source = Source {
            text: text.as_bytes(),
            language: Language::Rust,
        };
        let kinds = [kind.clone()];
        let analysis = Local::default().analyze(source, &kinds).unwrap().remove(0);
        let oid = Oid::of_blob(ObjectFormat::Sha1, text.as_bytes());
        Arc::new(Entry {
            format: FORMAT,
            blob: oid,
            fingerprint: Fingerprint(oid),
            kind,
            analyzer: "local/1".to_owned(),
            created: None,
            duration_ms: None,
            usage: None,
            analysis,
        })
    }

    const TEXT: &str = "// TODO: later\n\
                        pub fn f(a: u8, b: u8, c: u8, d: u8, e: u8, g: u8, h: u8, i: u8) {}\n";

    #[test]
    fn what_asks_for_restructuring_holds_in_code_that_others_use_and_is_counted_there_alone() {
        let entry = entry(TEXT, Kind::Refactor);
        assert!(!entry.analysis.findings.is_empty());
        let library = in_role(&entry, Role::Library);
        assert!(Arc::ptr_eq(&library, &entry));
        for role in [Role::Test, Role::Bench, Role::Example, Role::Vendored] {
            let seen = in_role(&entry, role);
            assert!(seen.analysis.findings.is_empty(), "{role}");
            assert!(seen.analysis.suggestions.is_empty(), "{role}");
            assert_eq!(seen.analysis.metrics["effort_minutes"], 0);
            assert_eq!(seen.analysis.metrics["warnings"], 0);
            assert!(seen.analysis.summary.starts_with("Nothing here"), "{role}");
        }
    }

    #[test]
    fn a_note_of_an_author_is_one_wherever_its_people_write() {
        let entry = entry(TEXT, Kind::Todos);
        assert_eq!(in_role(&entry, Role::Test).analysis.findings.len(), 1);
        assert!(in_role(&entry, Role::Vendored).analysis.findings.is_empty());
    }
}
