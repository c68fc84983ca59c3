//! The trees of source code whose every file the store answers, told by ids alone: who only counts
//! need hold neither the paths in them nor a step for each question about them.

use anyhow::Result;

use super::lookup::by_language;
use super::memo::{Memo, Tally};
use super::question::Questions;
use super::resolved_place::Named;
use super::resolved_place::ResolvedPlace;
use super::scope;
use super::target::Selection;
use super::walk::Span;
use crate::git::{Listed, Mode, Repo, Visit};
use crate::model::{Language, Oid, RepoPath, Role, Skip};
use crate::store::Store;

/// A memo of the trees of `selection` in which every file has an entry for each question, whatever
/// its age, or is skipped for what it is. `None` where files are not found by a walk over trees, or
/// the store is damaged, which is for others to tell.
///
/// # Errors
/// If the place does not exist, or trees cannot be read.
pub fn fully_cached(
    repo: &Repo,
    store: &Store<'_>,
    selection: &Selection,
    questions: &Questions,
) -> Result<Option<Memo>> {
    let named = Named::new(selection)?;
    let looked = ResolvedPlace::at(repo, selection)?;
    let Some((tree, starts)) = looked.walks(selection, &named) else {
        return Ok(None);
    };
    let mut seen = Seen::default();
    repo.walk_trees(tree, starts, |visit| {
        seen.visit(repo, visit, questions.kinds.len());
        true
    })?;
    let answered = answered(store, &seen.files, questions)?;
    // How many files before each place have no answer.
    let mut open = Vec::with_capacity(answered.len() + 1);
    open.push(0usize);
    let mut so_far = 0;
    open.extend(answered.into_iter().map(|answered| {
        so_far += usize::from(!answered);
        so_far
    }));
    let complete = |span: &&Span| open[span.targets.start] == open[span.targets.end];
    let tally = |span: &Span| {
        let files = count(span.targets.len());
        let mut tally = span.known;
        tally += Tally {
            files,
            rows: files.saturating_mul(count(questions.kinds.len())),
            ..Tally::default()
        };
        (span.place, tally)
    };
    let trees = seen.spans.iter().filter(complete).map(tally).collect();
    let whole = store.damaged().is_empty();
    Ok(whole.then(|| Memo::of(repo.format(), trees)))
}

/// For each file, whether every question has an entry.
fn answered(
    store: &Store<'_>,
    files: &[(Language, Oid)],
    questions: &Questions,
) -> Result<Vec<bool>> {
    let mut answered = vec![false; files.len()];
    for group in by_language(files.len(), |place| files.get(place).copied()) {
        let mut held = vec![!questions.kinds.is_empty(); group.blobs.len()];
        for (number, kind) in questions.kinds.iter().enumerate() {
            let of_kind = match questions.get(group.language, number) {
                Some(question) => store.holds(kind, question.fingerprint, &group.blobs)?,
                None => vec![false; held.len()],
            };
            for (held, of_kind) in held.iter_mut().zip(of_kind) {
                *held &= of_kind;
            }
        }
        for (places, held) in group.places().zip(held) {
            for place in places {
                answered[*place] = held;
            }
        }
    }
    Ok(answered)
}

/// What was met on a walk.
#[derive(Default)]
struct Seen {
    files: Vec<(Language, Oid)>,
    spans: Vec<Span>,
    /// The trees that are being walked; of each its place among the files, and what is skipped.
    open: Vec<Span>,
}

impl Seen {
    fn visit(&mut self, repo: &Repo, visit: Visit<'_>, kinds: usize) {
        match visit {
            Visit::Enter(tree, path) => self.open.push(Span {
                place: (tree, Role::of_folder(path)),
                targets: self.files.len()..self.files.len(),
                known: Tally::default(),
            }),
            Visit::Leave => {
                let Some(mut inner) = self.open.pop() else {
                    return;
                };
                inner.targets.end = self.files.len();
                if let Some(outer) = self.open.last_mut() {
                    outer.known += inner.known;
                }
                self.spans.push(inner);
            }
            Visit::Above(..) => {}
            Visit::File(path, mode, oid) => {
                let file = Listed {
                    path: RepoPath::new(path),
                    mode,
                    oid: Some(oid),
                };
                if let Some(language) = scope::language(repo, &file) {
                    self.meet(language, mode, oid, kinds);
                }
            }
        }
    }

    fn meet(&mut self, language: Language, mode: Mode, oid: Oid, kinds: usize) {
        let skip = match mode {
            mode if mode.is_symlink() => Skip::Symlink,
            mode if mode.is_submodule() => Skip::Submodule,
            _ => return self.files.push((language, oid)),
        };
        if let Some(open) = self.open.last_mut() {
            open.known += Tally {
                files: 1,
                ..Tally::default()
            };
            for _ in 0..kinds {
                open.known += Tally::of_skip(&skip);
            }
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::Analyzer;
    use crate::git::testing::TestRepo;
    use crate::model::Kind;
    use crate::scan::tests::{KINDS, analyze, counts, selection};
    use crate::scan::{Place, Scope, select};

    #[test]
    fn trees_whose_every_file_is_answered_are_settled_and_all_others_are_left() {
        let test = TestRepo::new();
        test.write("all/a.rs", "fn a() {}\n");
        test.write("all/deep/copy.rs", "fn a() {}\n");
        std::os::unix::fs::symlink("a.rs", test.path.join("all/link.rs")).unwrap();
        test.write("other.py", "a = 1\n");
        test.commit("three");
        assert_eq!(counts(&analyze(&test, Place::WorkTree)), (0, 6));
        let settled = |kinds: &[Kind], place: Place| {
            let repo = test.open();
            let scope = Scope::new(&[], &[], 1 << 20).unwrap();
            let questions = Questions::new(&Analyzer::default(), kinds, repo.format());
            let store = Store::open(&repo, &[]);
            let memo = fully_cached(&repo, &store, &selection(place.clone()), &questions).unwrap();
            let selected = select(&repo, &selection(place), &scope, memo.as_ref()).unwrap();
            let left = selected
                .targets
                .iter()
                .map(|target| target.path.to_string());
            let known = selected.known;
            let symlinks = known.skipped[Skip::Symlink.number()];
            (
                (known.files, known.rows, symlinks),
                left.collect::<Vec<_>>(),
            )
        };
        let head = || Place::Rev("HEAD".into());
        assert_eq!(settled(&KINDS, head()), ((4, 6, 2), vec![]));
        test.write("all/a.rs", "fn b() {}\n");
        let left = vec![
            "all/a.rs".to_owned(),
            "all/link.rs".into(),
            "other.py".into(),
        ];
        assert_eq!(settled(&KINDS, Place::WorkTree), ((1, 2, 0), left));
        test.commit("more");
        let left = vec![
            "all/a.rs".to_owned(),
            "all/link.rs".into(),
            "other.py".into(),
        ];
        assert_eq!(settled(&KINDS, head()), ((1, 2, 0), left));
        let and_refactor = [Kind::Docs, Kind::Todos, Kind::Refactor];
        assert_eq!(settled(&and_refactor, head()).1.len(), 4);
        assert_eq!(settled(&KINDS, Place::Index).1.len(), 4);
    }
}
