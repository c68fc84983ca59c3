//! Which findings of two reports are the same: first by what they are and where, then, of what is
//! left on both sides, by less and less. Not what an id is made of.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use super::remark::{Matched, Remark};
use super::status::State;
use crate::model::{About, Kind, Level, Outcome, RepoPath};

/// Texts are nearly the same from so many equal words on, of ten.
const MOST_WORDS: usize = 8;

/// More pairs of texts of one rule in one file are not compared.
const MOST_PAIRS: usize = 10_000;

/// What so many files say alike does not tell which of them was renamed.
const MOST_FILES: usize = 8;

/// The new names of files that were renamed, by their old ones.
type Renames<'a> = HashMap<&'a RepoPath, &'a RepoPath>;

/// Marks as unchanged what `before` and `after` have in common, each finding of one side with one of
/// the other at most, and tells how it was found. What was of a lower level before is new: a gate at
/// that level has not seen it. Its partner is not fixed.
///
/// A place is a path, what it was renamed to, or the same blob. In order: the same id at the same
/// place; the same rule about the same item there; the same rule on the same text there, then with its
/// item in any file that differs; the same rule on nearly the same words there, about an item, which then
/// has another name, or outside of any. So what is new beside
/// something that stays is new, however alike the two are.
pub fn pair_all<'a>(
    before: &mut [Remark<'a>],
    after: &mut [Remark<'a>],
    (then, now): (&'a Outcome, &'a Outcome),
) {
    pair(before, after, None, |it, _| Some((it.id.clone(), it.path)));
    let renamed = Some(Matched::Renamed);
    pair(before, after, renamed, |it, _| {
        Some((it.id.clone(), it.blob))
    });
    let renames = renames(before, after, (then, now));
    let place = |it: &Remark<'a>, side| match side {
        Side::Before => renames.get(it.path).copied().unwrap_or(it.path),
        Side::After => it.path,
    };
    pair(before, after, renamed, |it, side| {
        Some((it.id.clone(), place(it, side)))
    });
    pair(before, after, Some(Matched::Edited), |it, side| {
        let is_known = it.item.is_some() || it.about == About::File;
        is_known.then(|| (it.kind, it.rule, it.item, place(it, side)))
    });
    let moved = Some(Matched::Moved);
    pair(before, after, moved, |it, side| {
        is_told_by_text(it).then(|| (it.kind, it.rule, it.anchor, place(it, side)))
    });
    pair(before, after, moved, |it, _| {
        is_told_by_text(it).then_some((it.kind, it.rule, it.anchor, it.item))
    });
    pair_similar(before, after, place);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

fn is_told_by_text(remark: &Remark<'_>) -> bool {
    remark.about != About::File && !remark.anchor.is_empty()
}

fn is_left(remark: &&mut Remark<'_>) -> bool {
    remark.state == State::Present
}

/// How many places one finding tells of: more of them are something new.
fn told(remark: &Remark<'_>) -> u64 {
    let count = remark.details.get("count");
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// Two findings are the same one.
fn join(before: &mut Remark<'_>, after: &mut Remark<'_>, matched: Option<Matched>) {
    let is_worse = after.level > before.level || told(after) > told(before);
    before.state = State::Unchanged;
    (after.state, after.matched) = if is_worse {
        (State::New, Some(Matched::Worse))
    } else {
        (State::Unchanged, matched)
    };
}

/// Joins what has a partner of the same key on the other side and none so far: of several, one of the
/// same level, else of the next higher one, else of the highest.
fn pair<'a, K: Eq + Hash>(
    before: &mut [Remark<'a>],
    after: &mut [Remark<'a>],
    matched: Option<Matched>,
    key: impl Fn(&Remark<'a>, Side) -> Option<K>,
) {
    let levels = [Level::Note, Level::Warning, Level::Error];
    let mut partners: HashMap<K, [Vec<&mut Remark<'a>>; 3]> = HashMap::new();
    // From the last on, so that the first is taken first.
    for remark in before.iter_mut().rev().filter(is_left) {
        if let Some(key) = key(remark, Side::Before) {
            partners.entry(key).or_default()[remark.level as usize].push(remark);
        }
    }
    for remark in after.iter_mut().filter(is_left) {
        let key = key(remark, Side::After);
        let (lower, not_lower) = levels.split_at(remark.level as usize);
        let order = not_lower.iter().chain(lower.iter().rev());
        if let Some(of_key) = key.and_then(|key| partners.get_mut(&key))
            && let Some(partner) = order
                .filter_map(|level| of_key[*level as usize].pop())
                .next()
        {
            join(partner, remark, matched);
        }
    }
}

/// Which files were renamed, as far as their findings tell: what is gone and what is there instead have
/// findings of the same texts. What is about a file as a whole tells it where the file's own name stays.
fn renames<'a>(
    before: &[Remark<'a>],
    after: &[Remark<'a>],
    (then, now): (&'a Outcome, &'a Outcome),
) -> Renames<'a> {
    let paths = |outcome: &'a Outcome| -> HashSet<&'a RepoPath> {
        outcome.rows.iter().map(|row| &row.path).collect()
    };
    let (then, now) = (paths(then), paths(now));
    let told = |remark: &Remark<'a>| {
        let name = match remark.about {
            About::File => remark.path.file_name(),
            _ => b"",
        };
        (remark.id.clone(), remark.anchor, name)
    };
    let mut sides: HashMap<_, [Vec<&RepoPath>; 2]> = HashMap::new();
    for (side, remarks, others) in [(0, before, &now), (1, after, &then)] {
        let alone = remarks.iter().filter(|it| !others.contains(it.path));
        for remark in alone.filter(|it| it.state == State::Present) {
            sides.entry(told(remark)).or_default()[side].push(remark.path);
        }
    }
    let mut common: BTreeMap<(&RepoPath, &RepoPath), usize> = BTreeMap::new();
    for [old, new] in sides.into_values() {
        if old.len().max(new.len()) <= MOST_FILES {
            for pair in old
                .iter()
                .flat_map(|old| new.iter().map(move |new| (*old, *new)))
            {
                *common.entry(pair).or_default() += 1;
            }
        }
    }
    let mut common: Vec<_> = common.into_iter().collect();
    common.sort_by_key(|((old, new), count)| {
        let has_name = old.file_name() == new.file_name();
        (std::cmp::Reverse((*count, has_name)), *old, *new)
    });
    let (mut renames, mut taken) = (Renames::new(), HashSet::new());
    for ((old, new), _) in common {
        if !renames.contains_key(old) && taken.insert(new) {
            renames.insert(old, new);
        }
    }
    renames
}

/// Pairs what says nearly the same in the same file, the likest first.
fn pair_similar<'a>(
    before: &mut [Remark<'a>],
    after: &mut [Remark<'a>],
    place: impl Fn(&Remark<'a>, Side) -> &'a RepoPath,
) {
    type Group<'a> = (&'a RepoPath, &'a Kind, &'a str);
    type Texts<'r, 'a> = Vec<(&'r mut Remark<'a>, Vec<&'a str>)>;
    let mut groups: HashMap<Group<'a>, [Texts<'_, 'a>; 2]> = HashMap::new();
    for (side, remarks) in [(Side::Before, before), (Side::After, after)] {
        let left = remarks.iter_mut().filter(is_left);
        let is_asked = |it: &&mut Remark<'_>| it.about == About::Item || it.item.is_none();
        for remark in left.filter(is_asked).filter(|it| is_told_by_text(it)) {
            let group = (place(remark, side), remark.kind, remark.rule);
            let words = words(remark.anchor);
            groups.entry(group).or_default()[usize::from(side == Side::After)]
                .push((remark, words));
        }
    }
    for [mut old, mut new] in groups.into_values() {
        if old.len().saturating_mul(new.len()) > MOST_PAIRS {
            continue;
        }
        let mut pairs = Vec::new();
        for (at, (_, one)) in old.iter().enumerate() {
            for (to, (_, other)) in new.iter().enumerate() {
                let alike = alike(one, other);
                if alike * 10 >= (one.len() + other.len()) * MOST_WORDS {
                    pairs.push((alike, at, to));
                }
            }
        }
        pairs.sort_by_key(|(alike, at, to)| (std::cmp::Reverse(*alike), *at, *to));
        for (_, at, to) in pairs {
            if let (Some((one, _)), Some((other, _))) = (old.get_mut(at), new.get_mut(to))
                && one.state == State::Present
                && other.state == State::Present
            {
                join(one, other, Some(Matched::Similar));
            }
        }
    }
}

/// The words and signs of a text, sorted.
fn words(text: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, behind) = rest.split_at(end);
        words.push(word);
        rest = behind.trim_start();
    }
    words.sort_unstable();
    words
}

/// In how many words two sorted lists agree, on both sides.
fn alike(one: &[&str], other: &[&str]) -> usize {
    let (mut at, mut to, mut alike) = (0, 0, 0);
    while let (Some(a), Some(b)) = (one.get(at), other.get(to)) {
        alike += if a == b { 2 } else { 0 };
        at += usize::from(a <= b);
        to += usize::from(b <= a);
    }
    alike
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Finding, Origin, Row, Status};
    use crate::report::compare;
    use crate::report::sample::{self, TOOL, outcome, row};

    /// What a finding is about, its item, and how it begins.
    type Told<'t> = (About, &'t str, &'t str);

    fn file(path: &str, told: &[Told<'_>]) -> Row {
        let mut row = row(path, Status::Cached(Origin::Here));
        row.blob = sample::oid(&format!("{path}{told:?}"));
        let finding = |(line, (about, item, anchor)): (usize, &Told<'_>)| Finding {
            start_line: u32::try_from(line).unwrap() + 1,
            rule: format!("{about:?}"),
            item: Some(item)
                .filter(|it| !it.is_empty())
                .map(|&it| it.to_owned()),
            anchor: (*anchor).to_owned(),
            title: (*anchor).to_owned(),
            about: *about,
            ..sample::finding()
        };
        let entry = row.entry.as_mut().unwrap().to_mut();
        entry.blob = row.blob;
        entry.analysis.findings = told.iter().enumerate().map(finding).collect();
        row
    }

    /// `state path title` of each finding, and how it was found.
    fn compared(before: Vec<Row>, after: Vec<Row>) -> Vec<String> {
        let (before, after) = (outcome(before), outcome(after));
        let report = compare(&before, &after, TOOL);
        let line = |f: &Remark<'_>| match f.matched {
            Some(matched) => format!("{matched:?} {} {}", f.path, f.title),
            None => format!("{:?} {} {}", f.state, f.path, f.title),
        };
        report.compared().iter().map(line).collect()
    }

    #[test]
    fn what_is_about_an_item_stays_when_its_signature_is_edited() {
        let before = file("a.rs", &[(About::Item, "run", "fn run() {")]);
        let after = file("a.rs", &[(About::Item, "run", "fn run(times: u32) {")]);
        assert_eq!(
            compared(vec![before], vec![after]),
            ["Unchanged a.rs fn run(times: u32) {"]
        );
    }

    #[test]
    fn what_is_about_a_file_stays_when_its_first_line_is_edited_and_when_it_moves_to_a_folder() {
        let before = || file("a.rs", &[(About::File, "", "use std::fmt;")]);
        for path in ["a.rs", "b/a.rs"] {
            let after = file(
                path,
                &[
                    (About::File, "", "use std::fmt;"),
                    (About::Item, "f", "fn f()"),
                ],
            );
            let told = compared(vec![before()], vec![after]);
            assert!(told[0].starts_with(if path == "a.rs" {
                "Unchanged"
            } else {
                "Renamed"
            }));
            assert_eq!(told[1], format!("New {path} fn f()"));
        }
        // Nothing says that it is the same file.
        let after = file("c.rs", &[(About::File, "", "use std::fmt;")]);
        let told = compared(vec![before()], vec![after]);
        assert_eq!(told, ["Fixed a.rs use std::fmt;", "New c.rs use std::fmt;"]);
    }

    #[test]
    fn in_a_renamed_file_even_what_was_edited_is_found_again() {
        let text = (About::Text, "f", "let x = y.unwrap();");
        let before = [
            text,
            (About::Item, "g", "fn g() {"),
            (About::File, "", "//! Old."),
        ];
        let after = [
            text,
            (About::Item, "g", "fn g(a: A) {"),
            (About::File, "", "//! New."),
        ];
        assert_eq!(
            compared(vec![file("a.rs", &before)], vec![file("b.rs", &after)]),
            [
                "Renamed b.rs let x = y.unwrap();",
                "Renamed b.rs fn g(a: A) {",
                "Renamed b.rs //! New."
            ]
        );
    }

    #[test]
    fn a_text_is_edited_in_its_item_moved_to_another_or_nearly_the_same() {
        let before = [
            (About::Text, "f", "// TODO: read the file"),
            (About::Text, "g", "// TODO: close what was opened above"),
            (
                About::Text,
                "",
                "// TODO: rename this module some day, maybe",
            ),
        ];
        let after = [
            (About::Text, "f", "// TODO: read the file in parts"),
            (About::Text, "h", "// TODO: close what was opened above"),
            (About::Text, "", "// TODO: rename this module some day"),
        ];
        assert_eq!(
            compared(vec![file("a.rs", &before)], vec![file("a.rs", &after)]),
            [
                "Edited a.rs // TODO: read the file in parts",
                "Moved a.rs // TODO: close what was opened above",
                "Similar a.rs // TODO: rename this module some day"
            ]
        );
    }

    #[test]
    fn of_a_renamed_function_nothing_is_new_and_of_another_all_is() {
        let before = [
            (About::Item, "run", "pub fn run(how: How, often: u32) {"),
            (About::Text, "run", "open(how).unwrap()"),
        ];
        let renamed = [
            (About::Item, "start", "pub fn start(how: How, often: u32) {"),
            (About::Text, "start", "open(how).unwrap()"),
        ];
        let other = [
            (About::Item, "stop", "fn stop() {"),
            (About::Text, "stop", "open(why).unwrap()"),
        ];
        let told =
            |after: &[Told<'_>]| compared(vec![file("a.rs", &before)], vec![file("a.rs", after)]);
        assert_eq!(
            told(&renamed),
            [
                "Similar a.rs pub fn start(how: How, often: u32) {",
                "Moved a.rs open(how).unwrap()"
            ]
        );
        let told = told(&other);
        assert_eq!(
            told.iter().filter(|line| line.starts_with("New")).count(),
            2,
            "{told:#?}"
        );
    }

    #[test]
    fn a_function_that_moves_to_another_file_brings_nothing_new() {
        let long = (About::Item, "run", "fn run() {");
        let other = (About::Item, "stop", "fn stop() {");
        let before = vec![file("a.rs", &[long, other])];
        let after = vec![file("a.rs", &[other]), file("b.rs", &[long])];
        assert_eq!(
            compared(before, after),
            ["Unchanged a.rs fn stop() {", "Moved b.rs fn run() {"]
        );
    }

    #[test]
    fn what_gets_worse_is_new_and_what_gets_better_or_stays_beside_it_is_not() {
        let leveled = |levels: &[Level]| {
            let told = vec![(About::Item, "run", "fn run() {"); levels.len()];
            let mut file = file("a.rs", &told);
            let findings = &mut file.entry.as_mut().unwrap().to_mut().analysis.findings;
            for (finding, level) in findings.iter_mut().zip(levels) {
                finding.level = *level;
                // Of equal ids only the order would count.
                finding.anchor = level.to_string();
            }
            file
        };
        let (note, warning, error) = (Level::Note, Level::Warning, Level::Error);
        for (before, after, new) in [
            (&[note][..], &[warning][..], 1),
            (&[warning], &[error], 1),
            (&[warning], &[note], 0),
            (&[note, warning], &[warning, note], 0),
            (&[note, note], &[error, note], 1),
        ] {
            let (before, after) = (
                outcome(vec![leveled(before)]),
                outcome(vec![leveled(after)]),
            );
            let report = compare(&before, &after, TOOL);
            let states = |state| {
                report
                    .compared()
                    .iter()
                    .filter(|it| it.state == state)
                    .count()
            };
            assert_eq!((states(State::New), states(State::Fixed)), (new, 0));
            let is_told = |it: &Remark<'_>| it.matched == Some(Matched::Worse);
            assert_eq!(
                report.compared().iter().filter(|it| is_told(it)).count(),
                new
            );
        }
    }

    #[test]
    fn what_is_new_beside_something_alike_is_new() {
        let old = [
            (About::Item, "new", "fn new() {"),
            (About::Text, "new", "x.unwrap();"),
            (About::File, "", "use a;"),
        ];
        let more = [
            (About::Item, "new", "fn new(b: B) {"),
            (About::Text, "new", "y.unwrap();"),
            (About::File, "", "use a;"),
        ];
        let told = compared(
            vec![file("a.rs", &old)],
            vec![
                file("a.rs", &[&old[..], &more[..2]].concat()),
                file("b.rs", &more),
            ],
        );
        let new: Vec<&String> = told.iter().filter(|line| line.starts_with("New")).collect();
        assert_eq!(new.len(), 5, "{told:#?}");
    }

    proptest::proptest! {
        #[test]
        fn each_stands_for_one_at_most(
            before in proptest::collection::vec((0usize..3, "[fg]", "[xy] [ab]", 0usize..2), 0..12),
            after in proptest::collection::vec((0usize..3, "[fg]", "[xy] [ab]", 0usize..2), 0..12),
        ) {
            let rows = |all: &[(usize, String, String, usize)]| -> Vec<Row> {
                let about = [About::Text, About::Item, About::File];
                let of = |at: usize| -> Vec<Told<'_>> {
                    let here = all.iter().filter(|it| it.3 == at);
                    here.map(|(what, item, text, _)| (about[*what], item.as_str(), text.as_str())).collect()
                };
                vec![file("a.rs", &of(0)), file("b.rs", &of(1))]
            };
            let told = compared(rows(&before), rows(&after));
            let count = |word| told.iter().filter(|line| line.starts_with(word)).count();
            let stays = told.len() - count("New") - count("Fixed");
            proptest::prop_assert_eq!(count("New") + stays, after.len());
            proptest::prop_assert_eq!(count("Fixed") + stays, before.len());
        }
    }
}
