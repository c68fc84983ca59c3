//! The measures of a text and of each of its functions: of Rust as big-code-analysis counts them,
//! of every other language as the walk over its tree did ([`super::sightings::Paths`]).
//!
//! Cognitive complexity after G. Ann Campbell (SonarSource, 2017), cyclomatic complexity after
//! T. J. McCabe (1976), with one decision for all arms of a `match` or `switch`, as everywhere where we
//! speak of it. A closure of Rust counts for the function it stands in.

use std::collections::HashMap;

use big_code_analysis::{FuncSpace, Metric, MetricsOptions, SpaceKind};

use super::sightings::Paths;
use super::subject::Subject;
use crate::model::Language;

/// A text's measures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The named functions and methods, in the order of the text.
    pub functions: Vec<Function>,
    pub code_lines: i64,
    pub comment_lines: i64,
    pub blank_lines: i64,
    pub lines: i64,
}

/// One function's measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// `Walk::next`
    pub path: String,
    /// Where it begins, in bytes: two functions may lie on one line.
    pub start: Option<usize>,
    /// From 1, both inclusive; it begins with its name.
    pub start_line: usize,
    pub end_line: usize,
    pub code_lines: i64,
    /// All arms of one `match` or `switch` are one decision.
    pub cyclomatic: i64,
    pub cognitive: i64,
}

/// Measures a text; all zero where the library cannot.
pub fn of(subject: &Subject<'_>) -> Figures {
    let rust = subject.language == Language::Rust;
    let wanted: &[Metric] = if rust {
        &[Metric::Cognitive, Metric::Cyclomatic, Metric::Loc]
    } else {
        &[Metric::Loc]
    };
    // `?` leaves: it is no way through a function that a test has to go.
    let options = MetricsOptions::default()
        .with_only(wanted)
        .with_count_cyclomatic_try(false);
    let Ok(file) = subject.structure().metrics(options) else {
        return Figures::default();
    };
    let mut figures = Figures {
        functions: Vec::new(),
        code_lines: whole(file.metrics.loc.ploc()),
        comment_lines: whole(file.metrics.loc.cloc()),
        blank_lines: whole(file.metrics.loc.blank()),
        lines: whole(file.metrics.loc.sloc()),
    };
    if !rust {
        figures.functions = walked(subject);
        return figures;
    }
    let separator = subject.grammar.separator;
    let mut open: Vec<Open<'_>> = below(&file, String::new(), None).collect();
    while let Some(place) = open.pop() {
        let space = place.space;
        let name = space.name.as_deref().unwrap_or("");
        let named = !name.is_empty() && !name.starts_with('<');
        let mut owner = place.owner;
        let mut path = place.path;
        if named {
            let bare = name.split('<').next().unwrap_or(name).trim();
            path = if path.is_empty() {
                bare.to_owned()
            } else {
                format!("{path}{separator}{bare}")
            };
        }
        if space.kind == SpaceKind::Function {
            match owner
                .and_then(|at| figures.functions.get_mut(at))
                .filter(|_| !named)
            {
                Some(function) => function.absorb(space),
                None => {
                    owner = Some(figures.functions.len());
                    figures.functions.push(Function::of(space, path.clone()));
                }
            }
        }
        open.extend(below(space, path, owner));
    }
    figures
        .functions
        .sort_by_key(|function| function.start_line);
    begin_anew(subject, &mut figures);
    figures
}

/// A function in another begins at depth 0, as in every language: the library goes on counting levels.
fn begin_anew(subject: &Subject<'_>, figures: &mut Figures) {
    let functions = subject.sightings().functions.iter();
    let inner: HashMap<_, i64> = functions
        .filter(|function| function.parent.is_some())
        .map(|function| {
            let path = subject.function_path(function);
            let range = &function.range;
            let lines = (subject.line(range.start), subject.line(range.end));
            ((lines, last(&path).to_owned()), function.paths.cognitive)
        })
        .collect();
    for function in &mut figures.functions {
        let lines = (function.start_line, function.end_line);
        if let Some(&cognitive) = inner.get(&(lines, last(&function.path).to_owned())) {
            function.cognitive = cognitive;
        }
    }
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// What the walk counted.
fn walked(subject: &Subject<'_>) -> Vec<Function> {
    let seen = subject.sightings();
    let functions = seen.functions.iter().map(|function| {
        let Paths {
            cyclomatic,
            cognitive,
        } = function.paths;
        let mut lines: Vec<usize> = seen
            .tokens_in(&function.range)
            .iter()
            .map(|t| t.line)
            .collect();
        lines.dedup();
        Function {
            path: subject.function_path(function),
            start: Some(function.range.start),
            start_line: subject.line(function.head),
            end_line: subject.line(function.range.end),
            code_lines: i64::try_from(lines.len()).unwrap_or(i64::MAX),
            cyclomatic,
            cognitive,
        }
    });
    functions.collect()
}

/// A space to be looked at: the path that leads to it, the function that it belongs to.
struct Open<'a> {
    space: &'a FuncSpace,
    path: String,
    owner: Option<usize>,
}

fn below(space: &FuncSpace, path: String, owner: Option<usize>) -> impl Iterator<Item = Open<'_>> {
    let spaces = space.spaces.iter().rev();
    spaces.map(move |space| Open {
        space,
        path: path.clone(),
        owner,
    })
}

impl Function {
    fn of(space: &FuncSpace, path: String) -> Self {
        Self {
            path,
            start: None,
            start_line: space.start_line,
            end_line: space.end_line,
            code_lines: whole(space.metrics.loc.ploc()),
            cyclomatic: whole(space.metrics.cyclomatic.cyclomatic_modified()),
            cognitive: whole(space.metrics.cognitive.cognitive()),
        }
    }

    /// A closure adds its own decisions; the path into it is no new one.
    fn absorb(&mut self, closure: &FuncSpace) {
        let cyclomatic = whole(closure.metrics.cyclomatic.cyclomatic_modified());
        self.cyclomatic += cyclomatic.saturating_sub(1);
        self.cognitive += whole(closure.metrics.cognitive.cognitive());
    }
}

fn whole(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_counts_for_its_function() {
        let text = "impl A {\n  fn f(x: u8) {\n    let g = |y| if y > 1 { 1 } else { 2 };\n    if x > 1 { g(x); }\n  }\n}\nfn h() {}\n";
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let figures = subject.figures();
        let paths: Vec<_> = figures.functions.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["A::f", "h"]);
        assert_eq!(figures.functions[0].cyclomatic, 3);
        assert!(figures.functions[0].cognitive >= 3);
        assert_eq!(figures.lines, 7);
    }

    #[test]
    fn a_function_in_another_begins_at_depth_0() {
        let branch = "fn f(a: bool) { if a && b { for c in d { h() } } else { i() } }";
        let cognitive = |text: &str, path: &str| {
            let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
            let functions = &subject.figures().functions;
            let function = functions.iter().find(|function| function.path == path);
            function.unwrap().cognitive
        };
        let alone = cognitive(branch, "f");
        let inside = format!("fn g() {{\n    if a {{\n        {branch}\n    }}\n}}\n");
        assert_eq!((alone, cognitive(&inside, "g::f")), (5, 5));
        assert_eq!(cognitive(&format!("fn g() {{ {branch} }}"), "g::f"), 5);
        let closure = "fn g() {\n    fn f() {\n        h(|a| if a { i() });\n    }\n}\n";
        assert_eq!(cognitive(closure, "g::f"), 2);
    }
}
