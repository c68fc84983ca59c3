//! What is known of one question about one target: one value from the lookup to the report, changed in
//! place as more becomes known.

use std::collections::HashMap;
use std::sync::Arc;

use super::lookup::Reading;
use crate::analyzers::in_role;
use crate::model::{
    Analysis, ByOid, Entry, Failure, Held, Kind, Language, Level, Miss, Oid, Origin, Role, Roles,
    Skip, Status,
};

/// A status, and the answer if there is one.
#[derive(Clone, Debug)]
pub struct State {
    /// What it is called in a report. `Missing` until somebody answers.
    pub status: Status,
    /// With the statuses `Cached` and `Analyzed`, and no other.
    pub answer: Option<Answer>,
}

/// The states of questions that are open: by blob, language and the number of the kind.
pub type States = HashMap<(Oid, Language, usize), State, ByOid>;

/// Findings by level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    pub errors: u32,
    pub warnings: u32,
    pub notes: u32,
}

/// An answer as it is seen in one role, as far as it is wanted.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub levels: Levels,
    pub entry: Option<Held>,
}

/// An answer, in the roles of all paths of its blob.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    view: View,
    /// In other roles, where the blob lies at several places.
    others: Option<Box<[(Role, View)]>>,
}

impl State {
    pub const fn missing(miss: Miss) -> Self {
        Self::without(Status::Missing(miss))
    }

    pub const fn skipped(skip: Skip) -> Self {
        Self::without(Status::Skipped(skip))
    }

    pub const fn failed(failure: Failure) -> Self {
        Self::without(Status::Failed(failure))
    }

    /// The store has the answer.
    pub const fn cached(origin: Origin, answer: Answer) -> Self {
        Self {
            status: Status::Cached(origin),
            answer: Some(answer),
        }
    }

    const fn without(status: Status) -> Self {
        Self {
            status,
            answer: None,
        }
    }

    /// Somebody was asked and has answered: a miss until now.
    pub fn analyzed(&mut self, answer: Answer) {
        let miss = match &self.status {
            Status::Missing(miss) => miss.clone(),
            _ => Miss::New,
        };
        *self = Self {
            status: Status::Analyzed(miss),
            answer: Some(answer),
        };
    }

    /// Says more of a miss of which nothing is known but that.
    pub fn is_new_because(&mut self, miss: &Miss) {
        if self.status == Status::Missing(Miss::New) {
            self.status = Status::Missing(miss.clone());
        }
    }

    pub const fn is_missing(&self) -> bool {
        matches!(self.status, Status::Missing(_))
    }
}

impl Answer {
    /// What is seen of an entry at paths of these roles.
    pub fn new(entry: Arc<Entry>, reading: Reading, roles: Roles) -> Self {
        let view = |role| View::new(in_role(&entry, role), reading);
        let mut roles = roles.iter();
        let first = view(roles.next().unwrap_or_default());
        let others: Vec<_> = roles.map(|role| (role, view(role))).collect();
        Self {
            view: first,
            others: (!others.is_empty()).then(|| others.into()),
        }
    }

    pub fn in_role(&self, role: Role) -> &View {
        let mut others = self.others.iter().flatten();
        let other = others.find(|(other, _)| *other == role);
        other.map_or(&self.view, |(_, view)| view)
    }
}

impl View {
    fn new(entry: Arc<Entry>, reading: Reading) -> Self {
        let mut levels = Levels::default();
        for finding in &entry.analysis.findings {
            *match finding.level {
                Level::Error => &mut levels.errors,
                Level::Warning => &mut levels.warnings,
                Level::Note => &mut levels.notes,
            } += 1;
        }
        Self {
            levels,
            entry: match reading {
                Reading::Nothing | Reading::Counts => None,
                Reading::Findings => shown_among_many(&entry).map(Held::new),
                Reading::Entries => Some(Held::new(entry)),
            },
        }
    }
}

/// An entry without what is shown of a single file alone: its document, its metrics, and the summary
/// of an analyzer that only counts. `None` if nothing is left. A report of a hundred thousand files
/// is held in memory whole, so what nobody sees must not be.
///
/// A copy, made without what is left out: small pieces that are kept between large ones that are not
/// keep their room from being used again, and cost ten times what they hold.
fn shown_among_many(entry: &Entry) -> Option<Arc<Entry>> {
    let speaks = entry.is_paid() || matches!(entry.kind, Kind::Analysis | Kind::Custom(_));
    if !speaks && entry.analysis.findings.is_empty() {
        return None;
    }
    let Analysis {
        summary,
        findings,
        suggestions,
        ..
    } = &entry.analysis;
    let (summary, suggestions) = if speaks {
        (summary.clone(), suggestions.clone())
    } else {
        Default::default()
    };
    Some(Arc::new(Entry {
        format: entry.format,
        blob: entry.blob,
        fingerprint: entry.fingerprint,
        kind: entry.kind.clone(),
        analyzer: entry.analyzer.clone(),
        created: entry.created,
        duration_ms: entry.duration_ms,
        usage: entry.usage.clone(),
        analysis: Analysis {
            summary,
            findings: findings.clone(),
            suggestions,
            ..Analysis::default()
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Analysis, Entry, Finding, Level};
    use crate::model::{FORMAT, Fingerprint, ObjectFormat};

    fn entry(kind: Kind, findings: usize) -> Arc<Entry> {
        let oid = Oid::of_blob(ObjectFormat::Sha1, b"");
        let finding = Finding {
            start_line: 1,
            start_column: 1,
            end_line: 1,
            end_column: 2,
            rule: "long-function".into(),
            level: Level::Warning,
            item: None,
            title: "long".into(),
            message: String::new(),
            suggestion: None,
            confidence: None,
            anchor: String::new(),
            about: crate::model::About::Text,
            roles: crate::model::Roles::EVERY,
            details: [].into(),
        };
        Arc::new(Entry {
            format: FORMAT,
            blob: oid,
            fingerprint: Fingerprint(oid),
            kind,
            analyzer: "local/1".into(),
            created: None,
            duration_ms: None,
            usage: None,
            analysis: Analysis {
                summary: "said".into(),
                metrics: [("lines".to_owned(), 1)].into(),
                findings: vec![finding; findings],
                suggestions: Vec::new(),
                document: Some("long".into()),
            },
        })
    }

    #[test]
    fn of_one_file_among_many_only_what_is_shown_is_held() {
        let held = |kind, findings, reading| {
            let answered = View::new(entry(kind, findings), reading);
            assert_eq!(answered.levels.warnings as usize, findings);
            answered.entry.map(|held| {
                let entry = held.get();
                let Analysis {
                    summary,
                    metrics,
                    findings,
                    document,
                    ..
                } = &entry.analysis;
                (
                    findings.len(),
                    !summary.is_empty(),
                    !metrics.is_empty() || document.is_some(),
                )
            })
        };
        assert_eq!(held(Kind::Docs, 0, Reading::Findings), None);
        assert_eq!(held(Kind::Docs, 2, Reading::Counts), None);
        assert_eq!(
            held(Kind::Refactor, 2, Reading::Findings),
            Some((2, false, false))
        );
        assert_eq!(
            held(Kind::Analysis, 0, Reading::Findings),
            Some((0, true, false))
        );
        assert_eq!(held(Kind::Docs, 0, Reading::Entries), Some((0, true, true)));
    }
}
