//! The process apart: answers one question after the other until there are no more. Not who asks.

use std::io::{self, BufRead, Write};

use super::{bounds, exchange, sandbox};
use crate::analyzers::local::Outline;
use crate::analyzers::{Local, Source};

/// Answers what is asked on `input`, with no way to anything else, each within its bounds of memory and time: whoever goes beyond
/// them is killed by the system, which the other end takes for the answer.
///
/// # Errors
/// If a pipe breaks, or what comes is no question.
pub fn serve(input: &mut impl BufRead, out: &mut impl Write) -> io::Result<()> {
    bounds::begin();
    let Some(thresholds) = exchange::begun(input)? else {
        return Ok(());
    };
    let local = Local::new(thresholds);
    sandbox::close();
    while let Some(asked) = exchange::next(input)? {
        bounds::draw(asked.text.len());
        let source = Source {
            text: &asked.text,
            language: asked.language,
        };
        match asked.outline {
            Some(limit) => exchange::send(out, &Outline::of(source, limit))?,
            None => exchange::send(out, &local.answer(source, &asked.kinds))?,
        }
        if bounds::is_swollen() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::analyzers::Thresholds;
    use crate::model::{Kind, Language, Skip};

    #[test]
    fn what_is_answered_apart_is_what_is_answered_here() {
        let mut thresholds = Thresholds::default();
        assert!(thresholds.set("maxParameters", 1));
        let local = Local::new(thresholds.clone());
        let texts: [&[u8]; 3] = [
            b"/// Adds.\npub fn add(a: u8, b: u8) -> u8 { a + b } // TODO: \xc3\xbc\n",
            b"",
            b"fn \xff",
        ];
        for text in texts {
            let source = Source {
                text,
                language: Language::Rust,
            };
            let (mut asked, mut nothing) = (Vec::new(), Cursor::new(Vec::new()));
            exchange::begin(&mut asked, &thresholds).unwrap();
            let unanswered = exchange::ask(&mut asked, &mut nothing, source, &Kind::BUILT_IN);
            assert!(unanswered.is_err());
            let mut answers = Vec::new();
            // Bounds are for a process of its own, not for that of the tests.
            let mut input = Cursor::new(asked);
            let thresholds = exchange::begun(&mut input).unwrap().unwrap();
            let asked = exchange::next(&mut input).unwrap().unwrap();
            assert_eq!(asked.text, text);
            let there = Local::new(thresholds).answer(source, &asked.kinds);
            exchange::send(&mut answers, &there).unwrap();
            let mut answers = Cursor::new(answers);
            let answer = exchange::ask(&mut Vec::new(), &mut answers, source, &Kind::BUILT_IN);
            assert_eq!(answer.unwrap(), local.answer(source, &Kind::BUILT_IN));
        }
    }

    #[test]
    fn what_is_no_question_ends_it_without_a_panic() {
        for said in [
            &b"{}\n{"[..],
            b"{\"maxParameters\":\"x\"}\n",
            b"{}\n{\"language\":\"rust\",\"kinds\":[\"refactor\"],\"bytes\":9}\nfn",
            b"{}\n{\"language\":\"latin\",\"kinds\":[],\"bytes\":0}\n",
        ] {
            let mut input = Cursor::new(said);
            let begun = exchange::begun(&mut input);
            let next = begun.and_then(|_| exchange::next(&mut input));
            assert!(!matches!(next, Ok(Some(_))), "{next:?}");
        }
        let other = Err::<Vec<crate::model::Analysis>, _>(Skip::TooComplex);
        let mut line = Vec::new();
        exchange::send(&mut line, &other).unwrap();
        assert_eq!(line, b"{\"Err\":\"too-complex\"}\n");
    }
}
