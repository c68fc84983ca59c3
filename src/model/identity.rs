//! What a finding is, apart from where it lies: its id. Which findings of two reports are the same,
//! which takes the place too, is for `report`.

use std::collections::HashMap;

use super::entry::Entry;
use super::finding::{About, Finding};
use super::oid::ObjectFormat;

/// The ids of an entry's findings, in their order: 16 hexadecimal digits each, the head of SHA-256
/// over kind, rule, item, anchor and how many findings of the entry before it agree in all four. The
/// anchor is left out of what is about an item or a file as a whole, but where two items have one name.
///
/// Neither path nor line takes part, so an id survives renames and edits elsewhere in the file;
/// the same blob at two paths has the same ids at both.
pub fn identities(entry: &Entry) -> Vec<String> {
    let findings = &entry.analysis.findings;
    let mut named: HashMap<(&str, &str), usize> = HashMap::new();
    for finding in findings.iter().filter(|it| it.about == About::Item) {
        *named.entry((&finding.rule, item(finding))).or_default() += 1;
    }
    let mut seen: HashMap<[&str; 4], u64> = HashMap::new();
    let mut ids = Vec::with_capacity(findings.len());
    for finding in findings {
        let alike = named.get(&(finding.rule.as_str(), item(finding)));
        let anchor = match finding.about {
            About::Text => &finding.anchor,
            About::Item if alike.is_some_and(|count| *count > 1) => &finding.anchor,
            About::Item | About::File => "",
        };
        let parts = [entry.kind.name(), &finding.rule, item(finding), anchor];
        let twins = seen.entry(parts).or_default();
        ids.push(digest(&parts, *twins));
        *twins += 1;
    }
    ids
}

fn item(finding: &Finding) -> &str {
    finding.item.as_deref().unwrap_or_default()
}

/// One text for what a finding is and where: for formats that know no more than one.
pub fn with_path(id: &str, path: &[u8]) -> String {
    let hash = ObjectFormat::Sha256.hash(&[path, b"\0", id.as_bytes()]);
    hash.to_string()
}

/// Each part goes in behind its length, so that no two lists of parts look alike.
fn digest(parts: &[&str; 4], twins: u64) -> String {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes.extend(twins.to_be_bytes());
    let hash = ObjectFormat::Sha256.hash(&[&bytes]);
    (0..16).map(|index| char::from(hash.digit(index))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Analysis, FORMAT, Fingerprint, Kind, Level, Oid};

    fn finding(about: About, item: &str, anchor: &str) -> Finding {
        Finding {
            start_line: 4,
            start_column: 38,
            end_line: 4,
            end_column: 44,
            rule: "unwrap".into(),
            level: Level::Warning,
            item: Some(item.to_owned()),
            title: String::new(),
            message: String::new(),
            suggestion: None,
            confidence: None,
            anchor: anchor.to_owned(),
            about,
            roles: crate::model::Roles::EVERY,
            details: [].into(),
        }
    }

    fn ids(findings: Vec<Finding>) -> Vec<String> {
        let oid = Oid::of_blob(ObjectFormat::Sha1, b"");
        identities(&Entry {
            format: FORMAT,
            blob: oid,
            fingerprint: Fingerprint(oid),
            kind: Kind::Refactor,
            analyzer: "local/1".into(),
            created: None,
            duration_ms: None,
            usage: None,
            analysis: Analysis {
                findings,
                ..Analysis::default()
            },
        })
    }

    /// Pinned: a change of these values makes every finding that anyone remembers a new one.
    #[test]
    fn the_id_of_a_finding_never_changes() {
        let text = finding(About::Text, "load", "fs::read_to_string(path).unwrap()");
        let (item, file) = (
            finding(About::Item, "load", "fn load() {"),
            finding(About::File, "", "use std::fs;"),
        );
        assert_eq!(
            ids(vec![text.clone(), text, item, file]),
            [
                "b5194125b9eb6b37",
                "116222310404b552",
                "748682e327ded57e",
                "bcc1e8e9aca0a039"
            ]
        );
    }

    #[test]
    fn an_id_survives_moved_lines_and_other_findings_but_not_another_text() {
        let one = finding(About::Text, "load", "one");
        let before = ids(vec![one.clone()]);
        let mut moved = one;
        moved.start_line += 7;
        moved.title = "Worded otherwise".into();
        let after = ids(vec![finding(About::Text, "load", "other"), moved]);
        assert_eq!(after[1], before[0]);
        assert_ne!(after[0], before[0]);
    }

    #[test]
    fn what_is_about_an_item_or_a_file_has_the_same_id_whatever_that_begins_with() {
        for about in [About::Item, About::File] {
            let id = |anchor| ids(vec![finding(about, "load", anchor)]);
            assert_eq!(id("fn load() {"), id("pub fn load(path: &Path) {"));
        }
    }

    #[test]
    fn of_two_items_of_one_name_each_is_told_by_how_it_begins() {
        let [one, two] = ["load(int a)", "load(String a)"].map(|a| finding(About::Item, "load", a));
        let before = ids(vec![one.clone(), two.clone()]);
        let after = ids(vec![finding(About::Item, "other", "x"), two, one]);
        assert_eq!([&before[0], &before[1]], [&after[2], &after[1]]);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(
            digest(&["a", "b", "", ""], 0),
            digest(&["a", "", "b", ""], 0)
        );
        assert_ne!(
            digest(&["ab", "", "", ""], 0),
            digest(&["a", "b", "", ""], 0)
        );
    }
}
