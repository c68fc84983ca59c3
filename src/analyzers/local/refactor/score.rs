//! How hard a file is to keep, in two whole numbers from 0 to 100. Computed without floating point:
//! an entry must be the same on every machine.

use crate::analyzers::local::rules::{Case, Function, Standing};
use crate::analyzers::local::sightings::Shape;

/// The scores of a file. Tests do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// The maintainability index of its functions, each weighted by its lines of code: 100 is best,
    /// and is what a file without functions has.
    ///
    /// The index is that of P. Oman and J. Hagemeister, "Metrics for Assessing a Software System's
    /// Maintainability" (1992), scaled as Visual Studio does: max(0, 171 − 5.2 ln V − 0.23 G −
    /// 16.2 ln L) · 100 / 171, with G the cyclomatic complexity, L the lines of code and V =
    /// N · log₂ n Halstead's volume, where N counts the tokens and n the different ones.
    pub maintainability: i64,
    /// Cognitive complexity in 100 lines of code of its functions, at most 100: 0 is best.
    pub complexity: i64,
}

impl Score {
    pub fn of(case: &Case<'_>) -> Self {
        let (mut lines, mut cognitive, mut weighted) = (0_i64, 0_i64, 0_i64);
        for (function, figures) in case.measured() {
            cognitive += figures.cognitive;
            // What stands in another function is among its lines and tokens.
            if function.standing == Standing::Inside || function.wraps {
                continue;
            }
            let length = figures.code_lines.max(1);
            let volume = volume(case, function);
            lines += length;
            weighted += length * maintainability(volume, figures.cyclomatic, length);
        }
        Self {
            maintainability: weighted.checked_div(lines).map_or(100, |mean| mean / MICRO),
            complexity: (cognitive * 100).checked_div(lines).unwrap_or(0).min(100),
        }
    }
}

/// What a function holds, for Halstead's volume.
#[derive(Clone, Copy, Debug)]
struct Volume {
    tokens: u64,
    different: u64,
}

fn volume(case: &Case<'_>, function: &Function<'_>) -> Volume {
    let tokens = case.seen.tokens_in(&function.range);
    let mut words: Vec<(u16, &str)> = tokens
        .iter()
        .map(|&token| match token.shape {
            // Its kind says all of it.
            Shape::Sign => (token.kind, ""),
            Shape::Name | Shape::Text | Shape::Number => (0, case.word(token)),
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    let whole = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    Volume {
        tokens: whole(tokens.len()),
        different: whole(words.len()),
    }
}

/// Fractions are counted in millionths.
const MICRO: i64 = 1_000_000;

/// The index of one function, in millionths. ln x is log₂ x · ln 2, so the weights are 5.2 · ln 2
/// and 16.2 · ln 2.
fn maintainability(volume: Volume, cyclomatic: i64, lines: i64) -> i64 {
    let bits = log2(volume.different);
    let volume = match u64::try_from(bits) {
        Ok(bits @ 1..) => log2(volume.tokens) + log2(bits) - log2(1_000_000),
        _ => 0,
    };
    let lines = log2(u64::try_from(lines).unwrap_or(1));
    let index = 171 * MICRO
        - volume * 3_604_365 / MICRO
        - cyclomatic * 230_000
        - lines * 11_228_984 / MICRO;
    index.clamp(0, 171 * MICRO) * 100 / 171
}

/// The binary logarithm in millionths, rounded down to 20 binary digits; 0 of 0. A digit at a
/// time: squaring a number doubles its logarithm (Knuth, The Art of Computer Programming 1.2.2,
/// exercise 25).
fn log2(number: u64) -> i64 {
    const DIGITS: u32 = 20;
    let Some(whole) = number.checked_ilog2() else {
        return 0;
    };
    // In [1, 2), as a multiple of 2⁻⁶³.
    let mut mantissa = u128::from(number << (63 - whole));
    let mut fraction = 0_i64;
    for _ in 0..DIGITS {
        mantissa = (mantissa * mantissa) >> 63;
        fraction *= 2;
        if mantissa >> 64 != 0 {
            mantissa >>= 1;
            fraction += 1;
        }
    }
    i64::from(whole) * MICRO + ((fraction * MICRO) >> DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::local::subject::Subject;
    use crate::analyzers::local::thresholds::Thresholds;
    use crate::model::Language;

    fn score(text: &str) -> Score {
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        Score::of(&Case::of(&subject, &Thresholds::default()))
    }

    #[test]
    fn logarithms_are_exact_to_a_millionth_and_a_bit() {
        for (number, expected) in [
            (0, 0),
            (1, 0),
            (2, 1_000_000),
            (1 << 63, 63_000_000),
            (10, 3_321_928),
            (1000, 9_965_784),
            (u64::MAX, 63_999_999),
        ] {
            let found = log2(number);
            assert!((found - expected).abs() <= 2, "{number}: {found}");
        }
    }

    #[test]
    fn the_index_is_that_of_the_formula() {
        // V = 100 · log2(32) = 500, G = 5, L = 20: 171 − 32.316 − 1.15 − 48.531 = 89.003, · 100/171.
        let volume = Volume {
            tokens: 100,
            different: 32,
        };
        let index = maintainability(volume, 5, 20);
        assert!((index - 52_048_000).abs() < 2_000, "{index}");
    }

    #[test]
    fn a_file_without_functions_is_as_good_as_it_can_be() {
        let nothing = Score {
            maintainability: 100,
            complexity: 0,
        };
        assert_eq!(score("pub struct A;"), nothing);
        assert_eq!(score("#[test]\nfn t() { if a { if b { c() } } }"), nothing);
    }

    #[test]
    fn branches_in_branches_cost_more_than_plain_lines() {
        let plain = score(&format!("fn f() {{\n{}}}", "    a();\n".repeat(40)));
        let nested = score(&format!(
            "fn f() {{\n{}}}",
            "    if a {\n while b {\n if c {\n d();\n}\n}\n}\n".repeat(20)
        ));
        assert_eq!(plain.complexity, 0);
        assert!(nested.complexity > 50, "{nested:?}");
        assert!(nested.maintainability < plain.maintainability);
    }
}
