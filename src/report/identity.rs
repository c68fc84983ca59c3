//! Which finding is "the same" in two reports. Not where it lies: files move and lines shift.

use std::collections::HashMap;

use crate::model::{Entry, Finding, ObjectFormat};

/// The ids of an entry's findings, in their order: 16 hexadecimal digits each, the head of SHA-256
/// over kind, rule, item, anchor and how many findings of the entry before it agree in all four.
///
/// Neither path nor line takes part, so an id survives renames and edits elsewhere in the file;
/// the same blob at two paths has the same ids at both.
pub fn identities(entry: &Entry) -> Vec<String> {
    let mut seen: HashMap<[&str; 4], u64> = HashMap::new();
    let mut ids = Vec::with_capacity(entry.analysis.findings.len());
    for finding in &entry.analysis.findings {
        let parts = parts(entry, finding);
        let twins = seen.entry(parts).or_default();
        ids.push(digest(&parts, *twins));
        *twins += 1;
    }
    ids
}

fn parts<'a>(entry: &'a Entry, finding: &'a Finding) -> [&'a str; 4] {
    let item = finding.item.as_deref().unwrap_or_default();
    [entry.kind.name(), &finding.rule, item, &finding.anchor]
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
    use crate::report::sample;

    /// Pinned: a change of these values makes every finding that anyone remembers a new one.
    #[test]
    fn the_id_of_a_finding_never_changes() {
        let mut entry = sample::entry();
        entry.analysis.findings = vec![sample::finding(), sample::finding()];
        assert_eq!(identities(&entry), ["b5194125b9eb6b37", "116222310404b552"]);
    }

    #[test]
    fn an_id_survives_moved_lines_and_other_findings_but_not_another_anchor() {
        let mut entry = sample::entry();
        entry.analysis.findings = vec![sample::finding()];
        let before = identities(&entry);
        let mut other = sample::finding();
        other.anchor = "fn other()".into();
        let mut moved = sample::finding();
        moved.start_line += 7;
        moved.title = "Worded otherwise".into();
        entry.analysis.findings = vec![other, moved];
        let after = identities(&entry);
        assert_eq!(after[1], before[0]);
        assert_ne!(after[0], before[0]);
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
