//! `unwrap()` in Rust where what happens outside of the program can make it panic, or nothing
//! says why it cannot. Not `expect` with a message: that says why.
//!
//! Indexing is left alone: one file's syntax does not show whether bounds hold.

mod chain;

use super::Rule;
use super::case::{Case, Imports};
use crate::analyzers::local::{explanation, phrase};
use crate::model::{About, Finding, Kind, Level};
use chain::{Chain, DecidedBy};

pub const RULE: Rule = Rule {
    id: "unsafe-unwrap",
    kind: Kind::Refactor,
    level: Level::Warning,
    about: About::Text,
    minutes: 10,
    help: "An `unwrap` that input can make panic, or that nothing explains",
    details: "A warning where the unwrapped value comes from a file, the network or the \
              environment: there, failure is a matter of input. A note where a text is parsed, and \
              a note, one for each function, where \
              several other calls of `unwrap` stand without a word on why they hold. Not in tests, \
              `main`, build scripts, benchmarks and constants, not where a comment says why or a \
              `# Panics` section explains, not for locks, joins, `write!` into a string, conversions of \
              literals, nor after a check of the same value.",
};

/// This many unexplained calls in one function are worth a remark.
const SEVERAL: usize = 3;

/// More calls than this in one file are not looked at, where no input decides.
const MAX_CALLS: usize = 1000;

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    if !case.is_rust() {
        return Vec::new();
    }
    let places = 0..case.seen.tokens.len();
    let imports = Imports::of(case);
    let chains = places.filter_map(|at| Chain::ending_at(case, &imports, at));
    // What is never told must not use up how many are looked at.
    let is_told = |chain: &Chain<'_>| {
        matches!(chain.decided_by(), DecidedBy::System | DecidedBy::Text) || !chain.is_sure()
    };
    let chains = chains.filter(|chain| is_told(chain) && !is_allowed(case, chain));
    let mut outside = Vec::new();
    let mut unexplained: Vec<(usize, Chain<'_>)> = Vec::new();
    let mut left = MAX_CALLS;
    for chain in chains {
        // What input can make fail is told however much else there is.
        if chain.decided_by() != DecidedBy::System {
            let Some(less) = left.checked_sub(1) else {
                continue;
            };
            left = less;
        }
        let function = case.seen.function_at(chain.unwrap.start);
        match (chain.decided_by(), function) {
            (DecidedBy::System | DecidedBy::Text, _) => outside.push(on_input(case, &chain)),
            (_, Some(function)) if !chain.is_checked(case, function) => {
                unexplained.push((function, chain));
            }
            _ => {}
        }
    }
    let groups = unexplained.chunk_by(|(a, _), (b, _)| a == b);
    let several = groups.filter(|group| group.len() >= SEVERAL);
    outside.extend(several.map(|group| together(case, group)));
    outside
}

/// Is this a place where `unwrap` needs no words, or has them?
fn is_allowed(case: &Case<'_>, chain: &Chain<'_>) -> bool {
    let at = chain.unwrap.start;
    let function = case.function_at(at);
    let constants = &case.seen.constants;
    case.is_test(at)
        || function.is_some_and(|f| f.path == "main" || panics(case, f.range.start))
        || constants.iter().any(|constant| constant.contains(&at))
        || is_explained(case, chain)
}

fn on_input(case: &Case<'_>, chain: &Chain<'_>) -> Finding {
    let range = chain.unwrap.start..chain.unwrap.end;
    let call = chain.call;
    let (level, message) = match chain.decided_by() {
        DecidedBy::System => (
            Level::Warning,
            format!(
                "Whether `{call}` succeeds depends on what the program is given, so this panics in \
                 the hands of a user and says neither what was tried nor on what."
            ),
        ),
        DecidedBy::Text | DecidedBy::Program => (
            Level::Note,
            format!(
                "`{call}` fails on a text that it cannot read. If the code before has made sure of \
                 the text, nothing here says so."
            ),
        ),
    };
    let mut finding = case.on_range(&RULE, level, &range);
    finding.title = format!("`{call}` can fail, and `unwrap` panics if it does");
    finding.message = message;
    finding.suggestion =
        Some("Hand the error on with `?`, or write `expect(\"why it holds\")`".to_owned());
    finding
}

fn together(case: &Case<'_>, group: &[(usize, Chain<'_>)]) -> Finding {
    let places: Vec<usize> = group.iter().map(|(_, chain)| chain.unwrap.start).collect();
    let first = places.first().copied().unwrap_or_default();
    let mut lines: Vec<String> = places
        .iter()
        .map(|&byte| case.subject.line(byte).to_string())
        .collect();
    lines.dedup();
    let mut finding = case.on_range(&RULE, Level::Note, &(first..first + "unwrap".len()));
    finding.title = format!("{} calls of `unwrap` that nothing explains", places.len());
    finding.message = format!(
        "Each may well hold, but a reader cannot tell why, nor notice a change that breaks it. \
         {} {}.",
        if lines.len() == 1 { "Line" } else { "Lines" },
        phrase::list(&lines)
    );
    finding.suggestion = Some(
        "Write `expect(\"why it holds\")`, or let the code before return what it has checked"
            .to_owned(),
    );
    finding
        .details
        .insert("value".to_owned(), places.len().to_string());
    finding
}

/// Does the comment above a function say that it panics?
fn panics(case: &Case<'_>, function: usize) -> bool {
    let line = case.subject.line(function);
    let comments = &case.seen.comments;
    let before = comments.partition_point(|comment| comment.start < function);
    let mut expected = line;
    for comment in comments.get(..before).unwrap_or_default().iter().rev() {
        let last = case.subject.line(comment.end.saturating_sub(1));
        // Attributes may stand between.
        if last + 5 < expected {
            return false;
        }
        if case.text(comment).contains("# Panics") {
            return true;
        }
        expected = case.subject.line(comment.start);
    }
    false
}

/// A statement that begins further above its call than this, in lines, is a block with other things in it.
const LONG: usize = 8;

/// Does a comment at the statement say why?
fn is_explained(case: &Case<'_>, chain: &Chain<'_>) -> bool {
    let subject = case.subject;
    let start = subject.line(chain.start);
    let statement = [&case.seen.bindings, &case.seen.statements]
        .into_iter()
        .filter_map(|list| {
            let before = list.partition_point(|one| one.start <= chain.start);
            let mut around = list.get(..before)?.iter().rev();
            let found = around.find(|one| one.end > chain.start)?;
            Some(subject.line(found.start))
        })
        .max();
    let first = statement
        .filter(|line| line + LONG > start)
        .unwrap_or(start);
    let lines = first.min(start)..=subject.line(chain.unwrap.start);
    explanation::says_why(&explanation::at(subject, lines))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{found, lines};
    use super::*;
    use crate::model::Language;

    #[test]
    fn what_input_decides_is_a_warning_and_what_a_text_decides_a_note() {
        for (call, level) in [
            ("std::fs::read_to_string(path)", Level::Warning),
            ("text.parse::<u32>()", Level::Note),
            ("File::open(&path)", Level::Warning),
            ("String::from_utf8(bytes)", Level::Note),
            ("std::env::var(name)", Level::Warning),
            ("serde_json::from_str::<Config>(&text)", Level::Note),
        ] {
            let text = format!("fn f() {{\n    let a = {call}.unwrap();\n}}\n");
            let findings = found(check, &text, Language::Rust);
            assert_eq!(findings.len(), 1, "{call}");
            assert_eq!(findings[0].level, level);
        }
    }

    #[test]
    fn what_a_call_does_counts_and_not_how_it_is_written() {
        for import in ["fs::read", "fs::{self, read}", "{env, fs::read as read}"] {
            let text = format!(
                "use std::{import};\nfn f() {{\n    let a = read(p).map_err(E).unwrap();\n}}\n"
            );
            assert_eq!(lines(check, &text), [3], "{import}");
        }
        for call in [
            "tokio::fs::read_to_string(p).await",
            "std::fs::read_to_string(\"config.toml\")",
            "File::options().read(true).open(p)",
            "OpenOptions::new().append(true).open(p)",
            "Command::new(c).arg(a).output()",
            "Command::new(c).spawn()",
            "fs::read(p).map_err(E)",
            "fs::read(p).map_err(|e| E::from(e)).map(B::from)",
            "std::env::var(\"HOME\").ok()",
            "fs::hard_link(a, b)",
            "TcpStream::connect(a).await",
        ] {
            let text = format!("fn f() {{\n    let a = {call}.unwrap();\n}}\n");
            let findings = found(check, &text, Language::Rust);
            assert_eq!(findings.len(), 1, "{call}");
            assert_eq!(findings[0].level, Level::Warning, "{call}");
        }
        for call in [
            "cfg::open(p)",
            "document.open(a)",
            "pool.spawn(a)",
            "handle.await",
            "out.status()",
        ] {
            let text = format!("fn f() {{\n    let a = {call}.unwrap();\n}}\n");
            assert!(lines(check, &text).is_empty(), "{call}");
        }
    }

    #[test]
    fn a_note_to_oneself_explains_nothing() {
        let call = "std::fs::read_to_string(path).unwrap();";
        for comment in [
            "FIXME: this panics if the file is missing",
            "TODO",
            "Read it.",
        ] {
            let text = format!("fn f() {{\n    // {comment}\n    let a = {call}\n}}\n");
            assert_eq!(lines(check, &text), [3], "{comment}");
        }
        let apart =
            format!("fn f() {{\n    // It always exists.\n    g();\n    let a = {call}\n}}\n");
        assert_eq!(lines(check, &apart), [4]);
        let above =
            format!("fn f() {{\n    // It always exists.\n    let a =\n        {call}\n}}\n");
        assert!(lines(check, &above).is_empty());
        let asserting =
            format!("fn f() {{\n    assert_eq!(a, b);\n    assert_eq!(a, b);\n    {call}\n}}\n");
        assert_eq!(lines(check, &asserting), [4]);
    }

    #[test]
    fn it_is_seen_in_the_arguments_of_a_macro() {
        let text = "fn f() {\n    println!(\"{}\", text.parse::<u32>().unwrap());\n}\n";
        assert_eq!(lines(check, text), [2]);
    }

    #[test]
    fn what_cannot_fail_or_is_explained_is_left_alone() {
        for line in [
            "let a = lock.lock().unwrap();",
            "let a = thread.join().unwrap();",
            "writeln!(text, \"a\").unwrap();",
            "let a = \"12\".parse::<u32>().unwrap();",
            "let a = url::HOME_PAGE.parse().unwrap();",
            "let a = std::fs::read(path).expect(\"written above\");",
            "let a = text.parse::<u32>().unwrap(); // matched by the pattern",
            "// The pattern matches digits only.\n    let a = text.parse::<u32>().unwrap();",
            "let a = a.get(1).unwrap();",
            "let a = \"text.parse().unwrap()\";",
            "const A: u8 = read(env::var(B).unwrap());",
        ] {
            let text = format!("fn f() {{\n    {line}\n}}\n");
            assert!(lines(check, &text).is_empty(), "{line}");
        }
        let documented = "/// # Panics\n/// If so.\nfn f() {\n    a.parse::<u8>().unwrap();\n}\n";
        assert!(lines(check, documented).is_empty());
        let test = "#[test]\nfn f() {\n    a.parse::<u8>().unwrap();\n}\n";
        assert!(lines(check, test).is_empty());
        let main = "fn main() {\n    a.parse::<u8>().unwrap();\n}\n";
        assert!(lines(check, main).is_empty());
    }

    #[test]
    fn several_that_nothing_explains_are_told_together() {
        let calls = "    a.b().unwrap();\n".repeat(3);
        let findings = found(check, &format!("fn f() {{\n{calls}}}\n"), Language::Rust);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].level, Level::Note);
        assert!(findings[0].message.ends_with("Lines 2, 3 and 4."));
    }

    #[test]
    fn a_value_that_was_checked_may_be_unwrapped() {
        let calls = "    a.b.unwrap();\n".repeat(3);
        let text = format!("fn f() {{\n    if a.b.is_none() {{ return; }}\n{calls}}}\n");
        assert!(lines(check, &text).is_empty());
    }
}
