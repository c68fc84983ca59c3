//! The kind `analysis`: the health of a file in numbers, its few true risks, and a paragraph that
//! says how it is.

mod distribution;
mod risks;
mod safety;
mod summary;

use std::collections::BTreeMap;
use std::ops::Range;

use distribution::Distribution;

use super::figures::{Figures, Function};
use super::subject::Subject;
use super::thresholds::Thresholds;
use crate::model::{Analysis, MAX_FINDINGS};

/// How the file is.
///
/// Metrics: `lines_total`, `lines_code`, `lines_comment`, `lines_blank`, `comment_percent` (comment
/// lines of code and comment lines, rounded down), `functions`, `tests`, `unsafe_blocks`,
/// `unsafe_blocks_without_safety_comment`, `syntax_errors`, `nesting_max`, `hotspots`, and of
/// `cyclomatic`, `cognitive` and `function_lines` (lines of code) the `_median`, `_p90`, `_max` and
/// `_total` over functions that are not tests.
pub fn answer(subject: &Subject<'_>, thresholds: &Thresholds) -> Analysis {
    let health = Health::of(subject, thresholds);
    let mut findings = risks::findings(subject, &health);
    findings.sort();
    findings.truncate(MAX_FINDINGS);
    Analysis {
        summary: summary::of(&health),
        metrics: health.metrics(),
        suggestions: risks::suggestions(&health),
        findings,
        document: None,
    }
}

/// What is known about a file's health.
#[derive(Clone, Debug)]
struct Health<'a> {
    figures: &'a Figures,
    /// Without tests.
    functions: Vec<&'a Function>,
    tests: usize,
    unsafe_blocks: usize,
    unsafe_without_comment: Vec<Range<usize>>,
    syntax_errors: &'a [Range<usize>],
    nesting_max: usize,
    /// Functions that are hard to follow, the riskiest first: by complexity × length.
    hotspots: Vec<&'a Function>,
}

impl<'a> Health<'a> {
    fn of(subject: &'a Subject<'_>, thresholds: &Thresholds) -> Self {
        let seen = subject.sightings();
        let figures = subject.figures();
        let tests: Vec<Range<usize>> = seen
            .tests
            .iter()
            .map(|test| subject.line(test.start)..subject.line(test.end) + 1)
            .collect();
        let in_test = |function: &&Function| {
            let before = tests.partition_point(|test| test.start <= function.start_line);
            let last = before.checked_sub(1).and_then(|at| tests.get(at));
            last.is_some_and(|test| test.contains(&function.start_line))
        };
        let functions: Vec<&Function> = figures.functions.iter().filter(|f| !in_test(f)).collect();
        let limit = thresholds.get("hotspotComplexity");
        let hard = functions
            .iter()
            .filter(|function| function.cognitive > limit);
        let mut hotspots: Vec<&Function> = hard.copied().collect();
        hotspots
            .sort_by_key(|function| std::cmp::Reverse(function.cognitive * function.code_lines));
        let blocks: Vec<&Range<usize>> = seen
            .unsafe_blocks
            .iter()
            .filter(|block| !seen.is_test(block.start))
            .collect();
        Self {
            figures,
            functions,
            tests: seen.test_functions,
            unsafe_blocks: blocks.len(),
            unsafe_without_comment: safety::without_comment(subject, &blocks),
            syntax_errors: &seen.errors,
            nesting_max: seen.nesting_max,
            hotspots,
        }
    }

    fn cognitive(&self) -> impl Iterator<Item = i64> {
        self.functions.iter().map(|function| function.cognitive)
    }

    fn metrics(&self) -> BTreeMap<String, i64> {
        let Figures {
            lines,
            code_lines,
            comment_lines,
            blank_lines,
            ..
        } = *self.figures;
        let written = code_lines + comment_lines;
        let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let mut metrics: BTreeMap<String, i64> = [
            ("lines_total", lines),
            ("lines_code", code_lines),
            ("lines_comment", comment_lines),
            ("lines_blank", blank_lines),
            (
                "comment_percent",
                (comment_lines * 100).checked_div(written).unwrap_or(0),
            ),
            ("functions", whole(self.functions.len())),
            ("tests", whole(self.tests)),
            ("unsafe_blocks", whole(self.unsafe_blocks)),
            (
                "unsafe_blocks_without_safety_comment",
                whole(self.unsafe_without_comment.len()),
            ),
            ("syntax_errors", whole(self.syntax_errors.len())),
            ("nesting_max", whole(self.nesting_max)),
            ("hotspots", whole(self.hotspots.len())),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let cyclomatic = self.functions.iter().map(|function| function.cyclomatic);
        let lengths = self.functions.iter().map(|function| function.code_lines);
        metrics.extend(Distribution::of(cyclomatic).metrics("cyclomatic"));
        metrics.extend(Distribution::of(self.cognitive()).metrics("cognitive"));
        metrics.extend(Distribution::of(lengths).metrics("function_lines"));
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Language, Level};

    fn asked(text: &str) -> Analysis {
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        answer(&subject, &Thresholds::default())
    }

    #[test]
    fn tests_are_counted_and_do_not_count_as_functions() {
        let text = "// why\nfn f(x: u8) {\n    if x > 1 {\n        g();\n    }\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() {}\n    fn help() {}\n}\n";
        let analysis = asked(text);
        let metric = |name: &str| analysis.metrics[name];
        assert_eq!((metric("functions"), metric("tests")), (1, 1));
        assert_eq!((metric("cognitive_max"), metric("cyclomatic_max")), (1, 2));
        assert_eq!((metric("lines_total"), metric("lines_comment")), (13, 1));
        assert_eq!(metric("nesting_max"), 1);
        assert!(analysis.findings.is_empty());
    }

    #[test]
    fn a_hotspot_is_counted_and_suggested_and_no_second_finding() {
        let branch = "            if a == 1 { for b in c { while d { e(); } } }\n";
        let text = format!("fn run() {{\n{}}}\nfn small() {{}}\n", branch.repeat(6));
        let analysis = asked(&text);
        assert!(analysis.findings.is_empty());
        assert_eq!(analysis.metrics["hotspots"], 1);
        assert_eq!(analysis.suggestions[0].title, "Simplify `run`");
    }

    #[test]
    fn what_the_parser_does_not_know_is_no_error_and_what_cannot_be_read_is() {
        let rules = |text: &str, language| {
            let subject = Subject::parse(text.as_bytes(), language).unwrap();
            let analysis = answer(&subject, &Thresholds::default());
            analysis
                .findings
                .iter()
                .map(|f| (f.rule.clone(), f.start_line))
                .collect::<Vec<_>>()
        };
        for (language, text) in [
            (Language::Rust, "fn f() { let C { a, #[cfg(x)] b } = c; }\n"),
            (Language::Rust, "unsafe extern \"C\" { pub safe fn t(); }\n"),
            (Language::Rust, "fn f() where (): Sized {}\n"),
            (Language::Rust, "---\n[package]\n---\nfn main() {}\n"),
            (
                Language::TypeScript,
                "interface V<in out T> {}\nexport type * as T from \"x\";\n",
            ),
            (Language::TypeScript, "f<typeof import('./a')>();\n"),
            (
                Language::JavaScript,
                "class A { accessor b = 1 }\nfunction f(a: string) {}\n",
            ),
        ] {
            assert_eq!(rules(text, language), [], "{text}");
        }
        for (language, text) in [
            (Language::Rust, "fn g() {}\nfn f() { g(; }\n"),
            (Language::Python, "x = 1\ndef f(:\n  pass\n"),
            (
                Language::Go,
                "package p\n<<<<<<< HEAD\nvar a = 1\n=======\n>>>>>>> b\n",
            ),
        ] {
            assert_eq!(
                rules(text, language),
                [("syntax-error".to_owned(), 2)],
                "{text}"
            );
        }
    }

    #[test]
    fn an_unexplained_block_among_explained_ones_is_a_warning_and_a_habit_is_a_note() {
        let silent = "fn f() {\n    unsafe { g() };\n}\n";
        let told = "fn f() {\n    // SAFETY: so\n    unsafe { g() };\n}\n";
        let level = |text: &str| asked(text).findings[0].level;
        assert_eq!(level(&format!("{told}{silent}")), Level::Warning);
        assert_eq!(level(silent), Level::Note);
    }

    #[test]
    fn code_that_does_not_compile_still_has_its_health() {
        let analysis = asked("fn f() { if }\nfn g() {}\n");
        assert_eq!(analysis.findings[0].rule, "syntax-error");
        assert!(analysis.metrics["functions"] >= 1);
    }
}
