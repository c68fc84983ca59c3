//! The kind `refactor`: code that is worth restructuring, as far as its structure shows. Here its
//! findings become numbers, steps and a paragraph; the rules are next door.

mod score;
mod shape;
mod steps;

use score::Score;

use super::bounded;
use super::phrase;
use super::rules::{self, Case};
use super::subject::Subject;
use super::suppression;
use super::thresholds::Thresholds;
use crate::model::{Analysis, Finding, Kind, Level, Suggestion};

/// The smells of a file, without those that its own comments suppress.
///
/// Metrics: `complexity` and `maintainability` (0 to 100, see [`Score`]), `effort_minutes` (the
/// sum over the steps, see [`steps::Step::minutes`]), `errors`, `warnings`, `notes`, `suppressed`, and the
/// findings of each rule that has some, under the rule's name with `_` for `-`.
pub fn answer(subject: &Subject<'_>, thresholds: &Thresholds) -> Analysis {
    let case = Case::of(subject, thresholds);
    let mut analysis = Analysis {
        findings: rules::findings(&case),
        ..Analysis::default()
    };
    suppression::apply(subject, &Kind::Refactor, &mut analysis);
    analysis.findings = shape::joined(std::mem::take(&mut analysis.findings));
    let score = Score::of(&case);
    conclude(&mut analysis, score);
    analysis
}

/// What its findings come to, once some of them are left out.
pub fn sum_up(analysis: &mut Analysis) {
    let metric = |name: &str| analysis.metrics.get(name).copied().unwrap_or_default();
    let score = Score {
        maintainability: metric("maintainability"),
        complexity: metric("complexity"),
    };
    let is_of_rule = |name: &String| rules::find(&name.replace('_', "-")).is_some();
    analysis.metrics.retain(|name, _| !is_of_rule(name));
    conclude(analysis, score);
}

fn conclude(analysis: &mut Analysis, score: Score) {
    let steps = steps::of(&analysis.findings);
    let minutes = steps.iter().map(|step| step.minutes).sum();
    let suggestions = steps::suggestions(&steps);
    analysis.summary = summary(&analysis.findings, score, minutes, &suggestions);
    analysis
        .metrics
        .extend(metrics(&analysis.findings, score, minutes));
    analysis.suggestions = suggestions;
}

fn metrics(findings: &[Finding], score: Score, minutes: i64) -> Vec<(String, i64)> {
    let count = |is: &dyn Fn(&Finding) -> bool| {
        let found = findings.iter().filter(|finding| is(finding));
        found.map(bounded::number).sum()
    };
    let level = |level: Level| count(&|finding| finding.level == level);
    let mut metrics = vec![
        ("complexity".to_owned(), score.complexity),
        ("maintainability".to_owned(), score.maintainability),
        ("effort_minutes".to_owned(), minutes),
        ("errors".to_owned(), level(Level::Error)),
        ("warnings".to_owned(), level(Level::Warning)),
        ("notes".to_owned(), level(Level::Note)),
    ];
    for rule in rules::RULES {
        let found = count(&|finding| finding.rule == rule.id);
        if found > 0 {
            metrics.push((rule.id.replace('-', "_"), found));
        }
    }
    metrics
}

fn summary(findings: &[Finding], score: Score, minutes: i64, first: &[Suggestion]) -> String {
    let Score {
        maintainability,
        complexity,
    } = score;
    let scores =
        format!("Maintainability {maintainability} of 100, complexity {complexity} of 100.");
    if findings.is_empty() {
        return format!("Nothing here asks for restructuring. {scores}");
    }
    let level = |level: Level, noun: &str| {
        let found = findings.iter().filter(|finding| finding.level == level);
        usize::try_from(found.map(bounded::number).sum::<i64>())
            .ok()
            .filter(|&count| count > 0)
            .map(|count| phrase::count(count, noun))
    };
    let levels = [
        level(Level::Error, "error"),
        level(Level::Warning, "warning"),
        level(Level::Note, "note"),
    ];
    let levels: Vec<String> = levels.into_iter().flatten().collect();
    let mut sentences = vec![format!(
        "{}: about {} of work.",
        phrase::list(&levels),
        duration(minutes)
    )];
    if let Some(step) = first.first() {
        sentences.push(format!("First: {}.", lower_first(&step.title)));
    }
    sentences.push(scores);
    sentences.join(" ")
}

/// `45 minutes`, `2 hours`, `2 hours and 15 minutes`.
fn duration(minutes: i64) -> String {
    let part = |number: i64, noun| {
        let number = usize::try_from(number).ok().filter(|&number| number > 0)?;
        Some(phrase::count(number, noun))
    };
    let parts = [part(minutes / 60, "hour"), part(minutes % 60, "minute")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    phrase::list(&parts)
}

fn lower_first(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(char::to_lowercase);
    first.into_iter().flatten().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    fn of(text: &str) -> Analysis {
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        answer(&subject, &Thresholds::default())
    }

    #[test]
    fn a_file_without_findings_says_so() {
        let analysis = of("pub fn f() -> u8 { 1 }\n");
        insta::assert_snapshot!(
            analysis.summary,
            @"Nothing here asks for restructuring. Maintainability 89 of 100, complexity 0 of 100."
        );
        assert!(analysis.findings.is_empty() && analysis.suggestions.is_empty());
        assert_eq!(analysis.metrics["effort_minutes"], 0);
    }

    #[test]
    fn findings_become_numbers_steps_and_a_paragraph() {
        let analysis = of("pub fn f() {}\nfn a() {}\nfn b() {}\n");
        insta::assert_snapshot!(
            analysis.summary,
            @"2 warnings: about 10 minutes of work. First: remove 2 unused items. Maintainability 91 of 100, complexity 0 of 100."
        );
        assert_eq!(analysis.metrics["dead_code"], 2);
        assert_eq!(analysis.metrics["warnings"], 2);
        assert_eq!(analysis.suggestions[0].effort_minutes, Some(10));
    }

    #[test]
    fn what_is_suppressed_costs_nothing() {
        let text = "// rustassistant: ignore[dead-code] kept for the debugger\nfn a() {}\n";
        let analysis = of(text);
        assert_eq!(analysis.metrics["suppressed"], 1);
        assert_eq!(analysis.metrics["effort_minutes"], 0);
        assert!(analysis.suggestions.is_empty());
    }

    #[test]
    fn minutes_are_told_as_people_do() {
        assert_eq!(duration(45), "45 minutes");
        assert_eq!(duration(60), "1 hour");
        assert_eq!(duration(135), "2 hours and 15 minutes");
    }
}
