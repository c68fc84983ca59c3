//! From a text to its syntax tree, within bounds. A parser that has lost its way follows every
//! reading at once, and takes minutes and all memory for a few hundred kilobytes of punctuation.
//! Not what the tree is looked at for.

use std::ops::ControlFlow;

use big_code_analysis::tree_sitter::{ParseOptions, ParseState, Parser, Tree};
use big_code_analysis::{Ast, LANG};

use super::strain::Strain;
use crate::model::Skip;

/// The most that a text may ask of its parser, in hundreds of steps for each hundred of its bytes,
/// as the parser counts them. Steps, and not a time: whether it is too complex must be the same on
/// every machine. Written code takes 2 at the most, tables of numbers without spaces 6.
const MOST_PER_HUNDRED_BYTES: usize = 8;

/// What a short text may ask for whatever its length.
const ALLOWANCE: usize = 2_000;

/// The most levels of a tree. Brackets are counted before (`refusal`), but operators nest as well,
/// and whoever walks a tree takes time for the square of its depth. Written code has 100, and two for
/// each link of a chain of calls, of which there are hundreds in code that a program wrote once.
const MOST_DEPTH: usize = 4_000;

/// So many hundreds of steps go by between two looks at what they have taken.
const GLANCE: usize = 32;

/// Parses a text.
///
/// # Errors
/// The reason why it is not analysed: the language is not built in, or the parser asks for too much.
pub fn parse(text: &str, language: LANG) -> Result<Ast, Skip> {
    let unknown = |_| Skip::UnknownLanguage;
    let grammar = language.tree_sitter_language().map_err(unknown)?;
    let mut parser = Parser::new();
    parser
        .set_language(&grammar)
        .map_err(|_| Skip::UnknownLanguage)?;
    let tree = bounded(&mut parser, text.as_bytes(), None)?;
    Ast::from_tree_sitter(language, tree, text.as_bytes().to_vec(), None).map_err(unknown)
}

/// Parses a text that differs from one whose tree is known, where that tree was edited; `None` if the
/// parser asks for too much.
pub fn again(text: &[u8], known: &Tree) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&known.language()).ok()?;
    bounded(&mut parser, text, Some(known)).ok()
}

fn bounded(parser: &mut Parser, text: &[u8], known: Option<&Tree>) -> Result<Tree, Skip> {
    let most = ALLOWANCE + text.len() / 100 * MOST_PER_HUNDRED_BYTES;
    let strain = Strain::begin(text.len());
    let (mut steps, mut why) = (0, None);
    // It is called after every hundred steps.
    let mut look = |_: &ParseState| {
        steps += 1;
        if steps > most {
            why = Some(Skip::TooComplex);
        } else if steps % GLANCE == 0 && strain.is_too_much() {
            why = Some(Skip::Exhausting);
        }
        match why {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    };
    let options = ParseOptions::new().progress_callback(&mut look);
    let mut read = |at: usize, _| text.get(at..).unwrap_or_default();
    let tree = parser.parse_with_options(&mut read, known, Some(options));
    let tree = tree.ok_or_else(|| why.unwrap_or(Skip::TooComplex))?;
    if is_too_deep(&tree) {
        Err(Skip::TooComplex)
    } else {
        Ok(tree)
    }
}

fn is_too_deep(tree: &Tree) -> bool {
    let mut cursor = tree.walk();
    let mut depth = 0;
    loop {
        // What has fewer nodes than levels are left cannot reach so deep: most of a tree is passed by.
        let may_be_deep = cursor.node().descendant_count() > MOST_DEPTH - depth;
        if may_be_deep && cursor.goto_first_child() {
            depth += 1;
            if depth > MOST_DEPTH {
                return true;
            }
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return false;
            }
            depth -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pattern: &str, bytes: usize) -> String {
        let line = pattern.repeat(80 / pattern.len()) + "\n";
        line.repeat(bytes / line.len())
    }

    #[test]
    fn a_text_in_which_the_parser_loses_its_way_is_given_up_and_a_dense_one_is_not() {
        let table = format!("static T: [u8; 9] = [\n{}];\n", lines("0,1,", 60_000));
        assert!(parse(&table, LANG::Rust).is_ok());
        let sums = format!("fn f() {{\n{}}}\n", lines("_=a+b*c-d/(e|f);", 60_000));
        assert!(parse(&sums, LANG::Rust).is_ok());
        // By steps, by depth or by memory, whichever is first. Short ones: between two looks the
        // parser takes memory for the square of what it has read and not understood.
        #[cfg(feature = "java")]
        assert!(parse(&lines("a<b<c<d<", 10_000), LANG::Java).is_err());
        #[cfg(feature = "cpp")]
        assert!(parse(&lines("a<b<c<d<", 120_000), LANG::Cpp).is_err());
    }

    #[test]
    fn a_tree_is_too_deep_from_one_level_on() {
        let depth = |minus: usize| {
            let text = format!("const A: i8 = {}1;\n", "-".repeat(minus));
            let mut parser = Parser::new();
            let grammar = LANG::Rust.tree_sitter_language().unwrap();
            parser.set_language(&grammar).unwrap();
            is_too_deep(&parser.parse(&text, None).unwrap())
        };
        // Above the first minus is the item, above that the file.
        assert!(!depth(MOST_DEPTH - 2));
        assert!(depth(MOST_DEPTH - 1));
    }

    #[cfg(all(feature = "c", target_os = "linux"))]
    #[test]
    fn a_text_that_takes_all_memory_is_given_up() {
        let given_up = parse(&lines("(a)=>(b)=>", 60_000), LANG::C).err();
        assert_eq!(given_up, Some(Skip::Exhausting));
    }
}
