//! A file's health in one paragraph of plain words.

use super::Health;
use super::distribution::half_of_it;
use crate::analyzers::local::figures::Function;
use crate::analyzers::local::phrase::{count, list, thousands};

/// Cognitive complexity up to which a function is easy enough: SonarSource's own limit.
const EASY: i64 = 15;

/// Half of the complexity in more functions than this is spread evenly.
const FEW: usize = 3;

/// The paragraph.
pub fn of(health: &Health<'_>) -> String {
    let sentences = [
        Some(size(health)),
        complexity(health),
        unsafe_code(health),
        errors(health),
    ];
    sentences
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

fn size(health: &Health<'_>) -> String {
    let figures = health.figures;
    let [all, code, comment] = [figures.lines, figures.code_lines, figures.comment_lines]
        .map(|lines| usize::try_from(lines).unwrap_or(0));
    let tests = match health.tests {
        0 => String::new(),
        tests => format!(", {}", count(tests, "test")),
    };
    let all = count(all, "line");
    let (code, comment) = (thousands(code), thousands(comment));
    let functions = count(health.functions.len(), "function");
    format!("{all} ({code} of code, {comment} of comment): {functions}{tests}.")
}

/// Where the complexity sits.
fn complexity(health: &Health<'_>) -> Option<String> {
    let total: i64 = health.cognitive().sum();
    let hardest = health
        .functions
        .iter()
        .max_by_key(|function| function.cognitive)?;
    let name = &hardest.path;
    if hardest.cognitive <= EASY {
        return (health.functions.len() > 1).then(|| "No function is hard to follow.".to_owned());
    }
    let few = half_of_it(health.cognitive());
    if few > FEW || health.functions.len() < few * 3 {
        let most = hardest.cognitive;
        return Some(format!(
            "The complexity is spread over many functions; the hardest to follow is `{name}` \
             (cognitive complexity {most})."
        ))
        .filter(|_| few > FEW);
    }
    let mut hardest: Vec<&&Function> = health.functions.iter().collect();
    hardest.sort_by_key(|function| std::cmp::Reverse(function.cognitive));
    let hardest: Vec<&&Function> = hardest.into_iter().take(few).collect();
    let sum: i64 = hardest.iter().map(|function| function.cognitive).sum();
    let names: Vec<String> = hardest
        .iter()
        .map(|function| format!("`{}`", function.path))
        .collect();
    let share = sum * 100 / total;
    Some(format!(
        "{share} % of the cognitive complexity ({sum} of {total}) sits in {}.",
        list(&names)
    ))
}

fn unsafe_code(health: &Health<'_>) -> Option<String> {
    let silent = health.unsafe_without_comment.len();
    let blocks = count(health.unsafe_blocks, "unsafe block");
    match (health.unsafe_blocks, silent) {
        (0, _) => None,
        (1, 0) => Some(format!("{blocks}, explained.")),
        (_, 0) => Some(format!("{blocks}, all explained.")),
        (1, _) => Some(format!("{blocks}, without a SAFETY comment.")),
        (all, silent) if all == silent => Some(format!("{blocks}, none with a SAFETY comment.")),
        (_, silent) => Some(format!(
            "{blocks}, {silent} of them without a SAFETY comment."
        )),
    }
}

fn errors(health: &Health<'_>) -> Option<String> {
    match health.syntax_errors.len() {
        0 => None,
        1 => Some("The parser lost track in one place.".to_owned()),
        many => Some(format!(
            "The parser lost track in {} places.",
            thousands(many)
        )),
    }
}
