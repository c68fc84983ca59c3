//! Keeps an answer small enough to be stored, whatever its text holds: of thousands of findings of one
//! rule the worst are told one by one and the others as a number. Not which findings there are.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::phrase;
use crate::model::{About, Analysis, Finding, MAX_ENTRY_BYTES, pretty};

/// As many findings of one rule in one file are told one by one: more than anybody reads.
const MOST_OF_A_RULE: usize = 500;

/// What the findings and the document may take of an entry, in bytes; the rest is for what else it says.
const MOST_BYTES: usize = MAX_ENTRY_BYTES / 8 * 7;

/// The longest text of a finding, in bytes.
const MOST_TEXT: usize = 4 << 10;

/// The detail of a finding that stands for several: how many.
const MORE: &str = "more";

/// Leaves out of an answer what would keep it from being stored, and says how much that was.
pub fn keep(analysis: &mut Analysis) {
    shorten(&mut analysis.summary);
    for suggestion in &mut analysis.suggestions {
        shorten(&mut suggestion.title);
        shorten(&mut suggestion.detail);
    }
    for finding in &mut analysis.findings {
        let texts = [
            &mut finding.title,
            &mut finding.message,
            &mut finding.anchor,
        ];
        let others = finding.item.iter_mut().chain(&mut finding.suggestion);
        let texts = texts.into_iter().chain(others);
        texts.chain(finding.details.values_mut()).for_each(shorten);
    }
    if let Some(document) = &mut analysis.document
        && escaped(document) > MOST_BYTES / 2
    {
        cut(document, MOST_BYTES / 2);
    }
    if roughly(analysis) < MOST_BYTES && analysis.findings.len() <= MOST_OF_A_RULE {
        return;
    }
    let taken = analysis.document.as_ref().map_or(0, written);
    let mut most = MOST_OF_A_RULE;
    let mut kept = folded(&analysis.findings, most);
    while most > 1 && written(&kept) + taken > MOST_BYTES {
        most /= 2;
        kept = folded(&analysis.findings, most);
    }
    analysis.findings = kept;
}

/// How many findings this one stands for.
pub fn number(finding: &Finding) -> i64 {
    let more = finding.details.get(MORE);
    more.and_then(|more| more.parse().ok()).unwrap_or(1)
}

/// More than it takes in an entry, in bytes: cheap to tell, and enough for all but a few.
fn roughly(analysis: &Analysis) -> usize {
    let of_finding = |finding: &Finding| {
        let texts = [&finding.title, &finding.message, &finding.anchor];
        let others = finding.item.iter().chain(&finding.suggestion);
        let texts = texts
            .into_iter()
            .chain(others)
            .chain(finding.details.values());
        texts.map(|text| escaped(text)).sum::<usize>() + FRAME
    };
    let findings = analysis.findings.iter().map(of_finding);
    findings.sum::<usize>() + analysis.document.as_deref().map_or(0, escaped)
}

/// The most that a text takes as JSON.
const fn escaped(text: &str) -> usize {
    text.len() * 6
}

/// More than the names of a finding's fields, its numbers and its roles take.
const FRAME: usize = 1024;

/// What it takes in an entry, in bytes.
fn written(part: &impl Serialize) -> usize {
    pretty(part).map_or(usize::MAX, |text| text.len())
}

fn shorten(text: &mut String) {
    if text.len() > MOST_TEXT {
        text.truncate(text.floor_char_boundary(MOST_TEXT));
        text.push('…');
    }
}

/// Cuts a document at the end of a line, and says so.
fn cut(document: &mut String, most: usize) {
    let mut end = document.len();
    while end > 0 && written(&&document[..end]) > most {
        let half = document.floor_char_boundary(end / 2);
        end = document[..half].rfind('\n').unwrap_or(half);
    }
    if end < document.len() {
        document.truncate(end);
        document.push_str("\n\n*The rest is left out: it is longer than can be stored.*\n");
    }
}

/// At most so many findings of each rule, the worst, and one for those that are left.
fn folded(findings: &[Finding], most: usize) -> Vec<Finding> {
    let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    let mut kept = Vec::new();
    for mut of_rule in by_rule.into_values() {
        of_rule.sort_by_key(|finding| Reverse(finding.level));
        let left = of_rule.split_off(of_rule.len().min(most));
        kept.extend(of_rule.into_iter().cloned());
        match left.as_slice() {
            [] => {}
            [one] => kept.push(Finding::clone(one)),
            [first, ..] => kept.push(others(first, left.len())),
        }
    }
    kept.sort();
    kept
}

/// One finding for many of its rule, of which this is the first and the worst.
fn others(first: &Finding, count: usize) -> Finding {
    Finding {
        item: None,
        title: format!(
            "{} more findings of `{}` in this file",
            phrase::thousands(count),
            first.rule
        ),
        message: "There are too many to tell one by one.".to_owned(),
        about: About::File,
        details: [(MORE.to_owned(), count.to_string())].into(),
        ..first.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::{Local, Source};
    use crate::model::{Kind, Language, Level};

    fn asked(text: &str, language: Language) -> Vec<Analysis> {
        let text = text.as_bytes();
        let source = Source { text, language };
        Local::default().analyze(source, &Kind::BUILT_IN).unwrap()
    }

    #[test]
    fn thousands_of_findings_of_one_rule_are_told_as_a_number() {
        let line = "    std::fs::read(p).unwrap();\n";
        let text = format!("pub fn f() {{\n{}}}\n", line.repeat(8_000));
        let analysis = &asked(&text, Language::Rust)[0];
        let of_rule = |finding: &&Finding| finding.rule == "unsafe-unwrap";
        let found: Vec<&Finding> = analysis.findings.iter().filter(of_rule).collect();
        assert_eq!(found.len(), MOST_OF_A_RULE + 1);
        let last = found[MOST_OF_A_RULE];
        assert_eq!(
            last.title,
            "7,500 more findings of `unsafe-unwrap` in this file"
        );
        assert_eq!((last.level, last.start_line), (Level::Warning, 502));
        assert_eq!(analysis.metrics["unsafe_unwrap"], 8_000);
    }

    #[test]
    fn whatever_a_text_of_the_greatest_size_holds_can_be_stored() {
        let fill = |line: &str| line.repeat((1 << 20) / line.len());
        let long = "x".repeat(1_000_000);
        let texts = [
            fill("fn f() { std::fs::read(p).unwrap(); }\n"),
            fill("// FIXME: ö\n"),
            fill("// rustassistant: ignore[none]\n"),
            fill("pub unsafe fn f(a: &str, b: &str, c: &str, d: &str) { unsafe { g() } }\n"),
            fill("/// \"\\\"\u{1}\npub fn f() {}\n"),
            format!("// TODO: {}\n", fill("word ")),
            format!("// TODO: {long}\n"),
            format!("pub fn {long}() {{ std::fs::read(p).unwrap(); }}\n"),
            format!("/// {long}\npub fn f() {{}}\n"),
            format!(
                "mod {} {{\n{} }}\n",
                &long[..9_000],
                fill("pub fn f() { todo!() }\n")
            ),
        ];
        for text in texts {
            // With lines enough to be no minified text.
            let text = text[..text.floor_char_boundary(1_040_000)].to_owned() + &"\n".repeat(4_000);
            for analysis in asked(&text, Language::Rust) {
                let bytes = written(&analysis);
                assert!(bytes < MAX_ENTRY_BYTES - 4096, "{bytes}: {:.80}", text);
            }
        }
    }

    #[test]
    fn what_stands_for_several_is_the_worst_of_what_is_left() {
        let texts = ["pub fn f() { todo!() }\n", "#[test]\nfn f() { todo!() }\n"];
        let text = texts[1].repeat(600) + &texts[0].repeat(501);
        let todos = &asked(&text, Language::Rust)[2];
        let more = todos
            .findings
            .iter()
            .find(|finding| number(finding) > 1)
            .unwrap();
        assert_eq!((number(more), more.level), (601, Level::Warning));
    }
}
